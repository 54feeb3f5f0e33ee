package request

import (
	"slices"
	"strings"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// formKey is a field of the request form.
type formKey uint8

const (
	formUser formKey = iota
	formName
	formReason
	formDetails
	formRegistered
)

const formKeys = int(formRegistered) + 1 // how many there are

// formLabels are the names of the fields, in lower case.
var formLabels = map[string]formKey{
	"user": formUser, "users": formUser, "user email": formUser, "user's email": formUser, "user email address": formUser,
	"user's email address": formUser, "user address": formUser, "email of user": formUser, "user nhsmail": formUser,
	"user's nhsmail address": formUser, "user nhsmail address": formUser,

	"name": formName, "user name": formName, "user's name": formName, "full name": formName, "name of user": formName,

	"reason": formReason, "reason for exception": formReason, "reason for request": formReason,
	"reason for the exception": formReason, "reason for exemption": formReason,

	"details": formDetails, "detail": formDetails, "justification": formDetails,

	"authentication method registered": formRegistered, "authentication method": formRegistered,
	"auth method registered": formRegistered, "mfa method registered": formRegistered,
	"authentication methods registered": formRegistered,
}

// formField reads "Label: value", or a table's row "Label<tab>value".
func formField(s string) (key formKey, value string, ok bool) {
	s = strings.TrimLeft(s, " \t\u00a0-•·*>|")
	end := text.IndexColon(s[:min(len(s), 64)])
	if tab := strings.IndexByte(s, '\t'); end < 0 || tab >= 0 && tab < end {
		end = tab
	}
	if end < 0 || end > 60 {
		return 0, "", false
	}
	key, ok = formLabel(s[:end])
	if !ok {
		return 0, "", false
	}
	return key, fieldValue(s[end:]), true
}

// IsField reports whether a line is a field of the form.
func IsField(line string) bool {
	_, _, ok := formField(line)
	return ok
}

func formLabel(s string) (formKey, bool) {
	key, ok := formLabels[strings.Trim(text.Simplify(s), "*_?: ")]
	return key, ok
}

// fieldValue removes the separators and marks of emphasis before a value; a value in brackets is a hint that
// was left there.
func fieldValue(s string) string {
	s = strings.TrimLeft(s, ":：*_| \t\u00a0")
	s = strings.TrimRight(s, "| \t\u00a0")
	s = strings.TrimSpace(strings.ReplaceAll(s, "\t", " "))
	round := strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")")
	if round || strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		return ""
	}
	return strings.Trim(s, "_")
}

// InForm reports whether a form in a text names an address in its User field, in lower case.
func InForm(s, address string) bool {
	var lines []text.Line
	for _, ln := range strings.Split(s, "\n") {
		lines = append(lines, text.Line{Text: ln})
	}
	return slices.ContainsFunc(readForm(lines, false).entries, func(e entry) bool {
		return slices.ContainsFunc(e.people, func(p Person) bool { return strings.EqualFold(p.Email, address) })
	})
}

// form is what the fields of a form hold: an entry for each user that it was filled in for.
type form struct {
	found     bool // any field, filled in or not
	filled    bool
	addressed bool // a User field holds something
	entries   []entry
	has       [formKeys]bool // what the last entry has
}

// entry is the fields of a form that belong together.
type entry struct {
	people     []Person
	name       string // of the person whose address follows
	reasons    []string
	details    []string
	registered string
}

// readForm reads the fields in the lines. With loose set, the lines are those of a quoted form that was
// filled in, where a blank line ends the details.
func readForm(lines []text.Line, loose bool) form {
	var f form
	var columns []formKey
	open, current := false, formUser // the field whose value goes on
	for _, ln := range lines {
		if strings.Contains(ln.Text, "\t") {
			row := strings.Split(ln.Text, "\t")
			if keys := headings(row); keys != nil {
				columns, open, f.found = keys, false, true
				continue
			}
			if len(columns) == len(row) {
				f.row(columns, row)
				continue
			}
		}
		key, value, ok := formField(ln.Text)
		switch {
		case ok:
			f.found = true
			current, open = key, true
			f.begin(key)
			if value != "" {
				f.set(key, value)
				open = key == formDetails
			}
		case strings.TrimSpace(ln.Text) == "":
			if open && current == formDetails && f.last().details != nil {
				open = !loose
				f.set(formDetails, "")
			}
		case open:
			f.set(current, fieldValue(ln.Text))
			open = current == formDetails
		}
	}
	return f
}

// headings reads a row of labels, or returns nil.
func headings(row []string) []formKey {
	var keys []formKey
	for _, cell := range row {
		key, ok := formLabel(cell)
		if !ok {
			return nil
		}
		keys = append(keys, key)
	}
	return keys
}

// row reads the values below a row of labels.
func (f *form) row(columns []formKey, row []string) {
	for _, wanted := range []formKey{formUser, formName, formReason, formDetails, formRegistered} {
		for i, key := range columns {
			if value := fieldValue(row[i]); key == wanted && value != "" {
				f.begin(key)
				f.set(key, value)
			}
		}
	}
}

// begin starts an entry for another user when the last one already has this field.
func (f *form) begin(key formKey) {
	if len(f.entries) == 0 || f.has[key] {
		f.entries = append(f.entries, entry{})
		f.has = [formKeys]bool{}
	}
	f.has[key] = true
}

func (f *form) last() *entry { return &f.entries[len(f.entries)-1] }

// set puts a value, or a further line of the details, into the last entry.
func (f *form) set(key formKey, value string) {
	e := f.last()
	f.filled = f.filled || value != ""
	switch key {
	case formUser:
		f.addressed = f.addressed || value != ""
		for _, p := range peopleIn(value) {
			if p.Name == "" {
				p.Name = e.name
			}
			e.name = ""
			e.people = addPerson(e.people, p)
		}
	case formName:
		name := mime.Shorten(mime.Showable(value), mime.MaxName)
		if strings.ContainsAny(name, "@＠﹫") {
			name = "" // in a letter it would look like the address of another user
		}
		if n := len(e.people); n > 0 && e.people[n-1].Name == "" {
			e.people[n-1].Name = name
		} else {
			e.name = name
		}
	case formReason:
		e.reasons = append(e.reasons, value)
	case formDetails:
		e.details = append(e.details, value)
	case formRegistered:
		e.registered = value
	}
}
