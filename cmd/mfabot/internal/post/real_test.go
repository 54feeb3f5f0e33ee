//go:build real

package post

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

var hidden = []string{"MOVE", "UIDPLUS", "IDLE", "LITERAL+", "SPECIAL-USE", "UNSELECT"}

func TestReal(t *testing.T) {
	for name, opt := range map[string]RealOptions{
		"as installed":   {},
		"STARTTLS":       {IMAPSecurity: StartTLS},
		"hiding":         {HideCapabilities: hidden},
		"like Courier's": {HideCapabilities: hidden, Separator: "."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := real(t, opt)
			testOffice(t, o)
			testCapabilities(t, o, opt.HideCapabilities)
			testSeparator(t, o, opt.Separator)
		})
	}
}

func real(t *testing.T, opt RealOptions) *Office {
	t.Helper()
	o, err := Real(t.Context(), "", accounts(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

func testCapabilities(t *testing.T, o *Office, hiding []string) {
	c, release, err := o.connectIMAP(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	defer c.Close()
	for _, name := range hiding {
		if c.Caps().Has(imap.Cap(name)) {
			t.Errorf("%s is shown before the login", name)
		}
	}
	if err := c.Login(desk, o.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	for _, name := range hidden {
		if want := len(hiding) == 0; c.Caps().Has(imap.Cap(name)) != want {
			t.Errorf("%s shown: %t, want %t", name, !want, want)
		}
	}
}

func testSeparator(t *testing.T, o *Office, separator string) {
	if separator == "" {
		separator = "/"
	}
	err := o.withMailbox(t.Context(), asha, func(c *imapclient.Client) error {
		folders, err := c.List("", "*", nil).Collect()
		for _, f := range folders {
			if string(f.Delim) != separator {
				t.Errorf("%s is separated by %q", f.Mailbox, f.Delim)
			}
			if separator == "." && !strings.HasPrefix(f.Mailbox, "INBOX") {
				t.Errorf("%s is not below INBOX", f.Mailbox)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRealFailsToStart(t *testing.T) {
	dir, err := os.MkdirTemp("", "post")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	_, err = Real(t.Context(), dir, accounts(), RealOptions{Separator: "no separator"})
	if err == nil || !strings.Contains(err.Error(), "separator") {
		t.Errorf("%v, want what Dovecot says", err)
	}
	shut := filepath.Join(dir, "shut", "inner")
	if err := os.MkdirAll(shut, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Real(t.Context(), shut, accounts(), RealOptions{}); err == nil || !strings.Contains(err.Error(), "may not enter") {
		t.Errorf("%v, want that the servers may not enter the folder", err)
	}
	if _, err := Real(t.Context(), filepath.Join(dir, strings.Repeat("long", 20)), accounts(), RealOptions{}); err == nil {
		t.Error("a name too long for sockets was taken")
	}
}
