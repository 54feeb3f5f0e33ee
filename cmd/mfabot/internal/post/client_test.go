package post

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// review is a message as the bot sends it, in text and HTML.
const review = "From: NHSmail Helpdesk <mfa@helpdesk.test>\r\n" +
	"To: Asha Patel <asha@helpdesk.test>\r\n" +
	"Subject: [LT-2026-00042] Please decide:\r\n\t=?utf-8?q?caf=C3=A9?=\r\n" +
	"Date: Mon, 02 Mar 2026 09:10:00 +0000\r\n" +
	"Message-ID: <review.1@helpdesk.test>\r\n" +
	"References: <start.1@pharmacy.test>\r\n" +
	"MIME-Version: 1.0\r\n" +
	"Content-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
	"Riverside Pharmacy asks for an exception.\r\n\r\nAnswer with APPROVE.\r\n" +
	"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" +
	"<html><body class=x><p>Riverside Pharmacy asks for an exception.</p><p>Answer with <b>APPROVE</b>.</p></body></html>\r\n" +
	"--b--\r\n"

var (
	morning = time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC)
	doctor  = File{Name: "evidence.pdf", MediaType: "application/pdf", Content: EvidencePDF("Letter", "From a (real) doctor.")}
	photo   = File{Name: "café.png", MediaType: "image/png", Content: []byte("\x89PNG not really")}
)

