package doctor

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake/hint"
	"mfabot/intake/mailbox"
	"mfabot/notify"
)

// box is a mailbox of the configuration.
type box struct {
	reach
	settings *config.Mailbox
	visit    *mailbox.Visit
	greeted  time.Time // as the server said in its greeting; zero if it gave no time
	came     time.Time // when the test message came, as the server says
	asked    time.Time // when that was, by our clock
	read     []letter  // see newest
}

// readWhole is the size in bytes above which a message is not looked at: what it says of its sender it says in its header,
// but a signature covers all of it.
const readWhole = 1 << 20

func newBox(d *Doctor, i int) *box {
	m := &d.settings.Mailboxes[i]
	b := &box{settings: m, reach: reach{doctor: d, name: "mailbox " + m.Name, at: d.ofMailbox(m), addr: m.Addr,
		security: m.Security, ca: m.CA, user: m.Username, by: hint.IMAP, oauth: m.Token != nil,
		schemes: schemes{"imap:// (143)", "imap+starttls:// (143)", "imaps:// (993)"}}}
	cfg := m.Config
	cfg.Dial, cfg.TLS, cfg.Timeout, cfg.MaxSize = b.dial, b.watched(m.TLS), d.around.Silence, readWhole
	cfg.Heard = func(at time.Time) { b.greeted = at }
	b.visit = mailbox.NewVisit(cfg)
	b.enter = b.visit.Enter
	b.refused = func(err error) bool { return errors.Is(err, mailbox.ErrLogin) }
	return b
}

// ofMailbox names keys of a mailbox's table.
func (d *Doctor) ofMailbox(m *config.Mailbox) func(key string) string {
	return func(key string) string {
		key += " under [[mailbox]]"
		if len(d.settings.Mailboxes) > 1 {
			key += fmt.Sprintf(" of %q", m.Name)
		}
		return key
	}
}

func (b *box) steps() []step {
	login, folders, rights := b.check("log-in"), b.check("folders"), b.check("rights")
	judging := []string{folders}
	if b.asksKeys() {
		judging = append(judging, resolver)
	}
	all := append(b.reach.steps(),
		step{b.check("capabilities"), []string{login}, b.capabilities},
		step{folders, []string{login}, b.folders},
		step{rights, []string{folders}, b.rights},
		step{b.check("clock"), []string{rights}, b.clock},
		step{b.check("trust"), judging, b.trust},
		step{b.check("other bots"), []string{folders}, b.others},
	)
	if b.settings.Site == "" {
		for _, domain := range b.doctor.reviewersDomains() {
			all = append(all, step{b.check("mail from reviewers at " + domain), judging,
				func(ctx context.Context) finding { return b.reviewers(ctx, domain) }})
		}
	}
	return all
}

// asksKeys reports whether keys and policies of its senders are looked up in the DNS.
func (b *box) asksKeys() bool { return b.settings.Trust.DKIM || len(b.settings.Trust.Aligned) > 0 }

// wanted are the capabilities that matter, and what is so without.
var wanted = []struct{ name, without string }{
	{"MOVE", "without MOVE each message is copied and then removed: one that is cut off in between is in two folders for a while"},
	{"UIDPLUS", "without UIDPLUS and MOVE what is filed stays in the inbox, marked as deleted, while somebody else's mark is there"},
	{"IDLE", "without IDLE new mail is seen only when the mailbox is looked at again, each minute"},
}

// capabilities says which are missing. The bot works without; what it costs is said.
func (b *box) capabilities(context.Context) finding {
	var missing, costs []string
	for _, w := range wanted {
		if len(b.visit.Lacks(w.name)) == 0 || w.name == "UIDPLUS" && len(b.visit.Lacks("MOVE")) == 0 {
			continue
		}
		missing, costs = append(missing, w.name), append(costs, w.without)
	}
	if len(missing) > 0 {
		return bad("the server has no "+strings.Join(missing, ", no ")+": "+strings.Join(costs, "; "),
			"Have the server offer "+strings.Join(missing, " and ")+", if it can. mfabot works without, and loses nothing.")
	}
	return fine("MOVE, IDLE")
}

// folders finds or makes those to file into.
func (b *box) folders(ctx context.Context) finding {
	names, err := b.visit.Folders(ctx)
	if err != nil {
		return bad(last(err), fmt.Sprintf(
			"Give %s the right to create folders beside %s, or create Processed, Refused and Quarantine there.", b.user, b.folder()))
	}
	var said *imap.Error
	if _, err := b.visit.MayFile(ctx); errors.As(err, &said) {
		return bad(fmt.Sprintf("the folder %s cannot be opened: %s", b.folder(), last(err)), fmt.Sprintf(
			"Make it, or put the right one behind the host in %s. If it is there, give %s the right to read it.", b.at("url"), b.user))
	}
	return fine("%s", strings.Join(names, ", "))
}

// folder is the watched folder as the configuration calls it.
func (b *box) folder() string {
	if b.settings.Folder == "" {
		return "INBOX"
	}
	return b.settings.Folder
}

