// Package slapdtest runs OpenLDAP's slapd, as Debian packages it, from a scratch
// folder on a free port, for the tests on real servers. It holds a few users and
// groups of those who are exempt from MFA, and a service that may change the groups.
//
// What a test does by hand it does with the LDAP tools of the package ldap-utils,
// which share no code with the client that is tested. No part of the program
// imports this.
package slapdtest

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The entries that a server has from the beginning.
const (
	Base     = "dc=pharmacy,dc=test"
	Users    = "ou=users," + Base
	Group    = "cn=MFA-Exempt,ou=groups," + Base // of those who are exempt
	BindDN   = "cn=mfabot,ou=services," + Base   // may search users, and change the members of groups
	Nobody   = "cn=nobody,ou=services," + Base   // is no user
	Password = "correct horse"                   // of BindDN

	adminDN, adminPassword = "cn=admin," + Base, "battery staple"
)

// startWithin bounds starting and stopping, and each use of a tool.
const startWithin = 30 * time.Second

// Server is a slapd. Its methods end the test where they fail.
type Server struct {
	URL    string // ldap://127.0.0.1:PORT, where it offers STARTTLS
	URLTLS string // ldaps://127.0.0.1:PORT
	CAFile string // of the authority that signed its certificate, in PEM form

	t      testing.TB
	dir    string
	output *bytes.Buffer // to be read when ended
	cmd    *exec.Cmd     // nil while it is stopped
}

// Start makes a server in a folder of its own and starts it. It ends with the test.
func Start(t testing.TB) *Server {
	t.Helper()
	for _, tool := range []string{"slapd", "slapadd", "ldapmodify", "ldapsearch"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is not installed: make test-real installs it", tool)
		}
	}
	s := &Server{t: t, dir: t.TempDir()}
	s.CAFile = filepath.Join(s.dir, "ca.pem")
	s.URL, s.URLTLS = "ldap://"+freePort(t), "ldaps://"+freePort(t)
	s.must(os.Mkdir(filepath.Join(s.dir, "data"), 0o700))
	s.must(makeCertificate(s.dir))
	s.must(os.WriteFile(s.file("slapd.conf"), fmt.Appendf(nil, config, s.dir, Base, adminDN, adminPassword, BindDN), 0o600))
	s.must(os.WriteFile(s.file("admin.password"), []byte(adminPassword), 0o600))
	s.run("slapadd", "-f", s.file("slapd.conf"), "-l", s.write("first.ldif", fmt.Sprintf(entries, Base, Password)))
	s.StartAgain()
	t.Cleanup(func() {
		if s.cmd != nil {
			s.Stop()
		}
		if t.Failed() {
			t.Log(s.output.String())
		}
	})
	return s
}

// config is slapd.conf(5).
const config = `
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/msuser.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile %[1]s/slapd.pid
TLSCACertificateFile %[1]s/ca.pem
TLSCertificateFile %[1]s/cert.pem
TLSCertificateKeyFile %[1]s/key.pem
database mdb
suffix %[2]s
directory %[1]s/data
rootdn "%[3]s"
rootpw "%[4]s"
access to attrs=userPassword by anonymous auth
access to dn.base="cn=Locked,ou=groups,%[2]s" by dn="%[5]s" read
access to dn.subtree="ou=groups,%[2]s" by dn="%[5]s" write
access to * by dn="%[5]s" read
`

// entries are the first in LDIF.
const entries = `dn: %[1]s
objectClass: dcObject
objectClass: organization
o: Pharmacies
dc: pharmacy

dn: ou=users,%[1]s
objectClass: organizationalUnit

dn: ou=services,%[1]s
objectClass: organizationalUnit

dn: ou=groups,%[1]s
objectClass: organizationalUnit

dn: cn=mfabot,ou=services,%[1]s
objectClass: organizationalRole
objectClass: simpleSecurityObject
userPassword: %[2]s

dn: cn=nobody,ou=services,%[1]s
objectClass: organizationalRole

dn: cn=MFA-Exempt,ou=groups,%[1]s
objectClass: groupOfNames
member: cn=mfabot,ou=services,%[1]s

dn: cn=Locked,ou=groups,%[1]s
objectClass: groupOfNames
member: cn=mfabot,ou=services,%[1]s
`

