package post

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-smtp"
)

const (
	asha  = "asha@helpdesk.test"
	desk  = "mfa@helpdesk.test"
	river = "riverside@pharmacy.test"
	store = "archive@helpdesk.test"
	away  = "someone@elsewhere.test" // no account
)

func accounts() []string { return []string{asha, desk, river, store} }

// testOffice is what every office does, embedded or real.
func testOffice(t *testing.T, o *Office) {
	t.Run("send and read", func(t *testing.T) { testSendAndRead(t, o) })
	t.Run("refusals", func(t *testing.T) { testRefusals(t, o) })
	t.Run("from outside", func(t *testing.T) { testFromOutside(t, o) })
	t.Run("folders", func(t *testing.T) { testFolders(t, o) })
	t.Run("big message", func(t *testing.T) { testBigMessage(t, o) })
	t.Run("many people", func(t *testing.T) { testManyPeople(t, o) })
	t.Run("waiting ends with the context", func(t *testing.T) { testAwaitEnds(t, o) })
}

func timed(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func has(what string) func([]byte) bool {
	return func(raw []byte) bool { return bytes.Contains(raw, []byte(what)) }
}

func note(subject, body string) []byte {
	return []byte("From: <" + asha + ">\r\nTo: <" + desk + ">\r\nSubject: " + subject + "\r\n\r\n" + body + "\r\n")
}

func testSendAndRead(t *testing.T, o *Office) {
	ctx := timed(t)
	before := o.Delivered(desk)
	for _, subject := range []string{"first-7c1e", "second-7c1e"} {
		// A line with a dot alone must not end the message.
		if err := o.Send(ctx, asha, []string{desk}, note(subject, "Hello\r\n.\r\n..end")); err != nil {
			t.Fatal(err)
		}
		got, err := o.Await(ctx, desk, has("Subject: "+subject))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"Return-Path: <" + asha + ">\r\n", "\r\nReceived: from ", "\r\n.\r\n..end\r\n"} {
			if !has(want)(got.Raw) {
				t.Errorf("no %q in\n%s", want, got.Raw)
			}
		}
	}
	if n := o.Delivered(desk) - before; n != 2 {
		t.Errorf("%d delivered, want 2", n)
	}

	all, err := o.Read(ctx, desk, "INBOX")
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 2 || !has("first-7c1e")(all[0].Raw) || !has("second-7c1e")(all[1].Raw) || all[0].UID >= all[1].UID {
		t.Errorf("read %d messages, want first and second in order", len(all))
	}
	for _, m := range all {
		if strings.Contains(strings.Join(m.Flags, " "), `\Seen`) {
			t.Errorf("message %d was seen: %v", m.UID, m.Flags)
		}
	}
	if first, err := o.Await(ctx, desk, nil); err != nil || first.UID != all[0].UID {
		t.Errorf("awaiting anything: UID %d, %v; want %d", first.UID, err, all[0].UID)
	}
}

func testRefusals(t *testing.T, o *Office) {
	ctx := timed(t)
	var refused *smtp.SMTPError
	err := o.Send(ctx, asha, []string{"nobody@helpdesk.test"}, note("lost", "x"))
	if !errors.As(err, &refused) || refused.Code != 550 {
		t.Errorf("unknown recipient: %v, want 550", err)
	}
	err = o.Send(ctx, asha, []string{away}, note("lost", "x"))
	if !errors.As(err, &refused) || refused.Code/100 != 5 {
		t.Errorf("recipient outside: %v, want 5xx", err)
	}

	stranger := &Office{
		SMTPAddr: o.SMTPAddr, SMTPSecurity: o.SMTPSecurity, IMAPAddr: o.IMAPAddr, IMAPSecurity: o.IMAPSecurity,
		RootCAs: o.RootCAs, Password: "wrong", accounts: o.accounts,
	}
	err = stranger.Send(ctx, asha, []string{desk}, note("lost", "x"))
	if !errors.As(err, &refused) || refused.Code != 535 {
		t.Errorf("wrong password: %v, want 535", err)
	}
	var no *imap.Error
	if _, err := stranger.Read(ctx, asha, "INBOX"); !errors.As(err, &no) || no.Type != imap.StatusResponseTypeNo {
		t.Errorf("wrong password: %v, want NO", err)
	}
}

