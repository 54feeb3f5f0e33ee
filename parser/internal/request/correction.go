package request

import (
	"regexp"
	"strings"

	"mfabot/parser/internal/mime"
)

// Correction is what words say about the address of a user.
type Correction struct {
	Address string // the right one; empty unless the words are clear
	Unclear bool   // they may correct the address, and do not say so plainly
}

// ReadCorrection reads whether words put right the address of a user, was. asked is set where they answer the
// question for it. user reports whether an address can be a user's: another is passed over.
func ReadCorrection(words, was string, asked bool, user func(address string) bool) Correction {
	c := corrected{was: strings.ToLower(was), user: user}
	spoken := c.mark(words)
	sentences := sentencesIn(spoken)
	faulty := fault.MatchString(spoken)
	meant := asked || faulty && matter.MatchString(spoken) || states(spoken, strong)
	switch {
	case len(c.others) == 0 || besides.MatchString(spoken):
		return Correction{}
	case turned.MatchString(spoken):
		return Correction{Unclear: true}
	case len(c.others) > 1:
		return Correction{Unclear: meant}
	}
	right, doubt := false, holds.MatchString(spoken)
	for _, s := range sentences {
		if !strings.Contains(s, theNew) {
			continue
		}
		stated := states(s, strong) || states(s, weak) && (faulty || asked) || asked && len(strings.Fields(s)) <= maxBare
		right = right || stated
		doubt = doubt || doubtful(s)
		meant = meant || stated || against.MatchString(s)
	}
	if right && !doubt {
		return Correction{Address: c.others[0]}
	}
	return Correction{Unclear: meant}
}

// maxBare bounds the words of an answer that is little more than the address, such as a name or a greeting.
const maxBare = 5

// In the words as they are compared, these stand for the user's address, the one other, and the rest.
const (
	theOld = "ADDRESSOLD"
	theNew = "ADDRESSNEW"
	anyNew = "ADDRESSANY"
)

// corrected collects the addresses in words.
type corrected struct {
	was    string
	user   func(string) bool
	others []string // that can be the user's, in lower case, each once
}

// mark returns words in lower case and without punctuation that does not end a sentence, with the addresses in
// them marked.
func (c *corrected) mark(words string) string {
	var b strings.Builder
	from := 0
	for _, at := range mime.FindAddresses(words) {
		address := strings.ToLower(mime.BareAddress(strings.Trim(words[at[0]:at[1]], "'.-")))
		b.WriteString(strings.ToLower(words[from:at[0]]))
		from = at[1]
		switch {
		case address == c.was:
			b.WriteString(" " + theOld + " ")
		case address == "" || !c.user(address):
			b.WriteString(" " + anyNew + " ")
		default:
			b.WriteString(" " + theNew + " ")
			c.add(address)
		}
	}
	b.WriteString(strings.ToLower(words[from:]))
	return paragraphs(b.String())
}

func (c *corrected) add(address string) {
	for _, other := range c.others {
		if other == address {
			return
		}
	}
	c.others = append(c.others, address)
}

// plainer leaves of punctuation only what ends a sentence, and the colon.
var plainer = strings.NewReplacer("mailto:", " ", "->", " to ", "=>", " to ", "→", " to ", "’", "'", "‘", "'", ",", " ", ";", " ",
	"(", " ", ")", " ", "<", " ", ">", " ", "[", " ", "]", " ", "*", " ", "_", " ", `"`, " ", "“", " ", "”", " ", ":", " : ",
	"=", " : ", "–", " ", "—", " ", " - ", " ", "e-mail", "email")

// paragraphs joins the lines of each paragraph, since sentences are wrapped anywhere, and says each address that
// a client wrote twice, as text and as a link, once.
func paragraphs(s string) string {
	var out []string
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(s, "\r", ""), "\n\n") {
		words := strings.Fields(plainer.Replace(paragraph))
		kept := words[:0]
		for i, w := range words {
			if i > 0 && w == words[i-1] && strings.HasPrefix(w, "ADDRESS") {
				continue
			}
			kept = append(kept, w)
		}
		joined := strings.Join(kept, " ")
		if n := len(out); n > 0 && leadsOn.MatchString(out[n-1]) {
			out[n-1] += " " + joined
		} else {
			out = append(out, joined)
		}
	}
	return strings.Join(out, "\n")
}

// leadsOn matches a paragraph that the next goes on with.
var leadsOn = regexp.MustCompile(`(?:^| )(?::|is|be|to)$`)

var sentenceEnd = regexp.MustCompile(`[.!?]+(?:\s|$)|\n`)

// sentencesIn divides words into sentences, each with what ends it.
func sentencesIn(words string) []string {
	var out []string
	from := 0
	for _, at := range sentenceEnd.FindAllStringIndex(words, -1) {
		out = append(out, strings.TrimSpace(words[from:at[1]]))
		from = at[1]
	}
	return append(out, strings.TrimSpace(words[from:]))
}

// gap are a few words between those that a pattern names.
const gap = `((?:\S+ ){0,5}?)`

