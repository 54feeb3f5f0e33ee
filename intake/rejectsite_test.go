package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"mfabot/intake"
	"mfabot/intake/desk"
)

// TestRejectSiteButOne: a request on which the reviewer must not decide is left out, and no letter says that it was all.
func TestRejectSiteButOne(t *testing.T) {
	t.Parallel()
	for _, verb := range []string{"reject", "info"} {
		w := newWorld(t)
		w.asksFor("sam@corner.test")
		w.asksFor("ben@helpdesk.test")
		w.asksFor("kim@corner.test")
		w.sent()
		s := desk.SiteByHand{Site: "FA001", Verb: verb, Text: "Somebody else uses your mailbox", As: ben}
		all, barred, err := w.Decidable(t.Context(), s)
		ok(t, err)
		same(t, "listed", []int{2, 1}, []int{len(all), len(barred)})
		same(t, verb, []string{"LT-2026-00001", "LT-2026-00003"}, must(w.DecideSite(t.Context(), s))(t))
		w.inState("LT-2026-00002", intake.Pending)
		if verb == "info" {
			continue
		}
		for _, l := range w.expect("rejected-all > "+corner, "decided-all > "+asha, "decided-all > "+ben) {
			same(t, "told", []int{2, 3}, []int{len(l.Facts.Undecided), l.Facts.UndecidedTotal})
		}
	}
}

// TestRejectSite: all that a site asks for is rejected by one command, each request on record, with one letter to
// each who must know.
func TestRejectSite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	for i := range 20 {
		w.asksFor(fmt.Sprintf("user%d@corner.test", i))
	}
	w.take("decision "+a.Ref, reply(a, asha, "INFO Who signed it?"))
	w.take("request LT-2026-00022", email{from: corner, subject: "MFA", text: "User: lee.fox@corner.test\n", files: []string{pdf("lee")}})
	w.take("request LT-2026-00023", asksFor(bright, "another site", "eve@bright.test"))
	w.sent()
	w.inState("LT-2026-00022", intake.Incomplete)

	for _, c := range []struct{ code, reason, as, want string }{
		{"FA001", "Forged", "mallory@elsewhere.test", "is not a reviewer"},
		{"FA001", " ", asha, "reject needs a reason"},
		{"FC003", "Forged", asha, "has no open request"},
		{"FB002", "Forged", ben, "must not decide on LT-2026-00023"},
	} {
		if _, err := w.DecideSite(t.Context(), desk.SiteByHand{Site: c.code, Verb: "reject", Text: c.reason,
			As: c.as}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s by %s: %v", c.code, c.as, err)
		}
	}
	w.expect()

	refs := must(w.DecideSite(t.Context(), desk.SiteByHand{Site: "FA001", Verb: "reject",
		Text: "Somebody else uses your mailbox", As: asha}))(t)
	same(t, "rejected", 22, len(refs))
	l := w.expect("rejected-all > "+corner, "decided-all > "+asha, "decided-all > "+ben)
	same(t, "told", []any{22, "Somebody else uses your mailbox"}, []any{len(l[0].Facts.Undecided), l[0].Facts.Said})
	for _, ref := range refs {
		w.inState(ref, intake.Rejected)
		h := must(w.store.History(t.Context(), ref))(t)
		last := h[len(h)-1]
		same(t, ref, []any{intake.EventReject, asha, "Somebody else uses your mailbox"}, []any{last.Event, last.By, last.Text})
	}
	w.inState("LT-2026-00023", intake.Pending)
	for _, o := range must(w.store.Outbound(t.Context()))(t) {
		if o.Template == intake.LetterReview && o.Ref != "LT-2026-00023" && o.State != intake.Failed {
			t.Errorf("%s: a review email is still sent", o.Ref)
		}
	}
	w.take("refused(already-decided) "+a.Ref, reply(a, asha, "APPROVE"))
	w.expect("already-decided already-decided > " + asha)
}
