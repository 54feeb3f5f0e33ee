//go:build real

package main

import (
	"context"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/demo"
	"mfabot/cmd/mfabot/internal/post"
)

// TestRealStory plays the story of the demonstration on Postfix and Dovecot: people's mail goes in by SMTP,
// the bot reads it by IMAP and sends by SMTP, and its letters are read in people's mailboxes.
func TestRealStory(t *testing.T) {
	for _, c := range []struct {
		name string
		opt  post.RealOptions
	}{
		{"as Debian ships it", post.RealOptions{}},
		{"without extensions", post.RealOptions{HideCapabilities: []string{"MOVE", "UIDPLUS", "IDLE", "LITERAL+", "SPECIAL-USE", "UNSELECT"}}},
		{"a dot between folders", post.RealOptions{Separator: "."}},
		{"Courier", post.RealOptions{IMAPServer: post.Courier}},
		{"Cyrus", post.RealOptions{IMAPServer: post.Cyrus}},
		{"Cyrus with a dot between folders", post.RealOptions{IMAPServer: post.Cyrus, Separator: "."}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
			defer cancel()
			office, err := post.Real(ctx, "", demo.Accounts(), c.opt)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := office.Close(); err != nil {
					t.Error(err)
				}
			}()
			summary, err := demo.Play(ctx, office, t.TempDir(), testWriter{t})
			if err != nil {
				t.Fatal(err)
			}
			t.Log(summary)
		})
	}
}

// testWriter shows the story in the log of the test.
type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(string(p))
	return len(p), nil
}
