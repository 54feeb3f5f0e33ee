package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"mfabot/intake"
)

func newRun(a *app) *cobra.Command {
	var untilIdle bool
	c := &cobra.Command{
		Use:   "run",
		Short: "The bot: reads the mailboxes, sends what is due, until it is stopped",
		Long: `run watches the mailboxes, handles each message, sends the emails, and gives
the warnings and ends of exceptions on time. On SIGTERM or SIGINT it finishes what
it has in hand, within 15 seconds, and stops; a second signal stops it at once.
As a systemd service of Type=notify it says when it is ready, and that it is alive.

At the start it checks the database. While that cannot be written, as when the disk
is full, messages stay where they are and are tried again; when it is damaged, run
ends and says what to do.`,
		Example: "  mfabot run --config mfabot.toml\n  mfabot run --until-idle --config mfabot.toml   # once, from a timer",
		Args:    usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, _ []string) error {
			b, err := a.openBot(c.Context(), verified)
			if err != nil {
				return err
			}
			b.boundMemory()
			run := b.run
			if untilIdle {
				run = b.settle
			}
			return untilStopped(c.Context(), stopWithin, func(ctx context.Context) error {
				return b.settings.explained(errors.Join(run(ctx), b.Close()))
			})
		},
	}
	c.Flags().BoolVar(&untilIdle, "until-idle", false, "read what is there, send what is due, and stop when nothing is left to do now")
	return c
}

// memoryBeside is what the bot takes beside the messages that it reads, in bytes.
const memoryBeside = 24 << 20

// boundMemory has garbage collected, and memory given back, before the process takes
// more than the largest message of each mailbox and what there is besides. With large
// messages it would take half as much again by Go's own rule, which is to let memory
// double. What cannot be done within the bound goes beyond it, and GOMEMLIMIT comes first.
func (b *bot) boundMemory() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(memoryBeside + int64(len(b.watchers))*b.settings.Policy.MaxMessage)
	}
}

// untrusting says of which mailboxes nothing proves the senders; nil for none.
func (s *settings) untrusting(file string) error {
	var errs []error
	for i, m := range s.Mailboxes {
		if !m.Trust.Any() {
			errs = append(errs, configError{&intake.FileError{File: file, Key: fmt.Sprintf("mailbox[%d].trust", i),
				Want: fmt.Sprintf("nothing says how the senders of mailbox %q are proven, so that nobody would be believed and every message set aside: "+
					"expected authserv_id, exchange_online or dkim under [mailbox.trust]", m.Name)}})
		}
	}
	return errors.Join(errs...)
}

// warnings says loudly what must not be so in earnest.
func (s *settings) warnings(log *slog.Logger) {
	for _, m := range s.Mailboxes {
		if m.Trust.AllowUnauthenticated {
			log.Warn("THIS MAILBOX BELIEVES EVERY SENDER (allow_unauthenticated = true): anybody can approve", "mailbox", m.Name)
		}
	}
	if s.ClockOffset != 0 {
		log.Warn("THE CLOCK IS MOVED (testing.clock_offset)", "by", s.ClockOffset)
	}
}

// clock is the system's, moved by the configured offset.
func (s *settings) clock() time.Time { return time.Now().Add(s.ClockOffset) }
