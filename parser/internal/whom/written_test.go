package whom

import "testing"

func TestWritten(t *testing.T) {
	known := func(d string) bool { return d == "nhs.test" || d == "securemh.test" || d == "ldservices.test" }
	for text, want := range map[string]string{
		"my login is darren.fitch2@nhs.test":                           "darren.fitch2@nhs.test",
		"Email:  graham . tunnicliffe @ nhs.test   (sorry":             "graham.tunnicliffe@nhs.test",
		"it's carys.lewis12 at nhs.test\n":                             "carys.lewis12@nhs.test",
		"<j.st-clair@nhs.test>":                                        "j.st-clair@nhs.test",
		"our associate  alexandra.konstanti\n> nou@nhs.test who":       "alexandra.konstantinou@nhs.test",
		"bernice.tolley@nhs,test   (comma":                             "bernice.tolley@nhs.test",
		"Email: pritesh.solanki (at) ldservices (dot) test\n":          "pritesh.solanki@ldservices.test",
		"please\n\nlewis. hartigan @prisonhealth.test\n":               "lewis.hartigan@prisonhealth.test",
		"EMAIL..........leroy.sinclair-watts@ldservices.test.........": "leroy.sinclair-watts@ldservices.test",
		"Email: emmanuel.chukwuemeka-\nwilliams@ldservices.test\n":     "emmanuel.chukwuemeka-williams@ldservices.test",
		"the patients filming. dawn.pike securemh.test . I have":       "dawn.pike@securemh.test",
		"Thanks. sam@nhs.test":                                         "sam@nhs.test",
		"sam@nhs.test,bob@nhs.test":                                    "sam@nhs.test bob@nhs.test",
		"sam.green@\nnhs.test":                                         "sam.green@nhs.test",
		"see www.nhs.test\nsam@nhs.test":                               "sam@nhs.test",
		"florin.dumitru@secure\nmh.test\n":                             "florin.dumitru@securemh.test",
		"> florin.dumitru@secure\n> mh.test.":                          "florin.dumitru@securemh.test",
		"florin.dumitru@secure.test\nmh.test\n":                        "florin.dumitru@secure.test",
		"sandra.toft and mick.yarrow (both @nhs.test)":                 "",
		"sam.green @nhs.test, jo @ nhs.test":                           "sam.green@nhs.test jo@nhs.test",
		"look at nhs.test please":                                      "",
		"Call me at nhs.test":                                          "",
		"kirsty.o'hara@nhs.test; mei-ling.chow@nhs.test":               "kirsty.o'hara@nhs.test mei-ling.chow@nhs.test",
		"Jo Marsh\njo.marsh@nhs.test":                                  "jo.marsh@nhs.test",
		"for sam.green\nbob.wood@nhs.test":                             "bob.wood@nhs.test",
		"for e.g.\nsam@nhs.test":                                       "sam@nhs.test",
		"at 9 p.m\nsam@nhs.test":                                       "sam@nhs.test",
		"letter.pdf\njo@nhs.test":                                      "jo@nhs.test",
		"letter.pdf\njo.marsh@nhs.test":                                "jo.marsh@nhs.test",
		"vikram.joshi@nhs.test<mailto:vikram.joshi@nhs.test>":          "vikram.joshi@nhs.test vikram.joshi@nhs.test",
	} {
		got := ""
		for _, w := range FindWritten(text, known) {
			if got != "" {
				got += " "
			}
			got += w.Address
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
