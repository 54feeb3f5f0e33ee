package doctor

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"mfabot/intake"
	"mfabot/intake/hint"
	"mfabot/intake/mailbox"
)

// reach is the way to a server, and how far it was gone: what a client of its own kind does on it is seen from outside.
type reach struct {
	doctor   *Doctor
	name     string                  // in the names of checks
	at       func(key string) string // a key of its table in the configuration, in words
	addr     string
	security intake.Security
	ca       string
	schemes  schemes
	user     string
	by       hint.By                         // who refuses, by its words; used where access tokens sign in
	oauth    bool                            // access tokens sign in
	enter    func(ctx context.Context) error // takes a connection up to the log-in
	refused  func(error) bool                // reports whether an error is of the log-in

	dialled bool
	begun   bool // TLS was asked for on a connection that began without (STARTTLS)
	state   *tls.ConnectionState
	err     error // of enter
}

// schemes are the beginnings of a server's URL, with the usual ports.
type schemes struct{ plain, startTLS, tls string }

// dial is the Dial of a client, and notes that there is a connection.
func (r *reach) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := r.doctor.around.Dial(ctx, network, addr)
	r.dialled = r.dialled || err == nil
	if err != nil || r.security != intake.StartTLS {
		return conn, err
	}
	return asking{conn, r}, nil
}

// asking is a connection that is to go on with TLS, and notes that it was asked for: a client does so only where it is offered.
type asking struct {
	net.Conn
	reach *reach
}

func (a asking) Write(p []byte) (int, error) {
	a.reach.begun = a.reach.begun || bytes.HasSuffix(bytes.ToUpper(p), []byte("STARTTLS\r\n"))
	return a.Conn.Write(p)
}

// watched is the configuration of TLS, of which the state of a connection is noted once it is found to be right.
func (r *reach) watched(c *tls.Config) *tls.Config {
	if c == nil {
		c = new(tls.Config)
	}
	c = c.Clone()
	c.VerifyConnection = func(state tls.ConnectionState) error {
		r.state = &state
		return nil
	}
	return c
}

// check is the name of one of its checks.
func (r *reach) check(what string) string { return r.name + ": " + what }

// steps are those up to the log-in.
func (r *reach) steps() []step {
	return []step{
		{r.check("DNS"), nil, r.lookUp},
		{r.check("connection"), []string{secrets, r.check("DNS")}, r.connect},
		{r.check("TLS"), []string{r.check("connection")}, r.secure},
		{r.check("log-in"), []string{r.check("TLS")}, r.logIn},
	}
}

// lookUp finds the server by its name.
func (r *reach) lookUp(ctx context.Context) finding {
	host, _, err := net.SplitHostPort(r.addr)
	if err != nil {
		return bad(err.Error(), "Put HOST:PORT into "+r.at("url")+".")
	}
	if net.ParseIP(host) != nil {
		return fine("%s is an address, and needs none", host)
	}
	found, err := r.doctor.around.LookUp(ctx, host)
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return bad("there is no server called "+host+" in the DNS",
			"Put the server's right name into "+r.at("url")+", or add it to the DNS.")
	case err != nil:
		return bad(err.Error(), "See that this machine reaches its name server (/etc/resolv.conf).")
	}
	return fine("%s is %s", host, strings.Join(found, ", "))
}

// connect takes the connection as far as it goes, and says whether there was one.
func (r *reach) connect(ctx context.Context) finding {
	begun := time.Now()
	r.err = r.enter(ctx)
	if !r.dialled {
		return bad(fmt.Sprintf("nobody answers at %s: %s", r.addr, last(r.err)),
			fmt.Sprintf("See that the server runs, that the port in %s is the right one, and that no firewall is between.", r.at("url")))
	}
	return fine("%s answers (%s up to the log-in)", r.addr, time.Since(begun).Round(time.Millisecond))
}

// soon is how long a certificate must be good for yet.
const soon = 14 * 24 * time.Hour

// secure says whether the connection was protected as it should be.
func (r *reach) secure(context.Context) finding {
	if r.security == intake.Plain {
		host, _, _ := net.SplitHostPort(r.addr)
		if !intake.IsLoopback(host) {
			return poor("no TLS: the password and all mail go over the network in the clear (insecure = true)",
				fmt.Sprintf("Use %s or %s in %s.", r.schemes.tls, r.schemes.startTLS, r.at("url")))
		}
		return fine("none: it is this machine")
	}
	if r.state == nil {
		return r.unsecured()
	}
	leaf := r.state.PeerCertificates[0]
	left := leaf.NotAfter.Sub(r.doctor.around.Clock())
	found := fmt.Sprintf("%s, a certificate for %s by %s, which %s, good until %s", tls.VersionName(r.state.Version), namesOf(leaf),
		chainOf(r.state), r.trusted(), leaf.NotAfter.UTC().Format("2 January 2006"))
	if left < soon {
		return poor(fmt.Sprintf("%s: in %d days", found, int(left/(24*time.Hour))), "Have the server's certificate renewed.")
	}
	return fine("%s (%d days)", found, int(left/(24*time.Hour)))
}

