//go:build real

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestRealRestoreKilled kills a restore at one call of the system after the other. There is either the database of before or the
// backup then, and the bot that starts says which.
func TestRealRestoreKilled(t *testing.T) {
	t.Parallel()
	script := "office\nenv MFABOT_CONFIG=mfabot.toml\nexec mfabot run --until-idle\nexec mfabot backup base.db\n" +
		"exec mfabot grant --user lost@pharmacy.test --reason phone-misplaced\n" +
		"exec mfabot run --until-idle\ncp mfabot.db live.db\ncp mfabot.db.key.noted live.noted\n"
	for call, last := range map[string]int{"renameat": 8, "fsync": 18, "openat": 40} {
		for n := range last {
			script += fmt.Sprintf("exec sh -c 'rm -f mfabot.db-* mfabot.db.restor* mfabot.db.before*; "+
				"cp live.db mfabot.db; cp live.noted mfabot.db.key.noted'\n"+
				"tries strace -f -o calls -e trace=%[1]s -e inject=%[1]s:signal=SIGKILL:when=%[2]d mfabot restore base.db\n"+
				"exec mfabot run --until-idle\neither\n", call, n+1)
		}
	}
	dir := t.TempDir()
	done(t, os.WriteFile(filepath.Join(dir, "killed.txtar"), []byte(script), 0o600))
	p := scripts(dir)
	befores, afters := 0, 0
	p.Cmds["either"] = positive(func(ts *testscript.TestScript, _ []string) {
		restored := strings.Contains(ts.ReadFile("stderr"), "a backup has taken the place of the database")
		ts.Check(ts.Exec("mfabot", "exceptions", "--json"))
		lost := !strings.Contains(ts.ReadFile("stdout"), "lost@pharmacy.test")
		if restored != lost {
			ts.Fatalf("the bot says that the backup has taken the place: %v; what was granted since is gone: %v", restored, lost)
		}
		ts.Check(ts.Exec("mfabot", "audit", "verify"))
		if restored {
			afters++
		} else {
			befores++
		}
	})
	t.Cleanup(func() {
		if befores == 0 || afters == 0 {
			t.Errorf("%d databases of before were left, and %d backups: expected some of each", befores, afters)
		}
	})
	testscript.Run(t, p)
}
