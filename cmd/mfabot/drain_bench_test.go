//go:build real

package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// BenchmarkDrain measures how a backlog drains: messages that ask for exceptions lie in an inbox of Dovecot, and mfabot, a process
// of its own on a disk that keeps what it says, acknowledges each, asks the reviewer with the evidence attached, and files it.
// Beside it, on the same inbox, mbsync only copies; and what the parts of the work cost alone is added up. SMALL and LARGE say how
// many messages there are of 5 KB and of 200 KB; PROFILE names a folder for a profile of what mfabot does in a further run.
func BenchmarkDrain(b *testing.B) {
	for _, l := range []backlog{
		{"5 KB", 5 << 10, howMany(b, "SMALL", 10_000)},
		{"200 KB", 200 << 10, howMany(b, "LARGE", 2_000)},
	} {
		fmt.Printf("\n\n%d messages of %s in an inbox of Dovecot, over TLS on loopback.\n\n", l.n, l.name)
		newDrain(b, l).measure(b)
	}
	fmt.Println()
	b.ReportMetric(0, "ns/op") // says nothing of what is measured here
}

// howMany is a number that the environment may set.
func howMany(b *testing.B, name string, usual int) int {
	b.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv(name), strconv.Itoa(usual)))
	if err != nil || n < 1 {
		b.Fatalf("%s: expected a number", name)
	}
	return n
}

// backlog is how many messages of which size lie in the inbox.
type backlog struct {
	name string
	size int // bytes
	n    int
}

// cost is what something took.
type cost struct {
	took, worked time.Duration // worked: of the processor
}

func (c cost) plus(d cost) cost { return cost{c.took + d.took, c.worked + d.worked} }

const (
	drainHead = "%-62s %8s %9s %8s %14s\n"
	drainRow  = "%-62s %8.2f %9.0f %8.2f %14.2f\n"
)

// row prints what something took for n messages, and how many times as many mfabot does in a second.
func (c cost) row(what string, n int, mfabot time.Duration) {
	fmt.Printf(drainRow, what, c.took.Seconds(), float64(n)/c.took.Seconds(), c.worked.Seconds()*1e3/float64(n),
		c.took.Seconds()/mfabot.Seconds())
}

// measure takes the measurements, and prints them as a table.
func (d *drain) measure(b *testing.B) {
	b.Helper()
	d.fill(b)
	synced, unsynced := d.mbsync(b, "yes"), d.mbsync(b, "no")
	fetched := d.fetch(b)
	done := d.run(b, d.mfabot(b))
	stored := d.commit(b, done.stored)
	sent := d.send(b)
	bare := fetched.plus(stored).plus(sent)

	fmt.Printf(drainHead, "", "seconds", "a second", "CPU ms", "mfabot against")
	whole := max(done.filed, done.sent)
	cost{whole, done.worked}.row(fmt.Sprintf("mfabot: each acknowledged, reviewed, filed; %d MB at most", done.peak), d.n, whole)
	cost{done.filed, done.worked}.row("  until the last was filed", d.n, whole)
	cost{done.sent, done.worked}.row("  until the last letter was accepted", d.n, whole)
	synced.row("mbsync, copying to a Maildir, FSync yes", d.n, whole)
	unsynced.row("mbsync, copying to a Maildir, FSync no", d.n, whole)
	bare.row("the bare costs together", d.n, whole)
	fetched.row("  one UID FETCH of all into nothing, by go-imap", d.n, whole)
	stored.row(fmt.Sprintf("  SQLite committing %d bytes each, %d at once", done.stored/int64(d.n), drainBatch), d.n, whole)
	sent.row(fmt.Sprintf("  %d letters by go-mail on one connection", 2*d.n), d.n, whole)
	fmt.Printf("\nmfabot at its start: %.2f s of CPU. Letters of %d bytes to sites, %d to reviewers.\n", done.start.Seconds(),
		d.sink.mean(d.isSite), d.sink.mean(d.isReviewer))
	if dir := os.Getenv("PROFILE"); dir != "" {
		d.profile(b, filepath.Join(dir, fmt.Sprintf("drain-%dKB", d.size>>10)))
	}
}

// profile has mfabot do it once more, and writes what its processor did to NAME.pprof, and as text to NAME.txt.
func (d *drain) profile(b *testing.B, to string) {
	b.Helper()
	d.fill(b)
	raw := to + ".pprof"
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		b.Fatal(err)
	}
	command := d.mfabot(b)
	command.Path = lookPath(b, "mfabot-profiled")
	command.Args[0] = command.Path
	command.Env = append(os.Environ(), profileFile+"="+raw)
	d.run(b, command)
	var text []byte
	for _, sorted := range []string{"-cum", "-flat"} {
		top, err := exec.CommandContext(d.ctx, "go", "tool", "pprof", "-top", sorted, "-nodecount=70", raw).CombinedOutput()
		if err != nil {
			b.Fatalf("%v\n%s", err, top)
		}
		text = append(append(text, top...), '\n')
	}
	if err := os.WriteFile(to+".txt", text, 0o600); err != nil {
		b.Fatal(err)
	}
}

func lookPath(b *testing.B, name string) string {
	b.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		b.Fatal(err)
	}
	return path
}

// drained is what mfabot took.
type drained struct {
	filed, sent   time.Duration // from when it began to read until the last message was filed and the last letter accepted
	worked, start time.Duration // of the processor: in all, and before it began
	peak          int           // MB
	stored        int64         // bytes of the database
}

// run runs mfabot on the inbox until it is empty and the letters are sent.
func (d *drain) run(b *testing.B, c *exec.Cmd) (done drained) {
	b.Helper()
	d.sink.forget()
	p := startMeasured(b, c)
	d.await(b, p, func() bool {
		return d.sink.count(d.isSite) >= d.n && d.sink.count(d.isReviewer) >= d.n && d.left(b) == 0
	})
	done.peak = p.peak(b)
	done.filed, done.sent = d.emptied(b).Sub(p.began), d.sink.last().Sub(p.began)
	done.start, done.worked = p.start, p.end(b)
	for _, name := range []string{"mfabot.db", "mfabot.db-wal"} {
		if info, err := os.Stat(filepath.Join(c.Dir, name)); err == nil {
			done.stored += info.Size()
		}
	}
	if sites, reviewer := d.sink.count(d.isSite), d.sink.count(d.isReviewer); sites != d.n || reviewer != d.n {
		b.Errorf("%d letters to sites and %d to the reviewer, expected %d of each", sites, reviewer, d.n)
	}
	return done
}

// await returns once something is so.
func (d *drain) await(b *testing.B, p *measuredProcess, is func() bool) {
	b.Helper()
	patience, cancel := context.WithTimeout(d.ctx, drainPatience)
	defer cancel()
	for tick := time.NewTicker(20 * time.Millisecond); !is(); {
		select {
		case <-tick.C:
		case <-p.ended:
			b.Fatalf("mfabot has ended\n%s", p.said())
		case <-patience.Done():
			b.Fatalf("%d letters to sites, %d to the reviewer; %d messages are left\n%s", d.sink.count(d.isSite),
				d.sink.count(d.isReviewer), d.left(b), p.said())
		}
	}
}
