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
// not: those with secrets, the database and its key, joined.
func (s *Settings) CheckSecrets() error {
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
