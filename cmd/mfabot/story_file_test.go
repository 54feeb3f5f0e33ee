package main

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/pelletier/go-toml/v2"
)

// story is one file of testdata/stories, whose README says what each key means.
type story struct {
	Title     string          `toml:"title"`
	Start     string          `toml:"start"`
	Policy    map[string]any  `toml:"policy"`
	Sites     []storySite     `toml:"site"`
	Reviewers []storyReviewer `toml:"reviewer"`
	Directory *struct {
		Users   []storyAccount `toml:"users"`
		Members []string       `toml:"members"`
	} `toml:"directory"`
	Steps []storyStep `toml:"step"`
}

type storySite struct {
	ODS      string   `toml:"ods"`
	Name     string   `toml:"name"`
	Kind     string   `toml:"kind"`
	Mailbox  string   `toml:"mailbox"`
	Aliases  []string `toml:"aliases"`
	Contacts []string `toml:"contacts"`
}

type storyReviewer struct {
	Address string   `toml:"address"`
	Name    string   `toml:"name,omitempty"`
	Deputy  string   `toml:"deputy,omitempty"`
	Aliases []string `toml:"aliases,omitempty"`
}

// storyAccount is one that exists in the directory.
type storyAccount struct {
	Address string `toml:"address" json:"address"`
	Methods string `toml:"methods" json:"methods"`
	Enabled *bool  `toml:"enabled" json:"enabled"`
}

// storyStep is what happens in a step, and what must have come of it.
type storyStep struct {
	Note string `toml:"note"`

	// An email, or the same one again, or a report that a letter did not arrive.
	From      string         `toml:"from"`
	Sender    string         `toml:"sender"`
	To        any            `toml:"to"`
	Cc        any            `toml:"cc"`
	Subject   *string        `toml:"subject"`
	Body      *string        `toml:"body"`
	HTML      any            `toml:"html"`
	Attach    []any          `toml:"attach"`
	Headers   map[string]any `toml:"headers"`
	ReplyTo   *storyPick     `toml:"reply_to"`
	Quote     *bool          `toml:"quote"`
	Threaded  *bool          `toml:"threaded"`
	Client    string         `toml:"client"`
	Proven    any            `toml:"proven"`
	AutoReply bool           `toml:"auto_reply"`
	Delivered string         `toml:"delivered"`
	WithNext  bool           `toml:"with_next"`
	Again     int            `toml:"again"`
	BounceOf  *storyPick     `toml:"bounce_of"`

	// Time that passes, or a command.
	Wait        string            `toml:"wait"`
	At          string            `toml:"at"`
	Tick        string            `toml:"tick"`
	Run         []string          `toml:"run"`
	Files       map[string]string `toml:"files"`
	Exit        int               `toml:"exit"`
	Output      []string          `toml:"output"`
	OutputLacks []string          `toml:"output_lacks"`

	// What servers do from the step on.
	SMTPRefuses   *[]string  `toml:"smtp_refuses"`
	SMTPSays      *storySays `toml:"smtp_says"`
	DirectoryDown *bool      `toml:"directory_down"`

	// What must have come of it.
	Outcome    string        `toml:"outcome"`
	Reason     *string       `toml:"reason"`
	Letters    []storyLetter `toml:"letters"`
	Only       bool          `toml:"only"`
	Requests   []storyRow    `toml:"requests"`
	Exceptions []storyRow    `toml:"exceptions"`
	NoneFor    []string      `toml:"none_for"`
	Members    *[]string     `toml:"directory_members"`
}

// storyPick says which letter of those that somebody received.
type storyPick struct {
	To       string   `toml:"to"`
	Nth      *int     `toml:"nth"`
	Contains []string `toml:"contains"`
	Template string   `toml:"template"`
}

// storySays is what our own mail server says from now on.
type storySays struct {
	At    string `toml:"at"` // greeting, mail, rcpt or data
	Reply string `toml:"reply"`
	To    string `toml:"to"`
}

