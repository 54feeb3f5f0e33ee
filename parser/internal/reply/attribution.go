package reply

import (
	"regexp"
	"strings"

	"mfabot/parser/internal/text"
)

// attributionKind is how far a text such as "On 3 March 2026, Asha wrote:" introduces a quotation by itself.
type attributionKind uint8

const (
	noAttribution   attributionKind = iota
	needsQuote                      // only when quoted lines follow
	needsQuoteOrEnd                 // also when nothing follows
	standsAlone                     // what follows is quoted even without quote marks
)

// maxAttribution is the most lines over which an attribution is broken.
const maxAttribution = 4

// attributionAt returns how many lines from i on introduce a quotation, and what kind of attribution they
// are.
func attributionAt(lines []text.Line, i int) (count int, kind attributionKind) {
	for k := 0; k < maxAttribution && i+k < len(lines); k++ {
		ln := &lines[i+k]
		if ln.Quote > 0 && !(k > 0 && closesAddress(&lines[i+k-1], ln)) || len(ln.Text) > 400 || strings.TrimSpace(ln.Text) == "" {
			return 0, noAttribution
		}
		if !mayEndAttribution(ln.Simple()) {
			continue
		}
		kind := attributionIn(joinSimple(lines[i : i+k+1]))
		if kind == noAttribution {
			continue
		}
		if startsLater(lines[i:i+k+1]) || k > 0 && doubtful(lines[i].Simple()) {
			return 0, noAttribution
		}
		next := text.NextWritten(lines, i+k+1)
		quoted := next >= 0 && (lines[next].Quote > 0 || lines[next].Mark == text.Cut)
		if quoted || kind == standsAlone || kind == needsQuoteOrEnd && next < 0 {
			return k + 1, kind
		}
	}
	return 0, noAttribution
}

// closesAddress reports whether a line that seems to be quoted begins with the bracket that ends the address above it.
func closesAddress(above, ln *text.Line) bool {
	return ln.Quote == 1 && openAddress.MatchString(above.Simple()) && mayEndAttribution(ln.Simple())
}

// joinSimple writes lines as one, each simplified. Brackets that a line's end tore off an address are put back.
func joinSimple(lines []text.Line) string {
	joined := ""
	for i := range lines {
		s := lines[i].Simple()
		if lines[i].Quote > 0 {
			s = ">" + s
		}
		if !strings.HasSuffix(joined, "<") && !strings.HasSuffix(joined, "(") && !strings.HasPrefix(s, ">") {
			joined += " "
		}
		joined += s
	}
	return strings.TrimSpace(joined)
}

// frame holds the characters that some clients put around an attribution.
const frame = "-_=*~ "

// mayEndAttribution checks quickly whether a line could end an attribution.
func mayEndAttribution(s string) bool {
	s = strings.TrimRight(s, frame)
	if s == "" {
		return false
	}
	return s[len(s)-1] == ':' || s[len(s)-1] == '>' || strings.HasSuffix(s, "wrote") || isoDated.MatchString(s)
}

// startsLater reports whether the attribution that ends with the last of the lines starts below the first one, which is
// then the sender's own. An attribution is as short as it can be, unless the lines above it begin as one and lead into it.
func startsLater(lines []text.Line) bool {
	for j := len(lines) - 1; j > 0; j-- {
		s := joinSimple(lines[j:])
		if attributionIn(s) == noAttribution || !mayStart(s, strings.TrimSpace(lines[j-1].Text)) {
			continue
		}
		return startsDated(s) || !leadsIn(lines[:j])
	}
	return false
}

// mayStart reports whether an attribution may start with s, below a line: not within an address, nor with its verb, nor
// with an address below its name.
func mayStart(s, above string) bool {
	open := strings.IndexAny(s, "<([")
	if end := strings.IndexAny(s, ">)]"); end >= 0 && (open < 0 || end < open) {
		return false
	}
	bare := strings.TrimLeft(s, frame)
	if text.StartsWithWord(bare, wroteWords) && !text.StartsWithWord(bare, quotingWords) {
		return false
	}
	return open != 0 || above == "" || strings.IndexByte(".?!:", above[len(above)-1]) >= 0
}

// leadsIn reports whether lines begin as an attribution does, with a date, and have no end of a sentence.
func leadsIn(lines []text.Line) bool {
	s := joinSimple(lines)
	if len(strings.Fields(s)) > 16 || doubtful(s) || text.HasAnyWord(s, speakers) {
		return false
	}
	return (startsLikeAttribution(s) || dayFirst.MatchString(s)) && (clockTime.MatchString(s) || fullDate.MatchString(s)) &&
		(strings.IndexByte(".?!:", s[len(s)-1]) < 0 || abbreviated.MatchString(s))
}