// trusted says by whom the issuers are known.
func (r *reach) trusted() string {
	if r.ca == "" {
		return "this machine knows"
	}
	names := r.at("ca_file") + " (" + r.ca + ") names"
	if len(r.state.VerifiedChains) > 0 && len(r.state.VerifiedChains[0]) == 1 {
		names += " itself: when it is renewed nothing works before the new one is there too, so put who signs it there"
	}
	return names
}

// namesOf are those that a certificate is for.
func namesOf(c *x509.Certificate) string {
	names := c.DNSNames
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return "no name"
	}
	return strings.Join(names[:min(len(names), 4)], ", ")
}

// chainOf names who has signed a certificate, up to the root.
func chainOf(state *tls.ConnectionState) string {
	var names []string
	if len(state.VerifiedChains) > 0 {
		for _, c := range state.VerifiedChains[0][1:] {
			names = append(names, calledOf(c))
		}
	}
	if len(names) == 0 {
		return "itself"
	}
	return strings.Join(names, ", ")
}

func calledOf(c *x509.Certificate) string {
	if c.Subject.CommonName != "" {
		return c.Subject.CommonName
	}
	return c.Subject.String()
}

// What to do about a server that has TLS and cannot use it now.
const (
	cannotTLS = "The port is right. See the server's log for why: as a rule it cannot read its own certificate or key, or they do not " +
		"belong together, or it has only versions of TLS before 1.2. "
	nothingHere = "Once that is mended, nothing need be changed here."
)

// orMilter is the other cause where Postfix answers so: it answers nothing else at STARTTLS than a milter has it answer.
func (r *reach) orMilter() string {
	if r.by != hint.SMTP {
		return ""
	}
	return "Where its log has milter-reject, one of its milters (OpenDKIM, OpenDMARC, rspamd) does not answer: have that run. "
}

// toStartTLS has openssl ask for TLS on a connection that begins without.
func (r *reach) toStartTLS() string {
	if r.security != intake.StartTLS {
		return ""
	}
	return " -starttls " + strings.ToLower(string(r.by))
}

// unsecured says why there was no TLS. What a client says before it tries counts as well: a password that cannot be read.
func (r *reach) unsecured() finding {
	host, _, _ := net.SplitHostPort(r.addr)
	ca := fmt.Sprintf("Put the certificate of who signs it into a file and name that in %s. To see what the server shows: "+
		"openssl s_client -showcerts -connect %s%s", r.at("ca_file"), r.addr, r.toStartTLS())
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	var record tls.RecordHeaderError
	switch said := fmt.Sprint(r.err); {
	case errors.As(r.err, &name):
		return bad(fmt.Sprintf("the certificate is for %s, and not for %s", namesOf(name.Certificate), host),
			fmt.Sprintf("Put one of the names of the certificate into %s, or have the server's certificate made for %s.",
				r.at("url"), host))
	case errors.As(r.err, &invalid) && invalid.Reason == x509.Expired:
		return r.outOfDate(invalid.Cert)
	case errors.As(r.err, &invalid):
		return bad("the certificate is not valid: "+last(r.err), "Have the server's certificate made anew.")
	case errors.As(r.err, &unknown) && r.ca != "":
		return bad(fmt.Sprintf("the certificate is by %q, whom %s (%s) does not name", issuerOf(unknown), r.at("ca_file"), r.ca), ca)
	case errors.As(r.err, &unknown):
		return bad(fmt.Sprintf("the certificate is by %q, whom this machine does not know", issuerOf(unknown)), ca)
	case errors.Is(r.err, mailbox.ErrNoTLS), !r.begun && strings.Contains(strings.ToUpper(said), "STARTTLS"):
		return bad("the server offers no STARTTLS: "+strings.TrimPrefix(last(r.err), mailbox.ErrNoTLS.Error()+": "),
			fmt.Sprintf("Use %s in %s, or have the server offer STARTTLS.", r.schemes.tls, r.at("url")))
	case r.begun:
		return bad(fmt.Sprintf("the server offers TLS at %s (STARTTLS), and cannot use it now: %s", r.addr, last(r.err)),
			cannotTLS+r.orMilter()+nothingHere)
	case speaksTLS(r.err):
		return bad(fmt.Sprintf("the server speaks TLS at %s, and does not agree on it: %s", r.addr, last(r.err)), cannotTLS+nothingHere)
	case r.turnedAway():
		return bad(fmt.Sprintf("the server at %s turns us away before TLS: %s", r.addr, last(r.err)),
			"See the server's log for why: it may be closed for a while, or take no connections from this machine, or no more of them.")
	case errors.As(r.err, &record), r.security == intake.TLS:
		return bad("the server does not speak TLS at "+r.addr+": "+last(r.err),
			fmt.Sprintf("Use %s in %s, or the port for %s.", r.schemes.startTLS, r.at("url"), r.schemes.tls))
	}
	return bad("the server does not greet: "+last(r.err), fmt.Sprintf(
		"See that the port in %s is the one for %s. If it speaks TLS from the beginning, use %s.", r.at("url"),
		r.schemes.startTLS, r.schemes.tls))
}

