package post

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Send submits a message as a person's mail client does: logged in if from is an account of the office,
// otherwise as an outside server would deliver it. An empty from is the null return path.
func (o *Office) Send(ctx context.Context, from string, to []string, raw []byte) error {
	login := normal(from)
	if !o.accounts[login] {
		login = ""
	}
	if err := o.send(ctx, "", login, from, to, raw); err != nil {
		return fmt.Errorf("sending from %s: %w", from, because(ctx, err))
	}
	return nil
}

// Deliver hands in a message from outside, as the mail server at an IP address does. Only an office that
// checks senders takes that address for the real one.
func (o *Office) Deliver(ctx context.Context, server, from string, to []string, raw []byte) error {
	if err := o.send(ctx, server, "", from, to, raw); err != nil {
		return fmt.Errorf("delivering from %s at %s: %w", from, server, because(ctx, err))
	}
	return nil
}

// send submits a message; as the mail server at an IP address, and as who logs in, if one is given.
func (o *Office) send(ctx context.Context, server, login, from string, to []string, raw []byte) error {
	conn, release, err := o.dial(ctx, o.SMTPAddr, o.SMTPSecurity)
	if err != nil {
		return err
	}
	defer release()
	if server != "" {
		if err := claim(conn, server); err != nil {
			return errors.Join(err, conn.Close())
		}
	}

	var client *smtp.Client
	if o.SMTPSecurity == StartTLS {
		// On failure this closes the connection.
		if client, err = smtp.NewClientStartTLS(conn, o.tlsConfig(o.SMTPAddr)); err != nil {
			return err
		}
	} else {
		client = smtp.NewClient(conn)
	}
	defer func() { _ = client.Close() }()

	if login != "" {
		if err := client.Auth(sasl.NewPlainClient("", login, o.Password)); err != nil {
			return err
		}
	}
	if err := client.Mail(normal(from), nil); err != nil {
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

// claim uses XCLIENT to make a server treat a new connection as coming from another address. The server then
// greets again, so its answer is not read here.
func claim(conn net.Conn, address string) error {
	greeting, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(greeting, "220 ") {
		return fmt.Errorf("it greets with %q", greeting)
	}
	_, err = fmt.Fprintf(conn, "XCLIENT ADDR=%s NAME=[UNAVAILABLE]\r\n", address)
	return err
}
