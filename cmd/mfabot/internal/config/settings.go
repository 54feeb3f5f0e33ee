// Package config reads the configuration and the files it names into settings, and says all that is wrong
// with them at once, with file, line and key.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"mfabot/cmd/mfabot/internal/token"
	"mfabot/intake"
	"mfabot/intake/enforce"
	"mfabot/intake/inbound"
	"mfabot/intake/mailbox"
	"mfabot/intake/senderauth"
	"mfabot/notify"
	"mfabot/store"
)

// Settings is a configuration without fault, with the files it names.
type Settings struct {
	File        string        // mfabot.toml; empty if the settings do not come from a file
	Database    string        // a file, or what a database of a server is called
	Server      *store.Server // of PostgreSQL; nil for SQLite
	Key         *store.Key    // encrypts raw messages; nil if they are not encrypted
	Policy      *intake.Policy
	Holidays    intake.Holidays
	Templates   string // the folder of the operator's own words in emails; empty for none
	Sites       *intake.Sites
	Register    *Register // where the sites come from; nil if not from a file
	Service     Service
	Page        Page
	Reviewers   intake.Reviewers
	Mailboxes   []Mailbox
	Submission  notify.Submission
	Tokens      []*token.Source // by name
	SecretEnds  []SecretEnd
	CAs         CAs
	Scanner     inbound.Scanner   // nil for none
	Directory   enforce.Directory // nil for none
	Alarm       Alarm
	Backup      *Backup // nil where the bot makes none
	Log         Log
	Trial       *notify.Trial // nil where there is none
	ClockOffset time.Duration
	keyFile     string    // empty for beside the database's file
	exposed     exposures // see CheckExposed
	missing     missing
}

// Mailbox is a mailbox to read, and how its senders are proven.
type Mailbox struct {
	mailbox.Config
	Site  string // the ODS code of the site whose own it is; empty for the service's
	Trust senderauth.Trust
	Since time.Time // what came before is left alone; zero: what came before the day of the first start
	CA    string    // the file with whom else its server's certificate may be signed by; empty for the system's roots
}

// Mistaken reports whether a mailbox is said to be Exchange Online's, and its server is another: that leaves Exchange
// Online's mark of mail from inside the tenant as whoever sent a message wrote it, and the mark would be believed.
func (m Mailbox) Mistaken() bool {
	host, _, _ := net.SplitHostPort(m.Addr)
	return m.Trust.ExchangeOnline && !slices.ContainsFunc([]string{"office365.com", "office.com", "office365.us", "partner.outlook.cn"},
		func(domain string) bool { return strings.HasSuffix("."+strings.ToLower(host), "."+domain) })
}

// CAs are the files with whom the certificates of the other servers may be signed by, as Mailbox.CA is of its own.
type CAs struct{ Submission, Directory string }

// Error says that the configuration is wrong.
type Error struct{ error }

// Wrong is an Error for what is wrong with a file that the configuration names.
func Wrong(err error) Error { return Error{err} }

// Unwrap returns what is wrong with it.
func (e Error) Unwrap() error { return e.error }

// Now is the time of the system's clock, moved by the configured offset.
func (s *Settings) Now() time.Time { return time.Now().Add(s.ClockOffset) }

// KeyFile is the file with the key that makes review codes and seals the audit.
func (s *Settings) KeyFile() string { return cmp.Or(s.keyFile, s.Database+".key") }

// InFile is the settings with a database in a file in the place of theirs.
func (s *Settings) InFile(file string) *Settings {
	other := *s
	other.Database, other.Server, other.keyFile = file, nil, ""
	return &other
}

// BackupFile is the file that says when the database was last copied.
func (s *Settings) BackupFile() string { return strings.TrimSuffix(s.KeyFile(), ".key") + ".backup" }

// CheckTrust returns an Error for each mailbox in which nothing proves the senders, joined.
func (s *Settings) CheckTrust() error {
	var errs []error
	for i, m := range s.Mailboxes {
		if !m.Trust.Any() {
			errs = append(errs, Error{&intake.FileError{File: s.File, Key: fmt.Sprintf("mailbox[%d].trust", i),
				Want: fmt.Sprintf("nothing proves the senders of mailbox %q, "+
					"so that nobody would be believed and every message set aside: "+
					"expected authserv_id, exchange_online or dkim under [mailbox.trust]", m.Name)}})
		}
	}
	return errors.Join(errs...)
}
