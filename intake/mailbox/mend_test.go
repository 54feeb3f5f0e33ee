package mailbox

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
)

// mended reads answers through a mender that was asked about the bodies of several messages.
func mended(in io.Reader) (string, error) {
	m := newMender(bufio.NewReaderSize(in, openingLine), &oddities{log: slog.New(slog.DiscardHandler)})
	m.ask("BODY[", []uint32{5, 6, 7, 9})
	out, err := io.ReadAll(m)
	return string(out), err
}

// What is as the standard has it, and has to be known, passes byte by byte.
func TestPasses(t *testing.T) {
	for _, in := range []string{
		"* OK [UIDVALIDITY 7] valid\r\n* OK still here\r\n* 23 EXISTS\r\n* 1 RECENT\r\n* 3 EXPUNGE\r\n",
		"* SEARCH\r\n* SEARCH 1 2 3\r\nT1 OK done\r\n* ESEARCH (TAG \"T2\") UID ALL 1:3,9\r\nT2 OK [READ-WRITE] done\r\n",
		"+ idling\r\nT9 NO [SERVERBUG] no\r\nT10 BAD what?\r\n* BYE see you\r\n",
		"* LIST (\\HasNoChildren) \"/\" INBOX\r\n* LIST () \"/\" {4}\r\na\r\nb\r\nT1 OK\r\n",
		"* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n",
		"* 1 FETCH (UID 5 BODY[] {10}\r\n* 2 FETCH\r)\r\n* 2 FETCH (UID 6 BODY[] NIL)\r\n* 3 FETCH (UID 7 BODY[] \"a \\\" b\")\r\n",
		"* 1 FETCH (UID 5 INTERNALDATE \" 2-Nov-2026 09:00:00 +0000\" BODY[] \"\")\r\n",
		"* 1 FETCH (UID 5 RFC822.SIZE 44 BODY[HEADER]<0> {0}\r\n)\r\nT3 OK done\r\n",
		"* SEARCH" + strings.Repeat(" 4294967295", 100_000) + "\r\n",
	} {
		got, err := mended(strings.NewReader(in))
		if got != in || err != nil {
			t.Errorf("%.200q came as %.200q, %v", in, got, err)
		}
	}
}

func TestMended(t *testing.T) {
	for in, want := range map[string]string{
		"* 1 FETCH (UID 5 INTERNALDATE \"yesterday\" BODY[] NIL)\r\n": "* 1 FETCH (UID 5 BODY[] NIL)\r\n",
		"* FLAGS (a]b)\r\n* CAPABILITY x\r\n":                         "",
		"* 1 FETCH (FLAGS (\\Seen))\r\n":                              "",
		"* 1 FETCH (UID 5)\r\n* 1 FETCH (BODY[] {1}\r\nx UID 5)\r\n":  "* 1 FETCH (UID 5 BODY[] {1}\r\nx)\r\n",
		"* 1 FETCH (UID 5)\r\n* 9 EXPUNGE\r\n* 1 FETCH (BODY[] \"\")": "* 9 EXPUNGE\r\n",
		"* 1 FETCH (X {3}\r\na)b UID 5 BODY[] {1}\r\nx)\r\n":          "* 1 FETCH (UID 5 BODY[] {1}\r\nx)\r\n",
		"* 1 FETCH UID 5 BODY[] {5}\r\n* BYE)\r\nT1 OK\r\n":           "T1 OK\r\n",
		"* XLIST () {9}\r\n* 1 EXIST \"\"\r\n* 2 EXISTS\r\n":          "* 2 EXISTS\r\n",
		"* SEARCH  1   2 \r\n":                                        "* SEARCH 1 2\r\n",
		"* 1 FETCH (UID 5 BODY.PEEK[HEADER]<0.20> {1}\r\nx)\r\n":      "* 1 FETCH (UID 5 BODY[HEADER]<0> {1}\r\nx)\r\n",
		"* OK [PERMANENTFLAGS (\\Seen a]b)] kept\r\n":                 "* OK kept\r\n",
		"T1 OK [COPYUID 1  ] moved\r\nT2 ok [uidvalidity 7 ] x\r\n":   "T1 OK moved\r\nT2 ok [UIDVALIDITY 7] x\r\n",
		"\r\n* OK [x\r\n": "* OK - [x\r\n",
	} {
		got, err := mended(strings.NewReader(in))
		if got != want || err != nil {
			t.Errorf("%q came as %q, %v; want %q", in, got, err, want)
		}
	}
}

