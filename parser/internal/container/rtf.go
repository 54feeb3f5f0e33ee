package container

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strconv"
	"unicode/utf16"

	"mfabot/parser/internal/mime"
)

// rtfDictionary is what the dictionary of compressed RTF begins with (MS-OXRTFCP section 2.1.2.1).
const rtfDictionary = `{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor ` +
	`MS Sans SerifSymbolArialTimes New RomanCourier` +
	`{\colortbl\red0\green0\blue0` + "\r\n" + `\par \pard\plain\f0\fs20\b\i\u\tab\tx`

var errRTF = errors.New("not compressed RTF")

// inflateRTF undoes the compression of RTF (MS-OXRTFCP section 3.1), up to maxRTF bytes.
func inflateRTF(b []byte) ([]byte, error) {
	const headerSize, window = 16, 4096
	if len(b) < headerSize {
		return nil, errRTF
	}
	kind, size := string(b[8:12]), int64(binary.LittleEndian.Uint32(b[4:]))
	b = b[headerSize:]
	switch kind {
	case "MELA":
		return b[:min(int64(len(b)), size, maxRTF)], nil
	case "LZFu":
	default:
		return nil, errRTF
	}
	var dictionary [window]byte
	at := copy(dictionary[:], rtfDictionary)
	var out []byte
	put := func(c byte) {
		out = append(out, c)
		dictionary[at] = c
		at = (at + 1) % window
	}
	for len(b) > 0 {
		control := b[0]
		b = b[1:]
		for bit := 0; bit < 8 && len(b) > 0; bit++ {
			if control>>bit&1 == 0 {
				put(b[0])
				b = b[1:]
				continue
			}
			if len(b) < 2 {
				return out, nil
			}
			ref := binary.BigEndian.Uint16(b)
			b = b[2:]
			from, n := int(ref>>4), int(ref&15)+2
			if from == at || len(out)+n > maxRTF {
				return out, nil
			}
			for range n {
				put(dictionary[from])
				from = (from + 1) % window
			}
		}
	}
	return out, nil
}

// rtfSkipped are the destinations whose text is not the document's (RTF 1.9.1, "Destinations").
var rtfSkipped = map[string]bool{"fonttbl": true, "colortbl": true, "stylesheet": true, "info": true, "pict": true,
	"object": true, "header": true,
	"footer": true, "headerl": true, "headerr": true, "headerf": true, "footerl": true, "footerr": true,
	"footerf": true, "fldinst": true,
	"listtable": true, "listoverridetable": true, "themedata": true, "xmlnstbl": true, "generator": true,
	"rsidtbl": true, "datastore": true}

