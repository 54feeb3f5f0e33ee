package parser

import (
	"regexp"
	"strings"
)

// dropBanner removes the warning of a gateway from the top of the sender's own lines.
func dropBanner(lines []textLine) []textLine {
	first := nextText(lines, 0)
	if first < 0 {
		return lines
	}
	s := simplify(lines[first].text)
	if !containsAny(s, bannerWords) {
		next := nextText(lines, first+1)
		alone := len(strings.Fields(s)) <= 2 && containsAny(s, bannerStart)
		if !alone || next < 0 || !containsAny(simplify(lines[next].text), bannerWords) {
			return lines
		}
	}
	for first++; first < len(lines); first++ {
		s := simplify(lines[first].text)
		if !containsAny(s, bannerWords) && !containsAny(s, bannerMore) && strings.Trim(s, "-_=* ") != "" {
			break
		}
	}
	return lines[first:]
}

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

var (
	signatureDashes = regexp.MustCompile(`^(--|—|––|__)\s*$`)
	ruleLine        = regexp.MustCompile(`^[-_=*~]{10,}$`)
	starLine        = regexp.MustCompile(`^\*{10,}$`)
)

// splitSignature cuts the signature and what follows it off the sender's own lines.
func splitSignature(lines []textLine, fromName string) (own, tail []textLine) {
	wrote := false // something was written above
	for i := range lines {
		ln := lines[i]
		s := lines[i].simple()
		raw := strings.TrimSpace(ln.text)
		switch {
		case s == "" && raw == "":
			own = append(own, ln)
			continue
		case ln.mark == signature:
			tail = append(tail, ln)
			continue
		case signatureDashes.MatchString(raw):
			return own, append(tail, lines[i:]...)
		case startsWithAny(s, disclaimers), starLine.MatchString(raw):
			if wrote {
				return own, append(tail, lines[i:]...)
			}
			tail = append(tail, ln)
			continue
		case ruleLine.MatchString(raw) && (nextText(lines, i+1) < 0 || startsWithAny(simplify(lines[nextText(lines, i+1)].text), disclaimers)):
			return own, append(tail, lines[i:]...)
		case len(s) < 80 && startsWithAny(s, sentFrom):
			if wrote {
				return own, append(tail, lines[i:]...)
			}
			tail = append(tail, ln)
			continue
		case wrote && (isClosing(s, fromName) || isName(s, fromName)) && isSignature(lines[i+1:]):
			return own, append(tail, lines[i:]...)
		}
		wrote = true
		own = append(own, ln)
	}
	return own, tail
}

func startsWithAny(s string, words []string) bool {
	for _, w := range words {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}

// isClosing tells "Kind regards," alone on a line, or with the sender's name after it.
func isClosing(s, fromName string) bool {
	s = strings.TrimRight(s, " ,.!-–")
	for _, c := range closings {
		rest, ok := strings.CutPrefix(s, c)
		if ok && (rest == "" || strings.ContainsAny(rest[:1], " ,.!-") && isName(strings.TrimLeft(rest, " ,.!-"), fromName)) {
			return true
		}
	}
	return false
}

// isName tells a line that is nothing but words of the sender's display name, the first of them included.
func isName(s, fromName string) bool {
	words := strings.FieldsFunc(simplify(fromName), notLetter)
	said := strings.FieldsFunc(s, notLetter)
	if len(words) == 0 || len(said) == 0 || len(said) > len(words) {
		return false
	}
	for _, w := range said {
		if len(w) < 2 || !contains(words, w) {
			return false
		}
	}
	return true
}

// isSignature tells whether the lines below a closing look like a signature: few, and no sentences or form fields before a
// disclaimer.
func isSignature(lines []textLine) bool {
	count := 0
	for i := range lines {
		ln := lines[i]
		s := lines[i].simple()
		if s == "" || ln.mark == signature {
			continue
		}
		if startsWithAny(s, disclaimers) || starLine.MatchString(strings.TrimSpace(ln.text)) {
			return true
		}
		count++
		words := len(strings.Fields(s))
		sentence := words >= 7 && strings.ContainsAny(s[len(s)-1:], ".?!") || words >= 25
		sentence = sentence && !strings.Contains(s, "|") || strings.Contains(s, "@") && hasAnyWord(s, aboutOthers)
		if _, _, isField := formField(ln.text); count > 25 || isField || sentence || isPostscript(s) {
			return false
		}
	}
	return true
}

// aboutOthers are words beside an address that make it somebody else's than the writer's.
var aboutOthers = wordSet("her his their she he they user colleague colleagues")

func isPostscript(s string) bool {
	return strings.HasPrefix(s, "ps ") || strings.HasPrefix(s, "ps:") || strings.HasPrefix(s, "p.s.") || strings.HasPrefix(s, "ps.")
}
