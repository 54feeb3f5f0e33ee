package sim

import "fmt"

// meddle may have a person do something in the mailbox, or the server change its UIDs.
func (m *Mailbox) meddle() {
	d := m.world.dice
	fault := m.world.Faults.Choose(PersonMoved, PersonDeleted, PersonMarked, PersonUnmarked, PersonRead, PersonCopied,
		PersonBrought, PersonTidied, PersonExpunged, PersonRenamed, IMAPValidity)
	switch fault {
	case None:
	case IMAPValidity:
		m.renumber()
	case PersonBrought, PersonTidied, PersonRenamed:
		if ours := m.ours("Processed", "Refused", "Quarantine"); len(ours) > 0 {
			m.inOurs(fault, Pick(d, ours))
		}
	case PersonExpunged:
		m.expungedByPerson()
	default:
		if in := m.inbox().Messages; len(in) > 0 {
			m.inInbox(fault, Pick(d, in))
		}
	}
}

func (m *Mailbox) inInbox(fault Fault, msg *Message) {
	in := m.inbox()
	switch fault {
	case PersonMoved:
		in.remove(msg)
		msg.Copy.Touched = true
		archive := m.folder("Archive")
		if archive == nil {
			archive = m.create("Archive")
		}
		archive.add(&Message{Copy: msg.Copy})
	case PersonDeleted:
		in.remove(msg)
		msg.Copy.Touched = true
	case PersonMarked, PersonUnmarked:
		msg.Copy.Kept = msg.Copy.Kept || msg.deleted && fault == PersonUnmarked
		msg.deleted, msg.byHand = fault == PersonMarked, fault == PersonMarked
	case PersonRead:
		msg.seen = true
	case PersonCopied:
		m.again(msg.Copy)
	}
	m.world.Trace.Note("  a person chose copy %d", msg.Copy.ID)
}

// again puts another copy of a message into the inbox.
func (m *Mailbox) again(c *Copy) {
	m.arrive(&Copy{ID: len(m.Copies) + 1, Raw: c.Raw, At: c.At, Content: c.Content})
}

func (m *Mailbox) inOurs(fault Fault, f *Folder) {
	if fault == PersonRenamed {
		for _, msg := range f.Messages {
			msg.Copy.Touched = true
		}
		f.Name = fmt.Sprintf("%s until %d", f.Name, m.world.Clock.Now().UnixNano())
		return
	}
	if len(f.Messages) == 0 {
		return
	}
	msg := Pick(m.world.dice, f.Messages)
	f.remove(msg)
	msg.Copy.Touched = true
	if fault == PersonBrought {
		m.again(msg.Copy)
	}
	m.world.Trace.Note("  a person chose copy %d", msg.Copy.ID)
}

// expungedByPerson does what a mail client does when it tidies up.
func (m *Mailbox) expungedByPerson() {
	for _, msg := range m.inbox().Messages {
		if msg.deleted {
			m.inbox().remove(msg)
			msg.Copy.Touched = true
		}
	}
}
