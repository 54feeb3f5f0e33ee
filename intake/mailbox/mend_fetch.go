package mailbox

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxUIDsKnown bounds how many messages are known by their sequence number.
const maxUIDsKnown = 4096

// fetchAnswer is how far a FETCH answer (RFC 9051, section 7.5.2) has been read.
type fetchAnswer struct {
	seq   uint32
	begun bool   // its beginning was read
	open  bool   // and passed on
	uid   uint32 // as the server says; 0: not yet
	put   uint32 // the UID that was put in, before the server said it
	depth int    // of the list that is left out, in which a literal stands
	lost  bool   // it makes no sense, and is left out
	kept  []string
	items int // that were asked for
}

// item is one of a FETCH answer: its name in upper case, and its value. A value that ends in a literal is without it.
type item struct {
	name, value string
	literal     int64 // -1: none
	depth       int   // of the list that the literal stands in
}

// fetched mends a line of a FETCH answer: up to the next literal, or to the end.
func (m *mender) fetched(line string) (string, error) {
	f := &m.fetch
	m.at = atStart
	if f.lost {
		return m.leaveOut(line), nil
	}
	items, end, err := f.split(line)
	if err != nil {
		if f.open {
			return "", fmt.Errorf("%w: %.80q", err, line)
		}
		m.odd.note("a FETCH answer", line)
		return m.leaveOut(line), nil
	}
	f.depth = 0
	for i := range items {
		it := &items[i]
		if text := m.kept(it); text != "" {
			f.kept = append(f.kept, text)
			m.count(it)
		}
		if it.literal >= 0 {
			m.at, m.literal, f.depth = inFetch, it.literal, it.depth
			m.skip = !strings.HasPrefix(it.name, "BODY[")
		}
	}
	switch {
	case end:
		return m.close()
	case m.skip:
		return "", nil // what stands before it waits for what is behind
	}
	return m.pass() + "\r\n", nil
}

// count counts what was asked for.
func (m *mender) count(it *item) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if strings.HasPrefix(it.name, m.asked) {
		m.fetch.items++
	}
}

// once returns an error if a message is handed over that was handed over before, or another than the one that was asked
// for. A server that announces a literal too short lets the rest of an email be read as its own words, which are whatever
// the sender of that email wants: nobody can tell then which of the two is the server's.
func (m *mender) once() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	uid := cmp.Or(m.fetch.uid, m.fetch.put)
	given, asked := m.given[uid]
	switch {
	case m.fetch.items > 1 && m.asked == "BODY[", given && m.fetch.items > 0: // sizes some servers add once more
		return fmt.Errorf("%w: it hands over message %d twice", errGarbled, uid)
	case m.fetch.items > 0 && !asked && m.only != 0:
		return fmt.Errorf("%w: it hands over message %d in place of %d", errGarbled, uid, m.only)
	case m.fetch.items > 0 && asked:
		m.given[uid] = true
	}
	return nil
}

// leaveOut leaves out the rest of an answer.
func (m *mender) leaveOut(line string) string {
	if _, n, ok := cutLiteral(line); ok {
		m.fetch.lost = true
		m.at, m.literal, m.skip = inFetch, n, true
	}
	return ""
}

// dateTime is how the client reads a date (RFC 9051, section 9: date-time).
const dateTime = "_2-Jan-2006 15:04:05 -0700"

var sizeOrUID = regexp.MustCompile(`^"?(\d{1,18})"?$`)

// kept returns an item as the client is to read it; empty if it is left out.
func (m *mender) kept(it *item) string {
	switch {
	case it.name == "UID":
		uid, err := strconv.ParseUint(strings.Trim(it.value, `"`), 10, 32)
		if err != nil || uid == 0 || m.fetch.uid != 0 {
			return ""
		}
		m.fetch.uid = uint32(uid)
		if m.fetch.put != 0 {
			return ""
		}
		return "UID " + strconv.FormatUint(uid, 10)
	case it.name == "RFC822.SIZE":
		if size := sizeOrUID.FindStringSubmatch(it.value); size != nil {
			return it.name + " " + size[1]
		}
	case it.name == "INTERNALDATE":
		if _, err := time.Parse(`"`+dateTime+`"`, it.value); err == nil {
			return it.name + " " + it.value
		}
	case strings.HasPrefix(it.name, "BODY["):
		switch {
		case it.literal >= 0:
			return it.name + " {" + strconv.FormatInt(it.literal, 10) + "}"
		case strings.EqualFold(it.value, "NIL"):
			return it.name + " NIL"
		case strings.HasPrefix(it.value, `"`):
			return it.name + " " + it.value
		}
	}
	return ""
}

// pass returns what was kept and not passed yet: the UID comes first where a literal does.
func (m *mender) pass() (out string) {
	f := &m.fetch
	m.mu.Lock()
	defer m.mu.Unlock()
	if f.open {
		out = " "
	} else {
		out = "* " + strconv.FormatUint(uint64(f.seq), 10) + " FETCH ("
		if f.uid == 0 {
			if f.put = m.uids[f.seq]; m.only != 0 {
				f.put = m.only
			}
		}
		if f.put != 0 {
			m.odd.note("the UID comes late", strings.Join(f.kept, " "))
			f.kept = slices.Insert(f.kept, 0, "UID "+strconv.FormatUint(uint64(f.put), 10))
		}
	}
	if len(f.kept) == 0 {
		return ""
	}
	out += strings.Join(f.kept, " ")
	f.open, f.kept = true, nil
	return out
}

