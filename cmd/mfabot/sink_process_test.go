package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/pprof"
	"strings"
	"sync"
	"time"
)

// profileFile names, in the environment of mfabot-profiled, the file into which it writes where the processor's time went.
const profileFile = "MFABOT_PROFILE"

// profiled is mfabot, with a profile of what the processor did.
func profiled() {
	file, err := os.Create(os.Getenv(profileFile))
	if err == nil {
		err = pprof.StartCPUProfile(file)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitFailed)
	}
	status := runMain(os.Args[1:], os.Stdout, os.Stderr)
	pprof.StopCPUProfile()
	if err := file.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(status)
}

// actAsSink is a submission server that accepts every letter and keeps none: a process of its own, so that what it takes of the
// processor is not taken for that of who sends. Its arguments are a certificate and the key. It prints its address, and then a
// line for each letter that it accepts: when, in nanoseconds, the bytes, and to whom. A line "hold" of its standard input has it
// greet nobody until "go" comes; it ends with its standard input.
func actAsSink() {
	certificate, err := tls.LoadX509KeyPair(os.Args[1], os.Args[2])
	var l net.Listener
	if err == nil {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitFailed)
	}
	s := &drainSink{tls: &tls.Config{Certificates: []tls.Certificate{certificate}}, said: os.Stdout}
	fmt.Fprintln(s.said, l.Addr())
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(conn)
		}
	}()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if lines.Text() == "hold" {
			s.door.Lock()
		} else {
			s.door.Unlock()
		}
	}
}

// drainSink speaks as much of SMTP (RFC 5321) as a client that submits needs, with STARTTLS, AUTH and PIPELINING. It takes as
// little of the processor as can be, since who sends needs that.
type drainSink struct {
	tls  *tls.Config
	door sync.RWMutex // held: nobody is greeted

	mu   sync.Mutex
	said io.Writer
}

// sinkLine is one connection. What is written goes out once nothing is left to read, as PIPELINING wants (RFC 2920).
type sinkLine struct {
	conn net.Conn
	r    *bufio.Reader
	w    *bufio.Writer
	to   string
}

func (l *sinkLine) over(conn net.Conn) {
	l.conn, l.r, l.w = conn, bufio.NewReaderSize(conn, 1<<16), bufio.NewWriter(conn)
}

func (s *drainSink) serve(conn net.Conn) {
	defer conn.Close()
	s.door.RLock()
	s.door.RUnlock() //nolint:staticcheck // whoever comes waits until it is open
	l := new(sinkLine)
	l.over(conn)
	reply := "220 mx.post.invalid ESMTP"
	for {
		fmt.Fprint(l.w, reply, "\r\n")
		if l.r.Buffered() == 0 && l.w.Flush() != nil {
			return
		}
		line, err := l.r.ReadString('\n')
		if err != nil {
			return
		}
		if reply = s.obey(l, strings.TrimSpace(line)); reply == "" {
			return
		}
	}
}

// obey does what a line says, and returns the reply; empty: the connection is over.
func (s *drainSink) obey(l *sinkLine, line string) (reply string) {
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO", "HELO":
		if _, secured := l.conn.(*tls.Conn); !secured {
			return "250-mx.post.invalid\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 STARTTLS"
		}
		return "250-mx.post.invalid\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 AUTH PLAIN LOGIN"
	case "STARTTLS":
		fmt.Fprint(l.w, "220 2.0.0 go ahead\r\n")
		if l.w.Flush() != nil {
			return ""
		}
		l.over(tls.Server(l.conn, s.tls))
		line, err := l.r.ReadString('\n')
		if err != nil {
			return ""
		}
		return s.obey(l, strings.TrimSpace(line))
	case "AUTH":
		return "235 2.7.0 welcome"
	case "RCPT":
		l.to = strings.Trim(strings.TrimPrefix(strings.ToUpper(rest), "TO:"), "<>")
		l.to = strings.ToLower(l.to)
	case "DATA":
		fmt.Fprint(l.w, "354 go ahead\r\n")
		if l.w.Flush() != nil {
			return ""
		}
		return s.take(l)
	case "QUIT":
		fmt.Fprint(l.w, "221 2.0.0 bye\r\n")
		_ = l.w.Flush()
		return ""
	}
	return "250 2.0.0 ok"
}

// take reads a letter up to the dot, and says so.
func (s *drainSink) take(l *sinkLine) (reply string) {
	bytesRead, begins := 0, true
	for {
		part, err := l.r.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return ""
		}
		if begins && bytes.Equal(part, []byte(".\r\n")) {
			break
		}
		bytesRead, begins = bytesRead+len(part), err == nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fmt.Fprintln(s.said, time.Now().UnixNano(), bytesRead, l.to)
	return "250 2.0.0 taken"
}
