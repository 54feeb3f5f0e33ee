package parser

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// newest is what the sender wrote now, and what was taken for their signature.
type newest struct {
	lines    []textLine // without quotes, attributions, signature, disclaimer and banner
	tail     []textLine // signatures and disclaimers above or between quotes
	quoted   bool       // something was left out as quoted
	long     bool       // there is more of it than is kept
	adjacent bool       // the first line follows a quoted one without a blank line: it may be the end of that one, badly wrapped
}

// author is who wrote a message, as far as it takes to tell their words from what stands around them.
type author struct {
	name    string                 // display names, as they may stand below the text
	isField func(line string) bool // reports whether a line is a field of a form, which no signature has
}

// newest takes the newest text out of the lines of a rendition.
func (a author) newest(lines []textLine) newest {
	var n newest
	kept := separateQuotes(lines, &n)
	written := false
	for start := 0; start < len(kept); {
		end := start
		for end < len(kept) && kept[end].quote == 0 {
			end++
		}
		segment := kept[start:end]
		if !written {
			segment = dropBanner(segment)
		}
		own, tail := a.splitSignature(segment, written)
		if !blank(own) {
			if written {
				n.lines = append(n.lines, textLine{})
			}
			n.lines = append(n.lines, own...)
			written = true
		}
		n.tail = append(n.tail, tail...)
		start = end + 1
	}
	return n
}

// separateQuotes returns the sender's own lines, with a line of quote 1 where quoted lines were left out.
func separateQuotes(lines []textLine, n *newest) []textLine {
	kept := make([]textLine, 0, len(lines))
	gap, started, size := false, false, 0
	for i := 0; i < len(lines); {
		if n.long = size > maxNewText; n.long {
			break
		}
		count, rest := quotedAt(lines, i)
		n.quoted = n.quoted || rest || count > 0
		if rest {
			break
		}
		if count > 0 {
			if !gap {
				kept = append(kept, textLine{quote: 1})
			}
			gap = true
			i += count
			continue
		}
		if !started && strings.TrimSpace(lines[i].text) != "" {
			started = true
			n.adjacent = i > 0 && lines[i-1].quote > 0 && strings.TrimSpace(lines[i-1].text) != ""
		}
		kept = append(kept, lines[i])
		size += len(lines[i].text) + 1
		gap = false
		i++
	}
	return kept
}

// endsOwnText tells the line from which on everything is quoted.
func endsOwnText(lines []textLine, i int) bool {
	ln := &lines[i]
	return ln.mark == cut || ln.quote == 0 && (isSeparator(ln) || isHeaderBlock(lines, i))
}

// quotedAt tells how many lines from i on are quoted or introduce a quotation; rest means that all that follow are.
func quotedAt(lines []textLine, i int) (count int, rest bool) {
	if endsOwnText(lines, i) {
		return 0, true
	}
	if lines[i].quote > 0 || lines[i].mark == attribution || isWrapped(lines, i) {
		return 1, false
	}
	count, kind := attributionAt(lines, i)
	if kind == noAttribution {
		return 0, false
	}
	switch next := nextText(lines, i+count); {
	case next < 0:
		return count, false
	case lines[next].quote > 0 || lines[next].mark == attribution || lines[next].mark == cut:
		return count, false
	}
	return count, true
}

// isWrapped tells the rest of a long quoted line that a client broke without a mark: it goes on in small letters between quoted
// lines, the first of which does not end a sentence as an answered question does.
func isWrapped(lines []textLine, i int) bool {
	if i == 0 || i+1 >= len(lines) || lines[i-1].quote == 0 || lines[i+1].quote == 0 || len(lines[i-1].text) < 45 {
		return false
	}
	if above := strings.TrimSpace(lines[i-1].text); above == "" || strings.IndexByte(".?!:;", above[len(above)-1]) >= 0 {
		return false
	}
	r, _ := utf8.DecodeRuneInString(lines[i].text)
	return unicode.IsLower(r) || r == '_' || r == '/' || r == '&'
}

// nextText is the index of the next line that is not blank, or -1.
func nextText(lines []textLine, i int) int {
	for ; i < len(lines); i++ {
		if strings.TrimSpace(lines[i].text) != "" {
			return i
		}
	}
	return -1
}

