// Package imaptest is a mail server for tests, which says what no real one can be made to say: it has one user with an
// inbox, and the oddities of servers in use.
package imaptest

import (
	"bufio"
	"cmp"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// Message is a message in the inbox.
type Message struct {
	UID uint32
	Raw string
}

// Server is an IMAP server (RFC 3501) that anybody may log in to. Commands that it does not know it says are done.
type Server struct {
	Addr string

	mu       sync.Mutex
	odd      Oddity
	validity uint32
	next     uint32
	inbox    []Message
	filed    []Message // moved out of the inbox, by the UIDs that they had there
	heard    []string  // commands, without their tags
}

// Start runs a server with messages, whose UIDs begin with 1, until the test ends.
func Start(t testing.TB, odd Oddity, raws ...string) *Server {
	t.Helper()
	ln, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Addr: ln.Addr().String(), odd: odd, validity: 7, next: 1}
	for _, raw := range raws {
		s.Deliver(raw)
	}
	var serving sync.WaitGroup
	var conns []net.Conn // of the accepting goroutine until it has ended
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			conns = append(conns, conn)
			serving.Go(func() { (&Conn{Server: s, conn: conn, in: bufio.NewReader(conn)}).serve() })
		}
	}()
	t.Cleanup(func() {
		_ = ln.Close()
		<-accepted
		for _, conn := range conns {
			_ = conn.Close()
		}
		serving.Wait()
	})
	return s
}

// Deliver puts a message into the inbox.
func (s *Server) Deliver(raw string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inbox = append(s.inbox, Message{s.next, raw})
	s.next++
}

// PutBack replaces the inbox with messages, numbered from 1 again, and does not say so: as if it were put back from a copy.
func (s *Server) PutBack(raws ...string) {
	s.mu.Lock()
	s.inbox, s.next = nil, 1
	s.mu.Unlock()
	for _, raw := range raws {
		s.Deliver(raw)
	}
}

// Mend makes the server one of another kind from now on.
func (s *Server) Mend(odd Oddity) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.odd = odd
}

// Inbox returns the messages in the inbox.
func (s *Server) Inbox() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.inbox)
}

// Filed returns the UIDs that messages had which were moved out of the inbox, in order.
func (s *Server) Filed() (uids []uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.filed {
		uids = append(uids, m.UID)
	}
	return uids
}

// Heard returns the commands that began with a word, such as UID FETCH.
func (s *Server) Heard(beginning string) (commands []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, command := range s.heard {
		if strings.HasPrefix(command, beginning) {
			commands = append(commands, command)
		}
	}
	return commands
}

// Changing returns the commands that may have changed something in the mailbox, as all may but those that are known to change
// nothing: a FETCH does not that has no body, or peeks.
func (s *Server) Changing() (commands []string) {
	reads := regexp.MustCompile(`^(CAPABILITY|LOGIN .*|LOGOUT|NOOP|IDLE|LIST .*|EXAMINE .*|UID SEARCH .*|` +
		`UID FETCH [0-9,:]+ \(((UID|RFC822\.SIZE|INTERNALDATE) ?|BODY\.PEEK\[[A-Z]*\](<0\.[0-9]+>)? ?)*\))$`)
	for _, command := range s.Heard("") {
		if !reads.MatchString(command) {
			commands = append(commands, command)
		}
	}
	return commands
}

// Conn is a connection to a server, for an Oddity to answer by.
type Conn struct {
	*Server
	conn net.Conn
	in   *bufio.Reader
	tag  string // of the present command
}

// Say writes lines, with the tag of the present command in the place of TAG. The client may have gone: the test sees what
// it makes of that.
func (c *Conn) Say(lines ...string) {
	for _, line := range lines {
		if rest, ok := strings.CutPrefix(line, "TAG "); ok {
			line = c.tag + " " + rest
		}
		_, _ = fmt.Fprintf(c.conn, "%s\r\n", line)
	}
}

// Hang ends the connection.
func (c *Conn) Hang() { _ = c.conn.Close() }

func (c *Conn) serve() {
	c.Say("* OK ready")
	for {
		line, err := c.in.ReadString('\n')
		if err != nil {
			return
		}
		var command string
		c.tag, command, _ = strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		c.mu.Lock()
		c.heard = append(c.heard, command)
		odd := c.odd
		c.mu.Unlock()
		if odd.Answer == nil || !odd.Answer(c, command) {
			c.usual(command, odd)
		}
	}
}

// usual answers a command as other servers do.
func (c *Conn) usual(command string, odd Oddity) {
	words := strings.SplitN(command, " ", 4)
	switch verb := strings.ToUpper(words[0]); {
	case verb == "CAPABILITY":
		caps := "IMAP4rev1 MOVE IDLE"
		if odd.Caps != "" {
			caps = odd.Caps
		}
		c.Say("* CAPABILITY " + caps)
	case verb == "LIST":
		c.Say(`* LIST (\HasNoChildren) "/" ` + command[strings.LastIndexByte(command, ' ')+1:])
	case verb == "NAMESPACE":
		c.Say(`* NAMESPACE (("" "/")) NIL NIL`)
	case verb == "SELECT", verb == "EXAMINE":
		c.selected(odd)
	case verb == "IDLE":
		c.Say("+ idling")
		_, _ = c.in.ReadString('\n') // DONE
	case verb == "UID" && len(words) > 2:
		if !c.onMessages(strings.ToUpper(words[1]), words[2:], odd) {
			return
		}
	}
	c.Say(cmp.Or(odd.Done, "TAG OK done"))
}

func (c *Conn) selected(odd Oddity) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if odd.Flags != "" {
		c.Say("* FLAGS "+odd.Flags, "* OK [PERMANENTFLAGS "+odd.Flags+"] kept")
	}
	c.Say(fmt.Sprintf("* %d EXISTS", len(c.inbox)), fmt.Sprintf("* OK [UIDVALIDITY %d] valid", c.validity),
		fmt.Sprintf("* OK [UIDNEXT %d] next", c.next))
}

// onMessages carries out a UID command, and reports whether it is to be said to be done.
func (c *Conn) onMessages(verb string, args []string, odd Oddity) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch verb {
	case "SEARCH":
		answer := "* SEARCH"
		for _, m := range c.inbox {
			if args[0] != "DELETED" && (args[0] != "UID" || named(args[1], m.UID)) {
				answer += " " + strconv.FormatUint(uint64(m.UID), 10)
			}
		}
		c.Say(answer)
	case "FETCH":
		for i, m := range c.inbox {
			if !named(args[0], m.UID) {
				continue
			}
			write := odd.Fetch
			if write == nil {
				write = UIDFirst
			}
			if !write(c, i+1, m, strings.Contains(args[1], "BODY")) {
				return false
			}
		}
	case "MOVE", "EXPUNGE": // what is expunged was copied before
		c.inbox = slices.DeleteFunc(c.inbox, func(m Message) bool {
			if named(args[0], m.UID) {
				c.filed = append(c.filed, m)
			}
			return named(args[0], m.UID)
		})
	}
	return true
}

// Named reports whether the UID set of a command has a UID.
func Named(command string, uid uint32) bool {
	words := strings.Fields(command)
	return len(words) > 2 && named(words[2], uid)
}

func named(set string, uid uint32) bool {
	for part := range strings.SplitSeq(set, ",") {
		first, last, isRange := strings.Cut(part, ":")
		low, _ := strconv.ParseUint(first, 10, 32)
		high := low
		if isRange {
			high, _ = strconv.ParseUint(last, 10, 32)
		}
		if uint64(uid) >= low && uint64(uid) <= high {
			return true
		}
	}
	return false
}
