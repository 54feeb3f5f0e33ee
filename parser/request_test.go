package parser_test

import (
	"strings"
	"testing"

	"mfabot/parser"
)

// TestRequests reads what sites write, alone and above their signatures and threads that mention other
// people. Each line of testdata/phrases/requests.txt has the users, the category, the reason and the text.
func TestRequests(t *testing.T) {
	p := parser.New(vocabulary)
	ends := append([]string{""}, phrases(t, "below-requests")...)
	for _, line := range phrases(t, "requests") {
		fields := strings.SplitN(strings.ReplaceAll(line, `\t`, "\t"), "|", 4)
		for _, end := range ends {
			text := fields[3] + end
			if strings.HasPrefix(text, ">") && end != "" {
				continue // a form below quote marks has nothing below it
			}
			m, err := p.Parse(strings.NewReader("From: Riverside Pharmacy <pharmacy.fa123@site.test>\r\n" +
				"Sender: Lewis Hart <lewis.h@site.test>\r\n" +
				"To: mfa@helpdesk.test\r\nSubject: MFA exception\r\nMessage-ID: <1@site.test>\r\n\r\n" + strings.ReplaceAll(text, "\n", "\r\n")))
			if err != nil {
				t.Fatal(err)
			}
			m = m.WithQuotedForm()
			var users []string
			for _, s := range m.Subjects {
				users = append(users, s.Email)
			}
			if got := strings.Join(users, " "); got != fields[0] || m.ShortTerm != (fields[1] == "short") || m.Reason != fields[2] {
				t.Errorf("%q:\n got %q, short term %v, %q\nwant %q, %s, %q", text, got, m.ShortTerm, m.Reason,
					fields[0], fields[1], fields[2])
			}
			if strings.Contains(m.Justification, "01632 960 123") || strings.Contains(m.Justification, "carl.old") {
				t.Errorf("%q: justified by %q", text, m.Justification)
			}
		}
	}
}

// TestRequestsInHTML reads a name that is linked to its address, and a table that was pasted with its tabs.
func TestRequestsInHTML(t *testing.T) {
	p := parser.New(vocabulary)
	for body, want := range map[string]string{
		`<p>Please exempt <a href="mailto:sam.okafor@site.test">Sam Okafor</a>, who is blind.</p>`: "sam.okafor@site.test",
		"<p>Name\tEmail\tManager\tNeeded</p><p>Sam Okafor\tsam.okafor@site.test\tkim.lee@site.test\tY</p>" +
			"<p>Tom Fry\ttom.fry@site.test\tkim.lee@site.test\tN</p><p>She is blind.</p>": "sam.okafor@site.test",
	} {
		m, err := p.Parse(strings.NewReader("From: pharmacy@site.test\r\nTo: mfa@helpdesk.test\r\nSubject: MFA\r\n" +
			"Content-Type: text/html\r\n\r\n" + body))
		if err != nil {
			t.Fatal(err)
		}
		var users []string
		for _, s := range m.Subjects {
			users = append(users, s.Email)
		}
		if got := strings.Join(users, " "); got != want || m.Reason != "accessibility" {
			t.Errorf("%s: got %q, %q; want %q, accessibility", body, got, m.Reason, want)
		}
	}
}

// TestRequestBesideUs reads who stands beside us in To: a user of the site, and no address of ours.
func TestRequestBesideUs(t *testing.T) {
	v := vocabulary
	v.Addresses = []string{"mfa@site.test"}
	m, err := parser.New(v).Parse(strings.NewReader("From: pharmacy@site.test\r\nSubject: MFA exception for Sam Green\r\n" +
		"To: mfa@site.test, Sam Green <sam.green@site.test>, help@desk.test\r\n\r\n" +
		"Please exempt Sam (copied in), who is blind."))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Subjects) != 1 || m.Subjects[0].Email != "sam.green@site.test" {
		t.Errorf("got %v, want sam.green@site.test", m.Subjects)
	}
}

// TestForwarded: what is forwarded asks for nobody and gives no reason, whoever wrote it. The address of somebody of the
// site whom the letter itself names may stand in its header.
func TestForwarded(t *testing.T) {
	t.Parallel()
	const us, sam, other = "MFA helpdesk <mfa@helpdesk.test>", "Sam Okafor <sam.okafor@site.test>", "Sam Okafor <sam.okafor@mail.test>"
	for _, c := range []struct{ says, from, asked string }{
		{"Please see below.", us, ""},
		{"Please see below.", sam, ""},
		{"Please see below.\r\n\r\nSam\r\n", sam, ""},
		{"Please see what Sam asks below, I support it. Letter attached.", sam, "sam.okafor@site.test"},
		{"Please see what Sam asks below, I support it. Letter attached.", other, ""},
		{"Please see what Alex asks below, I support it. Letter attached.", sam, ""},
	} {
		m, err := parser.New(vocabulary).Parse(strings.NewReader("From: pharmacy@site.test\r\nSubject: FW: signing in\r\n\r\n" +
			c.says + "\r\n\r\nFrom: " + c.from + "\r\nSent: 30 October 2026 17:40\r\nTo: pharmacy@site.test\r\n" +
			"Subject: signing in\r\n\r\nPlease ask for an exception for lee.moss@site.test, who is visually impaired.\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		var asked []string
		for _, s := range m.Subjects {
			asked = append(asked, s.Email)
		}
		if strings.Join(asked, " ") != c.asked || m.Reason != "" {
			t.Errorf("%s from %s: asked for %v for %q, expected %q", c.says, c.from, asked, m.Reason, c.asked)
		}
	}
}

// TestFewWords: a word or two, however often, are no reason, unless they name one.
func TestFewWords(t *testing.T) {
	p := parser.New(builtIn(t))
	for words, want := range map[string]string{
		"Test": "", "Trial": "", "Pilot": "", "Urgent": "", "Help": "", "Hi": "", "Re:": "", "asap": "", "test please ignore": "",
		"Letter": "", "Hospital": "", "Mic check": "", "Dry run": "", "User test": "", "Second attempt": "", "Trial run": "",
		"Dyslexia": "accessibility", "Visual impairment": "accessibility", "Custody suite": "secure-location",
	} {
		for _, who := range []string{"", " sam@site.test"} {
			m, err := p.Parse(strings.NewReader("From: pharmacy@site.test\r\nSubject: " + words + "\r\n\r\n" + words + who + "\r\n"))
			if err != nil || m.Reason != want {
				t.Errorf("%q: %q, %v, want %q", words+who, m.Reason, err, want)
			}
		}
		m, err := p.Parse(strings.NewReader("From: pharmacy@site.test\r\nSubject: MFA\r\n\r\nUser: sam@site.test\r\nReason: " + words + "\r\n"))
		if err != nil || m.Reason != want {
			t.Errorf("in a form, %q: %q, %v, want %q", words, m.Reason, err, want)
		}
	}
}
