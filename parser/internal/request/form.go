package request

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"mfabot/parser/internal/meaning"
	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// InForm reports whether a form in a text names an address in its User field, in lower case.
func InForm(s, address string) bool {
	var lines []text.Line
	for _, ln := range strings.Split(s, "\n") {
		lines = append(lines, text.Line{Text: ln})
	}
	return slices.ContainsFunc(readForm(lines, mime.Domain(address), false).entries, func(e entry) bool {
		return slices.ContainsFunc(e.people, func(p Person) bool { return strings.EqualFold(p.Email, address) })
	})
}

// form is what the fields of a form hold: an entry for each user that it was filled in for.
type form struct {
	site      string // the domain of the site
	found     bool   // any field of ours, filled in or not
	addressed bool   // a User field holds something
	filled    [formKeys]bool
	entries   []entry
	has       [formKeys]bool // what the last entry has
	owner     formKey        // whom the last field about a person was about; formElse at first
	users     string         // what the field of the last user holds so far
	loose     bool           // a blank line ends the details
	columns   []formKey      // of the table whose rows follow
	current   formKey        // the field that was read last
	open      bool           // its value may go on
	above     bool           // the line above is blank, or a field
	rest      []string       // the lines that belong to no field
	kept      int            // bytes of them
}

// isFilled reports whether it is filled in, as a form: a field of ours is, or two that belong to one.
func (f *form) isFilled() bool {
	asks := f.filled[formReason] || f.filled[formRegistered] || f.filled[formUser]
	return f.found && asks || f.found && f.filled[formDetails] || len(f.entries) > 0 && len(f.entries[0].people) > 0 && asks
}

// entry is the fields of a form that belong together.
type entry struct {
	people     []Person
	byName     []Person // whose addresses stand in the field for the name
	name       string   // of the person whose address follows
	reasons    []string
	details    []string
	registered string
}

// readForm reads the fields in the lines, of a site whose domain is given. With loose set, the lines are those of a
// quoted form that was filled in, where a blank line ends the details.
func readForm(lines []text.Line, site string, loose bool) form {
	f := form{site: site, owner: formElse, loose: loose}
	for _, ln := range lines {
		if len(f.entries) > maxEntries {
			break
		}
		if loose || len(ln.Text) > longestRun || !strings.ContainsAny(ln.Text, ":=") {
			f.read(ln.Text)
			continue
		}
		for _, s := range fieldsOf(ln.Text) {
			f.read(s)
		}
	}
	f.swap()
	return f
}

// read reads the next line.
func (f *form) read(line string) {
	if row := cells(line); row != nil {
		if keys := headings(row); keys != nil {
			f.columns, f.open, f.found = keys, false, true
			return
		}
		if len(f.columns) == len(row) {
			f.row(row)
			return
		}
	}
	blank := strings.TrimSpace(line) == "" || isExample.MatchString(line)
	fd, ok := readField(line)
	if !ok && f.above && !blank {
		fd, ok = f.alone(line)
	}
	f.above = blank || ok
	switch {
	case ok:
		f.found = f.found || fd.strict
		f.current, f.open = fd.key, true
		f.begin(fd.key)
		if fd.value != "" {
			f.set(fd.key, fd.value)
		}
		if fd.key == formUser && len(strings.Fields(fd.value)) > longestOf {
			f.rest = append(f.rest, fd.value)
		}
	case blank && f.open:
		f.pause()
	case blank:
	case f.open && f.takes(line):
		f.set(f.current, fieldValue(line))
	default:
		f.open = false
		if f.kept += len(line); f.kept <= maxJustify && len(f.rest) < maxRest {
			f.rest = append(f.rest, line)
		}
	}
}

// longestOf is how many words say who the users are. Where there are more, they say something else as well.
const longestOf = 12

// isExample is the beginning of a line that was left in a form as an example.
var isExample = regexp.MustCompile(`(?i)^\W*(?:e\. ?g\b|eg[ :]|for example|example:|such as )`)

