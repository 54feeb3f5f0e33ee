package intake_test

import (
	"testing"

	"mfabot/intake"
)

// TestWeighed: what reviewers weigh besides a request stands in every letter that asks them.
func TestWeighed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	w.sent()
	w.take("request LT-2026-00002,LT-2026-00003", email{from: corner, text: "Please exempt " + kim +
		" and lee@corner.test from MFA: accessibility issue.\n\n" +
		"Kind regards\n\nPriya Shah\nPharmacy Manager\nTel: 01632 960124", files: []string{pdf("both")}, header: []string{"Sender: Priya@corner.test"}})
	want := intake.Writer{Sender: "priya@corner.test", Name: "Priya Shah", Role: "Pharmacy Manager", Telephone: "01632 960124"}
	others := map[string]string{"LT-2026-00002": "LT-2026-00003", "LT-2026-00003": "LT-2026-00002"}
	n := 0
	check := func(template intake.Template) {
		t.Helper()
		for _, o := range w.sent() {
			if o.Template != template {
				continue
			}
			n++
			same(t, "writer", want, o.Facts.Writer)
			same(t, "exceptions of the site", 1, *o.Facts.SiteActive)
			same(t, "others", 1, len(o.Facts.Together))
			same(t, "in the same email", others[o.Ref], o.Facts.Together[0].Ref)
		}
	}
	check(intake.LetterReview)
	same(t, "review emails", 4, n)
}