func testFromOutside(t *testing.T, o *Office) {
	ctx := timed(t)
	for _, from := range []string{away, ""} {
		subject := "outside-" + from
		if err := o.Send(ctx, from, []string{"Riverside <" + strings.ToUpper(river) + ">"}, note(subject, "x")); err != nil {
			t.Fatal(err)
		}
		got, err := o.Await(ctx, river, has("Subject: "+subject+"\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		if !has("Return-Path: <" + from + ">\r\n")(got.Raw) {
			t.Errorf("no return path <%s> in\n%s", from, got.Raw)
		}
	}
}

func testFolders(t *testing.T, o *Office) {
	ctx := timed(t)
	if none, err := o.Read(ctx, asha, "Processed"); err != nil || len(none) != 0 {
		t.Errorf("a folder that does not exist: %d messages, %v", len(none), err)
	}
	if err := o.Send(ctx, desk, []string{asha}, note("to be filed", "x")); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Await(ctx, asha, has("to be filed")); err != nil {
		t.Fatal(err)
	}
	err := o.withMailbox(ctx, asha, func(c *imapclient.Client) error {
		folders, err := c.List("", "INBOX", nil).Collect()
		if err != nil || len(folders) != 1 {
			return fmt.Errorf("%d folders: %w", len(folders), err)
		}
		name := "Filed" + string(folders[0].Delim) + "Processed"
		if folders[0].Delim == '.' {
			name = "INBOX." + name
		}
		if err := c.Create(name, nil).Wait(); err != nil {
			return err
		}
		if _, err := c.Select("INBOX", nil).Wait(); err != nil {
			return err
		}
		if _, err := c.Copy(imap.SeqSetNum(1), name).Wait(); err != nil {
			return err
		}
		return c.Store(imap.SeqSetNum(1), &imap.StoreFlags{
			Op: imap.StoreFlagsAdd, Flags: []imap.Flag{imap.FlagFlagged},
		}, nil).Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	filed, err := o.Read(ctx, asha, "Processed")
	if err != nil || len(filed) != 1 || !has("to be filed")(filed[0].Raw) {
		t.Errorf("filed: %d messages, %v", len(filed), err)
	}
	inbox, err := o.Read(ctx, asha, "inbox")
	if err != nil || len(inbox) != 1 || !strings.Contains(strings.Join(inbox[0].Flags, " "), `\Flagged`) {
		t.Errorf("in the inbox: %v, %v", inbox, err)
	}
}

func testBigMessage(t *testing.T, o *Office) {
	ctx := timed(t)
	line := strings.Repeat("0123456789", 7) + "\r\n"
	body := strings.Repeat(line, 10<<20/len(line))
	if err := o.Send(ctx, asha, []string{store}, note("big", body)); err != nil {
		t.Fatal(err)
	}
	got, err := o.Await(ctx, store, has("Subject: big\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasSuffix(got.Raw, []byte("\r\n\r\n"+body+"\r\n")) {
		t.Errorf("%d bytes arrived, not ending with the %d that were sent", len(got.Raw), len(body))
	}
}

func testManyPeople(t *testing.T, o *Office) {
	ctx := timed(t)
	const messages = 10
	var group sync.WaitGroup
	for i := range messages {
		group.Go(func() {
			subject := fmt.Sprintf("crowd-%d", i)
			if err := o.Send(ctx, away, []string{desk, river}, note(subject, "x")); err != nil {
				t.Error(err)
				return
			}
			for _, account := range []string{desk, river} {
				if _, err := o.Await(ctx, account, has("Subject: "+subject+"\r\n")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func testAwaitEnds(t *testing.T, o *Office) {
	ctx, cancel := context.WithTimeout(t.Context(), 3*pollEvery)
	defer cancel()
	if _, err := o.Await(ctx, desk, has("never sent")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want that the deadline was exceeded", err)
	}
}