// close ends an answer. One with nothing of what was asked, such as news of flags, is left out.
func (m *mender) close() (string, error) {
	f := &m.fetch
	m.mu.Lock()
	asked, only := m.asked, m.only
	if f.uid != 0 {
		if len(m.uids) >= maxUIDsKnown {
			clear(m.uids)
		}
		m.uids[f.seq] = f.uid
	}
	m.mu.Unlock()
	if !f.open && !slices.ContainsFunc(f.kept, func(s string) bool { return strings.HasPrefix(s, asked) }) {
		return "", nil
	}
	if f.open && f.put != 0 && f.uid != f.put && (f.uid != 0 || f.put != only) {
		return "", fmt.Errorf("%w: it hands over message %d as %d", errGarbled, f.uid, f.put)
	}
	out := m.pass() + ")\r\n" // which names it
	return out, m.once()
}

// known are the items that a server may add without being asked (RFC 9051, section 7.5.2; RFC 7162; RFC 8474;
// RFC 8514; RFC 8970), besides its own, whose names begin with X-.
var known = map[string]bool{"UID": true, "RFC822.SIZE": true, "FLAGS": true, "INTERNALDATE": true, "MODSEQ": true, "ENVELOPE": true,
	"BODYSTRUCTURE": true, "BODY": true, "EMAILID": true, "THREADID": true, "SAVEDATE": true, "PREVIEW": true}

// split reads the items of a line, and whether the answer ends with it. Before the first literal an item that nobody
// knows is passed over. Behind one it is a sign that the literal was longer than announced.
func (f *fetchAnswer) split(line string) (items []item, end bool, err error) {
	s := line
	switch {
	case f.depth > 0: // within a list that is left out
		it, rest, err := listFrom(item{}, s, f.depth)
		if err != nil || it.literal >= 0 {
			return []item{it}, false, err
		}
		s = rest
	case !f.begun:
		f.begun = true
		var ok bool
		if s, ok = strings.CutPrefix(strings.TrimLeft(s, " "), "("); !ok {
			return nil, false, errGarbled
		}
	case s == "" || s[0] != ' ' && s[0] != ')':
		return nil, false, errGarbled
	}
	for {
		s = strings.TrimLeft(s, " ")
		if rest, ok := strings.CutPrefix(s, ")"); ok {
			if strings.TrimSpace(rest) != "" {
				return nil, false, errGarbled
			}
			return items, true, nil
		}
		it, rest, err := nextItem(s)
		if err != nil {
			return nil, false, err
		}
		base, section, _ := strings.Cut(it.name, "[")
		if f.open && !known[base] && !strings.HasPrefix(base, "X-") || section != "" && base != "BODY" && f.open {
			return nil, false, errGarbled
		}
		if items = append(items, it); it.literal >= 0 {
			return items, false, nil
		}
		s = rest
	}
}

var (
	itemName = regexp.MustCompile(`^[A-Za-z0-9.\-_]+(?:\[[ -Z^-~]*\](?:<[0-9.]*>)?)?`)
	origin   = regexp.MustCompile(`<(\d+)\.\d+>$`)
)

// nextItem reads the item at the beginning of s, and returns what follows it.
func nextItem(s string) (it item, rest string, err error) {
	name := itemName.FindString(s)
	if name == "" {
		return it, "", errGarbled
	}
	s = strings.TrimLeft(s[len(name):], " ")
	it = item{name: origin.ReplaceAllString(strings.ToUpper(name), "<$1>"), literal: -1}
	if peeked, ok := strings.CutPrefix(it.name, "BODY.PEEK["); ok {
		it.name = "BODY[" + peeked
	}
	if before, size, ok := cutLiteral(s); ok && before == "" {
		it.literal = size
		return it, "", nil
	}
	switch {
	case s == "":
		return it, "", errGarbled
	case s[0] == '(':
		inside, after, err := listFrom(it, s[1:], 1)
		if err != nil && it.name == "FLAGS" { // with a quotation mark or a bracket that nothing closes
			_, after, ok := strings.Cut(s, ")")
			if !ok {
				return it, "", errGarbled
			}
			return it, after, nil
		}
		return inside, after, err
	case s[0] == '"':
		n := quotedLen(s)
		if n == 0 {
			return it, "", errGarbled
		}
		it.value = s[:n]
		return it, s[n:], nil
	}
	n := strings.IndexAny(s, " )")
	if n <= 0 {
		return it, "", errGarbled
	}
	it.value = s[:n]
	return it, s[n:], nil
}

// listFrom passes over a list from within, depth lists deep, up to its end or a literal.
func listFrom(it item, s string, depth int) (_ item, rest string, err error) {
	it.literal = -1
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return it, s[i+1:], nil
			}
		case '"':
			n := quotedLen(s[i:])
			if n == 0 {
				return it, "", errGarbled
			}
			i += n - 1
		}
	}
	if _, size, ok := cutLiteral(s); ok {
		it.literal, it.depth = size, depth
		return it, "", nil
	}
	return it, "", errGarbled
}

// quotedLen is the length of the quoted string at the beginning of s; 0 if it does not end.
func quotedLen(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}
