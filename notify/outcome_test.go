package notify

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"mfabot/intake"
)

// outcomes are the letters that tell a site and a user what came of a request, and of an exception.
func outcomes() []sample {
	about := []intake.Template{intake.LetterApproved, intake.LetterApplied, intake.LetterGranted, intake.LetterWarning,
		intake.LetterEnded, intake.LetterRevoked, intake.LetterReplaced, intake.LetterWithdrawn, intake.LetterRejected,
		intake.LetterRejectedAll, intake.LetterLapsed, intake.LetterNotRenewed, intake.LetterShortTerm, intake.LetterNoException}
	return slices.DeleteFunc(inEnglish(), func(s sample) bool { return !slices.Contains(about, s.letter.Template) })
}

// TestWhereToCallIsSaidOnce: the number is in each letter, once, and a tap on it calls. The letter's end has it where its
// words have not.
func TestWhereToCallIsSaidOnce(t *testing.T) {
	c := testComposer(t)
	once := func(name string, l intake.Letter) {
		email, err := c.Render(l, monday)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(email.Text, testService().Relay, "")
		if n := strings.Count(text, testService().Telephone); n != 1 {
			t.Errorf("%s has the number %d times:\n%s", name, n, email.Text)
		}
		if n := strings.Count(email.HTML, `<a href="tel:03332001133"`); n != 1 {
			t.Errorf("%s has %d links to the number", name, n)
		}
	}
	for _, s := range outcomes() {
		once(s.name, s.letter)
	}
	once("an alert, which does not speak of it", samples()[slices.IndexFunc(samples(),
		func(s sample) bool { return s.name == "alert" })].letter)
}

// TestNothingIsOnBeforeItIs: as long as a person or the directory has still to make the change, no letter says that it is made.
func TestNothingIsOnBeforeItIs(t *testing.T) {
	c := testComposer(t)
	untrue := regexp.MustCompile(`(?i)has started|has ended|works now|\bstarts:|the user is asked for it again|you are asked for it again`)
	yet := map[intake.Template]string{intake.LetterApproved: "yet", intake.LetterGranted: "yet",
		intake.LetterEnded: "is not on again yet", intake.LetterRevoked: "is not on again yet"}
	for _, s := range outcomes() {
		if !strings.Contains(s.name, "-by-hand") && !strings.Contains(s.name, "-waiting") || s.letter.Template == intake.LetterApplied {
			continue
		}
		email, err := c.Render(s.letter, monday)
		if err != nil {
			t.Fatal(err)
		}
		said := regexp.MustCompile(yet[s.letter.Template])
		heading, rest, _ := strings.Cut(email.Text, "\n")
		if !said.MatchString(email.Subject) || !said.MatchString(heading) {
			t.Errorf("%s: %q, %q", s.name, email.Subject, heading)
		}
		// When it ends it is so again.
		rest = strings.NewReplacer("When the exception ends, you are asked for the second check again.", "",
			"When the exception ends, the user is asked for the second check again.", "").Replace(strings.ReplaceAll(rest, "\n  ", " "))
		if found := untrue.FindString(email.Subject + "\n" + heading + "\n" + rest); found != "" {
			t.Errorf("%s says %q:\n%s", s.name, found, email.Text)
		}
	}
}

// TestNoAppIsRecommended to who cannot use one.
func TestNoAppIsRecommended(t *testing.T) {
	c := testComposer(t)
	for _, s := range outcomes() {
		for _, cannot := range []bool{true, false} {
			s.letter.Facts.Reason.NoApp = cannot
			email, err := c.Render(s.letter, monday)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Join(strings.Fields(email.Text), " ")
			advised := strings.Contains(text, "We recommend the Microsoft Authenticator app") ||
				strings.Contains(text, "such as the Microsoft Authenticator app")
			method := strings.Contains(text, "a text message or a security key")
			if advised == cannot && method {
				t.Errorf("%s, where an app cannot be used %t: %s", s.name, cannot, email.Text)
			}
			switch s.letter.Template {
			case intake.LetterApproved, intake.LetterGranted:
				if !method || !strings.Contains(text, "Microsoft Authenticator") {
					t.Errorf("%s does not say which methods there are: %s", s.name, email.Text)
				}
			}
		}
	}
}

// TestWaysThatAPolicyLeavesOut leave no gap.
func TestWaysThatAPolicyLeavesOut(t *testing.T) {
	c := testComposer(t)
	c.service.Hours, c.service.Relay, c.service.OtherMethods = "", "", ""
	gap := regexp.MustCompile(`\(\)|relay|\s[.,:;]|:\s*\.|used:|used too:`)
	for _, s := range outcomes() {
		email, err := c.Render(s.letter, monday)
		if err != nil {
			t.Fatal(err)
		}
		text, _, _ := strings.Cut(email.Text, "\n-- \n")
		if found := gap.FindString(strings.ReplaceAll(text, "\n", " ")); found != "" {
			t.Errorf("%s has %q:\n%s", s.name, found, text)
		}
	}
}

// TestTheUsersLettersNameTheSite, so that the user knows whom to ask.
func TestTheUsersLettersNameTheSite(t *testing.T) {
	c := testComposer(t)
	for _, s := range outcomes() {
		if s.letter.Facts.Audience != intake.ToUser || s.letter.Facts.Site.Name == "" {
			continue
		}
		email, err := c.Render(s.letter, monday)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(email.Text, site.Name) || !strings.Contains(email.Text, site.Mailbox) {
			t.Errorf("%s:\n%s", s.name, email.Text)
		}
	}
}
