package wording

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// The longest text that can be mere thanks, and the longest name below it, in words.
const (
	maxThanks = 12
	maxName   = 3
)

// courtesies are the words of thanks and acknowledgement.
var courtesies = wordSet(`
	thank thanks thankyou ta cheers many much very so again all you both team ok okay great good lovely
	perfect brilliant excellent wonderful received noted understood acknowledged appreciated kindly with for
	your our the this that it quick prompt swift letting us me know and kind best warm regards wishes
	sincerely dear hi hello morning afternoon day a have nice works working worked fine sorted now really yours
	diolch yn fawr iawn cofion gorau bawb`)

// things are what people give thanks for. Unless a word of yours precedes them, they ask for something.
var (
	things = wordSet("help assistance support email emails message reply update confirmation response")
	yours  = wordSet("your the this quick prompt swift kind")
)

// thanking are the courtesies of which a text needs at least one.
var thanking = wordSet(`
	thank thanks thankyou ta cheers ok okay great lovely perfect brilliant excellent wonderful received noted
	understood acknowledged appreciated diolch`)

// notNames are words that ask for something, and may be capitalised in the place of a name.
var notNames = wordSet(`
	no not never stop end cancel revoke remove withdraw reject approve extend renew hold wait urgent urgently
	please help call ring sorry but however now today still why when what who how can could will would if
	left leaver gone lost stolen hacked compromised wrong error mistake yes he she they we i is was has do
	does`)

func wordSet(words string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// MerelyThanks reports whether a text is nothing but a few words of courtesy, possibly followed by a name. In
// doubt it is not.
func MerelyThanks(text string) bool {
	if strings.ContainsAny(text, "?@") {
		return false
	}
	if onlyLikes(text) {
		return true
	}
	text = getsIn.ReplaceAllString(text, "it works")
	words := strings.FieldsFunc(text, func(r rune) bool {
		return r != '\'' && r != '’' && (unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsSymbol(r))
	})
	if len(words) > maxThanks {
		return false
	}
	thanked := false
	for i, w := range words {
		w = strings.ToLower(w)
		thanked = thanked || thanking[w]
		thing := things[w] && i > 0 && yours[strings.ToLower(words[i-1])]
		if !courtesies[w] && !thing {
			return thanked && isName(words[i:]) && !strings.Contains(text, ". "+words[i])
		}
	}
	return thanked
}

// consenting are the courtesies with which somebody may mean to agree.
var consenting = wordSet("ok okay great good lovely perfect brilliant excellent wonderful fine works working worked sorted really iawn")

// OnlyAcknowledges reports whether a text is mere thanks that nobody can mean as consent: a sign or "ok" may be.
func OnlyAcknowledges(text string) bool {
	if !MerelyThanks(text) || onlyLikes(text) {
		return false
	}
	return !slices.ContainsFunc(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }),
		func(w string) bool { return consenting[w] })
}

// Commands reports whether a reviewer's command stands where it decides nothing: at the beginning of the subject, or on a
// line of its own anywhere in the text, quoted or not. No letter of ours has such a line.
func Commands(subject, text string) bool {
	return commandBegins.MatchString(subject) || commandLine.MatchString(text)
}

var (
	commandBegins = regexp.MustCompile(`(?i)^\W*(?:approved?|reject(?:ed)?|info|revoked?)\b`)
	commandLine   = regexp.MustCompile(`(?im)^[>|\s]*(?:approved?|reject(?:ed)?|info|revoked?)[.!:]?\s*$`)
)

// getsIn says that an account can be used again.
var getsIn = regexp.MustCompile(`(?i)\b(?:i|we|he|she|they) can (?:now )?(?:log|sign|get) ?(?:on|in)(?: (?:again|now|fine))*\b`)

// likes are the signs that people send in the place of thanks: hands, hearts, smiles, ticks.
const likes = "👍👌🙏👏🙌🤝💪❤♥🧡💛💚💙💜😀😃😄😁😊🙂😍🥰🤗😎🎉🎊✅✔☑💯⭐🌟🌈"

// onlyLikes reports whether a text is such signs and nothing else.
func onlyLikes(text string) bool {
	found := false
	for _, r := range text {
		switch {
		case strings.ContainsRune(likes, r):
			found = true
		case unicode.IsSpace(r), unicode.IsPunct(r), r == '\ufe0f', r == '\u200d', r >= 0x1f3fb && r <= 0x1f3ff: // and their colours
		default:
			return false
		}
	}
	return found
}

// isName reports whether words can be a name below an email.
func isName(words []string) bool {
	for _, w := range words {
		first := true
		for _, r := range w {
			if !unicode.IsLetter(r) && r != '\'' && r != '’' || first && !unicode.IsUpper(r) {
				return false
			}
			first = false
		}
		w = strings.ToLower(w)
		// Better one alert too many, for Fred King.
		if notNames[w] || strings.HasSuffix(w, "ed") || strings.HasSuffix(w, "ing") {
			return false
		}
	}
	return len(words) <= maxName
}
