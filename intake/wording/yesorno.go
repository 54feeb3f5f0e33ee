package wording

import (
	"regexp"
	"strings"
)

// Answer is what a text answers to a question that wants yes or no.
type Answer int

// The answers. SaysNeither is for everything that is not plainly one of the others, such as a question in return.
const (
	SaysNeither Answer = iota
	SaysYes
	SaysNo
)

// YesOrNo returns what a text answers. It begins with the answer, but for a greeting. A yes with anything that may take it
// back says neither.
func YesOrNo(text string) Answer {
	all := sentences(text)
	for i, s := range all {
		s = withoutGreeting(s)
		switch {
		case s == "":
			continue
		case undecided.MatchString(s):
			return SaysNeither
		case noFirst.MatchString(s):
			return SaysNo
		case !yesFirst.MatchString(s), castsDoubt.MatchString(s), strings.HasSuffix(s, "?"):
			return SaysNeither
		}
		for _, after := range all[i+1:] {
			if takesBackYes.MatchString(after) {
				return SaysNeither
			}
		}
		return SaysYes
	}
	return SaysNeither
}

// withoutGreeting returns a sentence without the greetings and courtesies that it begins with.
func withoutGreeting(s string) string {
	for {
		s = strings.TrimLeft(s, " \"'“”*_>-.,:;#([•")
		rest := opening.ReplaceAllString(s, "")
		if rest == s {
			return strings.TrimSpace(s)
		}
		s = rest
	}
}

var (
	opening = regexp.MustCompile(`^(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|bore da|helo|annwyl|many` +
		` thanks|thank you|thanks|` +
		`diolch|sorry|apologies)(?: [^,.!?]{0,40})?(?:[,.!-]+ ?|$)|^(?:hi|hello|hey|sorry) `)
	undecided = regexp.MustCompile(`^(?:no (?:problem|worries|idea|clue)|not (?:sure|certain))\b`)
	noFirst   = regexp.MustCompile(`^(?:no|nope|not|(?:please )?(?:ignore|disregard)|(?:it|that|this)(?: is not|'s not| isn't)|` +
		`na|nage|naddo|nac (?:ydy|ydi|ydyn|ydw|oes))\b`)
	yesFirst = regexp.MustCompile(`^(?:(?:yes|yep|yeah|ydy|ydi|ydyn|(?:i|we) confirm)\b|👍|👌|✅|✔|☑|` +
		`(?:ydw|oes|ie)(?:\W*$|[,.!;]| (?:diolch|cywir)\b)|` +
		`(?:ok|okay|correct|right|confirmed|agreed|exactly|indeed|of course|cywir|(?:it|that|this) (?:does|is|did|belongs))` +
		`(?:\W*$|[,.!;:-]| (?:thanks|thank you|yes|that is|that's|it is|it's|please|indeed)\b)|` +
		`(?:it|that|this)(?:'s| is| was)(?: all| quite)? (?:right|correct|about|for|regarding|ours|the one)\b)`)
	// In the sentence that says yes, and in those after it.
	castsDoubt = regexp.MustCompile(`\b(?:no|not|never|nothing|none|nobody|but|cannot|wrong|mistake|mistaken|ignore|disregard|unknown|` +
		`scam|spam|who|what|why|which|how|ond|nid|ni|dim|ddim|heb|anghywir|camgymeriad|oni)\b|n't\b`)
	takesBackYes = regexp.MustCompile(`\b(?:never|(?:i|we) (?:did|have|had)(?: not|n't)|(?:it|that|this) (?:was|is)(?: not|n't)|` +
		`not (?:for|from|meant|ours|us|about|sent|related)|nothing to do|wrong (?:email|address|person|people|site|request|message)|` +
		`by mistake|in error|nid|ddim|anghywir|camgymeriad|anwybyddwch|` +
		`ignore|disregard|who (?:are|is) (?:you|this|that)|what(?: is|'s) (?:this|that))\b`)
)
