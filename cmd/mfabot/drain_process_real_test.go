//go:build real

package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// measuredProcess is mfabot, running.
type measuredProcess struct {
	*exec.Cmd
	began time.Time     // when it began to read
	start time.Duration // of the processor, until then
	ended chan struct{} // closed when it has said all

	mu    sync.Mutex
	lines []string // the last that it said
}

// startMeasured starts mfabot, and returns once it begins to read.
func startMeasured(b *testing.B, c *exec.Cmd) *measuredProcess {
	b.Helper()
	p := &measuredProcess{Cmd: c, ended: make(chan struct{})}
	stderr, err := c.StderrPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Process.Kill() }) // it has ended, unless something failed
	runs := make(chan struct{})
	go p.listen(stderr, runs)
	select {
	case <-runs:
	case <-p.ended:
		b.Fatalf("mfabot has ended: %v\n%s", p.Wait(), p.said())
	}
	return p
}

// listen reads the log.
func (p *measuredProcess) listen(log io.Reader, runs chan struct{}) {
	defer close(p.ended)
	const kept = 20
	for lines := bufio.NewScanner(log); lines.Scan(); {
		line := lines.Text()
		p.mu.Lock()
		p.lines = append(p.lines[max(0, len(p.lines)-kept):], line)
		p.mu.Unlock()
		if p.began.IsZero() && strings.Contains(line, `"msg":"running"`) {
			p.began, p.start = time.Now(), p.worked()
			close(runs)
		}
	}
}

func (p *measuredProcess) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, "\n")
}

// worked is how long the processor has worked for it, in hundredths of a second.
func (p *measuredProcess) worked() time.Duration {
	text, _ := os.ReadFile(p.proc("stat"))
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

// peak is the most memory that it has had, in MB.
func (p *measuredProcess) peak(b *testing.B) int {
	b.Helper()
	status, err := os.ReadFile(p.proc("status"))
	if err != nil {
		b.Fatal(err)
	}
	return sum(string(status), `VmHWM:\s*(\d+)`) >> 10
}

func (p *measuredProcess) proc(name string) string {
	return filepath.Join("/proc", strconv.Itoa(p.Process.Pid), name)
}

// end stops it, which must succeed, and returns how long the processor has worked for it.
func (p *measuredProcess) end(b *testing.B) time.Duration {
	b.Helper()
	_ = p.Process.Signal(syscall.SIGTERM)
	<-p.ended
	if err := p.Wait(); err != nil {
		b.Fatalf("mfabot: %v\n%s", err, p.said())
	}
	return p.ProcessState.UserTime() + p.ProcessState.SystemTime()
}

// sinkProcess is a submission server that keeps nothing of the letters but when they came, how large and to whom.
type sinkProcess struct {
	addr  string
	stdin io.Writer

	mu       sync.Mutex
	accepted []acceptedLetter
}

type acceptedLetter struct {
	at   time.Time
	size int
	to   string
}

func newSinkProcess(b *testing.B, certFile, keyFile string) *sinkProcess {
	b.Helper()
	c := exec.Command("mfabot-sink", certFile, keyFile)
	stdin, err := c.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		b.Fatal(err)
	}
	s, r := &sinkProcess{stdin: stdin}, bufio.NewReader(stdout)
	if s.addr, err = r.ReadString('\n'); err != nil {
		b.Fatal(err)
	}
	s.addr = strings.TrimSpace(s.addr)
	read := make(chan struct{})
	go func() {
		defer close(read)
		s.read(r)
	}()
	b.Cleanup(func() {
		_ = stdin.Close()
		<-read
		if err := c.Wait(); err != nil {
			b.Error(err)
		}
	})
	return s
}

func (s *sinkProcess) read(r io.Reader) {
	for {
		var at int64
		var l acceptedLetter
		if _, err := fmt.Fscanln(r, &at, &l.size, &l.to); err != nil {
			return
		}
		l.at = time.Unix(0, at)
		s.mu.Lock()
		s.accepted = append(s.accepted, l)
		s.mu.Unlock()
	}
}

// tell has it hold those who come, or go on.
func (s *sinkProcess) tell(b *testing.B, what string) {
	b.Helper()
	if _, err := fmt.Fprintln(s.stdin, what); err != nil {
		b.Fatal(err)
	}
}

// forget has it begin anew.
func (s *sinkProcess) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.accepted = nil
}

// all are the letters that it has accepted.
func (s *sinkProcess) all() []acceptedLetter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.accepted)
}

// letters is how many they are.
func (s *sinkProcess) letters() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.accepted)
}

// count is how many of them went to some.
func (s *sinkProcess) count(to func(address string) bool) (n int) {
	for _, l := range s.all() {
		if to(l.to) {
			n++
		}
	}
	return n
}

// mean is how large they are, in bytes.
func (s *sinkProcess) mean(to func(address string) bool) (size int) {
	for _, l := range s.all() {
		if to(l.to) {
			size += l.size
		}
	}
	return size / max(1, s.count(to))
}

// last is when the last was accepted.
func (s *sinkProcess) last() time.Time {
	all := s.all()
	return all[len(all)-1].at
}
