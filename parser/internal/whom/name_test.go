package whom

import (
	"strings"
	"testing"
)

func TestName(t *testing.T) {
	for letter, want := range map[string]string{
		"Please exempt Sam Green (sam.green@x.test), our dispenser.":         "Sam Green",
		"for Dr A Begum, anika.begum@x.test":                                 "Dr A Begum",
		"Declan Foy RMN declan.foy@x.test in post":                           "Declan Foy",
		"tyrone jenkinson tyrone.jenkinson@x.test":                           "",
		"Our nurse Amina Yusuf needs it.\nHer NHSmail: ayusuf3@x.test":       "",
		"Amina Yusuf: ayusuf3@x.test":                                        "Amina Yusuf",
		"Jane Smith wrote. Ask for Kofi Baidoo. kofi.baidoo@x.test":          "Kofi Baidoo",
		"Emmanuel Chukwuemeka-Williams emmanuel.chukwuemeka-williams@x.test": "Emmanuel Chukwuemeka-Williams",
	} {
		l := Letter{Own: strings.Split(letter, "\n"), From: "site@x.test"}
		c := l.candidates()
		l.sign(c)
		if got := c[0].name(&l); got != want {
			t.Errorf("%q: got %q, want %q", letter, got, want)
		}
	}
}
