package layout_test

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mfabot/cmd/mfabot/internal/layout"
)

var update = flag.Bool("update", false, "write the golden files")

// columns are those of a list of exceptions, and one with words of people.
func columns() []layout.Column {
	return []layout.Column{{Head: "ID", Number: true}, {Head: "REF"}, {Head: "STATE", Weight: 6, Colour: coloured}, {Head: "USER"},
		{Head: "SITE", Weight: 5}, {Head: "SUBJECT", Weight: 3, Least: 14, Tail: true}, {Head: "ENDS", Weight: 4}, {Head: "NOTE", Weight: 1}}
}

func coloured(value string) layout.Colour {
	if value == "active" {
		return layout.Green
	}
	return layout.None
}

// people have names as they are: long ones, with accents that are characters of their own, of two cells, and with emoji.
func people() [][]string {
	return [][]string{
		{"7", "LT-2026-00001", "active", "sam.green@pharmacy.test", "FX101", "Please decide: Sam Green [LT-2026-00001]",
			"2027-05-29 17:20 BST", "-"},
		{"12345", "ST-2026-00002", "superseded", "christopher.montgomery-featherstonehaugh@featherstone.nhs.uk", "V20023",
			"Given: christopher.montgomery-featherstonehaugh@featherstone.nhs.uk, short-term [ST-2026-00002]",
			"2026-12-01 16:20 GMT", "-"},
		{"8", "LT-2026-00003", "active", "anh.nguyen@dental.test", "V2002",
			"Please decide: Nguye\u0302\u0303n Thi\u0323 Anh, \u9ad8\u8857\u7259\u79d1 [LT-2026-00003]", "2027-05-29 17:20 BST", "-"},
		{"9", "LT-2026-00004", "active", "zo\u00eb@dental.test", "-", "\U0001f469\u200d\u2695\ufe0f Zo\u00eb O\u2019Neill\u2013Wa\u0308chter", "2027-05-29 17:20 BST", "-"},
	}
}

// TestTables compares tables on screens of several widths with golden files. No line is wider than its screen, but for an address
// that cannot be cut, and every reference and address is whole.
func TestTables(t *testing.T) {
	for _, width := range []int{0, 48, 64, 80, 100, 132, 200} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			var out bytes.Buffer
			table := layout.NewTable(&out, layout.Screen{Width: width}, columns()...)
			for _, row := range people() {
				check(t, table.Row(row...))
			}
			check(t, table.Flush())
			fmt.Fprintf(&out, "left out: %s\n", strings.Join(table.LeftOut(), ", "))
			golden(t, fmt.Sprintf("table-%d.txt", width), out.String())
			for line := range strings.Lines(out.String()) {
				line = strings.TrimSuffix(line, "\n")
				if width > 0 && layout.Width(line) > width && !strings.Contains(line, "featherstone.nhs.uk") {
					t.Errorf("%d cells: %s", layout.Width(line), line)
				}
			}
			for _, row := range people() {
				for _, whole := range []string{row[1], row[3]} {
					if !strings.Contains(out.String(), whole) {
						t.Errorf("%s is not there as it is", whole)
					}
				}
			}
		})
	}
}

// TestManyRows prints more rows than are held for the width of the columns.
func TestManyRows(t *testing.T) {
	for _, width := range []int{0, 40} {
		var out bytes.Buffer
		table := layout.NewTable(&out, layout.Screen{Width: width}, layout.Column{Head: "USER"},
			layout.Column{Head: "WHY", Weight: 1, Least: 12}, layout.Column{Head: "NOTE", Weight: 2})
		for i := range 1200 {
			user, why := "a@b.test", "said so"
			if i == 1100 {
				user, why = "somebody.with.a.long.name@pharmacy.test", "said so on the telephone, and twice"
			}
			check(t, table.Row(user, why, "-"))
		}
		if out.Len() == 0 {
			t.Error("1,200 rows were held")
		}
		check(t, table.Flush())
		lines := strings.Split(out.String(), "\n")
		want := map[int]string{0: "somebody.with.a.long.name@pharmacy.test  said so on the telephone, and twice  -",
			40: "somebody.with.a.long.name@pharmacy.test"}[width]
		if got := lines[1101]; got != want {
			t.Errorf("width %d: %q, expected %q", width, got, want)
		}
		if got := strings.Fields(lines[1])[0] + " " + strings.Fields(lines[1100])[0]; got != "a@b.test a@b.test" {
			t.Errorf("width %d: %q", width, got)
		}
	}
}

// TestColours paints states on a screen that has colours: the columns are where they are without.
func TestColours(t *testing.T) {
	print := func(colour bool) string {
		var out bytes.Buffer
		table := layout.NewTable(&out, layout.Screen{Width: 80, Colour: colour}, columns()...)
		for _, row := range people() {
			check(t, table.Row(row...))
		}
		check(t, table.Flush())
		return out.String()
	}
	painted := print(true)
	if n := strings.Count(painted, "\x1b[32mactive\x1b[0m"); n != 3 {
		t.Errorf("%d states are green, expected 3:\n%q", n, painted)
	}
	if diff := cmp.Diff(print(false), strings.NewReplacer("\x1b[32m", "", "\x1b[0m", "").Replace(painted)); diff != "" {
		t.Error(diff)
	}
}

