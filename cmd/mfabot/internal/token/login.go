package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/oauth2"
)

// Prompt is what somebody needs to sign in, on whatever machine has a browser.
type Prompt struct {
	URL   string
	Code  string
	Until time.Time
}

// loginWithin is how long a code is good if the authority does not say.
const loginWithin = 15 * time.Minute

// errNobody says that the code has ended.
var errNobody = errors.New("nobody has signed in with the code in time: run the command again")

// Login has somebody sign in with a code that tell tells them, waits until they have, and keeps the sign-in in the file.
func (s *Source) Login(ctx context.Context, tell func(Prompt)) error {
	secret, err := s.secret()
	if err != nil {
		return err
	}
	if err := s.mayKeep(); err != nil { // before anybody signs in for nothing
		return s.prefixed(fmt.Errorf("the sign-in could not be kept: %w", err))
	}
	ctx = s.client(ctx)
	c := s.oauth(secret, oauth2.AuthStyleInParams)
	code, err := c.DeviceAuth(ctx)
	if err != nil {
		return s.explain(err, secret)
	}
	if code.DeviceCode == "" || code.UserCode == "" || code.VerificationURI == "" {
		return s.prefixed(fmt.Errorf("%s gives no code to sign in with: check device_url", s.cfg.DeviceURL))
	}
	if code.Expiry.IsZero() {
		code.Expiry = time.Now().Add(loginWithin)
	}
	tell(Prompt{URL: code.VerificationURI, Code: code.UserCode, Until: code.Expiry})
	got, err := s.await(ctx, c, code)
	if err != nil {
		return err
	}
	if got.RefreshToken == "" {
		return s.prefixed(errors.New("the authority gives an access token, and nothing to get the next one with: " +
			"expected offline_access among the scopes"))
	}
	unlock, err := s.lock()
	if err != nil {
		return s.prefixed(err)
	}
	defer unlock()
	if err := s.keep(got.RefreshToken); err != nil {
		return s.prefixed(fmt.Errorf("the sign-in could not be kept: %w", err))
	}
	return nil
}

// await asks the authority until somebody has signed in. What may pass ends nothing, as the code is still good.
func (s *Source) await(ctx context.Context, c *oauth2.Config, code *oauth2.DeviceAuthResponse) (*oauth2.Token, error) {
	for {
		got, err := c.DeviceAccessToken(ctx, code)
		var r *oauth2.RetrieveError
		switch {
		case err == nil:
			return got, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case !time.Now().Before(code.Expiry), errors.As(err, &r) && r.ErrorCode == "expired_token":
			return nil, s.prefixed(errNobody)
		case errors.As(err, &r) && r.ErrorCode == "access_denied":
			return nil, s.prefixed(errors.New("whoever had the code has declined to sign in"))
		}
		if err = s.explain(err, c.ClientSecret, code.DeviceCode); !isTemporary(err) {
			return nil, err
		}
	}
}
