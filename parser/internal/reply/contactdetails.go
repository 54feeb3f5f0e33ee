package reply

import (
	"regexp"
	"strings"
	"unicode"

	"mfabot/parser/internal/text"
)

// cutContacts cuts off the paragraphs at the end that hold nothing but how to reach somebody: a name, a post,
// numbers, an address.
func (a Author) cutContacts(own []text.Line) (rest, details []text.Line) {
	end, found := len(own), false
	for range maxDetails {
		start, stop := lastParagraph(own[:end])
		above := lastText(own[:start])
		if above < 0 || announces(own[above].Simple()) {
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

// maxDetails is the most paragraphs that a signature may have.
const maxDetails = 4

// lastParagraph returns the bounds of the last lines with no blank one between them.
func lastParagraph(lines []text.Line) (start, stop int) {
	stop = lastText(lines) + 1
	for start = stop; start > 0 && strings.TrimSpace(lines[start-1].Text) != ""; start-- {
	}
	return start, stop
}

// lastText is the index of the last line that is not blank, or -1.
func lastText(lines []text.Line) int {
	for i := len(lines) - 1; i >= 0; i-- {
		if strings.TrimSpace(lines[i].Text) != "" {
			return i
		}
	}
	return -1
}

// announces reports whether a line introduces details that the message is about.
func announces(s string) bool {
	return strings.HasSuffix(s, ":") || text.ContainsAny(s, announcing)
}

var announcing = []string{
	"following", "below", "details", "as follows", "user is", "colleague is", "these users", "for this user",
}

// isDetails reports whether a paragraph is a few short lines with a telephone number, a web address or a
// postcode, or a name with a post below it.
func (a Author) isDetails(lines []text.Line) bool {
	if len(lines) > 12 {
		return false
	}
	contact, post, address := false, false, false
	for i := range lines {
		s := lines[i].Simple()
		if a.IsField(lines[i].Text) || isSentence(s) || strings.Contains(s, "?") || len(strings.Fields(s)) > 14 {
			return false
		}
		contact = contact || isContact(s)
		address = address || strings.Contains(s, "@")
		post = post || i > 0 && len(strings.Fields(s)) <= 6 && text.HasAnyWord(s, posts)
	}
	return contact || post && !address && isNamePlate(lines[:1]) && len(lines) <= 5
}

// isNamePlate reports whether the lines are few, of few words, which begin with a capital unless they are
// short.
func isNamePlate(lines []text.Line) bool {
	for i := range lines {
		words := strings.Fields(strings.Trim(lines[i].Text, "*_ "))
		if len(words) > 6 || strings.ContainsAny(lines[i].Text, "?!:") ||
			strings.HasSuffix(strings.TrimSpace(lines[i].Text), ".") {
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

// isContact reports whether a line has little on it but a telephone number, a web address or, at its end, a
// postcode.
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
	for w := range strings.FieldsFuncSeq(mailName.ReplaceAllString(bare, " "), text.NotLetter) {
		if !contactLabels[w] && strings.Trim(w, "0123456789") != "" {
			return false
		}
	}
	return true
}

// contactLabels are the words beside numbers and addresses in signatures.
var contactLabels = text.WordSet(`t m e f w d p o tel telephone phone mobile mob cell fax email e-mail mail web
	website direct dial ddi line ext extension office switchboard main reception bypass internal work teams ffôn ffon
	symudol ebost gwefan téléphone téléphone portable tél tel. telefon telefono teléfono telefone móvil handy mobil
	telefoon mobiel puh тел`)

// posts are words for what people do at work.
var posts = text.WordSet(`manager pharmacist pharmacy technician dispenser dentist dental nurse receptionist
	administrator optometrist optician director partner lead assistant officer coordinator supervisor superintendent
	practitioner consultant head deputy secretary analyst engineer advisor adviser administrator hygienist therapist
	clinician gp owner proprietor matron carer specialist support team service desk fferyllydd rheolwr nyrs deintydd
	gweinyddwr`)
