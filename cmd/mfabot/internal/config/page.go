package config

import (
	"net/netip"
	"regexp"
	"strings"
)

// Page is who may see the status page, and how much. With neither a token nor a header it is for this machine only.
type Page struct {
	Token        func() (string, error) // read at each request; nil for none
	UserHeader   string                 // the field in which a proxy names the user who has logged in; empty for none
	Proxies      []netip.Prefix         // whose field counts
	ShowPersonal bool
}

// Guarded reports whether anybody must show something to see the page.
func (p Page) Guarded() bool { return p.Token != nil || p.UserHeader != "" }

// minToken is how long a token must be, in bytes, so that nobody guesses it.
const minToken = 32

// fieldName is the name of a header field as proxies write it. Others, such as those with an underscore, pass for another
// name on the way.
var fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)

// pageOf checks what is said of the status page in the table [service].
func pageOf(l *loader) Page {
	s := l.raw.Service
	p := Page{UserHeader: s.PageUserHeader, ShowPersonal: s.ShowPersonal}
	if s.Listen == "" {
		for _, k := range []struct {
			key string
			set bool
		}{
			{"page_token_file", s.PageTokenFile != ""}, {"page_user_header", s.PageUserHeader != ""},
			{"page_proxies", len(s.PageProxies) > 0}, {"show_personal", s.ShowPersonal},
		} {
			if k.set {
				l.Bad("service."+k.key, "expected service.listen as well, such as 127.0.0.1:8025: without it there is no status page")
			}
		}
	}
	if s.PageTokenFile != "" {
		p.Token = pageToken(l, s.PageTokenFile)
	}
	switch {
	case s.PageUserHeader != "" && !fieldName.MatchString(s.PageUserHeader):
		l.Bad("service.page_user_header", "expected the name of a header field such as X-Remote-User, not %q", s.PageUserHeader)
	case s.PageUserHeader != "" && len(s.PageProxies) == 0:
		l.Bad("service.page_user_header", "expected service.page_proxies as well, such as [\"127.0.0.1\"]: "+
			"anybody else can write this field too")
	case s.PageUserHeader == "" && len(s.PageProxies) > 0:
		l.Bad("service.page_proxies", "expected service.page_user_header as well, such as X-Remote-User: "+
			"the field in which these proxies name who has logged in")
	}
	for _, text := range s.PageProxies {
		if proxy, ok := network(text); ok {
			p.Proxies = append(p.Proxies, proxy)
			continue
		}
		l.Bad("service.page_proxies", "expected addresses or networks such as 127.0.0.1 or 10.0.0.0/24, not %q", text)
	}
	return p
}

// pageToken reads a token, and then again at each request, so that a changed one holds at once.
func pageToken(l *loader, file string) func() (string, error) {
	const key = "service.page_token_file"
	read := l.secret(key, file)
	if token, err := read(); err == nil && (len(token) < minToken || strings.ContainsAny(token, " \t\r\n")) {
		l.Bad(key, "expected one line of at least %d characters without a blank in %s, as `openssl rand -hex 32` makes it", minToken, file)
	}
	return read
}

// network reads an address, or a network that is not everything.
func network(text string) (netip.Prefix, bool) {
	if addr, err := netip.ParseAddr(text); err == nil {
		addr = addr.Unmap().WithZone("")
		return netip.PrefixFrom(addr, addr.BitLen()), true
	}
	prefix, err := netip.ParsePrefix(text)
	return prefix.Masked(), err == nil && prefix.Bits() > 0
}