// strong are the ways to say that the other address is the right one. What stands in a gap is looked at apart.
var strong = patterns(
	`\b(?:should|must|ought to|shld) (?:it |that |this |not )?(?:be|have been|read|say|have read|have said) `+gap+theNew,
	`\b(?:right|correct|proper|actual|real|valid|corrected|true|amended|updated|revised|new (?:email|address|account))\b ?`+gap+theNew,
	theNew+` (?:is|was|would be) (?:the |her |his |their )?(?:right|correct|proper|actual|real) ?`,
	theNew+` is the one\b`,
	`\b(?:correction|typo|mistake|error|misspelt|mistyped)(?: :)? `+theNew,
	`\b(?:meant|mean|intended|intend|meaning)\b `+gap+theNew,
	theNew+` (?:and |but )?(?:not|instead of|rather than|in place of|replaces) `+gap+theOld,
	`\b(?:not|instead of|rather than|in place of) `+gap+theOld+` (?:but )?`+gap+theNew,
	`\b(?:change|changed|correct|amend|amended|update|updated|replace|replaced|swap|fix|alter|switch|edit)\b `+gap+
		`(?:`+theOld+` )?(?:to|with|for|by|into|as|:) `+gap+theNew,
	theOld+` (?:: )?(?:to|should be|must be|is wrong|was wrong|is incorrect|is a typo|is a mistake|is misspelt|is mistyped)\b ?`+gap+theNew,
)

// turned says that the user's address is the right one, and the other the wrong: what was put right already is said once
// more.
var turned = regexp.MustCompile(theNew + ` (?:(?:is|was) (?:wrong|incorrect|a typo|a mistake) (?:it )?)?` +
	`(?:to|with|by|into|as|is|was|:|should be|must be|should read|should have been) (?:the |her |his |their |this |please )?` + theOld)

// weak are the ways to say it that need a word of a fault besides, or the question.
var weak = patterns(
	`\b(?:it is|it's|its|that's|that is|address is|email is|mail is|login is|account is|username is|he is|she is|he's|she's|`+
		`they are|i am|i'm|is|spelt|spelled|user :|address :|email :|correction :|typo :|sorry|oops) `+gap+theNew,
	`: `+theNew,
	`\b(?:use|try|put|take|make it) `+gap+theNew,
	theNew+`()(?: please)? instead\b`,
)

func patterns(all ...string) []*regexp.Regexp {
	var out []*regexp.Regexp
	for _, p := range all {
		out = append(out, regexp.MustCompile(p))
	}
	return out
}

// between matches what parts a way to say it from the address, or turns it round.
var between = regexp.MustCompile(`\b(?:not|n't|never|than|instead|away|and|but|with|works?|who|whom|where|when|because` +
	`|wrote|writes|says|said|about|by)\b|ADDRESS|[.?!]`)

// states reports whether a sentence says in one of these ways that the other address is the right one.
func states(sentence string, ways []*regexp.Regexp) bool {
	for _, way := range ways {
		for _, m := range way.FindAllStringSubmatch(sentence, -1) {
			said := true
			for _, words := range m[1:] {
				said = said && !between.MatchString(words)
			}
			if said {
				return true
			}
		}
	}
	return false
}

// fault matches the words of somebody who corrects something.
var fault = regexp.MustCompile(`\b(?:wrong|wrongly|typo|typos|mistake|mistaken|mistakenly|mistyped|mis-typed|typed it|` +
	`mis-?spel\w+|misspelt|error|incorrect|incorrectly|inaccurate|oops|whoops|misread|mixed up|muddled|missed a|missing a` +
	`|left out|one letter|actually|in fact|correction|correct|corrected|slip|instead|should)\b`)

// matter matches what it is that they correct.
var matter = regexp.MustCompile(`\b(?:address|email|mailbox|user|person|name|account)\b|` + theOld)

// besides matches the words of somebody who asks for one more user.
var besides = regexp.MustCompile(`\b(?:also|as well|too|additional|additionally|in addition|besides|both|plus|add|adding|extra|` +
	`second (?:user|person|colleague|exception|request)|another (?:user|person|colleague|member|exception|request|one))\b`)

// holds matches the words of somebody to whom the address is right as it is.
var holds = regexp.MustCompile(theOld + ` (?:is|was) (?:still |indeed |the |definitely )*(?:correct|right|fine|ok|okay` +
	`|good|valid|working)\b|` +
	`\b(?:address|email|it|one|everything|all) (?:\S+ )?(?:is|was) (?:still |indeed |quite |perfectly |definitely |all )*` +
	`(?:correct|right|fine|ok|okay)(?:[.! ]|$)|` +
	`\b(?:nothing|not) (?:is |was |at all |a |an |my |any )*(?:wrong|mistake|typo|error)\b|\bno (?:mistake|typo|error)\b` +
	`|\b(?:isn't|wasn't) (?:a )?(?:wrong|mistake|typo)`)

// elsewhere matches words around an address that make it one to write to, or that of somebody else, or doubt.
var elsewhere = regexp.MustCompile(`\b(?:contact|ring|call|phone|cc|cc'd|copy|copied|copying|manager|supervisor|queries|questions|reach|` +
	`(?:my|our) (?:own )?(?:email|address|mailbox)|signed|written by|if|or|maybe|perhaps|possibly|might|unsure|not sure` +
	`|not certain|think|guess|` +
	`probably|wonder|send|sent|forward|reply to|write to|answer|speak to|ask|colleague|colleagues|no longer|used to|formerly)\b`)

// against matches words that say of the other address that it is not the one.
var against = regexp.MustCompile(`\b(?:not|never|isn't|instead of|rather than|in place of|from) (?:\S+ )?` + theNew + `|` + theNew +
	` (?:is|was|looks|seems) (?:the |a |also )*(?:wrong|incorrect|not|typo|mistake|mistyped|misspelt|old|other|namesake` +
	`|different|somebody|someone)\b`)

// polite begins a question that asks to have something done.
var polite = regexp.MustCompile(`^(?:\S+ ){0,4}(?:can|could|would|will|may) `)

// doubtful reports whether a sentence with the other address may mean something else.
func doubtful(sentence string) bool {
	question := strings.Contains(sentence, "?") && !polite.MatchString(sentence)
	return question || elsewhere.MatchString(sentence) || against.MatchString(sentence)
}
