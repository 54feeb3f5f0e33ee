package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/pelletier/go-toml/v2"

	"mfabot/cmd/mfabot/internal/post"
)

const (
	storyGap      = 5 * time.Minute // between two steps
	storyOperator = "ops@helpdesk.test"
)

// TestStories plays the stories in testdata/stories: people write, time passes, somebody types a command, and after
// each step people must have got these letters, and the listings say this. The real main runs them on real mail
// servers. The README there says how to write one. Those of TestField are left to it.
func TestStories(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "stories", "*", "*.toml"))
	done(t, err)
	if len(files) == 0 {
		t.Fatal("no stories")
	}
	field := fieldStories()
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".toml")
		if slices.Contains(slices.Collect(maps.Values(field)), filepath.Base(filepath.Dir(file))+"/"+name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newPlay(t, name, readStory(t, file)).play()
		})
	}
}

// play is a story being played.
type play struct {
	t       *testing.T
	name    string
	story   story
	dir     string
	now     time.Time
	step    int // from 1
	office  *post.Office
	post    *storyPost
	names   map[string]string
	config  string // all but the clock
	letters []*storyReceived
	byStep  map[int][]byte
	sent    []uint32 // UIDs
	ledger  []listed
	givenUp map[int64]bool
	down    bool // the directory
}

func newPlay(t *testing.T, name string, s story) *play {
	t.Helper()
	p := &play{t: t, name: name, story: s, dir: t.TempDir(), now: storyTime(t, s.Start), byStep: map[int][]byte{},
		givenUp: map[int64]bool{}, names: map[string]string{service: "NHSmail Helpdesk"}}
	for _, site := range s.Sites {
		p.names[strings.ToLower(site.Mailbox)] = site.Name
	}
	for _, r := range s.Reviewers {
		p.names[strings.ToLower(r.Address)] = r.Name
	}
	office, err := post.Embedded(t.Context(), []string{service})
	done(t, err)
	t.Cleanup(func() { done(t, office.Close()) })
	p.office = office
	p.post = &storyPost{accept: p.accept}
	p.configure(p.post.listen(t))
	return p
}

// accept takes a letter. It runs while the program does, one letter at a time, and play looks afterwards.
func (p *play) accept(to string, raw []byte) {
	p.post.mu.Lock()
	defer p.post.mu.Unlock()
	l, err := storyRead(to, raw, p.step)
	if err != nil {
		p.t.Errorf("a letter to %s cannot be read: %v", to, err)
		return
	}
	p.letters = append(p.letters, l)
}

func (p *play) file(name string) string { return filepath.Join(p.dir, name) }

func (p *play) write(name, text string) {
	p.t.Helper()
	done(p.t, os.WriteFile(p.file(name), []byte(text), 0o600))
}

func (p *play) configure(smtp string) {
	var sites bytes.Buffer
	w := csv.NewWriter(&sites)
	done(p.t, w.Write([]string{"ods_code", "name", "kind", "mailbox", "aliases", "contacts"}))
	for _, s := range p.story.Sites {
		if s.Kind == "" {
			s.Kind = "other"
		}
		done(p.t, w.Write([]string{s.ODS, s.Name, s.Kind, s.Mailbox, strings.Join(s.Aliases, ";"), strings.Join(s.Contacts, ";")}))
	}
	w.Flush()
	p.write("sites.csv", sites.String())
	p.write("imap.password", p.office.Password)
	c := "database = \"sqlite:mfabot.db\"\nsites = \"sites.csv\"\n"
	if p.story.Policy != nil {
		p.write("policy.toml", p.policy())
		c += "policy = \"policy.toml\"\n"
	}
	c += fmt.Sprintf("[service]\nname = %q\naddress = %q\noperator = %q\n", p.names[service], service, storyOperator)
	c += "[[mailbox]]\nname = \"helpdesk\"\n"
	c += fmt.Sprintf("url = \"imap://mfa%%40helpdesk.test@%s/INBOX\"\npassword_file = \"imap.password\"\n", p.office.IMAPAddr)
	c += fmt.Sprintf("[mailbox.trust]\nauthserv_id = \"mx.helpdesk.test\"\n[smtp]\nurl = \"smtp://%s\"\n", smtp)
	reviewers, err := toml.Marshal(map[string]any{"reviewer": p.story.Reviewers})
	done(p.t, err)
	c += string(reviewers)
	if d := p.story.Directory; d != nil {
		state := storyMembers{Members: d.Members}
		if d.Users != nil {
			state.Users = map[string]storyAccount{}
		}
		for _, u := range d.Users {
			state.Users[strings.ToLower(u.Address)] = u
		}
		state.write(p.t, p.file("directory.json"))
		program, err := exec.LookPath("story-directory")
		done(p.t, err)
		c += fmt.Sprintf("[directory]\nkind = \"command\"\ncommand = [%q, %q]\n", program, p.file("directory.json"))
	}
	p.config = c
}

