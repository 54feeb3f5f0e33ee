package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync/atomic"
	"time"

	"mfabot/intake"
)

// ErrLogin is returned if the server refuses the credentials, or there is no way to present them. Trying
// again is no use until an operator acts.
var ErrLogin = errors.New("login refused")

// Config says which mailbox is watched and how it is reached.
type Config struct {
	Name     string          // as in the configuration; becomes Copy.Mailbox
	Addr     string          // host:port
	Security intake.Security // required
	TLS      *tls.Config     // nil: the system's roots; without a ServerName, the host of Addr
	Folder   string          // slashes stand for the server's hierarchy separator; empty: INBOX
	Username string
	// Password is called at each login, so that a new password takes effect.
	Password func() (string, error)
	// Token, when set, gives an OAuth 2.0 access token at each login and is used instead of Password, by
	// XOAUTH2. Username is then the mailbox to open, which need not be the token's own user.
	Token func(ctx context.Context) (string, error)
	// Refused is told which token the server has refused, so that Token gives another; nil: nobody is.
	Refused func(token string)
	MaxSize int64         // bytes; of a larger message only the header is read; 0: 25 MiB
	Batch   int           // messages fetched and handed over at once; 0: 50
	Timeout time.Duration // how long the server may be silent while we wait for it; 0: 60 s
	// ReadOnly has nothing in the mailbox changed, whatever the intake says: the folder is opened by EXAMINE, what is taken
	// stays in it, and no folder is made.
	ReadOnly bool
	// Dial connects; nil: a net.Dialer. The connection must support deadlines.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	Now  func() time.Time // the clock of LastRead; nil: time.Now
	Log  *slog.Logger     // nil: slog.Default()
	// Heard is told the time that the server gives in its greeting, once it has let us in, unless others could write
	// it; nil: nobody is.
	Heard func(at time.Time)
	// Final reports whether Run ends with an error, which may be the intake's; nil: with none.
	Final func(error) bool
}

// Intake is what a watcher hands its messages to. Its errors are returned as they are, and cost the step but
// not the connection.
type Intake interface {
	// Unknown returns those of the UIDs that are not on record, ascending.
	Unknown(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error)
	// Period returns when a message must have come into the mailbox to be handed over. What came at another time stays
	// where it is.
	Period(ctx context.Context, mailbox string) (intake.Period, error)
	// Left is told how many messages stay where they are for that, whenever it has changed.
	Left(ctx context.Context, mailbox string, n int) error
	// Take records a batch and says where to file each copy. A copy without a filing stays where it is, and
	// the next scan finds it again. After an error nothing of the batch is recorded or filed. The bytes of
	// the messages are overwritten once Take has returned.
	Take(ctx context.Context, batch []intake.Arrival) ([]intake.Filing, error)
	// Unfiled returns at most limit filings that are committed but not yet carried out, of UIDs above after, ascending.
	Unfiled(ctx context.Context, mailbox string, uidValidity, after uint32, limit int) ([]intake.Filing, error)
	// Filed records that these copies have left the mailbox, or are marked to.
	Filed(ctx context.Context, filed []intake.Filing) error
	// Returned returns those of the UIDs that are on record as having left the mailbox, ascending. What Take is given
	// under such a UID it files if it is the same message as before, and else records as another.
	Returned(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error)
	// Alone returns until when a mailbox's server has asked to be left alone; zero if it has not.
	Alone(ctx context.Context, mailbox string) (time.Time, error)
	// NoteAlone records that; zero for no longer.
	NoteAlone(ctx context.Context, mailbox string, until time.Time) error
	// Stuck returns the messages of a mailbox that are on record as stuck.
	Stuck(ctx context.Context, mailbox string) ([]intake.Stuck, error)
	// NoteStuck records that messages are stuck, in place of what is on record of them, and that others no longer are.
	NoteStuck(ctx context.Context, stuck []intake.Stuck, over []intake.Copy) error
}

// Watcher reads one mailbox. Only one goroutine at a time may call its methods, except LastRead, LastTurn and Trouble.
type Watcher struct {
	link
	shelf
	truce
	in Intake

	lastRead atomic.Pointer[time.Time]
	trouble  atomic.Pointer[error] // of the last step; nil if it succeeded

	searched time.Time // by the last scan
	present  []uint32  // the UIDs that it found, ascending
	back     []uint32  // of them, those of messages that left the folder before
	pending  trying    // to be read: what is new
	again    trying    // to be read once more: what the server did not hand over before
	more     bool      // what the scan found beside new messages is still to be seen to
	room     []byte    // for the next large message, while some are pending

	period   intake.Period   // as of the last scan
	leftIn   uint32          // the UIDVALIDITY of left
	left     map[uint32]bool // UIDs that did not come within the period
	toldLeft int             // how many of them the intake knows of; -1 before the first scan
	guesses  bool            // the server does not know when messages came
}

// New returns a watcher; it does no I/O.
func New(cfg Config, in Intake) *Watcher {
	w := &Watcher{in: in, link: newLink(cfg), toldLeft: -1}
	w.truce = truce{mailbox: cfg.Name, now: w.cfg.Now, in: in}
	w.shelf = shelf{link: &w.link, in: in, changed: make(map[intake.Copy]bool), waits: make(map[question]int)}
	return w
}

