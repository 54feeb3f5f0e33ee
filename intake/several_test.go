package intake_test

import (
	"testing"

	"mfabot/intake"
)

// threeUsers begins requests for three users that are reviewed in one email, and returns asha's answer to all of them.
func (w *world) threeUsers() (answer func(text string) email) {
	w.t.Helper()
	pat := "pat@corner.test"
	w.take("request LT-2026-00001,LT-2026-00002,LT-2026-00003", email{from: corner, subject: "MFA",
		text: form(sam+"\nUser: "+kim+"\nUser: "+pat, "accessibility"), files: []string{pdf("x")}})
	l := w.WithCode(w.expect("reviews > "+asha, "reviews > "+ben, "receipt > "+corner, "receipt > "+corner, "receipt > "+corner)[0])
	return func(text string) email {
		return email{from: asha, subject: "All [" + l.Facts.AllCode + "]", text: text}
	}
}

// came returns what a letter says came of each request.
func came(o intake.Outbound) (out []string) {
	for _, u := range o.Facts.Undecided {
		out = append(out, string(u.State)+" "+string(u.LeftOut))
	}
	return out
}

// TestSecondThoughtsOfSeveral: what takes back a first approval of one request takes back those of several.
func TestSecondThoughtsOfSeveral(t *testing.T) {
	t.Parallel()
	w := newWorld(t, twoApprovals)
	all := w.threeUsers()
	w.take("decision LT-2026-00001,LT-2026-00002,LT-2026-00003", all("APPROVE"))
	same(t, "approved", []string{"pending ", "pending ", "pending "}, came(w.expect("several > " + asha)[0]))
	w.take("refused(not-now)", all("APPROVE\n\nAsha"))
	same(t, "again", []string{"pending not-now", "pending not-now", "pending not-now"}, came(w.expect("several not-now > " + asha)[0]))
	w.take("decision LT-2026-00001,LT-2026-00002,LT-2026-00003", all("REJECT The letter is forged"))
	for _, ref := range []string{"LT-2026-00001", "LT-2026-00002", "LT-2026-00003"} {
		w.inState(ref, intake.Rejected)
	}
}

// TestSeveralLeftOut: the receipt of an answer for several requests names each with what came of it, and why it was left.
func TestSeveralLeftOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := w.threeUsers()
	must(w.DecideByHand(t.Context(), "LT-2026-00001", "reject", "No", ben))(t)
	must(w.DecideByHand(t.Context(), "LT-2026-00003", "info", "Who signed?", ben))(t)
	w.sent()
	w.take("decision LT-2026-00002", all("APPROVE"))
	got := w.sent()
	receipt := got[len(got)-1]
	same(t, "the receipt", intake.LetterSeveral, receipt.Template)
	same(t, "of each", []string{"rejected already-decided", "approved ", "needs-info not-now"}, came(receipt))
	w.take("refused(already-decided)", all("APPROVE\n\nAsha"))
	w.expect("several already-decided > " + asha)
}

// TestSeveralTooOld: the code for all is too old as that of one is: the reviewer is asked anew.
func TestSeveralTooOld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := w.threeUsers()
	w.now = w.now.Add(w.config.Policy.CodesLast)
	w.take("refused(expired)", all("APPROVE"))
	l := w.expect("reviews > "+asha, "several expired > "+asha)
	same(t, "of each", []string{"pending expired", "pending expired", "pending expired"}, came(l[1]))
	w.take("decision LT-2026-00001,LT-2026-00002,LT-2026-00003",
		email{from: asha, subject: "All [" + w.WithCode(l[0]).Facts.AllCode + "]", text: "APPROVE"})
}
