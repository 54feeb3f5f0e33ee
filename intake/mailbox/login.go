package mailbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"
)

// tokenRefused is an ErrLogin about a token.
type tokenRefused struct {
	token string // never in the error's words
	err   error
}

func (r *tokenRefused) Error() string { return r.err.Error() }
func (r *tokenRefused) Unwrap() error { return r.err }

// login presents the credentials. If the server refuses them for good, the error is ErrLogin, and a tokenRefused if they are a
// token. No error contains a secret.
func (k *link) login(ctx context.Context, o *opening) error {
	var err error
	var token string
	if k.cfg.Token != nil {
		token, err = k.loginToken(ctx, o)
	} else {
		err = k.loginPassword(o)
	}
	var refusal *imap.Error
	passing := hasCode(err, imap.ResponseCodeUnavailable, imap.ResponseCodeInUse,
		imap.ResponseCodeLimit, imap.ResponseCodeServerBug) || errors.As(asThrottled(err), new(*throttled))
	if errors.As(err, &refusal) && refusal.Type != imap.StatusResponseTypeBye && !passing {
		err = fmt.Errorf("%w: %w", ErrLogin, err)
		if token != "" {
			return &tokenRefused{token, err}
		}
	}
	return err
}

// loginToken returns the token that it has presented.
func (k *link) loginToken(ctx context.Context, o *opening) (token string, err error) {
	if !o.caps.Has(imap.AuthCap("XOAUTH2")) {
		return "", fmt.Errorf("%w: the server does not offer XOAUTH2", ErrLogin)
	}
	token, err = k.cfg.Token(ctx)
	var known interface{ Temporary() bool }
	switch {
	case errors.As(err, &known) && !known.Temporary():
		return "", fmt.Errorf("%w: get an access token: %w", ErrLogin, err)
	case err != nil:
		return "", fmt.Errorf("get an access token: %w", err)
	case token == "":
		return "", errors.New("get an access token: it is empty")
	}
	client := &xoauth2{username: k.cfg.Username, token: token}
	err = o.authenticate(client)
	if err != nil && client.refusal != "" {
		return token, fmt.Errorf("%w (%s)", err, client.refusal)
	}
	return token, err
}

func (k *link) loginPassword(o *opening) error {
	plain := o.caps.Has(imap.AuthCap(sasl.Plain))
	if !plain && o.caps.Has(imap.CapLoginDisabled) {
		return fmt.Errorf("%w: the server does not accept a password on this connection (LOGINDISABLED); "+
			"use starttls or tls, or oauth", ErrLogin)
	}
	if k.cfg.Password == nil {
		return fmt.Errorf("%w: neither a password nor a token is configured", ErrLogin)
	}
	password, err := k.cfg.Password()
	if err != nil {
		return fmt.Errorf("get the password: %w", err)
	}
	if plain {
		return o.authenticate(sasl.NewPlainClient("", k.cfg.Username, password))
	}
	return o.login(k.cfg.Username, password)
}
