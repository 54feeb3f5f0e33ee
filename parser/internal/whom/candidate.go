package whom

import (
	"slices"
	"strings"
	"unicode"

	"mfabot/parser/internal/learn"
	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// Letter is what is known of a message.
type Letter struct {
	From, Sender string   // bare addresses
	Us           []string // our own addresses, in lower case, as far as they are known
	To, Cc       []string
	Subject      string
	Own          []string // the lines that the writer wrote now
	Tail         []string // the lines of signatures and disclaimers
	Forwarded    []string // the lines that say whom the messages are from that the writer forwards

	answers bool     // it is an answer, in which a name says more than whose signature it is
	words   [][]word // of the subject, and of each of its own lines: they are asked about again and again
	tail    [][]word // of each line of the tail
}

// place is where an address stands.
type place string

// The places. To is us, but for somebody else at the site, who is as good as in Cc.
const (
	inSubject place = "subject"
	inText    place = "text"
	inTail    place = "tail"
	inCc      place = "cc"
	inHeader  place = "header" // of what is forwarded: it counts only where the letter itself names them
	isSender  place = "sender"
)

// mention is one place where an address or a name stands.
type mention struct {
	place
	lines      []string
	line       int
	start, end int // within the line
}

// candidate is somebody who may be asked for.
type candidate struct {
	address  string
	mentions []mention
	names    []string // the words of the name that the address has
	alike    bool     // another one has some of them
	dropped  bool     // the letter takes them back
	speaks   bool     // they write, and of themselves
	signs    learn.Set
	sure     float64 // how sure it is that they are asked for: the logarithm of the odds
	asked    bool    // they are
}

// candidates returns everybody whose address is in the letter, apart from us.
func (l *Letter) candidates() []*candidate {
	l.Own, l.Tail = shorten(l.Own, maxText), shorten(l.Tail, maxTail)
	if text.StartsWithAny(text.Simplify(l.Subject), answers) { // it is ours
		l.Subject, l.answers = "", true
	}
	l.words, l.tail = cut(append([]string{l.Subject}, l.Own...)), cut(l.Tail)
	var out []*candidate
	add := func(address string, m mention) {
		same := func(c *candidate) bool { return strings.EqualFold(c.address, address) }
		if i := slices.IndexFunc(out, same); i >= 0 {
			out[i].mentions = append(out[i].mentions, m)
		} else if len(out) < maxCandidates {
			out = append(out, &candidate{address: address, mentions: []mention{m}})
		}
	}
	site := mime.Domain(l.From)
	for _, in := range []struct {
		place
		lines []string
	}{{inSubject, []string{l.Subject}}, {inText, l.Own}, {inTail, l.Tail}} {
		all := strings.Join(in.lines, "\n")
		line, begin := 0, 0 // of the address
		for _, w := range FindWritten(all, func(domain string) bool { return domain == site }) {
			line += strings.Count(all[begin:w.Start], "\n")
			begin = strings.LastIndexByte(all[:w.Start], '\n') + 1
			add(w.Address, mention{in.place, in.lines, line, w.Start - begin, w.End - begin})
		}
	}
	beside := l.besideUs()
	for _, a := range slices.Concat(beside, l.Cc) {
		add(a, mention{place: inCc})
	}
	for _, a := range l.authors(site) {
		add(a, mention{place: inHeader})
	}
	if l.Sender != "" {
		add(l.Sender, mention{place: isSender})
	}
	return slices.DeleteFunc(out, func(c *candidate) bool {
		is := func(addr string) bool { return strings.EqualFold(addr, c.address) }
		us := slices.ContainsFunc(l.To, is) && !slices.ContainsFunc(beside, is) || slices.ContainsFunc(l.Us, is)
		return us || isID(localOf(c.address))
	})
}

// longID is how many hexadecimal digits in a row make an identifier, and digits how many of them are digits at least.
const (
	longID = 10
	digits = 3
)

// isID reports whether a local part is that of a message's identifier, or of another thing: it has no letter, or is a long
// number.
func isID(local string) bool {
	if !strings.ContainsFunc(local, unicode.IsLetter) {
		return true
	}
	n := 0
	for _, r := range local {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return len(local) >= longID && n >= digits && strings.Trim(local, "0123456789abcdef.") == ""
}

// besideUs returns who is in To beside us: those whose domain is the site's.
func (l *Letter) besideUs() []string {
	if len(l.To) < 2 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(l.To), func(to string) bool {
		return mime.Domain(to) != mime.Domain(l.From) || strings.EqualFold(to, l.From) || slices.Contains(l.Us, strings.ToLower(to))
	})
}

// authors returns who of the site wrote what is forwarded, as far as the letter names them.
func (l *Letter) authors(site string) (out []string) {
	for _, line := range l.Forwarded {
		for _, w := range FindWritten(line, func(domain string) bool { return domain == site }) {
			if mime.Domain(w.Address) == site && l.names(w.Address) {
				out = append(out, w.Address)
			}
		}
	}
	return out
}

// answers begin the subjects of answers.
var answers = text.Beginnings("re:", "re :", "re[", "aw:", "sv:", "vs:", "antw:", "atb:", "odp:", "rif:", "res:", "回复:", "答复:")

// What is looked at of a letter at most.
const (
	maxCandidates = 60
	maxText       = 12 << 10 // bytes
	maxTail       = 4 << 10
)

// shorten leaves out the lines beyond so many bytes.
func shorten(lines []string, most int) []string {
	for i, line := range lines {
		if most -= len(line) + 1; most < 0 {
			return lines[:i]
		}
	}
	return lines
}

// add notes a sign.
func (c *candidate) add(parts ...string) { c.signs.Add(learn.Of(parts...)) }

// has reports whether a sign was noted.
func (c *candidate) has(parts ...string) bool { return c.signs.Has(learn.Of(parts...)) }

// only reports whether they stand nowhere else.
func (c *candidate) only(p place) bool {
	return !slices.ContainsFunc(c.mentions, func(m mention) bool { return m.place != p })
}

func localOf(address string) string {
	return strings.ToLower(address[:max(0, strings.LastIndexByte(address, '@'))])
}
