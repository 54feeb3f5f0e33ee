package parser

import (
	"cmp"
	"regexp"
	"strings"
	"unicode"
)

// requestMail is what of a message may ask for something.
type requestMail struct {
	from, sender string // bare addresses
	to           []string
	subject      string
	newText      string
	lines        []textLine // the newest text
	tail         []textLine // the signatures below it
	all          []textLine // all of the text, quotes included
	decides      bool       // it reads like a reviewer's rejection or question
	warn         func(format string, args ...any)
}

// person is somebody an exception is asked for.
type person struct {
	Email string
	Name  string
	// What a form that was filled in for several users says of this one. Empty where it was not: what the request says holds for all.
	Reason               string
	Justification        string
	AuthMethodRegistered string
}

// asked is what a message asks for.
type asked struct {
	people        []person
	shortTerm     bool
	reason        string // a policy id; empty when none or more than one is meant
	justification string
	registered    string // whether an authentication method is registered: yes, no or unknown
}

// requestReading is one message in which a request is read.
type requestReading struct {
	*requestReader
	requestMail
	asked
}

// read reads what is asked for: from the form in the new text, else from a form filled in below quote marks where the new
// text names nobody, else from free text. What reads like a reviewer's rejection or question is a request as well when it names somebody: a site may begin a letter
// with such a word.
func (p *requestReader) read(m requestMail) asked {
	r := &requestReading{p, m, asked{registered: "unknown"}}
	f := readForm(r.lines, false)
	if !f.found && !r.decides && len(r.peopleNamed()) == 0 {
		if quoted := readForm(r.all, true); quoted.addressed {
			f = quoted
		}
	}
	switch {
	case f.filled:
		r.readForm(f)
	case !r.decides || len(r.peopleNamed()) > 0:
		r.readFreeText()
	}
	return r.asked
}

func (r *requestReading) readForm(f form) {
	entries := joined(f.entries)
	for _, e := range entries {
		for _, somebody := range e.people {
			if len(entries) > 1 {
				somebody.Reason, _ = r.formReason(e)
				somebody.Justification, somebody.AuthMethodRegistered = e.justification(), isYes(e.registered)
			}
			r.people = addPerson(r.people, somebody)
		}
	}
	var all entry
	for _, e := range f.entries {
		all.add(e)
	}
	r.reason, r.shortTerm = r.formReason(all)
	r.justification, r.registered = all.justification(), isYes(all.registered)
	switch {
	case f.addressed && len(r.people) == 0:
		r.warn("the form's User field holds no email address")
	case len(r.people) == 0:
		r.people = r.peopleNamed()
		if name := entries[0].name; len(r.people) == 1 && name != "" {
			r.people[0].Name = name
		}
	}
}

// joined puts entries together that are not of users apart: those that name nobody, and, where nothing but the users differs, all.
// What stands once in the form is everybody's.
func joined(entries []entry) []entry {
	var out []entry
	for _, e := range entries {
		if n := len(out); n > 0 && (len(e.people) == 0 || len(out[n-1].people) == 0) {
			out[n-1].add(e)
			continue
		}
		out = append(out, e)
	}
	var all entry
	reasons, details, registered := 0, 0, 0
	for _, e := range out {
		all.add(e)
		reasons, details, registered = reasons+min(len(e.reasons), 1), details+min(len(e.details), 1), registered+min(len(e.registered), 1)
	}
	if reasons <= 1 && details <= 1 && registered <= 1 {
		return []entry{all}
	}
	for i := range out {
		if reasons == 1 {
			out[i].reasons = all.reasons
		}
		if details == 1 {
			out[i].details = all.details
		}
		if registered == 1 {
			out[i].registered = all.registered
		}
	}
	return out
}

// add takes over what another entry holds.
func (e *entry) add(other entry) {
	for _, p := range other.people {
		e.people = addPerson(e.people, p)
	}
	e.name, e.registered = cmp.Or(e.name, other.name), cmp.Or(e.registered, other.registered)
	e.reasons, e.details = append(e.reasons, other.reasons...), append(e.details, other.details...)
}

func (e entry) justification() string {
	return cutBytes(trimBlankLines(strings.Join(e.details, "\n")), maxJustify)
}

// formReason is the one reason that an entry means.
func (r *requestReading) formReason(e entry) (reason string, shortTerm bool) {
	found := map[int]bool{}
	for _, value := range e.reasons {
		for i := range r.named(value) {
			found[i] = true
		}
	}
	text := strings.Join(e.reasons, ". ") + ". " + r.subject
	if len(e.reasons) == 0 {
		text += ". " + e.justification()
	}
	h := r.hear(text)
	if len(e.reasons) == 0 {
		found = h.reasons
	}
	shortTerm, reason = r.category(found, h)
	return reason, shortTerm
}

func (r *requestReading) readFreeText() {
	r.justification = cutBytes(joinLines(dropGreeting(r.lines)), maxJustify)
	r.people = r.peopleNamed()
	r.registered = registeredInText(r.justification)
	h := r.hear(r.subject + ". " + r.justification)
	r.shortTerm, r.reason = r.category(h.reasons, h)
}

