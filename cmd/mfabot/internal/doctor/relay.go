package doctor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"mfabot/intake/hint"
	"mfabot/intake/mailbox"
	"mfabot/notify"
)

// relay is the submission server.
type relay struct {
	reach
	visit   *notify.Visit
	greeted time.Time // as the server said in its greeting; zero if it gave no time
	asked   time.Time // when that was, by our clock
}

func newRelay(d *Doctor) *relay {
	s := d.settings.Submission
	r := &relay{reach: reach{doctor: d, name: "submission", addr: s.Addr, security: s.Security, ca: d.settings.CAs.Submission,
		at: func(key string) string { return "smtp." + key },
		by: hint.SMTP, oauth: s.Token != nil, schemes: schemes{"smtp:// (587)", "smtp+starttls:// (587)", "smtps:// (465)"}}}
	if s.Password != nil || s.Token != nil {
		r.user = s.Username
	}
	s.Dial, s.TLS, s.Timeout = r.dial, r.watched(s.TLS), d.around.Silence
	s.Heard = func(at time.Time) { r.greeted, r.asked = at, d.around.Clock() }
	r.visit = notify.NewVisit(s)
	r.enter, r.refused = r.visit.Enter, refusesUs
	return r
}

// refusesUs reports whether a submission server has refused who we are: by its reply (RFC 4954, section 6), or by offering
// nothing to log in with.
func refusesUs(err error) bool {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return reply.Code == 535 || reply.Code == 534 || reply.Code == 530 || reply.Code == 538 || reply.Code == 454
	}
	return strings.Contains(err.Error(), "AUTH")
}

func (r *relay) steps() []step {
	login := []string{r.check("log-in")}
	all := append(r.reach.steps(),
		step{r.check("sender"), login, r.sender},
		step{r.check("recipients"), []string{r.check("sender")}, r.recipients},
		step{r.check("null sender"), login, r.nullSender},
		step{r.check("sub-addressing"), []string{r.check("sender")}, r.plusAddress},
		step{r.check("clock"), login, r.clock},
	)
	if _, port, _ := net.SplitHostPort(r.addr); port == "25" {
		for i, s := range all {
			all[i].run = func(ctx context.Context) finding { return elsewhere(s.run(ctx)) }
		}
	}
	return all
}

// elsewhere adds to what is wrong at the port of mail from other servers that users have another.
func elsewhere(f finding) finding {
	if f.state == Wrong {
		f.mend += " Port 25 is for mail from other servers. Where your users hand in theirs is 587 as a rule: use that in smtp.url."
	}
	return f
}

// sender says whether the server takes mail from our own address.
func (r *relay) sender(ctx context.Context) finding {
	own := r.doctor.settings.Service.Address
	if err := r.visit.Takes(ctx, own, own); err != nil {
		found := fmt.Sprintf("the server takes no mail from %s to %[1]s: %s", own, last(err))
		logIn := fmt.Sprintf("put the user before the host into smtp.url (smtp+starttls://%s@HOST), "+
			"and name the file of the password in smtp.password_file.", url.User(own))
		switch {
		case r.user == "" && wantsLogIn(err):
			return bad(found, "It wants a log-in: "+logIn)
		case r.user == "":
			return bad(found, "There is no user in smtp.url, so that mfabot does not log in: "+logIn)
		}
		return bad(found,
			fmt.Sprintf("Give %s the right to send as %s, and see that this is the right service.address.", r.user, own))
	}
	return fine("it takes mail from %s", own)
}

// wantsLogIn reports whether a server takes no mail from who has not logged in (RFC 4954, section 6), or says as much.
func wantsLogIn(err error) bool {
	var reply *textproto.Error
	said := strings.ToLower(err.Error())
	return errors.As(err, &reply) && reply.Code == 530 || strings.Contains(said, "authenticat") || strings.Contains(said, "not logged in")
}

// recipients says whether the server takes mail to those who must be reached whatever comes in: the operator and the
// reviewers.
func (r *relay) recipients(ctx context.Context) finding {
	s := r.doctor.settings
	to := []string{s.Service.Operator}
	for _, reviewer := range s.Reviewers {
		if !slices.Contains(to, reviewer.Address) {
			to = append(to, reviewer.Address)
		}
	}
	var refused []string
	for _, addr := range to {
		if err := r.visit.Takes(ctx, s.Service.Address, addr); err != nil {
			refused = append(refused, addr+" ("+last(err)+")")
		}
	}
	if len(refused) > 0 {
		return bad("the server refuses mail to "+strings.Join(refused, "; "),
			"Put right the address in service.operator or [[reviewer]], or have the server take mail to it.")
	}
	return fine("it takes mail to the operator and %d reviewers", len(s.Reviewers))
}

