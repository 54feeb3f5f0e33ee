package parser

import (
	"regexp"
	"strings"
	"unicode"
)

// pictureLine is what plain text has for a picture: a logo's alternative text, its Content-ID or its address.
var pictureLine = regexp.MustCompile(`^!?\[(cid:[^\]]*|(?i:[^\]]{0,60}(logo|icon|image|picture|banner|facebook|twitter|linkedin|instagram|youtube)[^\]]{0,200})|https?://[^\]]*)\](<[^>]*>|\([^)]*\))?$`)

// isSentFrom tells the line that a phone or an app adds below a message.
func isSentFrom(s, fromName string) bool {
	if len(s) > 160 {
		return false
	}
	s = strings.Trim(s, "<>()[]-_* ")
	if startsWithAny(s, sentFrom) {
		return len(strings.Fields(s)) <= 14 && !hasAnyWord(s, sayingMore)
	}
	if strings.Contains(s, "outlook") && len(strings.Fields(s)) <= 10 {
		return strings.Contains(s, "ios") || strings.Contains(s, "android")
	}
	if name, ok := strings.CutSuffix(s, " from mobile"); ok {
		return isName(name, fromName)
	}
	return false
}

// sayingMore are words that make a sentence of a line such as "Sent from my desk is easier".
var sayingMore = wordSet("is are was were will can i we you")

// isDisclaimer tells the beginning of the legal text below a message: by its first words, or by several of the law's.
func isDisclaimer(s string) bool {
	if startsWithAny(s, disclaimers) || strings.HasPrefix(s, "p ") && startsWithAny(s[2:], disclaimers) {
		return true
	}
	if len(s) < 40 {
		return false
	}
	first, several := -1, false
	legalWords.each(" "+s, func(p phrase, _ int) {
		several = several || first >= 0 && p.number != first
		first = p.number
	})
	return several
}

// stems are the beginnings of words.
func stems(words ...string) *phraseIndex {
	var index phraseIndex
	for _, w := range words {
		index.add(" "+w, 0)
	}
	return &index
}

// isSender tells a line that names the sender, with titles, letters after the name or a post beside it. The name is simplified.
func isSender(raw, s, fromName string) bool {
	first, _, _ := strings.Cut(s, " ")
	first = strings.TrimFunc(first, notLetter)
	if len(raw) > 120 || len(first) > 2 && !honorifics[first] && !strings.Contains(fromName, first) {
		return false
	}
	if isName(s, fromName) {
		return true
	}
	raw = strings.Trim(raw, "*_ ")
	if end := strings.IndexAny(raw, ",|(/•·:"); end > 0 && !strings.Contains(raw[:end], " - ") {
		if family, given, ok := strings.Cut(raw, ","); ok && strings.Contains(raw, "(") {
			given, _, _ = strings.Cut(given, "(")
			return isName(simplify(given+" "+family), fromName) && strings.Contains(simplify(fromName), simplify(family))
		}
		raw = raw[:end]
	}
	raw, _, _ = strings.Cut(raw, " - ")
	raw, _, _ = strings.Cut(raw, " – ")
	words := strings.Fields(raw)
	for len(words) > 1 && honorifics[strings.ToLower(strings.Trim(words[0], "."))] {
		words = words[1:]
	}
	return isInitials(words, fromName) || isNameWithLetters(words, fromName)
}

var honorifics = wordSet("dr mr mrs ms miss mx prof professor rev sir dame sister nurse")

// isNameWithLetters tells a name of two words or more, with at most three abbreviations after it, as MRPharmS.
func isNameWithLetters(words []string, fromName string) bool {
	count := 0
	for count < len(words) && isName(simplify(words[count]), fromName) {
		count++
	}
	if count < 2 || len(words)-count > 3 {
		return count == 1 && len(words) == 1
	}
	for _, w := range words[count:] {
		if r := []rune(w); !unicode.IsUpper(r[0]) || len(r) > 1 && strings.ToLower(w[1:]) == w[1:] {
			return false
		}
	}
	return true
}

// isInitials tells "SJ" and "S Jones" of Sarah Jones.
func isInitials(words []string, fromName string) bool {
	names := strings.FieldsFunc(simplify(fromName), notLetter)
	if len(names) < 2 || len(words) == 0 {
		return false
	}
	first, last := names[0], names[len(names)-1]
	if len(words) == 1 {
		w := strings.ReplaceAll(words[0], ".", "")
		return len(w) == 2 && w == strings.ToUpper(w) && strings.EqualFold(w, first[:1]+last[:1])
	}
	return len(words) == 2 && strings.EqualFold(strings.Trim(words[0], "."), first[:1]) && strings.EqualFold(words[1], last)
}

