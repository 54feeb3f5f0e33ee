package senderauth

import (
	"fmt"
	"slices"
	"strings"

	"mfabot/parser"
)

// exchangeInner are the hosts that pass a message on within Exchange Online. Mail from outside is received by
// other hosts, in mail.protection.outlook.com.
var exchangeInner = []string{".prod.outlook.com", ".outlook.office365.com"}

// exchangeEdge are the hosts that receive mail from outside, and write its results above their own Received
// field. Where no such field is at the border, the results below the hosts inside are the author's own text,
// as of somebody who submits by SMTP within the tenant.
const exchangeEdge = ".protection.outlook.com"

// exchangeOnline judges mail in a mailbox of Exchange Online: by the results that Exchange wrote above the
// Received field of the host that received the message from outside, and by the mark of mail from inside the
// tenant. The mark proves an author of the tenant's own domains: whoever is inside can name any other, and
// write results too, so that nothing proves those. It does not outweigh a dmarc=fail: strangers get it if a
// connector accepts whatever an on-premises server passes on as internal mail. The operator's own such servers
// belong in the domain's SPF record. compauth is Exchange's guess and proves nothing.
func exchangeOnline(m *parser.Message, a author, tenant []string) finding {
	f := exchangeResults(m, a)
	if f.vetoes {
		return f
	}
	inside, mark := internalMail(m.Header)
	switch {
	case inside && slices.ContainsFunc(tenant, func(own string) bool { return sameDomain(own, a.domain) }):
		return finding{proves: true, why: mark + "; " + f.why}
	case inside:
		return finding{why: mark + ", which proves only the tenant's own domains (tenant_domains): " + clip(a.domain) +
			" is not among them; " + f.why}
	}
	if !f.proves {
		f.why += "; " + mark
	}
	return f
}

// ByExchange reports whether Exchange Online received a message last, so that whoever sent it could not have marked it as mail
// from inside the tenant. Any other server leaves that mark as the sender wrote it.
func ByExchange(header []parser.Field) bool {
	i := slices.IndexFunc(header, func(f parser.Field) bool { return strings.EqualFold(f.Name, "Received") })
	if i < 0 {
		return false
	}
	h, ok := parseHop(header[i].Value)
	return ok && slices.ContainsFunc(append([]string{exchangeEdge}, exchangeInner...),
		func(suffix string) bool { return strings.HasSuffix(h.by, suffix) })
}

func exchangeResults(m *parser.Message, a author) finding {
	at := border(m.Header, func(received string) bool {
		h, ok := parseHop(received)
		return ok && slices.ContainsFunc(exchangeInner, func(suffix string) bool { return strings.HasSuffix(h.by, suffix) })
	})
	if at == len(m.Header) {
		return finding{silent: true, why: "the Received fields show no hop from outside, so that the results may be anybody's"}
	}
	if h, ok := parseHop(m.Header[at].Value); !ok || !strings.HasSuffix(h.by, exchangeEdge) {
		return finding{silent: true, why: "the hop from outside was not received by Exchange Online, so that the results may be anybody's"}
	}
	for _, f := range m.Header[:at] {
		if !strings.EqualFold(f.Name, "Authentication-Results") || !strings.Contains(servedBy(f.Value), "=") {
			continue
		}
		results, err := parseExchangeResults(f.Value)
		if err != nil {
			return finding{vetoes: true, why: "the Authentication-Results of Exchange Online cannot be relied on: " + err.Error()}
		}
		for _, method := range []string{"spf", "dmarc"} { // it writes one of each
			if n := count(results, method); n > 1 {
				return finding{vetoes: true, why: fmt.Sprintf(
					"the Authentication-Results of Exchange Online has %d results of %s", n, method)}
			}
		}
		return prove(m, a, results)
	}
	return finding{silent: true, why: "no Authentication-Results of Exchange Online above the Received field of the hop from outside"}
}

func count(results []result, method string) (n int) {
	for _, r := range results {
		if r.method == method {
			n++
		}
	}
	return n
}

// internalMail looks for the mark of mail that never left the tenant.
func internalMail(header []parser.Field) (bool, string) {
	var marks []string
	for _, f := range header {
		if strings.EqualFold(f.Name, "X-MS-Exchange-Organization-AuthAs") {
			marks = append(marks, strings.TrimSpace(f.Value))
		}
	}
	switch len(marks) {
	case 0:
		return false, "not marked as sent inside the tenant (no X-MS-Exchange-Organization-AuthAs)"
	case 1:
		return strings.EqualFold(marks[0], "Internal"), "X-MS-Exchange-Organization-AuthAs is " + clip(marks[0])
	}
	return false, fmt.Sprintf("%d marks X-MS-Exchange-Organization-AuthAs, expected one", len(marks))
}
