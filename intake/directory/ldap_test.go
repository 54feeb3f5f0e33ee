package directory_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"

	"mfabot/intake"
	"mfabot/intake/directory"
)

// server is an LDAP server that says what no slapd can be brought to say: each operation is answered by its
// tag.
type server struct {
	t       *testing.T
	ln      net.Listener
	clients sync.WaitGroup
	answers map[ber.Tag]answer
}

// answer writes the answer to a request, or returns an error to hang up.
type answer func(conn net.Conn, id int64, op *ber.Packet) error

func serve(t *testing.T, answers map[ber.Tag]answer) directory.LDAPConfig {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	succeeds(t, err)
	s := &server{t: t, ln: ln, answers: answers}
	s.clients.Go(s.accept)
	t.Cleanup(func() {
		_ = ln.Close()
		s.clients.Wait()
	})
	return directory.LDAPConfig{Addr: ln.Addr().String(), Security: intake.Plain, Dial: new(net.Dialer).DialContext,
		BindDN: "cn=mfabot", Password: func() (string, error) { return "correct horse", nil },
		Base: "dc=pharmacy,dc=test", Filter: "(mail=%s)", Group: "cn=exempt", Member: "member"}
}

func (s *server) accept() {
	for {
		conn, err := s.ln.Accept()
		if err != nil {
			return
		}
		s.clients.Go(func() {
			defer func() { _ = conn.Close() }()
			for {
				p, err := ber.ReadPacket(conn)
				if err != nil {
					return
				}
				id, op := p.Children[0].Value.(int64), p.Children[1]
				act, scripted := s.answers[op.Tag]
				if !scripted {
					act = code(0, "")
				}
				if op.Tag == ldap.ApplicationUnbindRequest || act(conn, id, op) != nil {
					return
				}
			}
		})
	}
}

// code answers with a result code.
func code(result int, text string) answer {
	return func(conn net.Conn, id int64, op *ber.Packet) error {
		tags := map[ber.Tag]ber.Tag{ldap.ApplicationSearchRequest: ldap.ApplicationSearchResultDone}
		tag, other := tags[op.Tag]
		if !other {
			tag = op.Tag + 1
		}
		r := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
		r.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, result, ""))
		r.AppendChild(text8(""))
		r.AppendChild(text8(text))
		return send(conn, id, r)
	}
}

// silence answers nothing.
func silence(net.Conn, int64, *ber.Packet) error { return nil }

// hangUp ends the connection.
func hangUp(net.Conn, int64, *ber.Packet) error { return io.ErrUnexpectedEOF }

// entries answers a search by the base and the attributes that it asks for.
func entries(find func(base string, asked []string) (dn string, attributes map[string][]string)) answer {
	return func(conn net.Conn, id int64, op *ber.Packet) error {
		var asked []string
		for _, a := range op.Children[7].Children {
			asked = append(asked, a.Data.String())
		}
		dn, attributes := find(op.Children[0].Data.String(), asked)
		if dn != "" {
			e := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultEntry, nil, "")
			e.AppendChild(text8(dn))
			list := ber.NewSequence("")
			for name, values := range attributes {
				a, set := ber.NewSequence(""), ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
				for _, v := range values {
					set.AppendChild(text8(v))
				}
				a.AppendChild(text8(name))
				a.AppendChild(set)
				list.AppendChild(a)
			}
			e.AppendChild(list)
			if err := send(conn, id, e); err != nil {
				return err
			}
		}
		return code(0, "")(conn, id, op)
	}
}

func text8(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

func send(conn net.Conn, id int64, op *ber.Packet) error {
	p := ber.NewSequence("")
	p.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, id, ""))
	p.AppendChild(op)
	_, err := conn.Write(p.Bytes())
	return err
}

// sam is the only user of a server.
var sam = entries(func(string, []string) (string, map[string][]string) { return "cn=sam", nil })

