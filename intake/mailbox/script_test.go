package mailbox

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
)

// talk is the server's side of one connection, for what no real server can be made to do. It answers commands
// well unless a test says otherwise.
type talk struct {
	conn net.Conn
	br   *bufio.Reader
	tag  string // of the last command
	line string // the last command without its tag
}

// hear reads a line; it is false when the client has gone.
func (k *talk) hear() bool {
	line, err := k.br.ReadString('\n')
	if err != nil {
		return false
	}
	k.tag, k.line, _ = strings.Cut(strings.TrimRight(line, "\r\n"), " ")
	return true
}

func (k *talk) say(lines ...string) {
	for _, line := range lines {
		// The client may have gone; the test sees what it makes of that.
		_, _ = fmt.Fprintf(k.conn, "%s\r\n", strings.ReplaceAll(line, "TAG", k.tag))
	}
}

// answers maps the beginning of a command to what is done about it.
type answers map[string]func(k *talk)

// serve greets and answers until the client goes.
func (a answers) serve(k *talk) {
	if greet := a["greeting"]; greet != nil {
		greet(k)
	} else {
		k.say("* OK hello")
	}
	for k.hear() {
		answered := false
		for command, answer := range a {
			if strings.HasPrefix(k.line, command) {
				answer(k)
				answered = true
			}
		}
		if !answered {
			k.usual()
		}
	}
}

func (k *talk) usual() {
	verb, _, _ := strings.Cut(k.line, " ")
	switch {
	case verb == "CAPABILITY":
		k.say("* CAPABILITY IMAP4rev1 IDLE MOVE")
	case verb == "LIST":
		name := k.line[strings.LastIndexByte(k.line, ' ')+1:]
		k.say(`* LIST () "/" ` + name)
	case verb == "SELECT":
		k.say("* 0 EXISTS", "* OK [UIDVALIDITY 7] is it")
	case strings.HasPrefix(k.line, "UID SEARCH"):
		k.say("* SEARCH")
	}
	k.say("TAG OK done")
}

// scripted runs a server whose connections are answered by the scripts in turn, the last one again and again,
// until the test ends.
func scripted(t testing.TB, scripts ...answers) Config {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var conns []net.Conn // of the accepting goroutine until it has ended
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ; i++ {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			conns = append(conns, conn)
			wg.Go(func() {
				scripts[min(i, len(scripts)-1)].serve(&talk{conn: conn, br: bufio.NewReader(conn)})
			})
		}
	}()
	t.Cleanup(func() {
		_ = ln.Close()
		<-done
		for _, conn := range conns {
			_ = conn.Close()
		}
		wg.Wait()
	})
	return baseConfig(t, ln.Addr().String())
}