// pause is for a blank line within the value of a field: a value may stand below one.
func (f *form) pause() {
	if !f.filledNow() {
		return
	}
	f.open = f.current == formDetails && !f.loose
	if f.current == formDetails {
		f.set(formDetails, "")
	}
}

// filledNow reports whether the field that is open has a value.
func (f *form) filledNow() bool {
	if len(f.entries) == 0 {
		return false
	}
	e := f.last()
	switch f.current {
	case formDetails:
		return e.details != nil
	case formReason:
		return e.reasons != nil
	case formRegistered:
		return e.registered != ""
	case formUser, formAddress:
		return f.users != ""
	case formName:
		return e.name != ""
	case formNeeded, formOther, formElse:
	}
	return true
}

// takes reports whether a line is more of the value of the field that is open.
func (f *form) takes(line string) bool {
	if !f.filledNow() || f.current == formDetails {
		return true
	}
	switch f.current {
	case formReason:
		return true
	case formRegistered:
		return len(strings.Fields(line)) <= 4
	case formUser, formAddress:
		return strings.Contains(line, "@") || strings.HasSuffix(f.users, "-")
	case formName:
		return strings.HasPrefix(strings.TrimLeft(line, " <"), "@") || len(peopleIn(line, f.site)) > 0
	case formDetails, formNeeded, formOther, formElse:
	}
	return false
}

// runOn finds the labels of our form within a line.
var runOn = regexp.MustCompile(`(?i)[^ ].*?[ ;,.]((?:user|reason|authentication method registered|details)(?: *\([^()]*\))? *[:=])`)

// fieldsOf returns the fields that somebody wrote on one line, each by itself.
func fieldsOf(line string) (out []string) {
	for {
		at := runOn.FindStringSubmatchIndex(line)
		if at == nil {
			return append(out, line)
		}
		out = append(out, strings.TrimRight(line[:at[2]], " ;,"))
		line = line[at[2]:]
	}
}

// longestRun is how long a line is at most that is looked at for several fields, in bytes.
const longestRun = 2000

// alone reads a line that is nothing but a label, whose value stands below.
func (f *form) alone(line string) (field, bool) {
	key, strict, ok := readLabel(line)
	question := strings.HasSuffix(strings.TrimSpace(line), "?")
	return field{key: key}, ok && (strict || question || len(f.entries) > 0 && len(strings.Fields(line)) <= 6)
}

// cells returns the cells of a table's row; nil where a line is none.
func cells(line string) []string {
	if len(line) > longestRow {
		return nil
	}
	switch {
	case strings.Contains(line, "\t"):
		return strings.SplitN(line, "\t", maxCells)
	case strings.Count(line, "|") >= 2:
		return strings.SplitN(strings.Trim(strings.TrimSpace(line), "|"), "|", maxCells)
	}
	return nil
}

// headings reads a row of labels, of which one is about the user, or returns nil.
func headings(row []string) []formKey {
	keys := make([]formKey, len(row))
	known, who := 0, false
	for i, cell := range row {
		key, _, ok := readLabel(cell)
		if !ok {
			keys[i] = formOther
			if len(strings.Fields(cell)) > 4 || strings.ContainsAny(cell, "@:") {
				return nil
			}
			continue
		}
		keys[i] = key
		known++
		who = who || key <= formAddress
	}
	if known < 2 || !who {
		return nil
	}
	return keys
}

// row reads the values below a row of labels. One that has no user's address, or says that it is not of a user, is
// about nobody.
func (f *form) row(row []string) {
	if _, isField := readField(row[0]); isField {
		return
	}
	who := false
	for i, key := range f.columns {
		switch key {
		case formUser, formName, formAddress:
			who = who || strings.Contains(row[i], "@")
			if text.HasAnyWord(strings.ToLower(row[i]), dropped) {
				return
			}
		case formOther, formNeeded:
			s := text.Simplify(row[i])
			if key == formNeeded && isYes(s) == meaning.No || text.StartsWithWord(s, leavesOut) {
				return
			}
		case formReason, formDetails, formRegistered, formElse:
		}
	}
	if who {
		f.fill(row)
	}
}

