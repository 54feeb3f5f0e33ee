package machine

import (
	"regexp"
	"slices"
	"strings"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// Message is the part of a message that shows whether a machine sent it.
type Message struct {
	Root     *mime.Part
	From     string // the bare address of the author
	Subject  string
	OwnLists []string           // the identifiers of lists (RFC 2919) by which mail reaches the service
	Lines    []text.Line        // of its text
	Own      func() []text.Line // the newest of it, without signature
	ByItself func() float64     // how probable it is, by the words, that a machine wrote it
	Reports  []*mime.Part       // parts of a delivery report
	HasFiles bool
	// HasDocuments is set if there are files besides the pictures that a text shows.
	HasDocuments bool
}

// Findings is what is known of the machine that sent a message.
type Findings struct {
	Automatic bool     // a machine sent it: one strong sign or two weak ones
	Signs     []string // every sign seen, also when they did not suffice
	Away      bool     // a machine sent it to say that its author is away
	Bounce    bool     // it reports that a message was not delivered
	Failures  []Failure
}

// Read finds the signs of a machine in a message.
func (m *Message) Read() Findings {
	var out Findings
	signs := m.headerSigns()
	signs = append(signs, m.wordSigns()...)
	signs = append(signs, m.readBounce(&out)...)
	weight := 0
	for _, s := range signs {
		if slices.Contains(out.Signs, s.name) {
			continue
		}
		out.Signs = append(out.Signs, s.name)
		weight++
		if s.strong {
			weight++
		}
	}
	if weight < 2 && m.isAcknowledgement() {
		out.Signs = append(out.Signs, "text of an acknowledgement")
		weight = 2
	}
	out.Automatic = weight >= 2
	out.Away = out.Automatic && !out.Bounce && m.saysAway()
	return out
}

// sign is a mark of a message that a machine sent.
type sign struct {
	name   string
	strong bool // suffices alone
}

func (m *Message) headerSigns() []sign {
	var signs []sign
	ownList := m.cameByOwnList()
	for _, rule := range machineHeaders {
		if ownList && ofList(rule.field, rule.strong) {
			continue
		}
		for _, v := range m.Root.Header.All(rule.field) {
			if rule.when(v) {
				signs = append(signs, sign{strings.TrimSpace(rule.field + ": " + mime.Shorten(v, 80)), rule.strong})
				break
			}
		}
	}
	if local, _, _ := strings.Cut(m.From, "@"); machineName.MatchString(local) {
		signs = append(signs, sign{"From: " + m.From, strongMachineName.MatchString(local)})
	}
	switch {
	case m.isFromNobody():
		signs = append(signs, sign{"From: " + mime.Shorten(m.Root.Header.First("From"), 80), true})
	case m.Root.MediaType == "multipart/report":
		signs = append(signs, sign{"Content-Type: multipart/report", true})
	case isCalendarReply(m.Root):
		signs = append(signs, sign{"calendar reply", true})
	}
	return signs
}

// isCalendarReply reports whether the part is an answer to an invitation (RFC 6047), which a calendar sends.
func isCalendarReply(p *mime.Part) bool {
	if p.MediaType == "text/calendar" {
		method := strings.ToUpper(p.Params["method"])
		return method == "REPLY" || method == "COUNTER" || method == "CANCEL" || method == "REQUEST"
	}
	if !p.IsMultipart() {
		return false
	}
	for _, child := range p.Children {
		if isCalendarReply(child) {
			return true
		}
	}
	return false
}

// wordSigns finds machines by what they say, in many languages.
func (m *Message) wordSigns() []sign {
	var signs []sign
	subject := text.Simplify(m.Subject)
	add := func(found bool, strong bool, name string) {
		if found {
			signs = append(signs, sign{name, strong})
		}
	}
	said := "Subject: " + mime.Shorten(m.Subject, 80)
	switch {
	case text.StartsWithAny(subject, outOfOffice):
		add(true, !isPlainAway(subject), said)
	case text.StartsWithAny(subject, receiptSubjects), text.StartsWithAny(subject, challenges):
		add(true, false, said)
	}
	s := mime.Shorten(strings.TrimSpace(text.Join(ownHead(m.Lines))), maxText)
	lower := strings.ToLower(s)
	add(text.ContainsAny(lower, challengeWords) && challengeText.MatchString(s), false, "text of a challenge to the sender")
	add(text.StartsWithAny(lower, receiptBegins) && receiptText.MatchString(s), false, "text of a receipt")
	add(m.isReaction(), true, "a reaction to a message")
	if local, _, _ := strings.Cut(m.From, "@"); noReplyName.MatchString(local) {
		add(nobodyReads.MatchString(text.Simplify(strings.Join(text.Texts(authorsLines(m.Lines)), " "))), false,
			"text that says that nobody reads answers")
	}
	if !m.HasFiles && !(text.ContainsAny(lower, businessWords) && business.MatchString(s)) {
		s = text.Simplify(s)
		add(text.ContainsAny(s, awayWords), false, "text of an out-of-office message")
		add(len(signs) > 0 && text.ContainsAny(s, insteadWords), false, "text that names somebody else to write to")
	}
	return signs
}

// isPlainAway reports whether a subject begins like an automatic answer's and goes on as a person's may.
func isPlainAway(subject string) bool {
	for _, w := range plainAway.Like(subject) {
		rest, ok := strings.CutPrefix(subject, w+" ")
		if ok && !strings.ContainsAny(rest[:1], ":-(.!") && !strings.HasPrefix(rest, "re:") {
			return true
		}
	}
	return false
}

// ownHead returns the first lines of a text, up to a quotation.
func ownHead(lines []text.Line) []text.Line {
	for i, ln := range lines {
		if i == 12 || ln.Quote > 0 {
			return lines[:i]
		}
	}
	return lines
}

// business has the words of somebody who writes about a request, which no automatic answer has.
var business = regexp.MustCompile(`(?i)\b(mfa|exceptions?|exempt\w*|authenticat\w+|approved?|reject\w*|` +
	`withdraw)\b([^@\w]|$)`)

// businessWords are the words of which business needs at least one.
var businessWords = []string{"mfa", "exception", "exempt", "authenticat", "approve", "reject", "withdraw"}
