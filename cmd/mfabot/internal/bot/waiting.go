package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/page"
	"mfabot/intake"
	"mfabot/intake/enforce"
	"mfabot/store"
)

// openEvery is how often a database is tried again that cannot be opened for now.
const openEvery = 30 * time.Second

// OpenToRun is Open for run. As long as the database cannot be opened for a reason that passes, such as a full disk or
// a key's file that cannot be written, it ends exemptions that are over in the directory, says so, and tries again until
// ctx ends; once if it is not to wait. If the database cannot be read either it returns the error.
func OpenToRun(ctx context.Context, s *config.Settings, wait bool, log *slog.Logger) (*Bot, error) {
	logStart(log, "starting", s)
	w := waiting{settings: s, wait: wait, log: log}
	return w.until(ctx, func() (*Bot, error) { return Open(ctx, s, Verified, log) })
}

// waiting is a bot that cannot open its database yet.
type waiting struct {
	settings *config.Settings
	wait     bool
	log      *slog.Logger
	ender    *enforce.Enforcer // nil before anything has failed
	since    time.Time         // when it failed first; zero before
	told     bool              // who runs the bot was alarmed of that

	mu  sync.Mutex
	why error // the last failure
}

// mayPass reports whether a database that could not be opened may be opened later.
func mayPass(err error) bool {
	t := store.TroubleOf(err)
	return t != nil && t.Passes || errors.Is(err, config.ErrUnmarked) ||
		errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS)
}

// until opens the database, and ends what is over for as long as that fails.
func (w *waiting) until(ctx context.Context, open func() (*Bot, error)) (*Bot, error) {
	b, err := open()
	if err == nil || !mayPass(err) {
		return b, err
	}
	w.note(err)
	w.since = w.settings.Now()
	listening, cancel := context.WithCancel(ctx)
	listens := make(chan struct{})
	go func() {
		defer close(listens)
		w.listen(listening)
	}()
	defer func() {
		cancel()
		<-listens
	}()
	for {
		if ended := w.end(ctx); ended != nil || !w.wait {
			return nil, errors.Join(err, ended)
		}
		w.log.Error("the database cannot be opened yet: no mail is read or sent, and only what is over is ended in the directory",
			"err", err, "again_in", openEvery)
		w.tell(daemon.SdNotifyWatchdog)
		if !w.told && w.settings.Now().Sub(w.since) >= intake.AlarmAfter {
			w.told = w.alarm(ctx, isBroken, err.Error())
		}
		if wait(ctx, openEvery, nil) != nil {
			return nil, err
		}
		if b, err = open(); err == nil || !mayPass(err) {
			if err == nil && w.told {
				w.alarm(ctx, worksAgain, "")
			}
			return b, err
		}
		w.note(err)
	}
}

// alarm tells who runs the bot how the database is, by the ways that are configured for that, and reports whether they know.
func (w *waiting) alarm(ctx context.Context, state, why string) bool {
	err := raise(ctx, w.settings.Alarm, alarmOf(w.settings, intake.Way{Name: "database", Since: w.since,
		Why: why}, state, w.settings.Now()))
	if err != nil {
		w.log.Error("nobody could be alarmed", "err", err)
	}
	return err == nil
}

func (w *waiting) note(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.why = err
}

// end ends in the directory what is over by the database as it is. That the directory cannot be reached is logged only.
func (w *waiting) end(ctx context.Context) error {
	if w.ender == nil {
		key, err := config.ReadKey(w.settings.KeyFile())
		if err != nil {
			return err
		}
		service := &intake.Service{Clock: w.settings.Now}
		asItIs := store.AsItIs{File: w.settings.Database, Server: w.settings.Server, Key: key}
		w.ender = enforce.NewEnder(service, w.settings.Directory, asItIs, w.log)
	}
	err := w.ender.EndUnrecorded(ctx)
	if store.TroubleOf(err) != nil {
		return fmt.Errorf("nor can it be read: %w", err)
	}
	if err != nil {
		w.log.Error("what is over could not all be ended", "err", err)
	}
	return nil
}

// tell tells the service manager something.
func (w *waiting) tell(state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		w.log.Warn("the service manager cannot be told", "state", state, "err", err)
	}
}

// listen answers that nothing is well, until ctx ends. The service manager hears that the bot is ready, as it would end
// one whose start takes too long.
func (w *waiting) listen(ctx context.Context) {
	if !w.wait {
		return
	}
	w.tell(daemon.SdNotifyReady + "\nSTATUS=The database cannot be opened: only what is over is ended.")
	defer w.tell("STATUS=")
	if addr := w.settings.Service.Listen; addr != "" {
		if err := serve(ctx, addr, w.handler(), w.log); ctx.Err() == nil {
			w.log.Error("nobody can ask for the state", "err", err)
		}
	}
	<-ctx.Done()
}

// handler answers that the bot is alive, and to all else that it can do nothing.
func (w *waiting) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(answer http.ResponseWriter, _ *http.Request) { tell(answer, nil, false) })
	mux.HandleFunc("/", w.unwell)
	return mux
}

func (w *waiting) unwell(answer http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	defer w.mu.Unlock()
	tell(answer, []page.Alarm{{What: "database", Said: w.why.Error()}}, mayHear(r, w.settings, w.log))
}
