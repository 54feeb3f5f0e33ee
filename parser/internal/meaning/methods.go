package meaning

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"

	"mfabot/parser/internal/learn"
	"mfabot/parser/internal/text"
)

// Whether a method of authentication is registered.
const (
	Yes     = "yes"
	No      = "no"
	Unknown = "unknown"
)

func methodLabels() []string { return []string{Yes, No, Unknown} }

//go:embed methods.bin
var methodsTable []byte

// methodBits is the size of the table: room for 1<<methodBits features.
const methodBits = 17

// Methods tells whether a text says that a method of authentication is registered.
type Methods struct{ model *learn.Model }

// NewMethods returns what is known of that from the examples that are compiled in.
func NewMethods() *Methods { return &Methods{learn.Read(methodsTable, len(methodLabels()))} }

// fewSentences are those of a passage that says one thing.
const fewSentences = 3

// LearnMethods returns the table of what passages and whole letters teach, whose labels are Yes, No and Unknown. In a
// letter most says nothing of it: what says most for its label, by what the passages teach, is the example.
func LearnMethods(passages []Passage) ([]byte, error) {
	texts, labels := make([]Text, len(passages)), make([]int, len(passages))
	var short, all []learn.Example
	words := NewWords()
	for i, p := range passages {
		texts[i], labels[i] = words.Take(p.Text), slices.Index(methodLabels(), p.Reason)
		if labels[i] < 0 {
			return nil, fmt.Errorf("no such label as %q: %q", p.Reason, p.Text)
		}
		if len(texts[i]) <= fewSentences {
			short = append(short, learn.Example{Features: texts[i].features(), Label: labels[i]})
		}
	}
	unknown := slices.Index(methodLabels(), Unknown)
	model := learn.Read(learn.Learn(len(methodLabels()), methodBits, short), len(methodLabels()))
	for i, t := range texts {
		var windows []Text
		for _, w := range t.aboutMethods() {
			windows = append(windows, t[w.from:w.to])
		}
		if len(windows) == 0 {
			windows = []Text{t}
		}
		if labels[i] != unknown {
			windows = []Text{mostFor(model, windows, labels[i], unknown)}
		}
		for _, w := range windows {
			all = append(all, learn.Example{Features: w.features(), Label: labels[i]})
		}
	}
	return learn.Learn(len(methodLabels()), methodBits, all), nil
}

// mostFor returns the one of some texts that says most for a label rather than for another.
func mostFor(model *learn.Model, texts []Text, label, other int) Text {
	return slices.MaxFunc(texts, func(a, b Text) int {
		says := func(t Text) float64 {
			s := model.Says(model.Votes(t.features()))
			return s[label] - s[other]
		}
		return cmp.Compare(says(a), says(b))
	})
}

// A text says it where a sentence or two speak so much for it, and so much more than for the contrary: logarithms of odds.
const (
	said        = 1.6
	saidClearly = 0.8
	answered    = 0.3
)

// Read returns Yes or No where a text says so, else Unknown.
func (m *Methods) Read(t Text) string { return m.read(t, said) }

// Answer returns Yes or No where an answer to that question says so, else Unknown. Less is enough than in a letter.
func (m *Methods) Answer(t Text) string { return m.read(t, answered) }

func (m *Methods) read(t Text, enough float64) string {
	yes, no := m.score(t)
	switch {
	case yes > enough && yes-no > saidClearly:
		return Yes
	case no > enough && no-yes > saidClearly:
		return No
	}
	return Unknown
}

// score returns how much a text speaks for yes and for no, rather than for neither.
func (m *Methods) score(t Text) (yes, no float64) {
	yes, no = -99, -99
	votes, counted := make([]learn.Votes, len(t)), make([]bool, len(t))
	for _, w := range t.aboutMethods() {
		var v learn.Votes
		for i := w.from; i < w.to; i++ {
			if !counted[i] {
				votes[i], counted[i] = m.model.Votes(t[i].features), true
			}
			v = v.Plus(votes[i])
		}
		says := m.model.Says(v)
		yes, no = max(yes, says[0]-says[2]), max(no, says[1]-says[2])
	}
	return yes, no
}

// window is a run of sentences of a text.
type window struct{ from, to int }

// aboutMethods returns each sentence about a method, also with the one before it, and with the one behind it.
func (t Text) aboutMethods() (out []window) {
	was := false
	for i, s := range t {
		about := isAboutMethod(s.sentence)
		if about {
			out = append(out, window{i, i + 1})
		}
		if i > 0 && (about || was) {
			out = append(out, window{i - 1, i + 1})
		}
		was = about
	}
	return out
}

// aboutMethod are the stems of words of which a sentence about a method of authentication, or about registering one, has
// at least one.
var aboutMethod = text.WordSet(`app ap authent authenticator authentic code cod text sms call key token prompt notif method regist enrol set
	setup instal fob yubikey fido passkey fingerprint face phone ring number pin mfa dilyswr dull allwedd neges cofrestru gofrestru
	chofrestru gosod ffon ffôn galwad`)

func isAboutMethod(s sentence) bool {
	return slices.ContainsFunc(s, func(w token) bool { return w.ofMethod })
}