// nullSender says whether the server takes automatic answers as they should be sent. Where it does not they have our address.
func (r *relay) nullSender(ctx context.Context) finding {
	if err := r.visit.Takes(ctx, "", r.doctor.settings.Service.Address); err != nil {
		return fine("refused: automatic answers go out from %s, and what bounces comes back to it", r.doctor.settings.Service.Address)
	}
	return fine("automatic answers go out without a sender")
}

// plus is our address with a detail.
func (d *Doctor) plus() string {
	local, domain, _ := strings.Cut(d.settings.Service.Address, "@")
	return local + "+doctor@" + domain
}

// plusAddress says whether mail to our address with a detail is taken, where letters have answers sent to such ones.
func (r *relay) plusAddress(ctx context.Context) finding {
	d := r.doctor
	if !d.settings.Service.PlusAddress {
		return fine("not used (service.plus_address)")
	}
	if err := r.visit.Takes(ctx, d.settings.Service.Address, d.plus()); err != nil {
		return bad(fmt.Sprintf("the server takes no mail to %s: %s", d.plus(), last(err)),
			"Take plus_address = true out of [service], or have the server deliver such mail to the address before the +.")
	}
	return fine("mail to %s is taken; --send shows whether it arrives", d.plus())
}

func (r *relay) clock(context.Context) finding {
	if r.greeted.IsZero() {
		return fine("the server gives no time")
	}
	return clocks(r.doctor.around.Clock(), r.greeted, r.asked, "by its greeting")
}

// lookEvery is how often it is looked whether a message has arrived.
const lookEvery = time.Second

// roundTrip is the step that sends one message to ourselves and waits for it.
func (d *Doctor) roundTrip() step {
	s := step{check: "round trip", needs: []string{d.relay.check("sender")}}
	var to []*box
	for _, b := range d.boxes {
		if b.settings.Site == "" {
			to = append(to, b)
			s.needs = append(s.needs, b.check("folders"))
		}
	}
	s.run = func(ctx context.Context) finding {
		if len(to) == 0 {
			return untried("no mailbox is the service's own: each has site", "Add the mailbox of service.address.")
		}
		return d.sendAndWait(ctx, to)
	}
	return s
}

// sendAndWait sends it, to an address with a detail where letters use such ones.
func (d *Doctor) sendAndWait(ctx context.Context, boxes []*box) finding {
	own := d.settings.Service.Address
	test := notify.Test{Service: notify.Service{Address: own, Instance: d.mark()}, To: own, MessageID: unique(), Now: d.around.Clock()}
	if d.settings.Service.PlusAddress {
		test.To = d.plus()
	}
	begun := time.Now()
	if err := d.relay.visit.Send(ctx, test); err != nil {
		return bad(fmt.Sprintf("the server takes no message from %s: %s", own, last(err)),
			"Give the user of smtp.url the right to send as "+own+".")
	}
	arrives, cancel := context.WithTimeout(ctx, d.around.Arrival)
	defer cancel()
	for {
		for _, b := range boxes {
			found, ok, err := b.visit.Find(arrives, test.MessageID)
			if ok {
				return b.arrived(ctx, found.Raw, test.To, time.Since(begun))
			}
			if err != nil && arrives.Err() == nil {
				return bad(last(err), "See the server's log for why.")
			}
		}
		select {
		case <-arrives.Done():
			return bad(fmt.Sprintf("a message to %s has not come within %s", test.To, d.around.Arrival),
				"See the mail server's log and the junk folder; if service.plus_address is set, whether it arrives without. "+
					"It is filed as mail of our own when it comes.")
		case <-time.After(lookEvery):
		}
	}
}

// arrived says how long the message took, and what proves who sent it: that is what mail of our own users comes with.
func (b *box) arrived(ctx context.Context, raw []byte, to string, took time.Duration) finding {
	d := b.doctor
	m, err := d.reader.Parse(bytes.NewReader(raw))
	if err != nil {
		return bad(err.Error(), "See what the mail server does to messages on their way.")
	}
	l := letter{m, mailbox.Found{Raw: raw}}
	found := fmt.Sprintf("a message to %s came after %s into %q", to, took.Round(time.Second), b.settings.Name)
	_, domain, _ := strings.Cut(d.settings.Service.Address, "@")
	v, err := d.judge(ctx, b.settings.Trust, l)
	if err == nil && v.Authentic {
		if open := leftOpen(v); open != "" {
			return poor(fmt.Sprintf("%s, and is proven (%s), but the signature %s: reviewers at %s would be asked by email to confirm "+
				"(CONFIRM) each APPROVE", found, passed(v), open, domain), closeIt(domain))
		}
		return fine("%s, and is proven (%s)", found, passed(v))
	}
	return bad(fmt.Sprintf("%s, but is not proven, so that mail of your own users at %s would not be: %s", found, domain, b.why(ctx, l)),
		b.noProof(ctx, []letter{l}, domain))
}
