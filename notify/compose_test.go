package notify

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"mime"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-message"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"mfabot/intake"
)

var update = flag.Bool("update", false, "write the golden files anew")

// composed returns the message of a letter as it goes over the wire.
func composed(t *testing.T, c *Composer, l intake.Letter) []byte {
	t.Helper()
	o := intake.Outbound{ID: 1, Letter: l, MessageID: "mfa-example@helpdesk.test"}
	if l.AnswersTo != "" {
		o.References = []string{"mfa-first@helpdesk.test", l.AnswersTo}
	}
	msg, err := c.Compose(context.Background(), o, monday)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := msg.Stream(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var boundary = regexp.MustCompile(`boundary="?([0-9a-f]+)"?`)

// fixedBoundaries names the MIME boundaries by their order.
func fixedBoundaries(raw []byte) []byte {
	for i, found := range boundary.FindAllSubmatch(raw, -1) {
		raw = bytes.ReplaceAll(raw, found[1], []byte("boundary-"+string(rune('a'+i))))
	}
	return raw
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got; go test ./notify -update after reading them):\n%s", file, diff)
	}
}

// part is one decoded leaf of a message.
type part struct {
	mediaType, filename string
	content             []byte
}

func partsOf(t *testing.T, raw []byte) (header message.Header, leaves []part) {
	t.Helper()
	entity, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	err = entity.Walk(func(_ []int, e *message.Entity, err error) error {
		if err != nil {
			return err
		}
		mediaType, _, _ := e.Header.ContentType()
		if strings.HasPrefix(mediaType, "multipart/") {
			return nil
		}
		_, params, _ := e.Header.ContentDisposition()
		content, err := io.ReadAll(e.Body)
		leaves = append(leaves, part{mediaType, params["filename"], content})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return entity.Header, leaves
}

func TestGolden(t *testing.T) {
	c := testComposer(t)
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			raw := fixedBoundaries(composed(t, c, s.letter))
			header, leaves := partsOf(t, raw)
			subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
			if err != nil {
				t.Fatal(err)
			}
			if want, err := c.Subject(s.letter, monday); err != nil || subject != want {
				t.Errorf("Subject of the letter: %q, %v; of the message: %q", want, err, subject)
			}
			if s.name == "review" || s.name == "receipt" { // as it goes over the wire; the others differ only in their words
				golden(t, s.name+".eml", raw)
			}
			text := bytes.ReplaceAll(leaves[0].content, []byte("\r\n"), []byte("\n"))
			golden(t, s.name+".txt", append([]byte("Subject: "+subject+"\n\n"), text...))
			golden(t, s.name+".html", bytes.ReplaceAll(leaves[1].content, []byte("\r\n"), []byte("\n")))
			if last := leaves[len(leaves)-1]; last.mediaType == "text/calendar" {
				golden(t, s.name+".ics", last.content)
			}
		})
	}
}

// TestEveryTemplateHasSamples keeps the other tests complete.
func TestEveryTemplateHasSamples(t *testing.T) {
	c := testComposer(t)
	var used []string
	for _, s := range samples() {
		used = append(used, string(s.letter.Template))
	}
	slices.Sort(used)
	if diff := cmp.Diff(c.set.Names(), slices.Compact(used)); diff != "" {
		t.Errorf("templates (-embedded +sampled):\n%s", diff)
	}
}

// commandLine matches a line that the reader of a reply could take for a decision.
var commandLine = regexp.MustCompile(`(?i)^[^\p{L}]*(APPROVE|REJECT|INFO\b|MORE\s+INFO|REVOKE|WITHDRAW|DONE\b)`)

// formLine matches a line that could be taken for the filled-in form.
var formLine = regexp.MustCompile(`(?i)^\W*(User|Name|Reason|Details|Authentication method registered):`)

func TestNoLineOfOursIsACommand(t *testing.T) {
	c := testComposer(t)
	for _, s := range append(samples(), oddSamples()...) {
		t.Run(s.name, func(t *testing.T) {
			_, leaves := partsOf(t, composed(t, c, s.letter))
			for _, text := range []string{string(leaves[0].content), htmlToText(t, leaves[1].content)} {
				for line := range strings.Lines(text) {
					if commandLine.MatchString(line) {
						t.Errorf("begins with a command: %q", line)
					}
					if s.letter.Template != intake.LetterIncomplete && formLine.MatchString(line) {
						t.Errorf("reads like the form: %q", line)
					}
				}
			}
		})
	}
}

// htmlToText turns a page into text as a mail client does when quoting it: each block, cell and line break on
// a line of its own.
func htmlToText(t *testing.T, page []byte) string {
	t.Helper()
	var b strings.Builder
	z := html.NewTokenizer(bytes.NewReader(page))
	skip := false
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if !skip {
				b.WriteString(strings.ReplaceAll(string(z.Text()), "\n", " "))
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			tag := string(name)
			if tag == "style" || tag == "title" {
				skip = !skip
			}
			if !slices.Contains([]string{"strong", "span", "wbr"}, tag) {
				b.WriteString("\n")
			}
		}
	}
}

