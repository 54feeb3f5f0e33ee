package mailbox

import (
	"bufio"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// The IMAP client ends a connection over any word that it does not know, such as a flag with a bracket, and
// passes no literal on whose message is named behind it. Servers do both. A mender stands between them: what
// the client has to know passes byte by byte, what nobody asked for is left out, and an answer that says the
// same in another order is put in the client's order.

// maxAnswer bounds one line of an answer, in bytes. A list of search results may be longer.
const maxAnswer = 64 << 10

// maxSaid bounds what is kept of a server's words, in bytes.
const maxSaid = 300

// errGarbled says that an answer cannot be what the server meant.
var errGarbled = errors.New("the server's answer makes no sense")

// mender reads answers (RFC 9051, section 7), mended. It keeps at most one line. The bytes of a literal pass as
// they come.
type mender struct {
	r   *bufio.Reader
	odd *oddities

	out     []byte // mended, to be read
	held    []byte // a line that is longer than the buffer of r
	literal int64  // bytes of a literal that are to come
	skip    bool   // they are left out
	at      place
	fetch   fetchAnswer
	blank   bool // of search results: the last byte was a space

	mu    sync.Mutex
	asked string            // the item that the present FETCH is about
	only  uint32            // the UID, if it is about one message
	uids  map[uint32]uint32 // by sequence number, as the server has named them
	said  string            // what it last warned of
	found int               // numbers that the present search has come to
	given map[uint32]bool   // by UID asked for: the present FETCH has handed it over
}

// place is what the next bytes belong to.
type place uint8

const (
	atStart      place = iota // of an answer
	inPassed                  // an answer that passes as it is
	inLeftOut                 // one that is left out
	inFetch                   // a FETCH answer, behind a literal
	inSearch                  // search results
	inLongSearch              // the same, as the server's own list of ranges
)

func newMender(r *bufio.Reader, odd *oddities) *mender {
	return &mender{r: r, odd: odd, uids: make(map[uint32]uint32), given: make(map[uint32]bool)}
}

// Read reads answers, mended. The error is errGarbled if one cannot be.
func (m *mender) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(m.out) == 0 {
		if m.literal > 0 {
			n, err := m.r.Read(p[:min(int64(len(p)), m.literal)])
			m.literal -= int64(n)
			if err != nil || n > 0 && !m.skip {
				return n, err
			}
			continue
		}
		if err := m.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, m.out)
	m.out = m.out[n:]
	return n, nil
}

// next mends the next line, or the next piece of search results.
func (m *mender) next() error {
	piece, err := m.r.ReadSlice('\n')
	if full := errors.Is(err, bufio.ErrBufferFull); err != nil && !full {
		return err
	} else if full || len(m.held) > 0 || m.searching(piece) {
		if m.searching(piece) {
			return m.results(piece, !full)
		}
		if m.held = append(m.held, piece...); len(m.held) > maxAnswer {
			return fmt.Errorf("%w: a line of more than %d bytes: %.80q", errGarbled, maxAnswer, m.held)
		}
		if full {
			return nil
		}
		piece = m.held
	}
	line := strings.TrimRight(string(piece), "\r\n")
	m.held = m.held[:0]
	out, err := m.line(line)
	if err != nil {
		return err
	}
	m.out = append(m.out[:0], out...)
	return nil
}

// searching reports whether a piece of a line belongs to search results, which need not fit into memory.
func (m *mender) searching(piece []byte) bool {
	if m.at == atStart && len(m.held) == 0 {
		head := strings.ToUpper(string(piece[:min(len(piece), len("* ESEARCH "))]))
		switch {
		case strings.HasPrefix(head, "* SEARCH"):
			m.at = inSearch
		case strings.HasPrefix(head, "* ESEARCH"):
			m.at = inLongSearch
		}
	}
	return m.at == inSearch || m.at == inLongSearch
}

