package intake

import (
	"net"
	"net/mail"
	"regexp"
	"sync"
	"time"
)

// Security is how a connection to a server is protected.
type Security string

// The ways to protect a connection.
const (
	Plain Security = "plain" // not at all
	// StartTLS upgrades the connection, and refuses a server that cannot (IMAP: RFC 9051, section 6.2.1;
	// SMTP: RFC 3207; LDAP: RFC 4511, section 4.14).
	StartTLS Security = "starttls"
	TLS      Security = "tls" // from the first byte (RFC 8314)
)

// IsLoopback reports whether host, a name or an IP address, is this machine.
func IsLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// OwnGreeting reports whether the greeting of a server at addr, with its port, is known to be its own. Before STARTTLS anybody
// on the way may have written it.
func OwnGreeting(s Security, addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	return s == TLS || err == nil && IsLoopback(host)
}

// greetingText bounds what is read of a server's greeting, in bytes. One has 512 at most (RFC 5321, section 4.5.3.1.5).
const greetingText = 1000

// GreetingDate returns the time that a server gives in its greeting, as some do behind the name of their program, by a date
// of RFC 5322 (section 3.3). ok is false if there is none, or there are several that differ.
func GreetingDate(greeting string) (at time.Time, ok bool) {
	form := regexp.MustCompile(`\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}(?::\d{2})? ` +
		`(?:[+-]\d{4}|UTC?|GMT)\b`)
	for _, date := range form.FindAllString(greeting[:min(len(greeting), greetingText)], -1) {
		read, err := mail.ParseDate(date)
		if err != nil || ok && !read.Equal(at) {
			return time.Time{}, false
		}
		at, ok = read.UTC(), true
	}
	return at, ok
}

// Backoff spaces attempts that fail: the wait doubles from the first to the longest.
type Backoff struct {
	First, Longest time.Duration
}

// Delay is how long to wait after so many failures in a row, from 1. Of that the part off, in [0, 1), is taken away,
// so that those who failed together do not come back together.
func (b Backoff) Delay(failures int, off float64) time.Duration {
	d := b.First
	for i := 1; i < failures && d < b.Longest; i++ {
		d *= 2
	}
	d = max(min(d, b.Longest), b.First)
	return d - time.Duration(off*float64(d))
}

// Way is something that must work and does not now: what mail comes or goes by, as the submission server, a mailbox or the
// operator's own address, and what all else stands on, as the database.
type Way struct {
	Name  string
	Since time.Time // when it stopped working
	Told  time.Time // when the operator was last alarmed; zero if that has not been
	Why   string
}

// WayOperator names the operator's address among the ways.
const WayOperator = "operator"

const (
	// AlarmAfter is how long a way may not work before the operator is alarmed.
	AlarmAfter = 15 * time.Minute
	alarmEvery = 24 * time.Hour
)

// IsDue reports whether the operator is to be alarmed: after AlarmAfter, and then every day. A moment that is still to come
// is of a clock that was ahead.
func (w Way) IsDue(now time.Time) bool {
	return now.Sub(w.Since) >= AlarmAfter && (w.Told.IsZero() || now.Sub(w.Told) >= alarmEvery || w.Told.After(now))
}

// Health is whether something works that is used now and then. It may be asked while that is in use.
type Health struct {
	mu sync.Mutex
	is HealthState
}

// HealthState is Health at a moment. Its times are zero where that has not been since the start.
type HealthState struct {
	Tried  time.Time // last
	Worked time.Time // last
	Since  time.Time // when it stopped working; zero while it works
	Why    string    // it does not
}

// Fails notes that it does not work, and why.
func (h *Health) Fails(now time.Time, why string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.is.Since.IsZero() || h.is.Since.After(now) { // of a clock that was ahead
		h.is.Since = now
	}
	h.is.Tried, h.is.Why = now, why
}

// Works notes that it works.
func (h *Health) Works(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.is = HealthState{Tried: now, Worked: now}
}

// State returns how it is.
func (h *Health) State() HealthState {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.is
}

// IsWell reports whether it can be relied on: it has worked since the start, and has not failed for AlarmAfter.
func (s HealthState) IsWell(now time.Time) bool {
	return !s.Worked.IsZero() && (s.Since.IsZero() || now.Sub(s.Since) < AlarmAfter)
}

// IsStale reports whether it was last tried so long ago that nothing is known of it, with other times for what works and for
// what does not. A moment that is still to come is of a clock that was ahead.
func (s HealthState) IsStale(now time.Time, working, failing time.Duration) bool {
	after := working
	if !s.Since.IsZero() {
		after = failing
	}
	return s.Tried.IsZero() || now.Sub(s.Tried) >= after || s.Tried.After(now)
}