func TestLDAPAnswers(t *testing.T) {
	t.Parallel()
	const bind, search, modify = ldap.ApplicationBindRequest, ldap.ApplicationSearchRequest, ldap.ApplicationModifyRequest
	for name, c := range map[string]struct {
		answers   map[ber.Tag]answer
		temporary bool
		words     string // of the error of Apply; "" for none
	}{
		"busy":             {map[ber.Tag]answer{bind: code(51, "try later")}, true, "log in as cn=mfabot: 51 Busy: try later (it is busy)"},
		"unavailable":      {map[ber.Tag]answer{search: code(52, "")}, true, "52 Unavailable"},
		"time limit":       {map[ber.Tag]answer{search: code(3, "")}, true, "it takes too long"},
		"shut down":        {map[ber.Tag]answer{search: sam, modify: code(52, "shutting down")}, true, "change of cn=exempt: 52 "},
		"hangs up":         {map[ber.Tag]answer{bind: hangUp}, true, "the connection failed"},
		"hangs up later":   {map[ber.Tag]answer{search: sam, modify: hangUp}, true, "change of cn=exempt: the connection failed"},
		"is there":         {map[ber.Tag]answer{search: sam, modify: code(20, "")}, false, ""},
		"is there, in AD":  {map[ber.Tag]answer{search: sam, modify: code(68, "00000562: UpdErr: problem 6005 (ENTRY_EXISTS)")}, false, ""},
		"refused":          {map[ber.Tag]answer{search: sam, modify: code(53, "read\nonly\x00")}, false, "53 Unwilling To Perform: read only"},
		"needs encryption": {map[ber.Tag]answer{bind: code(13, "")}, false, "use ldaps:// or ldap+starttls://"},
		"refers elsewhere": {map[ber.Tag]answer{search: sam, modify: code(10, "")}, false, "refers to another"},
		"rather many":      {map[ber.Tag]answer{search: code(4, "")}, false, "more than one entry"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := apply(directory.NewLDAP(serve(t, c.answers)))(t.Context(), "sam@pharmacy.test")
			if c.words == "" {
				succeeds(t, err)
				return
			}
			fails(t, err, nil, c.temporary, c.words)
			if !strings.HasPrefix(err.Error(), "127.0.0.1:") {
				t.Errorf("it does not name the server: %v", err)
			}
		})
	}
	gone := directory.NewLDAP(serve(t, map[ber.Tag]answer{search: sam, modify: code(16, "")}))
	succeeds(t, gone.Remove(t.Context(), "sam@pharmacy.test"))
	succeeds(t, gone.Expel(t.Context(), "cn=sam"))
	refused := serve(t, map[ber.Tag]answer{ldap.ApplicationExtendedRequest: code(2, "no TLS here")})
	refused.Security = intake.StartTLS
	fails(t, apply(directory.NewLDAP(refused))(t.Context(), "sam@pharmacy.test"), nil, false, "STARTTLS: 2 Protocol Error: no TLS here")
}

// TestLDAPSilence: whoever waits for a silent server may stop waiting at any point.
func TestLDAPSilence(t *testing.T) {
	t.Parallel()
	for name, silent := range map[string]ber.Tag{
		"login":    ldap.ApplicationBindRequest,
		"search":   ldap.ApplicationSearchRequest,
		"STARTTLS": ldap.ApplicationExtendedRequest,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reached := make(chan struct{})
			config := serve(t, map[ber.Tag]answer{silent: func(net.Conn, int64, *ber.Packet) error {
				close(reached)
				return nil
			}})
			if silent == ldap.ApplicationExtendedRequest {
				config.Security = intake.StartTLS
			}
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-reached
				cancel()
			}()
			_, err := directory.NewLDAP(config).Members(ctx)
			fails(t, err, context.Canceled, true, "127.0.0.1:")
		})
	}
	t.Run("by itself", func(t *testing.T) {
		t.Parallel()
		d := directory.NewLDAP(serve(t, map[ber.Tag]answer{ldap.ApplicationSearchRequest: silence}))
		directory.SetTimeout(d, 50*time.Millisecond)
		fails(t, apply(d)(t.Context(), "sam@pharmacy.test"), nil, true, "search for sam@pharmacy.test: the connection failed")
	})
}

