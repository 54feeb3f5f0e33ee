package sim

import (
	"fmt"
	"slices"
	"strings"
)

// imapSession is one connection to the mail server (RFC 3501).
type imapSession struct {
	mail     *Mailbox
	world    *World
	conn     *Conn
	unread   string // input not yet ended by a line break
	loggedIn bool
	waiting  string // the tag of a command waiting for one more line: AUTHENTICATE or IDLE
	idle     bool
	selected *Folder
	examined bool       // it is selected to be read only
	byUID    bool       // the command names messages by UID, not by sequence number
	known    []*Message // of the selected folder, as reported to the client
	stale    bool       // the selected folder's UIDs have changed
	cut      func()     // ends the connection with the present answer; nil if nothing does
}

func (m *Mailbox) connect(fault Fault) *Conn {
	s := &imapSession{mail: m, world: m.world}
	s.conn = newConn(m.world, s)
	m.world.open = append(m.world.open, s.conn)
	m.sessions = slices.DeleteFunc(append(m.sessions, s), func(s *imapSession) bool { return s.conn.over() })
	switch fault {
	case IMAPTurnedAway:
		s.conn.send("* BYE too many connections\r\n")
		s.conn.end()
	case IMAPSilentBefore:
		s.conn.hush()
	default:
		s.conn.send("* OK [CAPABILITY IMAP4rev1 " + m.server.login + "] ready\r\n")
	}
	return s.conn
}

func (s *imapSession) take(p []byte) {
	s.unread += string(p)
	for {
		line, rest, whole := strings.Cut(s.unread, "\r\n")
		if !whole {
			return
		}
		s.unread = rest
		s.line(line)
	}
}

// line processes one line from the client. A fault may cut off the answer at any point.
func (s *imapSession) line(line string) {
	if s.conn.over() {
		return
	}
	s.mail.meddle()
	s.world.Clock.Move(s.world.dice.Between(0, 300e6))
	tag, command, _ := strings.Cut(line, " ")
	args := words(command)
	// The client lists these in map order, which varies.
	s.world.Trace.note("  imap ", strings.Replace(command, "INTERNALDATE RFC822.SIZE", "RFC822.SIZE INTERNALDATE", 1))
	if s.stale {
		s.conn.send("* BYE the mailbox was rebuilt\r\n")
		s.conn.end()
		return
	}
	fault := s.world.Faults.Choose(s.chances(args)...)
	if s.before(fault) {
		return
	}
	s.cut = nil
	answer := ""
	switch {
	case s.waiting != "":
		answer = s.goOn()
	case fault == IMAPRefuses:
		answer = tag + " NO [UNAVAILABLE] not now\r\n"
	case fault == IMAPLogin:
		answer = tag + " NO [AUTHENTICATIONFAILED] not you\r\n"
	default:
		answer = s.run(tag, args, fault)
	}
	if s.cut != nil { // by a message
		s.conn.send(answer)
		s.cut()
		return
	}
	s.after(fault, answer)
}

// chances returns the faults that can strike on a command.
func (s *imapSession) chances(args []string) []Fault {
	out := []Fault{CrashIMAPBefore, CrashIMAPAfter, IMAPCutBefore, IMAPCutAfter, IMAPCutInAnswer,
		IMAPSilentBefore, IMAPSilentAfter, IMAPSilentInAnswer, IMAPBye}
	if len(args) == 0 || s.waiting != "" {
		return out
	}
	switch strings.ToUpper(args[0]) {
	case "LOGIN", "AUTHENTICATE":
		return append(out, IMAPLogin)
	case "CAPABILITY", "LOGOUT":
		return out
	case "UID":
		switch strings.ToUpper(args[1]) {
		case "MOVE", "COPY", "EXPUNGE":
			out = append(out, IMAPHalf)
		case "FETCH":
			out = append(out, IMAPUnread, IMAPNothing, IMAPPoison, IMAPThrottle)
			if strings.Contains(args[3], "BODY") {
				out = append(out, IMAPCutInLiteral)
			}
		}
	}
	return append(out, IMAPRefuses)
}

// before lets a fault strike before the command is carried out, and reports whether it did.
func (s *imapSession) before(fault Fault) bool {
	switch fault {
	case CrashIMAPBefore:
		s.world.Crash()
	case IMAPCutBefore:
		s.conn.end()
	case IMAPSilentBefore:
		s.conn.hush()
	case IMAPBye:
		s.conn.send("* BYE closing\r\n")
		s.conn.end()
	default:
		return false
	}
	return true
}

// after sends the answer, or as much of it as the fault lets through.
func (s *imapSession) after(fault Fault, answer string) {
	cut := 0
	switch fault {
	case CrashIMAPAfter:
		s.world.Crash()
		return
	case IMAPCutInAnswer, IMAPSilentInAnswer:
		cut = s.world.dice.IntN(max(len(answer), 1)) // never all of it: who has that waits for nothing
	case IMAPCutInLiteral:
		if at := strings.Index(answer, "}\r\n"); at >= 0 {
			cut = min(len(answer), at+3+s.world.dice.IntN(200))
		}
	case IMAPCutAfter, IMAPSilentAfter:
	default:
		s.conn.send(answer)
		return
	}
	s.conn.send(answer[:cut])
	if fault == IMAPSilentAfter || fault == IMAPSilentInAnswer {
		s.conn.hush()
	} else {
		s.conn.end()
	}
}

