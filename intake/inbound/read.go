package inbound

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"mfabot/intake"
	"mfabot/parser"
)

// Judge says whether the sender that a message names did send it. An error says
// that this cannot be known for the moment, as while a name server is down.
type Judge interface {
	Judge(ctx context.Context, m *parser.Message, raw []byte) (intake.Verdict, error)
}

// reader reads messages. It touches no database, so that none is held while a key is
// looked up. It is safe for concurrent use.
type reader struct {
	*intake.Service
	parser  *parser.Parser
	judges  map[string]Judge
	scanner Scanner
	log     *slog.Logger

	mu        sync.Mutex
	heldSince map[intake.Copy]time.Time // messages that wait
}

// reading is a message as it was read, before anything is done with it.
type reading struct {
	intake.Arrival
	msg     *parser.Message // never nil
	err     error           // of reading it; msg is then empty
	held    error           // why it cannot be dealt with yet
	verdict intake.Verdict
}

// Judging senders may wait for a name server, which may be a sender's own: so much
// at a time, and for so long in all, whatever a batch holds.
const (
	judgedAtOnce = 16
	judgedWithin = 30 * time.Second
)

// readAll reads messages side by side. One that was begun too often is not read.
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

// read parses a message, judges its sender for as long as judging lasts, and has the
// files of one who is proven checked.
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
	r.Policy.Restrict(m)
	var unsure error
	out.verdict, unsure = r.judges[a.Mailbox].Judge(judging, m, a.Raw)
	if !r.Registered(m.From) {
		unsure = nil
	}
	if unsure != nil {
		out.held, _ = r.hold(a.Copy, unsure, judgeFor)
		return out
	}
	if out.verdict.Authentic {
		out.held, out.err = r.hold(a.Copy, r.scan(ctx, m, a.Raw), scanFor)
	}
	return out
}

// How long a message is held back that cannot be dealt with for the moment, since it
// was first tried. After that one whose sender cannot be judged counts as not
// proven, since a name server that never answers may be the sender's own; and one
// whose files cannot be checked is set aside. Strangers are not waited for at all.
const (
	judgeFor = 4 * time.Hour
	scanFor  = 24 * time.Hour
)

// hold returns why a message is held back, as long as it may be, and then why it
// could not be dealt with.
func (r *reader) hold(c intake.Copy, why error, atMost time.Duration) (held, failed error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.ReadClock()
	since, waiting := r.heldSince[c]
	switch {
	case why == nil:
		delete(r.heldSince, c)
	case !waiting:
		r.heldSince[c] = now
		return why, nil
	case now.Sub(since) < atMost:
		return why, nil
	default:
		delete(r.heldSince, c)
	}
	return nil, why
}
