package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"mfabot/intake"
	"mfabot/intake/mailbox"
	"mfabot/intake/scan"
	"mfabot/intake/senderauth"
	"mfabot/notify"
)

// configFile is mfabot.toml as it is written.
type configFile struct {
	Database string                 `toml:"database"`
	Sites    string                 `toml:"sites"`
	Policy   string                 `toml:"policy"`
	Service  serviceTable           `toml:"service"`
	Mailbox  []mailboxTable         `toml:"mailbox"`
	SMTP     smtpTable              `toml:"smtp"`
	Reviewer []reviewerTable        `toml:"reviewer"`
	OAuth    map[string]*oauthTable `toml:"oauth"`
	Evidence evidenceTable          `toml:"evidence"`
	Testing  testingTable           `toml:"testing"`
}

type serviceTable struct {
	Name     string `toml:"name"`
	Address  string `toml:"address"`
	Operator string `toml:"operator"`
	Listen   string `toml:"listen"`
}

type mailboxTable struct {
	Name         string     `toml:"name"`
	URL          string     `toml:"url"`
	PasswordFile string     `toml:"password_file"`
	OAuth        string     `toml:"oauth"`
	Site         string     `toml:"site"`
	CAFile       string     `toml:"ca_file"`
	Insecure     bool       `toml:"insecure"`
	Trust        trustTable `toml:"trust"`
}

type trustTable struct {
	AuthservID           string `toml:"authserv_id"`
	ExchangeOnline       bool   `toml:"exchange_online"`
	DKIM                 bool   `toml:"dkim"`
	AllowUnauthenticated bool   `toml:"allow_unauthenticated"`
}

type smtpTable struct {
	URL          string `toml:"url"`
	PasswordFile string `toml:"password_file"`
	OAuth        string `toml:"oauth"`
	CAFile       string `toml:"ca_file"`
	PerMinute    int    `toml:"per_minute"`
}

type reviewerTable struct {
	Address string   `toml:"address"`
	Name    string   `toml:"name"`
	Aliases []string `toml:"aliases"`
	Deputy  string   `toml:"deputy"`
}

type oauthTable struct {
	TokenURL         string   `toml:"token_url"`
	ClientID         string   `toml:"client_id"`
	ClientSecretFile string   `toml:"client_secret_file"`
	Scopes           []string `toml:"scopes"`
}

type evidenceTable struct {
	Clamd string `toml:"clamd"`
}

type testingTable struct {
	ClockOffset string `toml:"clock_offset"`
}

// settings is a configuration that was found right, with the files it names.
type settings struct {
	Database    string // a file
	Policy      *intake.Policy
	Sites       *intake.Sites
	Service     serviceTable
	Reviewers   intake.Reviewers
	Mailboxes   []watched
	Submission  notify.Submission
	Scanner     intake.Scanner // nil for none
	ClockOffset time.Duration
}

// watched is a mailbox to read, and whose mail in it is believed.
type watched struct {
	mailbox.Config
	Site  string
	Trust senderauth.Trust
}

// configError says that the configuration is wrong: exit status 2.
type configError struct{ error }

func (e configError) Unwrap() error { return e.error }

// loadSettings reads the configuration and the files it names. All that is
// wrong with any of them comes back in one configError.
func loadSettings(path string) (*settings, error) {
	if path == "" {
		return nil, configError{errors.New("no configuration: expected --config FILE, or MFABOT_CONFIG in the environment")}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, configError{err}
	}
	var raw configFile
	f, err := intake.DecodeTOML(path, data, &raw)
	if err != nil {
		return nil, configError{err}
	}
	l := &loader{TOMLFile: f, dir: filepath.Dir(path), raw: &raw}
	s := l.settings()
	if err := errors.Join(append([]error{f.Err()}, l.others...)...); err != nil {
		return nil, configError{err}
	}
	return s, nil
}

// loader turns a configFile into settings, and notes all that is wrong.
type loader struct {
	*intake.TOMLFile
	dir    string // the configuration's, to which paths are relative
	raw    *configFile
	others []error // about the other files
}

