package request

import (
	"strings"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
	"mfabot/parser/internal/whom"
)

// peopleAsked returns the people for whom the message asks.
func (r *reading) peopleAsked() (people []Person) {
	if r.asked == nil {
		r.asked = r.whom.Asked(whom.Letter{From: r.From, Sender: r.Sender, To: r.To, Cc: r.Cc, Subject: r.Subject,
			Own: text.Texts(r.Lines), Tail: text.Texts(r.Tail)})
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