// TestLDAPRanges: Active Directory gives the members of a large group in pieces.
func TestLDAPRanges(t *testing.T) {
	t.Parallel()
	const most, all = 100, 230
	dn := func(i int) string { return fmt.Sprintf("cn=user%d", i) }
	config := serve(t, map[ber.Tag]answer{ldap.ApplicationSearchRequest: entries(func(
		base string, asked []string,
	) (string, map[string][]string) {
		if base != "cn=exempt" {
			return base, map[string][]string{"objectClass": {"top", "user"}, "mail": {strings.TrimPrefix(base, "cn=") + "@pharmacy.test"}}
		}
		first := 0
		if asked[0] != "member" {
			_, err := fmt.Sscanf(asked[0], "member;range=%d-*", &first)
			succeeds(t, err)
		}
		var values []string
		for i := first; i < min(first+most, all); i++ {
			values = append(values, dn(i))
		}
		last := "*"
		if first+most < all {
			last = fmt.Sprint(first + most - 1)
		}
		return base, map[string][]string{"member": nil, fmt.Sprintf("member;range=%d-%s", first, last): values}
	})})
	members, err := directory.NewLDAP(config).Members(t.Context())
	succeeds(t, err)
	if len(members) != all {
		t.Fatalf("%d members, want %d", len(members), all)
	}
	for i, m := range members {
		if m.ID != dn(i) || len(m.Addresses) != 1 || m.Addresses[0] != fmt.Sprintf("user%d@pharmacy.test", i) {
			t.Fatalf("member %d is %v", i, m)
		}
	}
}

// TestLDAPGroupsAreNoUsers: a group within the group has an address, and is nobody.
func TestLDAPGroupsAreNoUsers(t *testing.T) {
	t.Parallel()
	config := serve(t, map[ber.Tag]answer{ldap.ApplicationSearchRequest: entries(func(
		base string, _ []string,
	) (string, map[string][]string) {
		if base == "cn=exempt" {
			return base, map[string][]string{"member": {"cn=team"}}
		}
		return base, map[string][]string{"objectClass": {"top", "Group"}, "cn": {"team"}, "mail": {"team@pharmacy.test"}}
	})})
	members, err := directory.NewLDAP(config).Members(t.Context())
	succeeds(t, err)
	equal(t, members, []intake.Member{{ID: "cn=team", Name: "team"}})
}

// TestLDAPNames: the names to sign in with count as much as the addresses, and are told once.
func TestLDAPNames(t *testing.T) {
	t.Parallel()
	for want, attributes := range map[string]map[string][]string{
		"admin.sam@pharmacy.test sam@pharmacy.test help@pharmacy.test asam | Admin.Sam@pharmacy.test": {
			"userPrincipalName": {"Admin.Sam@pharmacy.test"}, "mail": {"sam@pharmacy.test"}, "sAMAccountName": {"asam"},
			"proxyAddresses": {"SMTP:sam@pharmacy.test", "smtp:help@pharmacy.test", "X500:x"},
		},
		"sam@pharmacy.test root | root": {"mail": {"sam@pharmacy.test"}, "uid": {"root"}},
		"sam@pharmacy.test | ":          {"mail": {"sam@pharmacy.test"}},
	} {
		d := directory.NewLDAP(serve(t, map[ber.Tag]answer{ldap.ApplicationSearchRequest: entries(func(
			string, []string,
		) (string, map[string][]string) {
			return "cn=sam", attributes
		})}))
		names, err := d.Names(t.Context(), "sam@pharmacy.test")
		succeeds(t, err)
		a, err := d.Account(t.Context(), "sam@pharmacy.test")
		succeeds(t, err)
		equal(t, strings.Join(names, " ")+" | "+a.SignIn, want)
	}
}
