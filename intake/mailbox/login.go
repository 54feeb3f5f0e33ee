package mailbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"
)

// login presents the credentials. If the server refuses them for good, the error is ErrLogin. No error
// contains a secret.
func (k *link) login(ctx context.Context, o *opening) error {
	var err error
	if k.cfg.Token != nil {
		err = k.loginToken(ctx, o)
	} else {
		err = k.loginPassword(o)
	}
	var refusal *imap.Error
	passing := hasCode(err, imap.ResponseCodeUnavailable, imap.ResponseCodeInUse,
		imap.ResponseCodeLimit, imap.ResponseCodeServerBug) || errors.As(asThrottled(err), new(*throttled))
	if errors.As(err, &refusal) && refusal.Type != imap.StatusResponseTypeBye && !passing {
		return fmt.Errorf("%w: %w", ErrLogin, err)
	}
	return err
}

func (k *link) loginToken(ctx context.Context, o *opening) error {
	if !o.caps.Has(imap.AuthCap("XOAUTH2")) {
		return fmt.Errorf("%w: the server does not offer XOAUTH2", ErrLogin)
	}
	token, err := k.cfg.Token(ctx)
	if err != nil {
		return fmt.Errorf("get an access token: %w", err)
	}
	if token == "" {
		return errors.New("get an access token: it is empty")
	}
	client := &xoauth2{username: k.cfg.Username, token: token}
	err = o.authenticate(client)
	if err != nil && client.refusal != "" {
		return fmt.Errorf("%w (%s)", err, client.refusal)
	}
	return err
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
