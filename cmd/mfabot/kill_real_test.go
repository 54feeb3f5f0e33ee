//go:build real

package main

import (
	"bufio"
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/demo"
	"mfabot/cmd/mfabot/internal/post"
)

const (
	killMessages = 500 // at least
	killsForAll  = 50  // enough to hit it at everything it does
	killSeed     = 20261123
)

// killsWanted is how often it is killed: KILLS times.
func killsWanted(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv("KILLS"), "200"))
	done(t, err)
	return n
}

// realConfig takes the user, the addresses of the IMAP and the SMTP server, the authority of their certificates, and whom the
// mailbox believes.
const realConfig = `database = "sqlite:mfabot.db"
sites    = "sites.csv"
policy   = "policy.toml"

[service]
name     = "NHSmail Helpdesk"
address  = "mfa@helpdesk.test"
operator = "ops@helpdesk.test"

[[mailbox]]
name          = "helpdesk"
url           = "imaps://%[1]s@%[2]s/INBOX"
password_file = "password"
ca_file       = "%[4]s"

  [mailbox.trust]
  %[5]s

[smtp]
url           = "smtp+starttls://%[1]s@%[3]s"
password_file = "password"
ca_file       = "%[4]s"

[[reviewer]]
address = "asha@helpdesk.test"
name    = "Asha Patel"
`

// secondReviewer follows realConfig.
const secondReviewer = `
[[reviewer]]
address = "ben@helpdesk.test"
name    = "Ben Okafor"
`

// killed is a bot that is killed while it works, again and again.
type killed struct {
	ctx    context.Context //nolint:containedctx // of the test
	dir    string          // with the configuration and the database
	people *crowd
	random *rand.Rand

	hits    map[string]int // kills, by what the bot had in hand
	unfiled map[int64]bool // messages that were on record and not filed, by number
	unsure  map[int64]int  // letters that were being handed over, by number, and how often

	endangered bool // it was killed twice over a message
	spared     int  // times that this was waited for to pass
}

// TestRealKills kills the program at random moments while it reads, records, files and sends, and then
// compares what went in with what came out: nothing is lost, and nothing takes effect twice.
func TestRealKills(t *testing.T) {
	for name, server := range map[string]string{"Dovecot": post.Dovecot, "Courier": post.Courier, "Cyrus": post.Cyrus} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testKills(t, newKilled(t, post.RealOptions{IMAPServer: server}))
		})
	}
}

func testKills(t *testing.T, k *killed) {
	k.write()
	kills := killsWanted(t)
	began := time.Now()
	for i := range kills {
		k.kill(t, i)
	}
	took := time.Since(began)
	written, rests := k.people.messages(), 0
	for more := true; more; rests++ { // until nobody has an answer left to give
		done(t, k.people.send(k.ctx, len(k.people.toSend)))
		k.start(t, "run", "--until-idle").end(t)
		k.people.look(k.ctx, t, service)
		more = len(k.people.toSend) > 0
	}
	set, err := config.Load(filepath.Join(k.dir, "mfabot.toml"))
	done(t, err)
	b, err := bot.New(k.ctx, set, bot.Surroundings{Clock: set.Now, Log: slog.New(slog.DiscardHandler)})
	done(t, err)
	defer func() { done(t, b.Close()) }()
	o := k.people.check(k.ctx, t, b)
	if o.messages < killMessages || len(o.undecided) > 0 {
		t.Errorf("%d messages, expected %d at least; undecided: %v", o.messages, killMessages, o.undecided)
	}
	for id, more := range o.again {
		if more > k.unsure[id] || more >= o.attempts[id] {
			t.Errorf("letter %d arrived %d times: %d attempts, %d of them cut off", id, more+1, o.attempts[id], k.unsure[id])
		}
	}
	for _, what := range []string{reading, filing, sending} {
		if k.hits[what] == 0 && kills >= killsForAll {
			t.Errorf("no kill has hit %s", what)
		}
	}
	t.Logf("%d kills in %v, of which %v; %d messages, %d of them while it was killed, %d more runs to rest",
		kills, took.Round(time.Second), k.hits, o.messages, written, rests)
	t.Logf("messages: %v", o.concluded)
	t.Logf("%d requests, decided: %v, %d exceptions", o.requests, o.decisions, o.exceptions)
	t.Logf("%d messages on record were found unfiled, and filed later; "+
		"%d times it was not killed a third time over a message", len(k.unfiled), k.spared)
	t.Logf("%d letters; %d were being handed over when it was killed; %d arrived again (%d copies), each with its own Message-ID",
		o.letters, len(k.unsure), len(o.again), o.copies())
}

