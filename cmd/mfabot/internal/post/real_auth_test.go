//go:build real

package post

import (
	"bytes"
	"context"
	"net"
	"net/mail"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestRealChecks sends mail through the milters, and reads their results.
func TestRealChecks(t *testing.T) {
	t.Parallel()
	const client, stranger = "192.0.2.10", "198.51.100.66"
	o := real(t, RealOptions{Domains: []Domain{
		{Name: "site.test", Outgoing: client},
		{Name: "bare.test", Outgoing: client, NoDMARC: true},
		{Name: "evil.test", Outgoing: stranger},
	}})
	for _, c := range []struct {
		name, server, envelope, from string
		signedBy                     string // empty for nobody
		want                         []string
	}{
		{"signed", client, "a@site.test", "a@site.test", "site.test", []string{"dmarc=pass", "spf=pass", "dkim=pass"}},
		{"unsigned", client, "a@site.test", "a@site.test", "", []string{"dmarc=pass", "spf=pass"}},
		{"forwarded", stranger, "list@evil.test", "a@site.test", "site.test", []string{"dmarc=pass", "spf=pass", "dkim=pass"}},
		{"no DMARC record", client, "a@bare.test", "a@bare.test", "bare.test", []string{"dmarc=none", "spf=pass", "dkim=pass"}},
		{"a spoof", stranger, "a@site.test", "a@site.test", "", []string{"dmarc=fail", "spf=fail"}},
		{"a signed spoof", stranger, "x@evil.test", "a@site.test", "evil.test", []string{"dmarc=fail", "spf=pass", "dkim=pass"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := strings.ReplaceAll(c.name, " ", "-") + "@test"
			raw := []byte("From: " + c.from + "\r\nTo: " + desk + "\r\nMessage-ID: <" + id + ">\r\nSubject: Hello\r\n\r\nHello\r\n")
			if c.signedBy != "" {
				var err error
				if raw, err = o.Sign(t.Context(), c.signedBy, raw); err != nil {
					t.Fatal(err)
				}
			}
			if err := o.Deliver(t.Context(), c.server, c.envelope, []string{desk}, raw); err != nil {
				t.Fatal(err)
			}
			got, err := o.Await(timed(t), desk, has(id))
			if err != nil {
				t.Fatal(err)
			}
			if said := results(t, got.Raw); strings.Join(said, " ") != strings.Join(c.want, " ") {
				t.Errorf("%q, want %q\n%s", said, c.want, got.Raw)
			}
		})
	}
	if t.Failed() {
		t.Log(o.Log())
	}
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, o.Resolver)
	}}
	key, err := resolver.LookupTXT(t.Context(), "mail._domainkey.site.test")
	if err != nil || len(key) != 1 || !strings.HasPrefix(key[0], "v=DKIM1; ") {
		t.Errorf("the key in the DNS is %q, %v", key, err)
	}
}

// TestRealOwn: what somebody has logged in for and writes as themselves is signed, and verified; what is handed in from this
// machine without, or as somebody else, is not.
func TestRealOwn(t *testing.T) {
	t.Parallel()
	const ours = "192.0.2.10"
	o := real(t, RealOptions{SignsOwn: true, OwnHosts: []string{ours}, Domains: []Domain{{Name: "helpdesk.test", Outgoing: ours}}})
	other := func(login string) func(context.Context, string, []string, []byte) error {
		return func(ctx context.Context, envelope string, to []string, raw []byte) error {
			return o.send(ctx, "", login, envelope, to, raw)
		}
	}
	local := func(ctx context.Context, envelope string, to []string, raw []byte) error {
		return o.Deliver(ctx, "127.0.0.1", envelope, to, raw)
	}
	form := func(ctx context.Context, envelope string, to []string, raw []byte) error {
		return o.Deliver(ctx, ours, envelope, to, raw)
	}
	for _, c := range []struct {
		name, envelope, from string
		send                 func(context.Context, string, []string, []byte) error
		want                 string // of DKIM; empty for refused
	}{
		{"an address", asha, asha, o.Send, "pass"},
		{"a name", asha, "Asha Patel <" + asha + ">", o.Send, "pass"},
		{"a quoted name", asha, `"Patel, Asha" <Asha@Helpdesk.test>`, o.Send, "pass"},
		{"an encoded name", asha, "=?utf-8?q?Ash=C3=A1?=\r\n <" + asha + ">", o.Send, "pass"},
		{"an automatic answer", "", desk, other(desk), "pass"},
		{"without a log-in", asha, asha, local, "none"},
		{"from the server's own address, for which SPF passes", store, asha, form, "none"},
		{"as somebody else", asha, asha, other(store), ""},
		{"as somebody else in From", store, asha, other(store), "none"},
		{"as somebody else in a name", store, "<" + store + "> <" + asha + ">", other(store), "none"},
		{"as somebody else too", store, asha + ", " + store, other(store), "none"},
		{"as somebody else in a second From", store, store + "\r\nFrom: " + asha, other(store), "none"},
		{"an automatic answer as somebody else", "", asha, other(store), "none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := strings.ReplaceAll(c.name, " ", "-") + "@test"
			err := c.send(t.Context(), c.envelope, []string{desk}, []byte("From: "+c.from+"\r\nTo: "+desk+"\r\nMessage-ID: <"+id+
				">\r\nDate: Mon, 02 Mar 2026 09:10:00 +0000\r\nSubject: Hello\r\n\r\nHello\r\n"))
			if (err == nil) != (c.want != "") {
				t.Fatalf("sending: %v", err)
			}
			if err != nil {
				return
			}
			got, err := o.Await(timed(t), desk, has(id))
			if err != nil {
				t.Fatal(err)
			}
			said := strings.Join(results(t, got.Raw), " ")
			if signed := strings.Contains(said, "pass"); signed != (c.want == "pass") || signed != has("DKIM-Signature:")(got.Raw) {
				t.Errorf("%q, want %s\n%s", said, c.want, got.Raw)
			}
		})
	}
	if paper, err := os.ReadFile("../../../../docs/running.md"); err != nil || !strings.Contains(string(paper), "```\n"+ownScript+"```\n") {
		t.Errorf("docs/running.md has another script, %v", err)
	}
}

// results returns the office's own Authentication-Results, from the top.
func results(t *testing.T, raw []byte) []string {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, field := range m.Header["Authentication-Results"] {
		all = append(all, regexp.MustCompile(`(dmarc|spf|dkim)=\w+`).FindString(field))
	}
	return all
}
