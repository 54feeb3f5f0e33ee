package wording_test

import (
	"testing"

	"mfabot/intake/wording"
)

// TestAsksFor: whom a text asks for besides the user that its conversation is about, Sam Green.
func TestAsksFor(t *testing.T) {
	t.Parallel()
	sam := wording.Person{Address: "sam.green@pharmacy.test", Name: "Sam Green"}
	kim := wording.Person{Address: "kim.day@pharmacy.test", Name: "Kim Day"}
	patel := wording.Person{Address: "h.patel@surgery.test", Name: "Dr Patel"}
	for _, c := range []struct {
		of   wording.Person
		text string
		want bool
	}{
		{kim, "And the same for Kim Day, kim.day@pharmacy.test, please.", true},
		{kim, "Same again for kim.day@pharmacy.test please, letter attached", true},
		{kim, "And for kim.day@pharmacy.test.", true},
		{kim, "Thanks for that. We also need an exception for Kim Day (kim.day@pharmacy.test).", true},
		{kim, "Please could Kim Day (kim.day@pharmacy.test), who works on the same wing, have one too?", true},
		{kim, "Kim Day (kim.day@pharmacy.test) needs a long term exemption as well, her letter is attached.", true},
		{kim, "Kim Day works in the same unit and cannot have a phone there either. Please can she have one as well? Her email is kim.day@pharmacy.test", true},
		{kim, "Please exempt Kim Day as well: kim.day@pharmacy.test", true},
		{kim, "This is another request. It is about Kim Day, kim.day@pharmacy.test, whose hands shake.", true},
		{kim, "Can our pharmacist Kim Day <kim.day@pharmacy.test> be made exempt?", true},
		{kim, "I am writing on behalf of Kim Day (kim.day@pharmacy.test) to request an MFA exception.", true},
		{kim, "Please add kim.day@pharmacy.test to the request", true},
		{kim, "Please add Kim Day as well, kim.day@pharmacy.test", true},
		{kim, "Could both Sam and Kim have the exemption? kim.day@pharmacy.test", true},
		{wording.Person{Address: "kd12@pharmacy.test", Name: "Kim Day"}, "May we have an exemption for Kim Day, kd12@pharmacy.test?", true},
		{wording.Person{Address: "kd12@pharmacy.test"}, "Could kd12@pharmacy.test get an exemption?", true},

		{patel, "Sam should have a letter. Dr Patel's email is h.patel@surgery.test", false},
		{patel, "Please find attached a letter from Dr Patel. If you want to check anything you can reach her at h.patel@surgery.test.", false},
		{patel, "Sorry! Here it is. It was written by Dr Patel of occupational health, h.patel@surgery.test", false},
		{patel, "He needs the exemption for his work. Dr Patel's email is h.patel@surgery.test", false},
		{patel, "Sam needs an exemption, Dr Patel's email is h.patel@surgery.test", false},
		{patel, "Dr Patel (h.patel@surgery.test) says she needs an exemption.", false},
		{patel, "Dr Patel, h.patel@surgery.test, supports the exemption and has seen Sam since March.", false},
		{patel, "The letter is for Sam. For questions: h.patel@surgery.test", false},
		{patel, "Please also include h.patel@surgery.test in your reply.", false},
		{patel, "Please add h.patel@surgery.test to the correspondence about the request", false},
		{patel, "Please give Dr Patel a ring as well, or write to h.patel@surgery.test", false},
		{patel, "Thank you for the exemption and for Dr Patel's help (h.patel@surgery.test).", false},
		{patel, "h.patel@surgery.test", false},
		{patel, "Can Dr Patel send it to you? h.patel@surgery.test", false},
		{patel, "Sam still needs one too. Dr Patel signed it, h.patel@surgery.test.", false},
		{kim, "Kim Day (kim.day@pharmacy.test) is the ward manager and can confirm it.", false},
		{kim, "My manager Kim Day, kim.day@pharmacy.test, asked why Sam needs an exemption.", false},
		{kim, "Kim already has one, kim.day@pharmacy.test.", false},
		{kim, "", false},
	} {
		if got := wording.AsksFor(c.text, c.of, sam); got != c.want {
			t.Errorf("%q: got %v, want %v", c.text, got, c.want)
		}
	}
}
