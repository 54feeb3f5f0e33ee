package reply

import (
	"strings"

	"mfabot/parser/internal/text"
)

// dropBanner removes a gateway's warning from the top of the sender's own lines.
func dropBanner(lines []text.Line) []text.Line {
	first := text.NextWritten(lines, 0)
	if first < 0 {
		return lines
	}
	if end := markedBanner(lines, first); end > 0 {
		return lines[end:]
	}
	s := lines[first].Simple()
	if !isBanner(s) {
		next := text.NextWritten(lines, first+1)
		alone := len(strings.Fields(s)) <= 6 && text.ContainsAny(s, bannerStart)
		if !alone || next < 0 {
			return lines
		}
		if t := lines[next].Simple(); !text.ContainsAny(t, bannerWords) && !text.ContainsAny(t, bannerMore) {
			return lines
		}
	}
	for first++; first < len(lines); first++ {
		s := lines[first].Simple()
		if !isBanner(s) && !text.ContainsAny(s, bannerMore) && strings.Trim(s, "-_=* ") != "" {
			break
		}
	}
	return lines[first:]
}

// markedBanner returns the end of a banner framed by its own marks, such as Proofpoint's, or 0.
func markedBanner(lines []text.Line, first int) int {
	if s := lines[first].Simple(); !strings.HasPrefix(s, "zjqcm") || !strings.HasSuffix(s, "bannerstart") {
		return 0
	}
	for i := first + 1; i < min(len(lines), first+30); i++ {
		if strings.HasSuffix(lines[i].Simple(), "bannerend") {
			return i + 1
		}
	}
	return 0
}

// isBanner reports whether a line is worded like such a warning: in English, or as a warning word with "from
// outside" in another language.
func isBanner(s string) bool {
	if text.ContainsAny(s, bannerWords) {
		return true
	}
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") && text.StartsWithWord(s[1:], bannerStart) {
		return len(strings.Fields(s)) <= 12
	}
	bare := strings.Trim(s, "[]*!:- ")
	return bare == "external" || len(s) < 300 && text.StartsWithWord(bare, bannerStart) && text.ContainsAny(s, bannerOutside)
}
