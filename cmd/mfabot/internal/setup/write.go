package setup

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/template"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/templates"
)

//go:embed files
var files embed.FS

// What is written, in the folder that is named. The words of the emails are in a folder in it.
const (
	ConfigFile = "mfabot.toml"
	SitesFile  = "sites.csv"
	PolicyFile = "policy.toml" // only where the helpdesk's telephone number is known
	UnitFile   = "mfabot.service"
	words      = "words"
	state      = "/var/lib/mfabot" // what StateDirectory of the unit makes
	program    = "/usr/local/bin/mfabot"
)

// sites is a register without sites, and what a site looks like.
const sites = `ods_code,name,kind,mailbox,aliases,contacts,telephone,language
# One line a site, without the # in front:
# FX101,Oak Street Pharmacy,pharmacy,oakstreet@pharmacy.test,,jo.marsh@pharmacy.test,01632 960123,en
`

// Secret is a file that is to be filled in.
type Secret struct {
	Name string
	What string // in words: what it is to hold
}

// file is one that is written.
type file struct {
	name    string
	mode    fs.FileMode
	content []byte
}

// Plan is what is to be written to a folder.
type Plan struct {
	Dir     string // an absolute path
	Service bool   // a systemd service is to run it
	SignsIn bool   // mfabot login is needed
	Secrets []Secret

	Packaged bool // the service is that of a package, with its unit and its user
	files    []file
}

