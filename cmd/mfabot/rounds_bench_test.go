package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
)

// BenchmarkRounds opens the bot on a register of 1.5 million exceptions and prints what each of its duties takes: the first time, at
// which all is due that is, and then with nothing due. It works on a copy, which it changes.
func BenchmarkRounds(b *testing.B) {
	r := newRegister(b)
	dir := b.TempDir()
	if out, err := exec.CommandContext(b.Context(), "cp", "-r", r.dir+"/.", dir).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	fmt.Printf("\n\n1.5 million exceptions, and what the bot does with nothing to read or to send.\n\n")
	fmt.Printf("%-28s %9s %9s %9s\n", "duty", "seconds", "of CPU", "did")
	file := filepath.Join(dir, "mfabot.toml")
	var m *bot.Bot
	took(b, "start", func(ctx context.Context) (int, error) {
		settings, err := config.Load(file)
		if err == nil {
			m, err = bot.Open(ctx, settings, bot.Verified, slog.New(slog.DiscardHandler))
		}
		return 0, err
	})
	defer func() { _ = m.Close() }()
	for _, d := range []struct {
		name string
		step func(context.Context) (int, error)
	}{{"sweep", m.Sweep}, {"directory", m.Enforce}, {"purge", m.Keeper.Night}, {"check", m.Check}} {
		for range 4 {
			took(b, d.name, d.step)
		}
	}
	b.ReportMetric(0, "ns/op") // says nothing of what is measured here
}

// took runs one step of a duty and prints what it took.
func took(b *testing.B, name string, step func(context.Context) (int, error)) {
	b.Helper()
	began, worked := time.Now(), processor()
	n, err := step(b.Context())
	if err != nil {
		b.Fatalf("%s: %v", name, err)
	}
	fmt.Printf("%-28s %9.3f %9.3f %9d\n", name, time.Since(began).Seconds(), (processor() - worked).Seconds(), n)
}

// processor returns how long the processor has worked for this process.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
