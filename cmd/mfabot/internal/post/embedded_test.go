package post

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

func embedded(t *testing.T) *Office {
	t.Helper()
	o, err := Embedded(t.Context(), accounts())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

func TestEmbedded(t *testing.T) { testOffice(t, embedded(t)) }

func TestEmbeddedClock(t *testing.T) {
	o := embedded(t)
	o.SetClock(func() time.Time { return time.Date(2026, 3, 2, 9, 15, 0, 0, time.UTC) })
	if err := o.Send(t.Context(), asha, []string{desk}, note("dated", "x")); err != nil {
		t.Fatal(err)
	}
	got, err := o.Await(t.Context(), desk, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !has("; Mon, 02 Mar 2026 09:15:00 +0000\r\n")(got.Raw) {
		t.Errorf("not stamped by the clock:\n%s", got.Raw)
	}
}

func TestEmbeddedLogin(t *testing.T) {
	o := embedded(t)
	for _, test := range []struct {
		username, password string
		ok                 bool
	}{
		{asha, o.Password, true},
		{asha, "wrong", false},
		{away, o.Password, false},
	} {
		client, err := smtp.Dial(o.SMTPAddr)
		if err != nil {
			t.Fatal(err)
		}
		err = client.Auth(sasl.NewLoginClient(test.username, test.password))
		if (err == nil) != test.ok {
			t.Errorf("AUTH LOGIN as %s: %v", test.username, err)
		}
		client.Close()
	}
}

func TestEmbeddedTooLarge(t *testing.T) {
	o := embedded(t)
	if err := o.Send(t.Context(), asha, []string{desk}, make([]byte, maxMessage+1)); err == nil {
		t.Error("51 MB were taken")
	}
	if n := o.Delivered(desk); n != 0 {
		t.Errorf("%d delivered", n)
	}
}

func TestEmbeddedCloses(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	o, err := Embedded(ctx, accounts())
	if err != nil {
		t.Fatal(err)
	}
	waiting := make(chan error)
	go func() {
		_, err := o.Await(t.Context(), desk, nil)
		waiting <- err
	}()
	cancel()
	for range 2 {
		if err := o.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := <-waiting; err == nil {
		t.Error("waiting for mail went on without an office")
	}
	for _, addr := range []string{o.SMTPAddr, o.IMAPAddr} {
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			t.Errorf("%s still answers", addr)
		}
	}
	var none *Office
	if err := none.Close(); err != nil {
		t.Error(err)
	}
}

func TestEmbeddedBadAccount(t *testing.T) {
	if _, err := Embedded(t.Context(), []string{"no address"}); err == nil {
		t.Error("an account was made that is not an address")
	}
}
