package bot

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/page"
	"mfabot/intake"
)

// httpTimeout bounds a request, and the requests still in hand at the end.
const httpTimeout = 10 * time.Second

// listen serves what Handler answers until ctx ends. Requests change nothing.
func (b *Bot) listen(ctx context.Context, addr string) error {
	return serve(ctx, addr, b.Handler(ctx), b.log)
}

// listenAt takes the address of service.listen.
func listenAt(ctx context.Context, addr string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("service.listen: %w: expected an address of this machine and a port that no other program has", err)
	}
	return l, nil
}

// CheckListen says whether the address of service.listen can be taken; it is left again at once.
func CheckListen(ctx context.Context, addr string) error {
	l, err := listenAt(ctx, addr)
	if err != nil {
		return err
	}
	return l.Close()
}

// serve answers requests until ctx ends.
func serve(ctx context.Context, addr string, answer http.Handler, log *slog.Logger) error {
	l, err := listenAt(ctx, addr)
	if err != nil {
		return err
	}
	log.Info("listening", "addr", l.Addr().String())
	srv := &http.Server{Handler: answer, ReadTimeout: httpTimeout, WriteTimeout: httpTimeout}
	stopped := make(chan error, 1)
	defer context.AfterFunc(ctx, func() {
		finishing, cancel := context.WithTimeout(context.WithoutCancel(ctx), httpTimeout)
		defer cancel()
		stopped <- srv.Shutdown(finishing)
	})()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return errors.Join(<-stopped, ctx.Err())
}

// Handler answers /healthz, /readyz and /metrics, and shows the status page. ctx bounds the queries for metrics.
func (b *Bot) Handler(ctx context.Context) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/{$}", pageOf(b))
	mux.HandleFunc("GET /healthz", b.healthz)
	mux.HandleFunc("GET /readyz", inTurn(func(w http.ResponseWriter, r *http.Request) {
		tell(w, alarmsOf(r.Context(), b), mayHear(r, b.Settings, b.log))
	}))
	mux.Handle("GET /metrics", metricsOf(ctx, b))
	return mux
}

// inTurn answers two requests at a time, while others wait: anybody may ask, and each answer asks the database many things.
func inTurn(answer http.HandlerFunc) http.HandlerFunc {
	turns := make(chan struct{}, 2)
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case turns <- struct{}{}:
			defer func() { <-turns }()
			answer(w, r)
		case <-r.Context().Done():
		}
	}
}

// unheard returns since when and why the operator is not reached; is is false while they are.
func unheard(ctx context.Context, b *Bot) (w intake.Way, is bool, err error) {
	ways, err := b.Store.Ways(ctx)
	i := slices.IndexFunc(ways, func(w intake.Way) bool { return w.Name == intake.WayOperator })
	if err != nil || i < 0 {
		return w, false, err
	}
	return ways[i], true, nil
}

// healthz answers 200 while the bot is alive: every part of it goes on. It asks nothing of anybody, so that a restart, which is
// all that helps where it is not, is not the answer to a server that is down: see /readyz, which says what does not work.
// Anybody may ask for either, by any name, as monitoring does. What servers said may name people and their mail: only who may
// see the page is told that.
func (b *Bot) healthz(w http.ResponseWriter, _ *http.Request) { tell(w, loopsWrong(b), false) }

// mayHear reports whether who asks may be told what servers and the database said.
func mayHear(r *http.Request, s *config.Settings, log *slog.Logger) bool {
	may, err := guardOf(s).Allows(r)
	if err != nil {
		log.Error("the token of the status page cannot be read", "err", err)
	}
	return may
}

// tell answers with what is wrong, a line each, and what was said of it if that may be told.
func tell(w http.ResponseWriter, wrong []page.Alarm, said bool) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if len(wrong) == 0 {
		fmt.Fprintln(w, "ok")
		return
	}
	w.WriteHeader(http.StatusServiceUnavailable)
	for _, a := range wrong {
		fmt.Fprintln(w, inWords(a, said))
	}
}

// inWords is a line that says what is wrong, and what was said of it if that may be told.
func inWords(a page.Alarm, said bool) string {
	line := a.What
	if !a.At.IsZero() {
		line += " " + a.At.UTC().Format(time.RFC3339)
	}
	if said && a.Said != "" {
		line += ": " + a.Said
	}
	return line
}
