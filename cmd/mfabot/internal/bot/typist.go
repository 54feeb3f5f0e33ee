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
	host, err := os.Hostname()
	if err != nil {
		host = "an unnamed machine"
	}
	name := account()
	typist := name + " on " + host
	if before := os.Getenv("SUDO_USER"); before != "" && before != name {
		typist += ", by sudo of " + before
	}
	return typist
}

// Login is the name under which what a command does goes on record where nobody has said one: "jo (login)". It says that it is
// the operating system's, which a name that is given is not.
func Login() string {
	return cmp.Or(os.Getenv("SUDO_USER"), account()) + " (login)"
}

// account is the name of the user of the operating system that runs the command.
func account() string {
	name := "user " + strconv.Itoa(os.Getuid())
	if u, err := user.Current(); err == nil {
		name = cmp.Or(u.Username, name)
	}
	return name
}