// policy is the program's own with what the story changes; reasons are changed by their id.
func (p *play) policy() string {
	source, err := os.ReadFile(filepath.Join("..", "..", "intake", "policy.toml"))
	done(p.t, err)
	var base map[string]any
	done(p.t, toml.Unmarshal(source, &base))
	text, err := toml.Marshal(storyMerged(base, p.story.Policy))
	done(p.t, err)
	return string(text)
}

func storyMerged(base, change map[string]any) map[string]any {
	for k, v := range change {
		table, ok := v.(map[string]any)
		if !ok {
			base[k] = v
			continue
		}
		switch old := base[k].(type) {
		case map[string]any:
			base[k] = storyMerged(old, table)
		case []any:
			for id, fields := range table {
				fields, _ := fields.(map[string]any)
				i := slices.IndexFunc(old, func(row any) bool { return row.(map[string]any)["id"] == id })
				if i < 0 {
					base[k] = append(old, storyMerged(map[string]any{"id": id}, fields))
				} else {
					old[i] = storyMerged(old[i].(map[string]any), fields)
				}
			}
		default:
			base[k] = v
		}
	}
	return base
}

// setClock has the program's clock be at the story's moment, and go on from there.
func (p *play) setClock() {
	offset := math.Ceil(time.Until(p.now).Seconds())
	p.write("mfabot.toml", p.config+fmt.Sprintf("[testing]\nclock_offset = \"%.0fs\"\n", offset))
}

// program runs a command of mfabot, in the story's folder as far as file names go.
func (p *play) program(args ...string) (status int, stdout, stderr string) {
	var out, errs bytes.Buffer
	status = runMain(append([]string{"--config", p.file("mfabot.toml")}, args...), &out, &errs)
	return status, out.String(), errs.String()
}

// settle runs the bot until nothing is left to do.
func (p *play) settle() {
	p.t.Helper()
	status, _, errs := p.program("run", "--until-idle")
	if status != exitOK && !(status == exitFailed && (p.down || p.post.isFaulty())) {
		p.t.Fatalf("step %d: mfabot run --until-idle ends with %d:\n%s", p.step, status, errs)
	}
}

// storySeed is a text that looks random, and is the same for the same words.
func storySeed(words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, "/")))
	return hex.EncodeToString(sum[:10])
}

// deliver puts an email into the mailbox.
func (p *play) deliver(raw []byte, at time.Time) {
	p.t.Helper()
	c, err := imapclient.DialInsecure(p.office.IMAPAddr, nil)
	done(p.t, err)
	defer func() { done(p.t, c.Close()) }()
	done(p.t, c.Login(service, p.office.Password).Wait())
	cmd := c.Append("INBOX", int64(len(raw)), &imap.AppendOptions{Time: at})
	_, err = cmd.Write(raw)
	done(p.t, err)
	done(p.t, cmd.Close())
	data, err := cmd.Wait()
	done(p.t, err)
	p.sent = append(p.sent, uint32(data.UID))
	p.byStep[p.step] = raw
}

// play plays all steps, up to the first that comes out otherwise.
func (p *play) play() {
	type heldBack struct {
		step storyStep
		uid  uint32
	}
	var held []heldBack
	for i := range p.story.Steps {
		s := p.story.Steps[i]
		p.step = i + 1
		first := len(p.letters)
		p.turn(&s)
		p.pass(&s)
		p.setClock()
		bad := p.act(&s)
		if !s.WithNext {
			bad = append(bad, p.always(first)...)
			for _, h := range held {
				bad = append(bad, p.outcome(&h.step, h.uid)...)
			}
			held = nil
			bad = append(bad, p.expect(&s, p.letters[first:])...)
		} else {
			held = append(held, heldBack{s, p.sent[len(p.sent)-1]})
		}
		if len(bad) > 0 {
			p.t.Fatalf("%s\nstep %d, %s: %s\n%s", p.story.Title, p.step, p.now.In(london(p.t)).Format("Mon 02 Jan 2006 15:04"),
				s.tell(), strings.Join(bad, "\n"))
		}
	}
}

