package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
)

// unsealed makes the database one from before there were seals, with an exception that is over, and returns the settings
// of the start that comes then.
func (e *ending) unsealed() *config.Settings {
	e.t.Helper()
	for _, table := range []string{"exception", "action", "outbound", "review", "absence", "request", "tally"} {
		e.statements("UPDATE " + table + " SET seal = ''")
	}
	set := *e.bot.Settings
	set.ClockOffset = time.Until(e.clock.Now().Add(190 * 24 * time.Hour))
	text, err := os.ReadFile(set.KeyFile())
	done(e.t, err)
	key, _, _ := strings.Cut(string(text), "\n")
	done(e.t, os.WriteFile(set.KeyFile(), []byte(key+"\nsealed\n"), 0o600))
	return &set
}

// asNobody has what the test does with files be done by somebody who owns those of a folder, and is not root.
func asNobody(t *testing.T, dir string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	const nobody = 65534
	done(t, filepath.Walk(dir, func(path string, _ os.FileInfo, err error) error {
		return errors.Join(err, os.Chown(path, nobody, nobody))
	}))
	runtime.LockOSThread()
	done(t, syscall.Setfsuid(nobody))
	t.Cleanup(func() {
		done(t, syscall.Setfsuid(0))
		runtime.UnlockOSThread()
	})
}

// TestStartWithReadOnlyKey: a key's file that cannot be written keeps an old database from being sealed, and no exception
// from ending. The words say what to add to the file, with which the next start goes on.
func TestStartWithReadOnlyKey(t *testing.T) {
	t.Parallel()
	e := newEnding(t, "SELECT 1")
	e.approve(pharmacy, sam)
	set := e.unsealed()
	done(t, os.Chmod(set.KeyFile(), 0o400))
	asNobody(t, filepath.Dir(filepath.Dir(set.Database))) // the test's own
	start := func() (*bot.Bot, error) { return bot.OpenToRun(t.Context(), set, false, slog.New(slog.DiscardHandler)) }
	_, err := start()
	if !errors.Is(err, config.ErrUnmarked) {
		t.Fatalf("the start ends with %v", err)
	}
	if exempt := e.directory.Exempt(); len(exempt) > 0 {
		t.Errorf("exempt after the end: %v", exempt)
	}
	_, lines, _ := strings.Cut(err.Error(), "add these lines to it: ")
	key, err := os.ReadFile(set.KeyFile())
	done(t, err)
	done(t, os.Chmod(set.KeyFile(), 0o600))
	done(t, os.WriteFile(set.KeyFile(), append(key, strings.Join(strings.Fields(lines), "\n")...), 0o600))
	done(t, os.Chmod(set.KeyFile(), 0o400))
	b, err := start()
	if err != nil {
		t.Fatalf("with the lines %q: %v", lines, err)
	}
	defer func() { done(t, b.Close()) }()
	_, err = b.Sweep(t.Context())
	done(t, err)
	if x, err := b.Store.Exception(t.Context(), "LT-2026-00001"); err != nil || x.State != intake.Ended {
		t.Errorf("the exception is %v, error %v", x, err)
	}
	if out, status := e.verify(); status != exitOK {
		t.Errorf("verify: %s", out)
	}
}

// TestWaitingNamesNobody: a start that waits for its database says so to anybody who asks, by any name, and why only to
// those who may see the status page.
func TestWaitingNamesNobody(t *testing.T) {
	t.Parallel()
	e := newEnding(t, "SELECT 1")
	set := e.unsealed()
	set.Service.Listen = "127.0.0.1:0"
	done(t, os.Chmod(set.KeyFile(), 0o400))
	asNobody(t, filepath.Dir(filepath.Dir(set.Database))) // the test's own
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	log := heard{ctx, make(chan string)}
	ended := make(chan error, 1)
	go func() {
		// This thread is somebody else's than the test's.
		runtime.LockOSThread()
		if os.Geteuid() == 0 {
			_ = syscall.Setfsuid(65534)
		}
		_, err := bot.OpenToRun(ctx, set, true, slog.New(slog.NewTextHandler(log, nil)))
		ended <- err
	}()
	addr := ""
	for addr == "" {
		select {
		case line := <-log.lines:
			if _, after, is := strings.Cut(line, "msg=listening addr="); is {
				addr = strings.TrimSpace(after)
			}
		case err := <-ended:
			t.Fatalf("the start ends with %v", err)
		}
	}
	for host, told := range map[string]bool{"localhost": true, "mfabot.helpdesk.test": false} {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
		done(t, err)
		r.Host = host
		answer, err := http.DefaultClient.Do(r)
		done(t, err)
		text, err := io.ReadAll(answer.Body)
		done(t, errors.Join(err, answer.Body.Close()))
		if answer.StatusCode != http.StatusServiceUnavailable || !strings.HasPrefix(string(text), "database") ||
			strings.Contains(string(text), set.KeyFile()) != told {
			t.Errorf("%s: %d %s", host, answer.StatusCode, text)
		}
	}
	cancel()
	<-ended
}
