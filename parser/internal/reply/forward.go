package reply

import (
	"slices"
	"strings"

	"mfabot/parser/internal/text"
)

// IsForward reports whether the subject is that of a forwarded message.
func IsForward(subject string) bool {
	return text.StartsWithAny(text.Simplify(subject), forwardPrefixes)
}

// Forwarded returns the lines of what the sender forwards, by the prefixes of the subject, as in "Re: Fwd: the letter", or
// by what stands above the lines; none if a message in it is from one of the addresses, in lower case, or from a mail server.
func (n Newest) Forwarded(subject string, own []string) []text.Line {
	first := text.NextWritten(n.Below, 0)
	if first < 0 || slices.ContainsFunc(n.Below, func(ln text.Line) bool { return introduces(ln.Text, own) }) {
		return nil
	}
	if strings.Contains(n.Below[first].Simple(), "forward") && isSeparator(&n.Below[first]) {
		return n.Below
	}
	for s := text.Simplify(subject); ; {
		if IsForward(s) {
			return n.Below
		}
		rest, found := strings.CutPrefix(s, "re:")
		if !found {
			return nil
		}
		s = strings.TrimSpace(rest)
	}
}

// servers begin the addresses of mail servers.
var servers = []string{"postmaster@", "mailer-daemon"}

// introduces reports whether a line says that what is below it is from one of some addresses, or from a mail server.
func introduces(line string, addresses []string) bool {
	if headerLine(line)&headerFrom == 0 && !strings.HasSuffix(strings.TrimSpace(line), ":") {
		return false
	}
	line = strings.ToLower(line)
	return text.ContainsAny(line, addresses) || text.ContainsAny(line, servers)
}

// forwardPrefixes begin the subjects of forwarded messages.
var forwardPrefixes = text.Beginnings(
	"fw:", "fwd:", "fw :", "fwd :", "wg:", "tr:", "tr :", "rv:", "enc:", "i:", "doorst:", "vb:", "vs:", "vl:", "pd:",
	"ytb:", "ilt:", "iltn:", "πρθ:", "пересл:", "转发:", "轉寄:", "転送:", "전달:", "הועבר:", "إعادة توجيه:",
)