// What the Message-IDs of a doctor's own messages begin and end with.
const (
	testsBegin = "mfabot-doctor-"
	testsEnd   = "@doctor.invalid"
)

// unique is a Message-ID that no other message has, without angle brackets.
func unique() string { return testsBegin + rand.Text() + testsEnd }

// isTest reports whether a Message-ID is one of these.
func isTest(id string) bool {
	return strings.HasPrefix(id, testsBegin) && strings.HasSuffix(id, testsEnd)
}

// rights tries all that filing needs.
func (b *box) rights(ctx context.Context) finding {
	give := fmt.Sprintf("Give %s the right to insert, read, mark, move and delete messages in %s and in Processed, Refused and Quarantine.",
		b.user, b.folder())
	may, err := b.visit.MayFile(ctx)
	if err != nil {
		return bad(b.folder()+" cannot be opened: "+last(err), give)
	}
	if !may {
		return bad(b.folder()+" is read-only for "+b.user+": nothing could be filed", give)
	}
	d := b.doctor
	test := notify.Test{Service: notify.Service{Address: d.settings.Service.Address, Instance: d.mark()}, To: d.settings.Service.Address,
		MessageID: unique(), Now: d.around.Clock()}
	b.asked = d.around.Clock()
	b.came, err = b.visit.Rehearse(ctx, test.MessageID, test.Raw())
	var said *imap.Error
	switch {
	case err == nil:
	case errors.As(err, &said) && (said.Code == imap.ResponseCodeOverQuota || strings.Contains(strings.ToLower(said.Text), "quota")):
		return bad("the mailbox is full: "+last(err), fmt.Sprintf(
			"Make room in the mailbox of %s, or have its quota raised. What is in Processed is on record: the "+
				"oldest of it can go.", b.user))
	default:
		_, step, _ := strings.Cut(err.Error(), ": ")
		return bad("it fails to "+step, give)
	}
	return fine("a test message was put, moved and removed")
}

// clockOff is how far a clock may be off.
const clockOff = 5 * time.Minute

// clock compares ours with the server's.
func (b *box) clock(context.Context) finding {
	at, by := b.came, "by the time that it gave to a test message"
	if at.IsZero() {
		at, by = b.greeted, "by its greeting"
	}
	if at.IsZero() {
		return fine("the server gives no time")
	}
	return clocks(b.doctor.around.Clock(), at, b.asked, by)
}

// clocks compares two clocks, of which the server's was asked at a moment of ours.
func clocks(now, server, asked time.Time, by string) finding {
	off := asked.Sub(server)
	if server.After(asked) { // it may have taken a while
		off = min(now.Sub(server), 0)
	}
	if off.Abs() <= clockOff {
		return fine("the same as the server's, to within %s", clockOff)
	}
	which := "ahead of"
	if off < 0 {
		which = "behind"
	}
	return bad(fmt.Sprintf("the clock here is %s %s the server's, %s", off.Abs().Round(time.Minute), which, by),
		"Set the clock of whichever is wrong: exceptions start and end by the one here. Have it kept right by NTP (timedatectl).")
}

// recent is how old a message may be that is looked for on record: what is on record of it goes with time.
const recent = 7 * 24 * time.Hour

// others looks for signs of another bot on the same mailbox: mail that it sent in our name, and filed mail that is not on
// record here.
func (b *box) others(ctx context.Context) finding {
	all, err := b.newest(ctx)
	if err != nil {
		return bad(last(err), "See the server's log for why.")
	}
	d := b.doctor
	unknown := 0
	for _, l := range all {
		if sent := l.instance(); l.From == d.settings.Service.Address && sent != "" && d.db != nil && sent != d.db.Instance() {
			doubt := ""
			if v, err := d.judge(ctx, b.settings.Trust, l); err != nil || !v.Authentic {
				doubt = "; but nothing proves that email, and anybody can write such a one"
			}
			return bad(fmt.Sprintf("another mfabot, with a database of its own (instance %q, here it is %q), has sent an email from %s%s",
				sent, d.db.Instance(), l.From, doubt),
				"Stop one of the two, or give each a mailbox and an address of its own. If this one was set up anew, nothing need be done.")
		}
		if l.Folder == "" || d.db == nil || l.MessageID == "" || d.around.Clock().Sub(l.At) > recent {
			continue
		}
		known, err := d.db.MessagesByID(ctx, l.MessageID)
		if err != nil {
			return bad(err.Error(), "See what is said of the database.")
		}
		if len(known) == 0 {
			unknown++
		}
	}
	if unknown > 0 {
		return bad(fmt.Sprintf("%d messages of the last week were filed that are not on record here", unknown),
			"Stop the other mfabot that reads this mailbox. If a person has filed them, or the database is from a backup, "+
				"move them back into the inbox to have them read.")
	}
	return fine("no sign of one")
}

// instance is the mark of the bot that has sent a message; empty if none has.
func (l letter) instance() string {
	for _, f := range l.Header {
		if strings.EqualFold(f.Name, "X-Mfabot") {
			return strings.TrimSpace(f.Value)
		}
	}
	return ""
}
