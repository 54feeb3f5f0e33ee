package intake_test

import (
	"testing"
	"time"

	"mfabot/intake"
)

// brightFor has Bright Eyes ask for sam, and returns the review letter to asha. Ben is a contact of Bright Eyes.
func (w *world) brightFor(ref string) intake.Outbound {
	w.t.Helper()
	w.take("request "+ref, email{from: bright, subject: "MFA", text: asked, files: []string{pdf("bright")}})
	return w.expect(toAsha, "receipt > "+bright)[0]
}

// replaced is an exception of Corner Pharmacy, and one of Bright Eyes that took its place after ten days. It
// returns the letter that tells Corner, and the one to asha with which the newer is revoked.
func (w *world) replaced() (toCorner, toReviewer intake.Outbound) {
	w.t.Helper()
	w.approved()
	w.now = w.now.Add(10 * day)
	w.take("decision LT-2026-00002", reply(w.brightFor("LT-2026-00002"), asha, "APPROVE"))
	l := w.expect("replaced > "+corner, "replaced > "+jo, "approved > "+bright, "approved > "+sam, "decided > "+asha)
	w.delivered()
	return l[0], l[4]
}

// TestReviewShowsOtherSites: reviewers see all that is known of the user, and the asking site nothing of it.
func TestReviewShowsOtherSites(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.take("decision LT-2026-00001", reply(a, asha, "REJECT the letter is of 2019"))
	w.sent()
	must(w.Grant(t.Context(), sam, "other", "FA001", ""))(t)
	w.sent()
	w.take("request LT-2026-00002", email{from: "teeth@dental.test", subject: "MFA", text: asked, files: []string{pdf("x")}})
	l := w.expect(toAsha, toBen, "receipt > teeth@dental.test")
	records := l[0].Facts.Records
	if len(records) != 2 {
		t.Fatalf("on record: %+v", records)
	}
	same(t, "now", "ST-2026-00001 active FA001", records[0].Ref+" "+records[0].State+" "+records[0].Site.ODSCode)
	same(t, "another site's", true, records[0].Other)
	same(t, "before", "LT-2026-00001 rejected the letter is of 2019", records[1].Ref+" "+records[1].State+" "+records[1].Text)
	same(t, "the site is told of none", 0, len(l[2].Facts.Records))
	same(t, "nor that one runs", time.Time{}, l[2].Facts.Runs)
}

// TestPlusAddressIsTheUser: a detail after a plus sign makes nobody somebody else.
func TestPlusAddressIsTheUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	_, err := w.Grant(t.Context(), "Sam.Lee+x@corner.test", "other", "", "")
	says(t, err, "LT-2026-00001")
	left := must(w.Leave(t.Context(), []string{"sam.lee+y@corner.test"}, "Olu"))(t)
	same(t, "left", []string{"LT-2026-00001"}, left[0].Revoked)
}

// TestEveryAddressIsEnded: an exception for a detail of the address that replaces one without it ends both.
func TestEveryAddressIsEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	w.take("request LT-2026-00002", email{from: bright, subject: "MFA", files: []string{pdf("bright")},
		text: "Please exempt Sam Lee, sam.lee+eyes@corner.test, from MFA. Sam has a tremor, which is an accessibility issue.\n"})
	w.take("decision LT-2026-00002", reply(w.expect(toAsha, "receipt > "+bright)[0], asha, "APPROVE"))
	w.sent()
	same(t, "the first", intake.Superseded, must(w.store.Exception(t.Context(), "LT-2026-00001"))(t).State)
	w.directory = nil
	must(w.RevokeByHand(t.Context(), "LT-2026-00002", "found", "Olu"))(t)
	w.sent()
	same(t, "ended", []string{"End the MFA exemption of sam.lee+eyes@corner.test now",
		"End the MFA exemption of " + sam + " now"}, w.directory)
}

