// Package page is the status page: what waits, what ends, what is to be done by hand, and what works, for whoever runs
// mfabot. It is only read: nothing is changed by it, and it says no more than its reader may know.
//
// What it says is a Status, which look.go reads; view.go turns it into the page, and guard.go decides who may see it.
package page

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"mfabot/intake"
	"mfabot/templates"
)

// Records is what the page reads of what is on record. Each method counts or is bounded.
type Records interface {
	// LongestWaiting returns at most limit of the requests that wait for somebody, longest first.
	LongestWaiting(ctx context.Context, limit int) ([]intake.Request, error)
	// Reviews returns all reviews of a request, oldest first.
	Reviews(ctx context.Context, ref string) ([]intake.Review, error)
	// CountWaiting counts the requests that wait for their site, and for reviewers.
	CountWaiting(ctx context.Context) (site, reviewers int64, err error)
	// CountEnding counts the active exceptions that end at from or later, and before to.
	CountEnding(ctx context.Context, from, to time.Time) (long, short int64, err error)
	// CountMail counts the messages that came in at from or later, and before to, and the letters sent then.
	CountMail(ctx context.Context, from, to time.Time) (in, out int64, err error)
	// CountAside counts the messages set aside since a moment, and the letters given up.
	CountAside(ctx context.Context, since time.Time) (messages, letters int64, err error)
	// CountUndone counts the messages that a server does not hand over or file, and the changes that the directory does not
	// make.
	CountUndone(ctx context.Context) (stuck, changes int64, err error)
	// CountAlerts counts the alerts since a moment, by kind.
	CountAlerts(ctx context.Context, since time.Time) (map[intake.AlertKind]int64, error)
}

// Running is what only the running bot knows.
type Running struct {
	Alarms []Alarm
	Ways   []Way
}

// Alarm is something that does not work now.
type Alarm struct {
	What string    // in words of ours
	At   time.Time // which What leads up to; zero for none
	Said string    // what a server or the database said of it, which may name people; empty for nothing
}

// Way is something that mail comes or goes by.
type Way struct {
	Name  string
	Tried bool      // since the start
	Since time.Time // since when it has not worked; zero while it does
	Last  time.Time // when it last worked; zero if that is not known
}

// Config is what the page is made with.
type Config struct {
	Guard     Guard
	Name      string // of the service
	Service   *intake.Service
	Records   Records
	Directory bool                                   // there is one, that is told of exceptions
	Running   func(context.Context) (Running, error) // as it is now
	Personal  bool                                   // names and addresses are shown
	Version   string
	Log       *slog.Logger
}

// page answers requests for the page.
type page struct {
	Config
	set func() (*templates.Page, error) // parsed for whoever asks first
}

// New returns what answers requests for the page.
func New(c Config) http.Handler {
	return &page{c, sync.OnceValues(func() (*templates.Page, error) {
		p := c.Service.Policy
		return templates.NewPage(p.Zone, templates.Look{Colour: p.Look.Colour, Dark: p.Look.ColourDark})
	})}
}

// ServeHTTP shows the page to those who may see it.
func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header(), "'none'")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed, "This page is only read.")
		return
	}
	allowed, err := p.Guard.Allows(r)
	if err != nil {
		p.Log.Error("the token of the status page cannot be read", "err", err)
	}
	if !allowed {
		status, why := p.Guard.refusal(w.Header())
		refuse(w, status, why)
		return
	}
	text, style, err := p.render(r.Context())
	if err != nil {
		p.Log.Error("the status page cannot be shown", "err", err)
		refuse(w, http.StatusServiceUnavailable, "What is on record cannot be read now: see /readyz and the log.")
		return
	}
	secure(w.Header(), style)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = io.WriteString(w, text) // whoever asked may be gone
}

// render is the page as it is now, and the style that it may have.
func (p *page) render(ctx context.Context) (text, style string, err error) {
	set, err := p.set()
	if err != nil {
		return "", "", err
	}
	status, err := look(ctx, p.Config)
	if err != nil {
		return "", "", err
	}
	text, err = Render(set, status, p.Service.Policy.Zone)
	return text, set.StyleSource(), err
}

// secure has browsers keep the page to itself: it loads nothing, runs nothing, goes into no frame, no cache and no other
// site's hands. style is the one that it may have.
func secure(h http.Header, style string) {
	h.Set("Content-Security-Policy", "default-src 'none'; style-src "+style+
		"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// refuse says why there is no page.
func refuse(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, why+"\n")
}
