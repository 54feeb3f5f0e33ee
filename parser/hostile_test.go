package parser_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"mfabot/parser"
)

const head = "From: Asha Patel <asha@helpdesk.test>\r\nTo: mfa@helpdesk.test\r\nSubject: Re: x\r\nMIME-Version: 1.0\r\n"

// hostile returns messages that cost a careless reader its time or memory.
func hostile() map[string]string {
	var nested, unclosed strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&nested, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
		fmt.Fprintf(&unclosed, "Content-Type: message/rfc822\r\n\r\nSubject: %d\r\n", i)
	}
	many := func(n int, s string) string { return strings.Repeat(s, n) }
	text := head + "Content-Type: text/plain; charset=utf-8\r\n\r\n"
	page := head + "Content-Type: text/html; charset=utf-8\r\n\r\n"
	messages := map[string]string{
		"20000 parts":            head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + many(20000, "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n") + "--b--\r\n",
		"20000 files":            head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + many(20000, "--b\r\nContent-Type: image/png; name=\"a.png\"\r\n\r\nx\r\n") + "--b--\r\n",
		"3000 levels":            head + nested.String(),
		"3000 messages":          head + unclosed.String(),
		"100000 header lines":    head + many(100000, "X-Line: y\r\n") + "\r\nAPPROVE\r\n",
		"50 MB header":           head + "X-Long: " + many(50<<20, "y") + "\r\n\r\nAPPROVE\r\n",
		"50 MB folded header":    head + "X-Long: " + many(700000, "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n ") + "\r\n\r\nAPPROVE\r\n",
		"1 MB line":              text + many(1<<20, "y"),
		"1 MB of blanks":         text + many(1<<20, " "),
		"2 MB of line ends":      text + many(2<<20, "\n"),
		"1 MB quoted":            text + "Thanks\r\n" + many(1<<16, "> APPROVE quoted\r\n"),
		"1 MB of quote marks":    text + many(1<<20, ">"),
		"100000 attributions":    text + many(100000, "On 3 March wrote:\r\n"),
		"100000 header blocks":   text + many(100000, "From: x\r\n"),
		"100000 closings":        text + many(100000, "Thanks\r\n"),
		"100000 colons":          text + many(30000, "On 1 a@b.test c:\n"),
		"100000 addresses":       text + many(60000, "a@b.test "),
		"100000 addresses To":    strings.Replace(text, "To: mfa@helpdesk.test", "To: "+many(100000, "a@b.test, "), 1),
		"100000 users":           text + many(60000, "User: a@b.test\n"),
		"100000 reasons":         text + many(50000, "Reason: blind, prison\n"),
		"reason repeated":        text + many(50000, "not blind "),
		"begin lines":            text + many(100000, "begin 644 a\n"),
		"deep HTML":              page + many(200000, "<div>"),
		"deep formatting":        page + many(50000, "<b id=1><i><a>"),
		"deep tables":            page + many(100, "<table><tr><td>x<td>") + many(50000, "<p>y"),
		"wide table":             page + "<table><tr>" + many(100000, "<td>x"),
		"deep quotes":            page + many(100, "<blockquote>") + many(50000, "x<br>"),
		"misnested HTML":         page + many(30000, "<b><p></b>"),
		"formatting with values": page + formatting(20000),
		"HTML entities":          page + many(100000, "&amp"),
		"unclosed comments":      page + many(100000, "<!--"),
		"unclosed style":         page + "<style>" + many(100000, ".a{"),
		"attributes":             page + "<div " + attributes(50000) + ">",
		"encoded words":          strings.Replace(text, "Subject: Re: x", "Subject: "+many(10000, "=?utf-8?q?a?= "), 1),
		"broken encoded words":   strings.Replace(text, "Subject: Re: x", "Subject: "+many(30000, "=?"), 1),
		"parameters":             head + "Content-Type: text/plain" + many(10000, "; a*0*=b") + "\r\n\r\nx",
		"comments":               strings.Replace(text, "From: Asha", "From: "+many(30000, "(")+"Asha", 1),
		"references":             "References: " + many(30000, "<a@b> ") + "\r\n" + text,
		"boundary lines":         head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n" + many(200000, "--c\r\n"),
		"base64 rubbish":         head + "Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + many(1<<20, "=!A"),
		"QP rubbish":             head + "Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + many(1<<20, "="),
		"utf-7 rubbish":          head + "Content-Type: text/plain; charset=utf-7\r\n\r\n" + many(1<<19, "+-"),
		"bare CR":                head + "Content-Type: text/plain\r\n\r\n" + many(1<<20, "\r"),
	}
	maps.Copy(messages, bombs())
	return messages
}

