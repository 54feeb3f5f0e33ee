package whom

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// longestName is how many words a name has at most, with a title.
const longestName = 5

// name returns the name of a candidate as the letter writes it: the words around one that the address has, else what
// stands before the address; empty where there is none of more than one word.
func (c *candidate) name(l *Letter) string {
	best := ""
	for _, in := range []struct {
		lines []string
		words [][]word
	}{{l.Own, l.words[1:]}, {[]string{l.Subject}, l.words[:1]}, {l.Tail, l.tail}} {
		for i, line := range in.lines {
			c.eachName(line, in.words[i], func(start, end int) {
				if n := c.nameAround(line, start, end); better(n, best) {
					best = n
				}
			})
		}
		if best != "" {
			return best
		}
	}
	for _, m := range c.mentions {
		if m.lines == nil {
			continue
		}
		if n := nameBefore(m.lines[m.line][:m.start]); n != "" {
			return n
		}
	}
	return ""
}

// better reports whether a name says more than another.
func better(name, than string) bool { return len(strings.Fields(name)) > len(strings.Fields(than)) }

// nameAround returns the name of which a word at [start,end) is a part.
func (c *candidate) nameAround(line string, start, end int) string {
	for range longestName {
		from := wordBefore(line, start)
		if from < 0 || !isNamePart(line[from:start]) {
			break
		}
		start = from
	}
	for range longestName {
		to := wordAfter(line, end)
		if to < 0 || !isNamePart(line[end:to]) {
			break
		}
		end = to
	}
	name := cleanName(line[start:end])
	n := len(strings.Fields(name))
	if n > longestName || strings.ToUpper(name) == name && n > len(c.names)+1 { // a line in capitals
		return ""
	}
	return name
}

// wordBefore returns where the word begins that a blank parts from what stands at an index, or -1.
func wordBefore(line string, at int) int {
	if at == 0 || line[at-1] != ' ' {
		return -1
	}
	return strings.LastIndexByte(line[:at-1], ' ') + 1
}

// wordAfter returns where the word ends that a blank parts from what ends at an index, or -1.
func wordAfter(line string, at int) int {
	if at >= len(line) || line[at] != ' ' {
		return -1
	}
	if i := strings.IndexFunc(line[at+1:], func(r rune) bool { return text.NotLetter(r) && r != '-' && r != '’' }); i >= 0 {
		return at + 1 + i
	}
	return len(line)
}

// particles are the small words within names.
var particles = text.WordSet("de van der von al el bin ap ferch da di la le")

// isNamePart reports whether a word may belong to a name.
func isNamePart(word string) bool {
	word = strings.Trim(word, " ")
	r, _ := utf8.DecodeRuneInString(word)
	bare := strings.TrimRight(word, ".")
	return bare != "" && !strings.ContainsAny(bare, ".,;:!?()<>[]\"@0123456789") && (unicode.IsUpper(r) || particles[bare]) &&
		(word == bare || utf8.RuneCountInString(bare) == 1 || titles[strings.ToLower(bare)]) && !notNames[strings.ToLower(bare)]
}

var titles = text.WordSet("dr mr mrs ms miss mx prof professor sr fr rev")

const personName = `((?:(?:Dr|Mr|Mrs|Ms|Miss|Mx|Prof|Professor)\.? )?\p{Lu}[\p{L}'’-]+` +
	`(?: (?:\p{Lu}\.?|de|van|der|von|al|el|bin|ap|ferch))*(?: \p{Lu}[\p{L}'’-]+){1,2})`

var nameBeforeRE = regexp.MustCompile(personName + `[\s,:;"'(<\[–—-]*` +
	`(?:(?:whose |her |his |their |the )?(?:e-?mail|NHSmail|NHS ?mail|address|account|login|username|user)` +
	`(?: (?:e-?mail|address|account|is))*:?\s*)?[\s"'(<\[:–—-]*(?:mailto:)?$`)

// nameBefore returns the name that stands just before an address.
func nameBefore(before string) string {
	m := nameBeforeRE.FindStringSubmatch(before[max(0, len(before)-160):])
	if m == nil {
		return ""
	}
	return cleanName(m[1])
}

// notNames begin sentences or name things and so stand beside names by chance.
var notNames = text.WordSet(`please for our my the dear hi hello could can and user name email nhs nhsmail helpdesk team
	microsoft authenticator mfa request exemption exception from with regards i we she he they this secure unit pharmacy
	manager nurse dentist receptionist rmn hca gp lead home care deputy technician dispenser optometrist pharmacist is has re fw
	thanks kind best yours wishes many but if as when his her their cc subject reason details owner director practice`)

// cleanName drops words that belong to no name, and returns what is left if it is more than one word.
func cleanName(s string) string {
	all := strings.Fields(s)
	isNot := func(w string) bool { return notNames[strings.ToLower(strings.Trim(w, ".,"))] }
	for len(all) > 0 && isNot(all[0]) {
		all = all[1:]
	}
	if i := slices.IndexFunc(all, isNot); i >= 0 {
		all = all[:i]
	}
	if len(all) < 2 {
		return ""
	}
	return mime.Shorten(mime.Showable(strings.Join(all, " ")), mime.MaxName)
}
