package shadow

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"mfabot/intake"
	"mfabot/intake/inbound"
	"mfabot/notify"
	"mfabot/parser"
)

// reader takes in the messages of one mailbox.
type reader struct {
	*inbound.Inbox
	sh *Shadow
}

// Left notes what came before the period. Nobody is told, as run would begin today.
func (r *reader) Left(_ context.Context, mailbox string, n int) error {
	r.sh.mu.Lock()
	defer r.sh.mu.Unlock()
	r.sh.left[mailbox] = n
	return nil
}

// Unknown is the Inbox's. Where nothing is, all has been read.
func (r *reader) Unknown(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error) {
	unknown, err := r.Inbox.Unknown(ctx, mailbox, uidValidity, uids)
	if err != nil || len(unknown) > 0 {
		return unknown, err
	}
	r.sh.mu.Lock()
	defer r.sh.mu.Unlock()
	return nil, r.sh.fatal(r.sh.options.Rest())
}

// NoteStuck is the Inbox's, which may write to the operator.
func (r *reader) NoteStuck(ctx context.Context, stuck []intake.Stuck, over []intake.Copy) error {
	r.sh.mu.Lock()
	defer r.sh.mu.Unlock()
	err := r.Inbox.NoteStuck(ctx, stuck, over)
	if err == nil {
		err = r.sh.tell(ctx, Seen{})
	}
	return r.sh.fatal(err)
}

// Take takes each message by itself, at the moment at which it came, so that what is said of times is as it would have been
// then.
func (r *reader) Take(ctx context.Context, batch []intake.Arrival) (filings []intake.Filing, err error) {
	r.sh.mu.Lock()
	defer r.sh.mu.Unlock()
	for _, a := range batch {
		taken, err := r.sh.take(ctx, r.Inbox, a)
		if err != nil {
			return nil, r.sh.fatal(err)
		}
		if filings = append(filings, taken...); len(taken) == 0 {
			r.sh.held[a.Copy] = true
		} else {
			delete(r.sh.held, a.Copy)
		}
	}
	return filings, nil
}

// fatal notes an error after which going on is no use. Like what follows, it is called with mu locked.
func (sh *Shadow) fatal(err error) error {
	if err != nil && !errors.Is(err, context.Canceled) {
		sh.failed = cmp.Or(sh.failed, err)
	}
	return err
}

// take takes one message, and tells what would have come of it.
func (sh *Shadow) take(ctx context.Context, in *inbound.Inbox, a intake.Arrival) ([]intake.Filing, error) {
	came, now := sh.bot.Service.Nearest(a.At), sh.clock.now()
	if a.At.IsZero() || came.After(now) {
		came = now
	}
	sh.clock.at.Store(&came)
	defer sh.clock.at.Store(nil)
	filings, err := in.Take(ctx, []intake.Arrival{a})
	if err != nil {
		return nil, err
	}
	m, err := sh.bot.Store.Message(ctx, sh.last+1)
	switch {
	case errors.Is(err, intake.ErrNotFound): // it is held back
		return filings, sh.tell(ctx, Seen{})
	case err != nil:
		return nil, err
	}
	sh.last++
	seen := Seen{Message: *m, Read: sh.read(a.Raw)}
	for _, ref := range strings.FieldsFunc(m.Ref, func(r rune) bool { return r == ',' || r == ' ' }) {
		req, err := sh.bot.Store.Request(ctx, ref)
		if err != nil && !errors.Is(err, intake.ErrNotFound) {
			return nil, err
		}
		if err == nil {
			seen.Requests = append(seen.Requests, *req)
		}
	}
	return filings, sh.tell(ctx, seen)
}

// read returns what the parser reads in a message; nil if it cannot.
func (sh *Shadow) read(raw []byte) (m *parser.Message) {
	defer func() {
		if recover() != nil { // the message is on record as one that cannot be read
			m = nil
		}
	}()
	m, err := sh.parser.Parse(bytes.NewReader(raw))
	if err != nil {
		return nil
	}
	sh.bot.Settings.Policy.Restrict(m)
	return m
}

// tell adds the letters that are due to what they are about, and tells it, if there is anything to tell.
func (sh *Shadow) tell(ctx context.Context, seen Seen) error {
	now := sh.bot.Service.ReadClock()
	for {
		due, err := sh.bot.Store.Due(ctx, now, 50)
		if err != nil {
			return err
		}
		if len(due) == 0 {
			break
		}
		for _, o := range due {
			name := fmt.Sprintf("%04d-%d-%s.eml", seen.Message.ID, o.ID, o.Template)
			letter, err := sh.write(ctx, sh.bot.Outbox.WithCode(o), filepath.Join(letters, name))
			if err == nil {
				err = sh.bot.Store.Sent(ctx, intake.Accepted{ID: o.ID, At: now})
			}
			if err != nil {
				return err
			}
			seen.Letters = append(seen.Letters, letter)
		}
	}
	if seen.Message.ID == 0 && len(seen.Letters) == 0 {
		return nil
	}
	return sh.options.Tell(seen)
}

// write writes a letter as it would have been sent. One that run could not send either is no error.
func (sh *Shadow) write(ctx context.Context, o intake.Outbound, file string) (Letter, error) {
	now := sh.bot.Service.ReadClock()
	letter := Letter{To: o.To, Template: o.Template}
	msg, err := sh.bot.Composer.Compose(ctx, o, now)
	if errors.Is(err, notify.ErrUnsendable) {
		letter.Error = err.Error()
		return letter, nil
	}
	if err != nil {
		return letter, err
	}
	open := o
	open.Facts.Code = "" // the code in the subject is for its reader only
	if letter.Subject, err = sh.bot.Composer.Subject(open.Letter, now); err != nil {
		return letter, err
	}
	letter.File = file
	f, err := os.OpenFile(filepath.Join(sh.options.Dir, file), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return letter, err
	}
	return letter, errors.Join(msg.Stream(ctx, f), f.Close())
}
