package config

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"mfabot/store/nearby"
)

// readFound reads a configuration that was found, and not named. It returns an Error for one that somebody else may have put there: it
// says whom to believe, and which programs to run. What is looked at is what is read: the open file, in folders in which only we
// and root can put another in its place.
func readFound(path string) ([]byte, error) {
	wrong := func(err error) error {
		return Error{fmt.Errorf("%w. It was found here, and is taken only where it is named: "+
			"if it is the right one, with --config %s", err, path)}
	}
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0) // it waits at no FIFO
	if err != nil {
		return nil, Error{err}
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, Error{err}
	}
	err = oursAlone(path, info)
	real, unknown := filepath.EvalSymlinks(path)
	look := []string{path, filepath.Dir(path), filepath.Dir(real)}
	for _, name := range look {
		if err == nil && unknown == nil {
			if info, unknown = os.Lstat(name); unknown == nil {
				err = oursAlone(name, info)
			}
		}
	}
	if err != nil {
		return nil, wrong(err)
	}
	if unknown != nil {
		return nil, Error{unknown}
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, Error{err}
	}
	return text, nil
}

// oursAlone returns an error where somebody else than us and root can change a file, or what is in a folder. That a user's own group can
// is no harm: each user has one, in which nobody else is.
func oursAlone(path string, info fs.FileInfo) error {
	is, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	const groupWrites, everybodyWrites = 0o020, 0o002
	mode := info.Mode().Perm()
	switch {
	case is.Uid != 0 && int(is.Uid) != os.Geteuid():
		return fmt.Errorf("%s belongs to %s, and this is %s", path, nearby.UserName(is.Uid), OwnName())
	case info.Mode()&fs.ModeSymlink != 0: // which has no mode of its own
		return nil
	case mode&everybodyWrites != 0:
		return fmt.Errorf("%s can be changed by everybody on this machine (mode %#o)", path, mode)
	case mode&groupWrites != 0 && !ownGroup(is.Uid, is.Gid):
		return fmt.Errorf("%s can be changed by the group %s (mode %#o)", path, groupName(is.Gid), mode)
	}
	return nil
}

// ownGroup reports whether a group is root's, or one that has the name of a user, as systems make one for each.
func ownGroup(uid, gid uint32) bool { return gid == 0 || groupName(gid) == nearby.UserName(uid) }

func groupName(id uint32) string {
	number := strconv.FormatUint(uint64(id), 10)
	if g, err := user.LookupGroupId(number); err == nil {
		return g.Name
	}
	return number
}

// OwnerOf is the name of whom a file belongs to; empty if that cannot be told.
func OwnerOf(path string) string {
	info, err := os.Stat(path)
	if err != nil {
		return ""
	}
	file, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return nearby.UserName(file.Uid)
}

// OwnName is the name of the user that this process runs as.
func OwnName() string { return nearby.UserName(uint32(os.Geteuid())) } //nolint:gosec // a number of 32 bits, by POSIX
