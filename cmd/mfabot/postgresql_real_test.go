//go:build real

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"mfabot/store/pgtest"
)

// TestRealPostgreSQLScripts runs the scripts that are not about a database's file on a server of PostgreSQL's, and those that are about it.
func TestRealPostgreSQLScripts(t *testing.T) {
	for _, dir := range []string{"script", "script-postgresql"} {
		t.Run(dir, func(t *testing.T) {
			pg := pgtest.Start(t)
			p := scripts(filepath.Join("testdata", dir))
			p.Files = onServer(t, dir)
			p.Dir = ""
			p.Cmds["server"] = positive(func(ts *testscript.TestScript, args []string) {
				need(ts, args, 1, "server down|up")
				if args[0] == "down" {
					pg.Down(t)
				} else {
					pg.Up(t)
				}
			})
			setup := p.Setup
			p.Setup = func(env *testscript.Env) error {
				url := pg.URL("mfabot", pg.Database(t))
				env.Setenv("DATABASE", url)
				office := filepath.Join(env.WorkDir, ".office")
				err := setup(env)
				if err == nil {
					err = os.CopyFS(office, os.DirFS(filepath.Join("testdata", "office")))
				}
				if err == nil {
					err = inPlaceOf(filepath.Join(office, "mfabot.toml"), "sqlite:mfabot.db", url)
				}
				env.Values[sceneKey{}].(*scene).templates = office
				return err
			}
			testscript.Run(t, p)
		})
	}
}

// onServer are the scripts of a folder that run on a server.
func onServer(t *testing.T, dir string) (files []string) {
	all, err := filepath.Glob(filepath.Join("testdata", dir, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range all {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if dir != "script" || bytes.Contains(text, []byte("\noffice\n")) && !bytes.Contains(text, []byte("mfabot.db")) &&
			!bytes.Contains(text, []byte("mfabot backup copy.db")) {
			files = append(files, file)
		}
	}
	return files
}

// inPlaceOf puts a text in the place of another in a file.
func inPlaceOf(file, old, text string) error {
	was, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return os.WriteFile(file, bytes.ReplaceAll(was, []byte(old), []byte(text)), 0o600)
}
