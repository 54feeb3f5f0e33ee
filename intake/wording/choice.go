package wording

import (
	"regexp"
	"strings"
)

// maxChoice is the length of an answer that chooses one of several options, in words.
const maxChoice = 12

// Choice returns which of several options an answer chooses, by its number, counted from 1, or by words of its names;
// -1 where it chooses none, or says anything besides. Each option has its names in one text, in lower case.
func Choice(text string, options []string) int {
	chosen := -1
	if len(strings.Fields(text)) > maxChoice || strings.Contains(text, "?") {
		return chosen
	}
	for _, line := range strings.FieldsFunc(answered.ReplaceAllString(simpleLines(text), "\n"), func(r rune) bool { return r == '\n' }) {
		one := choiceIn(line, options)
		switch {
		case one < 0:
		case chosen >= 0 && chosen != one:
			return -1
		default:
			chosen = one
		}
	}
	return chosen
}

// simpleLines returns a text in lower case and with plain apostrophes, line by line.
func simpleLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = simple(line)
	}
	return strings.Join(lines, "\n")
}

// answered is what stands in an answer beside a choice: an address, or what separates sentences.
var answered = regexp.MustCompile(`[^\s<>()]+@[^\s<>()]+|[.!;]+(?: |\n|$)|,`)

// choiceIn returns the option that one line chooses; -1 for none.
func choiceIn(line string, options []string) int {
	line = withoutGreeting(line)
	if m := byNumber.FindStringSubmatch(line); m != nil {
		if n := numbers[m[1]]; n <= len(options) {
			return n - 1
		}
		return -1
	}
	words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(` ()"“”*_>:/-#[]`, r) })
	chosen := -1
	for i, option := range options {
		if !isChosen(words, strings.FieldsFunc(option, func(r rune) bool { return r == ' ' || r == '-' })) {
			continue
		}
		if chosen >= 0 {
			return -1
		}
		chosen = i
	}
	return chosen
}

// isChosen reports whether words say nothing but names of an option.
func isChosen(words, names []string) bool {
	said := false
	for _, w := range words {
		w = strings.Trim(w, "'")
		named := isNamed(w, names)
		if !named && !besideChoice[w] {
			return false
		}
		said = said || named
	}
	return said
}

// numbers are how people write the numbers of options.
var numbers = map[string]int{"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "6": 6, "7": 7, "8": 8, "9": 9, "first": 1, "1st": 1, "one": 1,
	"second": 2, "2nd": 2, "two": 2, "third": 3, "3rd": 3, "three": 3, "fourth": 4, "4th": 4, "four": 4}

// byNumber is an answer that is a number.
var byNumber = regexp.MustCompile(`^(?:(?:please|it is|it's|the|reason|rheswm|option|choice|answer|number|no|nr|is)[ .:=-]*|[#([*_])*` +
	`([1-9]|first|second|third|fourth|1st|2nd|3rd|4th|one|two|three|four)(?: (?:one|reason|option|please|os gwelwch yn dda))*[)\]*_ :-]*$`)

// besideChoice are words that may stand beside what is chosen, and choose nothing by themselves.
var besideChoice = wordSet(`please it is it's its the a an reason reasons rheswm option for because of due to one
	under on grounds we i would
	say think mean choose thanks thank you diolch that this be should and as in answer yes or issue issues with`)

// isNamed reports whether a word is one of some names, but for one letter of a long one.
func isNamed(w string, names []string) bool {
	if besideChoice[w] {
		return false
	}
	for _, n := range names {
		if w == n || len(w) >= 6 && len(n) >= 6 && isNearly(w, n) {
			return true
		}
	}
	return false
}

// isNearly reports whether two words differ in one letter at most: another, one more or one less.
func isNearly(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return a[min(i+1, len(a)):] == b[min(i+1, len(b)):]
	}
	return a[i:] == b[i+1:]
}
