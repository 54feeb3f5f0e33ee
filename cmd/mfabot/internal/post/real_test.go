//go:build real

package post

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

var hidden = []string{"MOVE", "UIDPLUS", "IDLE", "LITERAL+", "SPECIAL-USE", "UNSELECT"}

func TestReal(t *testing.T) {
	likeCourier := strings.Fields("MOVE LITERAL+ SPECIAL-USE UNSELECT")
	for name, c := range map[string]struct {
		opt   RealOptions
		lacks []string // of those that can be hidden
	}{
		"as installed":          {},
		"STARTTLS":              {opt: RealOptions{IMAPSecurity: StartTLS}},
		"hiding":                {RealOptions{HideCapabilities: hidden}, hidden},
		"like Courier's":        {RealOptions{HideCapabilities: hidden, Separator: "."}, hidden},
		"Courier":               {RealOptions{IMAPServer: Courier, Separator: "."}, likeCourier},
		"Courier with STARTTLS": {RealOptions{IMAPServer: Courier, Separator: ".", IMAPSecurity: StartTLS}, likeCourier},
		"Cyrus":                 {opt: RealOptions{IMAPServer: Cyrus, IMAPSecurity: StartTLS}},
		"Cyrus with dots":       {opt: RealOptions{IMAPServer: Cyrus, Separator: "."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := real(t, c.opt)
			testOffice(t, o)
			testCapabilities(t, o, c.lacks)
			testSeparator(t, o, c.opt.Separator)
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
		if t.Failed() {
			t.Log(o.Log())
		}
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

func testCapabilities(t *testing.T, o *Office, lacks []string) {
	c, release, err := o.connectIMAP(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	defer c.Close()
	for _, name := range lacks {
		if c.Caps().Has(imap.Cap(name)) {
			t.Errorf("%s is shown before the login", name)
		}
	}
	if err := c.Login(desk, o.Password).Wait(); err != nil {
		t.Fatal(err)
	}
	for _, name := range hidden {
		if want := !slices.Contains(lacks, name); c.Caps().Has(imap.Cap(name)) != want {
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
