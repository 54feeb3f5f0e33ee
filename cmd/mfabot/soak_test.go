package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/post"
)

const (
	soakSmall = 10_000 // messages of 5 KB, watched every soakStep
	soakStep  = 2_000
	soakLarge = 100 // messages of 24 MB, put into the mailbox so many at once
	soakAtAll = 25

	soakMB    = 1 << 20
	soakSites = 500
	soakSlack = 5    // goroutines, file descriptors and MB that come and go
	soakRoom  = 1.25 // and so much more memory, by when the garbage is collected
)

// BenchmarkSoak runs the bot in a process of its own, on mail servers in this one, and prints what it uses
// while thousands of messages come in, when one comes that is larger than the limit, and when the largest
// allowed ones come. It fails if memory, goroutines or file descriptors grow with the number of messages, or
// if a message or a letter is missing.
func BenchmarkSoak(b *testing.B) {
	s := newSoak(b)
	fmt.Printf("\n\nThe bot in a process of its own; memory as the system counts it (VmRSS, and VmHWM within the row). " +
		"Letters have the evidence attached.\n\n")
	fmt.Printf(soakHead, "messages", "in all", "messages/s", "letters", "RSS MB", "peak MB", "goroutines", "files")
	var steps []soakSample
	for n := 0; n < soakSmall; n += soakStep {
		steps = append(steps, s.play(b, "5 KB: requests, strangers, machines", mixture(n, n+soakStep)))
	}
	s.checkLevel(b, steps)
	before := s.sink.to(soakSite(1))
	s.play(b, "100 MB, above the limit of 25 MB", [][]byte{oversized(100 * soakMB)})
	if n := s.sink.to(soakSite(1)) - before; n != 1 {
		b.Errorf("the message above the limit got %d answers, expected one", n)
	}
	peak, pdf := s.highest, largePDF(24*soakMB)
	var large []soakSample
	for n := 0; n < soakLarge; n += soakAtAll {
		large = append(large, s.play(b, "24 MB: requests with one PDF", largeRequests(n, n+soakAtAll, pdf)))
	}
	s.checkLevel(b, large)
	s.checkLetters(b, 2*soakLarge)
	fmt.Printf("\npeak: %d MB with small messages and the one above the limit, %d MB in all (aim: 64 MB)\n\n", peak, s.highest)
	b.ReportMetric(float64(s.highest), "peak-MB")
	b.ReportMetric(0, "ns/op") // says nothing of what is measured here
}

const (
	soakHead = "%-36s %8s %11s %9s %8s %8s %11s %6s\n"
	soakRow  = "%-36s %8d %11.1f %9d %8d %8d %11d %6d\n"
)

// play has the bot deal with messages and the letters that follow, and prints a row.
func (s *soak) play(b *testing.B, what string, messages [][]byte) soakSample {
	b.Helper()
	for _, raw := range messages {
		if err := s.desk.put(raw); err != nil {
			b.Fatal(err)
		}
	}
	s.forgetPeak()
	began, letters := time.Now(), s.sink.all()
	s.desk.wake()
	if err := s.desk.rest(s.ctx); err != nil { // all is on record and filed
		b.Fatal(err)
	}
	now := s.settled(b)
	took := time.Since(began)
	s.played += len(messages)
	if now.recorded != s.played {
		b.Fatalf("%d messages are on record, expected %d", now.recorded, s.played)
	}
	s.highest = max(s.highest, now.peak)
	fmt.Printf(soakRow, what, s.played, float64(len(messages))/took.Seconds(), s.sink.all()-letters, now.rss, now.peak,
		now.goroutines, now.files)
	s.tidy(b)
	return now
}

// checkLevel compares the last sample with the first: what is in use must not depend on how much has been
// done.
func (s *soak) checkLevel(b *testing.B, samples []soakSample) {
	b.Helper()
	first, last := samples[0], samples[len(samples)-1]
	if last.goroutines > first.goroutines+soakSlack || last.files > first.files+soakSlack {
		b.Errorf("goroutines grew from %d to %d, files from %d to %d", first.goroutines, last.goroutines, first.files, last.files)
	}
	if float64(last.peak) > soakRoom*float64(first.peak)+soakSlack {
		b.Errorf("the peak of memory grew from %d to %d MB", first.peak, last.peak)
	}
}

// checkLetters looks for the review emails with large evidence.
func (s *soak) checkLetters(b *testing.B, want int) {
	b.Helper()
	if n := s.sink.largerThan(20 * soakMB); n != want {
		b.Errorf("%d letters of more than 20 MB went out, expected %d", n, want)
	}
}

func soakSite(i int) string { return fmt.Sprintf("site%03d@pharmacy.test", i%soakSites) }

