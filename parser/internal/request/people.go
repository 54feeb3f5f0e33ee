package request

import (
	"regexp"
	"strings"
	"unicode"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// peopleNamed finds the people in the new text by their addresses. The addresses of the message itself and
// those in signatures are somebody else's.
func (r *reading) peopleNamed() []Person {
	own := map[string]bool{strings.ToLower(r.From): true, strings.ToLower(r.Sender): true}
	for _, a := range r.To { // those in Cc may well be the users that it is about
		own[strings.ToLower(a)] = true
	}
	for _, ln := range r.Tail {
		for _, at := range mime.FindAddresses(ln.Text) {
			own[strings.ToLower(ln.Text[at[0]:at[1]])] = true
		}
	}
	text := r.NewText
	var people []Person
	from := 0
	for _, at := range mime.FindAddresses(text) {
		address := mime.BareAddress(strings.Trim(text[at[0]:at[1]], "'.-"))
		before := text[max(from, at[0]-160):at[0]]
		from = at[1]
		if address == "" || own[strings.ToLower(address)] {
			continue
		}
		if !isWrittenTo(before) {
			people = addPerson(people, Person{Email: address, Name: nameBefore(before)})
		}
	}
	if len(people) == 1 && people[0].Name == "" {
		people[0].Name = nameIn(text)
	}
	return people
}

// notSubject are the words before an address that make it one to write to, rather than that of a user.
var notSubject = regexp.MustCompile(`(?i)\b(contact|reply to|reach|respond to|questions to|e-?mail (me|us|our)|` +
	`write to|cc|copied in|copy in|my own address|shared mailbox|our mailbox|get in touch|line manager|my manager|` +
	`queries)\b[^@\n]{0,40}$`)

// isWrittenTo reports whether such words stand before an address.
func isWrittenTo(before string) bool {
	if text.IsASCII(before) {
		before = before[max(0, len(before)-60):] // no more of it can match
	}
	return notSubject.MatchString(before)
}

// addPerson appends a person unless their address is there already.
func addPerson(people []Person, p Person) []Person {
	for i := range people {
		if strings.EqualFold(people[i].Email, p.Email) {
			if people[i].Name == "" {
				people[i].Name = p.Name
			}
			return people
		}
	}
	if len(people) >= maxPeople {
		return people
	}
	return append(people, p)
}

// peopleIn reads the addresses of a User field, each with the name that stands before it.
func peopleIn(value string) []Person {
	var people []Person
	from := 0
	for _, at := range mime.FindAddresses(value) {
		address := mime.BareAddress(value[at[0]:at[1]])
		if address == "" {
			continue
		}
		name := strings.TrimPrefix(strings.TrimSpace(value[from:at[0]]), ">")
		name = strings.Trim(strings.TrimSuffix(name, "mailto:"), " ,;<>()[]\"'-–:")
		if strings.ContainsRune(name, '@') || len(strings.Fields(name)) > 6 ||
			strings.EqualFold(name, "and") || strings.EqualFold(name, "or") {
			name = ""
		}
		people = addPerson(people, Person{Email: address, Name: mime.Shorten(mime.Showable(name), mime.MaxName)})
		from = at[1]
	}
	return people
}

const personName = `((?:(?:Dr|Mr|Mrs|Ms|Miss|Mx|Prof|Professor)\.? )?\p{Lu}[\p{L}'’-]+` +
	`(?: (?:\p{Lu}\.?|de|van|der|von|al|el|bin|ap|ferch))*(?: \p{Lu}[\p{L}'’-]+){1,2})`

var nameBeforeRE = regexp.MustCompile(personName + `[\s,:;"'(<\[–—-]*` +
	`(?:(?:whose |her |his |their |the )?(?:e-?mail|NHSmail|NHS ?mail|address|account|login|username|user)` +
	`(?: (?:e-?mail|address|account|is))*:?\s*)?[\s"'(<\[:–—-]*(?:mailto:)?$`)

// nameBefore returns the name that stands just before an address.
func nameBefore(text string) string {
	if i := strings.LastIndexAny(text, "\n"); i >= 0 && strings.TrimSpace(text[i:]) != "" {
		text = text[i+1:]
	}
	m := nameBeforeRE.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return cleanName(m[1])
}

// nameIn returns the name that is introduced as the colleague's.
func nameIn(text string) string {
	m := nameInRE.FindStringSubmatch(strings.Join(strings.Fields(text), " "))
	if m == nil {
		return ""
	}
	return cleanName(m[1])
}

// notNames begin sentences or name things and so stand before names by chance.
var notNames = text.WordSet(`please for our my the dear hi hello could can and user name email nhs nhsmail helpdesk team
	microsoft authenticator mfa request exemption exception from with regards i we she he they this secure unit pharmacy`)

// cleanName drops words from the front that do not belong to a name.
func cleanName(s string) string {
	for {
		word, rest, more := strings.Cut(s, " ")
		if !notNames[strings.ToLower(strings.Trim(word, ".,"))] {
			break
		}
		if !more {
			return ""
		}
		s = rest
	}
	if len(strings.FieldsFunc(s, unicode.IsSpace)) < 2 {
		return ""
	}
	return mime.Shorten(mime.Showable(s), mime.MaxName)
}

var nameInRE = regexp.MustCompile(`(?:colleagues?|employee|member of (?:our )?(?:staff|team)|pharmacist|dentist|` +
	`optometrist|nurse|carer|manager|technician|receptionist|behalf of|exception for|exemption for|exempt|user|` +
	`named|called|name is|name:)[,:]? (?:is )?(?:our \p{Ll}+ )?` + personName)
