package intake_test

import (
	"strings"
	"testing"
	"time"

	"mfabot/intake/desk"
)

// TestGrantRefused: who cannot be granted one, and what would help.
func TestGrantRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.approved()
	_, err := w.Grant(t.Context(), sam, "other", "", "")
	says(t, err, sam+" already has the long-term exception LT-2026-00001, until 29 August 2026, 13:00 BST", "directory exempts them")
	must(w.Grant(t.Context(), kim, "other", "", ""))(t)
	_, err = w.Grant(t.Context(), kim, "no-signal", "", "")
	says(t, err, kim+" already has the exception ST-2026-00001, until 3 March 2026, 12:00 GMT", "when that is over", "long-term")
}

// TestGrantedOften: the third grant within thirty days is one, and is pointed out to whoever grants it, to
// the operator, to the user and to the site.
func TestGrantedOften(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	grant := func(at time.Duration) desk.Given {
		t.Helper()
		w.now = noon.Add(at)
		return must(w.GrantAll(t.Context(), "", []desk.Grant{{User: kim, Reason: "phone-misplaced", Site: "FA001"}}))(t)[0]
	}
	for _, at := range []time.Duration{0, 10 * day} {
		same(t, "lately", 0, grant(at).Lately)
		w.now = w.now.Add(day)
		w.sweep()
		w.expect("ended > "+corner, "ended > "+kim, "granted > "+corner, "granted > "+kim)
	}
	same(t, "lately", 3, grant(30*day).Lately)
	l := w.expect("granted > "+corner, "granted > "+kim, "alert granted-often > "+ops)
	for _, o := range l[:2] {
		same(t, "the letter to "+o.To, 3, o.Facts.Lately)
	}
	w.alerts(l[2], "For: "+kim+". ST-2026-00003 is number 3 in 30 days.", "long-term")
	same(t, "an old one does not count", 0, grant(41*day).Lately)
	w.expect("ended > "+corner, "ended > "+kim, "granted > "+corner, "granted > "+kim)
	must(w.Grant(t.Context(), sam, "other", "", ""))(t) // others are others
	w.expect("granted > " + sam)
}

// TestGrantAll: a file is recorded as a whole, or not at all, with every wrong row named.
func TestGrantAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(w.Grant(t.Context(), "pat@corner.test", "other", "", ""))(t)
	w.sent()
	read := func(text string) []desk.Grant {
		t.Helper()
		return must(desk.ReadGrants("users.csv", strings.NewReader(text)))(t)
	}
	_, err := w.GrantAll(t.Context(), "users.csv", read("user,reason,site\n"+sam+",other,FA001\nkim,other,\n"+kim+",accessibility,\n"+
		"a@corner.test,other,FX999\n"+strings.ToUpper(sam)+",other,\n\npat@corner.test,other,\nb@corner.test,other\nmfa@helpdesk.test,other,\n"))
	if err == nil {
		t.Fatal("a file with wrong rows was recorded")
	}
	same(t, "wrong rows", []string{
		`users.csv:3: user: "kim" is not an email address: expected one such as sam@example.org`,
		`users.csv:4: reason: the policy has no short-term reason "accessibility": ` +
			`expected one of phone-stolen-or-lost, phone-misplaced, no-signal, notification-trouble, other`,
		`users.csv:5: site: there is no site "FX999": expected the ODS code of one in sites.csv`,
		"users.csv:6: user: " + sam + " is already on line 2: expected each user once",
		"users.csv:8: user: pat@corner.test already has the exception ST-2026-00001, until 3 March 2026, 12:00 GMT: " +
			"grant another when that is over, or have the site ask for a long-term one",
		"users.csv:9: expected 3 columns, not 2",
		"users.csv:10: user: mfa@helpdesk.test is this service's own address: expected a user's",
		"nothing was recorded: put that right, and give the whole file again",
	}, strings.Split(err.Error(), "\n"))
	w.expect()
	same(t, "exceptions", 1, len(must(w.store.Exceptions(t.Context()))(t)))

	given := must(w.GrantAll(t.Context(), "users.csv",
		read("\ufeffNote; Reason ;USER;site\r\n\"rang; at 9\";other;"+sam+";fa001\r\n;no-signal;"+kim+";\r\n")))(t)
	same(t, "references", []string{"ST-2026-00002", "ST-2026-00003"}, []string{given[0].Ref, given[1].Ref})
	same(t, "note", "rang; at 9", given[0].Note)
	same(t, "site", "FA001", given[0].SiteCode)
	w.expect("granted > "+corner, "granted > "+sam, "granted > "+kim)
}

// TestReadGrants: a file that cannot be read as one says what was expected.
func TestReadGrants(t *testing.T) {
	t.Parallel()
	for text, words := range map[string]string{
		"":                                  "users.csv: expected the header user,reason,site,note and a row",
		"user,reason\n":                     "users.csv: expected the header",
		"user,site\na@b.test,FA001\n":       "users.csv:1: expected the columns user and reason",
		"user,reason,phone\na@b.test,x,1\n": `users.csv:1: expected the columns user, reason, site, note, each once, not "phone"`,
		"user,reason,user\na@b.test,x,y\n":  `not "user"`,
		"user,reason\na@b.test,\"x\n":       "users.csv:2: ",
		"user,reason\na@b.test,sch\x81n\n":  "users.csv:2: expected text in UTF-8",
		"user|reason\na@b.test|no-signal\n": "users.csv:1: expected the columns",
	} {
		_, err := desk.ReadGrants("users.csv", strings.NewReader(text))
		says(t, err, words)
	}
}

// TestFlagPolicy: from how many grants on they are pointed out is the policy's.
func TestFlagPolicy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *config) {
		p := *c.Policy
		p.ShortTerm.FlagAfter, p.ShortTerm.FlagWithin = 2, 7*day
		c.Policy = &p
	})
	must(w.Grant(t.Context(), kim, "other", "", ""))(t)
	w.expect("granted > " + kim)
	w.now = noon.Add(7 * day)
	w.sweep()
	w.expect("ended > " + kim)
	must(w.Grant(t.Context(), kim, "other", "", ""))(t)
	w.alerts(w.expect("granted > "+kim, "alert granted-often > "+ops)[1], "number 2 in 7 days")
}
