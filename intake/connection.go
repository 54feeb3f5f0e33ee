package intake

import "net"

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
