package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// pulse is when each loop last began a round, by its name.
type pulse struct {
	mu sync.Mutex
	at map[string]time.Time
}

func (p *pulse) beat(loop string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.at == nil {
		p.at = make(map[string]time.Time)
	}
	p.at[loop] = time.Now()
}

// stuckAfter is how long a round of a loop may take: more than the longest pause after a failure and a full
// batch from a slow server together.
const stuckAfter = 30 * time.Minute

// stuck names a loop that has been in one round for too long; empty if there is none.
func (b *Bot) stuck() string {
	b.pulse.mu.Lock()
	defer b.pulse.mu.Unlock()
	for loop, at := range b.pulse.at {
		if time.Since(at) > stuckAfter {
			return loop
		}
	}
	for i, w := range b.Watchers {
		if at := w.LastTurn(); !at.IsZero() && time.Since(at) > stuckAfter {
			return "mailbox " + b.Settings.Mailboxes[i].Name
		}
	}
	return ""
}

// tellSystemd tells the service manager that the bot is ready, that it is alive as long as no loop is stuck,
// and that it is stopping, or takes the configuration anew (sd_notify(3)). Without a service manager it does nothing.
func (b *Bot) tellSystemd(ctx context.Context) error {
	tell := func(state string) {
		if _, err := daemon.SdNotify(false, state); err != nil {
			b.log.Warn("the service manager cannot be told", "state", state, "err", err)
		}
	}
	within, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		return fmt.Errorf("watchdog of the service manager: %w", err)
	}
	tell(daemon.SdNotifyReady)
	defer func() {
		if errors.Is(context.Cause(ctx), errReload) {
			tell(daemon.SdNotifyReloading)
			return
		}
		tell(daemon.SdNotifyStopping)
	}()
	if within == 0 {
		<-ctx.Done()
		return ctx.Err()
	}
	tick := time.NewTicker(within / 2)
	defer tick.Stop()
	for {
		if loop := b.stuck(); loop == "" {
			tell(daemon.SdNotifyWatchdog)
		} else {
			b.log.Error("a loop is stuck: the service manager will restart the bot", "loop", loop)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
