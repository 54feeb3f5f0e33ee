// Package setup writes what a new mfabot begins with: the configuration, the register of sites, the files for the secrets and
// the unit of a service.
package setup

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"mfabot/intake"
	"mfabot/intake/senderauth"
)

// The kinds of mail service.
const (
	server    = "server"             // by IMAP and SMTP, with passwords
	m365      = "microsoft365"       // by an application with a client secret
	m365Login = "microsoft365-login" // by somebody who signs in
)

// Answers are what the questions were answered with, by their flags.
type Answers map[string]string

// yes reports whether a question that takes yes or no was answered so.
func (a Answers) yes(flag string) bool { return a[flag] == "yes" }

// Question is asked on a terminal, or answered by a flag.
type Question struct {
	Flag, Usage string
	YesNo       bool
	ask         string
	kinds       []string             // of mail service that it is for; nil for all
	otherwise   func(Answers) string // the answer where none is given; nil where one must be
	check       func(string) error   // nil if any text will do
}

// Questions are all that there are, in the order in which they are asked: an answer that is left out may follow from those
// before it.
func Questions() []Question {
	none := func(Answers) string { return "" }
	no := func(Answers) string { return "no" }
	at := func(host string) func(Answers) string {
		return func(a Answers) string { return host + "." + domain(a["address"]) }
	}
	microsoft := []string{m365, m365Login}
	return []Question{
		{Flag: "kind", ask: "The mail service: server (IMAP and SMTP), microsoft365 (a client secret) or " +
			"microsoft365-login (somebody signs in)",
			Usage:     "the `KIND` of mail service: server, microsoft365 or microsoft365-login",
			otherwise: func(Answers) string { return server },
			check:     oneOf(server, m365, m365Login)},
		{Flag: "name", ask: "The name of the service, which people see as the sender", Usage: "the `NAME` that people see as the sender"},
		{Flag: "address", ask: "Its email address, which people write to", Usage: "the `ADDRESS` that people write to", check: address},
		{Flag: "operator", ask: "The operator's address, which gets the alerts: another one",
			Usage: "the `ADDRESS` that gets the alerts", check: address},
		{Flag: "telephone", ask: "The helpdesk's telephone number, which letters give; none: NHSmail's, 0333 200 1133",
			Usage:     "the helpdesk's telephone `NUMBER`, which letters give; left out: NHSmail's",
			otherwise: none, check: telephone},
		{Flag: "reviewers", ask: "Who decides, such as: Asha Patel <asha@helpdesk.test>, Ben Okafor <ben@helpdesk.test>",
			Usage: "who decides, as `NAME <ADDRESS>`, several with a comma between them", check: reviewers},
		{Flag: "user", ask: "Whom to log in as, or whose mailbox to open", Usage: "the `USER` to log in as, or whose mailbox to open",
			otherwise: func(a Answers) string { return a["address"] }},
		{Flag: "imap", ask: "The IMAP server, with a port if it is not 993", Usage: "the IMAP server, as `HOST[:PORT]`",
			kinds: []string{server}, otherwise: at("imap"), check: hostPort},
		{Flag: "smtp", ask: "The submission server, with a port if it is not 587", Usage: "the submission server, as `HOST[:PORT]`",
			kinds: []string{server}, otherwise: at("smtp"), check: hostPort},
		{Flag: "authserv-id", kinds: []string{server}, otherwise: none,
			ask:   "The name that your server gives itself in Authentication-Results; none: DKIM signatures are verified here",
			Usage: "the `NAME` that the server gives itself in Authentication-Results; left out: mfabot verifies DKIM signatures",
			check: plainName},
		{Flag: "tenant", ask: "The directory (tenant) ID", Usage: "the directory (tenant) `ID`", kinds: microsoft, check: plainName},
		{Flag: "client-id", ask: "The application (client) ID", Usage: "the application (client) `ID`", kinds: microsoft, check: plainName},
		{Flag: "secret-ends", ask: "The last day of the client secret, such as 2027-01-31; none: nobody is warned",
			Usage: "the last `DAY` of the client secret, of which the operator is warned", kinds: []string{m365},
			otherwise: none, check: day},
		{Flag: "tenant-domains", ask: "The domains of your tenant, with commas between them", Usage: "the `DOMAINS` of the tenant",
			kinds: microsoft, otherwise: func(a Answers) string { return domain(a["address"]) }, check: domains},
		{Flag: "service", YesNo: true, ask: "As a systemd service, with its unit (yes, no)", otherwise: no, check: oneOf("yes", "no"),
			Usage: "for a systemd service: with its unit, secrets as its credentials, and the database in /var/lib/mfabot"},
		{Flag: "templates", YesNo: true, ask: "A folder with the words of the emails, to change them (yes, no)", otherwise: no,
			Usage: "with a folder with the words of the emails, to change them", check: oneOf("yes", "no")},
	}
}

// Reader asks a question, and returns the line that was answered.
type Reader func(ctx context.Context, question string) (string, error)

