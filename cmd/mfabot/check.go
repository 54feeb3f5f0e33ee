package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/backups"
	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/intake/senderauth"
	"mfabot/templates"
)

func newCheck(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Checks the configuration, policy, sites and templates",
		Long: `check reads mfabot.toml and the files it names, and reports all that is wrong with
them, with file, line and key. It says how the register of sites is written, as it took
it: a spreadsheet saves it in several ways. For each mailbox it says what proves a sender there: if
nothing does, nobody is believed. Files with secrets that everybody on this machine can
read are an error, the database and its key included; so is a key that is missing beside
a sealed database, or is another's, and an older copy in the database's place. It connects to nothing and changes nothing.`,
		Example: "  mfabot check --config mfabot.toml",
		Args:    usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			s, err := config.Partly(a.configPath)
			if s == nil {
				return err
			}
			if err == nil {
				fmt.Fprintf(a.stdout, "configuration: %s\n", printable(s.File))
				tellBelieved(a.stdout, s)
			}
			set, others := wrongBesides(c.Context(), s)
			if err := errors.Join(err, others); err != nil {
				return err
			}
			fmt.Fprintf(a.stdout, "sites: %s: %s, %s\n", printable(s.Register.Path), templates.Counted(s.Sites.Len(), "site"),
				s.Sites.Form())
			for _, unsure := range s.Sites.Unsure() {
				fmt.Fprintf(a.stderr, "mfabot: warning: %s\n", printable(unsure.Error()))
			}
			warnAddresses(a.stderr, s)
			warnMailboxes(a.stderr, s)
			if err := warnLetters(a.stderr, s); err != nil {
				return err
			}
			if s.Service.ListensOutside() {
				fmt.Fprintf(a.stderr, "mfabot: warning: other machines reach /healthz and /metrics at %s, "+
					"where nobody logs in (service.listen)\n", s.Service.Listen)
				fmt.Fprintf(a.stderr, "mfabot: warning: %s\n", outside(s.Page))
			}
			warnSignIns(a.stderr, s)
			warnFolder(a.stderr, s)
			warnTrial(a.stderr, s)
			if s.ClockOffset != 0 {
				fmt.Fprintf(a.stderr, "mfabot: warning: the clock is moved by %s (testing.clock_offset)\n", s.ClockOffset)
			}
			if s.Holidays.Over(s.Now().In(s.Policy.Zone)) {
				fmt.Fprintf(a.stderr, "mfabot: warning: the list of holidays ends with %s: "+
					"holidays since then count as working days (holidays)\n", s.Holidays.LastYear())
			}
			return say(a.stdout, "ok: ", fmt.Sprintf("%s, %s, %s, %s, policy %q", templates.Counted(len(s.Mailboxes), "mailbox"),
				templates.Counted(s.Sites.Len(), "site"), templates.Counted(len(s.Reviewers.Regular()), "reviewer"),
				templates.Counted(len(set.Names(templates.English)), "email"), s.Policy.Name))
		},
	}
}

// warnAddresses warns of addresses that no mail from elsewhere reaches, as is likely where a part was left out.
func warnAddresses(w io.Writer, s *config.Settings) {
	all := []string{s.Service.Address, s.Service.Operator, s.Service.Owner, s.Service.Auditor}
	for _, r := range s.Reviewers {
		all = append(append(all, r.Address), r.Aliases...)
	}
	for i, addr := range all {
		if addr != "" && !strings.Contains(intake.DomainOf(addr), ".") && !slices.Contains(all[:i], addr) {
			fmt.Fprintf(w, "mfabot: warning: %s has no whole domain, such as example.org: is a part of it missing?\n", addr)
		}
	}
}

// warnMailboxes warns of mailboxes where more is believed than proven.
func warnMailboxes(w io.Writer, s *config.Settings) {
	for _, m := range s.Mailboxes {
		if m.Trust.AllowUnauthenticated {
			fmt.Fprintf(w, "mfabot: warning: mailbox %q believes every sender (allow_unauthenticated = true): "+
				"anybody can approve\n", m.Name)
		}
		if m.Mistaken() {
			fmt.Fprintf(w, "mfabot: warning: mailbox %q believes what Exchange Online says, and its server %s "+
				"is not one of Exchange Online's: whoever writes to it can say so too (exchange_online = true)\n",
				m.Name, m.Addr)
		}
	}
}