// results passes search results on: numbers with one space between them, whatever the server puts there. They are counted
// while they come, as the client keeps them all.
func (m *mender) results(piece []byte, end bool) error {
	m.out = m.out[:0]
	found := 0
	for _, c := range piece {
		switch {
		case m.at == inLongSearch:
			if c == ',' {
				found++
			}
			m.out = append(m.out, c)
		case c == ' ':
			if m.blank {
				m.odd.note("spaces", "* SEARCH")
			}
			m.blank = true
		default:
			if m.blank && c != '\r' && c != '\n' {
				found++
				m.out = append(m.out, ' ')
			}
			m.blank = false
			m.out = append(m.out, c)
		}
	}
	if end {
		m.at = atStart
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.found += found; m.found > maxUIDs {
		return fmt.Errorf("%w: a search finds more than %d messages", errGarbled, maxUIDs)
	}
	return nil
}

// seek says that a search begins.
func (m *mender) seek() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.found = 0
}

// line mends a line, without its line break.
func (m *mender) line(line string) (string, error) {
	switch m.at {
	case inFetch:
		return m.fetched(line)
	case inPassed, inLeftOut:
		return m.data(line, m.at), nil
	case atStart, inSearch, inLongSearch:
	}
	mark, rest, _ := strings.Cut(line, " ")
	switch mark {
	case "":
		m.odd.note("an empty line", line)
		return "", nil
	case "+":
		return line + "\r\n", nil
	case "*":
		return m.untagged(line, rest)
	}
	return mark + " " + m.status(rest) + "\r\n", nil
}

// passed are the untagged answers that the watcher's commands have, with what becomes of them.
var passed = map[string]func(m *mender, line, rest string) string{
	"OK": (*mender).remark, "NO": (*mender).remark, "BAD": (*mender).remark, "BYE": (*mender).remark,
	"PREAUTH": (*mender).remark, "NAMESPACE": (*mender).asItIs, "LIST": (*mender).list,
}

func (m *mender) untagged(line, rest string) (string, error) {
	word, args, _ := strings.Cut(rest, " ")
	word = strings.ToUpper(word)
	if seq, err := strconv.ParseUint(word, 10, 32); err == nil {
		return m.numbered(uint32(seq), line, args)
	}
	if pass := passed[word]; pass != nil {
		return pass(m, line, rest), nil
	}
	return m.data(line, inLeftOut), nil
}

// numbered mends an answer that begins with a number.
func (m *mender) numbered(n uint32, line, rest string) (string, error) {
	word, args, _ := strings.Cut(rest, " ")
	switch strings.ToUpper(word) {
	case "FETCH":
		m.fetch = fetchAnswer{seq: n}
		return m.fetched(args)
	case "EXPUNGE":
		m.forget()
	case "EXISTS", "RECENT":
	default:
		return m.data(line, inLeftOut), nil
	}
	return line + "\r\n", nil
}

// data lets a line pass or leaves it out, and notes that a literal follows (RFC 9051, section 4.3).
func (m *mender) data(line string, to place) string {
	m.at = atStart
	if _, n, ok := cutLiteral(line); ok {
		m.at, m.literal, m.skip = to, n, to == inLeftOut
	}
	if to == inLeftOut {
		return ""
	}
	return line + "\r\n"
}

var literalMark = regexp.MustCompile(`~?\{(\d{1,18})\+?\}$`)

// cutLiteral cuts the announcement of a literal off the end of a line.
func cutLiteral(line string) (before string, size int64, ok bool) {
	at := literalMark.FindStringSubmatchIndex(line)
	if at == nil {
		return line, 0, false
	}
	size, err := strconv.ParseInt(line[at[2]:at[3]], 10, 64)
	return line[:at[0]], size, err == nil
}

func (m *mender) asItIs(line, _ string) string { return m.data(line, inPassed) }

// list mends the attributes of a folder (RFC 9051, section 7.3.1).
func (m *mender) list(line, rest string) string {
	word, args, _ := strings.Cut(rest, " ")
	attrs, after, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(args), "("), ")")
	if !ok {
		return m.data(line, inPassed)
	}
	var kept []string
	for _, a := range strings.Fields(attrs) {
		if plainFlag.MatchString(a) {
			kept = append(kept, a)
		} else {
			m.odd.note("a folder's attribute", line)
		}
	}
	return m.data("* "+word+" ("+strings.Join(kept, " ")+") "+strings.TrimLeft(after, " "), inPassed)
}

