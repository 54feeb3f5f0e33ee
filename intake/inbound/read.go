package inbound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"mfabot/intake"
	"mfabot/parser"
)

// Judge judges whether a message really comes from the sender it names. An error means that this cannot be
// known at the moment, for instance because a name server is down.
type Judge interface {
	Judge(ctx context.Context, m *parser.Message, raw []byte) (intake.Verdict, error)
}

// reader reads messages. It does not use the database, so no transaction is open while a key is looked up. It
// is safe for concurrent use.
type reader struct {
	*intake.Service
	parser  *parser.Parser
	judges  map[string]Judge
	scanner Scanner
	files   parser.Extractor
	log     *slog.Logger

	mu           sync.Mutex
	waitingSince map[intake.Copy]time.Time // when each waiting message was first tried
}

// reading is a message as it was read, before it is handled.
type reading struct {
	intake.Arrival
	msg     *parser.Message // never nil
	err     error           // why it could not be read; msg is then empty
	wait    error           // why it cannot be handled yet
	waits   waits           // where it can wait for a time only
	verdict intake.Verdict
	failed  error  // why it cannot be handled at all; it is quarantined
	asks    string // the user about whom the directory is to be asked before it can be handled; empty for none
	unasked unasked
	meaning *meaning // see means; nil until it is worked out

	onRecord bool   // somebody else has taken it
	digest   string // see contentDigest
	again    bool   // the operator, or its author, has it read again
	allowed  bool   // the operator has it read again, whatever its site has asked for already
	original bool   // a note of the mail server is on record in its place

	confirmed bool      // its author says that it was meant for us
	begins    time.Time // from when on its mailbox is read; zero for ever
}

// waits is since when a message has waited, and until when it can.
type waits struct{ since, until time.Time }

// Judging a sender may wait for a name server, possibly the sender's own. These bound how many are judged at
// a time, and how long a whole batch may take.
const (
	judgedAtOnce = 16
	judgedWithin = 30 * time.Second
)

// readAll reads messages concurrently. One that was begun too often is not read.
func (r *reader) readAll(ctx context.Context, batch []intake.Arrival, begun []int) []*reading {
	judging, cancel := context.WithTimeout(ctx, judgedWithin)
	defer cancel()
	readings := make([]*reading, len(batch))
	var g errgroup.Group
	g.SetLimit(judgedAtOnce)
	for i, a := range batch {
		if begun[i] >= maxAttempts {
			readings[i] = &reading{Arrival: a, msg: &parser.Message{}, err: errPoison}
			continue
		}
		g.Go(func() error {
			readings[i] = r.read(ctx, judging, a)
			return nil
		})
	}
	_ = g.Wait() // none returns an error
	return readings
}

// read parses a message, judges its sender within the context judging, and scans a proven sender's files.
func (r *reader) read(ctx, judging context.Context, a intake.Arrival) (out *reading) {
	out = &reading{Arrival: a, msg: &parser.Message{}}
	defer func() {
		if p := recover(); p != nil {
			out.msg, out.err = &parser.Message{}, fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			r.log.Error("a message could not be read", "mailbox", a.Mailbox, "uid", a.UID, "err", out.err)
		}
	}()
	m, err := r.parser.Parse(bytes.NewReader(a.Raw))
	if err != nil {
		out.err = err
		return out
	}
	out.msg = m
	if r.Sites.Doubted() && m.From != "" && !m.Automatic && !m.Bounce && !r.Registered(m.From) {
		out.wait = errSitesDoubted
		return out
	}
	r.Policy.Restrict(m)
	refuseOwn(r.Service, m)
	var unsure error
	out.verdict, unsure = r.judges[a.Mailbox].Judge(judging, m, a.Raw)
	if !r.Registered(m.From) {
		unsure = nil
	}
	if unsure != nil {
		out.waits, out.wait, _ = r.postpone(a.Copy, unsure, judgeFor)
		return out
	}
	if out.verdict.Authentic {
		out.meaning = meaningOf(m)
		out.waits, out.wait, out.err = r.postpone(a.Copy, r.scan(ctx, m, a.Raw), scanFor)
	}
	return out
}

// errSitesDoubted says why a message of somebody who is in no row of the register waits.
var errSitesDoubted = errors.New("the register of sites has lost most of its sites, and its author may be one of them")

// How long a message waits, from the first try, if it cannot be handled at the moment. After that, a sender
// who cannot be judged counts as unproven, since a name server that never answers may be the sender's own;
// and a message whose files cannot be scanned is set aside. Strangers' messages never wait.
const (
	judgeFor = 4 * time.Hour
	scanFor  = 24 * time.Hour
)

// postpone returns why as wait, as long as the message may wait, and then as failed. Without a reason both
// are nil.
func (r *reader) postpone(c intake.Copy, why error, atMost time.Duration) (w waits, wait, failed error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.ReadClock()
	since, waiting := r.waitingSince[c]
	switch {
	case why == nil:
		delete(r.waitingSince, c)
	case !waiting:
		r.waitingSince[c] = now
		return waits{now, now.Add(atMost)}, why, nil
	case now.Sub(since) < atMost:
		return waits{since, since.Add(atMost)}, why, nil
	default:
		delete(r.waitingSince, c)
	}
	return waits{}, nil, why
}

// Scanner checks files for viruses.
type Scanner interface {
	// Scan returns the name of the virus in what content writes, or "". An error means that nothing is known
	// about the file yet; ErrNotScanned that nothing ever will be.
	Scan(ctx context.Context, content func(io.Writer) error) (virus string, err error)
}

// scan scans the files that count as evidence. One that has a virus or cannot be scanned no longer counts. An
// error is the scanner's: the message must wait.
func (r *reader) scan(ctx context.Context, m *parser.Message, raw []byte) error {
	if r.scanner == nil {
		return nil
	}
	for i := range m.Evidence {
		a := &m.Evidence[i]
		if !a.Counts {
			continue
		}
		virus, err := r.scanner.Scan(ctx, func(w io.Writer) error { return r.files.Extract(bytes.NewReader(raw), a.Part, w) })
		switch {
		case errors.Is(err, intake.ErrNotScanned):
			a.Counts, a.Why = false, "it is too large to be checked for viruses: please send a smaller file"
		case err != nil:
			return err
		case virus != "":
			a.Counts, a.Why = false, "it holds a virus ("+virus+"): please have your computer checked, and send a clean file"
		}
	}
	return nil
}
