package config

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"mfabot/intake"
)

// schemes are the ways to reach a kind of server: each URL scheme with how it protects the connection, and
// its default port.
type schemes map[string]struct {
	security intake.Security
	port     string
}

// server is what the URL of a server says.
type server struct {
	addr, host string
	security   intake.Security
	user       string
	path       string
}

// server reads the URL of a server, which is expected to look like want.
func (l *loader) server(key, raw, want string, known schemes) (srv server, ok bool) {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		l.Bad(key, "expected a URL such as %s", want)
		return srv, false
	}
	scheme, ok := known[u.Scheme]
	if !ok {
		l.Bad(key, "expected a URL such as %s, not the scheme %q", want, u.Scheme)
		return srv, false
	}
	if _, secret := u.User.Password(); secret {
		l.Bad(key, "expected no password here: put it into a file, and name the file in password_file")
		return srv, false
	}
	port := u.Port()
	if port == "" {
		port = scheme.port
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		l.Bad(key, "expected a port from 1 to 65535, not %s", port)
		return srv, false
	}
	return server{addr: net.JoinHostPort(u.Hostname(), port), host: u.Hostname(), security: scheme.security,
		user: u.User.Username(), path: strings.Trim(u.Path, "/")}, true
}
