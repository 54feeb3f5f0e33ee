// Package config reads the configuration and the files it names into settings, and says
// all that is wrong with them at once, with file, line and key.
package config

import (
	"errors"
	"fmt"
	"time"

	"mfabot/intake"
	"mfabot/intake/mailbox"
	"mfabot/intake/senderauth"
	"mfabot/notify"
	"mfabot/store"
)

// Settings is a configuration that was found right, with the files it names.
type Settings struct {
	File        string     // mfabot.toml; empty where the settings come from none
	Database    string     // a file
	Key         *store.Key // of raw messages; nil where they are not encrypted
	Policy      *intake.Policy
	Holidays    intake.Holidays
	Sites       *intake.Sites
	Register    *Register // the file of the sites; nil where they come from none
	Service     Service
	Reviewers   intake.Reviewers
	Mailboxes   []Mailbox
	Submission  notify.Submission
	Scanner     intake.Scanner   // nil for none
	Directory   intake.Directory // nil for none
	ClockOffset time.Duration
}

// Mailbox is a mailbox to read, and whose mail in it is believed.
type Mailbox struct {
	mailbox.Config
	Site  string
	Trust senderauth.Trust
}

// Error says that the configuration is wrong: exit status 2.
type Error struct{ error }

// Now is the system's, moved by the configured offset.
func (s *Settings) Now() time.Time { return time.Now().Add(s.ClockOffset) }

// KeyFile holds the key for review codes.
func (s *Settings) KeyFile() string { return s.Database + ".key" }

// Untrusting says of which mailboxes nothing proves the senders; nil for none.
func (s *Settings) Untrusting() error {
	var errs []error
	for i, m := range s.Mailboxes {
		if !m.Trust.Any() {
			errs = append(errs, Error{&intake.FileError{File: s.File, Key: fmt.Sprintf("mailbox[%d].trust", i),
				Want: fmt.Sprintf("nothing says how the senders of mailbox %q are proven, so that nobody would be believed and every message set aside: "+
					"expected authserv_id, exchange_online or dkim under [mailbox.trust]", m.Name)}})
		}
	}
	return errors.Join(errs...)
}

func (e Error) Unwrap() error { return e.error }
