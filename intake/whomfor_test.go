package intake_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
)

// protecting replaces what the policy says of users.
func protecting(t *testing.T, protected string, foreign intake.ForeignDomain, domains ...string) func(c *config) {
	t.Helper()
	text := `protected = [` + protected + "]\n"
	p := must(intake.ReadPolicy("policy.toml", []byte(text+withoutKey(t, "protected"))))(t)
	return func(c *config) {
		own := *c.Policy
		own.Protected, own.ForeignDomain, own.Domains = p.Protected, foreign, domains
		c.Policy = &own
	}
}

// TestNoExceptionFor: addresses that are no person's, and users whom the policy protects, are refused with the
// reason, however they are written, and nobody is asked to decide.
func TestNoExceptionFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		user string
		why  intake.Why
	}{
		{"mfa@helpdesk.test", intake.WhyServiceAddress},
		{"MFA+x@Helpdesk.test", intake.WhyServiceAddress},
		{ops, intake.WhyServiceAddress},
		{"ops+me@helpdesk.test", intake.WhyServiceAddress},
		{corner, intake.WhySharedMailbox},
		{"old+x@corner.test", intake.WhySharedMailbox},
		{bright, intake.WhySharedMailbox},
		{"Teeth@dental.test", intake.WhySharedMailbox},
		{"administrator@corner.test", intake.WhyProtected},
		{"Admin.Lee@corner.test", intake.WhyProtected},
		{"admin+sam.lee@corner.test", intake.WhyProtected},
		{"SVC-backup@corner.test", intake.WhyProtected},
		{"service-scan@corner.test", intake.WhyProtected},
		{"root@elsewhere.test", intake.WhyProtected},
		{"postmaster@corner.test", intake.WhyProtected},
		{"rooth.ann@corner.test", ""},
		{"ann.root@corner.test", ""},
		{"service@corner.test", ""},
		{"badmin@corner.test", ""},
	} {
		t.Run(c.user, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			e := email{from: corner, subject: "MFA", text: form(c.user, "accessibility"), files: []string{pdf("x")}}
			if c.why == "" {
				w.take("request LT-2026-00001", e)
				w.expect(toAsha, toBen, "receipt > "+corner)
				return
			}
			m := w.take("refused("+string(c.why)+")", e)
			want := []string{"no-exception " + string(c.why) + " > " + corner}
			if c.why == intake.WhyProtected {
				want = append(want, "alert protected > "+ops)
			}
			l := w.expect(want...)
			same(t, "refused", []intake.RefusedUser{{Email: intake.Canonical(c.user), Why: c.why}}, l[0].Facts.Refused)
			last := m.Checks[len(m.Checks)-1]
			if last.Passed || !strings.Contains(last.Result, string(c.why)) {
				t.Errorf("the last check is %+v", last)
			}
			if _, err := w.Grant(t.Context(), c.user, "other", "", ""); err == nil {
				t.Error("it was granted by telephone")
			}
		})
	}
}

// TestNoExceptionForSome: the others whom a message names are asked for all the same.
func TestNoExceptionForSome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", files: []string{pdf("x")},
		text: form(sam+"\nUser: root@corner.test\nUser: "+corner, "accessibility")})
	l := w.expect("no-exception protected > "+corner, "alert protected > "+ops, toAsha, toBen, "receipt > "+corner)
	same(t, "refused", []intake.RefusedUser{{Email: "root@corner.test", Why: intake.WhyProtected}}, l[0].Facts.Refused)
	same(t, "to do", []string{"Ask the site by telephone whether it wrote this, and why. " +
		"Take the number from a list of your own, never from the message."}, l[1].Facts.Todo)
}

