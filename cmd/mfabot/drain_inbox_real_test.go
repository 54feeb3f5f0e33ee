//go:build real

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"mfabot/cmd/mfabot/internal/post"
)

const (
	drainBatch    = 50 // messages that mfabot takes at once
	drainPatience = 20 * time.Minute
)

// drain is a Dovecot with a backlog, and a sink for letters.
type drain struct {
	backlog
	ctx    context.Context //nolint:containedctx // of the benchmark
	dir    string          // of the servers
	office *post.Office
	sink   *sinkProcess
	built  string // mfabot, as it is released
	filled int    // how often
}

func newDrain(b *testing.B, l backlog) *drain {
	b.Helper()
	// A short name, as there are unix sockets below.
	dir, err := os.MkdirTemp("", "drain")
	if err != nil {
		b.Fatal(err)
	}
	ctx := context.WithoutCancel(b.Context())
	d := &drain{backlog: l, ctx: ctx, dir: dir, built: filepath.Join(b.TempDir(), "mfabot")}
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	if out, err := exec.CommandContext(ctx, "make", "-C", filepath.Join("..", ".."), "build", "OUT="+d.built).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	if d.office, err = post.Real(ctx, dir, []string{service}, post.RealOptions{}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if b.Failed() {
			b.Log(d.office.Log())
		}
		if err := d.office.Close(); err != nil {
			b.Error(err)
		}
	})
	d.sink = newSinkProcess(b, filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	return d
}

// mfabot is the command that drains the inbox, in a folder with nothing on record.
func (d *drain) mfabot(b *testing.B) *exec.Cmd {
	b.Helper()
	policy, err := os.ReadFile(filepath.Join("..", "..", "intake", "policy.toml"))
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	config := fmt.Sprintf(realConfig, url.QueryEscape(service), d.office.IMAPAddr, d.sink.addr, d.office.CAFile,
		`authserv_id = "mx.helpdesk.test"`)
	for name, text := range map[string]string{
		"policy.toml": limits.ReplaceAllString(anyAnswers.ReplaceAllString(string(policy), "$1 = 1000000"), "$1$2 1000000"),
		"sites.csv":   soakRegister(),
		"password":    d.office.Password + "\n",
		"mfabot.toml": config,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	c := exec.CommandContext(d.ctx, d.built, "run", "--config", "mfabot.toml")
	c.Dir = dir
	return c
}

func (d *drain) isSite(address string) bool     { return strings.HasSuffix(address, "@pharmacy.test") }
func (d *drain) isReviewer(address string) bool { return address == post.Bare(asha) }

// fill has the messages delivered by LMTP.
func (d *drain) fill(b *testing.B) {
	b.Helper()
	lmtp := d.deliverer(b)
	pdf := d.pdf()
	for i := range d.n {
		d.deliver(b, lmtp, soakSite(i), drainMessage(d.filled*d.n+i, soakSite(i), pdf))
	}
	if err := lmtp.Quit(); err != nil {
		b.Fatal(err)
	}
	d.filled++
	if n := d.left(b); n != d.n {
		b.Fatalf("%d messages are in the inbox, expected %d", n, d.n)
	}
}

// pdf is what makes a message as large as it is, in base64.
func (d *drain) pdf() []byte {
	return largePDF(d.size + 2<<10 - len(drainMessage(0, soakSite(0), nil)))
}

// deliverer is a connection by which messages are delivered.
func (d *drain) deliverer(b *testing.B) *smtp.Client {
	b.Helper()
	conn, err := new(net.Dialer).DialContext(d.ctx, "unix", filepath.Join(d.dir, "postfix", "queue", "private", "dovecot-lmtp"))
	if err != nil {
		b.Fatal(err)
	}
	return smtp.NewClientLMTP(conn)
}

func (d *drain) deliver(b *testing.B, lmtp *smtp.Client, from string, raw []byte) {
	b.Helper()
	err := lmtp.SendMail(from, []string{service}, bytes.NewReader(raw))
	if err != nil {
		b.Fatal(err)
	}
}

// drainMessage is a request, proven by the receiving server, with a PDF that nobody else has sent.
func drainMessage(i int, site string, pdf []byte) []byte {
	raw := []byte(ours + "dmarc=pass (p=none dis=none) header.from=pharmacy.test\r\n" +
		ours + "spf=pass smtp.mailfrom=pharmacy.test\r\n" + borderHop + "\r\n")
	raw = append(raw, requestHeader(site, fmt.Sprintf("user%06d@pharmacy.test", i))...)
	begin := len(raw)
	raw = append(raw, pdf...)
	const line = 78 // base64 of 57 bytes, with its end
	copy(raw[min(begin+2*line, len(raw)):], base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%057d", i)))
	return append(raw, "--frontier--\r\n"...)
}

// inbox are the folders in which Dovecot keeps the messages that are not filed.
func (d *drain) inbox() []string {
	home := filepath.Join(d.dir, "mail", service, "Maildir")
	return []string{filepath.Join(home, "cur"), filepath.Join(home, "new")}
}

// left is how many messages are in the inbox.
func (d *drain) left(b *testing.B) (n int) {
	b.Helper()
	for _, dir := range d.inbox() {
		files, err := os.ReadDir(dir)
		if err != nil {
			b.Fatal(err)
		}
		n += len(files)
	}
	return n
}

// emptied is when the last message left the inbox.
func (d *drain) emptied(b *testing.B) (at time.Time) {
	b.Helper()
	for _, dir := range d.inbox() {
		info, err := os.Stat(dir)
		if err != nil {
			b.Fatal(err)
		}
		if info.ModTime().After(at) {
			at = info.ModTime()
		}
	}
	return at
}
