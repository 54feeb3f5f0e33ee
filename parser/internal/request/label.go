package request

import (
	"regexp"
	"slices"
	"strings"

	"mfabot/parser/internal/text"
)

// formKey is a field of the request form.
type formKey uint8

const (
	formUser formKey = iota
	formName
	formAddress // of whoever the field before it names
	formReason
	formDetails
	formRegistered
	formNeeded // in a table, whether an exception is asked for
	formOther  // a field about nothing that is asked here
	formElse   // a field about somebody else, as a manager
)

const formKeys = int(formElse) + 1 // how many there are

// formLabels are the names of the fields of our form, in lower case.
var formLabels = map[string]formKey{
	"user": formUser, "users": formUser, "user email": formUser, "user's email": formUser, "user email address": formUser,
	"user's email address": formUser, "user address": formUser, "email of user": formUser, "user nhsmail": formUser,
	"user's nhsmail address": formUser, "user nhsmail address": formUser, "defnyddiwr": formUser,

	"name": formName, "user name": formName, "user's name": formName, "full name": formName, "name of user": formName,
	"enw": formName, "enw llawn": formName,

	"reason": formReason, "reason for exception": formReason, "reason for request": formReason,
	"reason for the exception": formReason, "reason for exemption": formReason, "rheswm": formReason,

	"details": formDetails, "detail": formDetails, "justification": formDetails, "manylion": formDetails,

	"authentication method registered": formRegistered, "authentication method": formRegistered,
	"auth method registered": formRegistered, "mfa method registered": formRegistered,
	"authentication methods registered": formRegistered, "dull dilysu wedi'i gofrestru": formRegistered,
}

// labelRule tells a field by the words of its label. Some forms are not ours, and people write ours anew.
type labelRule struct {
	key       formKey
	has, and  map[string]bool // it has a word of each; nil is any
	not       map[string]bool
	only      map[string]bool // it has no other words
	mostWords int
}

// labelRules are tried in their order.
var labelRules = []labelRule{
	{key: formRegistered, mostWords: 3, has: text.WordSet("auth mfa registered 2fa authenticator"),
		only: text.WordSet("auth mfa method registered 2fa authenticator app")},
	{key: formRegistered, mostWords: 12,
		has: text.WordSet("authentication authenticator auth authenticaton authentification mfa method methods 2fa dull " +
			"dilysu app multifactor"),
		and: text.WordSet(`registered register registration registerd regsitered reg enrolled enrolment enabled set setup
			active has have got
			had existing gofrestru cofrestru gofrestrwyd method`),
		not: text.WordSet("reason why exception exemption request unable cannot can't problem problems help")},
	{key: formNeeded, mostWords: 3, has: text.WordSet("exception exemption exempt needed required needs"),
		only: text.WordSet("exception exemption exempt mfa needed required needs")},
	{key: formReason, mostWords: 9, has: text.WordSet("reason reasons reson why rheswm rhesymau grounds category stops " +
		"prevents barrier difficulty"),
		not: text.WordSet("evidence tystiolaeth rejected rejection")},
	{key: formDetails, mostWords: 9, has: text.WordSet(`details detail detials justification explain explanation describe
		description rationale
		background circumstances manylion problem issue tell`),
		not: text.WordSet("contact evidence manager your gp bank user user's name applicant personal staff reported logged")},
	{key: formDetails, mostWords: 6, has: text.WordSet("further more additional extra"),
		and: text.WordSet("info information comments notes")},
	{key: formElse, mostWords: 9, has: text.WordSet(`manager manager's manager/approver supervisor requested requester
		requestor completed completing
		by contact approver approved authorised authorising engineer signed superintendent referee gp author filled writing writer from
		requesting making submitted submitting asking reviewer sponsor consultant rheolwr owner partner prepared your my`)},
	{key: formOther, mostWords: 9, has: text.WordSet(`date role job title telephone phone tel mobile number site branch
		ods code evidence dept
		department organisation practice pharmacy home length duration long type until since swydd safle hyd tystiolaeth
		attached attachments subject cc to sent ref reference dob start end needed required period ward team`)},
	{key: formUser, mostWords: 8, has: text.WordSet("user users user's applicant applicants employee defnyddiwr staffmember"),
		not: text.WordSet("please we our i us they you could can would need wanted want")},
	{key: formUser, mostWords: 8, has: text.WordSet("person people who staff colleague member exception exemption"),
		and: text.WordSet("for"),
		not: text.WordSet("please we our i us they you could can would need wanted want")},
	{key: formUser, mostWords: 6, has: text.WordSet("staff"), and: text.WordSet("member")},
	{key: formAddress, mostWords: 6, has: text.WordSet("email e-mail mail nhsmail address account login username ebost bost cyfeiriad"),
		only: text.WordSet("email e-mail e mail nhsmail nhs address account login username ebost bost cyfeiriad their his " +
			"her work full id the nhs.net")},
	{key: formName, mostWords: 4, has: text.WordSet("name names enw who person surname"),
		only: text.WordSet("full name names of first last sur surname their enw llawn person who is it the")},
}

