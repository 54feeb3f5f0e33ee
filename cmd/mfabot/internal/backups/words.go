package backups

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// maxNamed bounds what is said of who wrote a message and what about, in runes.
const maxNamed = 80

func named(text string) string {
	if r := []rune(text); len(r) > maxNamed {
		return string(r[:maxNamed]) + "…"
	}
	return text
}

// Lines say what is in the database now and what is lost, in words.
func (r Restored) Lines(moment func(time.Time) string) (lines []string) {
	asOf := "Nothing is on record in it"
	if !r.AsOf.IsZero() {
		asOf = "The last that is on record in it is of " + moment(r.AsOf)
	}
	lines = append(lines, fmt.Sprintf("%s: %s, %s, %s in force.", asOf, number(r.Messages, "message"), number(r.Requests, "request"),
		number(r.Active, "exception")))
	nothing := r.Gone != nil && r.Gone.Entries == 0 && r.Gone.Letters == 0 && len(r.Gone.Folders) == 0
	switch {
	case r.Gone == nil:
		lines = append(lines, "What is lost since then could not be told from the database of before: "+r.Unread+".")
	case nothing && r.Noted == nil:
		lines = append(lines, "Nothing that was on record is lost.")
	case !nothing:
		lines = append(lines, "Lost is what happened since then: "+lost(r.Gone)+".")
		if len(r.Gone.Refs) > 0 {
			lines = append(lines, "It was about "+strings.Join(r.Gone.Refs, ", ")+".")
		}
		for _, f := range r.Gone.Folders {
			for _, m := range f.Newest {
				lines = append(lines, fmt.Sprintf("Filed in %s of mailbox %s: of %s, from %s, %q.", f.Folder, f.Mailbox, moment(m.At),
					cmp.Or(named(m.From), "somebody"), named(intake.MaskCodes(m.Subject))))
			}
			if more := f.N - int64(len(f.Newest)); more > 0 {
				lines = append(lines, fmt.Sprintf("Filed in %s of mailbox %s: %s before these.",
					f.Folder, f.Mailbox, number(more, "message")))
			}
		}
	}
	if n := r.Noted; n != nil {
		lines = append(lines, fmt.Sprintf("More is lost than can be told from it: by the note beside the key the audit had come to "+
			"entry %d, of %s, and the backup ends with entry %d. If there is a newer backup, or the database that held all of that, "+
			"restore it in the place of this.", n.Entry, moment(n.At), r.Ends))
	}
	if r.Waiting > 0 {
		lines = append(lines, fmt.Sprintf("%s waited to be sent then: what has gone out since goes out again, with the same Message-ID.",
			number(r.Waiting, "email")))
	}
	return append(lines, "Codes that were sent since then decide nothing: reviewers are asked again in time, or decide with mfabot decide.")
}

// Kept says where the database of before is; empty where there was none.
func (r Restored) Kept() string {
	if r.Aside == "" {
		return ""
	}
	return "The database of before is " + r.Aside + " now: remove it, and what lies beside it, once you need nothing of it."
}

// Steps are what is left for people to do.
func (r Restored) Steps() (steps []string) {
	where := "what was filed since then in Processed, Refused and Quarantine"
	if r.Gone != nil && r.Noted == nil {
		var folders []string
		for _, f := range r.Gone.Folders {
			folders = append(folders, fmt.Sprintf("%s from %s of mailbox %s", number(f.N, "message"), f.Folder, f.Mailbox))
		}
		where = strings.Join(folders, ", ")
	}
	if where != "" {
		steps = append(steps, "Move back into the inbox: "+where+". It is read as new; what the backup knows is passed over.")
	}
	steps = append(steps, "Compare who is exempt with the exceptions: mfabot reconcile; or, where there is no "+
		"directory, by hand with mfabot exceptions --state active. "+
		"Grant anew what was granted since then and is still needed, and end what was revoked.")
	if r.Gone == nil || r.Noted != nil || times(r.Gone, intake.EventErased) > 0 {
		steps = append(steps, "Erase again whom you have erased since then: mfabot erase.")
	}
	return steps
}

// times is how often something happened.
func times(g *store.Gone, e intake.Event) (n int64) {
	for _, h := range g.Events {
		if h.Event == string(e) {
			n += h.N
		}
	}
	return n
}

// told are the events that are named one by one, with their words.
func told() []struct {
	event intake.Event
	words string
} {
	return []struct {
		event intake.Event
		words string
	}{{intake.EventComplete, "requests complete"}, {intake.EventApprove, "approved"}, {intake.EventReject, "rejected"},
		{intake.EventGranted, "granted by telephone"}, {intake.EventRevoke, "revoked"}, {intake.EventEnded, "ended"},
		{intake.EventErased, "erased"}}
}

// lost says in words what a database has on record since.
func lost(g *store.Gone) string {
	var parts []string
	rest := g.Entries
	for _, t := range told() {
		if n := times(g, t.event); n > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d", t.words, n))
			rest -= n
		}
	}
	var messages int64
	for _, f := range g.Folders {
		messages += f.N
	}
	for _, more := range []struct {
		n     int64
		words string
	}{{rest, "other entries of the audit"}, {messages, "messages filed"}, {g.Letters, "emails written"}} {
		if more.n > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d", more.words, more.n))
		}
	}
	return strings.Join(parts, ", ")
}

// number is a number of things: the singular is given.
func number(n int64, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
