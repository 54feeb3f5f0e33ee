package mailbox

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-sasl"
)

const (
	openingLine  = 16 << 10 // bytes of a response before login; real ones have a few hundred
	openingLines = 100      // untagged responses to one command before login
)

// ErrNoTLS is of a server that does not offer STARTTLS, as opposed to one that cannot use it now.
var ErrNoTLS = errors.New("the server offers no STARTTLS")

// opening is a session before the login. Its commands are sent one at a time.
type opening struct {
	conn net.Conn
	br   *bufio.Reader
	said string      // by the server in its greeting
	caps imap.CapSet // as last announced; nil: not yet since greeting, STARTTLS or login
}

func newOpening(conn net.Conn) *opening {
	return &opening{conn: conn, br: bufio.NewReaderSize(conn, openingLine)}
}

// status is a response that says how something went (RFC 9051, section 7.1).
type status struct {
	kind, code, text string
	caps             imap.CapSet // of a CAPABILITY code
}

func parseStatus(s string) status {
	kind, text, _ := strings.Cut(s, " ")
	st := status{kind: strings.ToUpper(kind), text: text}
	if !strings.HasPrefix(text, "[") {
		return st
	}
	code, text, ok := strings.Cut(text[1:], "]")
	if !ok {
		return st
	}
	name, args, _ := strings.Cut(code, " ")
	st.code, st.text = strings.ToUpper(name), strings.TrimPrefix(text, " ")
	if st.code == "CAPABILITY" {
		st.caps = parseCaps(args)
	}
	return st
}

func (st status) err() error {
	return &imap.Error{
		Type: imap.StatusResponseType(st.kind),
		Code: imap.ResponseCode(st.code),
		Text: st.text,
	}
}

// parseCaps reads names in letters of any case (RFC 9051, section 9) as the client knows them.
func parseCaps(args string) imap.CapSet {
	caps := make(imap.CapSet)
	for _, name := range strings.Fields(strings.ToUpper(args)) {
		name = strings.Replace(name, "IMAP4REV", "IMAP4rev", 1)
		caps[imap.Cap(name)] = struct{}{}
	}
	return caps
}

// line reads one response line without its CRLF.
func (o *opening) line() (string, error) {
	b, err := o.br.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", errors.New("the server sent an overlong line before login: is it an IMAP server?")
	case errors.Is(err, io.EOF):
		return "", fmt.Errorf("the server closed the connection: %w", errLost)
	case err != nil:
		return "", err
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// greet reads the greeting (RFC 9051, section 7.1.5).
func (o *opening) greet() error {
	line, err := o.line()
	if err != nil {
		return err
	}
	rest, ok := strings.CutPrefix(line, "* ")
	st := parseStatus(rest)
	switch {
	case ok && st.kind == "OK":
		o.caps, o.said = st.caps, st.text
		return nil
	case ok && st.kind == "BYE":
		return st.err()
	case ok && st.kind == "PREAUTH":
		return errors.New("the server logged us in unasked (PREAUTH), and does not say as whom")
	}
	return fmt.Errorf("not the greeting of an IMAP server: %.80q", line)
}

// command sends a command and reads up to its tagged response. It answers each "+" of the server with what
// next returns for its text; a nil next allows none. An *imap.Error is the server's NO, BAD or BYE.
func (o *opening) command(command string, next func(challenge string) string) error {
	const tag = "a" // one command at a time, so one tag will do
	if err := o.send(tag + " " + command); err != nil {
		return err
	}
	for range openingLines {
		line, err := o.line()
		if err != nil {
			return err
		}
		mark, rest, _ := strings.Cut(line, " ")
		switch {
		case mark == "+" && next != nil:
			if err := o.send(next(rest)); err != nil {
				return err
			}
		case mark == "*":
			if err := o.untagged(rest); err != nil {
				return err
			}
		case mark == tag:
			st := parseStatus(rest)
			if st.kind != "OK" {
				return st.err()
			}
			if st.caps != nil {
				o.caps = st.caps
			}
			return nil
		default:
			return fmt.Errorf("unexpected response %.80q", line)
		}
	}
	return errors.New("the server's response does not end")
}

func (o *opening) send(line string) error {
	_, err := io.WriteString(o.conn, line+"\r\n")
	return err
}

func (o *opening) untagged(rest string) error {
	if name, args, _ := strings.Cut(rest, " "); strings.EqualFold(name, "CAPABILITY") {
		o.caps = parseCaps(args)
		return nil
	}
	st := parseStatus(rest)
	if st.caps != nil {
		o.caps = st.caps
	}
	if st.kind == "BYE" {
		return st.err()
	}
	return nil
}

// capability asks for the capabilities unless they are known.
func (o *opening) capability() error {
	if o.caps != nil {
		return nil
	}
	if err := o.command("CAPABILITY", nil); err != nil {
		return err
	}
	if o.caps == nil {
		return errors.New("the server does not say what it can do (CAPABILITY)")
	}
	return nil
}

// startTLS protects the connection (RFC 9051, sections 6.2.1 and 11.1). It forgets what came before, but for the greeting;
// bytes sent along with the answer are an attack.
func (o *opening) startTLS(ctx context.Context, config *tls.Config) error {
	if err := o.command("STARTTLS", nil); err != nil {
		if errors.As(err, new(*imap.Error)) && o.capability() == nil && !o.caps.Has(imap.CapStartTLS) {
			return fmt.Errorf("%w: %w", ErrNoTLS, err)
		}
		return err
	}
	if o.br.Buffered() > 0 {
		return errors.New("the server sent data in the clear after its answer to STARTTLS")
	}
	secured := tls.Client(o.conn, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		return err
	}
	said := o.said
	*o = *newOpening(secured)
	o.said = said
	return nil
}

// authenticate runs AUTHENTICATE (RFC 9051, section 6.2.2). The initial response is in the command if the
// server has SASL-IR.
func (o *opening) authenticate(client sasl.Client) error {
	mech, initial, err := client.Start()
	if err != nil {
		return err
	}
	command := "AUTHENTICATE " + mech
	sent := o.caps.Has(imap.CapSASLIR)
	if sent {
		command += " " + base64.StdEncoding.EncodeToString(initial)
	}
	o.caps = nil // login changes them
	var failed error
	err = o.command(command, func(challenge string) string {
		if !sent {
			sent = true
			return base64.StdEncoding.EncodeToString(initial)
		}
		decoded, err := base64.StdEncoding.DecodeString(challenge)
		if err == nil {
			decoded, err = client.Next(decoded)
		}
		if err != nil {
			failed = err
			return "*" // cancels
		}
		return base64.StdEncoding.EncodeToString(decoded)
	})
	if failed != nil {
		return failed
	}
	return err
}

// login runs LOGIN (RFC 9051, section 6.2.3). What cannot be quoted is sent as a synchronising literal, which
// every server accepts.
func (o *opening) login(username, password string) error {
	o.caps = nil // login changes them
	lines := loginLines(username, password)
	sent := 0
	return o.command(lines[0], func(string) string {
		if sent++; sent < len(lines) {
			return lines[sent]
		}
		return "" // the server asks for more than was announced, and will refuse it
	})
}

// loginLines returns the command, divided where the server has to ask for more.
func loginLines(username, password string) []string {
	lines := []string{"LOGIN"}
	for _, s := range []string{username, password} {
		last := &lines[len(lines)-1]
		if quotable(s) {
			*last += ` "` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
			continue
		}
		*last += fmt.Sprintf(" {%d}", len(s))
		lines = append(lines, s)
	}
	return lines
}

func quotable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}
