package parser

import (
	"regexp"
	"strings"
	"unicode"
)

// newest is what the sender wrote now, and what was taken for their signature.
type newest struct {
	lines    []textLine // without quotes, attributions, signature, disclaimer and banner
	tail     []textLine // signatures and disclaimers above or between quotes
	quoted   bool       // something was left out as quoted
	long     bool       // there is more of it than is kept
	adjacent bool       // the first line follows a quoted one without a blank line: it may be the end of that one, badly wrapped
}

// findNewest takes the newest text out of a rendition.
func findNewest(lines []textLine, fromName string) newest {
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
		own, tail := splitSignature(segment, fromName)
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
	var kept []textLine
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
	if lines[i].quote > 0 || lines[i].mark == attribution {
		return 1, false
	}
	count, sure := attributionAt(lines, i)
	if count == 0 {
		return 0, false
	}
	next := nextText(lines, i+count)
	if next < 0 || lines[next].quote > 0 || lines[next].mark == attribution || lines[next].mark == cut {
		return count, false
	}
	if sure {
		return count, true
	}
	return 0, false
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
	if raw == "" || len(raw) > 200 || strings.IndexByte("-_=*~>", raw[0]) < 0 && !strings.ContainsAny(raw, ":：") {
		return false
	}
	s := ln.simple()
	words, dashes := strings.TrimSuffix(s, ":"), false
	if m := separatorLine.FindStringSubmatch(s); m != nil {
		words, dashes = strings.Trim(m[1], "-_=*~<: "), true
	}
	for _, w := range separatorWords {
		if words == w && (dashes || strings.HasSuffix(s, ":") && w != "original") || dashes && strings.HasPrefix(words, w+" ") {
			return true
		}
	}
	return dashes && strings.HasSuffix(words, " wrote") // Lotus Notes
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
	end := strings.IndexAny(s[:min(len(s), 80)], ":：")
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
	return startsFrom && kinds&headerSent != 0 && strings.Contains(lines[i].text, "@")
}

var (
	attributionEnd = regexp.MustCompile(`[<(\[][^<>\s]+@[^<>\s]+[>)\]].{0,40}:$`)
	timeOrAddress  = regexp.MustCompile(`\d{1,2}[:.h]\d{2}|@`)
)

// attributionAt tells how many lines from i on introduce a quotation, as "On 3 March 2026, Asha wrote:" does; sure means that
// what follows is quoted even without quote marks.
func attributionAt(lines []textLine, i int) (count int, sure bool) {
	if !hasColon(lines[i:min(i+4, len(lines))]) {
		return 0, false
	}
	joined := ""
	for k := 0; k < 4 && i+k < len(lines); k++ {
		ln := &lines[i+k]
		if ln.quote > 0 || strings.TrimSpace(ln.text) == "" || len(ln.text) > 400 {
			return 0, false
		}
		joined = strings.TrimSpace(joined + " " + ln.simple())
		if matched, sure := isAttribution(joined); matched {
			if k > 0 && startsLater(lines[i].simple(), lines[i+1:i+k+1]) {
				return 0, false
			}
			next := nextText(lines, i+k+1)
			if sure || next >= 0 && (lines[next].quote > 0 || lines[next].mark == cut) {
				return k + 1, sure
			}
		}
	}
	return 0, false
}

// hasColon is a quick check, as every attribution ends with a colon.
func hasColon(lines []textLine) bool {
	for _, ln := range lines {
		if strings.Contains(ln.text, ":") || strings.Contains(ln.text, "：") {
			return true
		}
	}
	return false
}

// startsLater tells whether an attribution starts below its first line, which is then the sender's own.
func startsLater(first string, rest []textLine) bool {
	s := simplify(joinLines(rest))
	if matched, _ := isAttribution(s); !matched {
		return false
	}
	return startsLikeAttribution(s) || !startsLikeAttribution(first) && !strings.ContainsAny(first, "0123456789")
}

func startsLikeAttribution(s string) bool {
	return startsWithWord(s, onWords) || strings.IndexAny(s, "0123456789") == 0
}

func isAttribution(s string) (matched, sure bool) {
	if !strings.HasSuffix(s, ":") {
		return false, false
	}
	wrote := hasWord(s, wroteWords)
	digit := strings.ContainsAny(s, "0123456789")
	address := attributionEnd.MatchString(s)
	on := startsLikeAttribution(s)
	switch {
	case address && (digit || wrote):
		return true, true
	case wrote && digit:
		return true, on && timeOrAddress.MatchString(s)
	}
	return wrote, false
}

// hasWord tells whether one of the words stands in s, by itself where the script sets words apart.
func hasWord(s string, words []string) bool {
	padded := " " + wordBreaks.Replace(s) + " "
	for _, w := range words {
		if r := []rune(w)[0]; r > 0x0590 && strings.Contains(s, w) || strings.Contains(padded, " "+w+" ") {
			return true
		}
	}
	return false
}

var wordBreaks = strings.NewReplacer(",", " ", ":", " ", ";", " ", "<", " <", ">", "> ")

func startsWithWord(s string, words []string) bool {
	for _, w := range words {
		rest, ok := strings.CutPrefix(s, w)
		if ok && (rest == "" || strings.ContainsAny(rest[:1], " ,.:;!-") || []rune(w)[0] > 0x2e00) {
			return true
		}
	}
	return false
}