// StartAgain starts a server that was stopped, with the data that it had.
func (s *Server) StartAgain() {
	s.t.Helper()
	s.output = new(bytes.Buffer)
	s.cmd = exec.Command("slapd", "-d", "stats", "-f", s.file("slapd.conf"), "-h", s.URL+" "+s.URLTLS) //nolint:noctx // until Stop
	s.cmd.Stdout, s.cmd.Stderr = s.output, s.output
	s.must(s.cmd.Start())
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	for tick := time.NewTicker(10 * time.Millisecond); ; {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", strings.TrimPrefix(s.URL, "ldap://"))
		if err == nil {
			s.must(conn.Close())
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			s.Stop()
			s.t.Fatalf("slapd did not start: %v\n%s", err, s.output)
		}
	}
}

// Stop ends the server.
func (s *Server) Stop() {
	s.t.Helper()
	s.must(s.cmd.Process.Signal(syscall.SIGTERM))
	kill := time.AfterFunc(startWithin, func() { _ = s.cmd.Process.Kill() })
	defer kill.Stop()
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("slapd: %v\n%s", err, s.output)
	}
	s.cmd = nil
}

// AddUser adds a user with a common name, which may hold any character, and
// attributes such as "mail: sam@pharmacy.test", and returns the DN.
func (s *Server) AddUser(name string, attributes ...string) (dn string) {
	s.t.Helper()
	// As slapd writes it, RFC 4514, section 2.4.
	escaped := strings.NewReplacer(`\`, `\5C`, ",", `\2C`, "+", `\2B`, `"`, `\22`, "<", `\3C`, ">", `\3E`, ";", `\3B`).Replace(name)
	dn = "cn=" + escaped + "," + Users
	s.Change(append([]string{"dn:: " + base64.StdEncoding.EncodeToString([]byte(dn)), "changetype: add",
		"objectClass: inetOrgPerson", "objectClass: extensibleObject", "cn: " + name, "sn: " + name}, attributes...)...)
	return dn
}

// Members are the members of Group, in order. BindDN is one from the beginning, since
// the group must not be empty.
func (s *Server) Members() []string {
	s.t.Helper()
	out := s.run("ldapsearch", "-LLL", "-o", "ldif_wrap=no", "-x", "-H", s.URL, "-D", adminDN, "-y", s.file("admin.password"),
		"-s", "base", "-b", Group, "member")
	var dns []string
	for line := range strings.Lines(out) {
		line = strings.TrimSpace(line)
		if dn, plain := strings.CutPrefix(line, "member: "); plain {
			dns = append(dns, dn)
		} else if coded, found := strings.CutPrefix(line, "member:: "); found {
			dn, err := base64.StdEncoding.DecodeString(coded)
			s.must(err)
			dns = append(dns, string(dn))
		}
	}
	slices.Sort(dns)
	return dns
}

// AddMember adds a DN to Group, as somebody does who is not the bot.
func (s *Server) AddMember(dn string) {
	s.t.Helper()
	s.Change("dn: "+Group, "changetype: modify", "add: member", "member: "+dn)
}

// RemoveMember takes a DN out of Group, as somebody does who is not the bot.
func (s *Server) RemoveMember(dn string) {
	s.t.Helper()
	s.Change("dn: "+Group, "changetype: modify", "delete: member", "member: "+dn)
}

// Change makes one change, given in lines of LDIF, as the administrator.
func (s *Server) Change(lines ...string) {
	s.t.Helper()
	s.run("ldapmodify", "-x", "-H", s.URL, "-D", adminDN, "-y", s.file("admin.password"),
		"-f", s.write("change.ldif", strings.Join(lines, "\n")+"\n"))
}

func (s *Server) file(name string) string { return filepath.Join(s.dir, name) }

func (s *Server) write(name, text string) (file string) {
	s.t.Helper()
	s.must(os.WriteFile(s.file(name), []byte(text), 0o600))
	return s.file(name)
}

// run runs a tool, and returns what it says.
func (s *Server) run(program string, args ...string) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	var out, failed bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdout, cmd.Stderr = &out, &failed
	if err := cmd.Run(); err != nil {
		s.t.Fatalf("%s: %v\n%s%s", program, err, out.String(), failed.String())
	}
	return out.String()
}

func (s *Server) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// freePort returns an address of loopback that was free just now.
func freePort(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at once
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().String()
}
