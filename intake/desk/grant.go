package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
	"mfabot/intake/outbox"
)

// Grant is a short-term exception given by telephone, to be recorded.
type Grant struct {
	User   string // an email address
	Reason string // an ID of the policy
	Site   string // an ODS code; empty for none
	Note   string
	As     string // who granted it; empty for an operator without a name
	Line   int    // in the file it was read from; 0 for none
	Wrong  string // what is known to be wrong with it; empty for nothing
}

// Given is a recorded grant.
type Given struct {
	intake.Exception
	// Lately is how many short-term exceptions the user was granted within the policy's FlagWithin, including
	// this one, if that is enough to be pointed out; else 0.
	Lately int
}

// Grant records a short-term exception given by telephone, starting now. siteCode may be empty. The user is
// told, and so is the site if there is one.
func (d *Desk) Grant(ctx context.Context, user, reason, siteCode, note string) (*intake.Exception, error) {
	given, err := d.GrantAll(ctx, "", []Grant{{User: user, Reason: reason, Site: siteCode, Note: note}})
	if err != nil {
		return nil, err
	}
	return &given[0].Exception, nil
}

// cannotGrant says why a grant is refused, in words for whoever is on the telephone.
type cannotGrant struct {
	column string
	error
}

func (e *cannotGrant) Unwrap() error { return e.error }

// GrantAll records all grants of a file, or none: the error names every grant that is refused, with its line.
func (d *Desk) GrantAll(ctx context.Context, file string, grants []Grant) ([]Given, error) {
	grants = d.withAccounts(ctx, grants)
	var given []Given
	record := func(tx Tx) error {
		given = given[:0]
		var refused []error
		lines := make(map[string]int) // by user
		for _, g := range grants {
			one, err := d.grant(ctx, tx, g, lines)
			var no *cannotGrant
			switch {
			case errors.As(err, &no) && g.Line > 0:
				refused = append(refused, &intake.FileError{File: file, Line: g.Line, Key: no.column, Want: no.Error()})
			case errors.As(err, &no):
				refused = append(refused, no)
			case err != nil:
				return err
			default:
				given = append(given, one)
			}
		}
		if len(refused) > 0 {
			if file != "" {
				refused = append(refused, errors.New("nothing was recorded: put that right, and give the whole file again"))
			}
			return errors.Join(refused...)
		}
		return d.flag(ctx, tx, given)
	}
	var users []string
	for _, g := range grants {
		if g.Wrong == "" && intake.IsAddress(g.User) {
			users = append(users, intake.Canonical(g.User))
		}
	}
	d.panel.Users.Prepare(ctx, users)
	if err := d.panel.Users.Asking(ctx, func() error { return d.update(ctx, record) }); err != nil {
		return nil, err
	}
	return given, nil
}

// withAccounts marks grants to users unknown to the directory as wrong: most are misspelt. If the directory
// cannot be asked, the grant goes ahead: nobody is kept waiting on the telephone.
func (d *Desk) withAccounts(ctx context.Context, grants []Grant) []Grant {
	grants = slices.Clone(grants)
	for i, g := range grants {
		user := intake.Canonical(g.User)
		if g.Wrong == "" && intake.IsAddress(g.User) && d.accounts.AccountOf(ctx, user) == intake.AccountNone {
			grants[i].Wrong = "the directory has no user " + user + ": check the address"
		}
	}
	return grants
}

// grant records one grant. It returns a cannotGrant if that is refused. lines has the line of each user so
// far.
func (d *Desk) grant(ctx context.Context, tx Tx, g Grant, lines map[string]int) (Given, error) {
	e, err := d.exceptionOf(g, lines)
	if err != nil {
		return Given{}, err
	}
	active, err := d.panel.Active(ctx, tx.Tx, e.User.Email)
	if err != nil {
		return Given{}, err
	}
	if len(active) > 0 {
		return Given{}, d.already(active)
	}
	if e.Ref, err = tx.NextRef(ctx, "ST", tx.Now.In(d.Policy.Zone).Year()); err != nil {
		return Given{}, err
	}
	term := d.Policy.ShortTerm
	e.StartsAt, e.EndsAt = tx.Now, tx.Now.Add(term.Duration)
	e.NextNoticeAt = d.Policy.Notices(intake.Short, d.Holidays).Next(e.EndsAt, tx.Now)
	if err := tx.AddException(ctx, e); err != nil {
		return Given{}, err
	}
	out := Given{Exception: *e}
	// An exception is one only once the audit says so as well: it is counted from then on.
	if err := tx.Record(ctx, intake.HistoryEntry{Ref: e.Ref, At: tx.Now, Event: intake.EventGranted, By: e.GrantedBy,
		Text: g.Note, Until: e.EndsAt, User: e.User.Email}); err != nil {
		return out, err
	}
	lately, err := tx.GrantedSince(ctx, e.User.Email, tx.Now.Add(-term.FlagWithin))
	if err != nil {
		return Given{}, err
	}
	f := d.FactsOfException(e)
	if lately >= term.FlagAfter {
		out.Lately = lately
		f.Lately, f.LatelyDays = lately, wholeDays(term.FlagWithin)
	}
	if err := d.panel.Exempt(ctx, tx.Tx, e, true); err != nil { // without a directory, the command says what to do
		return out, err
	}
	return out, d.out.SendBoth(ctx, tx.Work, intake.Letter{Template: intake.LetterGranted, Ref: e.Ref, Facts: f})
}