// TestNoExceptionByTheForm: an incomplete request does not become one for such a user either, and the form says why.
func TestNoExceptionByTheForm(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: "Reason: accessibility\n", files: []string{pdf("x")}})
	l := w.expect("incomplete > " + corner)[0]
	w.take("request LT-2026-00001", reply(l, corner, form("svc-scan@corner.test", "accessibility")))
	l = w.expect("incomplete > " + corner)[0]
	same(t, "refused", []intake.RefusedUser{{Email: "svc-scan@corner.test", Why: intake.WhyProtected}}, l.Facts.Refused)
	same(t, "user", "", w.inState("LT-2026-00001", intake.Incomplete).User.Email)
	w.take("request LT-2026-00001", reply(l, corner, form(sam, "accessibility")+"User: "+bright))
	w.expect("no-exception shared-mailbox > "+corner, toAsha, toBen, "receipt > "+corner)
}

// TestProtectedSince: what the policy protects is refused when it is decided, by email and by hand, even if the
// request came before, and so is a renewal.
func TestProtectedSince(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, _, _ := w.pending()
	w.configure(protecting(t, `"SAM.*@corner.test"`, intake.ForeignAllow))
	w.take("refused(protected) "+a.Ref, reply(a, asha, "APPROVE"))
	w.expect("not-understood protected > " + asha)
	if _, err := w.DecideByHand(t.Context(), a.Ref, "approve", "", asha); err == nil || !strings.Contains(err.Error(), "protected") {
		t.Errorf("by hand: %v", err)
	}
	w.inState(a.Ref, intake.Pending)
	w.configure()
	w.take("decision "+a.Ref, reply(a, asha, "APPROVE"))
	w.sent()
	w.configure(protecting(t, `"s?m.lee@corner.test"`, intake.ForeignAllow))
	w.take("refused(protected)", w.answer(a.Ref, "Please renew it.", pdf("new")))
	w.expect("no-exception protected > "+corner, "alert protected > "+ops)
}

// TestProtectedPatterns: a pattern is anchored at both ends, and about the whole of what it names.
func TestProtectedPatterns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, user string
		want          bool
	}{
		{"ann@corner.test", "Ann@Corner.test", true},
		{"ann@corner.test", "ann+b@corner.test", true},
		{"ann@corner.test", "ann@corner.testing", false},
		{"ann@corner.test", "joann@corner.test", false},
		{"ann@corner.test", "ann@cornerxtest", false},
		{"ann@", "ann@any.test", true},
		{"ann", "ann@any.test", true},
		{"ann", "ann.b@any.test", false},
		{"*.admin", "it.admin@any.test", true},
		{"*.admin", "it.admins@any.test", false},
		{"adm?n", "admin@any.test", true},
		{"adm?n", "admn@any.test", false},
		{"*@admin.corner.test", "sam@admin.corner.test", true},
		{"*@admin.corner.test", "sam@corner.test", false},
		{"a/b*", "a/b/c@any.test", true},
		{"svc*@*.test", "svc1/x@any.test", true},
	} {
		w := newWorld(t, protecting(t, `"`+c.pattern+`"`, intake.ForeignAllow))
		same(t, c.pattern+" for "+c.user, c.want, w.config.NotAUser(c.user) == intake.WhyProtected)
	}
}

// TestForeignDomain: a user of a domain that is new to the site needs two reviewers, who are told why, until the
// site has had a user there.
func TestForeignDomain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, protecting(t, "", intake.ForeignTwoApprovals))
	ask := func(ref, user string) intake.Outbound {
		t.Helper()
		w.take("request "+ref, email{from: corner, subject: "MFA", text: form(user, "accessibility"), files: []string{pdf(user)}})
		return w.expect(toAsha, toBen, "receipt > "+corner)[0]
	}
	first := ask("LT-2026-00001", "ann@elsewhere.test")
	same(t, "told", []any{true, 2}, []any{first.Facts.Foreign, first.Facts.Approvals})
	w.take("decision "+first.Ref, reply(first, asha, "APPROVE"))
	w.inState(first.Ref, intake.Pending)
	must(w.DecideByHand(t.Context(), first.Ref, "approve", "", ben))(t)
	w.inState(first.Ref, intake.Approved)
	w.sent()

	second := ask("LT-2026-00002", "bo@elsewhere.test")
	same(t, "known by now", []any{false, 0}, []any{second.Facts.Foreign, second.Facts.Approvals})
	w.take("decision "+second.Ref, reply(second, asha, "APPROVE"))
	w.inState(second.Ref, intake.Approved)
	w.sent()

	w.take("request LT-2026-00003", email{from: bright, subject: "MFA", files: []string{pdf("z")},
		text: form("bo@elsewhere.test", "accessibility")})
	l := w.expect(toAsha, "receipt > "+bright, "alert no-reviewer > "+ops)[0] // ben is a contact there, and asha alone is not enough
	same(t, "new to another site", []any{true, 2}, []any{l.Facts.Foreign, l.Facts.Approvals})
}

