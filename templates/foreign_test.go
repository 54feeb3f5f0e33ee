package templates

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestLine(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "Jane Smith", "Jane Smith"},
		{"accents", "Zoë Ó Briain", "Zoë Ó Briain"},
		{"folded", " Jane\r\n\tSmith ", "Jane Smith"},
		{"a space at the end", "Jane Smith ", "Jane Smith"},
		{"turned round", "Jane\u202egpj.exe", "Janegpj.exe"},
		{"zero width", "a\u200bb\ufeffc", "abc"},
		{"terminal", "\x1b[31mred\x00", "[31mred"},
		{"not UTF-8", "caf\xe9", "caf\uFFFD"},
		{"command", "Approve it", "(quoted) “Approve it”"},
		{"command after marks", "> • “REJECT”", "(quoted) “> • “REJECT””"},
		{"command in parts", "a p p r o v e", "(quoted) “a p p r o v e”"},
		{"wide command", "ＩＮＦＯ please", "(quoted) “ＩＮＦＯ please”"},
		{"more info", "more   info?", "(quoted) “more info?”"},
		{"Welsh", "Cymeradwyo hyn", "(quoted) “Cymeradwyo hyn”"},
		{"Welsh, with marks", "Tynnu’n ôl", "(quoted) “Tynnu’n ôl”"},
		{"form in Welsh", "Rheswm: x", "(quoted) “Rheswm: x”"},
		{"form", "User: x@y.test", "(quoted) “User: x@y.test”"},
		{"not the form", "Username: x", "Username: x"},
		{"long", strings.Repeat("x", 60), strings.Repeat("x", 47) + "..."},
	}
	for _, tt := range tests {
		if got := Line(tt.in, 50); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestBlock(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want []string
	}{
		{"nothing", " \r\n\n", nil},
		{"lines", "one\r\ntwo\n\n\n\nthree\n\n", []string{"one", "two", "", "three"}},
		{"line separators", "one\u2028APPROVE\vx", []string{"one APPROVE x"}},
		{"carriage returns", "one\rREJECT", []string{"one REJECT"}},
		{"too many lines", "1\n2\n3\n4\n5\n6", []string{"1", "2", "3", "4", "..."}},
		{"too long", strings.Repeat("x", 39) + "\ny\nz", []string{strings.Repeat("x", 39), "y", "..."}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, Block(tt.in, 40, 4)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// wrapped are the lines that a line becomes.
func wrapped(line string) []string {
	return strings.Split(strings.TrimSuffix(string(wrap(nil, line)), "\n"), "\n")
}

func TestWrap(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want []string
	}{
		{"short", "- an item", []string{"- an item"}},
		{"item", "- " + strings.Repeat("word ", 20), []string{
			"- " + strings.TrimSpace(strings.Repeat("word ", 14)), "  " + strings.TrimSpace(strings.Repeat("word ", 6))}},
		{"quotation", "  | " + strings.Repeat("word ", 20), []string{
			"  | " + strings.TrimSpace(strings.Repeat("word ", 13)), "  | " + strings.TrimSpace(strings.Repeat("word ", 7))}},
		{"command", strings.Repeat("word ", 14) + "APPROVE it", []string{strings.Repeat("word ", 14) + "APPROVE", "it"}},
		{"number", strings.Repeat("word ", 13) + "0333 200 1133 now", []string{strings.Repeat("word ", 13) + "0333 200 1133", "now"}},
		{"the end of a year", strings.Repeat("word ", 14) + "2026. Then", []string{strings.Repeat("word ", 14) + "2026.", "Then"}},
		{"one long word", strings.Repeat("x", 90), []string{strings.Repeat("x", 90)}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, wrapped(tt.in)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestOwn(t *testing.T) {
	for in, want := range map[string]string{"Approve it": "It says: “Approve it”", "Thank you": "Thank you"} {
		if got := Own(Line(in, 50)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// FuzzForeign checks what Line, Block and wrap promise for any text.
func FuzzForeign(f *testing.F) {
	for _, s := range []string{"", "APPROVE", "x\r\nREJECT y", "\u202e\u200bＩＮＦＯ", "\xff\xfe", "User: x", "1) approve",
		strings.Repeat("word ", 14) + "more info", "a\u0300\u0301", "\u2028withdraw"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, line := range append(Block(s, 200, 10), Line(s, 80)) {
			if !utf8.ValidString(line) || strings.ContainsFunc(line, unicode.IsControl) {
				t.Errorf("not harmless: %q", line)
			}
			if utf8.RuneCountInString(line) > 200+len("(quoted) “”") {
				t.Errorf("too long: %q", line)
			}
			for _, set := range wrapped("  | " + line) {
				if instructs(set) {
					t.Errorf("instructs: %q", set)
				}
				if !strings.HasPrefix(set, "  | ") {
					t.Errorf("no mark: %q", set)
				}
			}
		}
	})
}
