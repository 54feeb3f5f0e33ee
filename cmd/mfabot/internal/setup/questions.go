// Package setup writes what a new mfabot begins with: the configuration, the register of sites, the files for the secrets and
// the unit of a service.
package setup

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
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
	kinds       []string                                  // of mail service that it is for; nil for all
	key         string                                    // that has the answer, or how the keys begin; empty for none
	otherwise   func(Answers) string                      // the answer where none is given; nil where one must be
	check       func(string) error                        // nil if any text will do
	beside      func(answer string, before Answers) error // what those before it rule out; nil for nothing
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
		{Flag: "name", key: "service.name", ask: "The name of the service, which people see as the sender",
			Usage: "the `NAME` that people see as the sender"},
		{Flag: "address", key: "service.address", ask: "Its email address, which people write to",
			Usage: "the `ADDRESS` that people write to", check: address},
		{Flag: "operator", key: "service.operator", ask: "The operator's address, which gets the alerts: not the service's own",
			Usage: "the `ADDRESS` that gets the alerts", check: address, beside: another},
		{Flag: "telephone", key: "policy", ask: "The helpdesk's telephone number, which letters give; none: NHSmail's, 0333 200 1133",
			Usage:     "the helpdesk's telephone `NUMBER`, which letters give; left out: NHSmail's",
			otherwise: none, check: telephone},
		{Flag: "reviewers", key: "reviewer", ask: "Who decides, such as: Asha Patel <asha@helpdesk.test>, Ben Okafor <ben@helpdesk.test>",
			Usage: "who decides, as `NAME <ADDRESS>`, several with a comma between them", check: reviewers},
		{Flag: "user", ask: "Whom to log in as, or whose mailbox to open", Usage: "the `USER` to log in as, or whose mailbox to open",
			otherwise: func(a Answers) string { return a["address"] }, check: user},
		{Flag: "imap", key: "mailbox[0].url", ask: "The IMAP server, with a port if it is not 993",
			Usage: "the IMAP server, as `HOST[:PORT]`",
			kinds: []string{server}, otherwise: at("imap"), check: hostPort},
		{Flag: "smtp", key: "smtp.url", ask: "The submission server, with a port if it is not 587",
			Usage: "the submission server, as `HOST[:PORT]`",
			kinds: []string{server}, otherwise: at("smtp"), check: hostPort},
		{Flag: "authserv-id", key: "mailbox[0].trust", kinds: []string{server}, otherwise: none,
			ask:   "The name that your server gives itself in Authentication-Results; none: DKIM signatures are verified here",
			Usage: "the `NAME` that the server gives itself in Authentication-Results; left out: mfabot verifies DKIM signatures",
			check: plainName},
		{Flag: "tenant", key: "oauth.m365.token_url", ask: "The directory (tenant) ID",
			Usage: "the directory (tenant) `ID`", kinds: microsoft, check: plainName},
		{Flag: "client-id", key: "oauth.m365.client_id", ask: "The application (client) ID",
			Usage: "the application (client) `ID`", kinds: microsoft, check: plainName},
		{Flag: "secret-ends", key: "oauth.m365.secret_ends",
			ask:   "The last day of the client secret, such as 2027-01-31; none: nobody is warned",
			Usage: "the last `DAY` of the client secret, of which the operator is warned", kinds: []string{m365},
			otherwise: none, check: day},
		{Flag: "tenant-domains", key: "mailbox[0].trust",
			ask: "The domains of your tenant, with commas between them", Usage: "the `DOMAINS` of the tenant",
			kinds: microsoft, otherwise: func(a Answers) string { return domain(a["address"]) }, check: domains},
		{Flag: "service", YesNo: true, ask: "As a systemd service, with its unit (yes, no)", otherwise: no, check: oneOf("yes", "no"),
			Usage: "for a systemd service: with its unit, secrets as its credentials, and the database in /var/lib/mfabot"},
		{Flag: "templates", YesNo: true, ask: "A folder with the words of the emails, to change them (yes, no)", otherwise: no,
			Usage: "with a folder with the words of the emails, to change them", check: oneOf("yes", "no")},
	}
}

// Reader asks a question, and returns the line that was answered.
type Reader func(ctx context.Context, question string) (string, error)

// asked is what came of the questions.
type asked struct {
	answers Answers
	wrong   []error         // with what the flags say
	stands  map[string]bool // the flags whose answer lacks or is wrong: an example stands for it, so that the others can be tried
}

// Planned makes a plan for a folder, by its absolute path. It completes the answers that are given: by asking where there is
// somebody who can be, which read does, and else by what follows from the others. What is wrong is asked again, with why, and
// nothing that was answered well is. Where nobody can be asked, all that is wrong and all that lacks is in one error.
func Planned(ctx context.Context, dir string, given Answers, read Reader) (*Plan, error) {
	q, err := ask(ctx, given, read)
	for err == nil {
		p, failed := newPlan(dir, q.answers)
		faults, others := q.faults(failed)
		switch {
		case read == nil || others != nil || len(faults) == 0:
			for _, f := range faults {
				others = errors.Join(others, f.err)
			}
			return p, errors.Join(append(q.wrong, others)...)
		default:
			err = q.again(ctx, faults, read)
		}
	}
	return nil, err
}

