// Package token gets the access tokens (OAuth 2.0, RFC 6749) with which mfabot signs in to mailboxes, submission servers and
// directories: by client credentials, or in the name of somebody who has signed in once with a code (RFC 8628), which is
// kept encrypted in a file.
//
// There is one source for each table [oauth.NAME], whoever uses it. A token is replaced some minutes before it ends, and at
// once when a server refuses it, whatever it said of its end.
package token

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// Config is a table [oauth.NAME].
type Config struct {
	Name      string
	TokenURL  string
	DeviceURL string // where a sign-in with a code begins
	ClientID  string
	Secret    func() (string, error) // read at each request, so that a new one works at once; nil for none
	Scopes    []string
	File      string                 // where the sign-in is kept; empty: client credentials
	Key       func() ([]byte, error) // what File is encrypted with
	Like      string                 // a file: its owner is to own File too, whoever runs the command; who asks locks it
	Timeout   time.Duration          // of each request; 0: 30 s
	Clock     func() time.Time
}

// Source gives access tokens. It may be used by several at once: one of them asks the authority, and the others wait.
type Source struct {
	cfg  Config
	turn chan struct{} // holds one while the authority is asked

	byHeader bool // how the authority takes the secret; for whoever has the turn

	mu      sync.Mutex
	token   string    // empty for none
	renewAt time.Time // when it is replaced, while it is still good
	endsAt  time.Time
	failed  error     // the last answer, where it was none
	again   time.Time // the authority is not asked before that
	unkept  unkept
}

// unkept is a sign-in that replaces the one in the file, and could not be written there.
type unkept struct {
	refresh string // empty for none
	over    string // the one in the file
	since   time.Time
	why     error
}

const (
	timeout = 30 * time.Second
	// ahead is how long before its end a token is replaced, or half its life if that is shorter.
	ahead = 5 * time.Minute
	// life is that of a token whose end the authority does not give.
	life = 10 * time.Minute
	// rest is how long the authority is left alone after a failure, and longestRest after one that asks for more.
	rest        = 10 * time.Second
	longestRest = time.Hour
)

// New returns a source; it does no I/O.
func New(c Config) *Source {
	if c.Timeout <= 0 {
		c.Timeout = timeout
	}
	return &Source{cfg: c, turn: make(chan struct{}, 1)}
}

// Name is that of the table.
func (s *Source) Name() string { return s.cfg.Name }

// Token returns an access token that has not been refused, and does not end within minutes if the authority can be asked.
// The error knows whether it may pass (Temporary), or is ctx's.
func (s *Source) Token(ctx context.Context) (string, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	s.keepAgain()
	if token, known, err := s.current(); known {
		return token, err
	}
	got, err := s.ask(ctx)
	if ctx.Err() != nil && err != nil {
		return "", ctx.Err()
	}
	return s.note(got, err)
}

// Refused throws a token away that a server has refused, unless it has been replaced already.
func (s *Source) Refused(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.token == token {
		s.token = ""
	}
}

// current returns what is known without asking: a token that is good for long enough, or the last failure for as long as the
// authority is left alone.
func (s *Source) current() (token string, known bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.cfg.Clock()
	resting := now.Before(s.again) && s.again.Sub(now) <= longestRest
	switch {
	case s.token != "" && (now.Before(s.renewAt) || resting && now.Before(s.endsAt)):
		return s.token, true, nil
	case resting:
		return "", true, s.failed
	}
	return "", false, nil
}

// note notes the authority's answer, and returns what to go on with: where there is no new token, the one before until it
// ends.
func (s *Source) note(got *oauth2.Token, err error) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.cfg.Clock()
	if err != nil {
		s.failed, s.again = err, now.Add(max(rest, retryAfter(err)))
		if s.token != "" && now.Before(s.endsAt) {
			return s.token, nil
		}
		return "", err
	}
	lasts := life
	if !got.Expiry.IsZero() { // by the machine's clock, which may say something else
		lasts = time.Until(got.Expiry).Round(time.Second)
	}
	s.token, s.endsAt, s.renewAt = got.AccessToken, now.Add(lasts), now.Add(lasts-min(ahead, lasts/2))
	s.failed, s.again = nil, time.Time{}
	return s.token, nil
}

// ask asks the authority.
func (s *Source) ask(ctx context.Context) (*oauth2.Token, error) {
	secret, err := s.secret()
	if err != nil {
		return nil, err
	}
	ctx = s.client(ctx)
	if s.cfg.File != "" {
		return s.refresh(ctx, secret)
	}
	got, err := s.inEitherWay(secret, func(style oauth2.AuthStyle) (*oauth2.Token, error) {
		c := clientcredentials.Config{ClientID: s.cfg.ClientID, ClientSecret: secret, TokenURL: s.cfg.TokenURL, Scopes: s.cfg.Scopes,
			AuthStyle: style}
		return c.Token(ctx)
	})
	return got, s.explain(err, secret)
}

// inEitherWay asks with the secret where Microsoft expects it, among the parameters. Some authorities take it only in a header
// (RFC 6749, section 2.3.1), and say of the other that it is wrong.
func (s *Source) inEitherWay(secret string, ask func(oauth2.AuthStyle) (*oauth2.Token, error)) (*oauth2.Token, error) {
	ways := []oauth2.AuthStyle{oauth2.AuthStyleInParams, oauth2.AuthStyleInHeader}
	if s.byHeader {
		slices.Reverse(ways)
	}
	got, err := ask(ways[0])
	var r *oauth2.RetrieveError
	if secret == "" || !errors.As(err, &r) || r.ErrorCode != "invalid_client" {
		return got, err
	}
	other, wrong := ask(ways[1])
	if wrong != nil {
		return nil, err
	}
	s.byHeader = ways[1] == oauth2.AuthStyleInHeader
	return other, nil
}

// secret reads the application's secret; empty if it has none.
func (s *Source) secret() (string, error) {
	if s.cfg.Secret == nil {
		return "", nil
	}
	secret, err := s.cfg.Secret()
	if err != nil {
		return "", &failure{err: s.prefixed(err)}
	}
	return secret, nil
}

// client returns a context with which requests have a time limit. An answer that points elsewhere is not followed: the
// secret is for this server.
func (s *Source) client(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, &http.Client{Timeout: s.cfg.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }})
}

// Trouble returns since when a sign-in could not be kept, and why; zero for none. It may be called at any time.
func (s *Source) Trouble() (since time.Time, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unkept.since, s.unkept.why
}
