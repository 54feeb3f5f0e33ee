package request

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"mfabot/parser/internal/meaning"
	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
	"mfabot/parser/internal/whom"
)

// Message is the part of a message that may ask for something.
type Message struct {
	From, Sender string   // bare addresses
	Own          []string // the service's own addresses, in lower case, as far as they are known
	To, Cc       []string
	Subject      string // what the sender says in it; empty where the words are ours
	Title        string // the subject as it stands
	NewText      string
	Lines        []text.Line    // the newest text
	Tail         []text.Line    // the signatures below it
	Forwarded    []string       // the lines that say whom the messages are from that it forwards
	All          []text.Line    // all of the text, quotes included
	Decides      bool           // it reads like a reviewer's rejection or question
	Taken        meaning.Letter // the title and the words of the newest text, if they have been taken apart
	Warn         func(format string, args ...any)
}

// Request is what a message asks for.
type Request struct {
	People        []Person
	ShortTerm     bool
	Reason        string   // a policy id; empty when none or more than one is meant
	LongReason    string   // the one long-term reason that is given although the words ask for the short term
	ReasonWords   []string // that decided for the one or the other
	Justification string
	Registered    string // whether an authentication method is registered: yes, no or unknown
	Kind          string // what free text is at all (see meaning), where that is clear
}

// Person is somebody an exception is asked for.
type Person struct {
	Email string
	Name  string
	// What a form filled in for several users says of this one. Empty in any other case: the request holds
	// for all.
	Reason               string
	Justification        string
	AuthMethodRegistered string
}

// reading is one message in which a request is read.
type reading struct {
	*Reader
	Message
	Request
	chosen []text.Line   // the newest text, without the options that are not ticked
	asked  []whom.Person // nil until it is looked at
	beside []string      // the lines beside the fields of a form
}

// Read returns what is asked for in the new text: from the form there, else from free text. What reads like a
// reviewer's rejection or question is a request as well when it names somebody: a site may begin a letter with
// such a word. quoted is what a form filled in below quote marks asks for where the new text names nobody; nil
// for none. It may be somebody else's words.
func (p *Reader) Read(m Message) (asked Request, quoted *Request) {
	r := &reading{Reader: p, Message: m, Request: Request{Registered: "unknown"}}
	r.chosen = choose(r.Lines)
	f := readForm(r.chosen, mime.Domain(r.From), false)
	switch {
	case f.isFilled():
		r.readForm(f)
	case !r.Decides || len(r.peopleAsked()) > 0:
		r.readFreeText()
	}
	if !f.found && !r.Decides && len(r.peopleAsked()) == 0 {
		quoted = p.readQuoted(m)
	}
	return r.Request, quoted
}

// readQuoted reads the form in the message that is answered, and in nothing which that one quotes in turn; nil
// if it names no user. What stands beside the form is that message's own words, and its author no user.
func (p *Reader) readQuoted(m Message) *Request {
	deeper := func(ln text.Line) bool { return ln.Quote > 1 }
	if slices.ContainsFunc(m.All, deeper) {
		m.All = slices.DeleteFunc(slices.Clone(m.All), deeper)
	}
	r := &reading{Reader: p, Message: m, Request: Request{Registered: "unknown"}, chosen: choose(m.All)}
	f := readForm(r.chosen, mime.Domain(r.From), true)
	if !f.addressed {
		return nil
	}
	f.rest = nil
	for i := range f.entries {
		f.entries[i].people = slices.DeleteFunc(f.entries[i].people, func(p Person) bool { return slices.Contains(m.To, p.Email) })
	}
	r.readForm(f)
	return &r.Request
}

func (r *reading) readForm(f form) {
	r.beside = f.rest
	entries := joined(f.entries)
	for _, e := range entries {
		for _, somebody := range e.people {
			if len(entries) > 1 {
				somebody.Reason = r.formReason(e).reason
				somebody.Justification, somebody.AuthMethodRegistered = e.justification(), r.registered(e)
			}
			r.People = addPerson(r.People, somebody)
		}
	}
	var all entry
	for _, e := range f.entries {
		all.add(e)
	}
	if len(all.details) == 0 && all.justification() == "" {
		all.details = f.rest
	}
	r.take(r.formReason(all))
	r.Justification, r.Registered = all.justification(), r.registered(all)
	if len(r.People) > 0 {
		return
	}
	r.People = r.peopleAsked()
	switch name := all.name; {
	case len(r.People) == 0 && f.addressed:
		r.Warn("the form's User field holds no email address")
	case len(r.People) == 1 && name != "":
		r.People[0].Name = name
	}
}

// joined merges the entries that do not set users apart: those that name nobody and, where only the users
// differ, all. What stands in the form once holds for everybody.
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
		reasons += min(len(e.reasons), 1)
		details += min(len(e.details), 1)
		registered += min(len(e.registered), 1)
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

// add takes over what another entry has.
func (e *entry) add(other entry) {
	for _, p := range other.people {
		e.people = addPerson(e.people, p)
	}
	e.name, e.registered = cmp.Or(e.name, other.name), cmp.Or(e.registered, other.registered)
	e.reasons, e.details = append(e.reasons, other.reasons...), append(e.details, other.details...)
}

