package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/parser"
	"mfabot/store"
)

func newShow(a *app) *cobra.Command {
	var asJSON, wide bool
	c := &cobra.Command{
		Use:   "show REF|ADDRESS|ODS",
		Short: "One request or exception, with its history and evidence; or all of a user or a site",
		Long: "One request or exception, with its history and evidence.\n\n" +
			"With the address of a user, every request and exception of that user, of whatever site; with an ODS code, or the\n" +
			"mailbox of a site or an alias of it, every one of that site. The newest come first. What is only half known, find\n" +
			"looks for.",
		Example: "  mfabot show LT-2026-00042\n  mfabot show ST-2026-00007 --json\n  mfabot show sam.green@pharmacy.test\n" +
			"  mfabot show FX101\n  mfabot show oakstreet@pharmacy.test",
		Args: usage(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(func(ctx context.Context, db *store.Store, s *config.Settings) error {
				if site, is := s.Sites.ByMailbox(args[0]); is {
					_, err := showSite(ctx, a, db, s, site.ODSCode, asJSON, wide)
					return err
				}
				if strings.Contains(args[0], "@") {
					return showUser(ctx, a.stdout, db, s, intake.Canonical(args[0]), asJSON, wide)
				}
				ref := strings.ToUpper(args[0])
				r, err := db.Request(ctx, ref)
				if absent(err) {
					return a.showException(ctx, db, s, ref, asJSON, wide)
				}
				if err != nil {
					return notThere(ref, err)
				}
				v, err := viewRequest(ctx, db, s, r, s.Now())
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(a.stdout, v)
				}
				a.printRequest(s, v)
				return nil
			})(c, args)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object; of a user or a site, one a line")
	wideFlag(c, &wide)
	return c
}

// showUser shows all that is on record of a user.
func showUser(ctx context.Context, w io.Writer, db *store.Store, s *config.Settings, address string, asJSON, wide bool) error {
	if !intake.IsAddress(address) {
		return intake.NotAnAddress(address)
	}
	requests, err := db.RequestsFor(ctx, address)
	if err != nil {
		return err
	}
	exceptions, err := db.ExceptionsOf(ctx, address)
	if err != nil {
		return err
	}
	return printAll(w, newestFirst(s, eachOf(requests), eachOf(exceptions)), address, asJSON, wide)
}

// showSite shows all that is on record of a site, and what the register has of it. known is false for what is the code of
// none.
func showSite(ctx context.Context, a *app, db *store.Store, s *config.Settings, code string, asJSON, wide bool,
) (known bool, err error) {
	site, registered := s.Sites.ByCode(code)
	if registered && !asJSON {
		a.line("Site", site.ODSCode+" "+site.Name)
		a.line("Mailbox", strings.Join(site.Mailboxes(), ", "))
		a.line("Contacts", strings.Join(site.Contacts, ", "))
		a.line("Telephone", site.Telephone)
	}
	found := look(ctx, db, s, []store.Sought{{Sites: []string{code}}}, math.MaxInt32)
	if !registered {
		n, _, err := printFound(a.stdout, found, math.MaxInt32, asJSON, wide)
		return n > 0, err
	}
	return true, printAll(a.stdout, found, code, asJSON, wide)
}

// printAll prints all that is on record of a user or a site.
func printAll(w io.Writer, found iter.Seq2[finding, error], of string, asJSON, wide bool) error {
	n, _, err := printFound(w, found, math.MaxInt32, asJSON, wide)
	if err == nil && n == 0 && !asJSON {
		err = say(w, "", "nothing is on record of "+of)
	}
	return err
}

// showException shows an exception without a request. What is no reference may be the code of a site.
func (a *app) showException(ctx context.Context, db *store.Store, s *config.Settings, ref string, asJSON, wide bool) error {
	e, err := db.Exception(ctx, ref)
	if absent(err) {
		if known, other := showSite(ctx, a, db, s, ref, asJSON, wide); known || other != nil {
			return other
		}
		if !refForm.MatchString(ref) {
			return usageError{notThere(ref, err)}
		}
	}
	if err != nil {
		return notThere(ref, err)
	}
	v := viewException(s, *e, s.Now())
	if v.History, err = viewHistory(ctx, db, ref); err != nil {
		return err
	}
	if err := v.addChanges(ctx, db, v.History, s.Now()); err != nil {
		return err
	}
	if v.Hold, err = viewHold(ctx, db, ref); err != nil {
		return err
	}
	if asJSON {
		return printJSON(a.stdout, v)
	}
	a.printException(s, v)
	a.printKept(s, v.Hold, v.PurgedAt)
	a.printHistory(s, v.History)
	return nil
}

// line prints a label and a value, of several lines if need be; nothing for an empty value.
func (a *app) line(label, value string) {
	if value = strings.TrimSpace(value); value == "" {
		return
	}
	for i, text := range strings.Split(value, "\n") {
		if i > 0 {
			label = ""
		}
		_ = say(a.stdout, fmt.Sprintf("%-15s ", label), text) // as every other line to standard output
	}
}

// printRequest prints a request and its exception, for people.
func (a *app) printRequest(s *config.Settings, v requestView) {
	a.line(v.Ref, v.State)
	a.line("User", strings.TrimSpace(v.Subject.Name+" "+v.Subject.Email))
	if v.Site != nil {
		a.line("Site", v.Site.ODSCode+" "+v.Site.Name)
	}
	a.line("Reason", v.Reason)
	a.line("Details", v.Justification)
	a.line("Method", v.AuthMethod)
	a.line("Asked by", strings.TrimSpace(v.RequestedBy+" "+v.Sender))
	a.line("Received", moment(s, v.ReceivedAt))
	if state := intake.State(v.State); state == intake.Pending || state.WaitsForSite() {
		a.line("Waiting since", moment(s, v.WaitingSince))
	}
	a.line("Renews", v.Renews)
	a.line("Corrects", v.Corrects)
	for _, e := range v.Evidence {
		counts := "evidence"
		if !e.Counts {
			counts = "does not count: " + e.Why
		}
		if e.Purged {
			counts += ", " + intake.ErrPurged.Error()
		}
		if parser.IsElsewhere(e.MediaType, e.Size) {
			a.line("Not attached", orDash(e.Filename)+", "+counts)
			continue
		}
		a.line("Attached", fmt.Sprintf("%s (%d bytes, %s), %s", orDash(e.Filename), e.Size, e.MediaType, counts))
	}
	for _, r := range v.Reviewers {
		a.line("Reviewer", r.state())
	}
	if v.Exception != nil {
		a.printPeriod(s, *v.Exception)
	}
	a.printKept(s, v.Hold, v.PurgedAt)
	a.printHistory(s, v.History)
}

// printException prints an exception without a request, for people.
func (a *app) printException(s *config.Settings, v exceptionView) {
	a.line("User", strings.TrimSpace(v.Subject.Name+" "+v.Subject.Email))
	if v.Site != nil {
		a.line("Site", v.Site.ODSCode+" "+v.Site.Name)
	}
	a.line("Reason", v.Reason)
	a.line("Note", v.Note)
	a.printPeriod(s, v)
}

// printPeriod prints when an exception starts and ends.
func (a *app) printPeriod(s *config.Settings, v exceptionView) {
	a.line("Exception", v.Ref+" "+v.State)
	a.line("Starts", moment(s, v.StartsAt))
	ends := moment(s, v.over)
	if v.over.Before(v.EndsAt) {
		ends += ", where " + moment(s, v.EndsAt) + " was planned"
	}
	a.line("Ends", ends)
	a.printChange(s, "Switched on", v.SwitchedOn)
	a.printChange(s, "Switched off", v.SwitchedOff)
	if v.Directory != "" {
		a.line("Directory", "has not taken the change yet")
	}
	for _, t := range v.Todos {
		text := fmt.Sprintf("%s %s by hand, asked %s; once it is: mfabot done %d --as NAME", t.What, t.User, moment(s, t.Since), t.ID)
		if t.Overdue {
			text = "overdue: " + text
		}
		a.line("Still to do", text)
	}
	if !v.NextNoticeAt.IsZero() {
		a.line("Next notice", moment(s, v.NextNoticeAt))
	}
}

// printChange prints when a change was made where MFA is enforced, and by whom.
func (a *app) printChange(s *config.Settings, label string, c *changeView) {
	if c != nil {
		a.line(label, strings.TrimSuffix(moment(s, c.At)+", by "+cmp.Or(c.By, "the directory"), ", by "))
	}
}

// printKept prints the legal hold on a reference, and since when its personal data is no longer kept.
func (a *app) printKept(s *config.Settings, h *holdView, purged time.Time) {
	if h != nil {
		a.line("Legal hold", fmt.Sprintf("since %s, by %s: %s", moment(s, h.At), h.By, h.Reason))
	}
	if !purged.IsZero() {
		a.line("Personal data", intake.ErrPurged.Error()+", since "+moment(s, purged))
	}
}

// printHistory prints what the audit says about a reference.
func (a *app) printHistory(s *config.Settings, history []historyView) {
	for _, h := range history {
		text := shortened(printable(strings.Join(strings.Fields(h.Text), " ")), 200)
		by := h.By
		if h.Command != "" {
			by = strings.TrimSpace(by + " by command (" + h.Command + ")")
		}
		a.line(moment(s, h.At), strings.TrimSpace(h.Event+"  "+by+"  "+text))
	}
}
