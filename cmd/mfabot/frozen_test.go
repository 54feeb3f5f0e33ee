package main

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"

	"mfabot/cmd/mfabot/internal/post"
	"mfabot/store"
)

var freeze = flag.String("freeze", "", "have TestFrozen write testdata/frozen/`VERSION`.tar.zst first")

// TestFrozen: what versions before left in the middle of everything, a database with its key and configuration,
// mailboxes and a directory, this one goes on with. The scripts in testdata/frozen/goes-on tell how. With -freeze,
// which is given by hand once for each version, this one first leaves a service in the middle of everything too: see
// testdata/frozen/README.md.
func TestFrozen(t *testing.T) {
	t.Parallel()
	if *freeze != "" {
		t.Run("freeze", func(t *testing.T) {
			p := frozenScripts(t, filepath.Join("testdata", "frozen", *freeze+".tar.zst"))
			p.Files = []string{filepath.Join("testdata", "frozen", "story.txtar")}
			testscript.Run(t, p)
		})
	}
	states, err := filepath.Glob(filepath.Join("testdata", "frozen", "*.tar.zst"))
	done(t, err)
	if len(states) == 0 {
		t.Fatal("no version has left anything")
	}
	for _, state := range states {
		t.Run(strings.TrimSuffix(filepath.Base(state), ".tar.zst"), func(t *testing.T) {
			p := frozenScripts(t, state)
			p.Dir = filepath.Join("testdata", "frozen", "goes-on")
			testscript.Run(t, p)
		})
	}
}

// frozenScripts run on a state that is in a file, or will be.
func frozenScripts(t *testing.T, state string) testscript.Params {
	t.Helper()
	state, err := filepath.Abs(state)
	done(t, err)
	p := scripts("")
	setup := p.Setup
	p.Setup = func(env *testscript.Env) error {
		env.Setenv("STATE", state)
		env.Setenv("MFABOT_CONFIG", liveConfig)
		return setup(env)
	}
	maps.Copy(p.Cmds, map[string]func(*testscript.TestScript, bool, []string){
		"arrives": positive(cmdArrives),
		"asks":    positive(cmdAsks),
		"at":      positive(cmdAt),
		"away":    positive(cmdAway),
		"cuts":    positive(cmdCuts),
		"dies":    positive(cmdDies),
		"freezes": positive(cmdFreezes),
		"looks":   positive(cmdLooks),
		"opens":   positive(cmdOpens),
		"tells":   positive(cmdTells),
		"thaws":   positive(cmdThaws),
	})
	return p
}

// liveConfig is mfabot.toml with the addresses of the servers and the time in it.
const liveConfig = "live.toml"

// cmdOpens starts mail servers with the accounts in the file accounts, and with the mail
// in the folder mail where that is there. Messages that are written from now on come in with the
// proof of who sent them. In mfabot.toml, $IMAP and $SMTP stand for the servers,
// $HELPDESK for that of the service's own mailbox, and $CLAMD for where nobody listens:
//
//	opens
func cmdOpens(ts *testscript.TestScript, _ []string) {
	s := ts.Value(sceneKey{}).(*scene)
	accounts := strings.Fields(ts.ReadFile("accounts"))
	var err error
	s.office, err = post.Embedded(context.Background(), accounts)
	ts.Check(err)
	ts.Defer(func() { ts.Check(s.office.Close()) })
	s.proven = true
	imap, smtp, nobody := s.office.IMAPAddr, s.office.SMTPAddr, "127.0.0.1:1"
	s.config = map[string]string{"IMAP": imap, "HELPDESK": imap, "SMTP": smtp, "CLAMD": nobody}
	for _, name := range []string{"password", "smtp.password"} {
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(s.office.Password+"\n"), 0o600))
	}
	s.restore(ts, ts.MkAbs("mail"))
}

// cmdAt sets the clock:
//
//	at MOMENT
func cmdAt(ts *testscript.TestScript, args []string) {
	need(ts, args, 1, "at MOMENT")
	s := sceneOf(ts)
	moment, err := time.Parse(time.RFC3339, args[0])
	ts.Check(err)
	s.ahead, s.written = time.Until(moment).Round(time.Millisecond), 0
	s.office.SetClock(s.now)
	s.config["OFFSET"] = s.ahead.String()
	s.configure(ts)
}

