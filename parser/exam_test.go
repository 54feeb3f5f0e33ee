package parser_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"mime"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mfabot/parser"
)

// sitting is a letter of the exam, and what a careful person reads in it.
type sitting struct {
	ID, Site, Sender, Subject, Body string
	Cc                              []string
	Expect                          struct {
		Kind, Reason string
		Subjects     []string
		MustNot      []string `json:"must_not"`
		AnyOf        []string `json:"reason_any_of"`
		ShortTerm    *bool    `json:"short_term"`
		Registered   string   `json:"auth_method_registered"`
	}
}

// marks count what was read: right in all, and what was taken for something that it is not.
type marks struct{ letters, right, user, reason, length, method int }

// TestExam reads letters by people who had not seen the parser: their texts are not to be looked at, only the marks. Those
// of requests.jsonl are harder than what comes; halfyear.jsonl is a fair sample of that. What begins something wrong is
// counted apart from what is only asked for once more.
func TestExam(t *testing.T) {
	p := parser.New(builtIn(t))
	for paper, least := range map[string]marks{
		"requests.jsonl": {letters: 160, right: 117, user: 6, reason: 1, length: 1, method: 5},
		"halfyear.jsonl": {letters: 200, right: 186, user: 2, reason: 1, length: 0, method: 2},
	} {
		got := take(t, p, filepath.Join("testdata", "exam", paper))
		t.Logf("%s: %+v", paper, got)
		if got.letters != least.letters || got.right < least.right {
			t.Errorf("%s: right %d of %d, expected %d at least", paper, got.right, got.letters, least.right)
		}
		if got.user > least.user || got.reason > least.reason || got.length > least.length || got.method > least.method {
			t.Errorf("%s: wrong: got %+v, expected %+v at most", paper, got, least)
		}
	}
}

// builtIn is the vocabulary of the policy that is compiled in.
func builtIn(t *testing.T) (v parser.Vocabulary) {
	t.Helper()
	for _, id := range []string{"accessibility", "clinical-risk", "secure-location", "other"} {
		v.Reasons = append(v.Reasons, parser.Reason{ID: id, Title: id})
	}
	return v
}

func take(t *testing.T, p *parser.Parser, file string) (got marks) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var s sitting
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		m, err := p.Parse(strings.NewReader(s.message()))
		if err != nil {
			t.Fatal(s.ID, err)
		}
		got.letters++
		s.mark(m, &got)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return got
}

// message writes a letter as the site's client would.
func (s sitting) message() string {
	var b strings.Builder
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s: %s\r\n", name, value)
		}
	}
	person := func(s string) string {
		if name, address, ok := strings.Cut(s, "<"); ok && strings.TrimSpace(name) != "" {
			return mime.QEncoding.Encode("utf-8", strings.Trim(name, ` "`)) + " <" + address
		}
		return s
	}
	var cc []string
	for _, c := range s.Cc {
		cc = append(cc, person(c))
	}
	field("From", person(s.Site))
	field("Sender", person(s.Sender))
	field("To", "NHSmail Helpdesk <mfa@helpdesk.test>")
	field("Cc", strings.Join(cc, ", "))
	field("Subject", mime.QEncoding.Encode("utf-8", s.Subject))
	b.WriteString("Message-ID: <" + s.ID + "@site.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n")
	return b.String() + strings.ReplaceAll(s.Body, "\n", "\r\n") + "\r\n"
}

// mark compares what was read with what is right.
func (s sitting) mark(m *parser.Message, all *marks) {
	request := s.Expect.Kind == "request"
	right := true
	fail := func(count *int) {
		right = false
		if count != nil {
			*count++
		}
	}
	var users []string
	for _, u := range m.Subjects {
		users = append(users, strings.ToLower(u.Email))
	}
	wrong := func(u string) bool {
		return slices.Contains(s.Expect.MustNot, u) || request && !slices.Contains(s.Expect.Subjects, u)
	}
	if (request || s.Expect.Kind == "reply-with-evidence") && slices.ContainsFunc(users, wrong) {
		fail(&all.user)
	}
	if s.Expect.ShortTerm != nil && (request || s.Expect.Kind == "short-term") && m.ShortTerm != *s.Expect.ShortTerm {
		fail(&all.length)
	}
	if request && !m.ShortTerm {
		if slices.ContainsFunc(s.Expect.Subjects, func(u string) bool { return !slices.Contains(users, u) }) {
			fail(nil)
		}
		several := s.Expect.AnyOf
		if len(several) == 0 {
			several = []string{s.Expect.Reason}
		}
		switch {
		case slices.Contains(several, m.Reason):
		case m.Reason == "":
			fail(nil)
		default:
			fail(&all.reason)
		}
		switch wanted := s.Expect.Registered; {
		case wanted == "", wanted == m.AuthMethodRegistered:
		case m.AuthMethodRegistered == "unknown":
			fail(nil)
		default:
			fail(&all.method)
		}
	}
	if right {
		all.right++
	}
}
