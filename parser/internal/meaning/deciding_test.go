package meaning

import (
	"slices"
	"testing"
)

// TestDeciding: the words are those that people would name, as they are written.
func TestDeciding(t *testing.T) {
	t.Parallel()
	r, words := NewReasons(nil), NewWords()
	for _, c := range []struct {
		reason, text string
		want         []string
	}{
		{"accessibility", "Please could Sam Lee have an exception. Her hands shake a lot since she was told it is Parkinson's. Thanks, Jo",
			[]string{"hands shake", "Parkinson's"}},
		{"secure-location", "No phones allowed", []string{"No phones allowed"}},
		{"accessibility", "Mae ganddi arthritis ac ni all ddal ffôn.", []string{"ganddi arthritis", "ddal ffôn"}},
		{"accessibility", "accessibility", []string{"accessibility"}},
		{"secure-location", "", nil},
		{"no-such", "No phones allowed", nil},
	} {
		if got := r.Read(words.Take("MFA", c.text)).Deciding(c.reason); !slices.Equal(got, c.want) {
			t.Errorf("%s in %q: %q, want %q", c.reason, c.text, got, c.want)
		}
	}
}
