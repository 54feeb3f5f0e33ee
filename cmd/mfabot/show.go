package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/parser"
	"mfabot/store"
)

func newShow(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "show REF",
		Short:   "One request or exception, with its history and evidence",
		Example: "  mfabot show LT-2026-00042\n  mfabot show ST-2026-00007 --json",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStore(func(ctx context.Context, db *store.Store, s *config.Settings) error {
				ref := strings.ToUpper(args[0])
				r, err := db.Request(ctx, ref)
				if absent(err) {
					return a.showException(ctx, db, s, ref, asJSON)
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
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	return c
}

// showException shows an exception without a request.
func (a *app) showException(ctx context.Context, db *store.Store, s *config.Settings, ref string, asJSON bool) error {
	e, err := db.Exception(ctx, ref)
	if err != nil {
		return notThere(ref, err)
	}
	v := viewException(s, *e, s.Now())
	if v.History, err = viewHistory(ctx, db, ref); err != nil {
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
		fmt.Fprintf(a.stdout, "%-15s %s\n", label, printable(text))
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
	a.line("Waiting since", moment(s, v.WaitingSince))
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
	a.line("Ends", moment(s, v.EndsAt))
	a.line("Next notice", moment(s, v.NextNoticeAt))
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