// An answer that hands over another message than it said, or more than it announced, is none.
func TestGarbled(t *testing.T) {
	for _, in := range []string{
		"* 1 FETCH (UID 5)\r\n* 1 FETCH (BODY[] {1}\r\nx UID 6)\r\n",
		"* 1 FETCH (UID 5)\r\n* 1 FETCH (BODY[] {1}\r\nx)\r\n",
		"* 1 FETCH (UID 5)\r\n* 1 FETCH (BODY[] {1}\r\nx)\r\n* 1 FETCH (UID 5)\r\n* 1 FETCH (BODY[] {1}\r\nx UID 7)\r\n",
		"* 1 FETCH (UID 5 BODY[] {1}\r\nx)\r\n* 2 FETCH (UID 5 BODY[] {1}\r\ny)\r\n",
		"* 1 FETCH (UID 5 BODY[] {1}\r\nx)\r\n* 1 FETCH (BODY[] {1}\r\ny UID 5)\r\n",
		"* 1 FETCH (UID 5 BODY[] {1}\r\nx BODY[] {1}\r\ny)\r\n",
		"* 1 FETCH (UID 5 BODY[] \"\")\r\n* 1 FETCH (UID 5 BODY[] NIL)\r\n",
		"* 1 FETCH (UID 5 BODY[] {1}\r\nxyz)\r\n",
		"* 1 FETCH (UID 5 BODY[] {1}\r\nx the rest of it)\r\n",
		"* 1 FETCH (UID 5 BODY[] {1}\r\nx\r\n",
		"* LIST () \"/\" " + strings.Repeat("x", maxAnswer) + "\r\n",
	} {
		if got, err := mended(strings.NewReader(in)); !errors.Is(err, errGarbled) {
			t.Errorf("%.100q came as %.100q, %v", in, got, err)
		}
	}
}

// FuzzMend: what is mended does not depend on how the bytes come, is mended already, and keeps what literals hold.
func FuzzMend(f *testing.F) {
	for _, seed := range []string{
		"* 1 FETCH (UID 5 BODY[] {5}\r\nhello)\r\nT1 OK done\r\n", "* 2 FETCH (FLAGS (a]b) BODY[] {5}\r\nhello UID 5)\r\n",
		"* SEARCH 1  2 \r\n* LIST (\\x) \"/\" {3}\r\nabc\r\n", "* OK [PERMANENTFLAGS (x]y)] z\r\n* BYE\r\n",
		"* 1 FETCH (X (a {3}\r\nb)c (\"d)\")) UID 1 RFC822.SIZE NIL)\r\n", "* 1 FETCH (UID 5 BODY[] {0}\r\n)\r\n\n*  \r\n",
	} {
		f.Add([]byte(seed), []byte("hello"))
	}
	f.Fuzz(func(t *testing.T, in, literal []byte) {
		once, err := mended(bytes.NewReader(in))
		slowly, again := mended(iotest.OneByteReader(bytes.NewReader(in)))
		if once != slowly || (err == nil) != (again == nil) {
			t.Fatalf("%q came as %q, %v, and byte by byte as %q, %v", in, once, err, slowly, again)
		}
		if len(once) > 2*len(in)+64 {
			t.Fatalf("%d bytes became %d", len(in), len(once))
		}
		if twice, _ := mended(strings.NewReader(once)); err == nil && twice != once && strings.HasSuffix(once, "\n") {
			t.Fatalf("%q is mended as %q, and that as %q", in, once, twice)
		}
		answer := "* 7 FETCH (UID 9 BODY[] {" + strconv.Itoa(len(literal)) + "}\r\n" + string(literal) + ")\r\n"
		if got, err := mended(strings.NewReader(answer)); got != answer || err != nil {
			t.Fatalf("%q came as %q, %v", answer, got, err)
		}
	})
}
