package bot

import (
	"cmp"
	"os"
	"os/user"
	"strconv"
)

// typedBy says who typed a command, and on which machine, as the operating system knows them: "jo on mail1", or
// "root on mail1, by sudo of jo". Unlike a name that is given with --as, it is not what somebody says of themselves;
// sudo's is as good as whoever becomes root.
func typedBy() string {
	id := strconv.Itoa(os.Getuid())
	name := "user " + id
	// user.Current would take USER of the environment where nobody has that id, and that is what somebody says.
	if u, err := user.LookupId(id); err == nil {
		name = cmp.Or(u.Username, name)
	}
	host, err := os.Hostname()
	if err != nil {
		host = "an unnamed machine"
	}
	typist := name + " on " + host
	if before := os.Getenv("SUDO_USER"); before != "" && before != name {
		typist += ", by sudo of " + before
	}
	return typist
}
