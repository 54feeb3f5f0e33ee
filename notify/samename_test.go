package notify

import (
	"strings"
	"testing"

	"mfabot/intake"
)

// TestOtherNameInTheDirectory: a review email points at another name than the site's, and not at another way to
// write the same one.
func TestOtherNameInTheDirectory(t *testing.T) {
	c := testComposer(t)
	for _, n := range []struct {
		site, directory string
		other           bool
	}{
		{"Sam Green", "Sam Green", false},
		{"Sam Green", "GREEN, Sam (OAK STREET PHARMACY)", false},
		{"Sam Green", "Dr Sam Green", false},
		{"Mr. S. Green", "Green, Samuel", false},
		{"Sam Green", "Samuel Peter GREEN", false},
		{"Samuel Green", "Sam Green [FA001]", false},
		{"Siân O'Brien", "OBRIEN, Sian", false},
		{"Zoë Smith-Jones", "Zoe Smith", false},
		{"Sam", "Sam Green", false},
		{"", "Sam Green", false},
		{"Sam Green", "", false},
		{"Jane Smith", "Janet Smythe", true},
		{"Jane Smith", "Janet Smith", true},
		{"Sam Green", "Sam Greene", true},
		{"Sam Green", "Lena Green", true},
		{"S G", "Sam Green", true},
		{"Sam Green", "Oak Street Pharmacy", true},
	} {
		review := requestLetter(intake.LetterReview, intake.ToReviewer, func(f *intake.Facts) {
			f.Code, f.User.Name, f.Account, f.DirectoryName = reviewCode, n.site, intake.AccountGood, n.directory
		})
		email, err := c.Render(review, monday)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(email.Text, "another name for this address"); got != n.other {
			t.Errorf("the site says %q, the directory %q: pointed at: %v", n.site, n.directory, got)
		}
	}
}
