package parser_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"mfabot/parser"
)

// FuzzParse reads anything and checks what must be true of every message that was read.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.eml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if len(raw) < 8<<10 {
			f.Add(raw)
		}
	}
	p := parser.New(vocabulary)
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := p.Parse(bytes.NewReader(raw))
		if err != nil {
			return
		}
		if _, err := json.Marshal(m); err != nil {
			t.Fatal(err)
		}
		if m.Decision != nil && (m.Automatic || m.Bounce || m.From == "") {
			t.Fatalf("a decision without a person: %+v", m)
		}
		for _, s := range []string{m.Text, m.NewText, m.Subject, m.From, m.FromName, m.Justification} {
			if !utf8.ValidString(s) {
				t.Fatalf("invalid UTF-8: %q", s)
			}
		}
		if strings.ContainsFunc(m.From+m.FromName+m.Subject, unicode.IsControl) {
			t.Fatalf("control characters: %q %q %q", m.From, m.FromName, m.Subject)
		}
		seen := map[string]bool{}
		for _, a := range m.Evidence {
			name := strings.ToLower(a.Filename)
			if name == "" || seen[name] || strings.ContainsAny(name, `/\`) || strings.ContainsFunc(name, unicode.IsControl) ||
				len(name) > 200 {
				t.Fatalf("file name %q", a.Filename)
			}
			seen[name] = true
			if a.Counts == (a.Why != "") {
				t.Fatalf("counts and why: %+v", a)
			}
			var size counter
			if err := new(parser.Extractor).Extract(bytes.NewReader(raw), a.Part, &size); err != nil || int64(size) != a.Size {
				t.Fatalf("extracting %s: %d bytes, want %d: %v", a.Part, size, a.Size, err)
			}
		}
	})
}

type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}

var _ io.Writer = new(counter)

// FuzzDecision reads a decision from any text: an approval must say so in plain letters on its first line,
// and the same text quoted must decide nothing.
func FuzzDecision(f *testing.F) {
	for _, s := range []string{"APPROVE", "Approved. Thanks, Asha", "APPROVE UNTIL 2027-03-01",
		"REJECT no letter\nAPPROVE", "INFO which ward?", "> x\n\nAPPROVE",
		"On Tue, 3 Mar 2026 at 10:12, A <a@b.test> wrote:\n> x", "*APPROVE*", "ＡＰＰＲＯＶＥ", "CAUTION: external email\nAPPROVE", "From: a\nSent: b\nTo: c\n\nAPPROVE"} {
		f.Add(s)
	}
	p := parser.New(vocabulary)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := p.Parse(strings.NewReader(reply(text)))
		if err != nil {
			t.Fatal(err)
		}
		if d := m.Decision; d != nil && d.Verb == "approve" {
			line, _, _ := strings.Cut(m.NewText, "\n")
			plain := strings.ToUpper(strings.Map(halfWidth, line))
			if !strings.HasPrefix(strings.TrimLeft(plain, "* "), "APPROVE") || strings.ContainsAny(m.NewText, "?") {
				t.Fatalf("approved by %q", m.NewText)
			}
		}
		for name, form := range quoteForms {
			raw := form(text)
			m, err := p.Parse(strings.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			if m.Decision != nil || m.Withdraw {
				t.Fatalf("%s: quoted text decides: %+v\n%s", name, m.Decision, raw)
			}
		}
	})
}

func halfWidth(r rune) rune {
	if r >= 0xff01 && r <= 0xff5e {
		return r - 0xfee0
	}
	if unicode.IsSpace(r) {
		return ' '
	}
	return r
}

// quoteForms write a reply that says "Thanks" or nothing, and quote the text as mail clients do.
var quoteForms = map[string]func(text string) string{
	"marks": func(s string) string { return reply("> " + quoteLines(s)) },
	"Gmail": func(s string) string {
		return reply("On Tue, 3 Mar 2026 at 10:12, Ben <ben@helpdesk.test> wrote:\n> " + quoteLines(s))
	},
	// Text with its own quote marks below an attribution looks like a bottom-posted reply.
	"Apple, unmarked": func(s string) string {
		return reply("On 3 Mar 2026, at 10:12, Ben <ben@helpdesk.test> wrote:\n\nHello\n" + strings.ReplaceAll(s, ">", ""))
	},
	"Outlook": func(s string) string {
		return reply("\n________________________________\nFrom: Ben <ben@helpdesk.test>\nSent: 3 March 2026 10:12\n" +
			"To: Asha\nSubject: x\n\n" + s)
	},
	"Outlook, German": func(s string) string {
		return reply("Danke\n\nVon: Ben <ben@helpdesk.test>\nGesendet: Dienstag, 3. März 2026 10:12\nAn: Asha\nBetreff: x\n\n" + s)
	},
	"original message": func(s string) string { return reply("-----Original Message-----\n" + s) },
	"forwarded":        func(s string) string { return reply("---------- Forwarded message ---------\n" + s) },
	"blockquote":       func(s string) string { return htmlReply("<blockquote type=cite>" + escape(s) + "</blockquote>") },
	"gmail_quote": func(s string) string {
		return htmlReply(`<div>Thanks</div><div class="gmail_quote"><div class="gmail_attr">On x wrote:</div>` +
			`<blockquote class="gmail_quote">` + escape(s) + `</blockquote></div>`)
	},
	"divRplyFwdMsg": func(s string) string {
		return htmlReply(`<div id="appendonsend"></div><hr><div id="divRplyFwdMsg">From: x</div><div>` + escape(s) + `</div>`)
	},
	"Outlook border": func(s string) string {
		return htmlReply(`<div><div style="border:none;border-top:solid #E1E1E1 1.0pt">From</div></div><p>` + escape(s) + `</p>`)
	},
	"yahoo_quoted": func(s string) string { return htmlReply(`<div class="yahoo_quoted">` + escape(s) + `</div>`) },
	"moz-forward":  func(s string) string { return htmlReply(`<div class="moz-forward-container">` + escape(s) + `</div>`) },
	"reference message": func(s string) string {
		return htmlReply(`<div id="mail-editor-reference-message-container">` + escape(s) + `</div>`)
	},
	"hidden":   func(s string) string { return htmlReply(`<div style="display: none">` + escape(s) + `</div>`) },
	"alt text": func(s string) string { return htmlReply(`<img alt="` + escape(s) + `">`) },
	"attached": func(s string) string {
		return multipartReply("Content-Type: text/plain; name=a.txt\nContent-Disposition: attachment\n\n" + s)
	},
	"attached message": func(s string) string {
		return multipartReply("Content-Type: message/rfc822\n\nSubject: x\n\n" + s)
	},
}

// multipartReply is a reply of one part. Its boundary is made of the part, so that no part can hold it and end early.
func multipartReply(part string) string {
	boundary := fmt.Sprintf("%x", sha256.Sum256([]byte(part)))
	return strings.Replace(reply("--"+boundary+"\n"+part),
		"text/plain; charset=utf-8", "multipart/mixed; boundary="+boundary, 1)
}

// quoteLines puts a quote mark before every line, whatever its line ending.
func quoteLines(s string) string {
	s = strings.NewReplacer("\r\n", "\n> ", "\r", "\n> ", "\n", "\n> ").Replace(s)
	return s
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "\r", " ", "\n", "<br>").Replace(s)
}

// TestQuotedNeverDecides puts every text in the decision table below every client's quote mark.
func TestQuotedNeverDecides(t *testing.T) {
	texts := []string{"APPROVE", "APPROVED.", "approve", "REJECT no letter", "INFO which ward?", "REVOKE gone", "WITHDRAW",
		"APPROVE UNTIL 2027-03-01",
		"\n\nAPPROVE\n", "Hello\n\nAPPROVE", "APPROVE\n\nOn Tue, 3 Mar 2026 at 10:12, Ben <ben@helpdesk.test> wrote:\n> x"}
	for name, form := range quoteForms {
		for _, text := range texts {
			m := parse(t, form(text))
			if m.Decision != nil || m.Withdraw {
				t.Errorf("%s: %q decides: %s %v", name, text, show(m.Decision), m.Withdraw)
			}
		}
	}
}
