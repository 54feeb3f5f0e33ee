package sim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// The streams of chance.
const (
	streamFaults = iota + 1
	streamWorld
	streamSecrets
	streamPeople
)

// World is the surroundings of one run.
type World struct {
	Clock     *Clock
	Trace     *Trace
	Faults    *Faults
	Mail      *Mailbox
	Post      *Post
	Disk      *Disk
	Directory *Directory
	People    *Dice // for whoever writes the story
	Secret    *Dice // instead of crypto/rand

	dice   *Dice
	dead   bool // the bot's process is; set and read on its goroutine
	starts int  // of the bot
	open   []*Conn

	mu         sync.Mutex
	violations []Violation
}

// Violation is a rule that was broken.
type Violation struct{ Rule, What string }

// String returns the broken rule, and how it was broken.
func (v Violation) String() string { return v.Rule + ": " + v.What }

// NewWorld returns the surroundings that follow from a seed, with the database in a folder; log, if not nil,
// gets everything that happens.
func NewWorld(seed uint64, dir string, log io.Writer) *World {
	clock := NewClock(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
	w := &World{Clock: clock, Trace: NewTrace(clock, log), People: NewDice(seed, streamPeople), Secret: NewDice(seed, streamSecrets),
		dice: NewDice(seed, streamWorld)}
	w.Faults = newFaults(NewDice(seed, streamFaults), w.Trace)
	w.Mail = newMailbox(w)
	w.Post = &Post{world: w}
	w.Disk = &Disk{world: w, dir: dir}
	w.Directory = &Directory{world: w, Meddled: make(map[string]bool)}
	return w
}

// Violate records a broken rule.
func (w *World) Violate(rule, format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.violations = append(w.violations, Violation{rule, fmt.Sprintf(format, args...)})
}

// Violations returns the broken rules.
func (w *World) Violations() []Violation {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.violations
}

// errDead is the error of everything that a process does after its end.
var errDead = errors.New("the process is gone")

// Crash ends the bot's process: nothing it does has any effect from now on. The disk stays as it is at this
// moment.
func (w *World) Crash() {
	if w.dead {
		return
	}
	w.dead = true
	w.Disk.freeze()
	w.hangUp()
}

// hangUp closes all connections.
func (w *World) hangUp() {
	for _, c := range w.open {
		c.end()
	}
	w.open = nil
}

// Dead reports whether the bot's process is gone.
func (w *World) Dead() bool { return w.dead }

// Start starts another process.
func (w *World) Start() {
	w.hangUp()
	w.Post.excuse()
	w.dead = false
	w.starts++
	w.Disk.thaw()
}

// DialIMAP connects to the mail server.
func (w *World) DialIMAP(context.Context, string, string) (net.Conn, error) {
	fault := w.Faults.Choose(CrashIMAPBefore, IMAPUnreachable, IMAPTurnedAway, IMAPSilentBefore)
	if fault == CrashIMAPBefore {
		w.Crash()
	}
	if w.dead || fault == IMAPUnreachable {
		return nil, errors.New("connection refused")
	}
	return w.Mail.connect(fault), nil
}

// DialSMTP connects to the submission server.
func (w *World) DialSMTP(context.Context, string, string) (net.Conn, error) {
	fault := w.Faults.Choose(CrashSMTPBefore, SMTPUnreachable, SMTPGreeting, SMTPSilentBefore)
	if fault == CrashSMTPBefore {
		w.Crash()
	}
	if w.dead || fault == SMTPUnreachable {
		return nil, errors.New("connection refused")
	}
	return w.Post.connect(fault), nil
}