// LastRead returns when the mailbox was last opened and searched by a step that succeeded; zero if it never
// was. It is for a health check, and may be called at any time.
func (w *Watcher) LastRead() time.Time {
	if at := w.lastRead.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

// Trouble returns the error of the last step; nil if it succeeded, or there was none. It may be called at any time.
func (w *Watcher) Trouble() error {
	if err := w.trouble.Load(); err != nil {
		return *err
	}
	return nil
}

// Step connects if there is no connection, and takes and files at most one batch of new messages, lowest UID first. When
// none is left it files recorded messages that are still in the mailbox, and tries again what the server would not do
// before. It returns how many messages it filed or took; 0 and nil mean that there is nothing left to do for now.
//
// One message that the server cannot deal with holds up no other: it is found by trying fewer, and set aside.
//
// After an error the next Step starts clean. The error is ErrLogin if the credentials were refused, ctx's if
// that ended, or the intake's own; any other is the server's or the network's, and may or may not pass.
func (w *Watcher) Step(ctx context.Context) (handled int, err error) {
	if err := w.disturbs(ctx); err != nil {
		w.trouble.Store(&err)
		return 0, err
	}
	scanned := false
	defer func() {
		if noting := w.record(context.WithoutCancel(ctx)); err == nil {
			err = noting
		}
		if err != nil {
			w.pending.uids, w.more = nil, false // the next step asks the server and the record anew
			err = w.heed(context.WithoutCancel(ctx), err)
			w.trouble.Store(&err)
		} else if scanned {
			at := w.searched
			w.lastRead.Store(&at)
			w.trouble.Store(nil)
		}
	}()
	for {
		n := 0
		switch {
		case len(w.pending.uids) > 0:
			n, err = w.takeBatch(ctx, &w.pending)
		case w.more:
			w.more = false
			n, err = w.seeToRest(ctx)
		case scanned:
			return handled, nil
		default:
			scanned = true
			err = w.scan(ctx)
		}
		if handled += n; n > 0 || err != nil {
			return handled, err
		}
	}
}

// Close logs out and closes the connection. The watcher may be used again.
func (w *Watcher) Close() error {
	if w.s == nil {
		return nil
	}
	err := w.do(context.Background(), "log out", func(s *session) error {
		return s.client.Logout().Wait()
	})
	w.drop()
	return err
}

// scan opens the folder afresh, and notes what is new and what is left over.
func (w *Watcher) scan(ctx context.Context) error {
	reused := w.s != nil
	err := w.selectFolder(ctx)
	if reused && errors.Is(err, errLost) && ctx.Err() == nil {
		// Servers end idle connections and those with an expired token.
		w.log.Info("reconnecting", "reason", err)
		err = w.selectFolder(ctx)
	}
	if err != nil {
		return err
	}
	if w.present, err = w.search(ctx); err != nil {
		return err
	}
	w.searched = w.cfg.Now()
	unknown, err := w.in.Unknown(ctx, w.cfg.Name, w.uidValidity, w.present)
	if err != nil {
		return err
	}
	if w.back, err = w.returned(ctx); err != nil {
		return err
	}
	if err := w.recall(ctx, w.present, unknown, w.back); err != nil {
		return err
	}
	unread := slices.Concat(unknown, w.back)
	slices.Sort(unread)
	if unread, err = within(ctx, w, unread); err != nil {
		return err
	}
	w.pending.uids, w.again.uids = w.due(unread)
	w.more = true
	if len(w.pending.uids)+len(w.again.uids) == 0 {
		w.room = nil
	}
	return nil
}

// returned returns the messages that have the number of one that left the folder. On a server that can only expunge
// all that is marked, what is marked may be ours and wait for that.
func (w *Watcher) returned(ctx context.Context) ([]uint32, error) {
	back, err := w.in.Returned(ctx, w.cfg.Name, w.uidValidity, w.present)
	if err != nil || len(back) == 0 || !w.s.expungesAll() {
		return back, err
	}
	marked, err := w.marked(ctx)
	return slices.DeleteFunc(back, func(uid uint32) bool { return slices.Contains(marked, uid) }), err
}

// seeToRest files what is left over, and tries again what is stuck and due. That the server still fails is no error.
func (w *Watcher) seeToRest(ctx context.Context) (handled int, err error) {
	if !w.cfg.ReadOnly {
		handled, err = fileRest(ctx, w)
	}
	if err != nil {
		return handled, err
	}
	w.again.narrowing = oneByOne()
	for len(w.again.uids) > 0 && w.again.failed < hopeless {
		n, err := w.takeBatch(ctx, &w.again)
		if handled += n; err != nil && !errors.Is(err, errHopeless) {
			return handled, err
		}
	}
	return handled, nil
}

// fileRest files what is left over, and expunges what was filed.
func fileRest(ctx context.Context, w *Watcher) (filed int, err error) {
	filed, err = w.fileLeftovers(ctx)
	if err == nil && len(w.present) > 0 && w.s != nil && w.s.marked && w.s.expungesAll() {
		err = w.expungeOurs(ctx)
	}
	return filed, err
}

// errHopeless says that the server fails for one message after the other.
var errHopeless = errors.New("the server fails for one message after the other")

// takeBatch fetches, hands over and files the next of the messages to be read. It returns 0 if none of them could be
// read, and the next call tries fewer, or others.
func (w *Watcher) takeBatch(ctx context.Context, t *trying) (taken int, err error) {
	if w.s == nil { // lost since
		if err := w.reopen(ctx); err != nil {
			return 0, err
		}
	}
	uids := t.few(t.uids[:min(len(t.uids), w.cfg.Batch)])
	h, err := w.fetch(ctx, uids)
	if err != nil || h.refusal != nil {
		return 0, w.failed(ctx, t, h, err)
	}
	t.drop(slices.DeleteFunc(slices.Clone(h.tried), func(uid uint32) bool { return slices.Contains(h.missing, uid) })...)
	w.setAside(h.instead...)
	if len(h.arrivals) > 0 {
		t.went()
	} else {
		t.failed += len(h.instead)
	}
	if n := len(h.missing); n > 0 {
		t.width = max(n/2, 1)
	}
	if len(h.arrivals) == 0 {
		if t.failed >= hopeless {
			return 0, fmt.Errorf("mailbox %s: none of %d messages is handed over: %w", w.cfg.Name, t.failed, errHopeless)
		}
		return 0, nil
	}
	if h.arrivals, err = kept(ctx, w, h.arrivals); len(h.arrivals) == 0 || err != nil {
		return 0, err
	}
	ctx, release := finishing(ctx) // what is begun now is ended
	defer release()
	filings, err := w.in.Take(ctx, h.arrivals)
	if err != nil {
		return 0, err
	}
	w.noteTaken(h.arrivals)
	if w.cfg.ReadOnly {
		return len(filings), nil
	}
	if _, err := w.file(ctx, filings); err != nil {
		return len(filings), err
	}
	return len(filings), nil
}

// failed sees to messages that could not be read together. It returns nil if trying the next, or fewer, makes sense now.
func (w *Watcher) failed(ctx context.Context, t *trying, h haul, err error) error {
	found, cause, err := w.blame(ctx, &t.narrowing,
		failure{step: intake.StuckReading, uids: h.tried, good: h.good, refusal: h.refusal, lost: err})
	if !found {
		return err
	}
	hopelessly := t.narrowing.failed >= hopeless
	blamed := h.tried
	if hopelessly && h.refusal != nil && !passes(cause) { // the rest of the batch is as bad
		blamed = t.uids[:min(len(t.uids), w.cfg.Batch)]
	}
	var on []stuckOn
	for i, uid := range blamed {
		on = append(on, culprit(uid, intake.StuckReading, 0, cause))
		if i == 0 {
			on[i].size = h.size
		}
	}
	t.drop(blamed...)
	w.setAside(on...)
	if err == nil && hopelessly {
		err = fmt.Errorf("mailbox %s: none of %d messages can be read: %w: %w", w.cfg.Name, len(on)+hopeless-1, cause, errHopeless)
	}
	return err
}

// blame narrows down what failed for some messages. It reports whether the one is found, and the cause. The error says that
// nothing more can be done now.
func (w *Watcher) blame(ctx context.Context, n *narrowing, f failure) (found bool, cause, err error) {
	if f.lost == nil {
		return n.refused(f.uids, f.good), f.refusal, nil
	}
	quiet := new(throttled)
	switch {
	case ctx.Err() != nil:
		return false, nil, f.lost
	case errors.As(f.lost, &quiet) && quiet.said: // it may be about one message, too, if it is said again and again
		return w.saidAgain(f) && n.refused(f.uids, f.good), f.lost, f.lost
	case errors.As(f.lost, &quiet):
		return n.cut(f.uids, -1, true), f.lost, f.lost
	}
	err = w.reopen(ctx)
	return n.cut(f.uids, f.good, err == nil), f.lost, err
}

// noteTaken notes that messages are not stuck any more, and that those under the number of another were filed again.
// They should be gone at the next look.
func (w *Watcher) noteTaken(arrivals []intake.Arrival) {
	for _, a := range arrivals {
		delete(w.waits, question{intake.StuckReading, a.UID})
		if _, returned := slices.BinarySearch(w.back, a.UID); returned {
			w.setAside(stuckOn{uid: a.UID, step: intake.StuckFiling, size: a.Size, passing: true,
				cause: "it is in the mailbox again after the server said that it was filed"})
		} else if _, stuck := w.stuck[a.UID]; stuck {
			w.free(a.Copy)
		}
	}
}

// finishWithin is how long it may take, once the watcher is to stop, to record and file the batch at hand.
const finishWithin = 10 * time.Second

// finishing returns a context that outlives ctx by finishWithin.
func finishing(ctx context.Context) (context.Context, func()) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		late := time.AfterFunc(finishWithin, cancel)
		context.AfterFunc(longer, func() { late.Stop() })
	})
	return longer, func() { stop(); cancel() }
}