// speakers are the words about somebody that no attribution has before its verb.
var speakers = text.WordSet("i we he she they you it who ends end leaves starts begins please")

// startsDated reports whether a text begins with the whole date of an attribution, with or without a word such as "on"
// before it.
func startsDated(s string) bool {
	s = strings.TrimLeft(s, frame)
	if yearFirst.MatchString(s) {
		return false
	}
	date := fullDate.FindStringIndex(s)
	return startsLikeAttribution(s) && date != nil && date[0] < 24
}

func startsLikeAttribution(s string) bool {
	s = strings.TrimLeft(s, frame)
	return text.StartsWithWord(s, onWords) || strings.IndexAny(s, "0123456789") == 0
}

var (
	// isoDated is how Gmail used to begin an attribution, with nothing at its end.
	isoDated = regexp.MustCompile(`^20\d\d-\d\d-\d\d \d\d:\d\d gmt[+-]\d\d:\d\d \S`)
	// openAddress is an address without the bracket at its end.
	openAddress = regexp.MustCompile(`[<(][^<>()\s]+@[^<>()\s]+$`)
	// dayFirst is a date behind the name of its day, and abbreviated what ends with a short word and its full stop.
	dayFirst    = regexp.MustCompile(`^\p{L}{2,12}[.,]{0,2} \d{1,2}[. ]`)
	abbreviated = regexp.MustCompile(` \p{L}{1,4}\.$`)
	// yearFirst is the rest of a date that a line's end broke.
	yearFirst      = regexp.MustCompile(`^(19|20)\d\d([^-/.\d年년]|$)`)
	attributionEnd = regexp.MustCompile(`[<(\[][^<>\s]+@[^<>\s]+[>)\]].{0,40}$`)
	startsWithDate = regexp.MustCompile(`^(19|20)?\d\d[-/.]\d{1,2}[-/.]\d{1,4} `)
	addressWrote   = regexp.MustCompile(`^\S+@\S+ [^ ]+$`)
	clockTime      = regexp.MustCompile(`\d{1,2}[:.h]\d{2}`)
	fullDate       = regexp.MustCompile(`(19|20)\d\d\D{1,12}\d{1,2}|\d{1,2}\D{1,20}(19|20)\d\d`)
)

// attributionIn returns what kind of attribution a simplified text is.
func attributionIn(s string) attributionKind {
	bare := strings.Trim(s, frame)
	framed := strings.HasPrefix(s, "--") && len(bare) < len(strings.TrimLeft(s, frame))
	text, colon := strings.CutSuffix(bare, ":")
	text = strings.TrimSpace(text)
	address := attributionEnd.MatchString(text)
	wrote := hasWord(text, wroteWords)
	digit := strings.ContainsAny(text, "0123456789")
	if !colon {
		return withoutColon(text, framed, wrote, address, digit)
	}
	dated := clockTime.MatchString(text) || fullDate.MatchString(text)
	switch {
	case address && (dated || wrote):
		return standsAlone
	case wrote && (framed || addressWrote.MatchString(text)):
		return standsAlone
	case wrote && (dated || strings.Contains(text, "@")) && isWholeAttribution(text):
		return standsAlone
	case wrote && digit:
		return needsQuoteOrEnd
	case wrote:
		return needsQuote
	}
	return noAttribution
}

func withoutColon(text string, framed, wrote, address, digit bool) attributionKind {
	switch {
	case wrote && framed:
		return standsAlone
	case wrote && startsLikeAttribution(text) && strings.Contains(text, "@") && clockTime.MatchString(text):
		return standsAlone
	case isoDated.MatchString(text), digit && address && startsWithDate.MatchString(text):
		return needsQuoteOrEnd
	}
	return noAttribution
}

// tellers begin the sender's own sentences.
var tellers = text.WordSet("i we he she they you it who which that this as my our please the a an")

// isWholeAttribution reports whether a text has the parts of an attribution and no room for more: it begins
// with the date, or with a name that the verb follows, and little stands after the verb.
func isWholeAttribution(s string) bool {
	words := strings.Fields(s)
	first := strings.TrimRight(words[0], ",")
	address := strings.Contains(s, "@")
	if len(words) > 22 || !address && len(words) > 16 || tellers[first] {
		return false
	}
	verb := -1
	for i := len(words) - 1; i > 0 && verb < 0; i-- {
		if hasWord(strings.Join(words[max(0, i-1):i+1], " "), wroteWords) {
			verb = i
		}
	}
	switch {
	case verb >= 0 && len(words)-verb > 8 && !address:
		return false
	case startsLikeAttribution(s):
		return true
	}
	date := fullDate.FindStringIndex(s)
	return date != nil && date[0] < 24 || verb > 0 && verb <= 7 || address
}

// hasWord reports whether s has one of the words, by itself where the script separates words.
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
