package intake

import (
	"net"
	"time"
)

// Security is how a connection to a server is protected.
type Security string

// The ways to protect a connection.
const (
	Plain Security = "plain" // not at all
	// StartTLS upgrades the connection, and refuses a server that cannot (IMAP: RFC 9051, section 6.2.1;
	// SMTP: RFC 3207; LDAP: RFC 4511, section 4.14).
	StartTLS Security = "starttls"
	TLS      Security = "tls" // from the first byte (RFC 8314)
)

// IsLoopback reports whether host, a name or an IP address, is this machine.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Backoff spaces attempts that fail: the wait doubles from the first to the longest.
type Backoff struct {
	First, Longest time.Duration
}

// Delay is how long to wait after so many failures in a row, from 1. Of that the part off, in [0, 1), is taken away,
// so that those who failed together do not come back together.
func (b Backoff) Delay(failures int, off float64) time.Duration {
	d := b.First
	for i := 1; i < failures && d < b.Longest; i++ {
		d *= 2
	}
	d = max(min(d, b.Longest), b.First)
	return d - time.Duration(off*float64(d))
}
