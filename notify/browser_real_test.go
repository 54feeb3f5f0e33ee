//go:build real

package notify

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestRealBrowser opens every letter in Chromium as mail programs show it: wide, on a phone, dark, enlarged, without its style
// sheet, within webmail, and some in a look of an operator's own. On a phone the answers of a reviewer are at hand.
// Nothing may be cut off, run or loaded, and neither axe nor html-validate finds a fault. SCREENSHOTS names
// a folder for what the letters look like.
func TestRealBrowser(t *testing.T) {
	t.Parallel()
	c, dir := testComposer(t), t.TempDir()
	write := func(c *Composer, name string, s sample) {
		email, err := c.Preview(s.letter, monday)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".html"), []byte(email.HTML), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range append(samples(), oneOfEach(oddSamples())...) {
		write(c, s.name, s)
	}
	for _, s := range oneOfEach(samples()) {
		write(lookingOwn(t), "look-"+s.name, s)
	}
	look := exec.CommandContext(t.Context(), "node", "letters.mjs", dir, os.Getenv("SCREENSHOTS"))
	look.Dir, look.Stderr = "../cmd/mfabot/internal/page/testdata/browser", t.Output()
	out, err := look.Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		t.Error(strings.TrimSpace(line))
	}
}
