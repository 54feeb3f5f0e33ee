package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// soak is the bot as a process, with everything around it.
type soak struct {
	ctx     context.Context //nolint:containedctx // of the benchmark
	dir     string
	desk    *helpdesk
	sink    *sink
	process *exec.Cmd
	metrics string // the address of them
	played  int    // messages
	highest int    // peak of memory, in MB
}

const (
	soakPassword = "soak"
	soakPatience = 5 * time.Minute // for one step
)

// anyAnswers are the lines of the policy that bound answers: here the last messages must get as many as the
// first.
var anyAnswers = regexp.MustCompile(`(?m)^(answers_a_day(?:_domain|_total)?) *= \d+`)

func newSoak(b *testing.B) *soak {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(b.Context()), 2*soakPatience) // the bot is ended by us
	b.Cleanup(cancel)
	s := &soak{ctx: ctx, dir: b.TempDir(), desk: newHelpdesk(b, service, soakPassword), sink: newSink(b)}
	policy, err := os.ReadFile(filepath.Join("..", "..", "intake", "policy.toml"))
	if err != nil {
		b.Fatal(err)
	}
	s.write(b, map[string]string{"policy.toml": anyAnswers.ReplaceAllString(string(policy), "$1 = 1000000"),
		"sites.csv": soakRegister(), "password": soakPassword + "\n",
		"mfabot.toml": soakConfig(s.desk.addr, s.sink.addr)})
	said := filepath.Join(s.dir, "log")
	stderr, err := os.Create(said)
	if err != nil {
		b.Fatal(err)
	}
	defer stderr.Close()
	s.process = exec.CommandContext(ctx, "mfabot", "run", "--config", filepath.Join(s.dir, "mfabot.toml"))
	s.process.Stderr = stderr
	if err := s.process.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.end(b, said) })
	if err := s.desk.rest(ctx); err != nil {
		b.Fatal(err)
	}
	text, err := os.ReadFile(said)
	found := regexp.MustCompile(`"msg":"listening","addr":"(\S+)"`).FindSubmatch(text)
	if err != nil || found == nil {
		b.Fatalf("mfabot does not say where it listens: %v\n%s", err, text)
	}
	s.metrics = "http://" + string(found[1]) + "/metrics"
	return s
}

// end stops the bot, which must succeed.
func (s *soak) end(b *testing.B, said string) {
	b.Helper()
	_ = s.process.Process.Signal(syscall.SIGTERM)
	err := s.process.Wait()
	text, _ := os.ReadFile(said)
	if bad := raceFailures.Find(text); err != nil || bad != nil {
		b.Errorf("mfabot: %v\n%s\nand said at the end:\n%s", err, bad, text[max(0, len(text)-2000):])
	}
}

// soakSample is what the bot uses at one moment.
type soakSample struct {
	rss, peak         int // MB
	goroutines, files int
	recorded          int // messages
}

// settled waits until no letter is left to send, and takes a sample.
func (s *soak) settled(b *testing.B) soakSample {
	b.Helper()
	for {
		text := s.get(b, s.metrics)
		if sum(text, `mfabot_outbound_queued (\S+)`) > 0 {
			select {
			case <-time.After(100 * time.Millisecond):
				continue
			case <-s.ctx.Done():
				b.Fatalf("letters are left:\n%s", text)
			}
		}
		status, err := os.ReadFile(s.proc("status"))
		if err != nil {
			b.Fatal(err)
		}
		files, err := os.ReadDir(s.proc("fd"))
		if err != nil {
			b.Fatal(err)
		}
		return soakSample{rss: sum(string(status), `VmRSS:\s*(\d+)`) >> 10, peak: sum(string(status), `VmHWM:\s*(\d+)`) >> 10,
			goroutines: sum(text, `(?m)^go_goroutines (\d+)`), files: len(files),
			recorded: sum(text, `mfabot_inbound_messages_total\{[^}]*\} (\S+)`)}
	}
}

// sum adds up the numbers that a pattern finds.
func sum(text, pattern string) (total int) {
	for _, found := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		n, _ := strconv.ParseFloat(found[1], 64)
		total += int(n)
	}
	return total
}

func (s *soak) get(b *testing.B, url string) string {
	b.Helper()
	r, err := http.Get(url)
	if err != nil {
		b.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}

func (s *soak) proc(name string) string {
	return filepath.Join("/proc", strconv.Itoa(s.process.Process.Pid), name)
}

// forgetPeak has the system count the peak of memory from now on. If the system does not allow that, peaks
// are those since the start.
func (s *soak) forgetPeak() { _ = os.WriteFile(s.proc("clear_refs"), []byte("5"), 0) }

// tidy deletes the filed messages, so that this process does not keep them.
func (s *soak) tidy(b *testing.B) {
	b.Helper()
	client, err := imapclient.DialInsecure(s.desk.addr, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer client.Close()
	if err := client.Login(service, soakPassword).Wait(); err != nil {
		b.Fatal(err)
	}
	for _, folder := range []string{"Processed", "Refused", "Quarantine"} {
		selected, err := client.Select(folder, nil).Wait()
		if err != nil || selected.NumMessages == 0 {
			continue // none was filed there yet
		}
		all := imap.SeqSet{}
		all.AddRange(1, selected.NumMessages)
		if err := client.Store(all, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true,
			Flags: []imap.Flag{imap.FlagDeleted}}, nil).Close(); err != nil {
			b.Fatal(err)
		}
		if err := client.Expunge().Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// sink is a server that accepts all letters and keeps none.
type sink struct {
	addr string

	mu    sync.Mutex
	sizes []int64
	count map[string]int // by recipient
}

func newSink(b *testing.B) *sink {
	b.Helper()
	s := &sink{count: make(map[string]int)}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &sinkSession{sink: s}, nil }))
	server.AllowInsecureAuth = true
	server.ErrorLog = log.New(io.Discard, "", 0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	s.addr = l.Addr().String()
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(l)
	}()
	b.Cleanup(func() {
		_ = server.Close()
		<-served
	})
	return s
}

func (s *sink) to(address string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count[address]
}

func (s *sink) all() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sizes)
}

func (s *sink) largerThan(size int64) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, got := range s.sizes {
		if got > size {
			n++
		}
	}
	return n
}

// sinkSession is one connection to it.
type sinkSession struct {
	sink *sink
	to   []string
}

func (s *sinkSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *sinkSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, _, password string) error {
		if password != soakPassword {
			return fmt.Errorf("the password is %q", password)
		}
		return nil
	}), nil
}

func (s *sinkSession) Mail(string, *smtp.MailOptions) error { return nil }

func (s *sinkSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

func (s *sinkSession) Data(r io.Reader) error {
	size, err := io.Copy(io.Discard, r)
	if err != nil {
		return err
	}
	s.sink.mu.Lock()
	defer s.sink.mu.Unlock()
	s.sink.sizes = append(s.sink.sizes, size)
	for _, to := range s.to {
		s.sink.count[to]++
	}
	return nil
}

func (s *sinkSession) Reset()        { s.to = nil }
func (s *sinkSession) Logout() error { return nil }