// Ask completes the answers that are given: by asking where there is somebody who can be, which read does, and else by what
// follows from the others. All that is wrong with those given, and all that lack, are in one error.
func Ask(ctx context.Context, given Answers, read Reader) (Answers, error) {
	all := make(Answers)
	var wrong []error
	var lacks []string
	for _, q := range Questions() {
		text, told := given[q.Flag]
		switch {
		case q.kinds != nil && !slices.Contains(q.kinds, all["kind"]):
			if told {
				wrong = append(wrong, fmt.Errorf("--%s is for --kind %s", q.Flag, strings.Join(q.kinds, " or ")))
			}
		case told:
			if err := q.fault(text); err != nil {
				wrong = append(wrong, fmt.Errorf("--%s: %w", q.Flag, err))
			}
			all[q.Flag] = text
		case read != nil && len(wrong) == 0:
			answer, err := q.put(ctx, all, read)
			if err != nil {
				return nil, err
			}
			all[q.Flag] = answer
		case q.otherwise == nil:
			lacks = append(lacks, "--"+q.Flag)
		default:
			all[q.Flag] = q.otherwise(all)
		}
	}
	if len(lacks) > 0 {
		wrong = append(wrong, fmt.Errorf("expected %s as well, or a terminal to ask on", strings.Join(lacks, ", ")))
	}
	return all, errors.Join(wrong...)
}

// put asks a question until it is answered.
func (q Question) put(ctx context.Context, before Answers, read Reader) (string, error) {
	question := q.ask
	if q.otherwise != nil && q.otherwise(before) != "" {
		question += " [" + q.otherwise(before) + "]"
	}
	for prompt := question + ": "; ; {
		answer, err := read(ctx, prompt)
		if err != nil {
			return "", err
		}
		answer = strings.TrimSpace(answer)
		if answer == "" && q.otherwise != nil {
			return q.otherwise(before), nil
		}
		if err := q.fault(answer); err != nil {
			prompt = err.Error() + "\n" + question + ": "
			continue
		}
		return answer, nil
	}
}

// fault is what is wrong with an answer.
func (q Question) fault(answer string) error {
	switch {
	case strings.ContainsFunc(answer, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("expected plain text")
	case answer == "" && q.otherwise == nil:
		return errors.New("expected an answer")
	case answer == "" || q.check == nil:
		return nil
	}
	return q.check(answer)
}

func oneOf(words ...string) func(string) error {
	return func(answer string) error {
		if !slices.Contains(words, answer) {
			return fmt.Errorf("expected %s, not %q", strings.Join(words, " or "), answer)
		}
		return nil
	}
}

func address(answer string) error {
	if !intake.IsAddress(answer) {
		return fmt.Errorf("expected an email address such as mfa@example.org, not %q", answer)
	}
	return nil
}

// dialled finds what can be a telephone number.
var dialled = regexp.MustCompile(`^\+?[0-9][0-9 ()-]{2,}$`)

func telephone(answer string) error {
	if !dialled.MatchString(answer) {
		return fmt.Errorf("expected a telephone number such as 01632 960123, not %q", answer)
	}
	return nil
}

func reviewers(answer string) error {
	list, err := mail.ParseAddressList(answer)
	if err != nil || slices.ContainsFunc(list, func(r *mail.Address) bool { return strings.TrimSpace(r.Name) == "" }) {
		return fmt.Errorf("expected a name and an address, such as Asha Patel <asha@helpdesk.test>, not %q", answer)
	}
	return nil
}

// written finds what may stand in a URL or a file as it is.
var written = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._-]*$`)

func plainName(answer string) error {
	if !written.MatchString(answer) {
		return fmt.Errorf("expected letters, digits, dots and hyphens, not %q", answer)
	}
	return nil
}

func hostPort(answer string) error {
	host, port := splitHost(answer, "0")
	if !written.MatchString(host) || strings.Trim(port, "0123456789") != "" {
		return fmt.Errorf("expected a host such as mail.example.org, or with its port mail.example.org:993, not %q", answer)
	}
	return nil
}

// splitHost is a host and its port, which may be left out.
func splitHost(text, port string) (string, string) {
	if host, given, err := net.SplitHostPort(text); err == nil {
		return host, given
	}
	return text, port
}

func day(answer string) error {
	if _, err := time.Parse(time.DateOnly, answer); err != nil {
		return fmt.Errorf("expected a day such as 2027-01-31, not %q", answer)
	}
	return nil
}

func domains(answer string) error {
	for _, d := range list(answer) {
		if !senderauth.IsOrganisation(strings.ToLower(d)) {
			return fmt.Errorf("expected domains such as example.org, not %q", d)
		}
	}
	return nil
}

// list is what has commas between it.
func list(text string) (all []string) {
	for part := range strings.SplitSeq(text, ",") {
		all = append(all, strings.TrimSpace(part))
	}
	return all
}

// domain is what follows the @ of an address.
func domain(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }
