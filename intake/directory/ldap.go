package directory

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"

	"mfabot/intake"
)

// LDAPConfig is how to reach an LDAP server (RFC 4511), and which group to maintain.
type LDAPConfig struct {
	Addr     string          // host:port
	Security intake.Security // intake.Plain only for a server on this machine
	TLS      *tls.Config
	Dial     func(ctx context.Context, network, addr string) (net.Conn, error)

	BindDN   string
	Password func() (string, error) // read at each login

	Base   string // users are searched below this DN
	Filter string // with %s where the address goes, such as (mail=%s)
	Group  string // the group's DN
	Member string // its attribute with the DNs of its members
}

// LDAP maintains the members of a group on an LDAP server. Each call has a connection of its own.
type LDAP struct {
	LDAPConfig
	timeout time.Duration // for connecting, and for each operation
}

// ldapTimeout bounds connecting, and each operation.
const ldapTimeout = 30 * time.Second

// NewLDAP returns the directory of a configuration. It does not connect.
func NewLDAP(c LDAPConfig) *LDAP { return &LDAP{LDAPConfig: c, timeout: ldapTimeout} }

// The attributes of a user that are read, where the server has them.
const (
	attrMail      = "mail"
	attrAlternate = "mailAlternateAddress"
	attrProxies   = "proxyAddresses"
	attrPrincipal = "userPrincipalName"
	attrUID       = "uid"
	attrAccount   = "sAMAccountName" // Active Directory's uid
	attrControl   = "userAccountControl"
	attrName      = "displayName"
	attrCommon    = "cn"
	attrClass     = "objectClass"
	attrUnit      = "ou"         // of an inetOrgPerson
	attrSection   = "department" // Active Directory's
)

// groupClasses are the object classes, in lower case, of entries that are not users, even with an address.
var groupClasses = []string{"group", "groupofnames", "groupofuniquenames", "groupofmembers", "posixgroup"}

// accountDisabled is the bit of userAccountControl for a disabled account.
const accountDisabled = 2

// permissive is the control that has the server accept adding a value that is there, or deleting one that is
// not. Without it, Active Directory refuses the first with a code that can mean anything.
const permissive = "1.2.840.113556.1.4.1413"

// Apply adds the user's DN to the group.
func (d *LDAP) Apply(ctx context.Context, user string) (dn string, err error) {
	err = d.session(ctx, func(s *session) error {
		found, err := s.find(user)
		if err != nil {
			return err
		}
		dn = found.DN
		change := d.change()
		change.Add(d.Member, []string{found.DN})
		return s.modify(change, ldap.LDAPResultAttributeOrValueExists, ldap.LDAPResultEntryAlreadyExists)
	})
	return dn, err
}

// withUser does something with a user's entry, and nothing where there is none.
func (d *LDAP) withUser(ctx context.Context, user string, do func(s *session, found *ldap.Entry) error) error {
	return d.session(ctx, func(s *session) error {
		found, err := s.find(user)
		if errors.Is(err, intake.ErrNoAccount) {
			return nil
		}
		if err != nil {
			return err
		}
		return do(s, found)
	})
}

// Remove removes the user's DN from the group.
func (d *LDAP) Remove(ctx context.Context, user string) error {
	return d.withUser(ctx, user, func(s *session, found *ldap.Entry) error {
		return s.expel(found.DN)
	})
}

// Expel removes a DN from the group.
func (d *LDAP) Expel(ctx context.Context, dn string) error {
	return d.session(ctx, func(s *session) error { return s.expel(dn) })
}

// MayChange returns an error unless the group may be changed. It changes nothing: it removes a member who is none.
func (d *LDAP) MayChange(ctx context.Context) error { return d.Expel(ctx, "cn=mfabot-doctor,"+d.Base) }

// Account reads the user. LDAP does not say what authentication methods they have.
func (d *LDAP) Account(ctx context.Context, user string) (intake.Account, error) {
	a := intake.Account{Methods: intake.Unknown}
	err := d.withUser(ctx, user, func(s *session, found *ldap.Entry) error {
		// Servers other than Active Directory have no such attribute: 0.
		control, _ := strconv.ParseInt(found.GetEqualFoldAttributeValue(attrControl), 10, 64)
		a.Exists, a.Enabled = true, control&accountDisabled == 0
		a.Name = nameOf(found)
		a.Department = cmp.Or(found.GetEqualFoldAttributeValue(attrSection), found.GetEqualFoldAttributeValue(attrUnit))
		a.SignIn = cmp.Or(found.GetEqualFoldAttributeValue(attrPrincipal), found.GetEqualFoldAttributeValue(attrUID),
			found.GetEqualFoldAttributeValue(attrAccount))
		return nil
	})
	return a, err
}