// TestForeignDomainStaysForeign: neither a telephone call nor an exception that was revoked makes a domain one of the
// site's.
func TestForeignDomainStaysForeign(t *testing.T) {
	t.Parallel()
	w := newWorld(t, protecting(t, "", intake.ForeignTwoApprovals))
	must(w.Grant(t.Context(), "someone@elsewhere.test", "other", "FA001", ""))(t)
	must(w.Grant(t.Context(), "old@elsewhere.test", "other", "FA001", ""))(t)
	w.now = w.now.Add(2 * day) // one is over, and one runs
	must(w.Grant(t.Context(), "new@elsewhere.test", "other", "FA001", ""))(t)
	w.sent()
	ask := func(ref, user string) intake.Outbound {
		t.Helper()
		w.take("request "+ref, email{from: corner, subject: "MFA", text: form(user, "accessibility"), files: []string{pdf(user)}})
		l := w.expect(toAsha, toBen, "receipt > "+corner)[0]
		same(t, user, []any{true, 2}, []any{l.Facts.Foreign, l.Facts.Approvals})
		return l
	}
	first := ask("LT-2026-00001", "mallory@elsewhere.test")
	w.take("decision "+first.Ref, reply(first, asha, "APPROVE"))
	must(w.DecideByHand(t.Context(), first.Ref, "approve", "", ben))(t)
	must(w.RevokeByHand(t.Context(), first.Ref, "nobody of theirs", "Olu"))(t)
	w.sent()
	ask("LT-2026-00002", "mary@elsewhere.test")
}

// TestForeignDomainIsDecidedByThePolicy: of which domains users may be, and what the others need.
func TestForeignDomainIsDecidedByThePolicy(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		user    string
		foreign intake.ForeignDomain
		domains string
		want    int // approvals; -1 for refused
	}{
		{"sam@corner.test", intake.ForeignTwoApprovals, "", 0},
		{"sam@shop.corner.test", intake.ForeignTwoApprovals, "", 0},
		{"sam@notcorner.test", intake.ForeignTwoApprovals, "", 2},
		{"sam@x.test", intake.ForeignTwoApprovals, "x.test", 0},
		{"sam@y.x.test", intake.ForeignTwoApprovals, "x.test", 2},
		{"sam@x.test", intake.ForeignAllow, "", 0},
		{"sam@x.test", intake.ForeignRefuse, "", -1},
		{"sam@corner.test", intake.ForeignRefuse, "", 0},
	} {
		w := newWorld(t, protecting(t, "", c.foreign, c.domains))
		e := email{from: corner, subject: "MFA", text: form(c.user, "accessibility"), files: []string{pdf("x")}}
		if c.want < 0 {
			w.take("refused(foreign-domain)", e)
			w.expect("no-exception foreign-domain > " + corner)
			continue
		}
		w.take("request LT-2026-00001", e)
		same(t, c.user+" "+string(c.foreign), c.want, w.expect(toAsha, toBen, "receipt > "+corner)[0].Facts.Approvals)
	}
}

