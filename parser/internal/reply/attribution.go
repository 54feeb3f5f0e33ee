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

// attributionAt returns how many lines from i on introduce a quotation, and what kind of attribution they
// are.
func attributionAt(lines []text.Line, i int) (count int, kind attributionKind) {
	for k := 0; k < 4 && i+k < len(lines); k++ {
		ln := &lines[i+k]
		if ln.Quote > 0 || len(ln.Text) > 400 || strings.TrimSpace(ln.Text) == "" {
			return 0, noAttribution
		}
		if !mayEndAttribution(ln.Simple()) {
			continue
		}
		kind := attributionIn(joinSimple(lines[i : i+k+1]))
		if kind == noAttribution {
			continue
		}
		if k > 0 && startsLater(lines[i].Simple(), lines[i+1:i+k+1]) {
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

// joinSimple writes lines as one, each simplified.
func joinSimple(lines []text.Line) string {
	joined := ""
	for i := range lines {
		joined = strings.TrimSpace(joined + " " + lines[i].Simple())
	}
	return joined
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

// startsLater reports whether an attribution starts below the first line, which is then the sender's own.
func startsLater(first string, rest []text.Line) bool {
	s := text.Simplify(text.Join(rest))
	if attributionIn(s) == noAttribution {
		return false
	}
	return startsLikeAttribution(s) || !startsLikeAttribution(first) && !strings.ContainsAny(first, "0123456789")
}

func startsLikeAttribution(s string) bool {
	s = strings.TrimLeft(s, frame)
	return text.StartsWithWord(s, onWords) || strings.IndexAny(s, "0123456789") == 0
}

var (
	// isoDated is how Gmail used to begin an attribution, with nothing at its end.
	isoDated       = regexp.MustCompile(`^20\d\d-\d\d-\d\d \d\d:\d\d gmt[+-]\d\d:\d\d \S`)
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
