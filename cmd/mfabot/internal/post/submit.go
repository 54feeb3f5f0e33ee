package post

import (
	"context"
	"fmt"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Send submits a message as a person's mail client does: logged in when from is
// an account of the office, and as an outside server would deliver it when it
// is not. An empty from is the null return path.
func (o *Office) Send(ctx context.Context, from string, to []string, raw []byte) error {
	if err := o.send(ctx, from, to, raw); err != nil {
		return fmt.Errorf("sending from %s: %w", from, because(ctx, err))
	}
	return nil
}

func (o *Office) send(ctx context.Context, from string, to []string, raw []byte) error {
	conn, release, err := o.dial(ctx, o.SMTPAddr, o.SMTPSecurity)
	if err != nil {
		return err
	}
	defer release()

	var client *smtp.Client
	if o.SMTPSecurity == StartTLS {
		// On failure it closes the connection.
		if client, err = smtp.NewClientStartTLS(conn, o.tlsConfig(o.SMTPAddr)); err != nil {
			return err
		}
	} else {
		client = smtp.NewClient(conn)
	}
	defer func() { _ = client.Close() }()

	from = normal(from)
	if o.accounts[from] {
		if err := client.Auth(sasl.NewPlainClient("", from, o.Password)); err != nil {
			return err
		}
	}
	if err := client.Mail(from, nil); err != nil {
		return err
	}
	for _, rcpt := range to {
		if err := client.Rcpt(normal(rcpt), nil); err != nil {
			return fmt.Errorf("to %s: %w", rcpt, err)
		}
	}
	data, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := data.Write(raw); err != nil {
		return err
	}
	if err := data.Close(); err != nil {
		return err
	}
	return client.Quit()
}