// cutContacts cuts off the paragraphs at the end that hold nothing but how to reach somebody: a name, a post, numbers, an address.
func (a author) cutContacts(own []textLine) (rest, details []textLine) {
	end, found := len(own), false
	for range maxDetails {
		start, stop := lastParagraph(own[:end])
		above := lastText(own[:start])
		if above < 0 || announces(own[above].simple()) {
			break
		}
		p := own[start:stop]
		switch {
		case a.isDetails(p):
			found = true
		case !found || !isNamePlate(p):
			return own[:end], own[end:]
		}
		end = start
	}
	return own[:end], own[end:]
}

// maxDetails is how many paragraphs a signature may have.
const maxDetails = 4

// lastParagraph returns where the last lines that follow each other start and stop.
func lastParagraph(lines []textLine) (start, stop int) {
	stop = lastText(lines) + 1
	for start = stop; start > 0 && strings.TrimSpace(lines[start-1].text) != ""; start-- {
	}
	return start, stop
}

// lastText is the index of the last line that is not blank, or -1.
func lastText(lines []textLine) int {
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.TrimSpace(lines[i].text) != "" {
			return i
		}
	}
	return -1
}

// announces tells a line after which details are what the message is about.
func announces(s string) bool {
	return strings.HasSuffix(s, ":") || containsAny(s, announcing)
}

var announcing = []string{"following", "below", "details", "as follows", "user is", "colleague is", "these users", "for this user"}

// isDetails tells a paragraph of short lines with a telephone number, a web address or a postcode, or of a name with a post below it.
func (a author) isDetails(lines []textLine) bool {
	if len(lines) > 12 {
		return false
	}
	contact, post, address := false, false, false
	for i := range lines {
		s := lines[i].simple()
		if a.isField(lines[i].text) || isSentence(s) || strings.Contains(s, "?") || len(strings.Fields(s)) > 14 {
			return false
		}
		contact = contact || isContact(s)
		address = address || strings.Contains(s, "@")
		post = post || i > 0 && len(strings.Fields(s)) <= 6 && hasAnyWord(s, posts)
	}
	return contact || post && !address && isNamePlate(lines[:1]) && len(lines) <= 5
}

// isNamePlate tells few lines of few words with a capital letter before each but small ones.
func isNamePlate(lines []textLine) bool {
	for i := range lines {
		words := strings.Fields(strings.Trim(lines[i].text, "*_ "))
		if len(words) > 6 || strings.ContainsAny(lines[i].text, "?!:") || strings.HasSuffix(strings.TrimSpace(lines[i].text), ".") {
			return false
		}
		for _, w := range words {
			if r := []rune(strings.TrimLeft(w, "(*_")); len(r) > 3 && unicode.IsLower(r[0]) {
				return false
			}
		}
	}
	return len(lines) <= 3
}

var (
	telephone = regexp.MustCompile(`\+?\(?\d[\d ().-]{7,}\d`)
	webSite   = regexp.MustCompile(`(https?://|www\.)\S+`)
	postcode  = regexp.MustCompile(`\b[a-z]{1,2}\d[a-z\d]? \d[a-z]{2}\b`)
	mailName  = regexp.MustCompile(`\S+@\S+`)
)

// isContact tells a line with little on it but a telephone number, a web address or, at its end, a postcode.
func isContact(s string) bool {
	if !strings.ContainsAny(s, "0123456789") && !strings.Contains(s, "www.") && !strings.Contains(s, "://") {
		return false
	}
	if at := postcode.FindStringIndex(s); at != nil && len(s)-at[1] < 3 {
		return true
	}
	bare := telephone.ReplaceAllString(s, " ")
	bare = webSite.ReplaceAllString(bare, " ")
	if bare == s {
		return false
	}
	if strings.Contains(s, "|") {
		return true
	}
	for w := range strings.FieldsFuncSeq(mailName.ReplaceAllString(bare, " "), notLetter) {
		if !contactLabels[w] && strings.Trim(w, "0123456789") != "" {
			return false
		}
	}
	return true
}

// contactLabels are the words beside numbers and addresses in signatures.
var contactLabels = wordSet(`t m e f w d p o tel telephone phone mobile mob cell fax email e-mail mail web website direct dial ddi line ext extension office switchboard main
	reception bypass internal work teams ffôn ffon symudol ebost gwefan téléphone téléphone portable tél tel. telefon telefono teléfono telefone móvil handy mobil telefoon mobiel puh тел`)

// posts are words of what people are at their work.
var posts = wordSet(`manager pharmacist pharmacy technician dispenser dentist dental nurse receptionist administrator optometrist optician director partner lead assistant officer
	coordinator supervisor superintendent practitioner consultant head deputy secretary analyst engineer advisor adviser administrator hygienist therapist clinician gp owner
	proprietor matron carer specialist support team service desk fferyllydd rheolwr nyrs deintydd gweinyddwr`)