func TestGolden(t *testing.T) {
	for _, app := range Apps() {
		c := Client{App: app, Date: morning}
		golden(t, string(app)+".eml", c.Reply("Asha Patel <asha@helpdesk.test>", []byte(review),
			"APPROVE\n\nThanks – that is a clear letter.\nAsha", []File{doctor}))
	}
	golden(t, "out-of-office.eml", OutOfOffice("Asha Patel <asha@helpdesk.test>", []byte(review), morning))
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

func TestNew(t *testing.T) {
	const body = "Dear team,\n\nPlease could you help José Núñez <jose.nunez@pharmacy.test>?\n" +
		"A line that is rather longer than any mail client would like to put into one line of a message, I should think."
	for _, app := range Apps() {
		t.Run(string(app), func(t *testing.T) {
			c := Client{App: app, Date: morning, Sender: "José Núñez <jose.nunez@pharmacy.test>"}
			write := func() []byte {
				return c.New("Riverside Pharmacy <riverside@pharmacy.test>",
					"NHSmail Helpdesk <mfa@helpdesk.test>, Ben <ben@helpdesk.test>",
					"MFA exception – accessibility", body, []File{doctor, photo})
			}
			raw := write()
			if !bytes.Equal(raw, write()) {
				t.Error("written twice, it is not the same")
			}
			got := parse(t, raw)
			got.wantHeader(t, "Subject", "MFA exception – accessibility")
			got.wantHeader(t, "In-Reply-To", "")
			got.wantHeader(t, "References", "")
			got.wantAddresses(t, "From", "riverside@pharmacy.test")
			got.wantAddresses(t, "Sender", "jose.nunez@pharmacy.test")
			got.wantAddresses(t, "To", "mfa@helpdesk.test ben@helpdesk.test")
			got.wantFiles(t, doctor, photo)
			for _, text := range got.texts {
				if joined := strings.Join(strings.Fields(text), " "); !strings.Contains(joined, "I should think.") ||
					!strings.Contains(joined, "José Núñez") {
					t.Errorf("the body is not in %q", text)
				}
			}
			later := parse(t, Client{App: app, Date: morning.Add(time.Second)}.New("a@b.test", "c@d.test", "x", "x", nil))
			if got.header.Get("Message-Id") == later.header.Get("Message-Id") {
				t.Error("two messages have one Message-ID")
			}
		})
	}
}

func TestReply(t *testing.T) {
	for _, app := range Apps() {
		t.Run(string(app), func(t *testing.T) {
			c := Client{App: app, Date: morning}
			raw := c.Reply("Asha Patel <asha@helpdesk.test>", []byte(review), "APPROVE", []File{doctor})
			got := parse(t, raw)
			subject := "Re: [LT-2026-00042] Please decide: café"
			if app == Outlook {
				subject = "RE: [LT-2026-00042] Please decide: café"
			}
			got.wantHeader(t, "Subject", subject)
			got.wantHeader(t, "In-Reply-To", "<review.1@helpdesk.test>")
			got.wantHeader(t, "References", "<start.1@pharmacy.test> <review.1@helpdesk.test>")
			got.wantAddresses(t, "To", "mfa@helpdesk.test")
			got.wantFiles(t, doctor)
			for _, text := range got.texts[:2] {
				if !strings.Contains(text, "Riverside Pharmacy asks") || !strings.Contains(text, "NHSmail Helpdesk") {
					t.Errorf("the original is not quoted in %q", text)
				}
			}

			// An answer to the answer.
			second := parse(t, c.Reply("Helpdesk <mfa@helpdesk.test>", raw, "Thank you", nil))
			got.wantAddresses(t, "From", "asha@helpdesk.test")
			second.wantHeader(t, "Subject", subject)
			second.wantHeader(t, "In-Reply-To", got.header.Get("Message-Id"))
			second.wantHeader(t, "References", got.header.Get("References")+" "+got.header.Get("Message-Id"))
			second.wantFiles(t)
			if text := second.texts[0]; !strings.Contains(text, "Riverside Pharmacy asks") || !strings.Contains(text, "APPROVE") {
				t.Errorf("both originals should be quoted in %q", text)
			}
		})
	}
}

func TestOutOfOffice(t *testing.T) {
	got := parse(t, OutOfOffice("Asha Patel <asha@helpdesk.test>", []byte(review), morning))
	got.wantHeader(t, "Subject", "Automatic reply: [LT-2026-00042] Please decide: café")
	got.wantHeader(t, "Auto-Submitted", "auto-generated")
	got.wantHeader(t, "X-Auto-Response-Suppress", "All")
	got.wantHeader(t, "In-Reply-To", "<review.1@helpdesk.test>")
	for _, text := range got.texts {
		if strings.Contains(text, "Riverside") || !strings.Contains(text, "Monday 9 March") {
			t.Errorf("an automatic reply says %q", text)
		}
	}
}

// A message without a text alternative, a Message-ID or any sense is answered as well as possible.
func TestReplyToOddMessages(t *testing.T) {
	for name, test := range map[string]struct{ original, want string }{
		"HTML only":     {"From: a@b.test\r\nContent-Type: text/html\r\n\r\n<p>one</p><p>two &amp; three</p>", "two & three"},
		"text only":     {"From: a@b.test\r\n\r\nline <one>\r\n", "line <one>"},
		"other charset": {"From: a@b.test\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\ncaf\xe9", "café"},
		"empty":         {"", ""},
		"no header":     {"\x00\xff\r\n\r\n", ""},
		"cut short":     {"From: a@b.test\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhalf", "half"},
	} {
		for _, app := range Apps() {
			raw := Client{App: app, Date: morning}.Reply("Asha <asha@helpdesk.test>", []byte(test.original), "Yes", nil)
			got := parse(t, raw)
			got.wantHeader(t, "In-Reply-To", "")
			if !strings.Contains(got.texts[0], test.want) {
				t.Errorf("%s, %s: no %q in %q", name, app, test.want, got.texts[0])
			}
		}
	}
}

func TestEvidencePDF(t *testing.T) {
	content := EvidencePDF(`A \ (title)`, "Zoë’s line", "second")
	if !bytes.HasPrefix(content, []byte("%PDF-1.4\n")) || !bytes.HasSuffix(content, []byte("%%EOF\n")) {
		t.Errorf("no PDF: %q", content)
	}
	if !bytes.Contains(content, []byte(`(A \\ \(title\)) Tj`)) || !bytes.Contains(content, []byte("(Zo\xeb?s line) Tj")) {
		t.Errorf("the text is wrong: %q", content)
	}
	// Every entry of the table of objects points at one.
	table := content[bytes.LastIndex(content, []byte("xref\n0 8\n"))+len("xref\n0 8\n"):]
	for i := 1; i < 8; i++ {
		offset := 0
		for _, digit := range table[20*i : 20*i+10] {
			offset = 10*offset + int(digit-'0')
		}
		if want := []byte{byte('0' + i), ' ', '0', ' ', 'o', 'b', 'j'}; !bytes.HasPrefix(content[offset:], want) {
			t.Errorf("object %d is not at %d", i, offset)
		}
	}
}

// parsed is a message as go-message reads it.
type parsed struct {
	header gomail.Header
	texts  []string
	files  []File
}

func parse(t *testing.T, raw []byte) parsed {
	t.Helper()
	for i, line := range strings.Split(string(raw), "\r\n") {
		if strings.ContainsAny(line, "\r\n") || len(line) > 998 {
			t.Fatalf("line %d is not a line of a mail: %q", i+1, line)
		}
	}
	entity, err := message.Read(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	p := parsed{header: gomail.Header{Header: entity.Header}}
	r := gomail.NewReader(entity)
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return p
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, raw)
		}
		content, err := io.ReadAll(part.Body)
		if err != nil {
			t.Fatal(err)
		}
		switch h := part.Header.(type) {
		case *gomail.AttachmentHeader:
			name, err := h.Filename()
			if err != nil {
				t.Fatal(err)
			}
			if name == "image001.png" { // the signature's logo
				continue
			}
			mediaType, _, _ := h.ContentType()
			p.files = append(p.files, File{Name: name, MediaType: mediaType, Content: content})
		case *gomail.InlineHeader:
			if mediaType, _, _ := h.ContentType(); strings.HasPrefix(mediaType, "text/") && len(bytes.TrimSpace(content)) > 0 {
				p.texts = append(p.texts, strings.ReplaceAll(string(content), "\r\n", "\n"))
			}
		}
	}
}

func (p parsed) wantHeader(t *testing.T, name, want string) {
	t.Helper()
	if got, err := p.header.Text(name); err != nil || got != want {
		t.Errorf("%s: %q, %v; want %q", name, got, err, want)
	}
}

func (p parsed) wantAddresses(t *testing.T, name, want string) {
	t.Helper()
	list, err := p.header.AddressList(name)
	var got []string
	for _, a := range list {
		got = append(got, a.Address)
	}
	if strings.Join(got, " ") != want {
		t.Errorf("%s: %q, %v; want %q", name, got, err, want)
	}
}

func (p parsed) wantFiles(t *testing.T, want ...File) {
	t.Helper()
	if diff := cmp.Diff(want, p.files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}
