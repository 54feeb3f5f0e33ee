package parser_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mfabot/parser"
)

// reading is what must hold of a message that came in somewhere.
type reading struct {
	decision  string // "approve", or "reject: why"
	users     string // "Sam Green <sam.green@pharmacy.test>", with a comma between two
	counting  int    // files that count as evidence
	automatic bool
}

// TestField has messages as they came in from the field: what marks, banners, clients and gateways put around a decision,
// and whom a request is for. What is said to those whose letter did not come through is tested with the whole program.
func TestField(t *testing.T) {
	const (
		samGreen = "Sam Green <sam.green@pharmacy.test>"
		tomReed  = "Tom Reed <tom.reed@pharmacy.test>"
		joMarsh  = "Jo Marsh <jo.marsh@pharmacy.test>"
	)
	approves, forSam, byMachine := reading{decision: "approve"}, reading{users: samGreen, counting: 1}, reading{automatic: true}
	p := parser.New(vocabulary)
	for row, want := range map[string]reading{
		// Markings above and below, in text and HTML.
		"eml/d-label-00.eml":     approves,
		"eml/d-label-01.eml":     approves,
		"eml/d-label-03.eml":     approves,
		"eml/d-label-05.eml":     approves,
		"eml/d-label-06.eml":     approves,
		"eml/d-label-08.eml":     approves,
		"eml/d-label-footer.eml": approves,
		"eml/d-label-reject.eml": {decision: "reject: the letter is not signed"},
		"eml/d-banner-06.eml":    approves,
		"eml/d-banner-07.eml":    approves,
		"eml/d-banner-13.eml":    approves,
		"eml/d-banner-16.eml":    approves,
		"eml/d-banner-18.eml":    approves,

		"eml/d-outlook-android.eml": approves,
		"eml/d-iphone-below.eml":    approves,
		// Gmail shows a third rendition, which says Reject: what its author saw is in doubt.
		"eml/d-amp.eml": {},
		// A voting button writes into the subject alone, and nobody has written anything.
		"eml/d-vote.eml": {users: samGreen},
		// A thumb is no command, and what an acknowledgement says answers nothing.
		"eml/d-react-outlook.eml": byMachine,
		"eml/d-react-gmail.eml":   byMachine,
		"eml/m-react-site.eml":    byMachine,
		"eml/m-ack-00.eml":        byMachine,
		"eml/m-ack-01.eml":        byMachine,
		"eml/m-ack-03.eml":        byMachine,

		// Others who are named: who wrote the letter, a manager, who asks, a footer, a Message-ID, a rewritten link.
		"eml/s-other-00.eml":     forSam,
		"eml/s-other-01.eml":     forSam,
		"eml/s-other-03.eml":     forSam,
		"eml/s-other-04.eml":     forSam,
		"eml/s-other-07.eml":     forSam,
		"eml/s-other-08.eml":     forSam,
		"eml/s-other-10.eml":     forSam,
		"eml/s-other-12.eml":     forSam,
		"eml/t-msgid.eml":        forSam,
		"eml/t-form-manager.eml": forSam,
		"eml/t-footer2.eml":      forSam,
		"eml/t-safelink.eml":     forSam,
		"eml/t-two.eml":          {users: samGreen + ", " + tomReed, counting: 1},
		// The address stands where one may not look: it is also in To or Sender, in the subject, or behind a link.
		"eml/s-to-user.eml":      forSam,
		"eml/s-sender-self.eml":  {users: joMarsh, counting: 1},
		"eml/t-subject-only.eml": forSam,
		"eml/u-mention-alt.eml":  forSam,
		"eml/u-mention-html.eml": forSam,
		"eml/u-link-html.eml":    forSam,
		// GREEN, Sam (OAK STREET PHARMACY - FX101)
		"eml/s-name-00.eml": forSam,
	} {
		t.Run(row, func(t *testing.T) {
			t.Parallel()
			raw, err := os.ReadFile(filepath.Join("testdata", "field", filepath.Base(row)))
			if err != nil {
				t.Fatal(err)
			}
			m, err := p.Parse(bytes.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, readingOf(m), cmp.AllowUnexported(reading{})); diff != "" {
				t.Errorf("(-want +got)\n%s\nnew text: %q", diff, m.NewText)
			}
		})
	}
}

func readingOf(m *parser.Message) (r reading) {
	if d := m.Decision; d != nil {
		r.decision = strings.TrimSuffix(d.Verb+": "+d.Text, ": ")
	}
	var users []string
	for _, u := range m.Subjects {
		users = append(users, u.Name+" <"+u.Email+">")
	}
	r.users = strings.Join(users, ", ")
	for _, file := range m.Evidence {
		if file.Counts {
			r.counting++
		}
	}
	r.automatic = m.Automatic
	return r
}
