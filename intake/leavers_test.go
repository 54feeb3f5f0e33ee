package intake_test

import (
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/intake/desk"
)

// TestLeave: of people who have left, exceptions are ended and requests closed, and whoever waits for them is
// told; all at once.
func TestLeave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, _ = w.renewing() // sam's exception LT-2026-00001, and its renewal
	w.pendingFor(kim)
	must(w.Grant(t.Context(), "pat@corner.test", "other", "", ""))(t)
	must(w.Grant(t.Context(), "max@corner.test", "other", "", ""))(t)
	w.sent()
	w.directory = nil
	got := must(w.Leave(t.Context(), []string{sam, kim, "nobody@corner.test", "pat@corner.test"}, "Olu of operations"))(t)
	same(t, "done", []desk.Leaver{
		{Email: sam, Revoked: []string{"LT-2026-00001"}, TakenBack: []string{"LT-2026-00002"}},
		{Email: kim, TakenBack: []string{"LT-2026-00003"}},
		{Email: "nobody@corner.test"},
		{Email: "pat@corner.test", Revoked: []string{"ST-2026-00001"}},
	}, got)
	l := w.expect("withdrawn left > "+corner, "decided left > "+asha, "decided left > "+ben, "revoked left > "+corner,
		"revoked left > "+sam, "decided left > "+asha, "decided left > "+ben,
		"withdrawn left > "+corner, "decided left > "+asha, "decided left > "+ben, "revoked left > pat@corner.test")
	same(t, "said", "left the organisation by Olu of operations", l[3].Facts.Said+" by "+l[3].Facts.By)
	same(t, "directory", []string{"End the MFA exemption of " + sam + " now",
		"End the MFA exemption of pat@corner.test now"}, w.directory)
	w.inState("LT-2026-00002", intake.Withdrawn)
	w.inState("LT-2026-00003", intake.Withdrawn)
	w.events("LT-2026-00003", "complete", "withdraw")
	same(t, "others", intake.Active, must(w.store.Exception(t.Context(), "ST-2026-00002"))(t).State)
	for _, again := range must(w.Leave(t.Context(), []string{sam, kim}, "Olu"))(t) {
		same(t, "the second time", desk.Leaver{Email: again.Email}, again)
	}
	w.expect()
}

// TestLeaveAfterTheEnd: what is over already ends as it would.
func TestLeaveAfterTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(w.Grant(t.Context(), sam, "other", "", ""))(t)
	w.sent()
	w.now = w.now.Add(25 * time.Hour)
	same(t, "done", []desk.Leaver{{Email: sam}}, must(w.Leave(t.Context(), []string{sam}, "Olu"))(t))
	w.sweep()
	w.expect("ended > " + sam)
}

func TestReadLeavers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		sam + "\n" + kim + "\n": {sam, kim},
		"\ufeff" + strings.ToUpper(sam) + "\r\n\r\n" + sam + "\r\n": {sam},
		"Name,Email,Left\nLee,\"" + sam + "\",today\n,,\n":          {sam},
		"name;UserPrincipalName\nLee;" + sam + "\n":                 {sam},
		"user\n" + kim: {kim},
	} {
		same(t, text, want, must(desk.ReadLeavers("leavers.csv", strings.NewReader(text)))(t))
	}
	for text, words := range map[string]string{
		"":                            "leavers.csv: expected the email addresses",
		"email\n":                     "leavers.csv: expected the email addresses",
		"name,left\nLee,today\n":      "leavers.csv:1: expected one email address on each line, or a header",
		sam + "\nkim\n":               `leavers.csv:2: "kim" is not an email address`,
		sam + "\n" + kim + ",today\n": "leavers.csv:2: expected one email address on each line",
		"name,email\nLee\nDay,kim\nMay,m@x.test\n": "leavers.csv:2: expected 2 columns, not 1\nleavers.csv:3: \"kim\" is not an email address",
		sam + "\nsch\x81n@x.test\n":                "leavers.csv:2: expected text in UTF-8",
	} {
		_, err := desk.ReadLeavers("leavers.csv", strings.NewReader(text))
		says(t, err, words)
	}
}
