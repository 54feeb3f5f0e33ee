package sim

import (
	"strings"
	"time"
)

// Post is the submission server, and the mailboxes of the people it delivers to.
type Post struct {
	world     *World
	Accepted  []*Letter // in order
	Refused   []Refusal // permanent ones, of a recipient or of what was sent
	against   against
	unsettled []*Letter // accepted, but perhaps not yet recorded by the bot
}

// Letter is a message that the server accepted.
type Letter struct {
	From, To  string // envelope addresses
	MessageID string // without brackets
	Subject   string // decoded
	Raw       []byte
	At        time.Time
	Excused   bool // the bot did not hear that it was accepted, or was gone before it could record it
}

// Refusal is a 5xx reply to a recipient, or to what was sent to one.
type Refusal struct{ To string }

// against is what the server has against us, for a while: it says so of every letter.
type against struct {
	at    string // MAIL, or DATA for after the content
	reply string
	until time.Time
}

// senderRefusals are what servers say of a sender.
var senderRefusals = map[Fault][]against{
	SMTPLimit: {{at: "DATA", reply: "550 5.4.5 Daily user sending limit exceeded\r\n"},
		{at: "MAIL", reply: "550 5.4.5 Daily user sending limit exceeded\r\n"},
		{at: "DATA", reply: "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException\r\n"}},
	SMTPSendAs: {{at: "DATA", reply: "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied\r\n"},
		{at: "MAIL", reply: "550 5.1.8 Access denied, bad outbound sender\r\n"}},
	SMTPTenant: {{at: "DATA", reply: "550 5.7.705 Access denied, tenant has exceeded threshold\r\n"}},
}

// turn begins or ends what the server has against us, by the fault that strikes as it is connected to.
func (p *Post) turn() {
	fault := p.world.Faults.Choose(SMTPLimit, SMTPSendAs, SMTPTenant)
	if fault != None {
		d := p.world.dice
		p.against = Pick(d, senderRefusals[fault])
		p.against.until = p.world.Clock.Now().Add(d.Between(time.Minute, 30*time.Hour))
	}
}

// refuses returns what the server says of us at a command; empty if it has nothing against us.
func (p *Post) refuses(at string) string {
	if p.against.at != at || p.world.Faults.over || p.world.Clock.Now().After(p.against.until) {
		return ""
	}
	return p.against.reply
}

// excuse notes that the bot is gone, and what it has not recorded is lost.
func (p *Post) excuse() {
	for _, l := range p.unsettled {
		l.Excused = true
	}
	p.unsettled = nil
}

// settled notes that the bot has recorded what was accepted.
func (p *Post) settled() { p.unsettled = nil }

// smtpSession is one connection to the submission server (RFC 5321).
type smtpSession struct {
	post    *Post
	world   *World
	conn    *Conn
	unread  string
	from    string
	to      []string
	several bool // it takes several commands at once (RFC 2920)
	content bool // the input is the content of a message
	fault   Fault
}

func (p *Post) connect(fault Fault) *Conn {
	s := &smtpSession{post: p, world: p.world, several: p.world.dice.Chance(0.5)}
	s.conn = newConn(p.world, s)
	p.turn()
	p.world.open = append(p.world.open, s.conn)
	switch fault {
	case SMTPGreeting:
		s.conn.send("554 not today\r\n")
		s.conn.end()
	case SMTPSilentBefore:
		s.conn.hush()
	default:
		s.conn.send("220 post.test ready\r\n")
	}
	return s.conn
}

func (s *smtpSession) take(p []byte) {
	s.unread += string(p)
	for !s.conn.over() {
		if s.content {
			if !s.takeContent() {
				return
			}
			continue
		}
		line, rest, whole := strings.Cut(s.unread, "\r\n")
		if !whole {
			return
		}
		s.unread = rest
		s.line(line)
	}
}

// steps are the faults that can strike on a command, besides those that can strike on any.
var steps = map[string][]Fault{
	"AUTH": {SMTPLogin},
	"MAIL": {SMTPMail4, SMTPMail5},
	"RCPT": {SMTPRcpt4, SMTPRcpt5},
	"DATA": {SMTPData4, SMTPData5, SMTPCutInContent, SMTPDot4, SMTPDot5, SMTPDotCut, SMTPDotSilent},
}

// refusals are the replies of the faults that refuse.
var refusals = map[Fault]string{
	SMTPLogin: "535 5.7.8 not you\r\n",
	SMTPMail4: "451 4.3.0 try again\r\n", SMTPMail5: "550 5.7.1 not from you\r\n",
	SMTPRcpt4: "450 4.2.1 busy\r\n", SMTPRcpt5: "550 5.1.1 no such mailbox\r\n",
	SMTPData4: "451 4.3.0 try again\r\n", SMTPData5: "554 5.3.4 no\r\n",
	SMTPDot4: "452 4.3.1 no room\r\n", SMTPDot5: "554 5.6.0 not this\r\n",
	SMTPCloses: "421 4.3.2 closing\r\n",
}