func newKilled(t *testing.T, opt post.RealOptions) *killed {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 15*time.Minute)
	t.Cleanup(cancel)
	everybody := slices.Concat(demo.Accounts()[1:], []string{outsider})
	for i := range killRequests + 2*killPairs {
		everybody = append(everybody, userOf(i))
	}
	office, err := post.Real(context.WithoutCancel(ctx), "", append([]string{service}, everybody...), opt)
	done(t, err)
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(office.Log())
		}
		if err := office.Close(); err != nil {
			t.Error(err)
		}
	})
	k := &killed{ctx: ctx, dir: t.TempDir(), random: rand.New(rand.NewPCG(killSeed, 1)),
		people: newCrowd(newAccounts(office, map[string]string{"helpdesk": service}, everybody), killSeed),
		hits:   make(map[string]int), unfiled: make(map[int64]bool), unsure: make(map[int64]int)}
	policy, err := os.ReadFile(filepath.Join("..", "..", "intake", "policy.toml"))
	done(t, err)
	for name, text := range map[string]string{
		"policy.toml": limits.ReplaceAllString(string(policy), "$1$2 1000"),
		"sites.csv":   demo.Sites,
		"password":    office.Password + "\n",
		"mfabot.toml": fmt.Sprintf(realConfig+secondReviewer, url.QueryEscape(service), office.IMAPAddr, office.SMTPAddr, office.CAFile,
			"allow_unauthenticated = true"),
	} {
		done(t, os.WriteFile(filepath.Join(k.dir, name), []byte(text), 0o600))
	}
	return k
}

// What people write of their own accord, apart from their answers.
const (
	killRequests = 130
	killPairs    = 8  // of requests with one Message-ID
	killTwice    = 30 // requests that are delivered once more
	killOthers   = 30 // from strangers, and as many for what goes by telephone
)

// write has people write in random order.
func (k *killed) write() {
	p := k.people
	for i := range killRequests {
		m := p.request(service, k.random.IntN(200))
		p.toSend = append(p.toSend, m)
		if i < killTwice {
			p.toSend = append(p.toSend, m)
		}
	}
	for range killPairs {
		p.toSend = append(p.toSend, p.sameID(service)...)
	}
	for range killOthers {
		p.toSend = append(p.toSend, p.stranger(service), p.shortTerm(service))
	}
	k.random.Shuffle(len(p.toSend), func(i, j int) { p.toSend[i], p.toSend[j] = p.toSend[j], p.toSend[i] })
}

// The lines of the log after which it is killed, and how long after them at most.
var killMoments = []struct {
	line   string
	within time.Duration
}{
	{"running", 400 * time.Millisecond}, // it connects, reads, and finds what it had in hand
	{"message", 100 * time.Millisecond}, // it commits, and files
	{"sent", 200 * time.Millisecond},
}

// kill starts the program, lets people write meanwhile, and kills it.
func (k *killed) kill(t *testing.T, round int) {
	t.Helper()
	if round%8 == 7 {
		k.people.look(k.ctx, t, service)
	}
	wrote := make(chan error, 1)
	n := 1 + k.random.IntN(5)
	go func() { wrote <- k.people.send(k.ctx, n) }()
	at := killMoments[k.random.IntN(len(killMoments))]
	p := k.start(t, "run")
	p.await(t, "running", patience)
	if at.line != "running" {
		p.await(t, at.line, 0) // where there is nothing to do it says nothing
	}
	k.spare(t)
	<-time.NewTimer(time.Duration(k.random.Int64N(int64(at.within)))).C
	done(t, p.Process.Kill())
	if err := p.wait(); err == nil || p.ProcessState.Exited() {
		t.Fatalf("it had ended before it was killed: %v", err)
	}
	done(t, <-wrote)
	k.note(t)
}

// What a bot may have in hand when it is killed.
const (
	reading = "reading"
	filing  = "filing"
	sending = "sending"
	waiting = "nothing in hand"
)

