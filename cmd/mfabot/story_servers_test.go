package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// storyPost is the mail server that takes our letters, and says what a story wants it to say.
type storyPost struct {
	accept func(to string, raw []byte)

	mu      sync.Mutex
	refused []string
	says    storySays
}

// listen starts the server, until the test ends, and returns its address.
func (p *storyPost) listen(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	done(t, err)
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &storySession{post: p}, nil }))
	server.Domain = "sink.test"
	server.ErrorLog = nothingLogged{}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(storyDoor{l, p}) })
	t.Cleanup(func() {
		_ = server.Close()
		serving.Wait()
	})
	return l.Addr().String()
}

type nothingLogged struct{}

func (nothingLogged) Printf(string, ...any) {}
func (nothingLogged) Println(...any)        {}

func (p *storyPost) set(refused *[]string, says *storySays) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if refused != nil {
		p.refused = *refused
	}
	if says != nil {
		p.says = *says
	}
}

// holdsUp reports whether letters to an address are refused now.
func (p *storyPost) holdsUp(to string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Contains(p.refused, to) || p.says.At != "" && (p.says.To == "" || strings.EqualFold(p.says.To, to))
}

func (p *storyPost) isFaulty() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.says.At != ""
}

// reply is what the server says at a point of a delivery; nil for what is usual.
func (p *storyPost) reply(at, to string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case at == "rcpt" && slices.Contains(p.refused, strings.ToLower(to)):
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "user unknown"}
	case p.says.At != at || p.says.To != "" && !strings.EqualFold(p.says.To, to):
		return nil
	}
	code, text, _ := strings.Cut(p.says.Reply, " ")
	n, err := strconv.Atoi(code)
	if err != nil {
		return err
	}
	return &smtp.SMTPError{Code: n, EnhancedCode: smtp.NoEnhancedCode, Message: text}
}

// storyDoor greets as the story wants it.
type storyDoor struct {
	net.Listener
	post *storyPost
}

func (d storyDoor) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		var refusal *smtp.SMTPError
		if !errors.As(d.post.reply("greeting", ""), &refusal) {
			return conn, nil
		}
		fmt.Fprintf(conn, "%d %s\r\n", refusal.Code, refusal.Message)
		_ = conn.Close()
	}
}

// storySession is one letter after the other.
type storySession struct {
	post *storyPost
	to   []string
}

func (s *storySession) Reset()        { s.to = nil }
func (s *storySession) Logout() error { return nil }

func (s *storySession) Mail(string, *smtp.MailOptions) error { return s.post.reply("mail", "") }

func (s *storySession) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := s.post.reply("rcpt", to); err != nil {
		return err
	}
	s.to = append(s.to, strings.ToLower(to))
	return nil
}

func (s *storySession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.post.reply("data", ""); err != nil {
		return err
	}
	for _, to := range s.to {
		s.post.accept(to, raw)
	}
	return nil
}

// storyMembers is the state of a story's directory, in a file.
type storyMembers struct {
	Users   map[string]storyAccount `json:"users"` // nil: everybody exists
	Members []string                `json:"members"`
	Down    bool                    `json:"down"`
}

func (d storyMembers) write(t *testing.T, file string) {
	t.Helper()
	text, err := json.Marshal(d)
	done(t, err)
	done(t, os.WriteFile(file, text, 0o600))
}

func readMembers(file string) (d storyMembers, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal(text, &d)
}

// actAsDirectory is the program that mfabot runs for a directory of kind command: a question on a line of
// standard input, an answer on standard output. Exit statuses are those of sysexits.h.
func actAsDirectory() {
	const noUser, tempFail = 67, 75
	file := os.Args[1]
	d, err := readMembers(file)
	var ask struct{ Action, User, ID string }
	if err := errors.Join(err, json.NewDecoder(os.Stdin).Decode(&ask)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if d.Down {
		fmt.Fprintln(os.Stderr, "the directory is down")
		os.Exit(tempFail)
	}
	user := strings.ToLower(ask.User)
	if user == "" {
		user = strings.ToLower(ask.ID)
	}
	account, known := d.Users[user]
	known = known || d.Users == nil
	var out bytes.Buffer
	switch ask.Action {
	case "account":
		answer := map[string]any{"exists": known}
		if known {
			answer["methods"], answer["enabled"] = "yes", account.Enabled == nil || *account.Enabled
			if account.Methods != "" {
				answer["methods"] = account.Methods
			}
		}
		err = json.NewEncoder(&out).Encode(answer)
	case "members":
		for _, m := range d.Members {
			err = errors.Join(err, json.NewEncoder(&out).Encode(map[string]any{"id": m, "addresses": []string{m}}))
		}
	case "apply":
		if !known {
			os.Exit(noUser)
		}
		if !slices.Contains(d.Members, user) {
			d.Members = append(d.Members, user)
		}
		err = json.NewEncoder(&out).Encode(map[string]any{"id": user})
	default:
		d.Members = slices.DeleteFunc(d.Members, func(m string) bool { return m == user })
	}
	text, e := json.Marshal(d)
	if err := errors.Join(err, e, os.WriteFile(file, text, 0o600)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_, _ = out.WriteTo(os.Stdout)
}
