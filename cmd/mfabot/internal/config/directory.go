package config

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"mfabot/intake"
	"mfabot/intake/directory"
	"mfabot/intake/enforce"
)

// directoryKeys are the keys of [directory] that each kind takes, apart from kind.
var directoryKeys = map[string][]string{
	"graph":   {"group", "oauth", "url"},
	"ldap":    {"group", "url", "bind_dn", "password_file", "base", "filter", "member", "ca_file"},
	"command": {"command"},
}

var ldapSchemes = schemes{"ldap": {intake.Plain, "389"}, "ldap+starttls": {intake.StartTLS, "389"}, "ldaps": {intake.TLS, "636"}}

// given lists the keys of [directory] that have a value.
func (d *directoryTable) given() []string {
	var keys []string
	for _, k := range []struct{ key, value string }{
		{"group", d.Group}, {"oauth", d.OAuth}, {"url", d.URL}, {"bind_dn", d.BindDN}, {"password_file", d.PasswordFile},
		{"base", d.Base}, {"filter", d.Filter}, {"member", d.Member}, {"ca_file", d.CAFile},
		{"command", strings.Join(d.Command, " ")},
	} {
		if k.value != "" {
			keys = append(keys, k.key)
		}
	}
	return keys
}

// directory returns the directory of the configuration; nil if there is none.
func (l *loader) directory() enforce.Directory {
	d := &l.raw.Directory
	given := d.given()
	if d.Kind == "" && len(given) == 0 {
		return nil
	}
	takes, known := directoryKeys[d.Kind]
	if !known {
		l.Bad("directory.kind", "expected graph, ldap or command, not %q", d.Kind)
		return nil
	}
	for _, key := range given {
		if !slices.Contains(takes, key) {
			l.Bad("directory."+key, "a directory of the kind %q does not take this key: expected %s", d.Kind,
				strings.Join(takes, ", "))
		}
	}
	switch d.Kind {
	case "graph":
		return l.graph(d)
	case "ldap":
		return l.ldap(d)
	}
	return l.command(d)
}

func (l *loader) graph(d *directoryTable) enforce.Directory {
	address := d.URL
	if address == "" {
		address = "https://graph.microsoft.com/v1.0"
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || !httpURL(u) {
		l.Bad("directory.url", "expected an https URL such as https://graph.microsoft.com/v1.0")
		return nil
	}
	if d.OAuth == "" {
		l.Bad("directory.oauth", "expected the name of an [oauth.NAME] table, for an application that may change the group")
		return nil
	}
	c := l.credentials("directory", "", d.OAuth, true)
	if c.token == nil {
		return nil
	}
	g, err := directory.NewGraph(directory.GraphConfig{URL: address, Group: d.Group, Client: &http.Client{}, Clock: time.Now,
		Token: c.token, Refused: c.refused})
	if err != nil {
		l.Bad("directory.group", "%v", err)
		return nil
	}
	return g
}

// ldapDialTimeout bounds connecting to an LDAP server.
const ldapDialTimeout = 10 * time.Second

func (l *loader) ldap(d *directoryTable) enforce.Directory {
	const want = "ldaps://ldap.example.org:636"
	c := directory.LDAPConfig{BindDN: d.BindDN, Base: d.Base, Group: d.Group, Filter: d.Filter, Member: d.Member,
		Dial: (&net.Dialer{Timeout: ldapDialTimeout}).DialContext}
	srv, ok := l.server("directory.url", d.URL, want, ldapSchemes)
	switch {
	case !ok:
	case srv.user != "" || srv.path != "":
		l.Bad("directory.url", "expected only the server, such as %s: bind_dn and base say the rest", want)
	case srv.security == intake.Plain && !intake.IsLoopback(srv.host):
		l.Bad("directory.url", "expected ldaps:// or ldap+starttls://, or this machine as the host: "+
			"ldap:// shows the password to the network")
	default:
		c.Addr, c.Security = srv.addr, srv.security
		c.TLS = l.tls("directory", d.CAFile, srv.host)
	}
	for _, dn := range []struct{ key, value string }{{"bind_dn", d.BindDN}, {"base", d.Base}, {"group", d.Group}} {
		if _, err := ldap.ParseDN(dn.value); err != nil || dn.value == "" {
			l.Bad("directory."+dn.key, "expected a distinguished name such as cn=MFA-Exempt,ou=groups,dc=example,dc=org, not %q",
				dn.value)
		}
	}
	if c.Filter == "" {
		c.Filter = "(mail=%s)"
	}
	if _, err := ldap.CompileFilter(strings.ReplaceAll(c.Filter, "%s", "x")); err != nil || !strings.Contains(c.Filter, "%s") {
		l.Bad("directory.filter", "expected a filter with %%s where the address goes, such as (mail=%%s), not %q", c.Filter)
	}
	if c.Member == "" {
		c.Member = "member"
	}
	if d.PasswordFile == "" {
		l.Bad("directory.password_file", "expected the file with the password of bind_dn")
		return nil
	}
	c.Password = l.credentials("directory", d.PasswordFile, "", true).password
	return directory.NewLDAP(c)
}

func (l *loader) command(d *directoryTable) enforce.Directory {
	args := program(l, "directory.command", d.Command, "/usr/local/bin/mfa-exempt")
	if args == nil {
		return nil
	}
	c := directory.NewCommand(args)
	c.Env = environment(l)
	return c
}

// program returns a program and its arguments, with the program's whole path; nil if there is none.
func program(l *loader, key string, command []string, example string) []string {
	if len(command) == 0 || command[0] == "" {
		l.Bad(key, "expected a program and its arguments, such as [%q]", example)
		return nil
	}
	args := slices.Clone(command)
	path, err := filepath.Abs(l.path(args[0]))
	if err != nil {
		l.Bad(key, "%v", err)
		return nil
	}
	args[0] = path
	if info, err := os.Stat(path); err != nil {
		l.Bad(key, "%v", err)
	} else if !info.Mode().IsRegular() || info.Mode()&0o111 == 0 {
		l.Bad(key, "%s is not an executable program", path)
	}
	return args
}