// TestForeignDomainRefusedSince: a request that came before the policy refused such users is not approved.
func TestForeignDomainRefusedSince(t *testing.T) {
	t.Parallel()
	w := newWorld(t, protecting(t, "", intake.ForeignAllow))
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", files: []string{pdf("x")},
		text: form("sam@x.test", "accessibility")})
	a := w.expect(toAsha, toBen, "receipt > "+corner)[0]
	w.configure(protecting(t, "", intake.ForeignRefuse))
	w.take("refused(foreign-domain) "+a.Ref, reply(a, asha, "APPROVE"))
	w.inState(a.Ref, intake.Pending)
}

// withoutKey returns the embedded policy without a list.
func withoutKey(t *testing.T, key string) string {
	t.Helper()
	before, rest, _ := strings.Cut(string(must(os.ReadFile("policy.toml"))(t)), "\n"+key+" = [")
	_, after, found := strings.Cut(rest, "\n]\n")
	if !found {
		t.Fatalf("the policy has no list %s", key)
	}
	return before + "\n" + after
}

// TestSameFileForAnother: reviewers are told when the very same file came with another user's request, of whatever
// site, and not when it is the same user's or came in the same message.
func TestSameFileForAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	both := email{from: corner, subject: "MFA", text: form(sam+"\nUser: "+kim, "accessibility"), files: []string{pdf("x")}}
	w.take("request LT-2026-00001,LT-2026-00002", both)
	for _, l := range w.sent() {
		same(t, "in one message", 0, len(l.Facts.SameFiles))
	}
	w.take("request LT-2026-00003", email{from: bright, subject: "MFA", text: form("Sam.Lee+x@corner.test", "accessibility"),
		files: []string{pdf("y"), pdf("x")}})
	l := w.expect(toAsha, "receipt > "+bright)[0]
	same(t, "with another user's request", []intake.SameFile{{Filename: "letter2.pdf", Ref: "LT-2026-00002",
		User: intake.User{Email: kim}, Site: intake.SiteFacts{ODSCode: "FA001", Name: "Corner Pharmacy", Mailbox: corner},
		At: noon}}, l.Facts.SameFiles)
}

// TestSameFileTwice: a file counts once, in one message and later.
func TestSameFileTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	counts := func() (out []bool) {
		for _, e := range w.inState("LT-2026-00001", intake.Pending).Evidence {
			out = append(out, e.Counts)
		}
		return out
	}
	w.take("request LT-2026-00001", email{from: corner, subject: "MFA", files: []string{pdf("x"), pdf("x")},
		text: form(sam, "accessibility")})
	l := w.expect(toAsha, toBen, "receipt > "+corner)
	same(t, "in one message", []bool{true, false}, counts())
	same(t, "attached", 1, len(l[0].Attach))
	w.take("information LT-2026-00001", reply(l[2], corner, "Here is more.", pdf("x"), pdf("y")))
	l = w.expect(toAsha, toBen, "receipt > "+corner)
	same(t, "and again", []bool{true, false, false, true}, counts())
	same(t, "attached", 2, len(l[0].Attach))
}

// TestReviewShowsTheDirectory: what the directory knows of the user stands in the review email.
func TestReviewShowsTheDirectory(t *testing.T) {
	t.Parallel()
	p := &people{account: map[string]string{sam: "1", kim: "2"}, exempt: make(map[string]bool)}
	w := newWorld(t, func(c *config) { c.directory = p })
	a, _, _ := w.pending()
	known := must(w.WithDirectory(t.Context(), a))(t).Facts
	same(t, "known", []string{intake.AccountGood, "Account 1", "Dispensary"},
		[]string{known.Account, known.DirectoryName, known.Department})
}

