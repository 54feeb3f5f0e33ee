//go:build real

package post

import (
	"bytes"
	"context"
	"net"
	"net/mail"
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
