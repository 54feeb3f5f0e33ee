//go:build real

package page_test

import (
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// TestRealBrowser opens the page in Chromium: wide, narrow, dark, with large text, printed, without scripts. Nothing may be
// cut off, run or loaded, and axe finds no fault. SCREENSHOTS names a folder for what it looks like.
func TestRealBrowser(t *testing.T) {
	t.Parallel()
	args := []string{"look.mjs", os.Getenv("SCREENSHOTS")}
	for name, prepare := range map[string]func(*setup){
		"nothing":  func(*setup) {},
		"some":     (*setup).fill,
		"personal": func(s *setup) { s.fill(); s.Personal, s.Directory, s.Running = true, false, isBroken },
		"many":     (*setup).fillMany,
		"look": func(s *setup) {
			s.fill()
			own := *s.Service.Policy
			own.Look = intake.Look{Colour: "#7c2855", ColourDark: "#e8a5c6", Logo: "Oak and Elm and Ash of Oakham"}
			s.Service.Policy = &own
		},
	} {
		s := newSetup(t)
		prepare(s)
		server := httptest.NewServer(s.handler())
		defer server.Close()
		args = append(args, name+"="+server.URL+"/")
	}
	look := exec.CommandContext(t.Context(), "node", args...)
	look.Dir, look.Stderr = "testdata/browser", t.Output()
	out, err := look.Output()
	done(t, err)
	for line := range strings.Lines(string(out)) {
		t.Error(strings.TrimSpace(line))
	}
}

// large is a store of more than a test can write.
type large struct{ *store.Store }

// CountEnding is different in each week.
func (l large) CountEnding(_ context.Context, from, _ time.Time) (long, short int64, err error) {
	return 12_345 + 1_000*int64(from.Day()), 67, nil
}

// fillMany puts as much on record as a large service has.
func (s *setup) fillMany() {
	s.fill()
	for i := 51; i < 110; i++ {
		s.waits(i, intake.Pending, intake.User{}, "FX101", time.Duration(i)*day, "asha@helpdesk.test")
	}
	s.Records = large{s.store}
}
