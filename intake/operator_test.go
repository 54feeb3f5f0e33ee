package intake_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/desk"
)

// says checks that something was refused, in words that help.
func says(t *testing.T, err error, words ...string) {
	t.Helper()
	for _, word := range words {
		if err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("got the error %v, want one with %q", err, word)
		}
	}
}

func TestGrant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	e := must(w.Grant(t.Context(), "Sam.Lee@Corner.test", "phone-stolen-or-lost", "fa001", "called at noon"))(t)
	same(t, "exception", &intake.Exception{Ref: "ST-2026-00001", Category: intake.Short, State: intake.Active,
		User: intake.User{Email: sam}, SiteCode: "FA001",
		SiteAddress: corner, Reason: "phone-stolen-or-lost", Note: "called at noon", GrantedBy: "operator",
		StartsAt: noon, EndsAt: noon.Add(day),
		NextNoticeAt: noon.Add(23 * time.Hour)}, e)
	same(t, "as it is stored", e, must(w.store.Exception(t.Context(), e.Ref))(t))
	l := w.expect("granted > "+corner, "granted > "+sam)
	if r := l[1].Facts.Reason; !r.NoApp || strings.Contains(r.Next, "stolen") || !strings.Contains(r.Next, "replaced") {
		t.Errorf("an app cannot be used: %t; what is left for who has called: %q", r.NoApp, r.Next)
	}
	if !strings.Contains(l[1].Facts.Reason.Action, "set up MFA again") {
		t.Errorf("the additional action is %q", l[1].Facts.Reason.Action)
	}
	for _, c := range []struct {
		user, reason, site string
		words              []string
	}{
		{sam, "other", "", []string{"ST-2026-00001", "3 March 2026, 12:00 GMT"}},
		{"sam", "other", "", []string{`"sam"`, "email address"}},
		{"Sam <sam@x.test>", "other", "", []string{"email address"}},
		{"sam@x.test, kim@x.test", "other", "", []string{"email address"}},
		{"", "other", "", []string{"email address"}},
		{kim, "accessibility", "", []string{"accessibility",
			"phone-stolen-or-lost, phone-misplaced, no-signal, notification-trouble, other"}},
		{kim, "", "", []string{"phone-stolen-or-lost"}},
		{kim, "other", "FX999", []string{"FX999", "ODS code"}},
	} {
		_, err := w.Grant(t.Context(), c.user, c.reason, c.site, "")
		says(t, err, c.words...)
	}
	w.expect()
	w.now = w.now.Add(day) // not swept, and over all the same
	same(t, "next reference", "ST-2026-00002", must(w.Grant(t.Context(), sam, "other", "", ""))(t).Ref)
	w.expect("ended > "+corner, "ended > "+sam, "granted > "+sam) // no site, no letter to one of the second
}

// TestGrantThenApproval: the long-term exception takes the place of the short one.
func TestGrantThenApproval(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(w.Grant(t.Context(), sam, "other", "", ""))(t)
	w.sent()
	w.approved()
	same(t, "state", intake.Superseded, must(w.store.Exception(t.Context(), "ST-2026-00001"))(t).State)
	_, err := w.Grant(t.Context(), sam, "other", "", "")
	says(t, err, "LT-2026-00001")
}

// TestReferencesByYear: the year is that of the policy's time zone.
func TestReferencesByYear(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *config) {
		p := *c.Policy
		p.Zone = must(time.LoadLocation("Pacific/Auckland"))(t)
		c.Policy = &p
	})
	w.now = time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC)
	same(t, "reference", "ST-2027-00001", must(w.Grant(t.Context(), sam, "other", "", ""))(t).Ref)
}

// TestDecideByHandForWhom: what was put right since is approved by hand only for the address that the operator gives.
func TestDecideByHandForWhom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, receipt := w.pending()
	w.take("information "+a.Ref, reply(receipt, corner, "Please correct "+sam+" to "+leigh+"."))
	w.sent()
	by := desk.ByHand{Ref: a.Ref, Verb: "approve", As: asha}
	_, err := w.Desk.DecideByHand(t.Context(), by)
	says(t, err, "nothing was decided", "--user "+leigh)
	by.User = sam
	_, err = w.Desk.DecideByHand(t.Context(), by)
	says(t, err, "is for "+leigh, "not for "+sam)
	by.Verb, by.Text = "reject", "No"
	_, err = w.Desk.DecideByHand(t.Context(), by)
	says(t, err, "is for "+leigh, "not for "+sam)
	w.expect()
	w.inState(a.Ref, intake.Pending)
	must(w.Desk.DecideByHand(t.Context(), desk.ByHand{Ref: a.Ref, Verb: "approve", As: asha, User: leigh}))(t)
	same(t, "exempt", []string{leigh}, w.active())
}

func TestDecideByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b, _ := w.pending()
	for _, c := range []struct {
		ref, verb, text, as string
		words               []string
	}{
		{a.Ref, "approve", "", stranger, []string{stranger, "reviewer"}},
		{a.Ref, "approve", "", ops, []string{"reviewer"}},
		{a.Ref, "aprove", "", asha, []string{"aprove", "approve, reject or info"}},
		{a.Ref, "revoke", "", asha, []string{"approve, reject or info"}},
		{a.Ref, "", "", asha, []string{"approve, reject or info"}},
		{a.Ref, "approve", "please", asha, []string{"UNTIL 2027-03-01"}},
		{a.Ref, "approve", "UNTIL 2026-03-01", asha, []string{"from today to 2026-08-29"}},
		{a.Ref, "approve", "UNTIL 2026-08-30", asha, []string{"from today to 2026-08-29"}},
		{a.Ref, "info", " ", asha, []string{"question"}},
	} {
		_, err := w.DecideByHand(t.Context(), c.ref, c.verb, c.text, c.as)
		says(t, err, c.words...)
	}
	if _, err := w.DecideByHand(t.Context(), "LT-2026-09999", "approve", "", asha); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("no request: %v", err)
	}
	w.expect()
	w.inState(a.Ref, intake.Pending)

	r := must(w.DecideByHand(t.Context(), a.Ref, "info", "Who signed?", "a.patel@trust.test"))(t)
	same(t, "state", intake.NeedsInfo, r.State)
	q := w.expect("question > " + corner)[0]
	_, err := w.DecideByHand(t.Context(), a.Ref, "approve", "", asha)
	says(t, err, a.Ref+" is needs-info")
	w.take("information "+a.Ref, reply(q, corner, "Dr May."))
	w.sent()
	r = must(w.DecideByHand(t.Context(), a.Ref, "approve", "until 2026-08-29", asha))(t) // the last day that may be given
	same(t, "state", intake.Approved, r.State)
	w.expect("approved > "+corner, "approved > "+sam, "decided > "+asha, "decided > "+ben)
	w.take("refused(already-decided) "+a.Ref, reply(b, ben, "REJECT"))
	same(t, "by", "Asha Patel", w.expect("already-decided already-decided > " + ben)[0].Facts.By)
	_, err = w.DecideByHand(t.Context(), a.Ref, "reject", "", ben)
	says(t, err, "needs a reason")
	_, err = w.DecideByHand(t.Context(), a.Ref, "reject", "forged", ben)
	says(t, err, a.Ref+" is approved")

	c, _, _ := w.pending()
	must(w.DecideByHand(t.Context(), c.Ref, "reject", "unsigned", ben))(t)
	same(t, "said", "unsigned", w.expect("rejected reviewer > "+corner, "decided reviewer > "+asha,
		"decided reviewer > "+ben)[0].Facts.Said)
}

func TestRevokeByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, decided := w.approved()
	must(w.RevokeByHand(t.Context(), "LT-2026-00001", "left the site", "Olu of operations"))(t)
	l := w.expect("revoked > "+corner, "revoked > "+sam, "decided > "+asha, "decided > "+ben)[0]
	same(t, "said", "left the site by Olu of operations", l.Facts.Said+" by "+l.Facts.By)
	w.events("LT-2026-00001", "complete", "approve", "revoke")
	_, err := w.RevokeByHand(t.Context(), "LT-2026-00001", "again", "Olu")
	says(t, err, "LT-2026-00001 is already revoked")
	if _, err = w.RevokeByHand(t.Context(), "LT-2026-09999", "x", "Olu"); !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("no exception: %v", err)
	}
	w.take("refused(already-decided) LT-2026-00001", reply(decided, asha, "REVOKE too"))
	w.sent()

	must(w.Grant(t.Context(), sam, "other", "", ""))(t)
	w.now = w.now.Add(day) // over, though nobody has seen to it
	_, err = w.RevokeByHand(t.Context(), "ST-2026-00001", "late", "Olu")
	says(t, err, "ST-2026-00001 is already ended")
}