// ask puts all questions that no flag answers.
func ask(ctx context.Context, given Answers, read Reader) (*asked, error) {
	q := &asked{answers: make(Answers), stands: make(map[string]bool)}
	var lacks []string
	for _, one := range Questions() {
		text, told := given[one.Flag]
		if !one.isFor(q.answers["kind"]) {
			if told && !q.stands["kind"] {
				q.wrong = append(q.wrong, fmt.Errorf("--%s is for --kind %s", one.Flag, strings.Join(one.kinds, " or ")))
			}
			continue
		}
		fault := one.fault(text, q.answers)
		switch {
		case told && fault == nil:
			q.answers[one.Flag] = text
		case read != nil && len(q.wrong) == 0:
			why := ""
			if told {
				why = "--" + one.Flag + ": " + fault.Error()
			}
			answer, err := one.put(ctx, q.answers, read, why)
			if err != nil {
				return nil, err
			}
			q.answers[one.Flag] = answer
		case !told && one.otherwise != nil:
			q.answers[one.Flag] = one.otherwise(q.answers)
		default:
			if told {
				q.wrong = append(q.wrong, fmt.Errorf("--%s: %w", one.Flag, fault))
			} else {
				lacks = append(lacks, "--"+one.Flag)
			}
			q.answers[one.Flag], q.stands[one.Flag] = example()[one.Flag], true
		}
	}
	if len(lacks) > 0 {
		q.wrong = append(q.wrong, fmt.Errorf("expected %s as well, or a terminal to ask on", strings.Join(lacks, ", ")))
	}
	return q, nil
}

// wrongAnswer is what the configuration has against an answer.
type wrongAnswer struct {
	flag, why string
	err       error
}

// faults parts an error of what was planned into what it has against answers, and the rest. It leaves out what is about an
// example that stands for one.
func (q *asked) faults(err error) (faults []wrongAnswer, others error) {
	var tried triedError
	if !errors.As(err, &tried) {
		return nil, err
	}
	for _, f := range tried.faults {
		err := fmt.Errorf("nothing was written: %w", f)
		i := slices.IndexFunc(Questions(), func(one Question) bool {
			return one.key != "" && one.isFor(q.answers["kind"]) && strings.HasPrefix(f.Key, one.key)
		})
		switch {
		case i < 0:
			others = errors.Join(others, err)
		case !q.stands[Questions()[i].Flag]:
			faults = append(faults, wrongAnswer{Questions()[i].Flag, f.Want, err})
		}
	}
	return faults, others
}

// again asks once more what was answered wrong. What followed from such an answer follows from the new one.
func (q *asked) again(ctx context.Context, faults []wrongAnswer, read Reader) error {
	before := maps.Clone(q.answers)
	for _, one := range Questions() {
		if !one.isFor(q.answers["kind"]) {
			continue
		}
		if i := slices.IndexFunc(faults, func(f wrongAnswer) bool { return f.flag == one.Flag }); i >= 0 {
			answer, err := one.put(ctx, q.answers, read, faults[i].why)
			if err != nil {
				return err
			}
			q.answers[one.Flag] = answer
		} else if one.otherwise != nil && before[one.Flag] == one.otherwise(before) {
			q.answers[one.Flag] = one.otherwise(q.answers)
		}
	}
	return nil
}

// isFor reports whether a question is for a kind of mail service.
func (q Question) isFor(kind string) bool { return q.kinds == nil || slices.Contains(q.kinds, kind) }

// put asks a question until it is answered. It says first why it asks once more, where it does.
func (q Question) put(ctx context.Context, before Answers, read Reader, why string) (string, error) {
	question := q.ask
	if q.otherwise != nil && q.otherwise(before) != "" {
		question += " [" + q.otherwise(before) + "]"
	}
	for {
		prompt := question + ": "
		if why != "" {
			prompt = why + "\n" + prompt
		}
		answer, err := read(ctx, prompt)
		if err != nil {
			return "", err
		}
		answer = strings.TrimSpace(answer)
		if answer == "" && q.otherwise != nil {
			return q.otherwise(before), nil
		}
		err = q.fault(answer, before)
		if err == nil {
			return answer, nil
		}
		why = err.Error()
	}
}

// fault is what is wrong with an answer, after those before it.
func (q Question) fault(answer string, before Answers) error {
	switch {
	case strings.ContainsFunc(answer, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("expected plain text")
	case answer == "" && q.otherwise == nil:
		return errors.New("expected an answer")
	case answer == "" || q.check == nil:
		return nil
	}
	if err := q.check(answer); err != nil || q.beside == nil {
		return err
	}
	return q.beside(answer, before)
}

// another refuses the service's own address.
func another(answer string, before Answers) error {
	if intake.Canonical(answer) == intake.Canonical(before["address"]) {
		return fmt.Errorf("%s is the service's own address, where alerts would come in as mail to answer: expected another address", answer)
	}
	return nil
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
	if !strings.Contains(domain(answer), ".") {
		return fmt.Errorf("expected an email address with its whole domain, such as mfa@example.org, not %q", answer)
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
	for _, r := range list {
		if err := address(r.Address); err != nil {
			return err
		}
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

// user refuses a server in the place of who logs in to it.
func user(answer string) error {
	_, port, err := net.SplitHostPort(answer)
	if err == nil && strings.Trim(port, "0123456789") == "" && !strings.Contains(answer, "@") {
		return fmt.Errorf("expected who logs in, as a rule an email address, and not the server %q: that is asked for next", answer)
	}
	return nil
}

func hostPort(answer string) error {
	host, port := splitHost(answer, "0")
	if !written.MatchString(host) || strings.Trim(port, "0123456789") != "" {
		return fmt.Errorf("expected a host such as mail.example.org, or with its port mail.example.org:993, not %q", answer)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 && host != answer {
		return fmt.Errorf("expected a port from 1 to 65535, not %q", port)
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
