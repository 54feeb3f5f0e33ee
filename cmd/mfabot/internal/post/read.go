package post

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// pollEvery is how often Await looks. Not every server offers IDLE, and polling on loopback costs nothing.
const pollEvery = 20 * time.Millisecond

// Received is a message in somebody's folder.
type Received struct {
	UID   uint32
	Flags []string
	Raw   []byte
}

// MessageID returns the Message-ID of a message without its brackets, or nothing if it has none.
func MessageID(raw []byte) string {
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return ""
	}
	return strings.Trim(m.Header.Get("Message-ID"), "<> ")
}

// Read returns the messages in a folder of an account, oldest first. The folder is found by the last part of
// its name, whatever the server's separator and namespace; a missing folder is empty.
func (o *Office) Read(ctx context.Context, account, folder string) ([]Received, error) {
	var all []Received
	err := o.withMailbox(ctx, account, func(c *imapclient.Client) error {
		name, err := findFolder(c, folder)
		if err != nil || name == "" {
			return err
		}
		if err := o.open(c, name); err != nil {
			return err
		}
		all, err = fetchSince(c, 0)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading %s of %s: %w", folder, account, because(ctx, err))
	}
	return all, nil
}

// Await returns the first message in an account's INBOX for which match returns true, as soon as there is
// one; a nil match accepts any. Servers deliver in their own time: ctx bounds the wait.
func (o *Office) Await(ctx context.Context, account string, match func(raw []byte) bool) (Received, error) {
	var found Received
	err := o.withMailbox(ctx, account, func(c *imapclient.Client) error {
		if err := o.open(c, "INBOX"); err != nil {
			return err
		}
		ticker := time.NewTicker(pollEvery)
		defer ticker.Stop()
		var last uint32
		for {
			fresh, err := fetchSince(c, last)
			if err != nil {
				return err
			}
			for _, m := range fresh {
				if match == nil || match(m.Raw) {
					found = m
					return nil
				}
				last = m.UID
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-ticker.C:
			}
			if err := c.Noop().Wait(); err != nil {
				return err
			}
		}
	})
	if err != nil {
		return Received{}, fmt.Errorf("waiting for mail to %s: %w", account, because(ctx, err))
	}
	return found, nil
}

// withMailbox runs f with a connection logged in as account.
func (o *Office) withMailbox(ctx context.Context, account string, f func(*imapclient.Client) error) error {
	c, release, err := o.connectIMAP(ctx)
	if err != nil {
		return err
	}
	defer release()
	defer func() { _ = c.Close() }()
	if err := c.Login(normal(account), o.Password).Wait(); err != nil {
		return err
	}
	if err := f(c); err != nil {
		return err
	}
	return c.Logout().Wait()
}

// connectIMAP connects as dial does, and secures the connection.
func (o *Office) connectIMAP(ctx context.Context) (c *imapclient.Client, release func() bool, err error) {
	conn, release, err := o.dial(ctx, o.IMAPAddr, o.IMAPSecurity)
	if err != nil {
		return nil, nil, err
	}
	if o.IMAPSecurity != StartTLS {
		return imapclient.New(conn, nil), release, nil
	}
	// On failure this closes the connection.
	c, err = imapclient.NewStartTLS(conn, &imapclient.Options{TLSConfig: o.tlsConfig(o.IMAPAddr)})
	if err != nil {
		release()
		return nil, nil, err
	}
	return c, release, nil
}

// findFolder returns the full name of the folder whose last part is name, or nothing if there is none.
func findFolder(c *imapclient.Client, name string) (string, error) {
	if strings.EqualFold(name, "INBOX") {
		return "INBOX", nil
	}
	folders, err := c.List("", "*", nil).Collect()
	if err != nil {
		return "", err
	}
	for _, f := range folders {
		last := f.Mailbox
		if f.Delim != 0 {
			last = last[strings.LastIndex(last, string(f.Delim))+1:]
		}
		if f.Mailbox == name || strings.EqualFold(last, name) {
			return f.Mailbox, nil
		}
	}
	return "", nil
}

// open selects a folder. It changes nothing in it, not even \Recent, unless the numbers that the server gives to
// those who change nothing are not for good.
func (o *Office) open(c *imapclient.Client, name string) error {
	_, err := c.Select(name, &imap.SelectOptions{ReadOnly: !o.renumbers}).Wait()
	return err
}

// fetchSince returns the messages in the selected folder above a UID.
func fetchSince(c *imapclient.Client, last uint32) ([]Received, error) {
	var above imap.UIDSet
	above.AddRange(imap.UID(last+1), 0)
	known, err := c.Fetch(above, &imap.FetchOptions{UID: true}).Collect()
	if err != nil {
		return nil, err
	}
	var fresh imap.UIDSet
	for _, m := range known {
		// "n:*" always names the last message, even below n (RFC 3501, section 6.4.8).
		if uint32(m.UID) > last {
			fresh.AddNum(m.UID)
		}
	}
	if len(fresh) == 0 {
		return nil, nil
	}

	cmd := c.Fetch(fresh, &imap.FetchOptions{
		UID: true, Flags: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}},
	})
	var all []Received
	for m := cmd.Next(); m != nil; m = cmd.Next() {
		r, err := received(m)
		if err != nil {
			return nil, err // the connection is lost: to end the command would race with the client's reader
		}
		all = append(all, r)
	}
	return all, cmd.Close()
}

func received(m *imapclient.FetchMessageData) (r Received, err error) {
	for item := m.Next(); item != nil; item = m.Next() {
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			r.UID = uint32(item.UID)
		case imapclient.FetchItemDataFlags:
			for _, flag := range item.Flags {
				r.Flags = append(r.Flags, string(flag))
			}
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil {
				continue
			}
			r.Raw = make([]byte, item.Literal.Size())
			if _, err := io.ReadFull(item.Literal, r.Raw); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}
