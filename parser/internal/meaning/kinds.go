package meaning

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strings"

	"mfabot/parser/internal/learn"
)

// What a letter is at all.
const (
	Request   = "request"   // it asks for an exception
	Withdraw  = "withdraw"  // it takes a request back, or has an exception ended
	Chasing   = "chasing"   // it asks where something stands
	Question  = "question"  // it asks something else
	Thanks    = "thanks"    // it thanks or acknowledges, and says nothing else
	Complaint = "complaint" // it asks for nothing
	Answer    = "answer"    // it tells what was asked
	Other     = "other"     // nothing of this
	Automatic = "automatic" // a machine's
)

func kindLabels() []string {
	return []string{Request, Withdraw, Chasing, Question, Thanks, Complaint, Answer, Other, Automatic}
}

//go:embed kinds.bin
var kindsTable []byte

// kindBits is the size of the table: room for 1<<kindBits features.
const kindBits = 15

// Kinds tells what letters are at all.
type Kinds struct{ model *learn.Model }

// NewKinds returns what is known of that from the examples that are compiled in.
func NewKinds() *Kinds { return &Kinds{learn.Read(kindsTable, len(kindLabels()))} }

// Letter is a letter, taken apart.
type Letter struct {
	Said        string // the text
	about, text Text
	whole       []learn.Feature // of the letter as a whole
	reply       bool
	likely      Likely // once it was read
}

// TakeLetter takes a letter apart: its subject, and its text without quotations.
func (w *Words) TakeLetter(subject, said string) Letter {
	reply, names := isReply(subject), namesIn(subject, said)
	return Letter{Said: said, about: w.take(names, subject), text: w.take(names, said), whole: wholeFeatures(said, reply), reply: reply}
}

// All returns the subject and the text, as one.
func (l Letter) All() Text { return slices.Concat(l.about, l.text) }

// wholeFeatures returns what a letter is known by besides its sentences.
func wholeFeatures(said string, reply bool) []learn.Feature {
	words := len(strings.Fields(said))
	out := []learn.Feature{learn.Of("length", fmt.Sprint(min(words/8, 12)))}
	if words < 6 {
		out = append(out, learn.Of("short"))
	}
	if strings.Contains(said, "?") { // as much as a few words
		out = append(out, learn.Of("?"), learn.Of("?", "2"), learn.Of("?", "3"), learn.Of("?", "4"))
	}
	if strings.Contains(said, "@") {
		out = append(out, learn.Of("@"))
	}
	if reply {
		out = append(out, learn.Of("reply"))
	}
	return out
}

// isReply reports whether a subject is of the letter that is answered or forwarded.
func isReply(subject string) bool {
	s := strings.ToLower(strings.TrimSpace(subject))
	return strings.HasPrefix(s, "re:") || strings.HasPrefix(s, "fw:") || strings.HasPrefix(s, "fwd:")
}

// known calls found with all that a letter is known by. The subject of a letter that is answered says nothing of the
// answer.
func (l Letter) known(found func([]learn.Feature)) {
	found(l.whole)
	if !l.reply {
		for _, s := range l.about {
			found(s.features)
		}
	}
	for _, s := range l.text {
		found(s.features)
	}
}

// Likely is how probable each kind is, from 0 to 1.
type Likely []float64

// Read returns how probable it is that a letter is of each kind. It is worked out once for each letter.
func (k *Kinds) Read(l *Letter) Likely {
	if l.likely != nil {
		return l.likely
	}
	var all learn.Votes
	l.known(func(of []learn.Feature) { all = all.Plus(k.model.Votes(of)) })
	odds := k.model.Says(all)
	says := slices.Clone(odds[:len(kindLabels())])
	sum := 0.0
	for i, v := range says {
		says[i] = math.Exp(v)
		sum += says[i]
	}
	for i := range says {
		says[i] /= sum
	}
	l.likely = says
	return says
}

// Of returns how probable one kind is.
func (l Likely) Of(kind string) float64 { return l[slices.Index(kindLabels(), kind)] }

// Kind returns what the letter more probably is than anything else together; empty where it is nothing so clearly.
func (l Likely) Kind() string {
	for i, p := range l {
		if p > 0.5 {
			return kindLabels()[i]
		}
	}
	return ""
}

// KindLesson is an example: a letter, and what it is.
type KindLesson struct {
	Subject string `json:"s"`
	Text    string `json:"t"`
	Kind    string `json:"k"`
}

// LearnKinds returns the table of what letters teach.
func LearnKinds(lessons []KindLesson) ([]byte, error) {
	var examples []learn.Example
	words := NewWords()
	for _, l := range lessons {
		label := slices.Index(kindLabels(), l.Kind)
		if label < 0 {
			return nil, fmt.Errorf("no such kind as %q: %q", l.Kind, l.Text)
		}
		e := learn.Example{Label: label}
		words.TakeLetter(l.Subject, l.Text).known(func(of []learn.Feature) { e.Features = append(e.Features, of...) })
		examples = append(examples, e)
	}
	return learn.Learn(len(kindLabels()), kindBits, examples), nil
}
