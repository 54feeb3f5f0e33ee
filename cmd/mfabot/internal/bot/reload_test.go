package bot

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/config"
)

// reloaded is a bot that runs, and is told to take its configuration anew.
type reloaded struct {
	*watchedBot
	lines   chan string
	log     *slog.Logger
	signals chan os.Signal
	ended   chan error
	stop    context.CancelFunc
}

func newReloaded(t *testing.T) *reloaded {
	t.Helper()
	r := &reloaded{watchedBot: newWatchedBot(t, registerHeader+"VL303,Lakeside Care Home,social care,lakeside@care.test,,\n", ""),
		lines: make(chan string, 1000), signals: make(chan os.Signal, 1), ended: make(chan error, 1)}
	done(t, r.bot.Close())
	out, in := io.Pipe()
	t.Cleanup(func() { _ = in.Close() })
	r.log = slog.New(slog.NewTextHandler(in, nil))
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			r.lines <- lines.Text()
		}
	}()
	r.edit("[service]", "[service]\nlisten = \"127.0.0.1:0\"")
	s, err := config.Load(r.file())
	done(t, err)
	b, err := Open(t.Context(), s, Verified, r.log)
	done(t, err)
	ctx, stop := context.WithCancel(t.Context())
	r.stop = stop
	go func() {
		r.ended <- RunReloading(ctx, b, r.signals, func() (*config.Settings, *slog.Logger, error) {
			s, err := config.Load(r.file())
			return s, r.log, err
		})
	}()
	return r
}

func (r *reloaded) file() string { return r.bot.Settings.File }

// edit changes the configuration.
func (r *reloaded) edit(old, with string) {
	r.t.Helper()
	text, err := os.ReadFile(r.file())
	done(r.t, err)
	if !strings.Contains(string(text), old) {
		r.t.Fatalf("there is no %q in:\n%s", old, text)
	}
	done(r.t, os.WriteFile(r.file(), []byte(strings.Replace(string(text), old, with, 1)), 0o600))
}

// hup has the bot take it.
func (r *reloaded) hup() { r.signals <- syscall.SIGHUP }

// hears waits until something is logged, and returns what a pattern finds in it.
func (r *reloaded) hears(pattern string) string {
	r.t.Helper()
	for {
		select {
		case line := <-r.lines:
			if found := regexp.MustCompile(pattern).FindStringSubmatch(line); found != nil {
				return found[len(found)-1]
			}
		case err := <-r.ended:
			r.t.Fatalf("it ended before it said %q: %v", pattern, err)
		case <-time.After(30 * time.Second):
			r.t.Fatalf("it never says %q", pattern)
		}
	}
}

// TestReload: a running bot goes on with what has changed in its configuration, under the same lock, and with what it was where
// the new one is wrong.
func TestReload(t *testing.T) {
	t.Parallel()
	r := newReloaded(t)
	r.hears("msg=running")
	r.edit("[[reviewer]]", "[[reviewer]]\naddress = \"cleo@helpdesk.test\"\nname = \"Cleo Dunn\"\n\n[[reviewer]]")
	r.hup()
	if n := r.hears(`msg="taking the configuration anew" .*reviewers=(\d+)`); n != "3" {
		t.Errorf("it has %s reviewers", n)
	}
	addr := r.hears(`msg=listening addr=(\S+)`)
	if _, err := Open(t.Context(), r.bot.Settings, Verified, slog.New(slog.DiscardHandler)); err == nil ||
		!strings.Contains(err.Error(), "stop that one first") {
		t.Errorf("beside it a second one begins: %v", err)
	}
	for wrong, c := range map[string]struct{ old, with string }{
		"wrong.toml|unknown|expected|nothing": {"[service]", "[service]\nnothing = 1"},
		"the database is another":             {"sqlite:mfabot.db", "sqlite:other.db"},
		"address already in use":              {"127.0.0.1:0", addr},
		"nothing proves the senders":          {"allow_unauthenticated = true", "allow_unauthenticated = false"},
	} {
		r.edit(c.old, c.with)
		r.hup()
		r.hears(`msg="the configuration was not taken, and the bot goes on as it is" .*(` + wrong + `)`)
		r.edit(c.with, c.old)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+"/healthz", nil)
	done(t, err)
	answer, err := http.DefaultClient.Do(request)
	done(t, errors.Join(err, answer.Body.Close()))
	if answer.StatusCode != http.StatusOK {
		t.Errorf("healthz: %s", answer.Status)
	}
	r.hup()
	r.hears("msg=running")
	r.stop()
	if err := <-r.ended; err != nil {
		t.Errorf("it ends with %v", err)
	}
	b, err := Open(t.Context(), r.bot.Settings, Verified, slog.New(slog.DiscardHandler))
	if done(t, err); b.lock == nil {
		t.Error("the lock was not given back")
	}
	done(t, b.Close())
	if _, err := os.Stat(filepath.Join(filepath.Dir(r.file()), "other.db")); err == nil {
		t.Error("another database was made")
	}
}
