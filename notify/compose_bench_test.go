package notify

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/parser"
)

// mailed is evidence that is read out of the messages in which it came, by their numbers.
type mailed struct {
	raw   map[int64][]byte
	files parser.Extractor
}

func (m *mailed) Evidence(_ context.Context, inboundID int64, part string, w io.Writer) error {
	return m.files.Extract(bytes.NewReader(m.raw[inboundID]), part, w)
}

// withFile is a message with a file of a size, which nothing in it repeats.
func withFile(size int) []byte {
	var b bytes.Buffer
	b.WriteString("From: pharmacy.fa123@bayview.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\n\r\nPlease see the letter.\r\n--b\r\nContent-Type: application/pdf; name=letter.pdf\r\n" +
		"Content-Disposition: attachment; filename=letter.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n")
	content := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(content)
	lines := &base64Lines{w: &b}
	_, _ = lines.Write(content)
	_ = lines.Close()
	b.WriteString("--b--\r\n")
	return b.Bytes()
}

// BenchmarkCompose is what a letter costs until all of it is written.
func BenchmarkCompose(b *testing.B) {
	letter := func(name string, attach ...intake.Attachment) intake.Outbound {
		l := samples()[slices.IndexFunc(samples(), func(s sample) bool { return s.name == name })].letter
		l.Attach = attach
		return intake.Outbound{ID: 1, Letter: l, MessageID: "mfa-example@helpdesk.test"}
	}
	file := func(message int64) intake.Attachment {
		return intake.Attachment{InboundID: message, Part: "2", Filename: "letter.pdf", MediaType: "application/pdf"}
	}
	c := testComposer(b)
	c.parts = &mailed{raw: map[int64][]byte{5: withFile(5 << 10), 200: withFile(200 << 10), 1000: withFile(1000 << 10)}}
	for _, tt := range []struct {
		name string
		o    intake.Outbound
	}{
		{"receipt", letter("receipt")},
		{"review", letter("review")},
		{"review-5KB", letter("review", file(5))},
		{"review-200KB", letter("review", file(200))},
		{"review-1000KB", letter("review", file(1000))},
		{"approved", letter("approved-site")},
		{"warning", letter("warning-30-site")},
	} {
		b.Run(tt.name, func(b *testing.B) {
			b.ReportAllocs()
			before := cpuTime(b)
			for b.Loop() {
				msg, err := c.Compose(b.Context(), tt.o, monday)
				if err == nil {
					err = msg.Stream(b.Context(), io.Discard)
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N), "cpu-ns/op")
		})
	}
}

// cpuTime is how long the processors have worked for this process, whoever else works beside it.
func cpuTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