// TestReplacedByAnotherSite: the site whose exception another's replaces is told so, and what becomes of that:
// its warnings, its end. It is not told who asked, nor why.
func TestReplacedByAnotherSite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l, _ := w.replaced()
	ends := noon.Add(190 * day)
	same(t, "reference", "LT-2026-00001", l.Ref)
	same(t, "ends", ends, l.Facts.Ends)
	same(t, "site", "FA001", l.Facts.Site.ODSCode)
	same(t, "nothing said", "", l.Facts.Said+l.Facts.By)

	w.now = noon.Add(150 * day)
	w.sweep()
	w.expect() // the warning of the old one is not due
	w.now = noon.Add(160 * day)
	w.sweep()
	warning := w.expect("warning > "+corner, "warning > "+bright, "warning > "+sam)[0]
	same(t, "the last day for a request of its own", false, warning.Facts.RenewBy.IsZero())
	same(t, "warned of", ends, warning.Facts.Ends)
	w.delivered()
	w.take("request LT-2026-00003", reply(warning, corner, "We still need it.", pdf("newer")))
	w.expect(toAsha, toBen, "receipt > "+corner)
	w.now = ends
	w.sweep()
	w.sent()
	w.now = ends.Add(day)
	w.sweep()
	same(t, "over", intake.Ended, must(w.store.Exception(t.Context(), "LT-2026-00002"))(t).State)
}

// TestReplacedEnds: the former site is told of the end.
func TestReplacedEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.replaced()
	w.now = noon.Add(190 * day)
	w.sweep()
	l := w.expect("ended > "+corner, "ended > "+bright, "ended > "+sam)
	same(t, "reference", "LT-2026-00001", l[0].Ref)
}

// TestReplacedRevoked: when the newer one is ended early, the former site and its contacts are told, without
// the words that were meant for the other site.
func TestReplacedRevoked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, toReviewer := w.replaced()
	w.take("decision LT-2026-00002", reply(toReviewer, asha, "REVOKE the round for Bright Eyes is over"))
	l := w.expect("revoked > "+corner, "revoked > "+jo, "revoked > "+bright, "revoked > "+sam)
	same(t, "nothing said", "", l[0].Facts.Said+l[0].Facts.By)
	same(t, "the other site is told why", "the round for Bright Eyes is over", l[2].Facts.Said)
}

// TestEndTellsBeforeReplacing: an end between its moment and the sweep is told, though another begins.
func TestEndTellsBeforeReplacing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	w.now = noon.Add(179 * day)
	a := w.brightFor("LT-2026-00002")
	w.now = noon.Add(180*day + time.Hour)
	w.take("decision LT-2026-00002", reply(a, asha, "APPROVE"))
	w.expect("ended > "+corner, "ended > "+sam, "approved > "+bright, "approved > "+sam, "decided > "+asha)
	w.sweep()
	w.expect()
}

// TestRevokedAfterItsEnd: what is over cannot be revoked, and its end is told all the same.
func TestRevokedAfterItsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	w.delivered()
	w.now = noon.Add(180 * day)
	_, err := w.RevokeByHand(t.Context(), "LT-2026-00001", "x", "Olu")
	says(t, err, "already ended")
	w.sweep()
	w.expect("ended > "+corner, "ended > "+sam)
}

// TestUntilBeforeAnotherSitesEnd: an approval that would shorten another site's exception is answered with
// which one it is.
func TestUntilBeforeAnotherSitesEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	a := w.brightFor("LT-2026-00002")
	w.take("refused(bad-until) LT-2026-00002", reply(a, asha, "APPROVE UNTIL 2026-04-01"))
	l := w.expect("not-understood bad-until > " + asha)[0]
	same(t, "in the way", "LT-2026-00001", l.Facts.Elsewhere)
	w.inState("LT-2026-00002", intake.Pending)
}

// TestIncompleteJoinsTheOpenOne: a form filled in for somebody whose request is open begins no second one, and
// what came with the incomplete one is added to it.
func TestIncompleteJoinsTheOpenOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: "A colleague needs one.", files: []string{pdf("more")}})
	l := w.expect("incomplete > " + corner)[0]
	w.take("request LT-2026-00002", email{from: corner, subject: "MFA", text: asked, files: []string{pdf("first")}})
	w.expect(toAsha, toBen, "receipt > "+corner)
	w.take("information LT-2026-00002", reply(l, corner, form("sam.lee+mfa@corner.test", "accessibility")))
	w.expect(toAsha, toBen, "receipt > "+corner)
	w.inState("LT-2026-00001", intake.Withdrawn)
	same(t, "evidence of both", 2, len(w.inState("LT-2026-00002", intake.Pending).Counting()))
}
