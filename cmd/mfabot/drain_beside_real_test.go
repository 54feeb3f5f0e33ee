//go:build real

package main

import (
	"bytes"
	"crypto/tls"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/wneessen/go-mail"

	"mfabot/cmd/mfabot/internal/post"
)

// mbsyncConfig takes the host and the port, the user, the password, the certificate, the folder and whether what is written is
// waited for.
const mbsyncConfig = `FSync %[7]s
IMAPStore far
Host %[1]s
Port %[2]s
User %[3]s
Pass %[4]s
SSLType IMAPS
CertificateFile %[5]s

MaildirStore near
Inbox %[6]s/inbox/

Channel inbox
Far :far:INBOX
Near :near:INBOX
Sync Pull
SyncState %[6]s/
`

// mbsync has mbsync copy the inbox into a Maildir.
func (d *drain) mbsync(b *testing.B, fsync string) cost {
	b.Helper()
	host, port, err := net.SplitHostPort(d.office.IMAPAddr)
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	config := filepath.Join(dir, "mbsyncrc")
	if err := os.WriteFile(config, fmt.Appendf(nil, mbsyncConfig, host, port, service, d.office.Password,
		filepath.Join(d.dir, "cert.pem"), dir, fsync), 0o600); err != nil {
		b.Fatal(err)
	}
	c := exec.CommandContext(d.ctx, "mbsync", "-q", "-c", config, "inbox")
	began := time.Now()
	if out, err := c.CombinedOutput(); err != nil {
		b.Fatalf("mbsync: %v\n%s", err, out)
	}
	took := cost{time.Since(began), c.ProcessState.UserTime() + c.ProcessState.SystemTime()}
	copied, err := filepath.Glob(filepath.Join(dir, "inbox", "*", "*,U=*"))
	if err != nil || len(copied) != d.n {
		b.Fatalf("mbsync has copied %d messages, expected %d (%v)", len(copied), d.n, err)
	}
	if err := os.RemoveAll(dir); err != nil {
		b.Fatal(err)
	}
	return took
}

// alone measures what this process does, which does nothing else.
func alone(do func() error) (cost, error) {
	began, worked := time.Now(), processor()
	err := do()
	return cost{time.Since(began), processor() - worked}, err
}

// fetch reads the messages by one command, and keeps nothing.
func (d *drain) fetch(b *testing.B) cost {
	b.Helper()
	client, err := imapclient.DialTLS(d.office.IMAPAddr, &imapclient.Options{TLSConfig: d.tls()})
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	if err := client.Login(service, d.office.Password).Wait(); err != nil {
		b.Fatal(err)
	}
	if _, err := client.Select("INBOX", nil).Wait(); err != nil {
		b.Fatal(err)
	}
	n := 0
	took, err := alone(func() error {
		every := imap.UIDSet{}
		every.AddRange(1, 0)
		fetch := client.Fetch(every, &imap.FetchOptions{BodySection: []*imap.FetchItemBodySection{{Peek: true}}})
		for m := fetch.Next(); m != nil; m = fetch.Next() {
			for item := m.Next(); item != nil; item = m.Next() {
				body, is := item.(imapclient.FetchItemDataBodySection)
				if !is {
					continue
				}
				n++
				if _, err := io.Copy(io.Discard, body.Literal); err != nil {
					return err
				}
			}
		}
		return fetch.Close()
	})
	if err != nil || n != d.n {
		b.Fatalf("%d messages, expected %d: %v", n, d.n, err)
	}
	return took
}

func (d *drain) tls() *tls.Config {
	return &tls.Config{RootCAs: d.office.RootCAs, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
}

// commit writes as many bytes as mfabot has on record into a database of as many transactions as it has taken messages in.
func (d *drain) commit(b *testing.B, stored int64) cost {
	b.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(b.TempDir(), "bare.db")+"?_journal_mode=WAL&_synchronous=FULL")
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(d.ctx, `CREATE TABLE message (id INTEGER PRIMARY KEY, raw BLOB)`); err != nil {
		b.Fatal(err)
	}
	raw := make([]byte, stored/int64(d.n))
	_, _ = rand.NewChaCha8([32]byte{}).Read(raw)
	took, err := alone(func() error {
		for n := 0; n < d.n; n += drainBatch {
			tx, err := db.BeginTx(d.ctx, nil)
			if err != nil {
				return err
			}
			for i := n; i < min(n+drainBatch, d.n); i++ {
				if _, err := tx.ExecContext(d.ctx, `INSERT INTO message (raw) VALUES (?)`, raw); err != nil {
					return err
				}
			}
			if err := tx.Commit(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return took
}

// send has go-mail alone compose and send letters as large as those that mfabot has sent, as many, to the same server.
func (d *drain) send(b *testing.B) cost {
	b.Helper()
	site, reviewer := d.sink.mean(d.isSite), d.sink.mean(d.isReviewer)
	evidence := make([]byte, len(d.pdf())/78*57)
	_, _ = rand.NewChaCha8([32]byte{}).Read(evidence)
	reviewer -= len(d.pdf())
	took, err := alone(func() error {
		client, err := d.mailer()
		for i := 0; err == nil && i < d.n; i++ {
			err = client.Send(bareLetter(soakSite(i), site, nil), bareLetter(post.Bare(asha), reviewer, evidence))
		}
		if err != nil {
			return err
		}
		return client.Close()
	})
	if err != nil {
		b.Fatal(err)
	}
	return took
}

// mailer is go-mail, connected.
func (d *drain) mailer() (*mail.Client, error) {
	host, text, err := net.SplitHostPort(d.sink.addr)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return nil, err
	}
	client, err := mail.NewClient(host, mail.WithPort(port), mail.WithTLSPolicy(mail.TLSMandatory), mail.WithTLSConfig(d.tls()),
		mail.WithSMTPAuth(mail.SMTPAuthPlain), mail.WithUsername(service), mail.WithPassword(d.office.Password), mail.WithoutNoop())
	if err != nil {
		return nil, err
	}
	return client, client.DialWithContext(d.ctx)
}

// bareLetter is a letter as text and HTML, of about so many bytes without what is attached.
func bareLetter(to string, size int, attached []byte) *mail.Msg {
	m := mail.NewMsg()
	_, _ = m.From(service), m.To(to)
	m.Subject("MFA exception")
	m.SetMessageID()
	m.SetDate()
	const line = "This line is here so that the letter is as long as most of them.\n"
	body := strings.Repeat(line, max(1, (size-1<<10)/len(line)/4))
	m.SetBodyString(mail.TypeTextPlain, body)
	m.AddAlternativeString(mail.TypeTextHTML, "<p>"+body+body+body)
	if attached != nil {
		_ = m.AttachReader("letter.pdf", bytes.NewReader(attached))
	}
	return m
}