// rtfWords are the control words that stand for text.
var rtfWords = map[string]string{"par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "tab": "\t",
	"cell": "\t", "emdash": "—", "endash": "–",
	"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " "}

// rtfState is what a group passes on to the groups within it.
type rtfState struct {
	skip    bool
	hidden  bool
	struck  bool // struck out: it no longer holds
	unicode int  // characters that follow \u for readers without Unicode
}

// rtfReader turns RTF into the text that it shows.
type rtfReader struct {
	rest    []byte
	out     []byte
	pending []byte // bytes of characters, not yet decoded
	units   []uint16
	state   rtfState
	stack   []rtfState
	charset string
	ignore  int  // characters to pass over
	starred bool // the next control word names a destination that may be passed over
	cut     bool // not all was read
	inHTML  bool // RTF that carries HTML has marks where it says the same twice (MS-OXRTFEX)
}

// RTFText returns what a document of RTF says, hidden and struck out text left out. whole is false where it is
// not RTF, or not all of it was read.
func RTFText(source []byte) (said string, whole bool) {
	r := &rtfReader{rest: source, charset: charsetOf(0), state: rtfState{unicode: 1}}
	for len(r.rest) > 0 && len(r.out) < mime.MaxText {
		c := r.rest[0]
		r.rest = r.rest[1:]
		switch c {
		case '{':
			if len(r.stack) == maxRTFGroups {
				r.rest, r.cut = nil, true
				break
			}
			r.stack = append(r.stack, r.state)
		case '}':
			if n := len(r.stack); n > 0 {
				r.state, r.stack = r.stack[n-1], r.stack[:n-1]
			}
			r.ignore = 0
		case '\\':
			r.control()
		case '\r', '\n':
		default:
			r.char(c)
		}
	}
	r.flush()
	return string(r.out), !r.cut && len(r.rest) == 0 && len(r.stack) == 0 && bytes.HasPrefix(source, []byte(`{\rtf`))
}

func (r *rtfReader) isShown() bool {
	return !r.state.skip && !r.state.hidden && !r.state.struck && !r.inHTML
}

// char takes one character in the document's code page.
func (r *rtfReader) char(c byte) {
	switch {
	case r.ignore > 0:
		r.ignore--
	case r.isShown():
		r.flushUnits()
		r.pending = append(r.pending, c)
	}
}

func (r *rtfReader) say(s string) {
	if r.isShown() {
		r.flush()
		r.out = append(r.out, s...)
	}
}

func (r *rtfReader) flush() {
	r.flushUnits()
	if len(r.pending) > 0 {
		text, _ := mime.Decode(r.pending, r.charset)
		r.out = append(r.out, text...)
		r.pending = r.pending[:0]
	}
}

// flushUnits ends a run of \u, in which characters beyond the basic plane are pairs.
func (r *rtfReader) flushUnits() {
	if len(r.units) > 0 {
		r.out = append(r.out, string(utf16.Decode(r.units))...)
		r.units = r.units[:0]
	}
}

// control reads what follows a backslash.
func (r *rtfReader) control() {
	if len(r.rest) == 0 {
		return
	}
	c := r.rest[0]
	if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
		r.word()
		return
	}
	r.rest = r.rest[1:]
	switch c {
	case '\'':
		if len(r.rest) >= 2 && mime.Unhex(r.rest[0]) >= 0 && mime.Unhex(r.rest[1]) >= 0 {
			r.char(byte(mime.Unhex(r.rest[0])<<4 | mime.Unhex(r.rest[1])))
			r.rest = r.rest[2:]
		}
	case '*':
		r.starred = true
	case '~':
		r.say("\u00a0")
	case '\r', '\n':
		r.say("\n")
	case '\\', '{', '}':
		r.char(c)
	}
}

// word reads a control word with its number and acts on it.
func (r *rtfReader) word() {
	n := bytes.IndexFunc(r.rest, func(c rune) bool { return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') })
	if n < 0 {
		n = len(r.rest)
	}
	name := string(r.rest[:min(n, 40)])
	r.rest = r.rest[n:]
	end := 0
	for end < len(r.rest) && end < 11 && (r.rest[end] >= '0' && r.rest[end] <= '9' || end == 0 && r.rest[end] == '-') {
		end++
	}
	number, err := strconv.Atoi(string(r.rest[:end]))
	r.rest = r.rest[end:]
	if len(r.rest) > 0 && r.rest[0] == ' ' {
		r.rest = r.rest[1:]
	}
	starred := r.starred
	r.starred = false
	r.act(name, number, err == nil, starred)
}

func (r *rtfReader) act(name string, number int, numbered, starred bool) {
	on := !numbered || number != 0
	switch {
	case rtfSkipped[name], starred && name != "fldrslt":
		r.state.skip = true
	case rtfWords[name] != "":
		r.say(rtfWords[name])
	case name == "v":
		r.state.hidden = on
	case name == "strike", name == "striked":
		r.state.struck = on
	case name == "plain":
		r.state.hidden, r.state.struck = false, false
	case name == "htmlrtf":
		r.inHTML = on
	case name == "ansicpg" && numbered && number > 0:
		r.flush()
		r.charset = charsetOf(uint32(number))
	case name == "uc" && numbered && number >= 0:
		r.state.unicode = number
	case name == "u" && numbered:
		if r.isShown() {
			if len(r.pending) > 0 {
				r.flush()
			}
			r.units = append(r.units, uint16(number))
		}
		r.ignore = r.state.unicode
	case name == "bin" && numbered && number > 0:
		r.rest = r.rest[min(number, len(r.rest)):]
	}
}
