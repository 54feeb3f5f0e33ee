package parser

import "strings"

// dropBanner removes the warning of a gateway from the top of the sender's own lines.
func dropBanner(lines []textLine) []textLine {
	first := nextText(lines, 0)
	if first < 0 {
		return lines
	}
	if end := markedBanner(lines, first); end > 0 {
		return lines[end:]
	}
	s := lines[first].simple()
	if !isBanner(s) {
		next := nextText(lines, first+1)
		alone := len(strings.Fields(s)) <= 6 && containsAny(s, bannerStart)
		if !alone || next < 0 || !containsAny(lines[next].simple(), bannerWords) && !containsAny(lines[next].simple(), bannerMore) {
			return lines
		}
	}
	for first++; first < len(lines); first++ {
		s := lines[first].simple()
		if !isBanner(s) && !containsAny(s, bannerMore) && strings.Trim(s, "-_=* ") != "" {
			break
		}
	}
	return lines[first:]
}

// markedBanner returns where a banner ends that has marks of its own around it, as Proofpoint's, or 0.
func markedBanner(lines []textLine, first int) int {
	if s := lines[first].simple(); !strings.HasPrefix(s, "zjqcm") || !strings.HasSuffix(s, "bannerstart") {
		return 0
	}
	for i := first + 1; i < min(len(lines), first+30); i++ {
		if strings.HasSuffix(lines[i].simple(), "bannerend") {
			return i + 1
		}
	}
	return 0
}

// isBanner tells a line in the words of such warnings, in English or as a warning word with "from outside" in other languages.
func isBanner(s string) bool {
	if containsAny(s, bannerWords) {
		return true
	}
	bare := strings.Trim(s, "[]*!:- ")
	return bare == "external" || len(s) < 300 && startsWithWord(bare, bannerStart) && containsAny(s, bannerOutside)
}
