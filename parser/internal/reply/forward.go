package reply

import "mfabot/parser/internal/text"

// IsForward reports whether the subject is that of a forwarded message.
func IsForward(subject string) bool {
	return text.StartsWithAny(text.Simplify(subject), forwardPrefixes)
}

// Forwarded returns the lines that say whom the messages are from that are forwarded, by the prefix of the subject.
func (n Newest) Forwarded(subject string) (from []string) {
	if !IsForward(subject) {
		return nil
	}
	for _, ln := range n.below {
		if headerLine(ln.Text)&headerFrom != 0 {
			from = append(from, ln.Text)
		}
	}
	return from
}

// forwardPrefixes begin the subjects of forwarded messages.
var forwardPrefixes = text.Beginnings(
	"fw:", "fwd:", "fw :", "fwd :", "wg:", "tr:", "tr :", "rv:", "enc:", "i:", "doorst:", "vb:", "vs:", "vl:", "pd:",
	"ytb:", "ilt:", "iltn:", "πρθ:", "пересл:", "转发:", "轉寄:", "転送:", "전달:", "הועבר:", "إعادة توجيه:",
)
