package config

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// foundSafe returns an Error for a configuration that was found, and not named, and that somebody else may have put there: it says
// whom to believe, and which programs to run.
func foundSafe(path string) error {
	wrong := func(what string) error {
		return Error{fmt.Errorf("%s %s. It was found here, and is taken only where it is named: "+
			"if it is the right one, with --config %s", path, what, path)}
	}
	for _, look := range []func(string) (os.FileInfo, error){os.Lstat, os.Stat} {
		info, err := look(path)
		if err != nil {
			return nil //nolint:nilerr // who reads it says so
		}
		if file, ok := info.Sys().(*syscall.Stat_t); ok && file.Uid != 0 && int(file.Uid) != os.Geteuid() {
			return wrong(fmt.Sprintf("belongs to %s, and this is %s", userName(int(file.Uid)), OwnName()))
		}
		if info.Mode().IsRegular() && info.Mode().Perm()&everybodyWrites != 0 {
			return wrong(fmt.Sprintf("can be changed by everybody on this machine (mode %#o)", info.Mode().Perm()))
		}
	}
	return nil
}

// everybodyWrites is the permission of everybody to change a file.
const everybodyWrites = 0o002

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
	return userName(int(file.Uid))
}

// OwnName is the name of the user that this process runs as.
func OwnName() string { return userName(os.Geteuid()) }

func userName(id int) string {
	if u, err := user.LookupId(strconv.Itoa(id)); err == nil {
		return u.Username
	}
	return strconv.Itoa(id)
}
