package sim

import (
	"fmt"
	"strings"
	"time"
)

// poison is how a server does not hand over one message.
type poison int

// The poisons. The first means none.
const (
	harmless poison = iota
	poisonBad
	poisonHangs
	poisonShort // a literal that is cut short
	poisonNil
	poisonNothing
	poisonNote // Exchange's note in its place
	poisons    // how many there are
)

// note is what Exchange hands over in the place of a message.
const note = "Subject: Retrieval using the IMAP4 protocol failed for the following message: 7\r\n\r\n" +
	"The server couldn't retrieve the following message:\r\n\r\nSubject: \"MFA\"\r\n"

// spoil makes a message one that is not handed over for a while.
func (m *Mailbox) spoil(msg *Message) {
	d := m.world.dice
	msg.Copy.poison = harmless + 1 + poison(d.IntN(int(poisons-1)))
	msg.Copy.until = m.world.Clock.Now().Add(d.Between(time.Minute, 48*time.Hour))
	m.world.Trace.Note("  copy %d is not handed over (%d)", msg.Copy.ID, msg.Copy.poison)
}

// spoilt writes what the server says in the place of a message that it does not hand over, and reports whether it is one.
func (s *imapSession) spoilt(b *strings.Builder, tag string, seq int, msg *Message) bool {
	if msg.Copy.poison == harmless || s.world.Faults.over || s.world.Clock.Now().After(msg.Copy.until) {
		return false
	}
	item := func(format string, args ...any) {
		fmt.Fprintf(b, "* %d FETCH (UID %d BODY[] "+format, append([]any{seq, msg.uid}, args...)...)
	}
	switch msg.Copy.poison {
	case poisonBad:
		b.WriteString(tag + " BAD Command Error. 12\r\n")
	case poisonHangs:
		s.cut = s.conn.end
	case poisonShort:
		item("{%d}\r\n%s", len(msg.Copy.Raw)+100, msg.Copy.Raw[:len(msg.Copy.Raw)/2])
		s.cut = s.conn.end
		if msg.uid%2 == 0 {
			s.cut = s.conn.hush
		}
	case poisonNil:
		item("NIL)\r\n")
	case poisonNote:
		item("{%d}\r\n%s)\r\n", len(note), note)
	case harmless, poisonNothing, poisons:
	}
	return true
}

// throttle is how long the server wants to be left alone, and by whom it has been told.
type throttle struct {
	since, until time.Time
	told         int // the start of the bot that has been told
}

// throttled answers a FETCH while the server wants to be left alone. A bot that has been told asks for nothing before that
// is over.
func (m *Mailbox) throttled(tag string, fault Fault) (answer string, is bool) {
	t, now := &m.throttle, m.world.Clock.Now()
	if fault == IMAPThrottle {
		*t = throttle{since: now, until: now.Add(m.world.dice.Between(time.Second, 5*time.Minute).Truncate(time.Millisecond))}
	}
	if m.world.Faults.over || !now.Before(t.until) || now.Before(t.since) {
		return "", false
	}
	if t.told == m.world.starts {
		m.world.Violate("a server that asks to be left alone is", "asked again %v before the time", t.until.Sub(now))
	}
	t.told = m.world.starts
	wait := t.until.Sub(now).Milliseconds()
	return fmt.Sprintf("%s BAD Request is throttled. Suggested Backoff Time: %d milliseconds\r\n", tag, wait), true
}
