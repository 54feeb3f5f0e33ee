package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake/senderauth"
	"mfabot/templates"
)

func newCheck(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Checks the configuration, policy, sites and templates",
		Long: `check reads mfabot.toml and the files it names, and reports all that is wrong with
them, with file, line and key. For each mailbox it says what proves a sender there: if
nothing does, nobody is believed. Files with secrets that everybody on this machine can
read are an error, the database and its key included; so is a key that is missing beside
a sealed database, or is another's. It connects to nothing and changes nothing.`,
		Example: "  mfabot check --config mfabot.toml",
		Args:    usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := config.Load(a.configPath)
			if err != nil {
				return err
			}
			set, err := bot.Emails(s)
			if err != nil {
				return err
			}
			for _, m := range s.Mailboxes {
				fmt.Fprintf(a.stdout, "mailbox %q: %s\n", m.Name, believed(m.Trust, s.Service.Resolver))
				if m.Trust.DKIM && !m.Trust.AllowUnauthenticated {
					fmt.Fprintf(a.stdout, "mailbox %q: %s\n", m.Name, confirmed)
				}
			}
			if err := errors.Join(s.CheckTrust(), s.CheckSecrets()); err != nil {
				return err
			}
			if err := bot.CheckKey(c.Context(), s); err != nil {
				return err
			}
			for _, m := range s.Mailboxes {
				if m.Trust.AllowUnauthenticated {
					fmt.Fprintf(a.stderr, "mfabot: warning: mailbox %q believes every sender (allow_unauthenticated = true): "+
						"anybody can approve\n", m.Name)
				}
			}
			if s.Service.ListensOutside() {
				fmt.Fprintf(a.stderr, "mfabot: warning: other machines reach /healthz and /metrics at %s, "+
					"where nobody logs in (service.listen)\n", s.Service.Listen)
				fmt.Fprintf(a.stderr, "mfabot: warning: %s\n", outside(s.Page))
			}
			if s.Trial != nil {
				fmt.Fprintf(a.stderr, "mfabot: warning: this is a trial: all letters but those to %s go to the operator, %s (trial.only)\n",
					cmp.Or(strings.Join(s.Trial.Only, ", "), "the operator"), s.Service.Operator)
			}
			if s.ClockOffset != 0 {
				fmt.Fprintf(a.stderr, "mfabot: warning: the clock is moved by %s (testing.clock_offset)\n", s.ClockOffset)
			}
			if s.Holidays.Over(s.Now().In(s.Policy.Zone)) {
				fmt.Fprintf(a.stderr, "mfabot: warning: the list of holidays ends with %s: "+
					"holidays since then count as working days (holidays)\n", s.Holidays.LastYear())
			}
			fmt.Fprintf(a.stdout, "ok: %d mailboxes, %d sites, %d reviewers, %d emails, policy %q\n",
				len(s.Mailboxes), s.Sites.Len(), len(s.Reviewers.Regular()), len(set.Names(templates.English)), s.Policy.Name)
			return nil
		},
	}
}

// confirmed says what follows where a signature is all the proof there is.
const confirmed = "whoever only a signature proves that covers neither To nor Sender, as those of Microsoft 365 and Gmail, " +
	"is asked by email to confirm each decision or request (dkim); results of SPF spare them that"

// outside says what becomes of the status page where other machines reach it.
func outside(p config.Page) string {
	if !p.Guarded() {
		return "the status page is refused there, as anybody could read it: expected service.page_token_file, " +
			"or service.page_user_header with service.page_proxies"
	}
	return "what is asked for on the status page goes over the network in the clear: have a proxy with TLS in front of it"
}

// believed says in words which senders of a mailbox are believed.
func believed(t senderauth.Trust, resolver string) string {
	if t.AllowUnauthenticated {
		return "every sender is believed without proof, whatever else is configured (allow_unauthenticated)"
	}
	var proofs []string
	if t.AuthservID != "" {
		proofs = append(proofs, fmt.Sprintf("the mail server %s says so in the Authentication-Results it adds (authserv_id)",
			t.AuthservID))
	}
	if t.ExchangeOnline {
		inside := "marks the message as sent inside the tenant by " + strings.Join(t.TenantDomains, " or ")
		if len(t.TenantDomains) == 0 {
			inside = "for no domain by its mark of mail from inside the tenant"
		}
		proofs = append(proofs, "Exchange Online says so, or "+inside+" (exchange_online, tenant_domains)")
	}
	if t.DKIM {
		proofs = append(proofs, fmt.Sprintf("a DKIM signature of the sender's own domain is valid by the key in the DNS, "+
			"looked up at %s (dkim)", cmp.Or(resolver, "the system's resolver")))
	}
	if len(proofs) == 0 {
		return "nobody is believed, as nothing that proves a sender is configured: every message would be set aside"
	}
	said := "a sender is believed if " + strings.Join(proofs, ", or ")
	if len(t.Aligned) > 0 {
		said += "; " + strings.Join(t.Aligned, ", ") + " may prove other domains of the same organisation too (aligned)"
	}
	return said
}
