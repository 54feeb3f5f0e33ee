package parser

import "strings"

// awayHeaders are the fields of what answers for somebody who is away: one suffices.
var awayHeaders = []struct {
	field string
	when  func(value string) bool
}{
	{"Auto-Submitted", func(v string) bool { return keyword(v) == "auto-replied" }}, // RFC 5230, section 5.8
	{"X-Autoreply", isSet},
	{"X-Autorespond", isSet},
	{"X-Autoresponse", isSet},
	{"X-Auto-Reply", isSet},
	{"X-Vacation", isSet},
	{"X-Mail-Autoreply", isSet},
	{"Precedence", func(v string) bool { k := keyword(v); return k == "auto_reply" || k == "auto-reply" }},
}

// notAwayHeaders are the fields of what machines send for other reasons: lists,
// complaints, and our own letters.
var notAwayHeaders = []string{"List-Id", "List-Unsubscribe", "List-Post", "Feedback-Type", "X-Mfabot", "X-Failed-Recipients", "X-Cron-Env",
	"X-Tmda-Fingerprint", "X-Spamarrest-Noauth", "X-Boxbe-Feature"}

// saysAway tells an automatic message that answers for somebody who is away: by its
// header, its subject or its text. Receipts, invitations, reports and mail of
// lists are other things, whatever they say.
func (m *machineMail) saysAway() bool {
	for _, field := range notAwayHeaders {
		if len(m.root.header.all(field)) > 0 {
			return false
		}
	}
	subject := simplify(m.subject)
	local, _, _ := strings.Cut(m.from, "@")
	if m.root.mediaType == "multipart/report" || isCalendarReply(m.root) || machineName.MatchString(local) ||
		startsWithAny(subject, receiptSubjects) || startsWithAny(subject, challenges) {
		return false
	}
	for _, rule := range awayHeaders {
		for _, v := range m.root.header.all(rule.field) {
			if rule.when(v) {
				return true
			}
		}
	}
	text := simplify(cutBytes(strings.TrimSpace(joinLines(ownHead(m.lines))), machineText))
	return startsWithAny(subject, outOfOffice) || containsAny(text, awayWords)
}
