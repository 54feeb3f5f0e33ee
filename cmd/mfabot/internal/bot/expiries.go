package bot

import (
	"cmp"
	"crypto/tls"
	"slices"
	"sync"
	"time"

	"mfabot/intake"
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