// note reads from the database what the bot had in hand.
func (k *killed) note(t *testing.T) {
	t.Helper()
	hit := false
	if len(k.numbers(t, `SELECT uid FROM attempt`)) > 0 {
		k.hits[reading]++
		hit = true
	}
	k.endangered = len(k.numbers(t, twiceBegun)) > 0
	fresh := false
	for _, id := range k.numbers(t, `SELECT id FROM inbound WHERE filed_at = 0`) {
		fresh = fresh || !k.unfiled[id]
		k.unfiled[id] = true
	}
	if fresh {
		k.hits[filing]++
		hit = true
	}
	fresh = false
	for _, id := range k.numbers(t, `SELECT id FROM outbound WHERE state = 'queued' AND attempts > 0`) {
		k.unsure[id]++
		fresh = true
	}
	if fresh {
		k.hits[sending]++
		hit = true
	}
	if !hit {
		k.hits[waiting]++
	}
}

// twiceBegun are messages during which it was killed twice, or once in a batch and once alone.
const twiceBegun = `SELECT uid FROM attempt WHERE begun > 1`

// spare waits until a message during which it was killed twice is on record, as the bot sets a message aside
// after it has ended three times with it in hand, whatever the cause.
func (k *killed) spare(t *testing.T) {
	t.Helper()
	if k.endangered {
		k.spared++
		k.people.await(k.ctx, t, func() bool { return len(k.numbers(t, twiceBegun)) == 0 })
	}
}

// numbers are the results of a query for one column.
func (k *killed) numbers(t *testing.T, query string) (all []int64) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(k.dir, "mfabot.db")+"?mode=ro&_busy_timeout=5000")
	done(t, err)
	defer func() { done(t, db.Close()) }()
	rows, err := db.QueryContext(k.ctx, query)
	done(t, err)
	defer rows.Close()
	for rows.Next() {
		var n int64
		done(t, rows.Scan(&n))
		all = append(all, n)
	}
	done(t, rows.Err())
	return all
}

// mortal is the program, running.
type mortal struct {
	*exec.Cmd
	said  chan string // the messages of its log lines, as they come
	ended chan struct{}
	tail  strings.Builder // to be read when ended
}

// start runs mfabot as a process of its own.
func (k *killed) start(t *testing.T, args ...string) *mortal {
	t.Helper()
	p := &mortal{said: make(chan string, 10_000), ended: make(chan struct{})}
	p.Cmd = exec.CommandContext(k.ctx, "mfabot", append(args, "--config", filepath.Join(k.dir, "mfabot.toml"))...)
	// Otherwise the race detector waits for a second at the end of every process.
	p.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0 "+os.Getenv("GORACE"))
	log, err := p.StderrPipe()
	done(t, err)
	done(t, p.Start())
	go p.listen(log)
	return p
}

// listen passes on what the log says, until the process has ended.
func (p *mortal) listen(log io.Reader) {
	defer close(p.ended)
	for lines := bufio.NewScanner(log); lines.Scan(); {
		line := lines.Text()
		fmt.Fprintln(&p.tail, line)
		if _, msg, ok := strings.Cut(line, `"msg":"`); ok {
			select {
			case p.said <- msg[:strings.IndexAny(msg, ` "`)]:
			default: // nobody listens for so long
			}
		}
	}
}

// quietFor is how long a bot with something to do may say nothing.
const quietFor = time.Second

// await returns when the process has logged a text, and fails if it does not within the time. Without a text
// it also returns when nothing was logged for a while.
func (p *mortal) await(t *testing.T, what string, within time.Duration) {
	t.Helper()
	limit := within
	if limit == 0 {
		limit = quietFor
	}
	late := time.NewTimer(limit)
	defer late.Stop()
	for {
		select {
		case said := <-p.said:
			if said == what {
				return
			}
		case <-p.ended:
			t.Fatalf("it has ended by itself: %v\n%s", p.Wait(), p.tail.String())
		case <-late.C:
			if within > 0 {
				t.Fatalf("it did not say %q within %v", what, within)
			}
			return
		}
	}
}

func (p *mortal) wait() error {
	<-p.ended // nothing may be left to read
	return p.Wait()
}

// end waits until the process has ended, which must succeed.
func (p *mortal) end(t *testing.T) {
	t.Helper()
	err := p.wait()
	if bad := raceFailures.FindString(p.tail.String()); err != nil || bad != "" || strings.Contains(p.tail.String(), "put back") {
		t.Fatalf("%v %s\n%s", err, bad, p.tail.String())
	}
}
