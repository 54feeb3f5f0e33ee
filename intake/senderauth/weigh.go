package senderauth

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// finding is the result of one method.
type finding struct {
	proves bool // the author of the message is proven
	vetoes bool // nothing else may prove it either
	// uncovered are the fields that the proof does not cover.
	uncovered []string
	missing   []string  // those that the message lacks, of whose absence it says nothing
	silent    bool      // the server has said nothing about the sender
	signed    bool      // the proof is a signature
	signedAt  time.Time // the earliest date that it covers; zero for none
	why       string    // in words
}

func (f finding) covers() bool { return f.proves && len(f.uncovered) == 0 }

// better reports whether a proof says more than another: no signature is as good as a proof of this delivery.
func (f finding) better(g finding) bool {
	if f.signed != g.signed {
		return !f.signed
	}
	return len(f.uncovered)+len(f.missing) < len(g.uncovered)+len(g.missing)
}

// opinion is what a server's results say about the domain of From.
type opinion struct {
	vetoes   bool
	spf      bool                     // SPF passed for the author
	dkim     []result                 // the results of DKIM that passed for the author
	dmarc    bool                     // DMARC passed for the author
	signedBy func(domain string) bool // whether a domain's signature proves the author
	loosely  bool                     // SPF passed for another domain of the organisation, as did DMARC
	near     []string                 // domains that passed and are not taken to prove the author
	measured bool                     // there is a result of SPF or DKIM, whatever it is
	why      string
}

// bare reports whether a server says that DMARC passed, but not what passed.
func (o opinion) bare() bool { return o.dmarc && !o.measured }

// inconclusive are the results of DMARC that leave the question to DKIM and SPF: a pass is only as good as
// what passed, and bestguesspass is Exchange's result for a domain without a policy.
var inconclusive = []string{"pass", "none", "bestguesspass", "temperror", "permerror"}

// weigh judges the results of one server. DMARC (RFC 7489) is the policy of the domain's owner: if it failed,
// nothing else counts. If it passed and there are results of DKIM and SPF too, one of these must have passed
// for a domain of the same organisation: by default, OpenDMARC believes results that the sender wrote. Where
// either may be what DMARC passed by, it is DKIM, which covers less: the owner may want SPF to be strict.
func weigh(results []result, a author) opinion {
	o := opinion{signedBy: a.signedBy}
	o.dmarc = slices.ContainsFunc(results, func(r result) bool {
		return r.method == "dmarc" && r.value == "pass" && a.governedBy(r.props["header.from"])
	})
	if o.dmarc {
		o.signedBy = a.relaxed
	}
	var said []string
	policies, veto := 0, ""
	for _, r := range results {
		var domain string
		switch r.method {
		case "dmarc":
			domain = r.props["header.from"]
			policies++
			switch {
			case !slices.Contains(inconclusive, r.value):
				veto = ": the policy of the domain's owner says that it is not from there"
			case domain != "" && !a.governedBy(domain):
				veto = ": that is about another domain than the " + clip(a.domain) + " of From"
			}
		case "dkim":
			o.measured = true
			domain = domainOf(cmp.Or(r.props["header.d"], r.props["header.i"]))
			o.passed(r, domain, a)
		case "spf":
			o.measured = true
			domain = domainOf(r.props["smtp.mailfrom"])
			o.passed(r, domain, a)
		default:
			continue
		}
		one := r.method + "=" + clip(r.value)
		if domain != "" {
			one += " for " + clip(domain)
		}
		if why := strings.Trim(strings.ReplaceAll(r.props["reason"], "_", " "), " "); why != "" && r.value != "pass" {
			one += " (" + clip(why) + ")"
		}
		said = append(said, one)
	}
	o.spf = o.spf || (o.loosely && len(o.dkim) == 0)
	o.why = strings.Join(said[:min(len(said), maxReasons)], ", ")
	if policies > 1 {
		veto = ": there are several results of DMARC"
	}
	switch {
	case veto != "":
		o.vetoes = true
		o.why += veto
	case !o.spf && len(o.dkim) == 0 && !o.bare():
		o.why = strings.TrimPrefix(o.why+", and neither DKIM nor SPF passed for "+clip(a.domain), ", and ") + a.unnamed(o.near)
	}
	return o
}

// passed takes a result of DKIM or SPF for a domain into account, if it is a pass.
func (o *opinion) passed(r result, domain string, a author) {
	switch {
	case r.value != "pass":
	case r.method == "dkim" && o.signedBy(domain):
		o.dkim = append(o.dkim, r)
	case r.method == "spf" && a.sentBy(domain):
		o.spf = true
	case r.method == "spf" && o.dmarc:
		o.loosely = o.loosely || a.relaxed(domain)
	default:
		o.near = append(o.near, domain)
	}
}

// contradiction says where two fields of one server contradict each other; empty if they do not.
func contradiction(fields [][]result) string {
	type thing struct{ method, domain, selector, signature string }
	seen := map[thing]string{}
	for _, results := range fields {
		here := map[thing]string{}
		for _, r := range results {
			t := thing{method: r.method}
			switch r.method {
			case "dkim":
				t.domain = domainOf(cmp.Or(r.props["header.d"], r.props["header.i"]))
				t.selector, t.signature = r.props["header.s"], r.props["header.b"]
			case "spf":
				t.domain = domainOf(r.props["smtp.mailfrom"])
			default:
				continue
			}
			if before, known := seen[t]; known && t.domain != "" && before != r.value {
				return fmt.Sprintf("%s=%s and %s=%s for %s", r.method, clip(before), r.method, clip(r.value), clip(t.domain))
			}
			here[t] = r.value
		}
		for t, value := range here {
			seen[t] = value
		}
	}
	return ""
}

// maxReasons is how many reasons a check gives, and maxShown how many bytes of a stranger's text each shows.
const (
	maxReasons = 8
	maxShown   = 100
)

// clip shortens a stranger's text to what is shown, and keeps it valid UTF-8.
func clip(s string) string {
	if len(s) > maxShown {
		s = s[:maxShown] + "…"
	}
	return strings.ToValidUTF8(s, "?")
}