// warnLetters warns of what keeps letters from being of use: nobody who may ask, or somebody else's telephone number in them; and
// of a folder in which no backup could be made.
func warnLetters(w io.Writer, s *config.Settings) error {
	if s.Sites.Len() == 0 {
		fmt.Fprintln(w, "mfabot: warning: there is no site in the register: every request is refused (sites)")
	}
	borrowed, err := s.Policy.Borrowed(s.Service.Address)
	if len(borrowed) > 0 {
		fmt.Fprintf(w, "mfabot: warning: letters give what is built in, and is NHSmail's: %s: "+
			"have your own in a policy of yours (policy, docs/policy.md)\n", strings.Join(borrowed, ", "))
	}
	if s.Backup != nil {
		if err := (backups.Folder{Dir: s.Backup.Dir}).Usable(); err != nil {
			fmt.Fprintf(w, "mfabot: warning: no backup could be made: %s (backup.dir)\n", printable(err.Error()))
		}
	}
	return err
}

// warnFolder warns where there is no folder for the database yet, or nothing can be noted in it.
func warnFolder(w io.Writer, s *config.Settings) {
	folder := filepath.Dir(s.KeyFile())
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(w, "mfabot: warning: there is no folder %[1]s for the database yet: make it for the user that runs mfabot: "+
			"install -d -o USER -m 700 %[1]s\n", printable(folder))
	} else if err := s.MayNote(); err != nil {
		fmt.Fprintf(w, "mfabot: warning: %s\n", printable(err.Error()))
	}
}

// warnTrial warns of a trial.
func warnTrial(w io.Writer, s *config.Settings) {
	if s.Trial != nil {
		fmt.Fprintf(w, "mfabot: warning: this is a trial: all letters but those to %s go to the operator, %s (trial.only)\n",
			cmp.Or(strings.Join(s.Trial.Only, ", "), "the operator"), s.Service.Operator)
	}
}

// warnSignIns warns of what keeps mfabot from signing in, now or soon.
func warnSignIns(w io.Writer, s *config.Settings) {
	for _, source := range s.Tokens {
		if source.NeedsLogin() {
			fmt.Fprintf(w, "mfabot: warning: nobody has signed in for [oauth.%[1]s] yet: mfabot login %[1]s\n", source.Name())
		}
	}
	for _, end := range s.SecretEnds {
		if words, _ := bot.EndsSoon(end, s.Now()); words != "" {
			fmt.Fprintf(w, "mfabot: warning: the client secret of [oauth.%s] %s (secret_ends)\n", end.Name, words)
		}
	}
}

// wrongBesides is what is wrong besides what the configuration says, however much of it could be read: with the words of
// emails, who is believed, who may read secrets, and the key.
func wrongBesides(ctx context.Context, s *config.Settings) (set *templates.Set, err error) {
	if s.Policy != nil {
		set, err = bot.Emails(s)
	}
	return set, errors.Join(err, s.CheckTrust(), s.CheckSecrets(), bot.CheckKey(ctx, s), bot.CheckNote(ctx, s))
}

// tellBelieved says of each mailbox who is believed there.
func tellBelieved(w io.Writer, s *config.Settings) {
	for _, m := range s.Mailboxes {
		_ = say(w, fmt.Sprintf("mailbox %q: ", m.Name), believed(m.Trust, s.Service.Resolver))
		if m.Trust.DKIM && !m.Trust.AllowUnauthenticated {
			_ = say(w, fmt.Sprintf("mailbox %q: ", m.Name), confirmed)
		}
	}
}

// confirmed says what follows where a signature is all the proof there is.
const confirmed = "whoever only a signature proves is asked by email to confirm each decision or request (dkim), unless it covers To, " +
	"and Sender or that there is none, as those of Microsoft 365 and Gmail do not; results of SPF spare them that"

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
