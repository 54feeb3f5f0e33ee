package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"mfabot/cmd/mfabot/internal/token"
	"mfabot/intake"
	"mfabot/intake/inbound"
	"mfabot/intake/scan"
	"mfabot/store"
)

// Load reads the configuration and the files it names. Where no path is given it is looked for. All that is wrong with any
// of them comes back in one Error.
func Load(path string) (*Settings, error) {
	s, err := Partly(path)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// LoadBeside is Load for a command beside which a bot may run: it may be somebody's who may read no secret. Each is read where it is
// needed, and what is wrong with it is said there.
func LoadBeside(path string) (*Settings, error) {
	s, wrong, _, err := read(path)
	if err == nil && wrong != nil {
		err = Error{wrong}
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Find returns the first of some files that is there, with what is in it, unless somebody else may have put it there.
func Find(places ...string) (path string, text []byte, err error) {
	var missing []string
	for _, place := range places {
		if path, err = filepath.Abs(place); err != nil {
			return "", nil, err
		}
		if text, err = readFound(path); !errors.Is(err, fs.ErrNotExist) {
			return path, text, err
		}
		missing = append(missing, path)
	}
	return "", nil, Error{fmt.Errorf("no configuration: looked for %s; expected one of them, --config FILE, or "+
		"MFABOT_CONFIG in the environment (mfabot init writes one)", strings.Join(missing, " and "))}
}

// Partly is Load for who wants to see what else is wrong: beside an Error it returns the settings as far as they could be
// read, and nil if nothing could. They are not to be acted on.
func Partly(path string) (*Settings, error) {
	s, wrong, unread, err := read(path)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(wrong, unread); err != nil {
		return s, Error{err}
	}
	return s, nil
}

// read reads the configuration as far as that can be: wrong is about it and the files it names, unread about those with secrets.
func read(path string) (s *Settings, wrong, unread, err error) {
	var data []byte
	if path == "" {
		path, data, err = Find("mfabot.toml", "/etc/mfabot/mfabot.toml")
	} else if data, err = os.ReadFile(path); err != nil {
		err = Error{err}
	}
	if err != nil {
		return nil, nil, nil, err
	}
	var raw configFile
	f, err := intake.DecodeTOML(path, data, &raw)
	if err != nil {
		return nil, nil, nil, Error{err}
	}
	l := &loader{TOMLFile: f, dir: filepath.Dir(path), raw: &raw}
	s = l.settings()
	s.File = path
	return s, errors.Join(append([]error{f.Err()}, l.others...)...), errors.Join(l.unread...), nil
}

// loader turns a configFile into settings, and collects all that is wrong.
type loader struct {
	*intake.TOMLFile
	dir     string // of the configuration, which paths are relative to
	raw     *configFile
	others  []error // about the other files
	unread  []error // about those with secrets
	tokens  map[string]*token.Source
	exposed exposures
	missing missing
	secrets []string // variables of the environment with secrets
}

// settings reads one table after the other.
func (l *loader) settings() *Settings {
	s := &Settings{Service: l.raw.Service, Key: l.key(), Policy: l.policy(), Holidays: l.holidays()}
	l.database(s)
	s.Templates = ownTemplates(l)
	l.service(&s.Service)
	s.Page = pageOf(l)
	l.tokens = sourcesOf(l, s.KeyFile())
	s.Tokens = slices.SortedFunc(maps.Values(l.tokens), func(a, b *token.Source) int { return strings.Compare(a.Name(), b.Name()) })
	s.SecretEnds = secretEndsOf(l, s.Policy)
	s.Mailboxes = l.mailboxes(s.Policy)
	own := l.own(s)
	s.Reviewers = l.reviewers(own)
	l.checkApprovals(s)
	s.Register, s.Sites = l.register(s, own)
	s.Submission = l.submission()
	s.Scanner = l.scanner()
	s.Directory = l.directory()
	if s.Policy != nil && len(s.Policy.Protected.Groups) > 0 && l.raw.Directory.Kind == "" {
		l.Bad("directory", "expected a [directory], since the policy protects the group %q of one", s.Policy.Protected.Groups[0])
	}
	s.CAs = CAs{Submission: l.raw.SMTP.CAFile, Directory: l.raw.Directory.CAFile}
	s.Alarm, s.Log = alarmOf(l), l.raw.Log
	s.Trial, s.Backup = trialOf(l), backupOf(l)
	s.ClockOffset = l.clockOffset()
	s.exposed, s.missing = l.exposed, l.missing
	return s
}

// checkApprovals finds fault with a policy that needs more approvals than there are reviewers.
func (l *loader) checkApprovals(s *Settings) {
	n := len(s.Reviewers.Regular())
	if s.Policy == nil || n == 0 {
		return
	}
	for _, r := range s.Policy.LongTerm.Reasons {
		if r.Approvals > n {
			l.Bad("reviewer", "expected at least %d reviewers: the policy's reason %q needs that many approvals", r.Approvals, r.ID)
		}
	}
}

// scanner checks evidence for viruses; nil if it is not configured.
func (l *loader) scanner() inbound.Scanner {
	address := l.raw.Evidence.Clamd
	if address == "" {
		return nil
	}
	c, err := scan.New(address)
	if err != nil {
		l.Bad("evidence.clamd", "%v", err)
		return nil
	}
	return c
}

// clockOffset is by how much the clock is moved, for tests.
func (l *loader) clockOffset() time.Duration {
	text := l.raw.Testing.ClockOffset
	if text == "" {
		return 0
	}
	offset, err := intake.ParseDuration(text)
	if err != nil {
		l.Bad("testing.clock_offset", "expected a duration such as 24h, -1h or 180d, not %q", text)
	}
	return offset
}

// path is a path of the configuration as the process sees it.
func (l *loader) path(p string) string {
	if filepath.IsAbs(p) {
		return p
	}
	return filepath.Join(l.dir, p)
}

// database checks where the database is: in a file, or on a server.
func (l *loader) database(s *Settings) {
	if file, ok := strings.CutPrefix(l.raw.Database, "sqlite:"); ok && file != "" {
		s.Database = l.path(file)
		for key, given := range map[string]string{"database_password_file": l.raw.Password, "key_file": l.raw.KeyFile} {
			if given != "" {
				l.Bad(key, "expected none: it is for PostgreSQL. The key of a database in a file lies beside that")
			}
		}
		return
	}
	if !strings.HasPrefix(l.raw.Database, "postgres://") && !strings.HasPrefix(l.raw.Database, "postgresql://") {
		l.Bad("database", "expected sqlite:FILE or postgres://USER@HOST/DATABASE, not %q", l.raw.Database)
		return
	}
	s.Server = &store.Server{URL: l.raw.Database}
	if err := s.Server.Check(); err != nil {
		l.Bad("database", "%v", err)
	}
	s.Database, s.keyFile = s.Server.Name(), l.path(cmp.Or(l.raw.KeyFile, "mfabot.key"))
	if l.raw.Password != "" {
		s.Server.Password = l.secret("database_password_file", l.raw.Password)
	}
	if l.raw.Backup != nil {
		l.Bad("backup", "expected none: the copies of PostgreSQL are made by its own tools, see docs/postgresql.md")
	}
}

// key reads the key that encrypts raw messages; nil if there is none.
func (l *loader) key() *store.Key {
	if l.raw.AgeFile == "" {
		return nil
	}
	k, err := store.ReadKey(l.path(l.raw.AgeFile))
	if err != nil {
		l.Bad("age_identity_file", "%v", err)
	}
	l.exposed.look(l.TOMLFile, "age_identity_file", l.path(l.raw.AgeFile))
	return k
}

// policy reads the policy file, or the embedded one if there is none.
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

// holidays reads the list of holidays, or the embedded one if there is none.
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

// ownTemplates is the folder of the operator's own words in emails; empty if there is none.
func ownTemplates(l *loader) string {
	if l.raw.Templates == "" {
		return ""
	}
	folder := l.path(l.raw.Templates)
	if info, err := os.Stat(folder); err != nil {
		l.Bad("templates", "%v", err)
	} else if !info.IsDir() {
		l.Bad("templates", "expected a folder, not the file %s", folder)
	}
	return folder
}

// register reads the sites, and keeps what the register must fit later on as well.
func (l *loader) register(s *Settings, own ownAddresses) (*Register, *intake.Sites) {
	if l.raw.Sites == "" {
		l.Bad("sites", "expected the file of the register of sites, such as sites.csv")
		return nil, nil
	}
	r := &Register{Path: l.path(l.raw.Sites), own: own, reviewers: s.Reviewers}
	for i, m := range s.Mailboxes {
		if m.Site != "" {
			key := fmt.Sprintf("mailbox[%d].site", i)
			missing := l.Problem(key, "there is no site %q in %s", l.raw.Mailbox[i].Site, l.raw.Sites)
			r.needed = append(r.needed, neededSite{m.Site, missing})
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

// service checks the table [service].
func (l *loader) service(s *Service) {
	if strings.TrimSpace(s.Name) == "" {
		l.Bad("service.name", "expected the name that people see as the sender")
	}
	s.Address = l.address("service.address", s.Address)
	s.Operator = l.address("service.operator", s.Operator)
	if s.Auditor != "" {
		s.Auditor = l.address("service.auditor", s.Auditor)
	}
	if s.Owner != "" {
		s.Owner = l.address("service.owner", s.Owner)
	}
	l.hostPort("service.listen", s.Listen, "127.0.0.1:8025")
	l.hostPort("service.resolver", s.Resolver, "127.0.0.1:53")
}

// hostPort checks a network address, which may be left out.
func (l *loader) hostPort(key, addr, example string) {
	_, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if addr != "" && err != nil {
		l.Bad(key, "expected an address and a port such as %s, not %q", example, addr)
	}
}

// address checks an email address, and returns its canonical form.
func (l *loader) address(key, addr string) string {
	if !intake.IsAddress(addr) {
		l.Bad(key, "expected an email address such as mfa@example.org, not %q", addr)
	}
	return intake.Canonical(addr)
}