// Names returns the names to sign in with, and the addresses.
func (d *LDAP) Names(ctx context.Context, user string) (out []string, err error) {
	err = d.withUser(ctx, user, func(s *session, found *ldap.Entry) error {
		out = slices.Concat(addressesOf(found), found.GetEqualFoldAttributeValues(attrUID), found.GetEqualFoldAttributeValues(attrAccount))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// inChain is the rule by which Active Directory finds members of groups in groups ([MS-ADTS], section 3.1.1.3.4.4.3).
// To other servers it is unknown, and true of nothing (RFC 4511, section 4.5.1.7.7).
const inChain = "1.2.840.113556.1.4.1941"

// Groups finds the groups that the user is a member of, below the base and beside the group.
func (d *LDAP) Groups(ctx context.Context, user string) (out []string, err error) {
	err = d.withUser(ctx, user, func(s *session, found *ldap.Entry) error {
		dn := ldap.EscapeFilter(found.DN)
		filter := "(|(member=" + dn + ")(uniqueMember=" + dn + ")(member:" + inChain + ":=" + dn + "))"
		for _, base := range []string{d.Base, above(d.Group)} {
			groups, err := s.search(base, ldap.ScopeWholeSubtree, 0, filter, []string{attrCommon})
			if err != nil {
				return s.explain("search for the groups of "+user, err)
			}
			for _, g := range groups {
				out = append(out, g.GetEqualFoldAttributeValues(attrCommon)...)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// above returns the DN of what an entry is in.
func above(dn string) string {
	parsed, err := ldap.ParseDN(dn)
	if err != nil || len(parsed.RDNs) < 2 {
		return dn
	}
	parsed.RDNs = parsed.RDNs[1:]
	return parsed.String()
}

// Members reads the group, and the addresses of each member. A member that is gone, or that is a group, has
// none. The account of BindDN is left out: it may be the member that a groupOfNames must always have.
func (d *LDAP) Members(ctx context.Context) ([]intake.Member, error) {
	var out []intake.Member
	err := d.session(ctx, func(s *session) error {
		dns, err := s.values(d.Group, d.Member)
		if err != nil {
			return err
		}
		for _, dn := range dns {
			if d.isOwn(dn) {
				continue
			}
			m, err := s.member(dn)
			if err != nil {
				return err
			}
			out = append(out, m)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// isOwn reports whether a DN is that of BindDN, however it is spelt.
func (d *LDAP) isOwn(dn string) bool {
	own, err := ldap.ParseDN(d.BindDN)
	if err != nil {
		return false
	}
	other, err := ldap.ParseDN(dn)
	return err == nil && own.EqualFold(other)
}

func (d *LDAP) change() *ldap.ModifyRequest {
	return ldap.NewModifyRequest(d.Group, []ldap.Control{ldap.NewControlString(permissive, false, "")})
}

// find looks for the one user with an address. intake.ErrNoAccount if there is none.
func (s *session) find(user string) (*ldap.Entry, error) {
	filter := strings.ReplaceAll(s.dir.Filter, "%s", ldap.EscapeFilter(user))
	found, err := s.search(s.dir.Base, ldap.ScopeWholeSubtree, 2, filter,
		[]string{attrControl, attrClass, attrName, attrCommon, attrSection, attrUnit,
			attrPrincipal, attrMail, attrAlternate, attrProxies, attrUID, attrAccount})
	many := ldap.IsErrorWithCode(err, ldap.LDAPResultSizeLimitExceeded)
	switch {
	case many, err == nil && len(found) > 1:
		return nil, lasting("%s: more than one entry below %q fits %s: make base or filter of [directory] say which",
			s.dir.Addr, s.dir.Base, filter)
	case ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject):
		return nil, lasting("%s: there is no entry %q to search below, or %s may not read it (base of [directory]): %w",
			s.dir.Addr, s.dir.Base, s.dir.BindDN, err)
	case err != nil:
		return nil, s.explain("search for "+user, err)
	case len(found) == 0, isGroup(found[0]): // exempting a group would exempt all its members
		return nil, noAccount(s.dir.Addr, user)
	}
	return found[0], nil
}

// nameOf returns the name of an entry for people.
func nameOf(e *ldap.Entry) string {
	return cmp.Or(e.GetEqualFoldAttributeValue(attrName), e.GetEqualFoldAttributeValue(attrCommon))
}

// isGroup reports whether an entry is a group. A group can have an address too.
func isGroup(e *ldap.Entry) bool {
	return slices.ContainsFunc(e.GetEqualFoldAttributeValues(attrClass), func(class string) bool {
		return slices.Contains(groupClasses, strings.ToLower(class))
	})
}

// modify changes the group. done are the result codes for a change that is already made.
func (s *session) modify(change *ldap.ModifyRequest, done ...uint16) error {
	s.allow()
	err := s.conn.Modify(change)
	switch {
	case err == nil, ldap.IsErrorAnyOf(err, done...):
		return nil
	case ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject):
		return s.noGroup(err)
	case ldap.IsErrorWithCode(err, ldap.LDAPResultObjectClassViolation):
		return lasting("%s: the group %s must not be without a member: add one that stays, which %s itself may be: %w",
			s.dir.Addr, s.dir.Group, s.dir.BindDN, err)
	}
	return s.explain("change of "+s.dir.Group, err)
}

func (s *session) expel(dn string) error {
	change := s.dir.change()
	change.Delete(s.dir.Member, []string{dn})
	return s.modify(change, ldap.LDAPResultNoSuchAttribute)
}

func (s *session) noGroup(err error) error {
	return lasting("%s: there is no group %s, or %s may not see it (group of [directory]): %w",
		s.dir.Addr, s.dir.Group, s.dir.BindDN, err)
}

// values reads all values of an attribute of the group. Active Directory returns a long one in pieces, from
// member;range=0-1499 to one such as member;range=1500-* ([MS-ADTS], section 3.1.1.3.1.3.3).
func (s *session) values(dn, attribute string) ([]string, error) {
	var out []string
	for ask := attribute; ; {
		found, err := s.search(dn, ldap.ScopeBaseObject, 0, "(objectClass=*)", []string{ask})
		if ldap.IsErrorWithCode(err, ldap.LDAPResultNoSuchObject) || (err == nil && len(found) == 0) {
			return nil, s.noGroup(err)
		}
		if err != nil {
			return nil, s.explain("read of "+dn, err)
		}
		more := false
		for _, a := range found[0].Attributes {
			name, option, _ := strings.Cut(a.Name, ";")
			if !strings.EqualFold(name, attribute) {
				continue
			}
			out = append(out, a.Values...)
			_, end, ranged := strings.Cut(option, "-")
			more = more || (ranged && end != "*" && len(a.Values) > 0)
		}
		if !more {
			return out, nil
		}
		ask = fmt.Sprintf("%s;range=%d-*", attribute, len(out))
	}
}

// member reads the entry of a member.
func (s *session) member(dn string) (intake.Member, error) {
	m := intake.Member{ID: dn}
	found, err := s.search(dn, ldap.ScopeBaseObject, 0, "(objectClass=*)",
		[]string{attrMail, attrAlternate, attrProxies, attrPrincipal, attrName, attrCommon, attrClass})
	gone := ldap.IsErrorAnyOf(err, ldap.LDAPResultNoSuchObject, ldap.LDAPResultInvalidDNSyntax)
	if gone || (err == nil && len(found) == 0) {
		return m, nil
	}
	if err != nil {
		return m, s.explain("read of "+dn, err)
	}
	e := found[0]
	m.Name = nameOf(e)
	if isGroup(e) {
		return m, nil
	}
	m.Addresses = addressesOf(e)
	return m, nil
}

// addressesOf returns the addresses of an entry.
func addressesOf(e *ldap.Entry) []string {
	return addresses(slices.Concat(
		e.GetEqualFoldAttributeValues(attrPrincipal),
		e.GetEqualFoldAttributeValues(attrMail),
		e.GetEqualFoldAttributeValues(attrAlternate),
		proxied(e.GetEqualFoldAttributeValues(attrProxies)),
	))
}