// storyLetter is a letter that must have gone out.
type storyLetter struct {
	To              any       `toml:"to"`
	Template        string    `toml:"template"`
	Contains        []string  `toml:"contains"`
	Lacks           []string  `toml:"lacks"`
	SubjectContains []string  `toml:"subject_contains"`
	SubjectLacks    []string  `toml:"subject_lacks"`
	HTMLContains    []string  `toml:"html_contains"`
	Attached        *[]string `toml:"attached"`
	Count           *int      `toml:"count"`
}

// storyRow is a request or an exception that must be on record.
type storyRow struct {
	User     *string   `toml:"user"`
	State    string    `toml:"state"`
	Category string    `toml:"category"`
	Reason   string    `toml:"reason"`
	Site     string    `toml:"site"`
	Name     string    `toml:"name"`
	EndsOn   string    `toml:"ends_on"`
	Evidence *[]string `toml:"evidence"`
	Count    *int      `toml:"count"`
}

func readStory(t *testing.T, file string) story {
	t.Helper()
	source, err := os.ReadFile(file)
	done(t, err)
	var s story
	dec := toml.NewDecoder(bytes.NewReader(source))
	dec.DisallowUnknownFields()
	done(t, dec.Decode(&s))
	if s.Title == "" || len(s.Steps) == 0 {
		t.Fatal("a story needs a title and a step")
	}
	if s.Start == "" {
		s.Start = "2026-11-02 09:00"
	}
	if s.Sites == nil {
		s.Sites = []storySite{
			{ODS: "FX101", Name: "Oak Street Pharmacy", Kind: "pharmacy", Mailbox: "oakstreet@pharmacy.test", Contacts: []string{"jo.marsh@pharmacy.test"}},
			{ODS: "V2002", Name: "High Street Dental", Kind: "dental", Mailbox: "highstreet@dental.test", Contacts: []string{"rosa.lind@dental.test"}},
			{ODS: "A3003", Name: "Mill Lane Care Home", Kind: "social care", Mailbox: "milllane@care.test", Contacts: []string{"priya.shah@care.test"}},
		}
	}
	if s.Reviewers == nil {
		s.Reviewers = []storyReviewer{{Address: "asha@helpdesk.test", Name: "Asha Patel"},
			{Address: "ben@helpdesk.test", Name: "Ben Okafor"}}
	}
	return s
}

// isEmail reports whether the step is an email that somebody writes.
func (s *storyStep) isEmail() bool { return s.From != "" || s.ReplyTo != nil }

// tell names what happens in a step.
func (s *storyStep) tell() string {
	switch {
	case s.ReplyTo != nil:
		return fmt.Sprintf("email from %s, answering a letter to %s", s.From, s.ReplyTo.To)
	case s.From != "":
		return fmt.Sprintf("email from %s", s.From)
	case s.Again > 0:
		return fmt.Sprintf("the email of step %d again", s.Again)
	case s.BounceOf != nil:
		return "a report about a letter to " + s.BounceOf.To
	case len(s.Run) > 0:
		return fmt.Sprintf("mfabot %q", s.Run)
	}
	return s.At + s.Wait + " passes"
}

// storyPeople reads an address or a list of them.
func storyPeople(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, a := range v {
			all = append(all, fmt.Sprint(a))
		}
		return all
	}
	return nil
}

// storyTime reads a time of London.
func storyTime(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", text, london(t))
	done(t, err)
	return at.UTC()
}

func london(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	done(t, err)
	return zone
}

var storyDuration = regexp.MustCompile(`^(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?$`)

// storySpan reads a length of time, such as 30d or 1d12h.
func storySpan(t *testing.T, text string) time.Duration {
	t.Helper()
	m := storyDuration.FindStringSubmatch(text)
	if text == "" || m == nil {
		t.Fatalf("%q is not a duration", text)
	}
	var total time.Duration
	for i, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour, time.Hour, time.Minute} {
		if m[i+1] == "" {
			continue
		}
		n, err := strconv.Atoi(m[i+1])
		done(t, err)
		total += time.Duration(n) * unit
	}
	return total
}
