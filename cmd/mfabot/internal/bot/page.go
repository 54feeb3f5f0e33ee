package bot

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"runtime/debug"

	"mfabot/cmd/mfabot/internal/page"
	"mfabot/intake"
)

// pageOf is the status page.
func pageOf(b *Bot) http.Handler {
	s := b.Settings
	host, _, err := net.SplitHostPort(s.Service.Listen)
	return page.New(page.Config{
		Guard: page.Guard{Loopback: err == nil && intake.IsLoopback(host), Token: s.Page.Token,
			UserHeader: s.Page.UserHeader, Proxies: s.Page.Proxies},
		Name: s.Service.Name, Service: b.Service, Records: b.Store, Directory: s.Directory != nil,
		Running:  func(ctx context.Context) (page.Running, error) { return runningOf(ctx, b) },
		Personal: s.Page.ShowPersonal, Version: Version(), Log: b.log})
}

// runningOf is what works now, and what does not. Since when it does not is on record, as it may be from before the start.
func runningOf(ctx context.Context, b *Bot) (page.Running, error) {
	now := page.Running{Alarms: alarmsOf(ctx, b)}
	stored, err := b.Store.Ways(ctx)
	if err != nil {
		return now, err
	}
	sent, err := b.Store.LastSent(ctx)
	for i, way := range waysOf(b) {
		since, _, known := way.look()
		w := page.Way{Name: way.name, Tried: known, Since: since, Last: sent}
		if way.name != submission {
			w.Last = b.Watchers[i-1].LastRead()
		}
		for _, broken := range stored {
			if broken.Name == way.name && !(known && since.IsZero()) {
				w.Since = broken.Since
			}
		}
		now.Ways = append(now.Ways, w)
	}
	return now, err
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
