//go:build real

package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// BenchmarkArrival measures how soon a message is acknowledged: from when Dovecot tells a client that waits (IDLE, RFC 2177) until
// the submission server has accepted the letter. Messages come one at a time, and then 50 a second. ARRIVALS says how many, of at
// most as many as there are sites: whom a letter goes to tells which message it answers.
func BenchmarkArrival(b *testing.B) {
	d := newDrain(b, backlog{"5 KB", 5 << 10, min(howMany(b, "ARRIVALS", soakSites), soakSites)})
	p := startMeasured(b, d.mfabot(b))
	o := d.observe(b)
	fmt.Printf("\n\n%d messages of %s, from when Dovecot tells of each until the letter to the site is accepted.\n\n", d.n, d.name)
	fmt.Printf(arrivalHead, "", "median ms", "99 % ms", "longest", "CPU ms each", "told too late")
	d.arrive(b, p, o, "one at a time", func(i int) {
		d.await(b, p, func() bool { return d.sink.letters() == 2*(i+1) && d.left(b) == 0 })
	})
	tick := time.NewTicker(time.Second / 50)
	defer tick.Stop()
	d.arrive(b, p, o, "50 a second", func(int) { <-tick.C })
	fmt.Println()
	p.end(b)
	b.ReportMetric(0, "ns/op") // says nothing of what is measured here
}

const (
	arrivalHead = "%-16s %10s %10s %10s %12s %14s\n"
	arrivalRow  = "%-16s %10.1f %10.1f %10.1f %12.2f %14d\n"
)

// arrive has messages delivered, each when the one before lets it, and prints how soon they were acknowledged. Dovecot
// tells each client by a clock of its own: a message that it told of too late, or had no need to any more, was acknowledged at once.
func (d *drain) arrive(b *testing.B, p *measuredProcess, o *observer, how string, next func(i int)) {
	b.Helper()
	d.sink.forget()
	worked, first := p.worked(), d.filled*d.n
	lmtp, pdf := d.deliverer(b), d.pdf()
	for i := range d.n {
		d.deliver(b, lmtp, soakSite(i), drainMessage(first+i, soakSite(i), pdf))
		next(i)
	}
	d.filled++
	d.await(b, p, func() bool { return d.sink.letters() == 2*d.n && d.left(b) == 0 })
	if err := lmtp.Quit(); err != nil {
		b.Fatal(err)
	}
	told, late := o.sofar(), 0
	answered := make(map[string]time.Time)
	for _, l := range d.sink.all() {
		answered[l.to] = l.at
	}
	var took []time.Duration
	for i := range d.n {
		at, by := told[imap.UID(first+i+1)], answered[soakSite(i)]
		if at.IsZero() || at.After(by) {
			at = by
			late++
		}
		took = append(took, by.Sub(at))
	}
	slices.Sort(took)
	ms := func(t time.Duration) float64 { return t.Seconds() * 1e3 }
	fmt.Printf(arrivalRow, how, ms(took[len(took)/2]), ms(took[len(took)*99/100]), ms(took[len(took)-1]),
		ms(p.worked()-worked)/float64(d.n), late)
}

// observer is a client beside mfabot that only waits.
type observer struct {
	client *imapclient.Client
	exists chan time.Time // when Dovecot told of new messages
	told   chan map[imap.UID]time.Time
	ask    chan struct{}
}

func (d *drain) observe(b *testing.B) *observer {
	b.Helper()
	o := &observer{exists: make(chan time.Time, 10_000), told: make(chan map[imap.UID]time.Time), ask: make(chan struct{})}
	var err error
	o.client, err = imapclient.DialTLS(d.office.IMAPAddr, &imapclient.Options{TLSConfig: d.tls(),
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{Mailbox: func(m *imapclient.UnilateralDataMailbox) {
			if m.NumMessages != nil {
				o.exists <- time.Now()
			}
		}}})
	if err == nil {
		err = o.client.Login(service, d.office.Password).Wait()
	}
	if err == nil {
		_, err = o.client.Select("INBOX", &imap.SelectOptions{ReadOnly: true}).Wait()
	}
	if err != nil {
		b.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- o.watch() }()
	b.Cleanup(func() {
		close(o.ask)
		if err := <-ended; err != nil {
			b.Error(err)
		}
		_ = o.client.Close()
	})
	return o
}

// sofar is when Dovecot told of each message.
func (o *observer) sofar() map[imap.UID]time.Time {
	o.ask <- struct{}{}
	return <-o.told
}

// watch waits for new messages, and asks which they are, until nobody asks any more.
func (o *observer) watch() error {
	known, last := make(map[imap.UID]time.Time), imap.UID(0)
	for {
		idle, err := o.client.Idle()
		if err != nil {
			return err
		}
		var at time.Time
		open := true
		select {
		case at = <-o.exists:
		case _, open = <-o.ask:
		}
		if err := idle.Close(); err != nil {
			return err
		}
		if err := idle.Wait(); err != nil || !open {
			return err
		}
		if at.IsZero() {
			o.told <- known
			continue
		}
		found, err := o.client.Fetch(imap.UIDSet{{Start: last + 1}}, &imap.FetchOptions{UID: true}).Collect()
		if err != nil {
			return err
		}
		for _, m := range found {
			if m.UID > last {
				known[m.UID], last = at, m.UID
			}
		}
	}
}
