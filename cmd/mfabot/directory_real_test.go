//go:build real

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
	"mfabot/intake/directory/slapdtest"
	"mfabot/intake/enforce"
)

// TestRealDirectory plays exceptions on a real LDAP server: what is approved is applied, what is over is
// removed, changes by hand are found, and a server that was down is updated once it is back.
func TestRealDirectory(t *testing.T) {
	s := slapdtest.Start(t)
	user := make(map[string]string) // DNs, by address
	for _, who := range []string{sam, rosa, tom} {
		name, _, _ := strings.Cut(who, " <")
		user[who] = s.AddUser(name, "mail: "+post.Bare(who))
	}
	stray := s.AddUser("Stray", "mail: stray@pharmacy.test")
	l := newLife(t, configuredDirectory(t, s))
	exempt := func(what string, want ...string) {
		t.Helper()
		dns := []string{slapdtest.BindDN} // a groupOfNames is never empty
		for _, who := range want {
			dns = append(dns, user[who])
		}
		slices.Sort(dns)
		if got := slices.Sorted(slices.Values(s.Members())); !slices.Equal(got, dns) {
			t.Fatalf("%s: the group has %q, expected %q", what, got, dns)
		}
	}

	for _, ask := range []struct{ site, who string }{{pharmacy, sam}, {dentist, rosa}} {
		l.write(l.scene.asks(ask.site, ask.who, "Persistent work in a secure location"))
		l.write(l.scene.reply(asha, l.letter(intake.LetterReview, asha), "APPROVE"))
	}
	exempt("approved", sam, rosa)
	if _, err := l.bot.Desk.RevokeByHand(t.Context(), "LT-2026-00002", "left", "Asha Patel"); err != nil {
		t.Fatal(err)
	}
	l.step()
	exempt("revoked", sam)

	s.RemoveMember(user[sam])
	s.AddMember(stray)
	d, err := l.bot.Enforcer.Drift(t.Context())
	if err != nil || len(d.Strays) != 1 || d.Strays[0].ID != stray || len(d.Unapplied) != 1 || d.Unapplied[0].Ref != "LT-2026-00001" {
		t.Fatalf("drift: %+v, %v", d, err)
	}
	done(t, mend(t.Context(), l.bot, d, "Asha Patel"))
	exempt("reconciled", sam)

	grantedWhileDown(t, l, s, exempt)
	l.pass(25 * time.Hour)
	exempt("24 hours are over", sam)
	l.until(intake.LetterEnded, pharmacy, 1)
	exempt("180 days are over")
	if o := l.goesOut(intake.LetterEnded, pharmacy); o.Facts.Waiting {
		t.Errorf("the letter says that the user is not prompted yet: %+v", o.Facts)
	}
}

// grantedWhileDown has Tom granted an exception while the server is down. What Sam has is not touched.
func grantedWhileDown(t *testing.T, l *life, s *slapdtest.Server, exempt func(what string, want ...string)) {
	t.Helper()
	s.Stop()
	if _, err := l.bot.Desk.Grant(t.Context(), post.Bare(tom), "phone-misplaced", "", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := l.bot.Enforce(t.Context()); err == nil {
		t.Fatal("a server that is down gave no error")
	}
	if o := l.goesOut(intake.LetterGranted, tom); !o.Facts.Waiting {
		t.Errorf("the letter does not say that the exception does not work yet: %+v", o.Facts)
	}
	s.StartAgain()
	exempt("before it is tried again", sam)
	l.pass(10 * time.Minute)
	exempt("granted while the server was down", sam, tom)
	if o := l.goesOut(intake.LetterGranted, tom); o.Facts.Waiting {
		t.Errorf("the letter says that the exception does not work yet: %+v", o.Facts)
	}
}

// configuredDirectory is the directory of a configuration for a server.
func configuredDirectory(t *testing.T, s *slapdtest.Server) enforce.Directory {
	t.Helper()
	dir := newScene(t).dir
	text, err := os.ReadFile(filepath.Join(dir, "mfabot.toml"))
	done(t, err)
	text = fmt.Appendf(text, directoryConfig, strings.Replace(s.URL, "ldap://", "ldap+starttls://", 1),
		slapdtest.BindDN, slapdtest.Users, slapdtest.Group, s.CAFile)
	done(t, os.WriteFile(filepath.Join(dir, "mfabot.toml"), text, 0o600))
	done(t, os.WriteFile(filepath.Join(dir, "ldap.password"), []byte(slapdtest.Password+"\n"), 0o600))
	set, err := config.Load(filepath.Join(dir, "mfabot.toml"))
	done(t, err)
	return set.Directory
}

// directoryConfig takes the URL, who logs in, where users are, the group, and the authority of the
// certificate.
const directoryConfig = `
[directory]
kind          = "ldap"
url           = "%s"
bind_dn       = "%s"
password_file = "ldap.password"
base          = "%s"
group         = "%s"
ca_file       = "%s"
`

// goesOut is the newest letter of a kind to somebody, as it would be sent now.
func (l *life) goesOut(template intake.Template, to string) intake.Outbound {
	l.t.Helper()
	o, err := l.bot.Enforcer.WithDirectory(l.t.Context(), l.letter(template, to).Outbound)
	done(l.t, err)
	return o
}
