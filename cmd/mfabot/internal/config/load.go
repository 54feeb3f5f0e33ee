package config

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"mfabot/intake"
	"mfabot/intake/scan"
	"mfabot/store"
)

// loader turns a configFile into settings, and notes all that is wrong.
type loader struct {
	*intake.TOMLFile
	dir    string // the configuration's, to which paths are relative
	raw    *configFile
	others []error // about the other files
}

func (l *loader) settings() *Settings {
	s := &Settings{Service: l.raw.Service, Database: l.database(), Key: l.key(), Policy: l.policy(), Holidays: l.holidays()}
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
func (l *loader) register(s *Settings, own ownAddresses) (*Register, *intake.Sites) {
	if l.raw.Sites == "" {
		l.Bad("sites", "expected the file with the register of sites, such as sites.csv")
		return nil, nil
	}
	r := &Register{Path: l.path(l.raw.Sites), own: own, reviewers: s.Reviewers}
	for i, m := range s.Mailboxes {
		if m.Site != "" {
			key := fmt.Sprintf("mailbox[%d].site", i)
			r.needed = append(r.needed, neededSite{m.Site, l.Problem(key, "there is no site %q in %s", l.raw.Mailbox[i].Site, l.raw.Sites)})
		}
	}
	found := r.Look()
	if found.err != nil {
		l.Bad("sites", "%v", found.err)
		return nil, nil
	}
	sites, err := r.Read(found)
	if err != nil {
		l.others = append(l.others, err)
		return nil, nil
	}
	return r, sites
}

func (l *loader) service(s *Service) {
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

// Load reads the configuration and the files it names. All that is
// wrong with any of them comes back in one configError.
func Load(path string) (*Settings, error) {
	if path == "" {
		return nil, Error{errors.New("no configuration: expected --config FILE, or MFABOT_CONFIG in the environment")}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, Error{err}
	}
	var raw configFile
	f, err := intake.DecodeTOML(path, data, &raw)
	if err != nil {
		return nil, Error{err}
	}
	l := &loader{TOMLFile: f, dir: filepath.Dir(path), raw: &raw}
	s := l.settings()
	s.File = path
	if err := errors.Join(append([]error{f.Err()}, l.others...)...); err != nil {
		return nil, Error{err}
	}
	return s, nil
}
