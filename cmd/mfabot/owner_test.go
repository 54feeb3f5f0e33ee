package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const nobody = 65534

// TestRootBeforeTheService: what root makes in the folder of a service is the service's. Where a file is not, whoever cannot use it
// is told whose it is, and the command that mends that.
func TestRootBeforeTheService(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give a file away")
	}
	dir := t.TempDir()
	done(t, os.Chmod(filepath.Dir(dir), 0o755)) // which only its owner may enter
	state := filepath.Join(dir, "state")
	done(t, os.Mkdir(state, 0o700))
	done(t, os.Chown(state, nobody, nobody))
	self, err := os.Executable()
	done(t, err)
	program, err := os.ReadFile(self)
	done(t, err)
	done(t, os.WriteFile(filepath.Join(dir, "mfabot"), program, 0o755))
	run := func(user uint32, args ...string) string {
		var out bytes.Buffer
		c := exec.CommandContext(t.Context(), filepath.Join(dir, "mfabot"))
		c.Args, c.Dir, c.Stdout, c.Stderr = append([]string{"mfabot"}, args...), dir, &out, &out
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
		_ = c.Run() // what it printed says how it went
		return out.String()
	}
	run(0, "init", "conf", "--name", "Helpdesk", "--address", "mfa@helpdesk.test", "--operator", "ops@helpdesk.test",
		"--reviewers", "Asha Patel <asha@helpdesk.test>")
	conf := filepath.Join(dir, "conf", "mfabot.toml")
	text, err := os.ReadFile(conf)
	done(t, err)
	done(t, os.WriteFile(conf, []byte(strings.Replace(string(text), "sqlite:mfabot.db", "sqlite:"+state+"/mfabot.db", 1)), 0o644))
	for _, name := range []string{"imap.password", "smtp.password"} {
		done(t, os.WriteFile(filepath.Join(dir, "conf", name), []byte("secret\n"), 0o600))
		done(t, os.Chown(filepath.Join(dir, "conf", name), nobody, nobody))
	}
	grant := []string{"grant", "--user", "sam@pharmacy.test", "--reason", "phone-misplaced", "--config", conf}
	if out := run(0, grant...); !strings.Contains(out, "granted to sam@pharmacy.test") {
		t.Fatalf("root grants: %s", out)
	}
	files, err := filepath.Glob(filepath.Join(state, "*"))
	done(t, err)
	for _, file := range files {
		info, err := os.Stat(file)
		done(t, err)
		if owner, ok := info.Sys().(*syscall.Stat_t); !ok || owner.Uid != nobody {
			t.Errorf("%s is not the service's", file)
		}
	}
	if out := run(nobody, "exceptions", "--config", conf); len(files) < 3 || !strings.Contains(out, "sam@pharmacy.test") {
		t.Errorf("of %q the service reads: %s", files, out)
	}

	db := filepath.Join(state, "mfabot.db")
	done(t, os.Chown(db, 0, 0))
	want := db + " belongs to root, and this is nobody: run every command as the user that runs the bot. " +
		"To give that user the files: sudo chown nobody " + db + "\n"
	for _, args := range [][]string{{"queue", "--config", conf}, {"run", "--until-idle", "--config", conf}} {
		if out := run(nobody, args...); !strings.Contains(out, want) {
			t.Errorf("%s says %s, want %s", args[0], out, want)
		}
	}
	done(t, os.Chown(db, nobody, nobody))
	for _, name := range []string{"imap.password", "smtp.password"} {
		done(t, os.Chmod(filepath.Join(dir, "conf", name), 0o644))
	}
	if out := run(1, "queue", "--config", conf); !strings.Contains(out, state+" belongs to nobody, and this is ") ||
		!strings.Contains(out, ", with sudo -u nobody\n") {
		t.Errorf("somebody else is told %s", out)
	}
}
