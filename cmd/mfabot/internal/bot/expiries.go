package bot

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/intake/outbox"
	"mfabot/store"
)

// expiry is when something ends that a connection needs.
type expiry struct {
	kind, name string
	at         time.Time
}

// certificate is the kind of an expiry that is that of a server's certificate.
const certificate = "certificate"

// expiries are what is known of these.
type expiries struct {
	mu    sync.Mutex
	known map[[2]string]time.Time // by kind and name
}

// note notes when something ends.
func (e *expiries) note(kind, name string, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.known == nil {
		e.known = make(map[[2]string]time.Time)
	}
	e.known[[2]string{kind, name}] = at
}

// all lists them.
func (e *expiries) all() (all []expiry) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for of, at := range e.known {
		all = append(all, expiry{of[0], of[1], at})
	}
	slices.SortFunc(all, func(a, b expiry) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name)) })
	return all
}

// seen is a TLS configuration that notes until when the certificate of a server is good, which is checked as before.
func (e *expiries) seen(server string, s intake.Security, c *tls.Config) *tls.Config {
	if s == intake.Plain {
		return c
	}
	if c == nil {
		c = new(tls.Config)
	}
	c = c.Clone()
	c.VerifyConnection = func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) > 0 {
			e.note(certificate, server, state.PeerCertificates[0].NotAfter)
		}
		return nil
	}
	return c
}

// secretDays are how many days before a client secret ends the operator is told: while emails still go out.
var secretDays = []int{30, 14, 3}

// secretLook is how often it is looked whether one ends.
const secretLook = time.Hour

const day = 24 * time.Hour

// EndsSoon says in words that a client secret ends within the next days, or has; urgent says that nobody should wait. It is
// empty as long as nobody need care.
func EndsSoon(s config.SecretEnd, now time.Time) (words string, urgent bool) {
	_, urgent = secretDue(s, now, secretDays[len(secretDays)-1:])
	left := s.At.Sub(now)
	switch days := int((left + day - 1) / day); {
	case left > time.Duration(secretDays[0])*day:
		return "", false
	case left <= 0:
		return "has ended", true
	case days == 1:
		return "ends within a day", true
	default:
		return fmt.Sprintf("ends in %d days", days), urgent
	}
}

// secretDue returns the last of some numbers of days before the end of a client secret that has come.
func secretDue(s config.SecretEnd, now time.Time, days []int) (last int, due bool) {
	for _, d := range days {
		if !now.Before(s.At.Add(-time.Duration(d) * day)) {
			last, due = d, true
		}
	}
	return last, due
}

// tellOfSecrets tells the operator of each client secret that ends, once for each number of days.
func tellOfSecrets(ctx context.Context, b *Bot) (told int, err error) {
	now := b.Clock()
	for _, s := range b.Settings.SecretEnds {
		days, due := secretDue(s, now, secretDays)
		if !due {
			continue
		}
		err := b.Store.Update(ctx, func(tx *store.Tx) error {
			if err := tx.Once(ctx, "secret "+s.Name, fmt.Sprintf("%s, %d days", s.At.Format(time.DateOnly), days)); err != nil {
				return err
			}
			return tellOfSecret(ctx, b, letters(tx, now), s)
		})
		if errors.Is(err, intake.ErrStale) {
			continue
		}
		if err != nil {
			return told, err
		}
		told++
	}
	return told, nil
}

func tellOfSecret(ctx context.Context, b *Bot, w outbox.Work, s config.SecretEnd) error {
	words, urgent := EndsSoon(s, w.Now)
	b.log.Warn("a client secret "+words, "oauth", s.Name, "at", s.At)
	todo := outbox.Cause{Urgent: urgent}.Do(
		"In Entra, open App registrations, the application, Certificates & secrets. Make a new client secret.",
		"Put its Value where client_secret_file of [oauth."+s.Name+"] says. Put its last day into secret_ends, and start mfabot anew.")
	return b.Outbox.Alert(ctx, w, intake.AlertSecret, todo, "A client secret "+words+": "+s.Name,
		"Last day in the configuration: "+s.At.In(b.Settings.Policy.Zone).Format("2 January 2006"),
		"Without a new one, what signs in with [oauth."+s.Name+"] stops working then. No email could tell you.")
}
