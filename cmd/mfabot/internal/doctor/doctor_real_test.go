//go:build real

package doctor

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
)

const helpdeskServer = "192.0.2.10"

// TestReal: of servers in use every line is ok but for what they have not, and each thing that is wrong is told by its line.
func TestReal(t *testing.T) {
	for _, c := range []struct {
		name   string
		opt    post.RealOptions
		wrong  map[string]string // what is found, by the check; empty for nothing
		covers []string          // fields that its signatures cover though a message lacks them
	}{
		{name: "Dovecot"},
		{name: "Dovecot without MOVE", opt: post.RealOptions{HideCapabilities: []string{"MOVE"}},
			wrong: map[string]string{"mailbox helpdesk: capabilities": "no MOVE"}},
		{name: "Courier", opt: post.RealOptions{IMAPServer: post.Courier},
			wrong: map[string]string{"mailbox helpdesk: capabilities": "no MOVE"}},
		{name: "Cyrus", opt: post.RealOptions{IMAPServer: post.Cyrus}},
		{name: "own users' mail signed and verified", opt: post.RealOptions{SignsOwn: true}, covers: []string{"To", "Sender"},
			wrong: map[string]string{"round trip": ""}},
		{name: "own users' mail signed as it comes", opt: post.RealOptions{SignsOwn: true},
			wrong: map[string]string{"round trip": "the signature does not say that there is no Sender"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
			defer cancel()
			c.opt.Domains = []post.Domain{{Name: "helpdesk.test", Outgoing: helpdeskServer, Oversigned: c.covers}}
			office, err := post.Real(ctx, "", []string{ourAddress, "asha@helpdesk.test", "ops@helpdesk.test"}, c.opt)
			done(t, err)
			defer func() { done(t, office.Close()) }()
			raw, err := office.Sign(ctx, "helpdesk.test", []byte("From: asha@helpdesk.test\r\nTo: mfa@helpdesk.test\r\n"+
				"Message-ID: <1@helpdesk.test>\r\nDate: "+time.Now().Format(time.RFC1123Z)+"\r\nSubject: Hello\r\n\r\nI am here.\r\n"))
			done(t, err, office.Deliver(ctx, helpdeskServer, "asha@helpdesk.test", []string{ourAddress}, raw))
			_, err = office.Await(ctx, ourAddress, func([]byte) bool { return true })
			done(t, err)
			expect(t, told(ctx, t, office), c.wrong)
			if got, err := office.Read(ctx, ourAddress, "Processed"); err != nil || len(got) != 0 {
				t.Errorf("Processed holds %d, %v", len(got), err)
			}
		})
	}
}

// told are the lines about an office, with a message to ourselves.
func told(ctx context.Context, t *testing.T, o *post.Office) (lines []Line) {
	t.Helper()
	text, err := os.ReadFile("testdata/mfabot.toml")
	done(t, err)
	dir := t.TempDir()
	toml := strings.NewReplacer("imap.helpdesk.test:993", o.IMAPAddr, "smtps://", "smtp+starttls://", "smtp.helpdesk.test:465", o.SMTPAddr,
		`"ca.pem"`, fmt.Sprintf("%q", o.CAFile), `"mx.helpdesk.test"`, fmt.Sprintf("%q", o.AuthservID)).Replace(string(text))
	toml = strings.Replace(toml, "[[mailbox]]", fmt.Sprintf("resolver = %q\n[[mailbox]]", o.Resolver), 1)
	policy, err := intake.WithTelephone("01632 960123")
	done(t, err)
	for name, text := range map[string]string{"mfabot.toml": toml, "password": o.Password,
		"policy.toml": string(policy), "sites.csv": "ods_code,name,kind,mailbox\nFX101,Oak Street Pharmacy,pharmacy,oakstreet@pharmacy.test\n"} {
		done(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	s, err := config.Load(filepath.Join(dir, "mfabot.toml"))
	done(t, err)
	_, err = New(s, Surroundings{Send: true}).Examine(ctx, func(l Line) { lines = append(lines, l) })
	done(t, err)
	return lines
}

// expect compares the lines that are not ok with those that are to be.
func expect(t *testing.T, lines []Line, wrong map[string]string) {
	t.Helper()
	// The test's certificate is not good for long, and its Postfix does not check what its own users hand in.
	also := map[string]string{"mailbox helpdesk: TLS": "in 0 days", "submission: TLS": "in 0 days", "round trip": "is not proven"}
	maps.Copy(also, wrong)
	wrong = also
	for _, l := range lines {
		found, is := wrong[l.Check]
		is = is && found != ""
		if is == (l.State == OK) || !strings.Contains(l.Found, found) {
			t.Errorf("%s: %s: %s", l.Check, l.State, l.Found)
		}
	}
	for check := range wrong {
		if !slices.ContainsFunc(lines, func(l Line) bool { return l.Check == check }) {
			t.Errorf("there is no %s", check)
		}
	}
	t.Log("\n" + shown(lines))
}