// turn has the servers do what they do from the beginning of a step on.
func (p *play) turn(s *storyStep) {
	p.post.set(s.SMTPRefuses, s.SMTPSays)
	if s.DirectoryDown != nil {
		p.down = *s.DirectoryDown
		d, err := readMembers(p.file("directory.json"))
		done(p.t, err)
		d.Down = p.down
		d.write(p.t, p.file("directory.json"))
	}
}

// pass lets time pass, and the bot run in between where a step says how often.
func (p *play) pass(s *storyStep) {
	gap := storyGap
	if p.step == 1 {
		gap = 0
	}
	until := p.now.Add(gap)
	switch {
	case s.At != "":
		until = storyTime(p.t, s.At)
	case s.Wait != "":
		until = until.Add(storySpan(p.t, s.Wait))
	}
	if s.Tick != "" {
		for tick := storySpan(p.t, s.Tick); p.now.Add(tick).Before(until); {
			p.now = p.now.Add(tick)
			p.setClock()
			p.settle()
		}
	}
	p.now = until
}

// act does what a step says, and returns what a command did otherwise than expected.
func (p *play) act(s *storyStep) (bad []string) {
	if s.Body != nil {
		body := p.fill(*s.Body)
		s.Body = &body
	}
	if s.Subject != nil {
		subject := p.fill(*s.Subject)
		s.Subject = &subject
	}
	if page, ok := s.HTML.(string); ok {
		s.HTML = p.fill(page)
	}
	switch {
	case s.isEmail():
		p.deliver(p.compose(s), p.delivery(s))
	case s.Again > 0:
		p.deliver(p.byStep[s.Again], p.now)
	case s.BounceOf != nil:
		p.deliver(storyReport(p.pick(s.BounceOf), p.now, storySeed(p.name, fmt.Sprint(p.step))), p.now)
	case len(s.Run) > 0:
		bad = p.command(s)
	}
	if !s.WithNext {
		p.settle()
	}
	return bad
}

func (p *play) command(s *storyStep) (bad []string) {
	args := p.fillAll(s.Run)
	for name, text := range s.Files {
		p.write(name, p.fill(text))
	}
	for i, arg := range args {
		if _, err := os.Stat(p.file(arg)); err == nil && arg != "" {
			args[i] = p.file(arg)
		}
	}
	status, out, errs := p.program(args...)
	seen := storyWords(out + " " + errs)
	if status != s.Exit {
		bad = append(bad, fmt.Sprintf("mfabot %q ends with %d, expected %d:\n%s", args, status, s.Exit, errs))
	}
	for _, want := range p.fillAll(s.Output) {
		if !strings.Contains(seen, storyWords(want)) {
			bad = append(bad, fmt.Sprintf("no %q in what mfabot %q prints:\n%s%s", want, args, out, errs))
		}
	}
	for _, unwanted := range p.fillAll(s.OutputLacks) {
		if strings.Contains(seen, storyWords(unwanted)) {
			bad = append(bad, fmt.Sprintf("%q in what mfabot %q prints:\n%s%s", unwanted, args, out, errs))
		}
	}
	return bad
}

// pick finds a letter that somebody received.
func (p *play) pick(want *storyPick) *storyReceived {
	p.t.Helper()
	var fit, all []*storyReceived
	for _, l := range p.letters {
		if l.to != strings.ToLower(want.To) {
			continue
		}
		all = append(all, l)
		words := storyWords(l.subject + "\n" + l.text)
		ok := want.Template == "" || want.Template == l.template
		for _, w := range p.fillAll(want.Contains) {
			ok = ok && strings.Contains(words, storyWords(w))
		}
		if ok {
			fit = append(fit, l)
		}
	}
	nth := len(fit) - 1
	if want.Nth != nil && *want.Nth >= 0 {
		nth = *want.Nth
	} else if want.Nth != nil {
		nth = len(fit) + *want.Nth
	}
	if nth < 0 || nth >= len(fit) {
		p.t.Fatalf("step %d: no such letter to %s to answer; there are %v", p.step, want.To, all)
	}
	return fit[nth]
}
