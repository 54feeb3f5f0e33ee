package templates

import (
	"io/fs"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// small returns a minimal set of files laid out like the embedded ones.
func small(words string) fstest.MapFS {
	return fstest.MapFS{
		"layout.html":       {Data: []byte(`<html><title>{{.Title}}</title>{{template "body" .Letter}}</html>`)},
		"parts.html":        {Data: []byte(`{{define "quote"}}{{range .}}<p>{{.}}</p>{{end}}{{end}}`)},
		"parts.txt":         {Data: []byte(`{{define "letter"}}{{template "body" .}}{{end}}{{define "quote"}}{{range .}}  | {{.}}` + "\n" + `{{end}}{{end}}`)},
		"en/shared/hi.mail": {Data: []byte("Hello {{.Name}}")},
		"en/mail/one.mail":  {Data: []byte(words)},
	}
}

func TestEmbeddedSet(t *testing.T) {
	set, err := New(time.UTC, Look{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Check(); err != nil {
		t.Fatal(err)
	}
	if names := set.Names(English); len(names) != 46 || names[0] != "address" {
		t.Errorf("Names: %v", names)
	}
	if _, err := set.Render(English, "no-such", nil); err == nil {
		t.Error("Render of an unknown email: no error")
	}
	if _, err := set.Render(English, "receipt", map[string]any{}); err == nil {
		t.Error("Render without the facts: no error")
	}
}

func TestRender(t *testing.T) {
	set, err := parsed(small(`Subject: For {{.Name}}
Preview: To {{.Name}}

# A heading

{{template "hi" .}}
{{if .Said}}
They wrote **these
words**:

{{template "quote" .Said}}
{{end}}

{{if .Many}}
1. One
{{end}}
2. Two, which goes
on
3. {{when .At}}

- {{size .Size}}
`), time.FixedZone("", 19_800))
	if err != nil {
		t.Fatal(err)
	}
	got, err := set.Render(English, "one", map[string]any{
		"Name": "<b>Jo</b>\r\nBcc: x", "Said": []string{"a < b", ""}, "Many": false,
		"At": time.Date(2026, 12, 3, 14, 5, 0, 0, time.UTC), "Size": int64(1 << 20),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Email{
		Subject: "For <b>Jo</b> Bcc: x",
		Text: "A heading\n=========\n\nHello <b>Jo</b>\nBcc: x\n\nThey wrote these words:\n\n  | a < b\n  |\n\n" +
			"1. Two, which goes on\n2. Thursday 3 December 2026, 19:35 UTC+05:30\n\n- 1 MB\n",
		HTML: "<html><title>For &lt;b&gt;Jo&lt;/b&gt; Bcc: x</title><h1>A heading</h1>\n<p>Hello &lt;b&gt;Jo&lt;/b&gt;\r\nBcc: x</p>\n" +
			"<p>They wrote <strong>these words</strong>:</p>\n<p>a &lt; b</p><p></p>\n<ol>\n<li>Two, which goes on</li>\n" +
			"<li>Thursday 3 December 2026, 19:35 UTC&#43;05:30</li>\n</ol>\n<ul>\n<li>1 MB</li>\n</ul>\n</html>\n",
	}
	if n := strings.Count(got.HTML, ` style="font-family:`); n != 10 {
		t.Errorf("%d elements have a style of their own, want 10: %s", n, got.HTML)
	}
	got.HTML = regexp.MustCompile(` style="[^"]*"`).ReplaceAllString(got.HTML, "")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// parsed is a set from files laid out like the embedded ones.
func parsed(from fs.FS, zone *time.Location) (*Set, error) {
	all, err := read(from)
	if err != nil {
		return nil, err
	}
	return parse(all, zone, Look{})
}

// checked is a set that is parsed at once.
func checked(source fs.FS) (*Set, error) {
	set, err := parsed(source, time.UTC)
	if err == nil {
		err = set.Check()
	}
	return set, err
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, words, want string }{
		{"no subject", "# Hello\n", "en/mail/one.mail: line 1 must be \"Subject: ...\""},
		{"empty subject", "Subject: \n\n# Hello\n", "en/mail/one.mail: line 1 must be \"Subject: ...\""},
		{"no preview", "Subject: x\n\n# Hello\n", "en/mail/one.mail: line 2 must be \"Preview: ...\""},
		{"no body", "Subject: x\nPreview: y\n\n\n", "en/mail/one.mail: the body is empty"},
		{"action not closed", "Subject: x\nPreview: y\n\n{{if .A}}\n\nwords\n", "en/mail/one.mail: unexpected EOF"},
		{"unknown function", "Subject: {{nothing .A}}\nPreview: y\n\nwords\n", "en/mail/one.mail:1: function \"nothing\" not defined"},
		{"unknown function below", "Subject: x\nPreview: y\n\nwords\ngo on\n\n- one\n- two {{nothing .A}}\n", "en/mail/one.mail:8: function"},
		{"bad preview", "Subject: x\nPreview: {{\n\nwords\n", "en/mail/one.mail:2: unclosed action"},
		{"words in a list", "Subject: x\nPreview: y\n\n{{if .A}}\nwords\n- item\n{{end}}\n",
			"en/mail/one.mail: line 5 belongs to no item of the list, a blank line is missing"},
		{"unknown part", "Subject: x\nPreview: y\n\n# One\n\n{{template \"nope\" .}}\n", "en/mail/one.mail:6:"},
		{"unknown fact", "Subject: x\nPreview: y\n\n# One\n\nTwo\n{{if .Name}}\n\nWords\nand {{.Nobody}}\n{{end}}\n", "en/mail/one.mail:10:"},
		{"unknown fact in shared words", "Subject: x\nPreview: y\n\n{{template \"bye\" .}}\n", "en/shared/bye.mail:3:"},
		{"unknown fact in a subject", "Subject: x {{.Nobody}}\nPreview: y\n\nwords\n", "en/mail/one.mail:1:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := small(tt.words)
			files["en/shared/bye.mail"] = &fstest.MapFile{Data: []byte("Goodbye\n\n{{.Nobody}}\n")}
			set, err := checked(files)
			if err == nil {
				_, err = set.Render(English, "one", struct{ Name string }{"Jo"})
			}
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
	files := small("Subject: x\nPreview: y\n\nwords\n")
	files["parts.txt"] = &fstest.MapFile{Data: []byte("no letter")}
	if _, err := checked(files); err == nil {
		t.Error("without a letter: no error")
	}
}

func TestSetIsSafeForConcurrentUse(t *testing.T) {
	set, err := parsed(small("Subject: x\nPreview: y\n\nHello {{.}}\n"), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := set.Render(English, "one", "you"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestWords(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	en, cy := speeches[English], speeches[Welsh]
	tests := []struct{ name, got, want string }{
		{"winter", en.when(time.Date(2026, 12, 3, 14, 5, 0, 0, time.UTC), london), "Thursday 3 December 2026, 14:05 GMT"},
		{"summer", en.when(time.Date(2026, 6, 3, 14, 5, 0, 0, time.UTC), london), "Wednesday 3 June 2026, 15:05 BST"},
		{"no time", en.when(time.Time{}, london), ""},
		{"telephone", digits("+44 (0)333 200\u00a01133"), "+443332001133"},
		{"in Welsh", cy.when(time.Date(2026, 5, 1, 14, 5, 0, 0, time.UTC), london), "dydd Gwener 1 Mai 2026, 15:05 BST"},
		{"away in Welsh", cy.left(30*24*time.Hour, false), "ymhen 30 diwrnod"},
		{"two days away in Welsh", cy.left(2*24*time.Hour, false), "ymhen 2 ddiwrnod"},
		{"hours away in Welsh", cy.left(2*time.Hour, true), "ymhen 2 awr"},
		{"bytes in Welsh", cy.size(12), "12 beit"},
		{"1 byte", en.size(1), "1 byte"},
		{"bytes", en.size(1023), "1023 bytes"},
		{"KB", en.size(1024), "1 KB"},
		{"KB rounded", en.size(1535), "1 KB"},
		{"nearly a MB", en.size(1<<20 - 1), "1 MB"},
		{"MB", en.size(39_845_888), "38 MB"},
		{"a small number", Count(999), "999"},
		{"thousands", Count(2315), "2,315"},
		{"millions", Count(-123_456_789), "-123,456,789"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, tt.got, tt.want)
		}
	}
}

func TestOwnFiles(t *testing.T) {
	least := small("")
	own := fstest.MapFS{
		"layout.html": least["layout.html"], "parts.html": least["parts.html"], "parts.txt": least["parts.txt"],
		"en/mail/too-large.mail": {Data: []byte("Subject: Too large\nPreview: Send it again\n\n# Hello\n\n{{template \"help\" .}}\n")},
		"en/shared/help.mail":    {Data: []byte("Call the helpdesk.")},
		".git/config":            {Data: []byte("x")},
	}
	set, err := New(time.UTC, Look{}, own)
	if err != nil {
		t.Fatal(err)
	}
	got, err := set.Render(English, "too-large", nil)
	if err != nil || got.Subject != "Too large" || !strings.Contains(got.Text, "Call the helpdesk") {
		t.Errorf("%v, %+v", err, got)
	}
	own["en/mail/too-large.mail"] = &fstest.MapFile{Data: []byte("Subject: {{.Nobody}}\nPreview: y\n\nwords\n")}
	own["en/mail/receipt.mail"] = own["en/mail/too-large.mail"]
	if set, err = New(time.UTC, Look{}, own); err != nil {
		t.Fatal(err)
	}
	if _, err := set.Try(English, "too-large", struct{}{}); err == nil {
		t.Error("words that cannot be filled: no error")
	}
	if _, err := set.Render(English, "receipt", struct{}{}); err == nil || !strings.HasPrefix(err.Error(), "en/mail/receipt.mail:1:") {
		t.Errorf("neither can be filled: %v", err)
	}
	own["en/mail/to-large.mail"] = own["en/mail/too-large.mail"]
	own["README"] = &fstest.MapFile{Data: []byte("x")}
	_, err = New(time.UTC, Look{}, own)
	if err == nil || !strings.HasPrefix(err.Error(), "README: no file") || !strings.Contains(err.Error(),
		"\nen/mail/to-large.mail: no file") {
		t.Errorf("files that replace none: %v", err)
	}
	large := fstest.MapFS{"en/shared/help.mail": {Data: make([]byte, maxFile+1)}}
	if _, err := New(time.UTC, Look{}, large); err == nil || !strings.HasPrefix(err.Error(),
		"en/shared/help.mail: expected a file of at most") {
		t.Errorf("a large file: %v", err)
	}
}
