package notify

import (
	"regexp"

	"mfabot/intake"
	"mfabot/templates"
)

// setUser sets what the user and the site are called, what else is to be said of the user, and of those whom a site asked for in vain.
func (v *view) setUser(f intake.Facts) {
	v.Who, v.Person = named(v.Subject.Name, v.Subject.Email), person(v.Subject)
	v.SiteName = named(v.Site.Name, v.Site.ODSCode)
	v.TodoID, v.TodoEnds = f.TodoID, f.TodoKind == intake.ToRemove
	v.Corrected, v.Corrects = templates.Line(f.Corrected, maxAddress), templates.Line(f.Corrects, maxRef)
	v.Right = templates.Line(f.Right, maxAddress)
	v.InDirectory, v.OtherName = inDirectory(f.DirectoryFacts), otherName(f.User, f.DirectoryFacts)
	for _, r := range f.Refused[:min(len(f.Refused), maxFiles)] {
		v.Refused = append(v.Refused, intake.RefusedUser{Email: templates.Line(r.Email, maxAddress), Why: r.Why})
	}
}

// inDirectory puts into words how the directory describes a user; empty if it does not know them.
func inDirectory(f intake.DirectoryFacts) string {
	state := "account enabled"
	switch f.Account {
	case "", intake.AccountNone, intake.AccountUnchecked:
		return ""
	case intake.AccountDisabled:
		state = "account disabled"
	}
	if f.SignIn != "" {
		state = "signs in as " + templates.Line(f.SignIn, maxAddress) + ", " + state
	}
	return inWords(templates.Line(f.DirectoryName, maxName), templates.Line(f.Department, maxName), state)
}

// otherName returns the name and the department that the directory has for a user, if it is not the name that the site
// gives; else it is empty.
func otherName(u intake.User, f intake.DirectoryFacts) string {
	if inDirectory(f) == "" || sameName(u.Name, f.DirectoryName) {
		return ""
	}
	return inWords(templates.Line(f.DirectoryName, maxName), templates.Line(f.Department, maxName))
}

// plainName matches what can stand for a person by itself. A name is the site's words: one that looks like another address,
// or like a part of our subject, must not stand in the place of the address.
var plainName = regexp.MustCompile(`^\pL[\pL\pM .'’-]{0,58}$`)

// person returns what a subject calls a user.
func person(u intake.User) string {
	if plainName.MatchString(u.Name) {
		return u.Name
	}
	return u.Email
}

// named returns a name followed by its identifier in brackets, or either alone.
func named(name, certain string) string {
	switch {
	case name == "":
		return certain
	case certain == "":
		return name
	}
	return name + " (" + certain + ")"
}