// TestHanging breaks texts between words, and never within one.
func TestHanging(t *testing.T) {
	narrow := layout.Screen{Width: 40, Colour: true}
	for _, c := range []struct{ name, begins, text, want string }{
		{"fits", "Reason  ", "secure location", "Reason  secure location"},
		{"long", "Details  ", "Works in the healthcare unit of a prison, where no phones are allowed.",
			"Details  Works in the healthcare unit of\n         a prison, where no phones are\n         allowed."},
		{"address", "User  ", "Chris <christopher.montgomery-featherstonehaugh@featherstone.nhs.uk> rang",
			"User  Chris\n      <christopher.montgomery-featherstonehaugh@featherstone.nhs.uk>\n      rang"},
		{"wide label", "2026-12-01 16:20 GMT  ", "approve by Asha Patel",
			"2026-12-01 16:20 GMT  approve by Asha\n             Patel"},
		{"painted", narrow.Painted(layout.Green, "ok") + "  ", "sender: the mail server says so, and more",
			"\x1b[32mok\x1b[0m  sender: the mail server says so, and\n    more"},
		{"wide characters", "", strings.Repeat("\u9ad8\u8857", 6) + " " + strings.Repeat("\u7259\u79d1", 4) + " ok",
			strings.Repeat("\u9ad8\u8857", 6) + "\n" + strings.Repeat("\u7259\u79d1", 4) + " ok"},
		{"nothing", strings.Repeat("x", 50), "", strings.Repeat("x", 50)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, narrow.Hanging(c.begins, layout.Width(c.begins), c.text)); diff != "" {
				t.Error(diff)
			}
			if got := (layout.Screen{}).Hanging(c.begins, 4, c.text); got != c.begins+c.text {
				t.Errorf("for another program: %q", got)
			}
		})
	}
}

// TestScreenOf says how wide it is on what is no terminal: only where COLUMNS does. Colours are for terminals alone.
func TestScreenOf(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	check(t, err)
	defer func() { _ = file.Close() }()
	for _, to := range []io.Writer{file, new(bytes.Buffer)} {
		for columns, want := range map[string]int{"": 0, "72": 72, "0": 0, "-3": 0, "wide": 0} {
			got := layout.ScreenOf(to, func(name string) string { return map[string]string{"COLUMNS": columns, "TERM": "xterm"}[name] })
			if got != (layout.Screen{Width: want}) {
				t.Errorf("COLUMNS=%s: %+v", columns, got)
			}
		}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// golden compares a text with a file.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		check(t, os.MkdirAll("testdata", 0o755))
		check(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	check(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

// TestHangingSpaces: a text of nothing but spaces, which anybody can write, is one line.
func TestHangingSpaces(t *testing.T) {
	if got := (layout.Screen{Width: 80}).Hanging("  ", 2, strings.Repeat(" ", 90)); got != "  " {
		t.Errorf("%q", got)
	}
}

// TestTextsHaveRoom: a text is not cut short for a column that weighs less.
func TestTextsHaveRoom(t *testing.T) {
	print := func(width int) string {
		var out bytes.Buffer
		table := layout.NewTable(&out, layout.Screen{Width: width}, layout.Column{Head: "ID"},
			layout.Column{Head: "SUBJECT", Weight: 2, Least: 20}, layout.Column{Head: "ATTEMPTS", Weight: 1})
		check(t, table.Row("1", "Your short-term MFA exception has started and ends tomorrow", "17"))
		check(t, table.Flush())
		return strings.SplitN(out.String(), "\n", 2)[1]
	}
	for width, want := range map[int]string{
		24: "1   Your short-term MFA…\n", 52: "1   Your short-term MFA exception has started and…\n",
		54: "1   Your short-term MFA exception has…        17\n",
	} {
		if got := print(width); got != want {
			t.Errorf("%d cells: %q, expected %q", width, got, want)
		}
	}
}

// TestLongAddresses: where most addresses are long the column is as wide as they are, and where one is only that row goes on below.
func TestLongAddresses(t *testing.T) {
	long, short := "samuel.number1494775@pharmacy775.test", "sam@pharmacy.test"
	for _, c := range []struct{ addresses, want []string }{
		{[]string{long, long, long}, []string{"active  " + long + "  tomorrow"}},
		{[]string{long, long, short}, []string{"active  " + long + "  tomorrow"}},
		{[]string{long, short, short, short, short}, []string{"active  " + long, "                           FX101  tomorrow"}},
	} {
		var out bytes.Buffer
		table := layout.NewTable(&out, layout.Screen{Width: 58}, layout.Column{Head: "STATE"}, layout.Column{Head: "USER"},
			layout.Column{Head: "SITE", Weight: 1}, layout.Column{Head: "ENDS", Weight: 2})
		for _, address := range c.addresses {
			check(t, table.Row("active", address, "FX101", "tomorrow"))
		}
		check(t, table.Flush())
		if diff := cmp.Diff(c.want, strings.Split(out.String(), "\n")[1:1+len(c.want)]); diff != "" {
			t.Errorf("%q: %s", c.addresses, diff)
		}
	}
}

// TestLongAddressBesideWhatMustBe: a column that is always shown is not beyond the end of the line.
func TestLongAddressBesideWhatMustBe(t *testing.T) {
	var out bytes.Buffer
	table := layout.NewTable(&out, layout.Screen{Width: 44}, layout.Column{Head: "STATE"},
		layout.Column{Head: "USER"}, layout.Column{Head: "ENDS"})
	check(t, table.Row("active", "samuel.number1494775@pharmacy775.test", "tomorrow"))
	check(t, table.Flush())
	want := "STATE   USER  ENDS\nactive  samuel.number1494775@pharmacy775.test\n              tomorrow\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}
