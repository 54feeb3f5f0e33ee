//go:build real

package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	netmail "net/mail"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/post"
)

// crowd is people who write to the service and answer its letters.
type crowd struct {
	*accounts
	random   *rand.Rand
	toSend   []mailing
	begun    time.Time
	dates    int             // messages written, each a second after the one before
	users    int             // asked for
	read     map[string]bool // letters that were looked at, by Message-ID
	known    map[string]int  // of each account, how many lay in its mailbox then
	reviewed map[string]int  // how often a reviewer was asked about a reference
}

// mailing is a message that somebody has written.
type mailing struct {
	from, to string
	raw      []byte
}

func newCrowd(a *accounts, seed uint64) *crowd {
	return &crowd{accounts: a, random: rand.New(rand.NewPCG(seed, 0)), begun: time.Now(),
		read: make(map[string]bool), known: make(map[string]int), reviewed: make(map[string]int)}
}

// sitesOf are the sites that ask, and the domain of their users.
var sitesOf = []struct{ site, domain string }{
	{pharmacy, "pharmacy.test"}, {dentist, "dental.test"}, {careHome, "care.test"}, {optician, "optical.test"},
}

func userOf(i int) string { return fmt.Sprintf("user%03d@%s", i, sitesOf[i%len(sitesOf)].domain) }

func (p *crowd) client() post.Client {
	p.dates++
	apps := post.Apps()
	return post.Client{App: apps[p.random.IntN(len(apps))], Date: p.begun.Add(time.Duration(p.dates) * time.Second)}
}

// request is a site's request for a new user, with evidence of that many lines.
func (p *crowd) request(to string, lines int) mailing {
	user := userOf(p.users)
	site := sitesOf[p.users%len(sitesOf)].site
	p.users++
	p.mu.Lock()
	p.asked[user] = true
	p.mu.Unlock()
	evidence := []string{"To let in " + user}
	for range lines {
		evidence = append(evidence, strconv.FormatUint(p.random.Uint64(), 36)+strconv.FormatUint(p.random.Uint64(), 36))
	}
	return mailing{site, to, p.client().New(site, to, "MFA exception for "+user,
		"User: "+user+"\nReason: secure location\nDetails: Works in a prison, where no phones are allowed.\nAuthentication method registered: yes",
		post.Letter("letter for "+user+".pdf", evidence...))}
}

// sameID are two requests for two users in messages with one Message-ID.
func (p *crowd) sameID(to string) []mailing {
	a, b := p.request(to, 0), p.request(to, 0)
	b.raw = bytes.Replace(b.raw, []byte(post.MessageID(b.raw)), []byte(post.MessageID(a.raw)), 1)
	return []mailing{a, b}
}

// stranger is a request from a personal mailbox.
func (p *crowd) stranger(to string) mailing {
	who := []string{rosa, outsider}[p.random.IntN(2)]
	return mailing{who, to, p.client().New(who, to, "switch off MFA", "Hi, I would like to be exempt from MFA please.", nil)}
}

// shortTerm is a site's request for what goes by telephone.
func (p *crowd) shortTerm(to string) mailing {
	return mailing{optician, to, p.client().New(optician, to, "Lost phone",
		"Hello, nia.vaughan@optical.test lost her phone on the train this morning and cannot sign in today. Can she have a 24 hour exception?", nil)}
}

// send hands in the next n messages, or as many as there are.
func (p *crowd) send(ctx context.Context, n int) error {
	for range min(n, len(p.toSend)) {
		m := p.toSend[0]
		p.toSend = p.toSend[1:]
		if err := p.handIn(ctx, m.from, m.to, m.raw); err != nil {
			return err
		}
	}
	return nil
}

var serial = regexp.MustCompile(`-(\d{5})$`)

// look has people read what they have received, and write their answers.
func (p *crowd) look(ctx context.Context, t *testing.T, to string) {
	t.Helper()
	for _, who := range []string{asha, ben, pharmacy, dentist, careHome, optician} {
		n := p.office.Delivered(post.Bare(who))
		if n == p.known[who] {
			continue
		}
		p.known[who] = n
		inbox, err := p.office.Read(ctx, who, "INBOX")
		done(t, err)
		for _, m := range inbox {
			if id := post.MessageID(m.Raw); !p.read[id] {
				p.read[id] = true
				for _, raw := range p.answers(t, who, m.Raw) {
					p.toSend = append(p.toSend, mailing{who, to, raw})
				}
			}
		}
	}
}

// answers are what somebody writes after a letter has arrived. What reviewers do depends on the number of the
// request.
func (p *crowd) answers(t *testing.T, who string, letter []byte) [][]byte {
	t.Helper()
	m, err := netmail.ReadMessage(bytes.NewReader(letter))
	done(t, err)
	subject := m.Header.Get("Subject")
	reply := func(words string) []byte { return p.client().Reply(who, letter, words, nil) }
	if strings.Contains(subject, "A question: ") {
		return [][]byte{reply("Our clinical lead, Dr Wren, signed it.")}
	}
	if !strings.Contains(subject, "lease decide") {
		return nil
	}
	ref := refOf(t, letter)
	n, err := strconv.Atoi(serial.FindStringSubmatch(ref)[1])
	done(t, err)
	p.reviewed[who+ref]++
	approve, reject := "APPROVE", "REJECT The letter is not signed."
	says := map[string][]string{
		"0" + asha: {approve},
		"1" + ben:  {reject},
		"2" + asha: {approve}, "2" + ben: {reject},
		"3" + asha: {"INFO Who signed the letter, and when?"},
		"4" + asha: {approve}, "4" + ben: {away},
		"5" + asha: {approve, twice},
		"6" + asha: {reject}, "6" + ben: {approve},
		"7" + ben: {"Looks fine to me, go ahead", reject},
	}[strconv.Itoa(n%8)+who]
	if n%8 == 3 && p.reviewed[who+ref] > 1 {
		says = map[string][]string{asha: {approve}}[who]
	}
	var all [][]byte
	for _, words := range says {
		switch words {
		case away:
			p.dates++
			all = append(all, post.OutOfOffice(who, letter, p.begun.Add(time.Duration(p.dates)*time.Second)))
		case twice:
			all = append(all, all[len(all)-1])
		default:
			all = append(all, reply(words))
		}
	}
	return all
}

// What somebody may do instead of writing.
const (
	away  = "(away)"
	twice = "(the same message once more)"
)
