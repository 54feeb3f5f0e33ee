package mailbox

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// Run gets over failures, takes what is there and what comes, and stops.
func TestRun(t *testing.T) {
	cfg, p := badServer(t, new(mood))
	failures := 2
	cfg.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if failures--; failures >= 0 {
			return nil, errors.New("no route to host")
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	}
	cfg.Log = slog.New(slog.DiscardHandler)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l := newLedger()
	l.into = func(a intake.Arrival) intake.Folder {
		switch a.UID {
		case 5:
			p.add("INBOX", letter("6"))
		case 6:
			cancel()
		}
		return intake.Processed
	}
	w := New(cfg, l)
	err := w.Run(ctx, time.Millisecond, intake.Backoff{First: time.Millisecond, Longest: 2 * time.Millisecond})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Run = %v", err)
	}
	equal(t, "taken", l.uids(), []uint32{1, 2, 3, 4, 5, 6})
	equal(t, "left unfiled by the end", len(l.unfiled), 0)
	if w.LastRead().IsZero() || w.LastTurn().IsZero() {
		t.Error("never read")
	}
	noGoroutines(t)
}

// An idle connection that the server ends, as for a token that has ended, is made anew at once. One that ends again
// and again is not.
func TestRunReconnects(t *testing.T) {
	bye := func(k *talk) { k.say("+ idling", "* BYE Session invalidated - AccessTokenExpired"); _ = k.conn.Close() }
	for _, ended := range []int{1, 2} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		scripts := slices.Repeat([]answers{{"IDLE": bye}}, ended)
		cfg := scripted(t, append(scripts, answers{"IDLE": func(*talk) { cancel() }})...)
		dialled := 0
		cfg.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
			dialled++
			return new(net.Dialer).DialContext(ctx, network, addr)
		}
		cfg.Log = slog.New(slog.NewTextHandler(&last{cancel: cancel}, nil))
		backoff := intake.Backoff{First: time.Hour, Longest: time.Hour}
		if err := New(cfg, newLedger()).Run(ctx, time.Hour, backoff); !errors.Is(err, context.Canceled) {
			t.Errorf("Run = %v", err)
		}
		equal(t, "connections", dialled, 2)
	}
}

// last is a log that ends the run once it says that it waits.
type last struct{ cancel func() }

func (l *last) Write(p []byte) (int, error) {
	if strings.Contains(string(p), "again_in=") {
		l.cancel()
	}
	return len(p), nil
}

// Run ends with an error that is final.
func TestRunEnds(t *testing.T) {
	cfg, _ := badServer(t, new(mood))
	cfg.Log = slog.New(slog.DiscardHandler)
	l := newLedger()
	l.takeErr = errors.New("the record is gone")
	cfg.Final = func(err error) bool { return errors.Is(err, l.takeErr) }
	err := New(cfg, l).Run(t.Context(), time.Minute, intake.Backoff{First: time.Minute, Longest: time.Minute})
	if !errors.Is(err, l.takeErr) {
		t.Errorf("Run = %v", err)
	}
}

// noGoroutines fails when a goroutine of a watcher is left.
func noGoroutines(t *testing.T) {
	t.Helper()
	var stacks strings.Builder
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		stacks.Reset()
		_ = pprof.Lookup("goroutine").WriteTo(&stacks, 2)
		// The person of the test has one reader.
		if strings.Count(stacks.String(), "imapclient.(*Client).read(") <= 1 &&
			!strings.Contains(stacks.String(), "mailbox.(*deadlineConn).guard") {
			return
		}
	}
	t.Errorf("goroutines are left:\n%s", stacks.String())
}
