package sim

import (
	"bytes"
	"slices"
	"strings"
	"time"
)

// Mailbox is an account on the mail server: the watched inbox, the folders beside it, and what the server can
// do.
type Mailbox struct {
	world    *World
	server   personality
	folders  []*Folder
	sessions []*imapSession
	Copies   []*Copy // every one that was ever in the inbox, in order
	throttle throttle
}

// Folder is one folder.
type Folder struct {
	Name     string
	validity uint32
	next     uint32 // the next UID
	Messages []*Message
}

// Message is a message in a folder.
type Message struct {
	Copy    *Copy
	uid     uint32
	deleted bool // marked \Deleted
	byHand  bool // a person set the mark
	seen    bool
}

// Copy is a copy of a delivered message that came into the inbox, wherever it is now. A copy the server makes
// in another folder counts as the same one.
type Copy struct {
	ID      int
	Raw     []byte
	At      time.Time // when it arrived
	Content int       // the same for all with the same content
	Names   []Name    // the names it has had in the inbox
	Touched bool      // a person took it out of the inbox, or out of our folder
	Kept    bool      // a person removed the mark, so that it stays where it is
	poison  poison
	until   time.Time // when the server hands it over again
}

// Name is what the bot knows a copy by.
type Name struct{ Validity, UID uint32 }

// personality is what a kind of server can do.
type personality struct {
	name    string
	caps    string // after login
	delim   string
	prefix  string // the personal namespace's
	login   string // AUTH=PLAIN, SASL-IR, or neither
	uidLast bool   // the UID comes after the other items in FETCH
	flags   string // that some messages have
}

// personalities resemble servers in use.
var personalities = []personality{
	{name: "dovecot", caps: "IMAP4rev1 IDLE MOVE UIDPLUS LITERAL+ ESEARCH NAMESPACE", delim: "/", login: "AUTH=PLAIN SASL-IR"},
	{name: "exchange", caps: "IMAP4rev1 IDLE MOVE UIDPLUS LITERAL+ NAMESPACE UNSELECT", delim: "/", login: "AUTH=PLAIN SASL-IR",
		uidLast: true},
	{name: "gmail", caps: "IMAP4rev1 IDLE MOVE UIDPLUS NAMESPACE", delim: "/", login: "AUTH=PLAIN SASL-IR",
		flags: `\Seen [Gmail]/x "a b"`},
	{name: "courier", caps: "IMAP4rev1 IDLE UIDPLUS NAMESPACE", delim: ".", prefix: "INBOX.", login: "AUTH=PLAIN"},
	{name: "old", caps: "IMAP4rev1", delim: "/", login: ""},
	{name: "rev2", caps: "IMAP4rev1 IMAP4rev2 IDLE MOVE UIDPLUS LITERAL- ESEARCH NAMESPACE", delim: "/", login: "AUTH=PLAIN SASL-IR"},
}

func (p personality) can(capability string) bool {
	return slices.Contains(strings.Fields(p.caps), capability)
}

const inbox = "INBOX"

func newMailbox(w *World) *Mailbox {
	m := &Mailbox{world: w, server: Pick(w.dice, personalities)}
	m.folders = []*Folder{{Name: inbox, validity: 1 + w.dice.Uint32N(1000), next: 1}}
	w.Trace.Note("the mail server is like %s", m.server.name)
	return m
}

// Deliver puts a message into the inbox. Messages with the same content have the same number for it.
func (m *Mailbox) Deliver(raw []byte, content int) *Copy {
	c := &Copy{ID: len(m.Copies) + 1, Raw: raw, At: m.world.Clock.Now(), Content: content}
	m.arrive(c)
	m.world.Trace.Note("> delivered copy %d, content %d, %d bytes", c.ID, content, len(raw))
	return c
}

func (m *Mailbox) arrive(c *Copy) {
	m.Copies = append(m.Copies, c)
	m.inbox().add(&Message{Copy: c})
	m.name(m.inbox().Messages[len(m.inbox().Messages)-1])
}

// name records the name by which a message in the inbox is known.
func (m *Mailbox) name(msg *Message) {
	msg.Copy.Names = append(msg.Copy.Names, Name{m.inbox().validity, msg.uid})
}

func (f *Folder) add(msg *Message) {
	msg.uid = f.next
	f.next++
	f.Messages = append(f.Messages, msg)
}

func (f *Folder) remove(msg *Message) {
	f.Messages = slices.DeleteFunc(slices.Clone(f.Messages), func(other *Message) bool { return other == msg })
}

func (m *Mailbox) inbox() *Folder { return m.folders[0] }

func (m *Mailbox) folder(name string) *Folder {
	if strings.EqualFold(name, inbox) {
		return m.inbox()
	}
	for _, f := range m.folders {
		if f.Name == name {
			return f
		}
	}
	return nil
}

func (m *Mailbox) create(name string) *Folder {
	f := &Folder{Name: name, validity: 1, next: 1}
	m.folders = append(m.folders, f)
	return f
}

// Inbox returns the messages in the inbox.
func (m *Mailbox) Inbox() []*Message { return m.inbox().Messages }

// Holds reports whether a copy, or one with the same bytes, is in one of our folders, given the last part of its name:
// where a person has copied a message within the inbox, one of them may do for both.
func (m *Mailbox) Holds(folder string, c *Copy) bool {
	return slices.ContainsFunc(m.ours(folder), func(f *Folder) bool {
		return slices.ContainsFunc(f.Messages, func(msg *Message) bool { return bytes.Equal(msg.Copy.Raw, c.Raw) })
	})
}

// renumber changes the inbox's UIDVALIDITY: every message gets another name.
func (m *Mailbox) renumber() {
	in := m.inbox()
	in.validity += 1 + m.world.dice.Uint32N(3)
	in.next = 1
	for _, msg := range in.Messages {
		msg.uid = in.next
		in.next++
		m.name(msg)
	}
	for _, s := range m.sessions {
		s.stale = s.selected == in || s.stale
	}
}

// ours returns the folders with these names that the bot files into, if they exist: in the personal
// namespace, and below the inbox in case the server does not announce its namespace.
func (m *Mailbox) ours(names ...string) []*Folder {
	var out []*Folder
	for _, name := range names {
		for _, prefix := range []string{"", inbox + m.server.delim} {
			if f := m.folder(prefix + name); f != nil {
				out = append(out, f)
			}
		}
	}
	return out
}
