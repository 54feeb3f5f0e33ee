package intake_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"mfabot/intake"
)

// people is a directory that knows accounts by their addresses, which change.
type people struct {
	account  map[string]string // by address
	exempt   map[string]bool   // by account
	broken   error             // of every call
	groups   map[string][]string
	nameless bool              // Apply returns no ID
	signIn   map[string]string // by account: what is no address
}

func newPeople() *people {
	return &people{account: map[string]string{sam: "Sam", "s.lee@corner.test": "Sam", "kim@corner.test": "Kim"},
		exempt: make(map[string]bool)}
}

func (p *people) Apply(_ context.Context, user string) (string, error) {
	switch {
	case p.broken != nil:
		return "", p.broken
	case p.account[user] == "":
		return "", intake.ErrNoAccount
	}
	p.exempt[p.account[user]] = true
	if p.nameless {
		return "", nil
	}
	return p.account[user], nil
}

func (p *people) Remove(_ context.Context, user string) error {
	delete(p.exempt, p.account[user])
	return p.broken
}

func (p *people) Expel(_ context.Context, id string) error {
	delete(p.exempt, id)
	return p.broken
}

func (p *people) Account(_ context.Context, user string) (intake.Account, error) {
	return intake.Account{Exists: p.account[user] != "", Enabled: true, Methods: intake.Yes, Name: "Account " + p.account[user],
		Department: "Dispensary", SignIn: p.signIn[p.account[user]]}, p.broken
}

func (p *people) Names(_ context.Context, user string) (names []string, err error) {
	for address, account := range p.account {
		if account == p.account[user] && account != "" {
			names = append(names, address)
		}
	}
	if name := p.signIn[p.account[user]]; name != "" {
		names = append(names, name)
	}
	return names, p.broken
}

func (p *people) Groups(_ context.Context, user string) ([]string, error) {
	return p.groups[user], p.broken
}

func (p *people) Members(context.Context) ([]intake.Member, error) {
	var out []intake.Member
	for id := range p.exempt {
		m := intake.Member{ID: id}
		for address, account := range p.account {
			if account == id {
				m.Addresses = append(m.Addresses, address)
			}
		}
		out = append(out, m)
	}
	return out, p.broken
}

// refusing is an error that no later attempt mends.
type refusing struct{ error }

func (refusing) Temporary() bool { return false }

func (p *people) in(c *config) { c.directory = p }

func (w *world) enforce() {
	w.t.Helper()
	for n := 1; n > 0; {
		n = must(w.Enforce(w.t.Context(), ""))(w.t)
	}
}

// TestRenamed: whose address changed meanwhile is prompted again all the same, and whoever has that address
// now is left alone.
func TestRenamed(t *testing.T) {
	t.Parallel()
	p := newPeople()
	w := newWorld(t, p.in)
	w.approved()
	w.enforce()
	same(t, "exempt", map[string]bool{"Sam": true}, p.exempt)
	p.account["sam.smith@corner.test"], p.account[sam] = "Sam", "Kim"
	p.exempt["Kim"] = true
	must(w.RevokeByHand(t.Context(), "LT-2026-00001", "left", "Jo"))(t)
	w.enforce()
	same(t, "exempt", map[string]bool{"Kim": true}, p.exempt)
}

// TestTwoAddresses: the end of one exception leaves the user another one that they have under another
// address.
func TestTwoAddresses(t *testing.T) {
	t.Parallel()
	p := newPeople()
	w := newWorld(t, p.in)
	must(w.Grant(t.Context(), "s.lee@corner.test", "no-signal", "", ""))(t)
	w.enforce()
	w.sent()
	w.approved()
	w.enforce()
	w.now = w.now.Add(25 * time.Hour)
	w.sweep()
	w.enforce()
	same(t, "exempt", map[string]bool{"Sam": true}, p.exempt)
	must(w.RevokeByHand(t.Context(), "LT-2026-00001", "left", "Jo"))(t)
	w.enforce()
	same(t, "exempt", map[string]bool{}, p.exempt)
}

// TestRefusedChanges: what keeps a directory from taking any change is told of once an hour, and not once for
// each.
func TestRefusedChanges(t *testing.T) {
	t.Parallel()
	p := newPeople()
	w := newWorld(t, p.in)
	for i := range 30 {
		user := fmt.Sprintf("user%d@corner.test", i)
		p.account[user] = user
		must(w.Grant(t.Context(), user, "no-signal", "", ""))(t)
	}
	w.sent()
	p.broken = refusing{errors.New("403: the application may not")}
	w.enforce()
	w.expect("alert directory-refused > " + ops)
	p.broken = nil
	w.now = w.now.Add(31 * time.Minute)
	w.enforce()
	same(t, "exempt", 30, len(p.exempt))
}

// TestPutRight: while an exception is not as we wrote it nobody is exempted by it; once it is again, the user is.
func TestPutRight(t *testing.T) {
	t.Parallel()
	p := newPeople()
	w := newWorld(t, p.in)
	p.account["sam@corner.test"] = "sam"
	e := must(w.Grant(t.Context(), "sam@corner.test", "no-signal", "", ""))(t)
	w.sent()
	w.tamper(`UPDATE exception SET ends_at = ends_at + 60 WHERE ref = '` + e.Ref + `'`)
	w.enforce()
	same(t, "exempt by what somebody wrote", 0, len(p.exempt))
	w.tamper(`UPDATE exception SET ends_at = ends_at - 60 WHERE ref = '` + e.Ref + `'`)
	w.now = w.now.Add(31 * time.Minute)
	w.enforce()
	same(t, "exempt", 1, len(p.exempt))
}

// TestClockAheadOfTheDirectory: what failed while the clock was ahead is tried again when it is right.
func TestClockAheadOfTheDirectory(t *testing.T) {
	t.Parallel()
	p := newPeople()
	w := newWorld(t, p.in)
	w.approved()
	w.enforce()
	must(w.RevokeByHand(t.Context(), "LT-2026-00001", "left", "Jo"))(t)
	now := w.now
	w.now = now.Add(100 * 24 * time.Hour)
	p.broken = errors.New("the directory is away")
	if _, err := w.Enforce(t.Context(), ""); err == nil {
		t.Error("a directory that is away is no trouble")
	}
	p.broken, w.now = nil, now.Add(time.Hour)
	w.enforce()
	same(t, "exempt", map[string]bool{}, p.exempt)
}

// TestMendStale: what was decided since the directory was compared is not undone.
func TestMendStale(t *testing.T) {
	t.Parallel()
	p := newPeople()
	w := newWorld(t, p.in)
	w.approved()
	w.enforce()
	p.exempt = make(map[string]bool) // somebody has tidied up
	d := must(w.Drift(t.Context()))(t)
	same(t, "unapplied", 1, len(d.Unapplied))
	must(w.RevokeByHand(t.Context(), "LT-2026-00001", "left", "Jo"))(t)
	ok(t, w.Mend(t.Context(), d, "Jo"))
	w.enforce()
	same(t, "exempt", map[string]bool{}, p.exempt)
}