func (l *loader) settings() *settings {
	s := &settings{Service: l.raw.Service, Database: l.database(), Policy: l.policy(), Sites: l.sites()}
	l.service(&s.Service)
	s.Reviewers = l.reviewers(s.Service.Address)
	if s.Policy != nil {
		for _, r := range s.Policy.LongTerm.Reasons {
			if n := len(s.Reviewers); n > 0 && r.Approvals > n {
				l.Bad("reviewer", "expected %d reviewers at least: the policy's reason %q needs the approval of as many", r.Approvals, r.ID)
			}
		}
	}
	if s.Sites != nil {
		if site, ok := s.Sites.ByMailbox(s.Service.Address); ok {
			l.Bad("service.address", "%s is also the mailbox of the site %s: expected an address of the service's own", s.Service.Address, site.ODSCode)
		}
	}
	seen := make(map[string]bool)
	for i, m := range l.raw.Mailbox {
		w := l.mailbox(fmt.Sprintf("mailbox[%d]", i), m, s)
		if seen[w.Name] {
			l.Bad(fmt.Sprintf("mailbox[%d].name", i), "expected a name of its own: %q is another mailbox's", w.Name)
		}
		seen[w.Name] = true
		s.Mailboxes = append(s.Mailboxes, w)
	}
	if len(l.raw.Mailbox) == 0 {
		l.Bad("mailbox", "expected at least one [[mailbox]]")
	}
	s.Submission = l.submission()
	if address := l.raw.Evidence.Clamd; address != "" {
		c, err := scan.New(address)
		if err != nil {
			l.Bad("evidence.clamd", "%v", err)
		} else {
			s.Scanner = c
		}
	}
	if offset := l.raw.Testing.ClockOffset; offset != "" {
		var err error
		if s.ClockOffset, err = intake.ParseDuration(offset); err != nil {
			l.Bad("testing.clock_offset", "expected a duration such as 24h, -1h or 180d, not %q", offset)
		}
	}
	return s
}

func (l *loader) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(l.dir, p)
}

func (l *loader) database() string {
	file, ok := strings.CutPrefix(l.raw.Database, "sqlite:")
	switch {
	case strings.HasPrefix(l.raw.Database, "postgres://"), strings.HasPrefix(l.raw.Database, "postgresql://"):
		l.Bad("database", "this version keeps its data in SQLite only: expected sqlite:FILE")
	case !ok || file == "":
		l.Bad("database", "expected sqlite:FILE, not %q", l.raw.Database)
	}
	return l.path(file)
}

func (l *loader) policy() *intake.Policy {
	read := intake.DefaultPolicy
	if l.raw.Policy != "" {
		path := l.path(l.raw.Policy)
		data, err := os.ReadFile(path)
		if err != nil {
			l.Bad("policy", "%v", err)
			return nil
		}
		read = func() (*intake.Policy, error) { return intake.ReadPolicy(path, data) }
	}
	p, err := read()
	if err != nil {
		l.others = append(l.others, err)
	}
	return p
}

func (l *loader) sites() *intake.Sites {
	if l.raw.Sites == "" {
		l.Bad("sites", "expected the file with the register of sites, such as sites.csv")
		return nil
	}
	path := l.path(l.raw.Sites)
	f, err := os.Open(path)
	if err != nil {
		l.Bad("sites", "%v", err)
		return nil
	}
	defer func() { _ = f.Close() }()
	s, err := intake.ReadSites(path, f)
	if err != nil {
		l.others = append(l.others, err)
		return nil
	}
	return s
}

func (l *loader) service(s *serviceTable) {
	if strings.TrimSpace(s.Name) == "" {
		l.Bad("service.name", "expected the name that people see as the sender")
	}
	s.Address = l.address("service.address", s.Address)
	s.Operator = l.address("service.operator", s.Operator)
	if s.Address == s.Operator && s.Address != "" {
		l.Bad("service.operator", "expected another address than the service's own, which would answer itself")
	}
	if s.Listen == "" {
		return
	}
	if _, port, err := net.SplitHostPort(s.Listen); err != nil || !isPort(port) {
		l.Bad("service.listen", "expected an address and a port such as 127.0.0.1:8025, not %q", s.Listen)
	}
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

func (l *loader) address(key, addr string) string {
	if !intake.IsAddress(addr) {
		l.Bad(key, "expected an email address such as mfa@example.org, not %q", addr)
	}
	return intake.Canonical(addr)
}

func (l *loader) reviewers(own string) intake.Reviewers {
	var out intake.Reviewers
	taken := map[string]bool{own: true}
	for i, r := range l.raw.Reviewer {
		key := fmt.Sprintf("reviewer[%d]", i)
		rev := intake.Reviewer{Address: l.address(key+".address", r.Address), Name: strings.TrimSpace(r.Name)}
		if rev.Name == "" {
			l.Bad(key+".name", "expected the reviewer's name")
		}
		for _, a := range r.Aliases {
			rev.Aliases = append(rev.Aliases, l.address(key+".aliases", a))
		}
		if r.Deputy != "" {
			rev.Deputy = l.address(key+".deputy", r.Deputy)
		}
		for _, a := range append([]string{rev.Address}, rev.Aliases...) {
			if taken[a] {
				l.Bad(key+".address", "%s is the service's own address or another reviewer's: expected an address of this reviewer alone", a)
			}
			taken[a] = true
		}
		out = append(out, rev)
	}
	if len(out) == 0 {
		l.Bad("reviewer", "expected at least one [[reviewer]]")
	}
	return out
}