// soakRegister is the register of the sites that ask.
func soakRegister() string {
	var b strings.Builder
	b.WriteString("ods_code,name,kind,mailbox,aliases,contacts\n")
	for i := range soakSites {
		fmt.Fprintf(&b, "SK%03d,Pharmacy %03d,pharmacy,%s,,\n", i, i, soakSite(i))
	}
	return b.String()
}

// mixture is messages as they come in: of every ten, four ask with evidence, one asks without, three are from
// strangers and two from machines.
func mixture(from, to int) [][]byte {
	filler := strings.Repeat("This line is here so that the message is as long as most of them are.\n", 30)
	var all [][]byte
	for i := from; i < to; i++ {
		user := fmt.Sprintf("user%05d@pharmacy.test", i)
		asks := "User: " + user + "\nReason: secure location\nDetails: Works in a prison, where no phones are allowed.\n"
		client := post.Client{App: post.Outlook, Date: time.Now()}
		switch i % 10 {
		case 0, 1, 2, 3:
			all = append(all, client.New(soakSite(i), service, "MFA exception for "+user, asks,
				post.Letter("letter.pdf", "To let in "+user)))
		case 4:
			all = append(all, client.New(soakSite(i), service, "MFA exception for "+user, asks+"\n"+filler, nil))
		case 5, 6, 7:
			stranger := fmt.Sprintf("stranger%05d@outside.test", i)
			all = append(all, client.New(stranger, service, fmt.Sprintf("Question %d", i),
				"Hello, can you help me with my account?\n\n"+filler, nil))
		default:
			all = append(all, fmt.Appendf(nil, "From: Monitor <monitor@machines.test>\r\nTo: %s\r\nSubject: Report %d\r\n"+
				"Date: %s\r\nMessage-ID: <report-%d@machines.test>\r\n"+
				"Auto-Submitted: auto-generated\r\nPrecedence: bulk\r\n\r\n%s", service, i, time.Now().Format(time.RFC1123Z), i, strings.ReplaceAll(filler+filler, "\n", "\r\n")))
		}
	}
	return all
}

// requestHeader begins a request for a user, up to its one attachment.
func requestHeader(site, user string) []byte {
	return fmt.Appendf(nil, "From: %s\r\nTo: %s\r\nSubject: MFA exception for %s\r\nDate: %s\r\nMessage-ID: <%s>\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=frontier\r\n\r\n--frontier\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"+
		"User: %[3]s\r\nReason: secure location\r\nDetails: Works in a prison, where no phones are allowed.\r\n\r\n"+
		"--frontier\r\nContent-Type: application/pdf; name=letter.pdf\r\nContent-Disposition: attachment; filename=letter.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n",
		site, service, user, time.Now().Format(time.RFC1123Z), user)
}

// oversized is a message over the size limit.
func oversized(size int) []byte {
	raw := requestHeader(soakSite(1), "huge@pharmacy.test")
	line := []byte(strings.Repeat("A", 76) + "\r\n")
	raw = append(raw, bytes.Repeat(line, (size-len(raw))/len(line)+1)...)
	return append(raw, "--frontier--\r\n"...)
}

// largePDF is a PDF with a scan that cannot be compressed, in base64 that makes a message of size bytes.
func largePDF(size int) []byte {
	const begin, width = "%PDF-1.4\n4 0 obj\n<< /Type /XObject /Subtype /Image /Filter /DCTDecode >>\nstream\n", 57
	content := make([]byte, (size-2<<10)/78*width)
	_, _ = rand.NewChaCha8([32]byte{}).Read(content)
	copy(content, begin)
	copy(content[len(content)-64:], "\nendstream\nendobj\ntrailer\n<< /Size 5 >>\nstartxref\n0\n%%EOF\n")
	var b bytes.Buffer
	for line := content; len(line) > 0; line = line[min(width, len(line)):] {
		b.WriteString(base64.StdEncoding.EncodeToString(line[:min(width, len(line))]) + "\r\n")
	}
	return b.Bytes()
}

func largeRequests(from, to int, pdf []byte) [][]byte {
	var all [][]byte
	for i := from; i < to; i++ {
		raw := append(requestHeader(soakSite(i), fmt.Sprintf("large%05d@pharmacy.test", i)), pdf...)
		all = append(all, append(raw, "--frontier--\r\n"...))
	}
	return all
}

// soakConfig is the configuration of the bot, whose metrics tell how many goroutines it has.
func soakConfig(imapAddr, smtpAddr string) string {
	config := fmt.Sprintf(rivalConfig, "helpdesk", "mfa%40helpdesk.test", imapAddr, "mfa%40helpdesk.test", smtpAddr, "0s")
	return strings.Replace(config, "[service]\n", "[service]\nlisten = \"127.0.0.1:0\"\n", 1)
}

// write writes the files of the configuration to a folder.
func (s *soak) write(b *testing.B, files map[string]string) {
	b.Helper()
	for name, text := range files {
		if err := os.WriteFile(s.dir+"/"+name, []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
}
