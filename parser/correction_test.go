package parser_test

import (
	"testing"

	"mfabot/parser"
)

// TestReadCorrection: of the words of a site about the user sam.lee@x.test, who says that the address is another.
// Its own mailbox is shop@x.test.
func TestReadCorrection(t *testing.T) {
	t.Parallel()
	const clear, unclear, none = "sam.leigh@x.test", "unclear", "none"
	for _, c := range []struct {
		words string
		want  string // of words that nobody asked for
		asked string // of the answer to the question
	}{
		// Plainly the right one.
		{"Sorry, my mistake, it should be sam.leigh@x.test and not sam.lee@x.test.\n\nJo", clear, clear},
		{"So sorry, that's a typo. It is sam.leigh@x.test\n\nRosa", clear, clear},
		{"Oh dear, this went to the wrong person. sam.lee@x.test is a receptionist of ours. The nurse is\n" +
			"sam.leigh@x.test, with an e. Can you correct it please?", clear, clear},
		{"The correct address is Sam.Leigh@X.test.", clear, clear},
		{"Correct email: sam.leigh@x.test", clear, clear},
		{"sam.lee@x.test -> sam.leigh@x.test", clear, clear},
		{"We typed sam.lee@x.test but meant sam.leigh@x.test", clear, clear},
		{"Please change sam.lee@x.test to sam.leigh@x.test.", clear, clear},
		{"Could you please correct the address to sam.leigh@x.test?", clear, clear},
		{"Please use sam.leigh@x.test instead of sam.lee@x.test", clear, clear},
		{"It's sam.leigh@x.test, not sam.lee@x.test!", clear, clear},
		{"Not sam.lee@x.test but sam.leigh@x.test, please.", clear, clear},
		{"Apologies - wrong email. Her address is <sam.leigh@x.test>", clear, clear},
		{"The email is misspelt: it is spelt sam.leigh@x.test<mailto:sam.leigh@x.test>", clear, clear},
		{"An error on our side. The right one is Sam Leigh, sam.leigh@x.test", clear, clear},
		{"Wrong address, sorry.\nUser: sam.leigh@x.test", clear, clear},
		{"Hi, there is a mistake in the email address. It should read: sam.leigh@x.test. Write to shop@x.test with questions. Jo",
			clear, clear},

		{"The right address is:\n\nsam.leigh@x.test\n\nThanks", clear, clear},
		{"Sorry, typo - sam.leigh@x.test", clear, clear},
		{"We missed a letter: sam.leigh@x.test", clear, clear},
		{"Sam's new email address is sam.leigh@x.test.", clear, clear},
		{"sam.leigh@x.test is the correct one, the other is not.", clear, clear},
		{"Please note the amended email: sam.leigh@x.test", clear, clear},
		{"It was meant to be sam.leigh@x.test", clear, clear},
		{"We spelt his name wrongly. It is Sam with a g: sam.leigh@x.test", clear, clear},
		{"CORRECTION: sam.leigh@x.test", clear, clear},
		{"Please replace the address with sam.leigh@x.test", clear, clear},
		{"His address is sam.leigh@x.test rather than sam.lee@x.test", clear, clear},

		// Right as the answer to the question only.
		{"sam.leigh@x.test", none, clear},
		{"Hello,\n\nsam.leigh@x.test\n\nThanks, Jo", none, clear},
		{"It is sam.leigh@x.test", none, clear},
		{"User: sam.leigh@x.test", none, clear},
		{"Please try sam.leigh@x.test", none, clear},
		{"Thanks for letting us know. Sam's address is sam.leigh@x.test. Regards", none, clear},
		{"His email changed, it's now sam.leigh@x.test", none, clear},
		{"There is a g in it: sam.leigh@x.test", none, clear},

		// One more user.
		{"Also for bob@x.test please, same reason", none, none},
		{"Sorry, my mistake: it should be for bob@x.test as well", none, none},
		{"Please add bob@x.test, we forgot him by mistake", none, none},
		{"There is a second person, the correct address is bob@x.test. It is another user.", none, none},
		{"Both sam.lee@x.test and bob@x.test should be exempt", none, none},

		// Several addresses.
		{"It should be sam.leigh@x.test or sam.leigh2@x.test", unclear, unclear},
		{"Wrong address: it is sam.leigh@x.test.\n\nAnn Wood\nann.wood@x.test", unclear, unclear},
		{"We have bob@x.test and ann@x.test here", none, unclear},

		// Somebody else's address, or doubt.
		{"The address is wrong, please contact bob@x.test about it", unclear, unclear},
		{"The letter was signed by his manager, bob@x.test, and is correct", none, unclear},
		{"If sam.lee@x.test is wrong, it should be sam.leigh@x.test", unclear, unclear},
		{"I think it should be sam.leigh@x.test", unclear, unclear},
		{"Should it be sam.leigh@x.test?", unclear, unclear},
		{"Is the correct address sam.leigh@x.test?", unclear, unclear},
		{"sam.lee@x.test is correct. sam.leigh@x.test is her sister.", unclear, unclear},
		{"It should be sam.lee@x.test, not sam.leigh@x.test", unclear, unclear},
		{"Please correct nothing: the address is right. The manager's is bob@x.test", unclear, unclear},
		{"sam.leigh@x.test is wrong", unclear, unclear},
		{"Please change it from sam.leigh@x.test to sam.lee@x.test", unclear, unclear},
		{"Please correct sam.leigh@x.test to sam.lee@x.test", unclear, unclear},
		{"The correct address for sam.leigh@x.test is sam.lee@x.test", unclear, unclear},
		{"Sorry for the delay. My email is bob@x.test", none, unclear},
		{"He works with bob@x.test on the ward, where phones are not allowed", none, unclear},
		{"Correct, he works with bob@x.test in the prison", none, unclear},
		{"That is right, and bob@x.test wrote the letter", none, unclear},
		{"Please answer right away to bob@x.test", none, unclear},

		// No other address.
		{"The address is wrong, sorry", none, none},
		{"It should be shop@x.test", none, none},
		{"sam.lee@x.test is right", none, none},
		{"Thanks", none, none},
		{"", none, none},
	} {
		for asked, want := range map[bool]string{false: c.want, true: c.asked} {
			r := parser.ReadCorrection(c.words, "sam.lee@x.test", asked,
				func(address string) bool { return address != "shop@x.test" })
			got := r.Address
			switch {
			case r.Unclear:
				got += unclear
			case got == "":
				got = none
			}
			if got != want {
				t.Errorf("asked %t: %s, want %s:\n%s", asked, got, want, c.words)
			}
		}
	}
}