// unfit says in words why a user can have no exception; empty if they can.
func (d *Desk) unfit(user string) (words string, err error) {
	why, err := d.panel.Users.Unfit(user)
	// These are the reasons that Unfit returns.
	//exhaustive:ignore
	switch why {
	case intake.WhyServiceAddress:
		whose := "the operator's"
		if d.IsOurs(user) {
			whose = "this service's own"
		}
		return fmt.Sprintf("%s is %s address: expected a user's", user, whose), err
	case intake.WhySharedMailbox:
		return fmt.Sprintf("%s is the shared mailbox of a site: expected a user's own address", user), err
	case intake.WhyProtected:
		return fmt.Sprintf("%s is protected by the policy, and gets no exception: change protected there if that is wrong", user), err
	}
	return "", err
}

// exceptionOf returns the exception that a grant asks for, without its times, or a cannotGrant.
func (d *Desk) exceptionOf(g Grant, lines map[string]int) (*intake.Exception, error) {
	if g.Wrong != "" {
		return nil, &cannotGrant{"", errors.New(g.Wrong)}
	}
	if !intake.IsAddress(g.User) {
		return nil, &cannotGrant{"user", intake.NotAnAddress(g.User)}
	}
	user := intake.Canonical(g.User)
	words, err := d.unfit(user)
	if err != nil {
		return nil, err
	}
	if words != "" {
		return nil, &cannotGrant{"user", errors.New(words)}
	}
	if line, twice := lines[intake.UserKey(user)]; twice {
		return nil, &cannotGrant{"user", intake.Miswrittenf("%s is already on line %d: expected each user once", user, line)}
	}
	lines[intake.UserKey(user)] = g.Line
	if _, ok := d.Policy.ShortTerm.Reason(g.Reason); !ok {
		return nil, &cannotGrant{"reason", d.Policy.ShortTerm.NoReason(intake.Short, g.Reason)}
	}
	e := &intake.Exception{Category: intake.Short, State: intake.Active, User: intake.User{Email: user},
		Reason: g.Reason, Note: g.Note, GrantedBy: cmp.Or(strings.TrimSpace(g.As), "operator")}
	if g.Site != "" {
		site, ok := d.Sites.Now().ByCode(g.Site)
		if !ok {
			return nil, &cannotGrant{"site", intake.NotASite(g.Site)}
		}
		e.SiteCode, e.SiteAddress = site.ODSCode, site.Mailbox
	}
	return e, nil
}

// already refuses a grant to a user who has an exception, and says what to do instead.
func (d *Desk) already(active []intake.Exception) error {
	e := active[len(active)-1] // the one that ends last
	if e.Category == intake.Long {
		return &cannotGrant{"user", fmt.Errorf("%s already has the long-term exception %s, until %s, "+
			"so a short-term one would change nothing: if the user is still prompted for MFA, "+
			"check whether the directory exempts them", e.User.Email, e.Ref, d.Moment(e.EndsAt))}
	}
	return &cannotGrant{"user", fmt.Errorf("%s already has the exception %s, until %s: "+
		"grant another when that is over, or have the site ask for a long-term one",
		e.User.Email, e.Ref, d.Moment(e.EndsAt))}
}

// flag tells the operator about users who are granted exceptions too often.
func (d *Desk) flag(ctx context.Context, tx Tx, given []Given) error {
	var lines []string
	var about outbox.Cause
	for _, g := range given {
		if g.Lately > 0 {
			about = outbox.About(d.Service, g.User, g.SiteCode)
			lines = append(lines, fmt.Sprintf("For: %s. %s is number %d in %d days.", g.User.Email, g.Ref, g.Lately,
				wholeDays(d.Policy.ShortTerm.FlagWithin)))
		}
	}
	if len(lines) == 0 {
		return nil
	}
	if len(lines) > 1 {
		about = outbox.Cause{}
	}
	about = about.Do("Perhaps the user needs a long-term exception: the site asks for it by email, with evidence.")
	return d.out.Alert(ctx, tx.Work, intake.AlertGrantedOften, about,
		"Short-term exceptions for the same user, again and again",
		append(lines, "The users were told that a site can ask for a long-term exception.")...)
}

// wholeDays returns d in days, rounded down.
func wholeDays(d time.Duration) int { return int(d.Hours() / 24) }
