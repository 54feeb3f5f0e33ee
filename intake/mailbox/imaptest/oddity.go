package imaptest

import (
	"fmt"
	"strings"
)

// Oddity is what a server does in its own way. The zero value is a server like others.
type Oddity struct {
	Caps  string // instead of IMAP4rev1 MOVE IDLE
	Flags string // the list that SELECT announces
	Done  string // instead of TAG OK done
	// Answer answers a command, or leaves it to the server by returning false.
	Answer func(c *Conn, command string) bool
	// Fetch writes the answer about a message, its size or its body. It returns false if nothing more is to be said.
	Fetch func(c *Conn, seq int, m Message, body bool) bool
}

// UIDFirst is the usual Fetch.
func UIDFirst(c *Conn, seq int, m Message, body bool) bool {
	c.Say(fmt.Sprintf("* %d FETCH (UID %d %s)", seq, m.UID, content(m, body)))
	return true
}

// content is what was asked about a message.
func content(m Message, body bool) string {
	if body {
		return fmt.Sprintf("BODY[] {%d}\r\n%s", len(m.Raw), m.Raw)
	}
	return fmt.Sprintf("RFC822.SIZE %d", len(m.Raw))
}

// written is a Fetch that writes by a format: of the sequence number, the UID and the content, each named by its index.
func written(format string) func(c *Conn, seq int, m Message, body bool) bool {
	return func(c *Conn, seq int, m Message, body bool) bool {
		c.Say(fmt.Sprintf(format, seq, m.UID, content(m, body)))
		return true
	}
}

// Second is the UID of the message that a server has trouble with, in each of Troubles.
const Second = 2

// onSecond is a Fetch that has trouble with one message, when its body is asked for.
func onSecond(trouble func(c *Conn, seq int, m Message) bool) func(c *Conn, seq int, m Message, body bool) bool {
	return func(c *Conn, seq int, m Message, body bool) bool {
		if body && m.UID == Second {
			return trouble(c, seq, m)
		}
		return UIDFirst(c, seq, m, body)
	}
}

// says is a Fetch that says something in the place of one message and of all that follows.
func says(lines ...string) Oddity {
	return Oddity{Fetch: onSecond(func(c *Conn, _ int, _ Message) bool { c.Say(lines...); return false })}
}

// Troubles are servers that cannot hand over the Second message, with the words that the operator is to hear.
func Troubles() map[string]struct {
	Oddity
	Words string
} {
	type trouble = struct {
		Oddity
		Words string
	}
	hangs := func(lines ...string) Oddity {
		return Oddity{Fetch: onSecond(func(c *Conn, _ int, _ Message) bool { c.Say(lines...); c.Hang(); return false })}
	}
	instead := func(item string) Oddity {
		return Oddity{Fetch: onSecond(func(c *Conn, seq int, m Message) bool {
			c.Say(fmt.Sprintf("* %d FETCH (UID %d %s)", seq, m.UID, item))
			return true
		})}
	}
	short := func(after func(c *Conn)) Oddity {
		return Oddity{Fetch: onSecond(func(c *Conn, seq int, m Message) bool {
			c.Say(fmt.Sprintf("* %d FETCH (UID %d BODY[] {%d}", seq, m.UID, len(m.Raw)+500), m.Raw[:len(m.Raw)/2])
			after(c)
			return false
		})}
	}
	warns := func(c *Conn, _ int, _ Message) bool {
		c.Say("* NO message 2 is broken")
		return true
	}
	const handsNothing = "hands nothing over"
	return map[string]trouble{
		"BAD":                 {says("TAG BAD Command Error. 12"), "BAD Command Error. 12"},
		"BAD before all":      {refusesSet("TAG BAD Command Error. 10"), "BAD Command Error. 10"},
		"NO":                  {says("TAG NO Some of the messages could not be fetched"), "could not be fetched"},
		"NO before all":       {refusesSet("TAG NO [SERVERBUG] no such file"), "no such file"},
		"NO about the size":   {refusesSize("TAG NO no size"), "no size"},
		"closes":              {hangs(), "closed the connection"},
		"BYE":                 {hangs("* BYE internal error"), "BYE internal error"},
		"the literal is cut":  {short((*Conn).Hang), "closed the connection"},
		"the literal is long": {instead("BODY[] {3}\r\nFrom: and more of it"), "makes no sense"},
		"OK without data":     {Oddity{Fetch: onSecond(func(*Conn, int, Message) bool { return true })}, handsNothing},
		"OK with a warning":   {Oddity{Fetch: onSecond(warns)}, "message 2 is broken"},
		"OK with the UID only": {Oddity{Fetch: onSecond(func(c *Conn, seq int, m Message) bool {
			c.Say(fmt.Sprintf("* %d FETCH (UID %d)", seq, m.UID))
			return true
		})}, handsNothing},
		"OK with flags only": {instead(`FLAGS (\Seen)`), handsNothing},
		"NIL":                {instead("BODY[] NIL"), "NIL"},
		"a stand-in":         {instead(fmt.Sprintf("BODY[] {%d}\r\n%s", len(StandIn), StandIn)), "MFA for Sam Green"},
		"UID command error":  {says("TAG BAD UID command error. 11"), "UID command error. 11"},
		"a garbled answer":   {says("* 2 FETCH UID 2 BODY[]", "TAG OK done"), handsNothing},
	}
}

// refusesSet refuses to hand over the bodies of a set in which the Second message is.
func refusesSet(line string) Oddity {
	return Oddity{Answer: func(c *Conn, command string) bool {
		if !strings.HasPrefix(command, "UID FETCH") || !strings.Contains(command, "BODY") || !Named(command, Second) {
			return false
		}
		c.Say(line)
		return true
	}}
}

// refusesSize is refusesSet for the sizes as well.
func refusesSize(line string) Oddity {
	return Oddity{Answer: func(c *Conn, command string) bool {
		if !strings.HasPrefix(command, "UID FETCH") || !Named(command, Second) {
			return false
		}
		c.Say(line)
		return true
	}}
}

// StandIn is what Exchange hands over in the place of a message that it cannot retrieve.
const StandIn = "From: Microsoft Exchange Server\r\n" +
	"Subject: Retrieval using the IMAP4 protocol failed for the following message: 12345\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n" +
	"The server couldn't retrieve the following message:\r\n\r\nSubject: \"MFA for Sam Green\"\r\n" +
	"From: \"Oak Street Pharmacy\" (oakstreet@pharmacy.test)\r\nSent date: 2/11/2026 10:11:12 AM\r\n\r\n" +
	"The message hasn't been deleted. You might be able to view it using either Outlook or Outlook on the web.\r\n"
