//go:build real

package post

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// besideFolder is where unpack-servers.sh leaves what cannot be installed beside Dovecot, by server.
const besideFolder = "/var/cache/mfabot-servers"

// besideSystem takes the folder of unpacked packages, the one of the office's own files and a command, which
// then finds the files of both where Debian's packages have theirs. Only the server and its children see that.
const besideSystem = `set -e
mount -t overlay overlay -o "lowerdir=$1/usr:/usr" /usr
mount -t overlay overlay -o "lowerdir=$2/etc:$1/etc:/etc" /etc
mount -t overlay overlay -o "lowerdir=$2/dev:/dev" /dev
mount --bind "$2/run" /run
shift 2
exec "$@"
`

// beside is a server that runs from a folder of unpacked packages, in a mount namespace of its own.
type beside struct {
	packages string // what is laid over the system
	own      string // what is laid over both: etc, dev and run
}

// newBeside makes the folders in which a server finds its own files, without what a failed attempt to start has left.
func newBeside(dir, server string) (beside, error) {
	b := beside{packages: filepath.Join(besideFolder, server), own: filepath.Join(dir, server)}
	if err := os.RemoveAll(b.own); err != nil {
		return b, err
	}
	for _, folder := range []string{"etc", "dev", "run"} {
		if err := makeFolder(filepath.Join(b.own, folder), "root", "root", 0o755); err != nil {
			return b, err
		}
	}
	// Its log is on /run, where it can be reached: a socket in an overlay might not be.
	return b, os.Symlink("/run/log", filepath.Join(b.own, "dev", "log"))
}

// run returns the program and the arguments that run a command where it finds its files.
func (b beside) run(command ...string) (program string, args []string) {
	return "unshare", append([]string{"--mount", "sh", "-c", besideSystem, "sh", b.packages, b.own}, command...)
}

// script runs a shell script to its end, and passes it arguments.
func (b beside) script(text string, args ...string) error {
	program, all := b.run(append([]string{"sh", "-e", "-c", text, "sh"}, args...)...)
	//nolint:noctx // it is over in an instant
	if out, err := exec.Command(program, all...).CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}
