package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/inbound"
)

// asksFor is a site's request for some users.
func asksFor(site, subject string, users ...string) email {
	text := "User: " + strings.Join(users, "\nUser: ") + "\nReason: Accessibility issue\nDetails: They have a tremor.\n"
	return email{from: site, subject: subject, text: text, files: []string{pdf(subject)}}
}

// TestTooManyRequests: what one site asks for above a day's limit waits for the operator, as whole messages, and
// neither buries anybody nor holds up another site.
func TestTooManyRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, caps(func(p *intake.Policy) { p.RequestsADay = 5 }))
	w.take("request LT-2026-00001", asksFor(corner, "one", "u1@corner.test"))
	w.sent()
	w.take("quarantined(too-many)", asksFor(corner, "three", "u2@corner.test", "u3@corner.test", "u4@corner.test"))
	alert := w.expect("alert too-many > "+ops, "too-many > "+corner)[0]
	w.alerts(alert, "Site: Corner Pharmacy (FA001)", "Subject: three", "mfabot requeue 2", "mfabot decide --site FA001 reject")
	same(t, "requests", 1, w.count())
	w.take("request LT-2026-00002,LT-2026-00003", asksFor(corner, "two", "u5@corner.test", "u6@corner.test"))
	w.sent()
	for i := range 20 {
		w.take("quarantined(too-many)", asksFor(corner, fmt.Sprint("more ", i), "u7@corner.test"))
	}
	w.expect()
	w.take("request LT-2026-00004", asksFor(bright, "another site", "eve@bright.test"))
	w.sent()

	c := must(w.Requeue(t.Context(), 2, inbound.Again{}))(t)
	same(t, "read again", "LT-2026-00005,LT-2026-00006,LT-2026-00007", c.Ref)
	w.sent()
	w.now = w.now.Add(25 * time.Hour)
	w.take("request LT-2026-00008", asksFor(corner, "a day later", "u8@corner.test"))
	w.sent()
	for i := range 3 {
		w.takeAll(w.arrival(asksFor(corner, fmt.Sprint("again ", i), fmt.Sprintf("v%d@corner.test", i))))
	}
	if l := w.sent(); len(l) == 0 || l[len(l)-1].Template != intake.LetterTooMany {
		t.Error("the site is not told on the next day")
	}
}

// TestTooManyAdditions: nor does what a site adds to its requests.
func TestTooManyAdditions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, caps(func(p *intake.Policy) { p.AdditionsADay = 4 }))
	_, _, receipt := w.pending()
	for i := range 2 {
		w.take("information "+receipt.Ref, reply(receipt, corner, "More.", pdf(fmt.Sprint(i))))
	}
	w.sent()
	before := must(w.store.Request(t.Context(), receipt.Ref))(t)
	for i := range 10 {
		w.take("quarantined(too-many)", reply(receipt, corner, "More.", pdf(fmt.Sprint("more ", i))))
	}
	w.expect("alert too-many > "+ops, "too-many > "+corner)
	same(t, "files", len(before.Evidence), len(must(w.store.Request(t.Context(), receipt.Ref))(t).Evidence))
	w.take("information "+receipt.Ref, reply(receipt, corner, "Only words."))
	w.take("withdrawal "+receipt.Ref, reply(receipt, corner, "WITHDRAW"))
	w.take("request LT-2026-00002", asksFor(corner, "another", kim))
}
