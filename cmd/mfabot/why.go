package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/layout"
	"mfabot/intake"
	"mfabot/store"
)

func newWhy(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "why ID",
		Short: "Every check that was made on an inbound message, with its result",
		Long: `why shows what became of a message, and the checks that led there in their order. ID is
its number in the ledger, or its Message-ID. As senders choose the Message-ID, every
message that has it is shown.`,
		Example: "  mfabot why 17\n  mfabot why '<CAF+x1@mail.example.org>' --json",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			return a.withStoreFrom(bot.OpenUnchecked, func(ctx context.Context, db *store.Store, s *config.Settings) error {
				messages, err := messagesNamed(ctx, db, args[0])
				if err != nil {
					return err
				}
				for _, m := range messages {
					if asJSON {
						err = printJSON(a.stdout, viewWhy(m))
					} else {
						err = a.tellWhy(m, s)
					}
					if err != nil {
						return err
					}
				}
				return nil
			})(c, args)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	return c
}

// messagesNamed finds messages by their number in the ledger or by their Message-ID.
func messagesNamed(ctx context.Context, db *store.Store, name string) ([]intake.Inbound, error) {
	if id, err := strconv.ParseInt(name, 10, 64); err == nil {
		m, err := db.Message(ctx, id)
		if errors.Is(err, intake.ErrNotFound) {
			return nil, fmt.Errorf("there is no message %d: `mfabot inbound` lists them", id)
		}
		if err != nil && !errors.Is(err, intake.ErrPurged) { // the checks may still be there
			return nil, err
		}
		return []intake.Inbound{*m}, nil
	}
	messages, err := db.MessagesByID(ctx, strings.Trim(name, "<> "))
	if err == nil && len(messages) == 0 {
		return nil, fmt.Errorf("there is no message with the Message-ID %q: expected a Message-ID or a number; "+
			"`mfabot inbound` lists them", name)
	}
	return messages, err
}

// stored says how much of a message is stored.
func stored(m intake.Inbound) string {
	if m.Whole == "" {
		return "all of it, until its time to be deleted comes"
	}
	return "its beginning; all of it was filed into the folder " + string(m.Folder)
}

// tellWhy prints a message and the checks on it, for people.
func (a *app) tellWhy(m intake.Inbound, s *config.Settings) error {
	outcome := string(m.Outcome)
	if m.Reason != "" {
		outcome += " (" + string(m.Reason) + ")"
	}
	for _, line := range [][2]string{
		{"Message", strconv.FormatInt(m.ID, 10)}, {"From", orDash(m.From)}, {"Subject", m.Subject},
		{"Message-ID", orDash(m.MessageID)},
		{"Received", moment(s, m.ReceivedAt)}, {"Outcome", outcome}, {"About", orDash(m.Ref)}, {"Stored", stored(m)},
	} {
		if err := say(a.stdout, fmt.Sprintf("%-11s ", line[0]+":"), line[1]); err != nil {
			return err
		}
	}
	screen := screenOf(a.stdout, false)
	for _, c := range m.Checks {
		passed := screen.Painted(layout.Red, "no")
		if c.Passed {
			passed = screen.Painted(layout.Green, "ok")
		}
		if err := say(a.stdout, "  "+passed+"  ", c.Name+": "+c.Result); err != nil {
			return err
		}
	}
	if m.Reason == intake.WhyUnconfirmed {
		return say(a.stdout, "Why:        ", "the signature that proves its sender leaves open to whom it was sent (To) or by whom "+
			"(Sender), see \"covered\" and \"not there\". Have the server that signs for "+intake.DomainOf(m.From)+" cover both, "+
			"whether or not a message has them (docs/running.md, Your own users on Postfix). Where it cannot, its author confirms each")
	}
	return nil
}
