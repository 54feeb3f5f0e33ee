package machine

import (
	"strings"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// awayHeaders are the fields of whatever answers for somebody who is away: one suffices.
var awayHeaders = []struct {
	field string
	when  func(value string) bool
}{
	{"Auto-Submitted", func(v string) bool { return mime.Keyword(v) == "auto-replied" }}, // RFC 5230, section 5.8
	{"X-Autoreply", isSet},
	{"X-Autorespond", isSet},
	{"X-Autoresponse", isSet},
	{"X-Auto-Reply", isSet},
	{"X-Vacation", isSet},
	{"X-Mail-Autoreply", isSet},
	{"Precedence", func(v string) bool { k := mime.Keyword(v); return k == "auto_reply" || k == "auto-reply" }},
}

// notAwayHeaders are the fields of what machines send for other reasons: lists, complaints, and our own
// letters.
var notAwayHeaders = []string{
	"List-Id", "List-Unsubscribe", "List-Post", "Feedback-Type", "X-Mfabot", "X-Failed-Recipients", "X-Cron-Env",
	"X-Tmda-Fingerprint", "X-Spamarrest-Noauth", "X-Boxbe-Feature",
}

// saysAway reports whether an automatic message answers for somebody who is away: by its header, its subject
// or its text. Receipts, invitations, reports and mail from lists never do, whatever they say.
func (m *Message) saysAway() bool {
	ownList := m.cameByOwnList()
	for _, field := range notAwayHeaders {
		if ownList && ofList(field, true) {
			continue
		}
		if len(m.Root.Header.All(field)) > 0 {
			return false
		}
	}
	subject := text.Simplify(m.Subject)
	local, _, _ := strings.Cut(m.From, "@")
	if m.Root.MediaType == "multipart/report" || isCalendarReply(m.Root) || machineName.MatchString(local) ||
		text.StartsWithAny(subject, receiptSubjects) || text.StartsWithAny(subject, challenges) {
		return false
	}
	for _, rule := range awayHeaders {
		for _, v := range m.Root.Header.All(rule.field) {
			if rule.when(v) {
				return true
			}
		}
	}
	s := text.Simplify(mime.Shorten(strings.TrimSpace(text.Join(ownHead(m.Lines))), maxText))
	return text.StartsWithAny(subject, outOfOffice) || text.ContainsAny(s, awayWords)
}
