package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"mfabot/intake"
)

// A secret is in a file of one line. A name that begins so says where else: in the environment, or among the credentials of
// the systemd service. Commands beside the bot have neither, and go on without what they do not need.
const (
	inEnvironment = "env:"
	inCredentials = "credential:"
)

// Placeholder stands in a file until somebody has put the secret into it.
const Placeholder = "PUT-THE-SECRET-HERE"

// The names of variables, and of credentials, which are files without a folder.
var (
	variableName   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	credentialName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.@-]*$`)
)

// secret returns what reads a secret, each time anew, so that a changed one works at once.
func (l *loader) secret(key, from string) func() (string, error) {
	if name, found := strings.CutPrefix(from, inEnvironment); found {
		if !variableName.MatchString(name) {
			l.Bad(key, "expected the name of a variable, such as %sMFABOT_PASSWORD, not %q", inEnvironment, from)
		}
		l.secrets = append(l.secrets, name)
		return elsewhere(l, key, func() (string, error) { return variable(name) })
	}
	if name, found := strings.CutPrefix(from, inCredentials); found {
		if !credentialName.MatchString(name) {
			l.Bad(key, "expected the name of a credential, such as %simap.password, not %q", inCredentials, from)
		}
		return elsewhere(l, key, func() (string, error) { return credential(name) })
	}
	path := l.path(from)
	if _, err := readSecret(path); err != nil {
		l.Bad(key, "%v", err)
	}
	l.exposed.look(l.TOMLFile, key, path)
	return func() (string, error) { return readSecret(path) }
}

// elsewhere notes a secret that is not there, for those who need it. Where nobody is given credentials, one says so for all.
func elsewhere(l *loader, key string, read func() (string, error)) func() (string, error) {
	_, err := read()
	none := errors.Is(err, errNoCredentials)
	if err == nil || none && l.missing.credentials {
		return read
	}
	if none {
		l.missing.credentials = true
		err = fmt.Errorf("%w: type sudo CREDENTIALS_DIRECTORY=%s before mfabot, with the folder of the files that LoadCredential= "+
			"in the service's unit names", err, l.dir)
	}
	l.missing.errs = append(l.missing.errs, l.Problem(key, "%v", err))
	return read
}

// missing are the secrets that are not in a file, and not there.
type missing struct {
	credentials bool // they are credentials, and there are none here
	errs        []error
}

// errNoCredentials is that nobody was given credentials here.
var errNoCredentials = errors.New("this is a credential that systemd gives to the service alone")

// Missing returns an Error for secrets that are not in a file, and not there: nil for none. Where they are credentials of the
// service, folder is where they may be read from.
func (s *Settings) Missing() (folder string, err error) {
	if len(s.missing.errs) == 0 {
		return "", nil
	}
	if s.missing.credentials {
		folder = filepath.Dir(s.File)
	}
	return folder, Error{errors.Join(s.missing.errs...)}
}

// variable reads a secret from the environment.
func variable(name string) (string, error) {
	secret := strings.TrimRight(os.Getenv(name), "\r\n")
	if secret == "" {
		return "", fmt.Errorf("there is no %s in the environment", name)
	}
	return secret, nil
}

// environment is what the operator's own programs are run with: all but the secrets, which are none of theirs.
func environment(l *loader) []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.Contains(l.secrets, name)
	})
}

// credential reads a secret that systemd gives to the service (systemd.exec(5), LoadCredential).
func credential(name string) (string, error) {
	folder := os.Getenv("CREDENTIALS_DIRECTORY")
	if folder == "" {
		return "", errNoCredentials
	}
	return readSecret(filepath.Join(folder, name))
}

// readSecret reads the one line of a file. Its errors never contain the secret.
func readSecret(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	secret := strings.TrimRight(string(data), "\r\n")
	switch {
	case secret == "":
		return "", fmt.Errorf("%s is empty: expected a secret on one line", path)
	case strings.Contains(secret, Placeholder):
		return "", fmt.Errorf("%s has no secret yet: put it in the place of %s, on one line", path, Placeholder)
	}
	return secret, nil
}

// others are the permissions of everybody who is neither the owner of a file nor of its group.
const others os.FileMode = 0o007

// wantHidden is what is expected of a file that everybody can read or change.
const wantHidden = "everybody on this machine can read or change %s (its mode is %04o): expected chmod o= %[1]s"

// exposures are about the files of a configuration with secrets that everybody can read or change.
type exposures []error

// look notes such a file, which a key names.
func (e *exposures) look(f *intake.TOMLFile, key, path string) {
	if mode, exposed := exposedTo(path); exposed {
		*e = append(*e, f.Problem(key, wantHidden+", and another secret if somebody may have read it", path, mode))
	}
}

// exposedTo returns the permissions of a file, and whether everybody can read or change it. What is not a file,
// or not there, is wrong in another way.
func exposedTo(path string) (mode os.FileMode, exposed bool) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return 0, false
	}
	return info.Mode().Perm(), info.Mode().Perm()&others != 0
}

// CheckSecrets returns an Error for each file that everybody on this machine can read or change and should
// not: those with secrets, the database and its key; and for secrets that are Missing, joined.
func (s *Settings) CheckSecrets() error {
	_, err := s.Missing()
	return errors.Join(err, s.CheckExposed())
}

// CheckExposed is CheckSecrets without those that are Missing.
func (s *Settings) CheckExposed() error {
	errs := slices.Clone(s.exposed)
	for _, path := range []string{s.Database, s.KeyFile()} {
		if mode, exposed := exposedTo(path); exposed {
			errs = append(errs, &intake.FileError{File: s.File, Key: "database", Want: fmt.Sprintf(wantHidden, path, mode)})
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return Error{errors.Join(errs...)}
}