// speaksTLS reports whether an error is of a server that does speak TLS: it says so itself by an alert, or what it says is TLS.
func speaksTLS(err error) bool {
	var alert *net.OpError
	if errors.As(err, &alert) && alert.Op == "remote error" {
		return true
	}
	return strings.HasPrefix(last(err), "tls: ") && !errors.As(err, new(tls.RecordHeaderError))
}

// turnedAway reports whether a server that speaks the right protocol has refused us in its words.
func (r *reach) turnedAway() bool {
	return errors.As(r.err, new(*textproto.Error)) || errors.As(r.err, new(*imap.Error))
}

// outOfDate is about a certificate that is not valid now.
func (r *reach) outOfDate(c *x509.Certificate) finding {
	if time.Now().Before(c.NotBefore) {
		return bad("the certificate is good only from "+c.NotBefore.UTC().Format(time.RFC1123),
			"Put this machine's clock right, or have the server's certificate made anew.")
	}
	return bad("the certificate expired on "+c.NotAfter.UTC().Format("2 January 2006"), "Have the server's certificate renewed.")
}

func issuerOf(e x509.UnknownAuthorityError) string {
	if e.Cert == nil {
		return "somebody"
	}
	if e.Cert.Issuer.CommonName != "" {
		return e.Cert.Issuer.CommonName
	}
	return e.Cert.Issuer.String()
}

// logIn says whether the server has let us in.
func (r *reach) logIn(context.Context) finding {
	switch {
	case r.err == nil && r.user == "":
		return fine("not asked for: %s names no user", r.at("url"))
	case r.err == nil:
		return fine("as %s", r.user)
	case r.by == hint.SMTP && strings.Contains(r.err.Error(), "does not support SMTP AUTH"):
		return bad(fmt.Sprintf("the server takes no log-in at %s: %s", r.addr, last(r.err)), fmt.Sprintf(
			"Put the port for log-ins into %s: %s or %s. One for mail from other servers (25) has none. "+
				"Where this machine need not log in, take the user out of it.",
			r.at("url"), r.schemes.startTLS, r.schemes.tls))
	case r.oauth && (r.refused(r.err) || strings.Contains(r.err.Error(), "token")):
		return bad(last(r.err), cmp.Or(hint.Explain(hint.Entra, r.err.Error()), hint.Explain(r.by, r.err.Error()),
			fmt.Sprintf("Put right the table [oauth.NAME] that %s names, and what the application may do.", r.at("oauth"))))
	case strings.Contains(r.err.Error(), "unencrypted connection"):
		return bad("no password is sent to another machine without TLS", fmt.Sprintf("Use %s or %s in %s.", r.schemes.tls,
			r.schemes.startTLS, r.at("url")))
	case r.refused(r.err):
		return bad(fmt.Sprintf("the server refuses %s: %s", r.user, last(r.err)), fmt.Sprintf(
			"Put the right password into the file that %s names, on one line, or the right user into %s.",
			r.at("password_file"), r.at("url")))
	case r.security == intake.Plain && r.state == nil && !r.turnedAway():
		return bad("the server does not go on: "+last(r.err), fmt.Sprintf(
			"See that the port in %s is the one for %s. If it speaks TLS from the beginning, use %s.", r.at("url"),
			r.schemes.plain, r.schemes.tls))
	}
	return bad(last(r.err), "See the server's log for why.")
}

// last is what an error says at its root, without what is said of the step by whoever passed it on.
func last(err error) string {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return fmt.Sprint(err)
}