// justification is what the details say; where there are none, what the field for the reason says in more words than
// name one.
func (e entry) justification() string {
	said := strings.Join(e.details, "\n")
	if why := strings.Join(e.reasons, "\n"); len(e.details) == 0 && len(strings.Fields(why)) > mostWords {
		said = why
	}
	return mime.Shorten(text.TrimBlank(said), maxJustify)
}

// mostWords is how many words name a reason. What has more says it in the site's own words.
const mostWords = 12

// formReason returns what an entry means: the reason that its field names, else what the words tell. For how long it is
// asked may stand anywhere.
func (r *reading) formReason(e entry) judged {
	words, named := r.options(e.reasons)
	said := e.justification()
	all := r.hear(strings.Join(append([]string{r.Subject, words, said}, r.beside...), ". "))
	if len(named) > 0 {
		h := r.hear(words + ". " + r.Subject)
		h.short, h.long = all.short, all.long
		meant := r.meaning.Read(r.texts.Take(r.Subject, said))
		return r.explained(r.judge(named, h, meant), words, h, meant)
	}
	h, meant := r.hear(words+". "+r.Subject+". "+said), r.meaning.Read(r.texts.Take(r.Subject, words, said))
	h.short, h.long = all.short, all.long
	return r.explained(r.judge(nil, h, meant), "", h, meant)
}

// options returns what a Reason field says, without the options that are not chosen, and the reasons that it names.
func (r *reading) options(lines []string) (words string, named map[int]bool) {
	if len(lines) == 0 {
		return "", nil
	}
	lines = lines[:min(len(lines), maxValues)]
	var options []string
	for _, ln := range lines {
		options = append(options, optionsOf(ln)...)
	}
	if chosen, ok := pick(options); ok && r.isList(options) {
		lines = chosen
	}
	words = strings.Join(lines, ". ")
	named = map[int]bool{}
	list := r.isList(lines)
	if !list && len(strings.Fields(words)) > mostWords {
		return words, r.leading(words)
	}
	for _, ln := range lines {
		if list || len(named) == 0 {
			maps.Copy(named, r.named(ln))
		}
	}
	if long := r.count(named, false); len(long) > 2 { // the form's list, as it was
		return "", nil
	}
	return words, named
}

// isList reports whether most of several lines are no more than names of reasons.
func (r *reading) isList(options []string) bool {
	n := 0
	for _, o := range options {
		if len(strings.Fields(o)) <= mostWords && len(r.named(strings.Trim(o, " xX*_<>-✓✔"))) > 0 {
			n++
		}
	}
	return len(options) > 1 && 2*n > len(options)
}

// written returns what is written, without the greeting.
func (r *reading) written() string { return Words(r.chosen) }

// Words returns what a text says, without greeting.
func Words(lines []text.Line) string { return mime.Shorten(text.Join(dropGreeting(lines)), maxJustify) }

func (r *reading) readFreeText() {
	r.Justification = Words(r.Lines)
	r.People = r.peopleAsked()
	said := r.written()
	if r.Taken.Said == "" || r.Taken.Said != said {
		r.Taken = r.texts.TakeLetter(r.Title, said)
	}
	r.Kind = r.kinds.Read(&r.Taken).Kind()
	t := r.Taken.All()
	if r.Subject != r.Title {
		t = r.texts.Take(said)
	}
	r.Registered = r.methods.Read(t)
	h, meant := r.hear(r.Subject+". "+said), r.meaning.Read(t)
	r.take(r.explained(r.judge(nil, h, meant), "", h, meant))
}

// registered reads in a form whether an authentication method is registered: in its field, else in what else is written.
func (r *reading) registered(e entry) string {
	if answer := isYes(e.registered); answer != meaning.Unknown || isUnsure(e.registered) {
		return answer
	}
	if len(strings.Fields(e.registered)) > 2 {
		if answer := r.methods.Answer(r.texts.Take(e.registered)); answer != meaning.Unknown {
			return answer
		}
	}
	beside := append(slices.Clone(e.details), r.beside...)
	return r.methods.Read(r.texts.Take(r.Subject, strings.Join(e.reasons, ". "), strings.Join(beside, ".\n")))
}

// take sets what was judged.
func (r *reading) take(j judged) {
	r.ShortTerm, r.Reason, r.LongReason, r.ReasonWords = j.shortTerm, j.reason, j.despite, j.words
}

// dropGreeting leaves out "Dear colleagues," at the top.
func dropGreeting(lines []text.Line) []text.Line {
	first := text.NextWritten(lines, 0)
	if first < 0 {
		return nil
	}
	s := text.Simplify(lines[first].Text)
	if len(strings.Fields(s)) <= 6 && text.StartsWithWord(s, greetings) && !strings.Contains(s, "@") {
		return lines[first+1:]
	}
	return lines
}

// greetings begin a letter when they stand alone on its first line, with or without names after them.
var greetings = []string{
	"hi", "hello", "hey", "dear", "good morning", "good afternoon", "good evening", "morning", "afternoon",
	"to whom it may concern", "greetings", "helo", "annwyl", "bore da", "prynhawn da", "bonjour", "hallo", "guten tag",
	"hola", "olá", "ciao", "buongiorno", "dzień dobry", "bună ziua", "hej",
}
