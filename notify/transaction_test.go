package notify

import (
	"bufio"
	"bytes"
	"net"
	"slices"
	"strings"
	"testing"

	"mfabot/intake"
)

// script is a submission server that replies to each command as it is told, and writes down what it is given.
type script struct {
	offers  []string          // by EHLO
	replies map[string]string // by verb; others are 250, and 354 to DATA
	heard   []string          // in a group what came at once
	done    chan struct{}
}

func (s *script) start(t *testing.T) (addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.done = make(chan struct{})
	go func() {
		defer close(s.done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		s.serve(conn)
	}()
	t.Cleanup(func() { _ = listener.Close(); <-s.done })
	return listener.Addr().String()
}

func (s *script) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	say := func(line string) { _, _ = conn.Write([]byte(line + "\r\n")) }
	say("220 smtp.test")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSuffix(line, "\r\n")
		verb, _, _ := strings.Cut(line, " ")
		if in.Buffered() > 0 {
			line += " +"
		}
		s.heard = append(s.heard, line)
		reply := s.replies[verb]
		switch {
		case reply != "":
		case verb == "EHLO":
			say("250-smtp.test")
			for _, offer := range s.offers {
				say("250-" + offer)
			}
			reply = "250 HELP"
		case verb == "DATA":
			reply = "354 go on"
		default:
			reply = "250 ok"
		}
		say(reply)
		if strings.HasPrefix(reply, "354") {
			s.heard = append(s.heard, content(in))
			say("250 taken")
		}
	}
}

// content is the lines up to the dot, as they were sent.
func content(in *bufio.Reader) string {
	var all strings.Builder
	for {
		line, err := in.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return all.String()
		}
		all.WriteString(line)
	}
}

func TestTransaction(t *testing.T) {
	const mail, rcpt = "MAIL FROM:<mfa@helpdesk.test>", "RCPT TO:<a@x.test>"
	for _, c := range []struct {
		name    string
		offers  []string
		replies map[string]string
		want    []string // after EHLO
		code    int      // of the error; 0 for none
	}{
		{"one command at a time", nil, nil, []string{mail, rcpt, "DATA", "words\r\n"}, 0},
		{"several at once", []string{"PIPELINING"}, nil, []string{mail + " +", rcpt + " +", "DATA", "words\r\n"}, 0},
		{"of 8 bits", []string{"PIPELINING", "8BITMIME"}, nil,
			[]string{mail + " BODY=8BITMIME +", rcpt + " +", "DATA", "words\r\n"}, 0},
		{"the recipient is refused, one command at a time", nil, map[string]string{"RCPT": "550 5.1.1 no"}, []string{mail, rcpt, "RSET"}, 550},
		{"the recipient is refused, and then the content", []string{"PIPELINING"},
			map[string]string{"RCPT": "550 5.1.1 no", "DATA": "554 5.5.1 no recipients"},
			[]string{mail + " +", rcpt + " +", "DATA", "RSET"}, 550},
		{"the recipient is refused, and the content wanted", []string{"PIPELINING"}, map[string]string{"RCPT": "550 5.1.1 no"},
			[]string{mail + " +", rcpt + " +", "DATA", ""}, 550},
		{"the sender is refused", []string{"PIPELINING"}, map[string]string{"MAIL": "550 5.1.8 no", "RCPT": "503 no", "DATA": "503 no"},
			[]string{mail + " +", rcpt + " +", "DATA", "RSET"}, 550},
		{"the content is refused", []string{"PIPELINING"}, map[string]string{"DATA": "451 4.3.1 no room"},
			[]string{mail + " +", rcpt + " +", "DATA", "RSET"}, 451},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &script{offers: c.offers, replies: c.replies}
			l := &line{submission: Submission{Addr: s.start(t), Security: intake.Plain}}
			msg := &Message{sender: "<mfa@helpdesk.test>", recipient: "<a@x.test>", words: entity{"", []byte("words\r\n")}}
			err := l.send(t.Context(), msg, false, nil)
			_ = l.close()
			<-s.done
			heard := slices.DeleteFunc(s.heard, func(line string) bool { return line == "QUIT" || strings.HasPrefix(line, "EHLO") })
			for i := range heard {
				heard[i] = strings.TrimPrefix(heard[i], "Content-Type: \r\n\r\n")
			}
			if !slices.Equal(heard, c.want) || replyCode(err) != c.code || (err == nil) != (c.code == 0) {
				t.Errorf("heard %q, want %q; %v", heard, c.want, err)
			}
		})
	}
}

// TestReplies: a reply without a text is one, and one that does not end is not waited for.
func TestReplies(t *testing.T) {
	for _, c := range []struct {
		name, reply string
		taken       bool
	}{
		{"without a text", "250", true},
		{"of several lines", "250-one\r\n250-two\r\n250 three", true},
		{"of several lines, the last without a text", "250-one\r\n250", true},
		{"that is none", "OK", false},
		{"of a line that does not end", strings.Repeat("250 x", maxReply), false},
		{"of lines without end", strings.Repeat("250-x\r\n", maxReply), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &script{replies: map[string]string{"MAIL": c.reply}}
			l := &line{submission: Submission{Addr: s.start(t), Security: intake.Plain}}
			err := l.send(t.Context(), &Message{sender: "<a@x.test>", recipient: "<b@x.test>"}, false, nil)
			_ = l.close()
			if (err == nil) != c.taken || err != nil && replyCode(err) != 0 {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestContent: a dot at the beginning of a line does not end the message, and each line ends as it should.
func TestContent(t *testing.T) {
	for _, c := range []struct{ words, want string }{
		{"", ""},
		{".\r\nrest\r\n..\r\n.x", "..\r\nrest\r\n...\r\n..x\r\n"},
		{"one\ntwo\n\n.\nrest\n", "one\r\ntwo\r\n\r\n..\r\nrest\r\n"},
		{"a\r", "a\r\r\n"},
	} {
		for size := 1; size <= len(c.words)+1; size++ { // of each piece
			var out bytes.Buffer
			w := &stuffed{w: &out, last: '\n'}
			for piece := range slices.Chunk([]byte(c.words), size) {
				if n, err := w.Write(piece); n != len(piece) || err != nil {
					t.Fatalf("%d, %v", n, err)
				}
			}
			err := w.end()
			if out.String() != c.want+".\r\n" || err != nil {
				t.Errorf("%q in pieces of %d: %q, %v", c.words, size, out.String(), err)
			}
		}
	}
}