// formatting nests different elements, each of which a browser would reopen in every paragraph.
func formatting(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<font size=%d><p>", i)
	}
	return b.String()
}

func attributes(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a%d=1 ", i)
	}
	return b.String()
}

// processorTime returns the CPU time of this process, which does not grow while others have the processor.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// TestHostile reads each message, from a stream as a mail server delivers it, within limits of memory and of
// time; a reader of more than linear cost would exceed the latter by far.
func TestHostile(t *testing.T) {
	p := parser.New(vocabulary)
	for name, raw := range hostile() {
		t.Run(name, func(t *testing.T) {
			start := processorTime(t)
			var m *parser.Message
			var err error
			peak := peakHeap(func() { m, err = p.Parse(struct{ io.Reader }{strings.NewReader(raw)}) })
			took := processorTime(t) - start
			t.Logf("%v, %.1f MB", took.Round(time.Millisecond), float64(peak)/(1<<20))
			switch {
			case err != nil:
				t.Fatal(err)
			case took > 10*time.Second:
				t.Errorf("took %v", took)
			case peak > maxHeap:
				t.Errorf("took %d MB of memory", peak>>20)
			}
			if m.From != "asha@helpdesk.test" && name != "comments" {
				t.Errorf("From = %q", m.From)
			}
		})
	}
}

func TestUnreadable(t *testing.T) {
	for _, raw := range []string{"", "\r\n", "\r\nhello", "no header at all", "\x00\x01\x02"} {
		if _, err := parser.New(vocabulary).Parse(strings.NewReader(raw)); !errors.Is(err, parser.ErrUnreadable) {
			t.Errorf("%q: %v", raw, err)
		}
	}
	broken := errors.New("disk on fire")
	r := io.MultiReader(strings.NewReader(head+"\r\nAPPROVE"), iotest.ErrReader(broken))
	if _, err := parser.New(vocabulary).Parse(r); !errors.Is(err, broken) || errors.Is(err, parser.ErrUnreadable) {
		t.Errorf("a reader's fault: %v", err)
	}
}

func TestExtract(t *testing.T) {
	raw := head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\n\r\nHello\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0x\r\nLjQK\r\n" +
		"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\nContent-Type: image/png; name=x.png\r\n\r\npicture\r\n--b--\r\n"
	m := parse(t, raw)
	for _, a := range m.Evidence {
		var got bytes.Buffer
		if err := new(parser.Extractor).Extract(strings.NewReader(raw), a.Part, &got); err != nil {
			t.Fatal(err)
		}
		if int64(got.Len()) != a.Size {
			t.Errorf("part %s: %d bytes, want %d: %q", a.Part, got.Len(), a.Size, got.String())
		}
	}
	if len(m.Evidence) != 3 || m.Evidence[0].Part != "2" || m.Evidence[1].Part != "3" || m.Evidence[2].Part != "3.1" {
		t.Errorf("evidence: %+v", m.Evidence)
	}
	if err := new(parser.Extractor).Extract(strings.NewReader(raw), "9", io.Discard); !errors.Is(err, parser.ErrNoPart) {
		t.Errorf("missing part: %v", err)
	}
	if err := new(parser.Extractor).Extract(strings.NewReader(raw), "1", io.Discard); !errors.Is(err, parser.ErrNoPart) {
		t.Errorf("the body is no attachment: %v", err)
	}
	full := errors.New("the disk is full")
	rest := strings.NewReader(strings.Repeat("A", 10<<20))
	begin, _, _ := strings.Cut(raw, "JVBERi")
	large := io.MultiReader(strings.NewReader(begin), rest)
	from, to := io.Pipe()
	_ = from.CloseWithError(full)
	if err := new(parser.Extractor).Extract(large, "2", to); !errors.Is(err, full) || rest.Len() < 9<<20 {
		t.Errorf("a writer that fails: %v, with %d bytes left to read", err, rest.Len())
	}
}
