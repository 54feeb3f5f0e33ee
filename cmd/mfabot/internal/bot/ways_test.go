package bot

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// cutOff is a bot that a test cuts off from the submission server, or from all of the office.
type cutOff struct {
	*leaping
	noSMTP, noIMAP bool // that is out of reach
	conns          []net.Conn
}

func newCutOff(t *testing.T) *cutOff {
	t.Helper()
	c := &cutOff{leaping: unheardBot(t, lakeside)}
	dialUnless := func(off *bool) dial {
		return func(ctx context.Context, network, addr string) (net.Conn, error) {
			if *off {
				return nil, errors.New("no way there")
			}
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			if err == nil {
				c.conns = append(c.conns, conn)
			}
			return conn, err
		}
	}
	c.dialSMTP, c.dialIMAP = dialUnless(&c.noSMTP), dialUnless(&c.noIMAP)
	c.restart()
	c.settles(0, 0)
	return c
}

// cut puts the submission server out of reach, and the mailbox as well if that is said.
func (c *cutOff) cut(imap bool) {
	c.noSMTP, c.noIMAP = true, imap
	for _, conn := range c.conns {
		_ = conn.Close() // it may be closed already
	}
	c.conns = nil
}

// passes lets time pass, and has the bot do what it can.
func (c *cutOff) passes(clock time.Duration) {
	c.t.Helper()
	c.now, c.servers = c.now.Add(clock), c.servers.Add(clock)
	if err := c.bot.Settle(c.t.Context()); err != nil && !c.noSMTP && !c.noIMAP {
		c.t.Fatal(err)
	}
}

// letters returns what became of those to the site that tell of an exception.
func (c *cutOff) letters() string {
	c.t.Helper()
	all, err := c.bot.Store.Outbound(c.t.Context())
	done(c.t, err)
	var states []string
	for _, o := range all {
		if o.Template == intake.LetterGranted && o.To == lakeside {
			states = append(states, string(o.State))
		}
	}
	return strings.Join(states, " ")
}

// writesLetters has the bot write letters about somebody, which are sent if they can be.
func (c *cutOff) writesLetters(user string) {
	c.t.Helper()
	_, err := c.bot.Desk.Grant(c.t.Context(), user, "no-signal", "VL303", "")
	done(c.t, err)
	c.passes(0)
}

// asks answers a request for one of the pages that monitoring reads.
func (c *cutOff) asks(page string) (int, string) {
	c.bot.Settings.Page.Token = func() (string, error) { return pageToken, nil }
	r := httptest.NewRequestWithContext(c.t.Context(), http.MethodGet, page, nil)
	r.Header.Set("Authorization", "Bearer "+pageToken)
	w := httptest.NewRecorder()
	c.bot.Handler(c.t.Context()).ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// shows checks what /readyz says, which is well without words, and the metric of the submission server.
func (c *cutOff) shows(broken time.Duration, words ...string) {
	c.t.Helper()
	code, text := c.asks("/readyz")
	if (code == http.StatusOK) != (len(words) == 0) {
		c.t.Fatalf("readyz: %d %s", code, text)
	}
	hasAll(c.t, text, words...)
	_, text = c.asks("/metrics")
	hasAll(c.t, text, "\nmfabot_submission_broken_seconds "+strconv.Itoa(int(broken.Seconds()))+"\n")
	if !strings.Contains(text, "\nmfabot_mailbox_last_read_timestamp_seconds{mailbox=\"helpdesk\"} ") {
		c.t.Error("when the mailbox was read is not known")
	}
}

// alarms returns the headlines of what the operator is told of the ways.
func (c *cutOff) alarms() string {
	c.t.Helper()
	all, err := c.bot.Store.Outbound(c.t.Context())
	done(c.t, err)
	var out []string
	for _, o := range all {
		if o.Template == intake.LetterAlert {
			out = append(out, o.Facts.Headline)
		}
	}
	return strings.Join(out, "\n")
}

// TestSubmissionIsWatched: when the submission server has taken nothing for a quarter of an hour, the health check and the
// metric say so; both are as before once it takes something.
func TestSubmissionIsWatched(t *testing.T) {
	t.Parallel()
	c := newCutOff(t)
	c.shows(0)
	c.cut(false)
	c.writesLetters("ida.moss@care.test")
	c.shows(0)
	c.passes(14 * time.Minute)
	c.shows(14 * time.Minute)
	c.passes(time.Minute)
	c.shows(15*time.Minute, "submission: nothing was taken since 2026-11-02T09:01:00Z: ", "no way there")
	c.passes(time.Hour)
	c.shows(75*time.Minute, "submission: ")
	c.noSMTP = false
	c.passes(6 * time.Hour)
	c.shows(0)
	if got := c.letters(); got != "sent sent" {
		t.Errorf("the letters to the site are %s", got)
	}
	if ways, err := c.bot.Store.Ways(t.Context()); err != nil || len(ways) > 0 {
		t.Errorf("what does not work: %v, %v", ways, err)
	}
}

// TestWaysWithAClockAhead: what stops working while the clock is ahead, or is on record as having stopped at a moment that
// is still to come, is told of a quarter of an hour after the clock is right.
func TestWaysWithAClockAhead(t *testing.T) {
	t.Parallel()
	const leap = 200 * 24 * time.Hour
	for name, around := range map[string]func(c *cutOff){
		"while it runs": func(*cutOff) {},
		"over a start":  func(c *cutOff) { c.restart() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCutOff(t)
			c.now = c.now.Add(leap)
			c.passes(0)
			c.cut(true)
			c.writesLetters("ida.moss@care.test")
			c.now = c.now.Add(-leap)
			around(c)
			c.passes(time.Minute)
			c.shows(0, "mailbox helpdesk: ")
			c.passes(15 * time.Minute)
			c.shows(15*time.Minute, "mailbox helpdesk: ", "submission: nothing was taken since 2026-11-02T09:02:00Z")
			hasAll(t, c.alarms(), "A mailbox cannot be read: mailbox helpdesk", "takes nothing")
			c.noSMTP, c.noIMAP = false, false
			c.passes(6 * time.Hour)
			c.shows(0)
		})
	}
}

// TestWayWritten: what somebody writes to the record of what does not work neither keeps an alarm from being given nor has
// one given for long.
func TestWayWritten(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]intake.Way{
		"broken for long":   {Since: time.Unix(0, 0)},
		"told of just now":  {Since: time.Unix(0, 0), Told: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)},
		"broken in a year":  {Since: time.Date(2027, 11, 2, 9, 0, 0, 0, time.UTC)},
		"told of in a year": {Since: time.Unix(0, 0), Told: time.Date(2027, 11, 2, 9, 0, 0, 0, time.UTC)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCutOff(t)
			w.Name = submission
			writes := func() {
				done(t, c.bot.Store.Update(t.Context(), func(tx *store.Tx) error { return tx.Broken(t.Context(), w) }))
			}
			writes()
			c.writesLetters("joe.hill@care.test")
			if ways, err := c.bot.Store.Ways(t.Context()); err != nil || len(ways) > 0 {
				t.Errorf("what does not work, of what does: %v, %v", ways, err)
			}
			c.cut(false)
			writes()
			c.writesLetters("ida.moss@care.test")
			c.passes(15 * time.Minute)
			c.shows(15*time.Minute, "submission: ")
			c.passes(24 * time.Hour)
			hasAll(t, c.alarms(), "takes nothing")
		})
	}
}
