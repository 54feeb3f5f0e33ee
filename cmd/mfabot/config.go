package main

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
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
	"mfabot/store"
	"mfabot/templates"
)

// configFile is mfabot.toml as it is written.
type configFile struct {
	Database  string                 `toml:"database"`
	Sites     string                 `toml:"sites"`
	Policy    string                 `toml:"policy"`
	AgeFile   string                 `toml:"age_identity_file"`
	Holidays  string                 `toml:"holidays"`
	Service   serviceTable           `toml:"service"`
	Mailbox   []mailboxTable         `toml:"mailbox"`
	SMTP      smtpTable              `toml:"smtp"`
	Reviewer  []reviewerTable        `toml:"reviewer"`
	OAuth     map[string]*oauthTable `toml:"oauth"`
	Evidence  evidenceTable          `toml:"evidence"`
	Directory directoryTable         `toml:"directory"`
	Testing   testingTable           `toml:"testing"`
}

type serviceTable struct {
	Name        string `toml:"name"`
	Address     string `toml:"address"`
	Operator    string `toml:"operator"`
	Auditor     string `toml:"auditor"`
	Listen      string `toml:"listen"`
	Resolver    string `toml:"resolver"`
	PlusAddress bool   `toml:"plus_address"`
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

type directoryTable struct {
	Kind         string   `toml:"kind"`
	Group        string   `toml:"group"`
	OAuth        string   `toml:"oauth"`
	URL          string   `toml:"url"`
	BindDN       string   `toml:"bind_dn"`
	PasswordFile string   `toml:"password_file"`
	Base         string   `toml:"base"`
	Filter       string   `toml:"filter"`
	Member       string   `toml:"member"`
	CAFile       string   `toml:"ca_file"`
	Command      []string `toml:"command"`
}

type testingTable struct {
	ClockOffset string `toml:"clock_offset"`
}

// settings is a configuration that was found right, with the files it names.
type settings struct {
	Database    string     // a file
	Key         *store.Key // of raw messages; nil where they are not encrypted
	Policy      *intake.Policy
	Holidays    intake.Holidays
	Sites       *intake.Sites
	Register    *register // the file of the sites; nil where they come from none
	Service     serviceTable
	Reviewers   intake.Reviewers
	Mailboxes   []watched
	Submission  notify.Submission
	Scanner     intake.Scanner   // nil for none
	Directory   intake.Directory // nil for none
	ClockOffset time.Duration

	// What a test puts in place of the usual, which nil stands for.
	disk   driver.Driver  // below the database
	random io.Reader      // of which review codes and Message-IDs are made
	emails *templates.Set // parsed already
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
	s := &settings{Service: l.raw.Service, Database: l.database(), Key: l.key(), Policy: l.policy(), Holidays: l.holidays()}
	l.service(&s.Service)
	s.Mailboxes = l.mailboxes(s.Policy)
	own := l.own(s)
	s.Reviewers = l.reviewers(own)
	if s.Policy != nil {
		for _, r := range s.Policy.LongTerm.Reasons {
			if n := len(s.Reviewers.Regular()); n > 0 && r.Approvals > n {
				l.Bad("reviewer", "expected %d reviewers at least: the policy's reason %q needs the approval of as many", r.Approvals, r.ID)
			}
		}
	}
	s.Register, s.Sites = l.register(s, own)
	s.Submission = l.submission()
	if address := l.raw.Evidence.Clamd; address != "" {
		c, err := scan.New(address)
		if err != nil {
			l.Bad("evidence.clamd", "%v", err)
		} else {
			s.Scanner = c
		}
	}
	s.Directory = l.directory()
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

// key reads the key of raw messages; nil for none.
func (l *loader) key() *store.Key {
	if l.raw.AgeFile == "" {
		return nil
	}
	k, err := store.ReadKey(l.path(l.raw.AgeFile))
	if err != nil {
		l.Bad("age_identity_file", "%v", err)
	}
	return k
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

func (l *loader) holidays() intake.Holidays {
	read := intake.DefaultHolidays
	if l.raw.Holidays != "" {
		path := l.path(l.raw.Holidays)
		data, err := os.ReadFile(path)
		if err != nil {
			l.Bad("holidays", "%v", err)
			return intake.Holidays{}
		}
		read = func() (intake.Holidays, error) { return intake.ReadHolidays(path, data) }
	}
	h, err := read()
	if err != nil {
		l.others = append(l.others, err)
	}
	return h
}

// register reads the sites, and keeps what a later register must fit.
func (l *loader) register(s *settings, own ownAddresses) (*register, *intake.Sites) {
	if l.raw.Sites == "" {
		l.Bad("sites", "expected the file with the register of sites, such as sites.csv")
		return nil, nil
	}
	r := &register{path: l.path(l.raw.Sites), own: own, reviewers: s.Reviewers}
	for i, m := range s.Mailboxes {
		if m.Site != "" {
			key := fmt.Sprintf("mailbox[%d].site", i)
			r.needed = append(r.needed, neededSite{m.Site, l.Problem(key, "there is no site %q in %s", l.raw.Mailbox[i].Site, l.raw.Sites)})
		}
	}
	found := r.look()
	if found.err != nil {
		l.Bad("sites", "%v", found.err)
		return nil, nil
	}
	sites, err := r.read(found)
	if err != nil {
		l.others = append(l.others, err)
		return nil, nil
	}
	return r, sites
}

func (l *loader) service(s *serviceTable) {
	if strings.TrimSpace(s.Name) == "" {
		l.Bad("service.name", "expected the name that people see as the sender")
	}
	s.Address = l.address("service.address", s.Address)
	s.Operator = l.address("service.operator", s.Operator)
	if s.Auditor != "" {
		s.Auditor = l.address("service.auditor", s.Auditor)
	}
	l.hostPort("service.listen", s.Listen, "127.0.0.1:8025")
	l.hostPort("service.resolver", s.Resolver, "127.0.0.1:53")
}

// hostPort checks an address of the network, which may be left out.
func (l *loader) hostPort(key, addr, example string) {
	_, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if addr != "" && err != nil {
		l.Bad(key, "expected an address and a port such as %s, not %q", example, addr)
	}
}

func (l *loader) address(key, addr string) string {
	if !intake.IsAddress(addr) {
		l.Bad(key, "expected an email address such as mfa@example.org, not %q", addr)
	}
	return intake.Canonical(addr)
}
