package mailbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"

	"mfabot/intake"
)

// link is the connection to the mailbox, which comes and goes.
type link struct {
	cfg Config
	log *slog.Logger
	odd *oddities

	lastTurn atomic.Pointer[time.Time]

	s           *session // nil: not connected
	folders     folders  // valid while connected
	uidValidity uint32   // of the last SELECT
}

// newLink returns a link that is not connected, with what the configuration leaves out.
func newLink(cfg Config) link {
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
	log := cfg.Log.With("mailbox", cfg.Name)
	return link{cfg: cfg, log: log, odd: &oddities{log: log}}
}

// LastTurn returns when the last exchange with the server, or attempt at one, began, by the real clock; zero
// if there was none. A watcher that is alive makes one at least as often as it looks, or as its backoff says.
// It may be called at any time.
func (k *link) LastTurn() time.Time {
	if at := k.lastTurn.Load(); at != nil {
		return *at
	}
	return time.Time{}
}

func (k *link) turn() {
	now := time.Now()
	k.lastTurn.Store(&now)
}

// selectFolder connects if necessary and selects the watched folder, even if it is selected already: its
// UIDVALIDITY may have changed.
func (k *link) selectFolder(ctx context.Context) error {
	if k.s == nil {
		if err := k.connect(ctx); err != nil {
			return err
		}
		if err := k.do(ctx, "find folders", k.findFolders); err != nil {
			return err
		}
	}
	return k.do(ctx, "select "+k.folders.watched, func(s *session) error {
		select {
		case <-s.changed: // what it announced is found by this scan
		default:
		}
		s.mender.forget()
		data, err := s.client.Select(k.folders.watched, &imap.SelectOptions{ReadOnly: k.cfg.ReadOnly}).Wait()
		if err != nil {
			return err
		}
		if data.UIDValidity == 0 {
			return errors.New("the server gives no UIDVALIDITY, so no message can be named")
		}
		k.uidValidity = data.UIDValidity
		return nil
	})
}

// errRenumbered is returned when no number of a message means what it meant a moment ago.
var errRenumbered = errors.New("the messages have been numbered anew meanwhile")

// reopen connects again after a connection was lost, to go on where it was. It returns errRenumbered if that cannot be.
func (k *link) reopen(ctx context.Context) error {
	before := k.uidValidity
	if err := k.selectFolder(ctx); err != nil {
		return err
	}
	if k.uidValidity != before {
		return fmt.Errorf("mailbox %s: %w", k.cfg.Name, errRenumbered)
	}
	return nil
}

// search returns the UIDs of all messages in the selected folder, ascending.
func (k *link) search(ctx context.Context) (uids []uint32, err error) {
	err = k.do(ctx, "search "+k.folders.watched, func(s *session) error {
		uids, err = s.search(&imap.SearchCriteria{})
		return err
	})
	return uids, err
}

// marked returns the messages in the folder that are marked for deletion.
func (k *link) marked(ctx context.Context) (marked []uint32, err error) {
	err = k.do(ctx, "search for marked messages", func(s *session) (err error) {
		marked, err = s.search(&imap.SearchCriteria{Flag: []imap.Flag{imap.FlagDeleted}})
		return err
	})
	return marked, err
}

// copyOf names a message of the selected folder.
func (k *link) copyOf(uid uint32) intake.Copy {
	return intake.Copy{Mailbox: k.cfg.Name, UIDValidity: k.uidValidity, UID: uid}
}
