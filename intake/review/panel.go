// Package review takes a request from the moment it is complete to its end: it asks the reviewers, reminds
// them and their deputies, carries out what they decide, and looks after the exception that follows: its
// warnings, its end, its renewal and its revocation. Sweep does whatever the clock makes due.
package review

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// Tx is a transaction and the moment it happens at: what this package needs of the store.
type Tx struct {
	outbox.Work
	Requests
	Corrections
	Decisions
	Exceptions
	Away
	Reminders
	Mornings
	Summaries
	Actions
	Days
}

// Config is what New needs. All of it is required.
type Config struct {
	*intake.Service
	Outbox    *outbox.Outbox
	Groups    Groups // of the directory
	Directory bool   // whether exceptions are applied in a directory; if not, the operator is asked to
	Update    intake.Update[Tx]
	Log       *slog.Logger
}

// Panel runs the reviews, and carries out what comes of them. It is safe for concurrent use.
type Panel struct {
	*intake.Service
	Users     *Users // who can have an exception
	out       *outbox.Outbox
	directory bool
	update    intake.Update[Tx]
	log       *slog.Logger
}

// New returns a Panel.
func New(c Config) *Panel {
	return &Panel{Service: c.Service, Users: &Users{c.Service, c.Groups}, out: c.Outbox, directory: c.Directory,
		update: c.Update, log: c.Log}
}

// Groups knows of the directory's users who is in a group that the policy protects, and by what names each is known.
type Groups interface {
	// Told returns what the directory said of a user, as far as it was asked lately.
	Told(user string) (t intake.Told, known bool)
	// AskAbout asks the directory for it.
	AskAbout(ctx context.Context, user string) error
	// KeepTold keeps what the directory said of users for longer, since it is still needed.
	KeepTold(users []string)
	// Answered reports whether the directory has answered about anybody lately.
	Answered() bool
}

// AskFirst is the error of a transaction that needs to know of a user what only the directory can say. No transaction
// waits for the directory: this one is undone, the directory asked, and the transaction run again.
type AskFirst struct{ User string }

// Error names the user, for the log of a transaction that nobody ran again.
func (e *AskFirst) Error() string { return "the directory is to be asked about " + e.User + " first" }

// Users are those who can have an exception. It is safe for concurrent use.
type Users struct {
	service *intake.Service
	groups  Groups
}

// Unfit says why a user can have no exception, as NotAUser does, by their groups in the directory and the account's other
// names and addresses too. The error is an AskFirst if these are not known.
func (u *Users) Unfit(user string) (intake.Why, error) {
	if why := u.service.NotAUser(user); why != "" {
		return why, nil
	}
	told, known := u.groups.Told(user)
	switch {
	case !known:
		return "", &AskFirst{user}
	case told.Group != "":
		return intake.WhyProtected, nil
	}
	_, why := u.service.NotAUserBy(told.Names)
	return why, nil
}

// Asking runs do, a transaction, and runs it again whenever the directory had to be asked first. Its error is the
// directory's if that cannot be asked.
func (u *Users) Asking(ctx context.Context, do func() error) error {
	var asked []string
	for {
		err := do()
		var ask *AskFirst
		if !errors.As(err, &ask) {
			return err
		}
		if err := u.Ask(ctx, ask.User); err != nil {
			return err
		}
		asked = append(asked, ask.User)
		u.Keep(asked)
	}
}

// Prepare has the directory asked about users of whom it has not told lately, up to the first of whom it cannot tell, so
// that a transaction about many is not run once for each.
func (u *Users) Prepare(ctx context.Context, users []string) {
	for i, user := range users {
		if _, err := u.Unfit(user); err == nil {
			continue
		}
		if u.Ask(ctx, user) != nil {
			return
		}
		u.Keep(users[:i+1])
	}
}

// Keep keeps what the directory said of users while others are asked about: otherwise many who are asked for together
// would never all be known.
func (u *Users) Keep(users []string) { u.groups.KeepTold(users) }

// Answered reports whether the directory has answered about anybody lately: an error about one user is not its own then.
func (u *Users) Answered() bool { return u.groups.Answered() }

// ErrUnasked says that the directory cannot be asked at the moment.
var ErrUnasked = errors.New("the directory cannot be asked")

// Ask has the directory asked for what Unfit needs to know. The error is an ErrUnasked.
func (u *Users) Ask(ctx context.Context, user string) error {
	if err := u.groups.AskAbout(ctx, user); err != nil {
		return fmt.Errorf("%w: %w", ErrUnasked, err)
	}
	return nil
}
