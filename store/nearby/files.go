package nearby

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	osuser "os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// What lies beside a database is often another's than root's, who may type a command all the same. So whoever owns that folder must
// not be able to have root read, empty, make or give away a file that lies elsewhere: by a link, say, where one of these is expected.

// OpenOurs opens a regular file beside a database by its own name, for its owner only if it is new. It is an error where that is
// anything else: it follows no link, and waits at no FIFO. Root writes to no file that has another name elsewhere, either.
func OpenOurs(name string, flag int) (*os.File, error) {
	f, err := os.OpenFile(name, flag|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o600)
	if errors.Is(err, syscall.ELOOP) || errors.Is(err, syscall.ENXIO) {
		return nil, notOurs(name, "a link, or no file")
	}
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	switch {
	case err != nil:
	case !info.Mode().IsRegular():
		err = notOurs(name, "no regular file")
	case os.Geteuid() == 0 && flag&(os.O_WRONLY|os.O_RDWR) != 0 && namedElsewhere(name, info):
		err = notOurs(name, "another name of a file that is not its folder's owner's")
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func notOurs(name, what string) error {
	return fmt.Errorf("%s is %s, which mfabot never makes: see who can write to its folder, and remove it", name, what)
}

// namedElsewhere reports whether a file has more than this name, and is not that of whom its folder belongs to.
func namedElsewhere(name string, info fs.FileInfo) bool {
	folder, err := os.Stat(filepath.Dir(name))
	return err != nil || ownerOf(info).Nlink > 1 && ownerOf(info).Uid != ownerOf(folder).Uid
}

// maxOurs bounds what is read of a file beside a database, in bytes.
const maxOurs = 1 << 20

// ReadOurs reads such a file, where it really is.
func ReadOurs(name string) (text []byte, err error) {
	if name, err = Real(name); err != nil {
		return nil, err
	}
	f, err := OpenOurs(name, os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	text, err = io.ReadAll(io.LimitReader(f, maxOurs))
	return text, errors.Join(err, f.Close())
}

// Replace writes such a file as a whole, or not at all: what was there stays until the new one is safe on the disk. In the place of a
// link it is put, and not where that leads. It belongs to whom OwnedLike says.
func Replace(file string, text []byte, like ...string) error {
	f, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*.part") // for its owner only
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, OwnedLike(f, like...), f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return SyncFolder(filepath.Dir(file))
}

// Real is the file that a name stands for, whether or not it is there, behind all links. Root follows a link of somebody else's only
// to what is theirs as well, file and folder.
func Real(name string) (string, error) {
	const maxLinks = 40
	path, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	var makers []uint32
	at, rest := "/", strings.Split(path, "/")
	for len(rest) > 0 {
		next := filepath.Join(at, rest[0])
		rest = rest[1:]
		info, err := os.Lstat(next)
		if err != nil { // whoever opens it says why
			at = filepath.Join(next, filepath.Join(rest...))
			break
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			at = next
			continue
		}
		to, err := os.Readlink(next)
		if makers = append(makers, ownerOf(info).Uid); err != nil || len(makers) > maxLinks {
			return "", cmp.Or(err, fmt.Errorf("%s: too many links", name))
		}
		if filepath.IsAbs(to) {
			at = "/"
		}
		rest = append(strings.Split(to, "/"), rest...)
	}
	return at, mayFollow(name, at, makers)
}

// mayFollow returns an error where root is led to a file by somebody's link who could not have made it there.
func mayFollow(name, to string, makers []uint32) error {
	for _, maker := range makers {
		for _, path := range []string{to, filepath.Dir(to)} {
			info, err := os.Lstat(path)
			if os.Geteuid() == 0 && maker != 0 && err == nil && ownerOf(info).Uid != maker {
				return fmt.Errorf("%s is behind a link of %s to %s, and %s belongs to %s: root does not follow it. Run the command as the "+
					"user that runs the bot, with sudo -u; if the link is right, it can be made root's, with chown -h root",
					name, UserName(maker), to, path, UserName(ownerOf(info).Uid))
			}
		}
	}
	return nil
}

// OwnedLike gives a new file the owner of the first of others that is there, or of the folder that it is in: what root makes in the place
// of a service, the service must be able to use. It stays root's where that owner could not have made it there. Only root can give
// one away, where it may; for everybody else it is theirs already.
func OwnedLike(f *os.File, others ...string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	folder, err := os.Stat(filepath.Dir(f.Name()))
	if err != nil {
		return err
	}
	like := folder
	for _, other := range others {
		info, err := os.Stat(other)
		if err == nil {
			like = info
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if !mayMakeIn(folder, ownerOf(like)) {
		return nil
	}
	if err := f.Chown(int(ownerOf(like).Uid), int(ownerOf(like).Gid)); !errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil // a root without that right, as in a container
}

// OwnerMayMakeIn reports whether whom a folder belongs to may make files in another.
func OwnerMayMakeIn(owned, folder string) bool {
	from, err := os.Stat(owned)
	in, err2 := os.Stat(folder)
	return err == nil && err2 == nil && mayMakeIn(in, ownerOf(from))
}

// mayMakeIn reports whether somebody may make files in a folder.
func mayMakeIn(folder fs.FileInfo, who syscall.Stat_t) bool {
	const writeAndSearch = 0o3
	of, mode := ownerOf(folder), folder.Mode().Perm()
	switch {
	case who.Uid == 0:
		return true
	case of.Uid == who.Uid:
		mode >>= 6
	case of.Gid == who.Gid || inGroup(who.Uid, of.Gid):
		mode >>= 3
	}
	return mode&writeAndSearch == writeAndSearch
}

func inGroup(uid, gid uint32) bool {
	u, err := osuser.LookupId(strconv.FormatUint(uint64(uid), 10))
	if err != nil {
		return false
	}
	groups, err := u.GroupIds()
	return err == nil && slices.Contains(groups, strconv.FormatUint(uint64(gid), 10))
}

// RootAlone returns an error where root is about to write a copy into a folder in which somebody else could put another file in its
// place: SQLite opens it by its name.
func RootAlone(folder string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(folder)
	if err != nil {
		return err
	}
	if owner := ownerOf(info); owner.Uid != 0 {
		return fmt.Errorf("the folder %s belongs to %s, who could have root write elsewhere: run the command as that user, with sudo -u %s",
			folder, UserName(owner.Uid), UserName(owner.Uid))
	}
	others := info.Mode().Perm() & 0o022
	if ownerOf(info).Gid == 0 {
		others &= 0o002
	}
	if others != 0 && info.Mode()&fs.ModeSticky == 0 {
		return fmt.Errorf("the folder %s can be written to by others, who could have root write elsewhere (mode %#o): run the command as "+
			"the user that runs the bot, with sudo -u", folder, info.Mode().Perm())
	}
	return nil
}

// UserName is the name of a user, or its number where it has none.
func UserName(id uint32) string {
	number := strconv.FormatUint(uint64(id), 10)
	if u, err := osuser.LookupId(number); err == nil {
		return u.Username
	}
	return number
}

// ownerOf is whose a file is.
func ownerOf(info fs.FileInfo) syscall.Stat_t {
	if is, ok := info.Sys().(*syscall.Stat_t); ok {
		return *is
	}
	return syscall.Stat_t{}
}

// SyncFolder makes the names in a folder permanent.
func SyncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
