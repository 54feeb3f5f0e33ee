package bot

import (
	"context"
	"net"
	"strings"
	"time"

	"mfabot/intake/senderauth"
)

// Resolver asks the DNS server at addr, or the system's resolver if that is empty.
func Resolver(addr string) senderauth.Resolver {
	if addr == "" {
		return absolute{net.DefaultResolver}
	}
	d := &net.Dialer{Timeout: dnsTimeout}
	return absolute{&net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return d.DialContext(ctx, network, addr)
	}}}
}

// absolute looks up names exactly as given, never below a search domain of this machine, where somebody else
// could publish keys.
type absolute struct{ *net.Resolver }

// LookupTXT is net.Resolver's, for a fully qualified name.
func (a absolute) LookupTXT(ctx context.Context, name string) ([]string, error) {
	return a.Resolver.LookupTXT(ctx, strings.TrimSuffix(name, ".")+".")
}

// dnsTimeout bounds connecting to a DNS server; the resolver bounds each answer itself.
const dnsTimeout = 5 * time.Second
