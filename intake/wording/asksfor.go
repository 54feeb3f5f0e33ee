package wording

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Person is somebody in a text: an address in lower case, and the name that goes with it, which may be empty.
type Person struct{ Address, Name string }

// AsksFor reports whether a text asks in so many words that somebody gets an exception who is not the one whom its
// conversation is about. An address or a name that only stands there, such as a doctor's, asks for nothing.
func AsksFor(text string, somebody, about Person) bool {
	all := sentences(text)
	own := about.words()
	words := slices.DeleteFunc(somebody.words(), func(w string) bool { return slices.Contains(own, w) })
	who := oneOf(append([]string{somebody.Address}, words...))
	named := regexp.MustCompile(who)
	always := []*regexp.Regexp{
		regexp.MustCompile(sameFor + thatPerson + who),
		regexp.MustCompile(`\bexempt ` + thatPerson + who),
		regexp.MustCompile(who + aside(who) + needsOne),
		regexp.MustCompile(`\b(?:can|could|may|might|should|please let) ` + thatPerson + who + aside(who) + getsOne),
	}
	given := regexp.MustCompile(`\b(?:for|on behalf of|grant|give|add|include|set up|do) ` + thatPerson + who)
	added := regexp.MustCompile(`\b(?:add|include|do) ` + thatPerson + who)
	for i, s := range all {
		switch {
		case slices.ContainsFunc(always, func(re *regexp.Regexp) bool { return re.MatchString(s) }),
			given.MatchString(s) && (asksForException.MatchString(s) || toRequest.MatchString(s)),
			added.MatchString(s) && besides.MatchString(s) && !copied.MatchString(s):
			return true
		case !oneMore.MatchString(s) || mentions(s, own):
			continue
		}
		near := strings.Join(all[max(0, i-1):min(len(all), i+2)], " ")
		if named.MatchString(near) && !professional.MatchString(near) {
			return true
		}
	}
	return false
}

// words returns the words by which a text can name a person: the address, and those of the name and of what stands
// before the @.
func (p Person) words() []string {
	local, _, _ := strings.Cut(p.Address, "@")
	var out []string
	for _, w := range strings.FieldsFunc(simple(p.Name)+" "+local, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' }) {
		if len(w) >= 3 && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// mentions reports whether a sentence has one of some words.
func mentions(s string, words []string) bool {
	return len(words) > 0 && regexp.MustCompile(oneOf(words)).MatchString(s)
}

// oneOf matches one of some words.
func oneOf(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = regexp.QuoteMeta(w)
	}
	return `\b(?:` + strings.Join(quoted, "|") + `)\b`
}

// aside matches what may stand between a name and what is said of it: the rest of it, the address, and words about
// who that is.
func aside(who string) string {
	return `(?:[ ,()<>\[\]-]+(?:` + who + `|(?:who|our|my|an?|the)\b[^,()]{1,80}[,)]))*[ ,()<>\[\]-]*`
}

const (
	// thatPerson matches what may stand before a name.
	thatPerson = `(?:(?:our|my|an?|the|another|one|more|second|also|both|other|new|colleagues?|pharmacist|nurse|dentist|optometrist` +
		`|carer|manager|technician|receptionist|officer|staff|member|of|dr|mr|mrs|ms|miss|mx|[\w.'@()-]+,? (?:and|&|plus))[., ]+)*[(<"']*`

	// sameFor matches what asks for one more of the same: "the same for", "an exception for", "And for".
	sameFor = `(?:\b(?:same(?: again)?|exemptions?|exceptions?|application|(?:request|ask|apply)(?:ing)?|another(?: one)?) for ` +
		`|^(?:and|also|plus)(?: also| please| one)* for )`

	// needsOne and getsOne follow a name.
	needsOne = `(?:also |too |now |both |really |urgently |will |would |does |do |therefore )*(?:needs?|requires?|wants?` +
		`|(?:would )?likes?) ` +
		`(?:\w+ ){0,4}?(?:` + exceptions + `|the same|one (?:too|also|as well)|one[.!]*$)`
	getsOne = `(?:please |also |now |both )*(?:(?:be|get) (?:given|granted|exempted?|excused|made exempt|set up|added)|have|get)\b` +
		`(?: [\w-]+){0,5}?(?: (?:` + exceptions + `|one|the same)\b|[ .?!]*$)`
)

var (
	// oneMore is a sentence that asks for another exception, of whoever is named beside it.
	oneMore = regexp.MustCompile(`\b(?:needs?|requires?|have|get|wants?|given|granted|like) (?:\w+ ){0,3}` +
		`(?:one|the same|` + exceptions + `)\b` +
		`.{0,20}\b(?:too|as well)\b` +
		`|\b(?:another|a second|one more|a further|an additional|a new|a separate) (?:mfa |long[- ]term )?(?:request` +
		`|application|exemption|exception)\b`)

	// toRequest is in a sentence that says what its author writes for.
	toRequest = regexp.MustCompile(`\bto (?:request|apply for|ask for)\b.*\b` + exceptions + `\b`)

	// besides is in a sentence that adds somebody.
	besides = regexp.MustCompile(`\b(?:too|as well|also|to (?:the|this|our|that|my) (?:\w+ )?(?:request|list|exemption` +
		`|exception|application))\b`)

	// copied is in one that only asks to write to somebody.
	copied = regexp.MustCompile(`\b(?:cc|bcc|copy|copied|copying|correspondence|e-?mails?|threads?|repl(?:y|ies)` +
		`|contacts?|conversation|loop)\b`)

	// professional is in a sentence about who writes or keeps evidence.
	professional = regexp.MustCompile(`\b(?:dr|doctor|prof|professor|gp|consultant|surgeon|specialist|therapist|occupational health|hr` +
		`|solicitor|line manager|governor|wrote|written|signed)\b`)
)