// dropGreeting leaves out "Dear colleagues," at the top.
func dropGreeting(lines []textLine) []textLine {
	first := nextText(lines, 0)
	if first < 0 {
		return nil
	}
	s := simplify(lines[first].text)
	if len(strings.Fields(s)) <= 6 && startsWithWord(s, greetings) && !strings.Contains(s, "@") {
		return lines[first+1:]
	}
	return lines
}

// notSubject are words before an address that make it one to write to, not one that something is asked for.
var notSubject = regexp.MustCompile(`(?i)\b(contact|reply to|reach|respond to|questions to|e-?mail (me|us|our)|write to|cc|copied in|copy in|my own address|shared mailbox|our mailbox|get in touch|line manager|my manager|queries)\b[^@\n]{0,40}$`)

// isWrittenTo tells whether such words stand before an address.
func isWrittenTo(before string) bool {
	if isASCII(before) {
		before = before[max(0, len(before)-60):] // no more of it can match
	}
	return notSubject.MatchString(before)
}

// peopleNamed finds the people in the new text by their addresses. The addresses of the message itself and those in signatures are
// somebody else's.
func (r *requestReading) peopleNamed() []person {
	own := map[string]bool{strings.ToLower(r.from): true, strings.ToLower(r.sender): true}
	for _, a := range r.to { // those in Cc may well be the users that it is about
		own[strings.ToLower(a)] = true
	}
	for _, ln := range r.tail {
		for _, at := range findAddresses(ln.text) {
			own[strings.ToLower(ln.text[at[0]:at[1]])] = true
		}
	}
	text := r.newText
	var people []person
	from := 0
	for _, at := range findAddresses(text) {
		address := bareAddress(strings.Trim(text[at[0]:at[1]], "'.-"))
		before := text[max(from, at[0]-160):at[0]]
		from = at[1]
		if address == "" || own[strings.ToLower(address)] {
			continue
		}
		if !isWrittenTo(before) {
			people = addPerson(people, person{Email: address, Name: nameBefore(before)})
		}
	}
	if len(people) == 1 && people[0].Name == "" {
		people[0].Name = nameIn(text)
	}
	return people
}

const personName = `((?:(?:Dr|Mr|Mrs|Ms|Miss|Mx|Prof|Professor)\.? )?\p{Lu}[\p{L}'’-]+(?: (?:\p{Lu}\.?|de|van|der|von|al|el|bin|ap|ferch))*(?: \p{Lu}[\p{L}'’-]+){1,2})`

var (
	nameBeforeRE = regexp.MustCompile(personName + `[\s,:;"'(<\[–—-]*(?:(?:whose |her |his |their |the )?(?:e-?mail|NHSmail|NHS ?mail|address|account|login|username|user)(?: (?:e-?mail|address|account|is))*:?\s*)?[\s"'(<\[:–—-]*(?:mailto:)?$`)
	nameInRE     = regexp.MustCompile(`(?:colleagues?|employee|member of (?:our )?(?:staff|team)|pharmacist|dentist|optometrist|nurse|carer|manager|technician|receptionist|behalf of|exception for|exemption for|exempt|user|named|called|name is|name:)[,:]? (?:is )?(?:our \p{Ll}+ )?` + personName)
)

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
var notNames = wordSet("please for our my the dear hi hello could can and user name email nhs nhsmail helpdesk team microsoft authenticator mfa request exemption exception from with regards i we she he they this secure unit pharmacy")

// cleanName drops words that are no part of a name from its front.
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
	return cutBytes(showable(s), maxName)
}

// methods are what may be registered.
var methods = []string{"authenticator", "authentication", "mfa method", "security key"}

// settingUp are the words of which setUpWords needs one.
var settingUp = []string{"registered", "set", "enrolled", "installed"}

var (
	setUpWords = regexp.MustCompile(`(?i)\b(registered|set ?up|enrolled|installed)\b`)
	laterWords = regexp.MustCompile(`(?i)\b(will|would|could|can|should|must|need to|to be|going to|how to|want)\b|\?`)
	notWords   = regexp.MustCompile(`(?i)\b(not|no|never|cannot|unable|without|yet to)\b|n['’]t\b`)
)

// registeredInText tells from free text whether an authentication method is registered.
func registeredInText(text string) string {
	answer := "unknown"
	if !containsAny(strings.ToLower(text), methods) {
		return answer
	}
	for s, rest, more := "", text, true; more; {
		s, rest, more = cutSentence(rest)
		lower := strings.ToLower(s)
		if !containsAny(lower, methods) || isASCII(s) && !containsAny(lower, settingUp) || !setUpWords.MatchString(s) || laterWords.MatchString(s) {
			continue
		}
		says := "yes"
		if notWords.MatchString(s) {
			says = "no"
		}
		if answer != "unknown" && answer != says {
			return "unknown"
		}
		answer = says
	}
	return answer
}

// cutSentence cuts text after its first sentence, and tells whether it found where that ends.
func cutSentence(text string) (sentence, rest string, found bool) {
	for i := range len(text) {
		switch c := text[i]; {
		case c == ';':
			return text[:i], text[i+1:], true
		case i+1 == len(text):
		case (c == '.' || c == '!') && strings.IndexByte(" \t\n\f\r", text[i+1]) >= 0, c == '\n' && text[i+1] == '\n':
			return text[:i], text[i+2:], true
		}
	}
	return text, "", false
}