func (s *smtpSession) line(line string) {
	s.world.Clock.Move(s.world.dice.Between(0, 300e6))
	verb, arg, _ := strings.Cut(line, " ")
	verb = strings.ToUpper(verb)
	s.world.Trace.note("  smtp ", line)
	fault := s.world.Faults.Choose(append(steps[verb], CrashSMTPBefore, CrashSMTPAfter,
		SMTPCutBefore, SMTPCutAfter, SMTPCutInAnswer, SMTPSilentBefore, SMTPSilentAfter, SMTPCloses)...)
	switch fault {
	case CrashSMTPBefore:
		s.world.Crash()
		return
	case SMTPCutBefore:
		s.conn.end()
		return
	case SMTPSilentBefore:
		s.conn.hush()
		return
	case SMTPDot4, SMTPDot5, SMTPDotCut, SMTPDotSilent, SMTPCutInContent:
		s.fault = fault
	}
	answer := s.run(verb, arg)
	if refusal, ok := refusals[fault]; ok && s.fault == None {
		answer = refusal
		s.content = false
		s.noteRefusal(answer)
		if s.to = nil; verb == "MAIL" {
			s.from = ""
		}
	}
	s.after(fault, answer)
}

func (s *smtpSession) noteRefusal(answer string) {
	if answer[0] == '5' {
		for _, to := range s.to { // there is none yet at MAIL
			s.post.Refused = append(s.post.Refused, Refusal{to})
		}
	}
}

func (s *smtpSession) after(fault Fault, answer string) {
	switch fault {
	case CrashSMTPAfter:
		s.world.Crash()
	case SMTPCutAfter:
		s.conn.end()
	case SMTPSilentAfter:
		s.conn.hush()
	case SMTPCutInAnswer:
		s.conn.send(answer[:s.world.dice.IntN(len(answer))])
		s.conn.end()
	case SMTPCloses:
		s.conn.send(answer)
		s.conn.end()
	default:
		s.conn.send(answer)
	}
}

func (s *smtpSession) run(verb, arg string) string {
	switch verb {
	case "EHLO", "HELO":
		offers := "250-post.test\r\n250-8BITMIME\r\n"
		if s.several {
			offers += "250-PIPELINING\r\n"
		}
		return offers + "250 AUTH PLAIN LOGIN\r\n"
	case "AUTH":
		return "235 2.7.0 it is you\r\n"
	case "MAIL":
		s.from, s.to = arg, nil // with its brackets, as there may be nothing between them
		if refusal := s.post.refuses("MAIL"); refusal != "" {
			s.from = ""
			return refusal
		}
	case "RCPT":
		if s.from == "" {
			return "503 5.5.1 MAIL first\r\n"
		}
		s.to = append(s.to, within(arg))
	case "DATA":
		switch {
		case len(s.to) > 0:
		case !s.several:
			s.world.Violate("protocol", "DATA without a recipient")
		case s.world.dice.Chance(0.5):
			return "554 5.5.1 no valid recipients\r\n"
		}
		s.content = true
		return "354 go on\r\n"
	case "RSET":
		s.from, s.to = "", nil
	case "NOOP":
	case "*": // ends a refused login
		return "501 5.7.0 so be it\r\n"
	case "QUIT":
		return "221 2.0.0 bye\r\n"
	default:
		s.world.Violate("protocol", "unknown SMTP command %s", verb)
		return "500 what?\r\n"
	}
	return "250 2.0.0 ok\r\n"
}

// within returns what is inside angle brackets.
func within(arg string) string {
	_, rest, _ := strings.Cut(arg, "<")
	address, _, _ := strings.Cut(rest, ">")
	return address
}

// takeContent looks for the end of the message, and reports whether it has arrived.
func (s *smtpSession) takeContent() bool {
	if s.fault == SMTPCutInContent && len(s.unread) > 100 {
		s.conn.end()
		return false
	}
	content, rest, whole := strings.Cut("\r\n"+s.unread, "\r\n.\r\n")
	if !whole {
		return false
	}
	content = strings.TrimPrefix(content, "\r\n")
	s.unread, s.content = rest, false
	fault := s.fault
	s.fault = None
	if len(s.to) == 0 {
		s.world.Violate("protocol", "content for nobody")
		return true
	}
	if refusal, ok := refusals[fault]; ok {
		s.noteRefusal(refusal)
		s.conn.send(refusal)
		return true
	}
	if refusal := s.post.refuses("DATA"); refusal != "" {
		s.conn.send(refusal)
		return true
	}
	s.accept(strings.ReplaceAll(content+"\r\n", "\r\n..", "\r\n."))
	if fault == None {
		fault = s.world.Faults.Choose(CrashSMTPAfter)
	}
	if fault != None { // which is about the reply
		s.post.unsettled[len(s.post.unsettled)-1].Excused = true
	}
	switch fault {
	case CrashSMTPAfter:
		s.world.Crash()
	case SMTPDotCut:
		s.conn.end()
	case SMTPDotSilent:
		s.conn.hush()
	default:
		s.conn.send("250 2.0.0 taken\r\n")
	}
	return true
}

// accept accepts a message for each of its recipients.
func (s *smtpSession) accept(content string) {
	for _, to := range s.to {
		l := &Letter{From: within(s.from), To: to, Raw: []byte(content), At: s.world.Clock.Now()}
		l.MessageID, l.Subject = strings.Trim(Field(content, "Message-ID"), "<>"), Decoded(Field(content, "Subject"))
		s.post.Accepted = append(s.post.Accepted, l)
		s.post.unsettled = append(s.post.unsettled, l)
		s.world.Trace.Note("< taken: %s %q to %s", l.MessageID, l.Subject, to)
	}
}