// TestOtherAddresses: an exception is for an account, so that none is given by any address of one that has a protected
// name, a shared mailbox or an address of ours among its names.
func TestOtherAddresses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		also, signIn string // of the account of it.help@corner.test
		why          intake.Why
	}{
		"an administrator":      {"admin.sam@corner.test", "", intake.WhyProtected},
		"with a detail":         {"Admin.Sam+x@corner.test", "", intake.WhyProtected},
		"by the name to log in": {"sam.other@corner.test", "admin-sam", intake.WhyProtected},
		"a shared mailbox":      {bright, "", intake.WhySharedMailbox},
		"ours":                  {"mfa@helpdesk.test", "", intake.WhyServiceAddress},
		"nobody else":           {"help@corner.test", "help", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const user = "it.help@corner.test"
			p := &people{account: map[string]string{user: "It", c.also: "It"}, signIn: map[string]string{"It": c.signIn},
				exempt: make(map[string]bool)}
			w := newWorld(t, func(c *config) { c.directory = p })
			e := email{from: corner, subject: "MFA", text: form("it.help+x@corner.test", "accessibility"), files: []string{pdf("x")}}
			_, err := w.Grant(t.Context(), user, "other", "", "")
			w.sent()
			if c.why == "" {
				w.take("request LT-2026-00001", e)
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil {
				t.Error("granted")
			}
			w.take("refused("+string(c.why)+")", e)
			for _, l := range w.sent() {
				if l.Template == intake.LetterReview {
					t.Error("a reviewer is asked")
				}
			}
		})
	}
}

// TestOtherAddressesSince: what the account has become by the approval counts, and, where the directory could not be
// asked then, what it is when the exception is to be applied.
func TestOtherAddressesSince(t *testing.T) {
	t.Parallel()
	p := &people{account: map[string]string{sam: "Sam", kim: "Kim"}, exempt: make(map[string]bool)}
	w := newWorld(t, p.in)
	w.take("request LT-2026-00001,LT-2026-00002", email{from: corner, subject: "MFA", text: form(sam+"\nUser: "+kim, "accessibility"),
		files: []string{pdf("x")}})
	w.sent()
	w.now = w.now.Add(time.Hour)
	p.account["admin.sam@corner.test"], p.account["admin.kim@corner.test"] = "Sam", "Kim"
	if _, err := w.DecideByHand(t.Context(), "LT-2026-00001", "approve", "", ben); err == nil {
		t.Error("approved")
	}
	p.broken = errors.New("it is down")
	w.now = w.now.Add(time.Hour)
	must(w.DecideByHand(t.Context(), "LT-2026-00002", "approve", "", ben))(t)
	p.broken = nil
	w.now = w.now.Add(time.Hour)
	w.sent()
	w.enforce()
	same(t, "exempt", map[string]bool{}, p.exempt)
	w.alerts(w.expect("alert directory-refused > " + ops)[0], "For: "+kim, "admin.kim@corner.test")
}

// TestSignInName: reviewers read by what name the user signs in, where that is not the address they are asked for.
func TestSignInName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"boss@corner.test": "boss@corner.test", "boss": "boss", sam: "", "Sam.Lee": "", "": ""} {
		p := newPeople()
		p.signIn = map[string]string{"Sam": name}
		w := newWorld(t, p.in)
		a, _, _ := w.pending()
		same(t, name, want, must(w.WithDirectory(t.Context(), a))(t).Facts.SignIn)
	}
}