// goOn completes a command that was waiting for a line.
func (s *imapSession) goOn() string {
	tag := s.waiting
	s.waiting = ""
	if s.idle {
		s.idle = false
		return tag + " OK idled\r\n"
	}
	return s.logIn(tag)
}

func (s *imapSession) logIn(tag string) string {
	s.loggedIn = true
	return tag + " OK [CAPABILITY " + s.mail.server.caps + "] logged in\r\n"
}

// run carries out a command and returns the answer.
func (s *imapSession) run(tag string, args []string, fault Fault) string {
	ok := tag + " OK done\r\n"
	arg := func(i int) string {
		if i < len(args) {
			return args[i]
		}
		return ""
	}
	switch name := strings.ToUpper(arg(0)); name {
	case "CAPABILITY":
		return "* CAPABILITY IMAP4rev1\r\n" + ok
	case "LOGIN":
		return s.logIn(tag)
	case "AUTHENTICATE":
		if arg(2) != "" {
			return s.logIn(tag)
		}
		s.waiting = tag
		return "+ \r\n"
	case "LOGOUT":
		return "* BYE see you\r\n" + ok
	case "NOOP", "SUBSCRIBE":
		return s.news() + ok
	case "NAMESPACE":
		return fmt.Sprintf("* NAMESPACE ((%q %q)) NIL NIL\r\n", s.mail.server.prefix, s.mail.server.delim) + ok
	case "LIST":
		return s.list(arg(2)) + ok
	case "CREATE":
		if s.mail.folder(arg(1)) != nil {
			return tag + " NO [ALREADYEXISTS] it is there\r\n"
		}
		s.mail.create(arg(1))
		return ok
	case "SELECT", "EXAMINE":
		return s.selectFolder(tag, arg(1), name == "EXAMINE")
	case "IDLE":
		s.waiting, s.idle = tag, true
		return "+ idling\r\n" + s.news()
	case "EXPUNGE":
		s.expunge(s.selected.Messages)
		return s.news() + ok
	case "UID":
		s.byUID = true
		return s.onMessages(tag, args[1:], fault)
	case "SEARCH", "FETCH", "STORE", "MOVE", "COPY":
		s.byUID = false
		return s.onMessages(tag, args, fault)
	}
	s.world.Violate("protocol", "unknown IMAP command %q", args)
	return tag + " BAD what?\r\n"
}

func (s *imapSession) list(pattern string) string {
	if pattern == "" {
		return fmt.Sprintf("* LIST (\\Noselect) %q \"\"\r\n", s.mail.server.delim)
	}
	if s.mail.folder(pattern) == nil {
		return ""
	}
	return fmt.Sprintf("* LIST () %q %q\r\n", s.mail.server.delim, pattern)
}

func (s *imapSession) selectFolder(tag, name string, examine bool) string {
	s.selected, s.examined = s.mail.folder(name), examine
	if s.selected == nil {
		return tag + " NO [NONEXISTENT] there is none\r\n"
	}
	s.known = slices.Clone(s.selected.Messages)
	return fmt.Sprintf("* %[1]d EXISTS\r\n* 0 RECENT\r\n* FLAGS (%[2]s)\r\n* OK [PERMANENTFLAGS (%[2]s)] kept\r\n"+
		"* OK [UIDVALIDITY %[3]d] valid\r\n* OK [UIDNEXT %[4]d] next\r\n%[5]s OK [%[6]s] selected\r\n",
		len(s.known), strings.TrimSpace(`\Seen \Deleted `+s.mail.server.flags), s.selected.validity, s.selected.next, tag,
		map[bool]string{false: "READ-WRITE", true: "READ-ONLY"}[examine])
}

// news returns the untagged responses for what has changed in the selected folder.
func (s *imapSession) news() string {
	if s.selected == nil {
		return ""
	}
	var b strings.Builder
	for i := len(s.known) - 1; i >= 0; i-- {
		if !slices.Contains(s.selected.Messages, s.known[i]) {
			fmt.Fprintf(&b, "* %d EXPUNGE\r\n", i+1)
			s.known = slices.Delete(s.known, i, i+1)
		}
	}
	if len(s.known) < len(s.selected.Messages) {
		s.known = slices.Clone(s.selected.Messages)
		fmt.Fprintf(&b, "* %d EXISTS\r\n", len(s.known))
	}
	return b.String()
}

// words splits a command at its spaces, but not inside quotes or brackets.
func words(command string) []string {
	var out []string
	var word strings.Builder
	depth, quoted, any := 0, false, false
	for _, c := range command {
		switch {
		case c == '"':
			quoted, any = !quoted, true
			continue
		case quoted:
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case c == ' ' && depth == 0:
			out = append(out, word.String())
			word.Reset()
			any = false
			continue
		}
		word.WriteRune(c)
	}
	if word.Len() > 0 || any {
		out = append(out, word.String())
	}
	return out
}
