package intake_test

import (
	"testing"

	"mfabot/intake"
)

// TestDecodeTOMLTypes: a value of another type is refused in words that the writer of the file knows.
func TestDecodeTOMLTypes(t *testing.T) {
	t.Parallel()
	type table struct {
		Text  string `toml:"text"`
		Count int    `toml:"count"`
	}
	type document struct {
		Text  string            `toml:"text"`
		Flag  bool              `toml:"flag"`
		List  []string          `toml:"list"`
		Table table             `toml:"table"`
		Named map[string]*table `toml:"named"`
		Many  []table           `toml:"many"`
	}
	for text, want := range map[string]string{
		`text = 1`:                    "f:1: text: expected a text in quotes, not integer",
		`flag = "yes"`:                "f:1: flag: expected true or false, not string",
		`list = "x"`:                  "f:1: list: expected a list in brackets, not string",
		"list = [\n'x',\n2]":          "f:3: list: expected a text in quotes, not integer",
		`table = 1.5`:                 "f:1: table: expected a table, not float",
		`table = {text = 2020-01-01}`: "f:1: table: expected a text in quotes, not local date",
		"[text]\nx = 1":               "f:1: text: expected a text in quotes, not table",
		"[table]\ncount = true":       "f:2: table.count: expected a whole number, not boolean",
		"[named.a]\ntext = 'x'\n[named.b]\ncount = []": "f:4: named.b.count: expected a whole number, not array",
		"[[many]]\ntext = 'x'\n[[many]]\ntext = 2":     "f:4: many.text: expected a text in quotes, not integer",
		"text = 'x'\ntext = 'y'":                       "f:2: text: key text is already defined",
		`text = 'x`:                                    "f:1: unterminated literal string",
	} {
		var doc document
		_, err := intake.DecodeTOML("f", []byte(text), &doc)
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}
