package config

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"mfabot/intake"
)

// others are the permissions of everybody who is neither the owner of a file nor of its group.
const others os.FileMode = 0o007

// wantSecret is what is expected of a file with a secret that everybody can read or change.
const wantSecret = "everybody on this machine can read or change %s (its mode is %04o): expected chmod o= %[1]s, and " +
	"another secret if somebody may have read it"

// secret notes a file of the configuration with a secret that everybody can read or change.
func (l *loader) secret(key, path string) {
	if mode, exposed := exposedTo(path); exposed {
		l.exposed = append(l.exposed, l.Problem(key, wantSecret, path, mode))
	}
}

// exposedTo returns the permissions of a file, and whether everybody can read or change it. One that cannot be
// looked at is somebody else's to complain about.
func exposedTo(path string) (mode os.FileMode, exposed bool) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, false
	}
	return info.Mode().Perm(), info.Mode().Perm()&others != 0
}

// CheckSecrets returns an Error for each file that everybody on this machine can read or change and should
// not: those with secrets, the database and its key, joined.
func (s *Settings) CheckSecrets() error {
	errs := slices.Clone(s.exposed)
	for _, path := range []string{s.Database, s.KeyFile()} {
		if mode, exposed := exposedTo(path); exposed {
			errs = append(errs, &intake.FileError{File: s.File, Key: "database", Want: fmt.Sprintf(wantSecret, path, mode)})
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return Error{errors.Join(errs...)}
}
