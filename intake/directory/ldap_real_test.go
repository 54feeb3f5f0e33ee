//go:build real

package directory_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/directory"
	"mfabot/intake/directory/slapdtest"
)

// slapdConfig is the configuration for a server, with STARTTLS.
func slapdConfig(t *testing.T, s *slapdtest.Server) directory.LDAPConfig {
	t.Helper()
	pem, err := os.ReadFile(s.CAFile)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return directory.LDAPConfig{
		Addr: strings.TrimPrefix(s.URL, "ldap://"), Security: intake.StartTLS,
		TLS:    &tls.Config{RootCAs: roots, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12},
		Dial:   (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		BindDN: slapdtest.BindDN, Password: func() (string, error) { return slapdtest.Password, nil },
		Base: slapdtest.Users, Filter: "(mail=%s)", Group: slapdtest.Group, Member: "member",
	}
}

func TestRealSlapd(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := slapdtest.Start(t)
	sam := s.AddUser("Sam Green", "mail: Sam.Green@pharmacy.test", "displayName: Sam", "ou: Dispensary")
	lee := s.AddUser(`Lee "Doc" O'Brien, locum + relief <west>; \ (*) Zoë`, "mail: lee@pharmacy.test", "mail: relief@pharmacy.test",
		"proxyAddresses: SMTP:Lee@pharmacy.test", "proxyAddresses: smtp:l.obrien@pharmacy.test", "proxyAddresses: sip:lee@pharmacy.test", "userAccountControl: 514")
	s.AddUser("Twin A", "mail: twin@pharmacy.test", "userAccountControl: 512")
	s.AddUser("Twin B", "mail: twin@pharmacy.test")
	s.AddUser("Twin C", "mail: twin@pharmacy.test")

	for name, security := range map[string]intake.Security{s.URL: intake.Plain, s.URL + "+": intake.StartTLS, s.URLTLS: intake.TLS} {
		c := slapdConfig(t, s)
		_, addr, _ := strings.Cut(strings.TrimSuffix(name, "+"), "://")
		c.Addr, c.Security = addr, security
		d := directory.NewLDAP(c)

		for range 2 {
			succeeds(t, apply(d)(ctx, "sam.green@pharmacy.test"))
		}
		succeeds(t, apply(d)(ctx, "relief@pharmacy.test"))
		equal(t, s.Members(), sorted(sam, lee, slapdtest.BindDN))
		members, err := d.Members(ctx)
		succeeds(t, err)
		equal(t, byID(members), []intake.Member{
			{ID: lee, Name: `Lee "Doc" O'Brien, locum + relief <west>; \ (*) Zoë`, Addresses: []string{"lee@pharmacy.test", "relief@pharmacy.test", "l.obrien@pharmacy.test"}},
			{ID: sam, Name: "Sam", Addresses: []string{"sam.green@pharmacy.test"}},
		})

		for range 2 {
			succeeds(t, d.Remove(ctx, "sam.green@pharmacy.test"))
			succeeds(t, d.Expel(ctx, lee))
		}
		equal(t, s.Members(), []string{slapdtest.BindDN})
	}

	d := directory.NewLDAP(slapdConfig(t, s))
	for user, want := range map[string]intake.Account{
		"SAM.green@pharmacy.test": {Exists: true, Enabled: true, Methods: intake.Unknown, Name: "Sam", Department: "Dispensary"}, // no userAccountControl
		"lee@pharmacy.test":       {Exists: true, Enabled: false, Methods: intake.Unknown, Name: `Lee "Doc" O'Brien, locum + relief <west>; \ (*) Zoë`},
		"nobody@pharmacy.test":    {Methods: intake.Unknown},
		"*@pharmacy.test":         {Methods: intake.Unknown},
		"lee@*":                   {Methods: intake.Unknown},
		"x)(mail=lee*":            {Methods: intake.Unknown},
	} {
		got, err := d.Account(ctx, user)
		succeeds(t, err)
		equal(t, got, want)
	}
	fails(t, apply(d)(ctx, "nobody@pharmacy.test"), intake.ErrNoAccount, false, "nobody@pharmacy.test")
	succeeds(t, d.Remove(ctx, "nobody@pharmacy.test"))
	fails(t, apply(d)(ctx, "twin@pharmacy.test"), nil, false, "more than one entry")
	_, err := d.Account(ctx, "twin@pharmacy.test")
	fails(t, err, nil, false, "more than one entry")

	// What somebody else does in the group.
	s.AddMember(sam)
	succeeds(t, apply(d)(ctx, "sam.green@pharmacy.test"))
	s.RemoveMember(sam)
	succeeds(t, d.Remove(ctx, "sam.green@pharmacy.test"))
	gone := "cn=gone," + slapdtest.Users
	s.AddMember(gone)
	s.AddMember(slapdtest.Nobody)
	members, err := d.Members(ctx)
	succeeds(t, err)
	equal(t, byID(members), []intake.Member{{ID: gone}, {ID: slapdtest.Nobody, Name: "nobody"}})
	succeeds(t, d.Expel(ctx, gone))
	succeeds(t, d.Expel(ctx, slapdtest.Nobody))
	s.AddMember(sam)
	s.RemoveMember(slapdtest.BindDN)
	fails(t, d.Remove(ctx, "sam.green@pharmacy.test"), nil, false, "must not be without a member: add one that stays, which cn=mfabot,")
	equal(t, s.Members(), []string{sam})
}

// TestRealSlapdRefuses: what is wrong stays wrong, and is said in words.
func TestRealSlapdRefuses(t *testing.T) {
	t.Parallel()
	s := slapdtest.Start(t)
	s.AddUser("Sam Green", "mail: sam.green@pharmacy.test")
	for name, c := range map[string]struct {
		change func(*directory.LDAPConfig)
		text   string
	}{
		"wrong password":      {func(c *directory.LDAPConfig) { c.Password = secret("tr0ub4dor") }, "49 Invalid Credentials:  (check bind_dn and the password of [directory])"},
		"unknown service":     {func(c *directory.LDAPConfig) { c.BindDN = "cn=nobody" }, "log in as cn=nobody: 49 "},
		"empty password":      {func(c *directory.LDAPConfig) { c.Password = secret("") }, "password"},
		"no password":         {func(c *directory.LDAPConfig) { c.Password = func() (string, error) { return "", os.ErrNotExist } }, "password of " + slapdtest.BindDN},
		"no group":            {func(c *directory.LDAPConfig) { c.Group = "cn=Other,ou=groups," + slapdtest.Base }, "there is no group cn=Other,ou=groups"},
		"no base":             {func(c *directory.LDAPConfig) { c.Base = "ou=people," + slapdtest.Base }, `there is no entry "ou=people,`},
		"no right":            {func(c *directory.LDAPConfig) { c.Group = "cn=Locked,ou=groups," + slapdtest.Base }, "50 Insufficient Access Rights"},
		"no such attribute":   {func(c *directory.LDAPConfig) { c.Member = "membre" }, "check member of [directory]"},
		"other authority":     {func(c *directory.LDAPConfig) { c.TLS.RootCAs = x509.NewCertPool() }, "its certificate is not trusted"},
		"other host":          {func(c *directory.LDAPConfig) { c.TLS.ServerName = "ldap.example.org" }, "its certificate is not trusted"},
		"other authority tls": {func(c *directory.LDAPConfig) { onTLS(c, s); c.TLS.RootCAs = x509.NewCertPool() }, "its certificate is not trusted"},
	} {
		t.Run(name, func(t *testing.T) {
			config := slapdConfig(t, s)
			c.change(&config)
			err := apply(directory.NewLDAP(config))(t.Context(), "sam.green@pharmacy.test")
			fails(t, err, nil, false, c.text)
			if !strings.Contains(err.Error(), "127.0.0.1:") || strings.Contains(err.Error(), "tr0ub4dor") {
				t.Errorf("it says %q", err)
			}
		})
	}
	equal(t, s.Members(), []string{slapdtest.BindDN})
}

// TestRealSlapdMayChange: whether the group may be changed is said, and it is not changed by that.
func TestRealSlapdMayChange(t *testing.T) {
	t.Parallel()
	s := slapdtest.Start(t)
	sam := s.AddUser("Sam Green", "mail: sam.green@pharmacy.test")
	s.AddMember(sam)
	c := slapdConfig(t, s)
	succeeds(t, directory.NewLDAP(c).MayChange(t.Context()))
	equal(t, s.Members(), sorted(sam, slapdtest.BindDN))
	c.Group = "cn=Locked,ou=groups," + slapdtest.Base
	fails(t, directory.NewLDAP(c).MayChange(t.Context()), nil, false, "50 Insufficient Access Rights")
}

// TestRealSlapdDown: a server that is down for a while is no lasting trouble.
func TestRealSlapdDown(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := slapdtest.Start(t)
	sam := s.AddUser("Sam Green", "mail: sam.green@pharmacy.test")
	d := directory.NewLDAP(slapdConfig(t, s))
	succeeds(t, apply(d)(ctx, "sam.green@pharmacy.test"))
	s.Stop()
	fails(t, d.Remove(ctx, "sam.green@pharmacy.test"), nil, true, "cannot be reached")
	_, err := d.Members(ctx)
	fails(t, err, nil, true, "cannot be reached")
	s.StartAgain()
	equal(t, s.Members(), sorted(sam, slapdtest.BindDN))
	succeeds(t, d.Remove(ctx, "sam.green@pharmacy.test"))
	equal(t, s.Members(), []string{slapdtest.BindDN})
}

func onTLS(c *directory.LDAPConfig, s *slapdtest.Server) {
	c.Addr, c.Security = strings.TrimPrefix(s.URLTLS, "ldaps://"), intake.TLS
}

func secret(s string) func() (string, error) { return func() (string, error) { return s, nil } }

func sorted(dns ...string) []string {
	slices.Sort(dns)
	return dns
}

func byID(members []intake.Member) []intake.Member {
	slices.SortFunc(members, func(a, b intake.Member) int { return strings.Compare(a.ID, b.ID) })
	return members
}

// TestRealSlapdGroups: the groups of a user are found below the base and beside the group.
func TestRealSlapdGroups(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s := slapdtest.Start(t)
	sam := s.AddUser("Sam (Green)", "mail: sam.green@pharmacy.test")
	s.AddUser("Lee", "mail: lee@pharmacy.test")
	s.Change("dn: cn=Tier 0,"+slapdtest.Users, "changetype: add", "objectClass: groupOfNames", "cn: Tier 0", "member: "+sam)
	s.AddMember(sam)
	d := directory.NewLDAP(slapdConfig(t, s))
	for user, want := range map[string][]string{
		"sam.green@pharmacy.test": {"MFA-Exempt", "Tier 0"},
		"lee@pharmacy.test":       nil,
		"nobody@pharmacy.test":    nil,
	} {
		groups, err := d.Groups(ctx, user)
		succeeds(t, err)
		slices.Sort(groups)
		equal(t, groups, want)
	}
}
