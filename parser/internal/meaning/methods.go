package meaning

import (
	_ "embed"
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
const methodBits = 15

// Methods tells whether a text says that a method of authentication is registered.
type Methods struct{ model *learn.Model }

// NewMethods returns what is known of that from the examples that are compiled in.
func NewMethods() *Methods { return &Methods{learn.Read(methodsTable, len(methodLabels()))} }

// LearnMethods returns the table of what passages teach, whose labels are Yes, No and Unknown.
func LearnMethods(passages []Passage) ([]byte, error) {
	return learnPassages(methodLabels(), methodBits, passages)
}

// A text says it where a sentence or two speak so much for it, and so much more than for the contrary: logarithms of odds.
const (
	said        = 1.5
	saidClearly = 0.8
)

// Read returns Yes or No where a text says so, else Unknown.
func (m *Methods) Read(t Text) string {
	yes, no := m.score(t)
	switch {
	case yes > said && yes-no > saidClearly:
		return Yes
	case no > said && no-yes > saidClearly:
		return No
	}
	return Unknown
}

// score returns how much a text speaks for yes and for no, rather than for neither.
func (m *Methods) score(t Text) (yes, no float64) {
	yes, no = -99, -99
	var before learn.Votes
	about := false // one of the last two sentences is
	for _, s := range t {
		now := m.model.Votes(s.features)
		was := about
		if about = isAboutMethod(s.sentence); about {
			yes, no = m.hear(now, yes, no)
		}
		if about || was {
			yes, no = m.hear(before.Plus(now), yes, no)
		}
		before = now
	}
	return yes, no
}

// hear returns the most that was heard for yes and for no.
func (m *Methods) hear(v learn.Votes, yes, no float64) (float64, float64) {
	says := m.model.Says(v)
	return max(yes, says[0]-says[2]), max(no, says[1]-says[2])
}

// aboutMethod are the stems of words of which a sentence about a method of authentication, or about registering one, has
// at least one.
var aboutMethod = text.WordSet(`app ap authent authenticator authentic code cod text sms call key token prompt notif method regist enrol set
	setup instal fob yubikey fido passkey fingerprint face phone ring number pin mfa dilyswr dull allwedd neges cofrestru gofrestru
	chofrestru gosod ffon ffôn galwad`)

func isAboutMethod(s sentence) bool {
	return slices.ContainsFunc(s, func(w word) bool { return aboutMethod[w.stem] || aboutMethod[w.text] })
}
