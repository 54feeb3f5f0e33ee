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
		Deep  struct {
			Below struct {
				Deep int `toml:"deep"`
			} `toml:"below"`
		} `toml:"deeper"`
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
		"[table]\ntext = /etc/x # y":                   `f:2: table.text: expected a text in quotes: text = "..."`,
		`text = 01632 960123`:                          `f:1: text: expected a text in quotes: text = "..."`,
		`text = 127.0.0.1:53`:                          `f:1: text: expected a text in quotes: text = "..."`,
		`flag = yes`:                                   "f:1: flag: expected true or false, not string",
		`list = [a]`:                                   "f:1: unexpected character U+0061 'a' at start of value: a text stands in quotes",
		"text = a \"b\" \\c\r\n[table]\r\ncount = 'x'": "f:1: text: expected a text in quotes: text = \"...\"\n" +
			"f:3: table.count: expected a whole number, not string",
		`count = 1`:              "f:1: count: there is no such key here: it stands in [table], in [named.NAME] or in [[many]]",
		"[table]\nflag = true":   "f:2: table.flag: there is no such key here: it stands at the top of the file, above all tables",
		"[[many]]\ndeep = 1":     "f:2: many.deep: there is no such key here: it stands in [deeper.below]",
		"[named.x]\nsecret = s3": "f:2: named.x.secret: there is no such key here",
	} {
		var doc document
		f, err := intake.DecodeTOML("f", []byte(text), &doc)
		if err == nil {
			err = f.Err()
		}
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// TestDecodeTOMLAll: all that is wrong is said at once, with what may be meant, and the rest is read.
func TestDecodeTOMLAll(t *testing.T) {
	t.Parallel()
	type table struct {
		Address string `toml:"address"`
		Count   int    `toml:"count"`
	}
	var doc struct {
		Name  string `toml:"name"`
		Table table  `toml:"table"`
		Many  []table
	}
	f, err := intake.DecodeTOML("f", []byte(`nmae = "x"
xyz = 1
[table]
adress = "a"
count = [
  1,
]
[[many]]
address = 7
[[many]]
address = "b"
count = 2
`), &doc)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"name", "table.address", "table.count", "many[0].address", "many[1].address", "many[0].count"} {
		f.Bad(key, "wrong")
	}
	want := `f:5: table.count: expected a whole number, not array
f:9: many.address: expected a text in quotes, not integer
f:1: nmae: there is no such key here: did you mean name?
f:2: xyz: there is no such key here
f:4: table.adress: there is no such key here: did you mean address?
f:11: many[1].address: wrong
f:8: many[0].count: wrong`
	if err := f.Err(); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if len(doc.Many) != 2 || doc.Many[1] != (table{"b", 2}) {
		t.Errorf("read: %+v", doc)
	}
}

// TestMeant: the nearest word, if it is near.
func TestMeant(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{"outbuond": "outbound", "qeue": "queue", "show": "show", "Queue": "queue",
		"list": "", "x": "", "": "", "chek": "check"} {
		if got := intake.Meant(given, []string{"inbound", "outbound", "queue", "show", "check", "why"}); got != want {
			t.Errorf("%q: got %q, want %q", given, got, want)
		}
	}
}