var (
	// number is what stands before the label of a numbered field.
	number = regexp.MustCompile(`^(?:(?:section|part|q|question|box) *[0-9a-h]{1,2}|\(?[0-9]{1,2}[a-c]?|\(?[a-h]) *[-.):–] *`)
	// hint is what stands in brackets.
	hint = regexp.MustCompile(`\([^()]*\)|\[[^\[\]]*\]|\([^()]*$`)
)

// readLabel returns which field has a label. strict means that it is one of ours.
func readLabel(s string) (key formKey, strict, ok bool) {
	s = strings.Trim(text.Simplify(s), "*_?:=-–>➜→#\"“”' ")
	if key, ok = formLabels[s]; ok {
		return key, true, true
	}
	s = number.ReplaceAllString(s, "")
	if strings.ContainsAny(s, "([") {
		s = hint.ReplaceAllString(s, " ")
	}
	s = strings.Trim(text.Simplify(s), "*_?:=-–>➜→.\"“”' ")
	if key, ok = formLabels[s]; ok {
		return key, true, true
	}
	ws := strings.FieldsFunc(s, func(r rune) bool { return text.NotLetter(r) && r != '-' })
	if len(ws) == 0 || len(ws) > 12 || strings.ContainsAny(s, ".;") {
		return 0, false, false
	}
	for i := range labelRules {
		if labelRules[i].fits(ws) {
			return labelRules[i].key, false, true
		}
	}
	for _, name := range []string{"user", "reason", "details", "authentication method registered"} {
		if s[0] == name[0] && distance(s, name) <= max(1, len(name)/6) {
			return formLabels[name], false, true
		}
	}
	return 0, false, false
}

// distance is how many letters are left out, added, changed, or swapped with their neighbour (optimal string alignment).
func distance(a, b string) int {
	if len(a) > 2*len(b) {
		return len(a)
	}
	var last, row, next = make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], last[j-2]+1)
			}
		}
		last, row, next = row, next, last
	}
	return row[len(b)]
}

func (r *labelRule) fits(label []string) bool {
	among := func(set map[string]bool) func(string) bool { return func(w string) bool { return set[w] } }
	return len(label) <= r.mostWords && slices.ContainsFunc(label, among(r.has)) &&
		(r.and == nil || slices.ContainsFunc(label, among(r.and))) && !slices.ContainsFunc(label, among(r.not)) &&
		(r.only == nil || !slices.ContainsFunc(label, func(w string) bool { return !r.only[w] }))
}

// field is a line of a form.
type field struct {
	key    formKey
	strict bool // its label is one of ours, with a colon or a table's border behind it
	value  string
}

// A label is so long at most, in bytes, without and with a hint in brackets.
const (
	longestLabel = 72
	longestHint  = 400
)

// separators stand between a label and its value. The first ones are also such where the label is not one of ours.
var separators = []string{":", "：", "\t", "➜", "→", "->", "=>", "=", "?", "..", "__", "]", " | ", " - ", " – ", " — ", "   "}