// simplify prepares a line for comparison with the tables: lower case, single blanks, no invisible characters, no marks of emphasis.
func simplify(s string) string {
	if isASCII(s) {
		return strings.Trim(collapse(strings.ToLower(s)), "*_ ")
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsSpace(r):
			return ' '
		case r == '’' || r == '‘':
			return '\''
		case r == '：':
			return ':'
		}
		return unicode.ToLower(r)
	}, s)
	return strings.Trim(collapse(s), "*_ ")
}

// collapse makes each run of white space one blank.
func collapse(s string) string {
	if strings.Contains(s, "  ") || strings.ContainsAny(s, "\t\r\n\v\f") {
		return strings.Join(strings.Fields(s), " ")
	}
	return strings.TrimSpace(s)
}

var separatorLine = regexp.MustCompile(`^[-_=*~>\s]{2,}([^-_=*~].*?)[-_=*~<:\s]*$`)

// isSeparator tells lines such as "-----Original Message-----" and "Begin forwarded message:".
func isSeparator(ln *textLine) bool {
	raw := strings.TrimSpace(ln.text)
	if raw == "" || len(raw) > 200 || strings.IndexByte("-_=*~>", raw[0]) < 0 && indexColon(raw) < 0 {
		return false
	}
	s := ln.simple()
	words, dashes := strings.TrimRight(s, ": "), false
	if m := separatorLine.FindStringSubmatch(s); m != nil {
		words, dashes = strings.Trim(m[1], "-_=*~<: "), true
	}
	for _, w := range separatorWords {
		if words == w && (dashes || strings.HasSuffix(s, ":") && w != "original") || dashes && strings.HasPrefix(words, w+" ") {
			return true
		}
	}
	return false
}

// headerKind is what a line of a quoted message's header tells.
type headerKind uint8

const (
	headerFrom headerKind = 1 << iota
	headerSent
	headerTo
	headerSubject
)

var headerKinds = func() map[string]headerKind {
	kinds := map[string]headerKind{}
	for kind, words := range map[headerKind][]string{
		headerFrom: headerWords.from, headerSent: headerWords.sent, headerTo: headerWords.to, headerSubject: headerWords.subject,
	} {
		for _, w := range words {
			kinds[w] |= kind
		}
	}
	return kinds
}()

// headerLine returns the kind of a line such as "Sent: 3 March 2026 10:12", or 0.
func headerLine(s string) headerKind {
	end := indexColon(s[:min(len(s), 80)])
	if end < 0 {
		return 0
	}
	return headerKinds[strings.Trim(simplify(s[:end]), "*_ ")]
}

// isHeaderBlock tells whether a quoted message's header starts at line i: who, when and to whom or what about, within few lines.
func isHeaderBlock(lines []textLine, i int) bool {
	kinds := headerLine(lines[i].text)
	if kinds == 0 {
		return false
	}
	startsFrom := kinds&headerFrom != 0
	others, blanks := 0, 0
	for j := i + 1; j < len(lines) && j < i+16 && others <= 3 && blanks <= 1; j++ {
		switch kind := headerLine(lines[j].text); {
		case strings.TrimSpace(lines[j].text) == "":
			blanks++
		case kind != 0:
			kinds |= kind
			others, blanks = 0, 0
		case !startsFrom:
			return false
		default:
			others++
			blanks = 0
		}
		if kinds&headerFrom != 0 && kinds&headerSent != 0 && kinds&(headerTo|headerSubject) != 0 {
			return true
		}
		if kinds&headerFrom != 0 && kinds&headerTo != 0 && kinds&headerSubject != 0 {
			return true
		}
	}
	return startsFrom && kinds&headerSent != 0 && strings.Contains(lines[i].text, "@") || isDateAndRecipient(lines, i)
}

// isDateAndRecipient tells the header of a quoted message that says no more than when and to whom.
func isDateAndRecipient(lines []textLine, i int) bool {
	if i+1 >= len(lines) || headerLine(lines[i].text) != headerSent || !clockTime.MatchString(lines[i].text) || !fullDate.MatchString(lines[i].text) {
		return false
	}
	return headerLine(lines[i+1].text) == headerTo && strings.Contains(lines[i+1].text, "@")
}
