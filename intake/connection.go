package intake

import (
	"net"
	"net/mail"
	"regexp"
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

// Way is something that mail comes or goes by and that does not work now: the submission server, a mailbox, or the
// operator's own address.
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