// readField reads "Label: value" and what people make of it.
func readField(s string) (f field, ok bool) {
	s = strings.TrimLeft(s, " \t\u00a0-•·*>|▪◦")
	s = strings.TrimPrefix(s, "[")
	depth, inHint := 0, 0
	for i := 0; i < min(len(s), longestHint) && i-inHint <= longestLabel; i++ {
		switch s[i] {
		case '<':
			return field{}, false
		case '(', '[':
			depth++
		case ')':
			depth = max(0, depth-1)
		case ']':
			if depth > 0 {
				depth--
				inHint++
				continue
			}
		}
		if depth > 0 {
			inHint++
			continue
		}
		if key, strict, size, known := endsLabel(s, i); size > 0 {
			if !known {
				return field{}, false
			}
			f = field{key: key, strict: strict, value: fieldValue(s[i+size:])}
			if at := hint.FindStringIndex(s[:i]); at != nil {
				f.value = byHint(s[at[0]:at[1]], f.value)
			}
			return f, true
		}
	}
	return field{}, false
}

// endsLabel reads the separator at an index, behind a label: its size is 0 where there is none. known means that the label
// is one that we know.
func endsLabel(s string, i int) (key formKey, strict bool, size int, known bool) {
	if i == 0 || 'a' <= s[i] && s[i] <= 'z' || 'A' <= s[i] && s[i] <= 'Z' || s[i] == ' ' && s[i-1] != ' ' && !separates(s[i+1:]) {
		return 0, false, 0, false
	}
	for _, sep := range separators {
		if !strings.HasPrefix(s[i:], sep) {
			continue
		}
		plain := sep == ":" || sep == "：" || sep == "\t"
		key, strict, known = readLabel(s[:i])
		if !known && !plain || sep == "?" && i+1 < len(s) && s[i+1] > ' ' {
			continue
		}
		return key, strict && plain, len(sep), known
	}
	return 0, false, 0, false
}

// separates reports whether what stands behind a blank may be a separator.
func separates(s string) bool { return s != "" && strings.IndexByte("|- \xe2", s[0]) >= 0 }

// byHint returns the value of a field whose hint has the answer: one option of it is marked, or the value is its number.
func byHint(hint, value string) string {
	if value == "" {
		_, options, _ := strings.Cut(strings.Trim(hint, "()[]"), ":")
		if options == "" {
			options = strings.Trim(hint, "()[]")
		}
		return emphasised(options)
	}
	if len(value) == 1 && '1' <= value[0] && value[0] <= '9' {
		if _, option, ok := strings.Cut(hint, value); ok {
			return strings.Trim(strings.TrimRight(option[:firstDigit(option)], " ,;/"), " .)]:-")
		}
	}
	return value
}

func firstDigit(s string) int {
	if i := strings.IndexAny(s, "0123456789"); i >= 0 {
		return i
	}
	return len(s)
}

// IsField reports whether a line is a field of our form.
func IsField(line string) bool {
	f, ok := readField(line)
	return ok && f.strict
}

// fieldValue removes the separators and marks of emphasis before a value, the lines that it was written on, and hints that
// were left there in brackets.
func fieldValue(s string) string {
	s = strings.TrimLeft(s, ":：*_|?=➜→>.] \t\u00a0")
	s = strings.TrimPrefix(s, "- ")
	s = strings.TrimRight(s, "| \t\u00a0")
	for strings.Contains(s, "___") {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "___", " "), " _", " ")
	}
	s = strings.TrimSpace(strings.ReplaceAll(s, "\t", " "))
	s = ourHint.ReplaceAllString(s, "")
	s = strings.TrimSpace(exampleHint.ReplaceAllString(s, ""))
	for strings.HasPrefix(s, "[") || strings.HasPrefix(s, "(") {
		at := hint.FindStringIndex(s)
		if at == nil || at[0] != 0 {
			break
		}
		s = strings.TrimSpace(s[at[1]:])
	}
	return strings.Trim(s, "_\"“” ")
}

// ourHint is what our form says behind User.
var ourHint = regexp.MustCompile(`(?i)^name and e-?mail address\b[ :=.–-]*`)

// exampleHint is a hint that gives an example.
var exampleHint = regexp.MustCompile(`(?i)[(\[] *(?:e\.? ?g\.?|i\.? ?e\.?|for example|such as|example|not a |must be)[` +
	` :,][^()\[\]]*[)\]]:? *`)