// dropped are words beside the addresses of people who are not asked for, and leavesOut what other columns say of them.
var (
	dropped   = text.WordSet("not left leaver leaving withdrawn cancelled")
	leavesOut = []string{"left", "leaver", "do not", "not"}
)

// fill takes the values of a row.
func (f *form) fill(row []string) {
	f.filled[formUser] = true
	for _, wanted := range []formKey{formUser, formName, formAddress, formReason, formDetails, formRegistered} {
		for i, key := range f.columns {
			if value := fieldValue(row[i]); key == wanted && value != "" {
				f.begin(key)
				f.set(key, value)
			}
		}
	}
}

// begin starts an entry for another user when the last one already has this field.
func (f *form) begin(key formKey) {
	switch key {
	case formUser, formName:
		f.owner, f.users = key, ""
	case formAddress:
		f.users = ""
	case formElse:
		f.owner = key
	case formReason, formDetails, formRegistered, formNeeded, formOther:
	}
	if key >= formNeeded {
		return
	}
	if len(f.entries) == 0 || f.has[key] && (key != formAddress || f.owner != formElse) {
		f.entries = append(f.entries, entry{})
		f.has = [formKeys]bool{}
	}
	f.has[key] = true
}

func (f *form) last() *entry { return &f.entries[len(f.entries)-1] }

// set puts a value, or a further line of one, into the last entry.
func (f *form) set(key formKey, value string) {
	f.filled[key] = f.filled[key] || value != ""
	switch key {
	case formUser:
		f.addressed = f.addressed || value != ""
		f.person(value)
	case formAddress:
		if f.owner != formElse {
			f.person(value)
		}
	case formName:
		f.name(value)
	case formReason:
		if len(f.last().reasons) < maxValues {
			f.last().reasons = append(f.last().reasons, value)
		}
	case formDetails:
		f.last().details = append(f.last().details, value)
	case formRegistered:
		f.last().registered = strings.TrimPrefix(f.last().registered+" / "+value, " / ")
	case formNeeded, formOther, formElse:
	}
}

// person takes the users whose addresses a value has. Where it has none it is taken for a name.
func (f *form) person(value string) {
	e := f.last()
	if f.users != "" && text.HasAnyWord(strings.ToLower(value), corrects) && len(e.people) > 0 {
		f.users, e.people = "", e.people[:len(e.people)-1]
	}
	f.users = strings.TrimPrefix(f.users+"\n"+value, "\n")
	people := peopleIn(f.users, f.site)
	if len(people) == 0 {
		f.name(value)
		return
	}
	for _, p := range people {
		p.Name = cmp.Or(p.Name, e.name)
		e.name = ""
		e.people = addPerson(e.people, p)
	}
}

// corrects are the words with which the line below an address puts it right.
var corrects = text.WordSet("sorry should correction corrected meant oops apologies")

// name takes a name. People write the address there as well.
func (f *form) name(value string) {
	e := f.last()
	e.byName = append(e.byName, peopleIn(value, f.site)...)
	name := mime.Shorten(mime.Showable(value), mime.MaxName)
	if strings.ContainsAny(name, "@＠﹫") {
		return // in a letter it would look like the address of another user
	}
	if n := len(e.people); n > 0 && e.people[n-1].Name == "" {
		e.people[n-1].Name = name
	} else {
		e.name = cmp.Or(e.name, name)
	}
}

// swap makes those users whose addresses stand in the fields for names, where no other field has any.
func (f *form) swap() {
	for i := range f.entries {
		if len(f.entries[i].people) > 0 {
			return
		}
	}
	for i := range f.entries {
		e := &f.entries[i]
		for _, p := range e.byName {
			p.Name = cmp.Or(p.Name, e.name)
			e.people = addPerson(e.people, p)
		}
	}
}