// configure writes the configuration as it is now.
func (s *scene) configure(ts *testscript.TestScript) {
	text := os.Expand(ts.ReadFile("mfabot.toml"), func(name string) string { return s.config[name] })
	ts.Check(os.WriteFile(ts.MkAbs(liveConfig), []byte(text), 0o600))
}

// frozenFiles are those of a state, besides the folders mail and views.
var frozenFiles = []string{"mfabot.db", "mfabot.db.key", "mfabot.toml", "policy.toml", "sites.csv",
	"accounts", "mfa-exempt", "users", "exempt", "moment"}

// cmdFreezes ends a story: it moves the state as it is, with what the commands say of it,
// into the file $STATE:
//
//	freezes
func cmdFreezes(ts *testscript.TestScript, _ []string) {
	s := sceneOf(ts)
	ts.Check(os.WriteFile(ts.MkAbs("moment"), []byte(s.now().UTC().Format(time.RFC3339)+"\n"), 0o600))
	ts.Check(os.MkdirAll(ts.MkAbs("state/views"), 0o700))
	for _, command := range frozenViews(ts) {
		ts.Check(ts.Exec("mfabot", append(strings.Fields(command), "--json")...))
		ts.Check(os.WriteFile(ts.MkAbs("state/views/"+command+".json"), []byte(ts.ReadFile("stdout")), 0o600))
	}
	s.save(ts, ts.MkAbs("state/mail"))
	for _, name := range frozenFiles {
		ts.Check(os.Rename(ts.MkAbs(name), ts.MkAbs("state/"+name)))
	}
	var packed bytes.Buffer
	zip, err := zstd.NewWriter(&packed, zstd.WithEncoderLevel(zstd.SpeedBestCompression))
	ts.Check(err)
	w := tar.NewWriter(zip)
	ts.Check(errors.Join(w.AddFS(os.DirFS(ts.MkAbs("state"))), w.Close(), zip.Close()))
	ts.Check(os.WriteFile(ts.Getenv("STATE"), packed.Bytes(), 0o600))
}

// frozenViews are the commands that show all of a state: on one line, without --json.
func frozenViews(ts *testscript.TestScript) []string {
	views := []string{"inbound", "outbound", "queue", "exceptions", "audit verify"}
	for _, list := range []string{"inbound", "exceptions"} {
		ts.Check(ts.Exec("mfabot", list, "--json"))
		for line := range strings.Lines(ts.ReadFile("stdout")) {
			var v struct {
				ID           int64
				Outcome, Ref string
			}
			ts.Check(json.Unmarshal([]byte(line), &v))
			if v.Outcome == "quarantined" {
				views = append(views, fmt.Sprint("why ", v.ID))
			}
			for ref := range strings.SplitSeq(v.Ref, ",") {
				if view := "show " + ref; ref != "" && !slices.Contains(views, view) {
					views = append(views, view)
				}
			}
		}
	}
	return views
}

// cmdThaws brings the state in the file $STATE back, with the clock at the moment at which
// it was frozen:
//
//	thaws
func cmdThaws(ts *testscript.TestScript, _ []string) {
	f, err := os.Open(ts.Getenv("STATE"))
	ts.Check(err)
	defer func() { _ = f.Close() }()
	zip, err := zstd.NewReader(f)
	ts.Check(err)
	defer zip.Close()
	for r := tar.NewReader(zip); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		ts.Check(err)
		if h.FileInfo().IsDir() {
			ts.Check(os.MkdirAll(ts.MkAbs(h.Name), 0o700))
			continue
		}
		content, err := io.ReadAll(r)
		ts.Check(err)
		ts.Check(os.WriteFile(ts.MkAbs(h.Name), content, h.FileInfo().Mode()))
	}
	// As `run` begins, and nothing else of it: commands that look leave an older schema alone.
	db, err := store.Open(context.Background(), ts.MkAbs("mfabot.db"))
	ts.Check(err)
	ts.Check(db.Close())
	cmdOpens(ts, nil)
	cmdAt(ts, []string{strings.TrimSpace(ts.ReadFile("moment"))})
}