// plainFlag is a flag as the standard has it (RFC 9051, section 9: flag).
var plainFlag = regexp.MustCompile(`^\\?[^\x00-\x1f\x7f-\x9f(){ %*"\\\]]+$`)

// remark mends an untagged status, and keeps what the server warns of.
func (m *mender) remark(_, rest string) string {
	kind, text, _ := strings.Cut(rest, " ")
	if kind = strings.ToUpper(kind); kind != "OK" && kind != "PREAUTH" {
		m.mu.Lock()
		m.said = kind + " " + text[:min(len(text), maxSaid)]
		m.mu.Unlock()
	}
	return "* " + m.status(rest) + "\r\n"
}

// numberCodes are the response codes with a number that the watcher has to know. The client reads the arguments
// of the unheard ones, and nobody asks for them. It passes over those of any other.
var (
	numberCodes = map[string]bool{"UIDVALIDITY": true, "UIDNEXT": true}
	unheard     = map[string]*regexp.Regexp{"CAPABILITY": anything, "PERMANENTFLAGS": anything, "HIGHESTMODSEQ": numbers,
		"APPENDUID": numbers, "COPYUID": numbers}
	anything = regexp.MustCompile(``)
	numbers  = regexp.MustCompile(`^[0-9:,* ]*$`)
	atom     = regexp.MustCompile(`^[!#$&'+-Z^-z|~]+$`)
)

// status mends a status (RFC 9051, section 7.1): what follows the tag.
func (m *mender) status(s string) string {
	kind, text, _ := strings.Cut(s, " ")
	if !strings.HasPrefix(text, "[") {
		return s
	}
	code, after, closed := strings.Cut(text[1:], "]")
	name, args, _ := strings.Cut(code, " ")
	name = strings.ToUpper(name)
	_, err := strconv.ParseUint(strings.TrimSpace(args), 10, 32)
	known := unheard[name]
	switch {
	case known != nil && known.MatchString(args), numberCodes[name] && err != nil:
		if name == "PERMANENTFLAGS" { // whose flags may hold the bracket
			after = after[strings.LastIndexByte(after, ']')+1:]
		}
		return withText(kind, strings.TrimSpace(after))
	case !closed, !atom.MatchString(name):
		m.odd.note("a response code", s)
		return withText(kind, text)
	case numberCodes[name]:
		args = strings.TrimSpace(args)
	}
	if args != "" {
		name += " " + args
	}
	return kind + " [" + name + "]" + after
}

// withText puts a status together whose text is no response code.
func withText(kind, text string) string {
	switch {
	case text == "":
		return kind
	case text[0] == '[':
		return kind + " - " + text
	}
	return kind + " " + text
}

// ask says which item the next FETCH is about and, if it is about one message only, the UID of that.
func (m *mender) ask(item string, uids []uint32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked, m.only, m.said = item, 0, ""
	clear(m.given)
	for _, uid := range uids {
		m.given[uid] = false
	}
	if len(uids) == 1 {
		m.only = uids[0]
	}
}

// warned returns what the server has warned of since the last FETCH began; empty for nothing.
func (m *mender) warned() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.said
}

// forget forgets how messages are numbered: another folder is selected, or a message is gone.
func (m *mender) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.uids)
}

// oddities are what was mended of a server's answers. Each kind is logged once.
type oddities struct {
	log *slog.Logger

	mu   sync.Mutex
	seen map[string]bool
}

func (o *oddities) note(what, where string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.seen[what] {
		return
	}
	if o.seen == nil {
		o.seen = make(map[string]bool)
	}
	o.seen[what] = true
	o.log.Warn("the server's answers are not as the standard has them, and are read all the same",
		"what", what, "for_example", where[:min(len(where), maxSaid)])
}
