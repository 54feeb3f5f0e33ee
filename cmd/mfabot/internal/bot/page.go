package bot

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/page"
	"mfabot/intake"
)

// pageOf is the status page.
func pageOf(b *Bot) http.Handler {
	s := b.Settings
	return page.New(page.Config{Guard: guardOf(s), Name: s.Service.Name, Service: b.Service, Records: b.Store,
		Directory: s.Directory != nil,
		Running:   func(ctx context.Context) (page.Running, error) { return runningOf(ctx, b) },
		Personal:  s.Page.ShowPersonal, Version: Version(), Log: b.log})
}

// guardOf decides who may see the page, and what servers said.
func guardOf(s *config.Settings) page.Guard {
	host, _, err := net.SplitHostPort(s.Service.Listen)
	return page.Guard{Loopback: err == nil && intake.IsLoopback(host), Token: s.Page.Token,
		UserHeader: s.Page.UserHeader, Proxies: s.Page.Proxies}
}

// runningOf is what works now, and what does not. Since when it does not is on record, as it may be from before the start.
// That the operator is not reached is an alarm only: nobody knows when an email was read last.
func runningOf(ctx context.Context, b *Bot) (page.Running, error) {
	now := page.Running{Alarms: alarmsOf(ctx, b)}
	stored, err := b.Store.Ways(ctx)
	if err != nil {
		return now, err
	}
	broken := make(map[string]intake.Way)
	for _, w := range stored {
		broken[w.Name] = w
	}
	sent, err := b.Store.LastSent(ctx)
	if err != nil {
		return now, err
	}
	worked := map[string]time.Time{submission: sent}
	for i, m := range b.Settings.Mailboxes {
		worked["mailbox "+m.Name] = b.Watchers[i].LastRead()
	}
	for _, way := range waysOf(b) {
		last, shown := worked[way.name]
		if !shown {
			continue
		}
		is, err := way.look(ctx, broken[way.name])
		if err != nil {
			return now, err
		}
		w := page.Way{Name: way.name, Tried: is.known, Since: is.since, Last: last}
		if before, was := broken[way.name]; was && (!is.known || !is.since.IsZero()) {
			w.Since = before.Since
		}
		now.Ways = append(now.Ways, w)
	}
	return now, nil
}

// Version is that of the build: a tag, or the commit.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	out := info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && (out == "" || out == "(devel)") {
			out = s.Value
		}
	}
	return cmp.Or(out, "unknown")
}
