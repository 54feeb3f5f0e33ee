package page

import (
	"crypto/sha256"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"mfabot/intake"
)

// Guard decides who may see the page. Either a token or a proxy's user will do where both are asked for. Where neither is,
// the page is for this machine only.
type Guard struct {
	Loopback   bool                   // no other machine reaches the page
	Token      func() (string, error) // that is asked for; nil for none
	UserHeader string                 // the field in which a proxy names who has logged in; empty for none
	Proxies    []netip.Prefix         // whose field counts
}

// open reports whether nothing is asked for.
func (g Guard) open() bool { return g.Token == nil && g.UserHeader == "" }

// Allows reports whether a request may be answered. An error says that the token cannot be read, and nobody has it then.
func (g Guard) Allows(r *http.Request) (bool, error) {
	if g.open() {
		// A site on the Internet can have its name lead to this machine, and its visitor's browser then reads this page for
		// it (DNS rebinding). The browser tells that name.
		return g.Loopback && intake.IsLoopback(hostOf(r.Host)) && !forwarded(r), nil
	}
	if g.fromProxy(r) {
		return true, nil
	}
	return g.hasToken(r)
}

// forwarded reports whether a proxy says that it hands on somebody else's request (RFC 7239; RFC 9110, section 7.6.3): the
// machine that it comes from then need not be this one, though the proxy is on it.
func forwarded(r *http.Request) bool {
	return slices.ContainsFunc([]string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"},
		func(field string) bool { return len(r.Header.Values(field)) > 0 })
}

// hostOf is the name in a Host field, without its port.
func hostOf(field string) string {
	host, _, err := net.SplitHostPort(field)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(field, "["), "]")
	}
	return strings.ToLower(host)
}

// fromProxy reports whether one of the proxies says that somebody has logged in there. Two users are none: the proxy has
// let through what somebody else wrote.
func (g Guard) fromProxy(r *http.Request) bool {
	users := r.Header.Values(g.UserHeader)
	if g.UserHeader == "" || len(users) != 1 || strings.TrimSpace(users[0]) == "" {
		return false
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && slices.ContainsFunc(g.Proxies, func(p netip.Prefix) bool {
		return p.Contains(from.Addr().Unmap().WithZone(""))
	})
}

// hasToken reports whether a request brings the token (RFC 6750, section 2.1). How long that takes says nothing about it.
func (g Guard) hasToken(r *http.Request) (bool, error) {
	fields := r.Header.Values("Authorization")
	if g.Token == nil || len(fields) != 1 {
		return false, nil
	}
	scheme, given, _ := strings.Cut(fields[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return false, nil
	}
	token, err := g.Token()
	if err != nil {
		return false, err
	}
	a, b := sha256.Sum256([]byte(token)), sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1, nil
}

// refusal says what is asked for, in words that tell nothing else.
func (g Guard) refusal(h http.Header) (status int, why string) {
	switch {
	case g.Token != nil:
		h.Set("WWW-Authenticate", `Bearer realm="mfabot"`)
		return http.StatusUnauthorized, "This page needs the token of service.page_token_file, as: Authorization: Bearer TOKEN"
	case g.UserHeader != "":
		return http.StatusForbidden, "This page is only for users of the proxy: log in there " +
			"(service.page_user_header, service.page_proxies)."
	case g.Loopback:
		return http.StatusForbidden, "This page is only for this machine, by the name localhost or an address such as 127.0.0.1, " +
			"and not through a proxy. For others, set service.page_token_file, or service.page_user_header with service.page_proxies."
	default:
		return http.StatusForbidden, "Other machines reach this page (service.listen), so it is refused: set service.page_token_file, " +
			"or service.page_user_header with service.page_proxies. /healthz and /metrics go on as before."
	}
}
