package notify

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// TestWellFormed: every element of every letter is closed where it was opened. Mail programs, unlike
// browsers, do not repair pages.
func TestWellFormed(t *testing.T) {
	void := []string{"meta", "br", "wbr", "img", "hr"}
	c := testComposer(t)
	for _, s := range samples() {
		email, err := c.render(s.letter, monday)
		if err != nil {
			t.Fatal(err)
		}
		var open []string
		z := html.NewTokenizer(strings.NewReader(email.HTML))
		for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
			name, _ := z.TagName()
			tag := string(name)
			switch {
			case kind == html.StartTagToken && !slices.Contains(void, tag):
				open = append(open, tag)
			case kind == html.EndTagToken && (len(open) == 0 || open[len(open)-1] != tag):
				t.Errorf("%s: </%s> closes nothing; open: %v", s.name, tag, open)
			case kind == html.EndTagToken:
				open = open[:len(open)-1]
			}
		}
		if len(open) > 0 {
			t.Errorf("%s: not closed: %v", s.name, open)
		}
	}
}
