package request

import (
	"slices"
	"strings"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
	"mfabot/parser/internal/whom"
)

// peopleAsked returns the people for whom the message asks.
func (r *reading) peopleAsked() (people []Person) {
	if r.asked == nil {
		r.asked = r.whom.Asked(whom.Letter{From: r.From, Sender: r.Sender, Us: r.Own, To: r.To, Cc: r.Cc, Subject: r.Title,
			Own: text.Texts(r.Lines), Tail: text.Texts(r.Tail), Forwarded: r.Forwarded})
		if r.asked == nil {
			r.asked = []whom.Person{}
		}
	}
	for _, p := range r.asked {
		people = addPerson(people, Person{Email: p.Address, Name: p.Name})
	}
	return people
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
func peopleIn(value, site string) []Person {
	var people []Person
	from := 0
	for _, w := range whom.FindWritten(value, func(domain string) bool { return domain == site }) {
		before := value[from:w.Start]
		from = w.End
		if isElse(before) {
			continue
		}
		name := strings.TrimPrefix(strings.TrimSpace(before), ">")
		name = strings.Trim(strings.TrimSuffix(name, "mailto:"), " ,;<>()[]\"'-–:/\n")
		if strings.ContainsAny(name, "@\n") || len(strings.Fields(name)) > 6 || notName[strings.ToLower(name)] {
			name = ""
		}
		people = addPerson(people, Person{Email: w.Address, Name: mime.Shorten(mime.Showable(name), mime.MaxName)})
	}
	return people
}

// notName are words that stand before an address and are no name.
var notName = text.WordSet("and or email e-mail mail a ac")

// isElse reports whether the words before an address say that it is somebody else's: "not her sister", "her manager is".
func isElse(before string) bool {
	return slices.ContainsFunc(strings.Fields(strings.ToLower(before)), func(w string) bool {
		return elses[strings.Trim(w, "(,.;:")]
	})
}

var elses = text.WordSet("not isn't isnt manager supervisor approver approved requested completed contact author gp " +
	"consultant cc nid rheolwr")
