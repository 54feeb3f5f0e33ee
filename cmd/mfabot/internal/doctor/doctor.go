// Package doctor tries every connection of a configuration, beside a bot that may be running, and says of each whether it
// works, what was found, and how to mend what is wrong.
//
// A step is a row of a table: what it checks, which steps it needs, and a function. One whose needs are not met is not
// tried. What is read leaves no trace; what is written is one message of the doctor's own, in a folder of the bot's own,
// and with Send one to ourselves.
package doctor

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake/senderauth"
	"mfabot/parser"
	"mfabot/store"
)

// State is how a check came out.
type State string

// The states of a check.
const (
	OK       State = "ok"
	Wrong    State = "WRONG"
	NotTried State = "not tried"
)

// Line is what is said of one check.
type Line struct {
	Check string
	State State
	Found string
	Mend  string // what to do; empty where nothing need be
}

// Surroundings are what a doctor finds around it. A test replaces the usual, which nil or zero stands for.
type Surroundings struct {
	Clock func() time.Time
	// Dial connects, and LookUp finds the addresses of a server's name.
	Dial   func(ctx context.Context, network, addr string) (net.Conn, error)
	LookUp func(ctx context.Context, host string) ([]string, error)
	// Space measures the disk under the database, in bytes.
	Space func() (free, total int64, err error)
	// Silence is how long a server may say nothing, and Arrival how long a message to ourselves may take.
	Silence, Arrival time.Duration
	// Send has one message sent to ourselves.
	Send bool
}

// Doctor examines one configuration.
type Doctor struct {
	settings *config.Settings
	around   Surroundings
	keys     senderauth.Resolver
	reader   *parser.Parser
	boxes    []*box
	relay    *relay
	db       *store.Store // nil before the step that opens it, and where there is none yet
}

// New returns a doctor for a configuration without fault.
func New(s *config.Settings, around Surroundings) *Doctor {
	if around.Clock == nil {
		around.Clock = s.Now
	}
	if around.Dial == nil {
		around.Dial = new(net.Dialer).DialContext
	}
	if around.LookUp == nil {
		around.LookUp = net.DefaultResolver.LookupHost
	}
	if around.Space == nil && s.Server == nil {
		around.Space = bot.SpaceOf(s.Database)
	}
	if around.Silence <= 0 {
		around.Silence = 15 * time.Second
	}
	if around.Arrival <= 0 {
		around.Arrival = time.Minute
	}
	d := &Doctor{settings: s, around: around, keys: bot.Resolver(s.Service.Resolver), reader: parser.New(parser.Vocabulary{})}
	for i := range s.Mailboxes {
		d.boxes = append(d.boxes, newBox(d, i))
	}
	d.relay = newRelay(d)
	return d
}

// step is one row of the table.
type step struct {
	check string
	needs []string // checks that must be ok before
	run   func(ctx context.Context) finding
}

// finding is what a step found.
type finding struct {
	state       State
	found, mend string
	works       bool // though it is wrong: what needs it is tried
}

func fine(found string, args ...any) finding {
	return finding{state: OK, found: fmt.Sprintf(found, args...), works: true}
}

func untried(why, mend string) finding {
	return finding{state: NotTried, found: "not tried: " + why, mend: mend}
}

// bad is a finding that is wrong, with what was found and what to do.
func bad(found, mend string) finding { return finding{state: Wrong, found: found, mend: mend} }

// poor is a finding that is wrong of what works all the same.
func poor(found, mend string) finding {
	return finding{state: Wrong, found: found, mend: mend, works: true}
}

// longest bounds a step, whatever a server does.
const longest = 3 * time.Minute

// Examine takes every step and tells each line as soon as it is known. It returns how many came out in each way.
func (d *Doctor) Examine(ctx context.Context, tell func(Line)) (counts map[State]int, err error) {
	defer d.leave()
	counts = make(map[State]int)
	causes := make(map[string]string) // of the steps that do not work, the first that did not
	for _, s := range d.steps() {
		f, cause := unmet(s, causes)
		if f.state == OK {
			within, cancel := context.WithTimeout(ctx, longest)
			f = s.run(within)
			cancel()
		}
		if err := ctx.Err(); err != nil {
			return counts, err
		}
		counts[f.state]++
		if !f.works {
			causes[s.check] = cause
		}
		tell(Line{Check: s.check, State: f.state, Found: oneLine(f.found), Mend: oneLine(f.mend)})
	}
	return counts, nil
}

// unmet is OK unless a step that this one needs does not work. cause is the step with which that began.
func unmet(s step, causes map[string]string) (f finding, cause string) {
	for _, need := range s.needs {
		if cause, failed := causes[need]; failed {
			return untried(fmt.Sprintf("%q is not ok", cause), ""), cause
		}
	}
	return fine(""), s.check
}

// Checks that others need: of the secrets, and of the name server that keys are asked of.
const (
	secrets  = "secrets"
	resolver = "resolver"
)

// steps is the table.
func (d *Doctor) steps() []step {
	all := []step{
		{"clock_offset", nil, d.clockOffset},
		{secrets, nil, d.secrets},
		{"templates", nil, d.templates},
		{"telephone", nil, d.ours},
		{"disk", nil, d.disk},
		{"database", nil, d.database},
		{"key", []string{"database"}, d.key},
		{"sites", nil, d.sites},
	}
	if d.settings.Service.Listen != "" {
		all = append(all, step{"listen", nil, d.listen})
	}
	if d.settings.Backup != nil {
		all = append(all, step{"backups", nil, d.backups})
	}
	if d.settings.Scanner != nil {
		all = append(all, step{"clamd", nil, d.clamd})
	}
	if slices.ContainsFunc(d.boxes, (*box).asksKeys) {
		all = append(all, step{resolver, nil, d.resolver})
	}
	for _, b := range d.boxes {
		all = append(all, b.steps()...)
	}
	all = append(all, d.relay.steps()...)
	if d.settings.Directory != nil {
		all = append(all, d.directorySteps()...)
	}
	if d.around.Send {
		all = append(all, d.roundTrip())
	}
	return all
}

// leave ends the connections.
func (d *Doctor) leave() {
	for _, b := range d.boxes {
		b.visit.Leave()
	}
	d.relay.visit.Leave()
	if d.db != nil {
		_ = d.db.Close() // through which nothing was written
	}
}

// mark is how the bot knows mail of its own; empty before it has run.
func (d *Doctor) mark() string {
	if d.db == nil {
		return ""
	}
	return d.db.Instance()
}

// oneLine is a text on one line.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
