package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
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
	Token   func(ctx context.Context) (string, error)
	MaxSize int64         // bytes; of a larger message only the header is read; 0: 25 MiB
	Batch   int           // messages fetched and handed over at once; 0: 50
	Timeout time.Duration // how long the server may be silent while we wait for it; 0: 60 s
	// Dial connects; nil: a net.Dialer. The connection must support deadlines.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	Now  func() time.Time // the clock of LastRead; nil: time.Now
	Log  *slog.Logger     // nil: slog.Default()
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
	// Unfiled returns at most limit filings that are committed but not yet carried out.
	Unfiled(ctx context.Context, mailbox string, uidValidity uint32, limit int) ([]intake.Filing, error)
	// Filed records that these copies have left the mailbox, or are marked to.
	Filed(ctx context.Context, filed []intake.Filing) error
}

// Watcher reads one mailbox. Only one goroutine at a time may call its methods, except LastRead and LastTurn.
type Watcher struct {
	cfg Config
	in  Intake
	log *slog.Logger

	lastRead atomic.Pointer[time.Time]
	lastTurn atomic.Pointer[time.Time]

	s       *session // nil: not connected
	folders folders  // valid while connected

	uidValidity uint32    // of the last SELECT
	searched    time.Time // by the last scan
	pending     []uint32  // UIDs found new by the last scan and not yet tried, ascending
	room        []byte    // for the next large message, while some are pending

	period   intake.Period   // as of the last scan
	leftIn   uint32          // the UIDVALIDITY of left
	left     map[uint32]bool // UIDs that did not come within the period
	toldLeft int             // how many of them the intake knows of; -1 before the first scan
}

// New returns a watcher; it does no I/O.
func New(cfg Config, in Intake) *Watcher {
	if cfg.Folder == "" {
		cfg.Folder = "INBOX"
	}
	if cfg.MaxSize <= 0 {
		cfg.MaxSize = 25 << 20
	}
	if cfg.Batch <= 0 {
		cfg.Batch = 50
	}
	if cfg.Timeout <= 0 {
		cfg.Timeout = time.Minute
	}
	if cfg.Dial == nil {
		cfg.Dial = new(net.Dialer).DialContext
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	return &Watcher{cfg: cfg, in: in, log: cfg.Log.With("mailbox", cfg.Name), toldLeft: -1}
}

// LastRead returns when the mailbox was last opened and searched by a step that succeeded; zero if it never
// was. It is for a health check, and may be called at any time.
func (w *Watcher) LastRead() time.Time {
	if at := w.lastRead.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

// LastTurn returns when the last exchange with the server, or attempt at one, began, by the real clock; zero
// if there was none. A watcher that is alive makes one at least as often as it looks, or as its backoff says.
// It may be called at any time.
func (w *Watcher) LastTurn() time.Time {
	if at := w.lastTurn.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

func (w *Watcher) turn() {
	now := time.Now()
	w.lastTurn.Store(&now)
}

// Step connects if there is no connection, files recorded messages that are still in the mailbox, and takes
// and files at most one batch of new ones, lowest UID first. It returns how many messages it filed or took; 0
// and nil mean that there is nothing left to do for now.
//
// After an error the next Step starts clean. The error is ErrLogin if the credentials were refused, ctx's if
// that ended, or the intake's own; any other is the server's or the network's, and may or may not pass.
func (w *Watcher) Step(ctx context.Context) (handled int, err error) {
	scanned := false
	defer func() {
		if err != nil {
			w.pending = nil // the next step asks the server and the record anew
		} else if scanned {
			at := w.searched
			w.lastRead.Store(&at)
		}
	}()
	for {
		if len(w.pending) == 0 {
			if scanned {
				return handled, nil
			}
			scanned = true
			if handled, err = w.scan(ctx); err != nil {
				return handled, err
			}
			continue
		}
		n, err := w.takeBatch(ctx)
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

// scan opens the folder afresh, files what is on record, and notes what is new.
func (w *Watcher) scan(ctx context.Context) (filed int, err error) {
	reused := w.s != nil
	err = w.selectFolder(ctx)
	if reused && errors.Is(err, errLost) && ctx.Err() == nil {
		// Servers end idle connections and those with an expired token.
		w.log.Info("reconnecting", "reason", err)
		err = w.selectFolder(ctx)
	}
	if err != nil {
		return 0, err
	}
	present, err := w.search(ctx)
	if err != nil {
		return 0, err
	}
	w.searched = w.cfg.Now()
	if filed, err = w.fileLeftovers(ctx, present); err != nil {
		return filed, err
	}
	if len(present) > 0 && w.s.marked && w.s.expungesAll() {
		if err := w.expungeOurs(ctx); err != nil {
			return filed, err
		}
	}
	unknown, err := w.in.Unknown(ctx, w.cfg.Name, w.uidValidity, present)
	if err == nil {
		w.pending, err = within(ctx, w, unknown)
	}
	if len(w.pending) == 0 {
		w.room = nil
	}
	return filed, err
}

// selectFolder connects if necessary and selects the watched folder, even if it is selected already: its
// UIDVALIDITY may have changed.
func (w *Watcher) selectFolder(ctx context.Context) error {
	if w.s == nil {
		if err := w.connect(ctx); err != nil {
			return err
		}
		if err := w.do(ctx, "find folders", w.findFolders); err != nil {
			return err
		}
	}
	return w.do(ctx, "select "+w.folders.watched, func(s *session) error {
		select {
		case <-s.changed: // what it announced is found by this scan
		default:
		}
		data, err := s.client.Select(w.folders.watched, nil).Wait()
		if err != nil {
			return err
		}
		if data.UIDValidity == 0 {
			return errors.New("the server gives no UIDVALIDITY, so no message can be named")
		}
		w.uidValidity = data.UIDValidity
		return nil
	})
}

// takeBatch fetches, hands over and files the next batch of new messages. It returns 0 if none of the batch
// could be read.
func (w *Watcher) takeBatch(ctx context.Context) (taken int, err error) {
	uids := w.pending[:min(len(w.pending), w.cfg.Batch)]
	arrivals, tried, err := w.fetch(ctx, uids)
	if err != nil {
		return 0, err
	}
	w.pending = w.pending[tried:]
	arrivals, err = kept(ctx, w, arrivals)
	if len(arrivals) == 0 || err != nil {
		return 0, err
	}
	ctx, release := finishing(ctx) // what is begun now is ended
	defer release()
	filings, err := w.in.Take(ctx, arrivals)
	if err != nil {
		return 0, err
	}
	if _, err := w.file(ctx, filings); err != nil {
		return len(filings), err
	}
	return len(filings), nil
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

// copyOf names a message of the selected folder.
func (w *Watcher) copyOf(uid uint32) intake.Copy {
	return intake.Copy{Mailbox: w.cfg.Name, UIDValidity: w.uidValidity, UID: uid}
}