// TestProtectedGroup: who is in a group of the directory that the policy protects gets no exception, and where the
// directory cannot be asked, a message waits and a command says so.
func TestProtectedGroup(t *testing.T) {
	t.Parallel()
	p := &people{account: map[string]string{sam: "1", kim: "2"}, exempt: make(map[string]bool),
		groups: map[string][]string{kim: {"Dispensary", "tier 0"}, sam: {"Dispensary"}}}
	w := newWorld(t, protecting(t, `"group:Tier 0"`, intake.ForeignAllow), func(c *config) { c.directory = p })
	both := email{from: corner, subject: "MFA", text: form(sam+"\nUser: kim.day+x@corner.test", "accessibility"), files: []string{pdf("x")}}

	p.broken = intake.ErrNotScanned // anything
	left := must(w.Take(t.Context(), []intake.Arrival{w.arrival(both), w.arrival(email{from: stranger, subject: "MFA", text: "Hello"})}))(t)
	if len(left) != 1 {
		t.Errorf("%d of 2 messages were taken", len(left))
	}
	w.expect("alert held > "+ops, "refused not-registered > "+stranger)
	if _, err := w.Grant(t.Context(), sam, "other", "", ""); err == nil || !strings.Contains(err.Error(), "Tier 0") &&
		!strings.Contains(err.Error(), "group that the policy protects") {
		t.Errorf("granted, and nobody knows: %v", err)
	}

	p.broken = nil
	w.now = w.now.Add(2 * time.Minute) // a directory that did not answer is left alone for one
	w.take("request LT-2026-00001", both)
	l := w.expect("no-exception protected > "+corner, "alert protected > "+ops, toAsha, toBen, "receipt > "+corner)
	same(t, "refused", "kim.day+x@corner.test", l[0].Facts.Refused[0].Email)
	if _, err := w.Grant(t.Context(), kim, "other", "", ""); err == nil || !strings.Contains(err.Error(), "protected") {
		t.Errorf("granted to one of the group: %v", err)
	}

	w.now = w.now.Add(day) // and sam has joined it
	p.groups[sam] = append(p.groups[sam], "Tier 0")
	w.take("refused(protected) LT-2026-00001", reply(l[2], asha, "APPROVE"))
	if _, err := w.DecideByHand(t.Context(), "LT-2026-00001", "approve", "", ben); err == nil {
		t.Error("approved by hand")
	}
	w.inState("LT-2026-00001", intake.Pending)
}

// TestPlusAddressInTheDirectory: the directory, which knows the user without the detail, exempts and ends them so, and
// sees no difference; another exception of theirs is left alone.
func TestPlusAddressInTheDirectory(t *testing.T) {
	t.Parallel()
	p := &people{account: map[string]string{kim: "Kim", "kim.day+own@corner.test": "Own"}, exempt: make(map[string]bool)}
	w := newWorld(t, func(c *config) { c.directory = p })
	enforce := func(want map[string]bool) {
		t.Helper()
		must(w.Enforce(t.Context(), ""))(t)
		same(t, "exempt", want, p.exempt)
		if d := must(w.Drift(t.Context()))(t); !d.Empty() {
			t.Errorf("it differs: %+v", d)
		}
	}
	given := must(w.Grant(t.Context(), "kim.day+x@corner.test", "other", "", ""))(t)
	enforce(map[string]bool{"Kim": true})
	must(w.RevokeByHand(t.Context(), given.Ref, "found", "Olu"))(t)
	enforce(map[string]bool{})
	must(w.Grant(t.Context(), "kim.day+own@corner.test", "other", "", ""))(t) // which the directory knows as it is
	enforce(map[string]bool{"Own": true})
	same(t, "account", intake.AccountGood, w.AccountOf(t.Context(), "kim.day+z@corner.test"))
}

// TestPlusAddressReplaces: where an exception for a detail of the address takes the place of one without, the user
// whom the directory knows once stays exempt, whether or not it says by which ID.
func TestPlusAddressReplaces(t *testing.T) {
	t.Parallel()
	for _, nameless := range []bool{true, false} {
		p := newPeople()
		p.nameless = nameless
		w := newWorld(t, p.in)
		w.approved()
		w.enforce()
		w.take("request LT-2026-00002", email{from: bright, subject: "MFA", text: form("sam.lee+eyes@corner.test", "accessibility"),
			files: []string{pdf("bright")}})
		w.take("decision LT-2026-00002", reply(w.expect(toAsha, "receipt > "+bright)[0], asha, "APPROVE"))
		w.enforce()
		same(t, "exempt", map[string]bool{"Sam": true}, p.exempt)
		must(w.RevokeByHand(t.Context(), "LT-2026-00002", "found", "Olu"))(t)
		w.enforce()
		same(t, "ended", map[string]bool{}, p.exempt)
	}
}