// There returns an error that names those of some files that a folder has, but for those of a package that nobody has changed.
func There(dir string, names ...string) error {
	var errs []error
	for _, name := range names {
		path := filepath.Join(dir, name)
		if _, err := os.Lstat(path); err == nil {
			if _, untouched := packagedAt(path); untouched {
				continue
			}
			errs = append(errs, fmt.Errorf("%s is there: nothing is overwritten, and nothing was written", path))
		} else if !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// unitPath finds the paths that systemd takes for what they are, without quotes.
var unitPath = regexp.MustCompile(`^/[0-9A-Za-z/._-]+$`)

// newPlan makes a plan of what was answered for a folder, by its absolute path, and tries it: what it writes is a
// configuration without fault, but for the secrets. A triedError says what is wrong with it.
func newPlan(dir string, a Answers) (*Plan, error) {
	p := &Plan{Dir: dir, Service: a.yes("service"), SignsIn: a["kind"] == m365Login, Secrets: secretsOf(a)}
	p.Packaged = p.Service && dir == PackageDir && fileThere(packageUnit)
	if p.Service && !unitPath.MatchString(dir) {
		return nil, fmt.Errorf("expected a folder for the service such as /etc/mfabot, with none but letters, "+
			"digits and ._- in its name, not %q", dir)
	}
	if err := p.plan(a); err != nil {
		return nil, err
	}
	return p, p.try()
}

// secretsOf are the secrets that a kind of mail service needs.
func secretsOf(a Answers) []Secret {
	switch a["kind"] {
	case server:
		return []Secret{{"imap.password", "the password of " + a["user"] + " for IMAP"}, {"smtp.password",
			"the password of " + a["user"] + " for SMTP"}}
	case m365:
		return []Secret{{"m365.secret", "the Value of the client secret"}}
	}
	return nil // the sign-in is kept by mfabot login
}

// facts are what the files are filled with.
type facts struct {
	A             Answers
	Dir           string
	Service       bool
	Secrets       []Secret
	Reviewers     []*mail.Address
	IMAP, SMTP    string
	Login         bool
	Microsoft     bool
	Templates     string
	TenantDomains []string
	Program       string
	Example       bool // nothing in it is anybody's
}

// plan fills in the files.
func (p *Plan) plan(a Answers) error {
	reviewers, err := mail.ParseAddressList(a["reviewers"])
	if err != nil {
		return err
	}
	f := facts{A: a, Dir: p.Dir, Service: p.Service, Secrets: p.Secrets, Reviewers: reviewers, Login: p.SignsIn,
		Microsoft: a["kind"] != server, Program: program}
	f.IMAP, f.SMTP = urls(a)
	if f.Microsoft {
		f.TenantDomains = list(a["tenant-domains"])
	}
	if a.yes("templates") {
		f.Templates = words
	}
	text, err := f.fill(ConfigFile)
	if err != nil {
		return err
	}
	p.files = []file{{ConfigFile, 0o644, text}, {SitesFile, 0o644, []byte(sites)}}
	if a["telephone"] != "" {
		text, err := intake.WithTelephone(a["telephone"])
		if err != nil {
			return err
		}
		p.files = append(p.files, file{PolicyFile, 0o644, text})
	}
	for _, s := range p.Secrets {
		p.files = append(p.files, file{s.Name, 0o600, []byte(config.Placeholder + "\n")})
	}
	if p.Service && !p.Packaged {
		if text, err = f.fill(UnitFile); err != nil {
			return err
		}
		p.files = append(p.files, file{UnitFile, 0o644, text})
	}
	if f.Templates == "" {
		return nil
	}
	return fs.WalkDir(templates.Files(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(templates.Files(), path)
		p.files = append(p.files, file{filepath.Join(words, path), 0o644, text})
		return err
	})
}

// urls are those of the mailbox and of the submission server. Their ports say how TLS begins.
func urls(a Answers) (imap, smtp string) {
	in, out := "outlook.office365.com:993", "smtp.office365.com:587"
	if a["kind"] == server {
		in, out = a["imap"], a["smtp"]
	}
	at := func(address, port, scheme, otherPort, otherScheme, path string) string {
		host, port := splitHost(address, port)
		if port == otherPort {
			scheme = otherScheme
		}
		u := url.URL{Scheme: scheme, User: url.User(a["user"]), Host: host + ":" + port, Path: path}
		return u.String()
	}
	return at(in, "993", "imaps", "143", "imap+starttls", "/INBOX"), at(out, "587", "smtp+starttls", "465", "smtps", "")
}

// fill makes one of the files.
func (f facts) fill(name string) ([]byte, error) {
	t, err := template.New(name).Funcs(template.FuncMap{"q": quoted}).ParseFS(files, "files/"+name)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, f)
	return out.Bytes(), err
}

// Database is the file of the database, as the configuration names it.
func (f facts) Database() string {
	if f.Service {
		return state + "/mfabot.db"
	}
	return "mfabot.db"
}

// TokenFile is where mfabot login keeps the sign-in: it is replaced as the bot runs.
func (f facts) TokenFile() string {
	if f.Service {
		return state + "/m365.token"
	}
	return "m365.token"
}

// Secret is how the configuration names a file with a secret.
func (f facts) Secret(name string) string {
	if f.Service {
		return "credential:" + name
	}
	return name
}

// Credentials are the files that any kind of mail service needs: one unit is for all of them.
func (f facts) Credentials() (names []string) {
	for _, kind := range []string{server, m365} {
		for _, s := range secretsOf(Answers{"kind": kind}) {
			names = append(names, s.Name)
		}
	}
	return names
}

// Placeholder is what stands for a secret that nobody has filled in.
func (f facts) Placeholder() string { return config.Placeholder }

// quoted is a string of TOML.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// try has what is planned read as a configuration, elsewhere and with secrets that are filled in.
func (p *Plan) try() (err error) {
	dir, err := os.MkdirTemp("", "mfabot-init-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	trial := &Plan{Dir: dir, files: append([]file(nil), p.files...)}
	for i, f := range trial.files {
		if string(f.content) == config.Placeholder+"\n" {
			trial.files[i].content = []byte("secret\n")
		}
	}
	if err := trial.Write(); err != nil {
		return err
	}
	_, err = config.Load(filepath.Join(dir, ConfigFile))
	if found := faultsOf(err); len(found) > 0 {
		for _, f := range found {
			f.File = strings.TrimPrefix(f.File, dir+string(filepath.Separator))
		}
		return triedError{err, found}
	}
	return err
}

// triedError says what is wrong with the configuration that was planned.
type triedError struct {
	error
	faults []*intake.FileError
}

// faultsOf are those that an error is made of.
func faultsOf(err error) (all []*intake.FileError) {
	switch e := err.(type) { //nolint:errorlint // the tree is walked whole, for all of them
	case *intake.FileError:
		return []*intake.FileError{e}
	case interface{ Unwrap() []error }:
		for _, part := range e.Unwrap() {
			all = append(all, faultsOf(part)...)
		}
	case interface{ Unwrap() error }:
		return faultsOf(e.Unwrap())
	}
	return all
}

// Files are the paths of what is written.
func (p *Plan) Files() (all []string) {
	for _, f := range p.files {
		all = append(all, filepath.Join(p.Dir, f.name))
	}
	return all
}

// Write writes all files, or none: it overwrites nothing.
func (p *Plan) Write() (err error) {
	var names []string
	for _, f := range p.files {
		names = append(names, f.name)
	}
	if err := There(p.Dir, names...); err != nil {
		return err
	}
	var done []undo
	defer func() {
		for _, u := range done {
			if err != nil {
				err = errors.Join(err, u.do())
			}
		}
	}()
	for _, f := range p.files {
		path := filepath.Join(p.Dir, f.name)
		if err := makeFolder(filepath.Dir(path)); err != nil {
			return err
		}
		how := os.O_EXCL
		packaged, untouched := packagedAt(path)
		if untouched {
			how = os.O_TRUNC
		}
		out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|how, 0o600)
		if err != nil {
			return err
		}
		done = append(done, undo{path, packaged})
		_, err = out.Write(f.content)
		if err := errors.Join(err, out.Chmod(f.mode), out.Close()); err != nil {
			return err
		}
	}
	return nil
}

// makeFolder makes a folder that the service may read, whatever the umask. One that is there stays as it is.
func makeFolder(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := makeFolder(filepath.Dir(path)); err != nil {
		return err
	}
	if err := os.Mkdir(path, 0o700); err != nil {
		return err
	}
	return os.Chmod(path, 0o755)
}