func TestHeaders(t *testing.T) {
	c := testComposer(t)
	review := samples()[slices.IndexFunc(samples(), func(s sample) bool { return s.name == "review" })].letter
	tests := []struct {
		name  string
		o     intake.Outbound
		wants map[string]string
	}{
		{"answer", intake.Outbound{Letter: samples()[0].letter, MessageID: "m1@helpdesk.test",
			References: []string{"a@x.test", "bad id@x.test", "b@x.test>\r\nX-Evil: 1", "c@x.test"}},
			map[string]string{
				"From": `"NHSmail Helpdesk" <mfa@helpdesk.test>`, "To": "<pharmacy.fa123@bayview.test>",
				"Message-Id": "<m1@helpdesk.test>", "In-Reply-To": "<c@x.test>", "References": "<a@x.test> <c@x.test>",
				"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All", "X-Mfabot": "helpdesk-1",
				"Date": "Mon, 01 Jun 2026 08:15:00 +0000", "Reply-To": "", "X-Evil": "", "User-Agent": "", "X-Mailer": "",
			}},
		{"answer without a conversation", intake.Outbound{Letter: samples()[0].letter, MessageID: "m2@helpdesk.test"},
			map[string]string{"In-Reply-To": "<CAF12@mail.bayview.test>", "References": "<CAF12@mail.bayview.test>"}},
		{"answer to a message without a Message-ID", intake.Outbound{Letter: review, MessageID: "m3@helpdesk.test", Answer: true},
			map[string]string{"Auto-Submitted": "auto-replied", "In-Reply-To": "", "References": ""}},
		{"review", intake.Outbound{Letter: review, MessageID: review.Facts.Code + "@helpdesk.test"},
			map[string]string{"Auto-Submitted": "auto-generated", "In-Reply-To": "", "References": "",
				"Subject": "Please decide: Jane Smith, Bayview Pharmacy [LT-2026-00042] [mfa-mzxw6ytboi4dcmrtgq2tmnzyhe3dsnbv]"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			msg, err := c.Compose(context.Background(), tt.o, monday)
			if err != nil {
				t.Fatal(err)
			}
			var b bytes.Buffer
			if err := msg.Stream(t.Context(), &b); err != nil {
				t.Fatal(err)
			}
			parsed, err := mail.ReadMessage(&b)
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range tt.wants {
				if got := parsed.Header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestReviewAttachesEvidence(t *testing.T) {
	c := testComposer(t)
	review := samples()[slices.IndexFunc(samples(), func(s sample) bool { return s.name == "review" })].letter
	raw := composed(t, c, review)
	_, leaves := partsOf(t, raw)
	want := []part{
		{"application/pdf", "Occupational health letter – Smith.pdf", []byte("%PDF-1.7 letter")},
		{"application/octet-stream", "risk assessment.docx", []byte("risk assessment")},
	}
	if diff := cmp.Diff(want, leaves[2:], cmp.AllowUnexported(part{})); diff != "" {
		t.Error(diff)
	}
	if !bytes.Contains(raw, []byte("filename*=utf-8''Occupational")) {
		t.Error("the filename is not as RFC 2231 has it")
	}
}

// TestPlusAddress: the code comes back in the address written to, if the service has plus addresses.
func TestPlusAddress(t *testing.T) {
	c := testComposer(t)
	sampled := func(name string) intake.Letter {
		return samples()[slices.IndexFunc(samples(), func(s sample) bool { return s.name == name })].letter
	}
	tests := []struct {
		letter, address, want string
		plus                  bool
	}{
		{"review", "mfa@helpdesk.test", "<mfa+" + reviewCode + "@helpdesk.test>", true},
		{"decided-approved", "mfa@helpdesk.test", "<mfa+" + reviewCode + "@helpdesk.test>", true},
		{"review", "mfa@helpdesk.test", "", false},
		{"receipt", "mfa@helpdesk.test", "", true},
		{"review", "exceptions+mfa@helpdesk.test", "<exceptions+mfa+" + reviewCode + "@helpdesk.test>", true},
		{"review", strings.Repeat("x", 27) + "@helpdesk.test", "<" + strings.Repeat("x", 27) + "+" + reviewCode + "@helpdesk.test>", true},
		{"review", strings.Repeat("x", 28) + "@helpdesk.test", "", true}, // too long for an address
	}
	for _, tt := range tests {
		c.service.Address, c.service.PlusAddress = tt.address, tt.plus
		header, _ := partsOf(t, composed(t, c, sampled(tt.letter)))
		if got := header.Get("Reply-To"); got != tt.want || header.Has("Reply-To") != (tt.want != "") {
			t.Errorf("%s from %s: Reply-To %q, want %q", tt.letter, tt.address, got, tt.want)
		}
	}
	c.service.Address = testService().Address
	golden(t, "decided-approved-plus-address.eml", fixedBoundaries(composed(t, c, sampled("decided-approved"))))
}

// TestNoCode: a letter nobody could answer is not sent.
func TestNoCode(t *testing.T) {
	o := intake.Outbound{Letter: samples()[slices.IndexFunc(samples(), func(s sample) bool { return s.name == "review" })].letter}
	o.Facts.Seed, o.Facts.Code = "seed-x", ""
	_, err := testComposer(t).Compose(t.Context(), o, monday)
	if !errors.Is(err, ErrUnsendable) {
		t.Errorf("error %v", err)
	}
}
