package main

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"mfabot": main, "mfabot-measured": measured, "mfabot-profiled": profiled,
		"mfabot-sink": actAsSink, "story-directory": actAsDirectory})
}

// TestScripts runs the scripts in testdata/script. They run the real main, and with "office" on real mail
// servers.
func TestScripts(t *testing.T) {
	testscript.Run(t, scripts(filepath.Join("testdata", "script")))
}

// scripts are those in a folder, with the commands that they can give.
func scripts(dir string) testscript.Params {
	return testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			// Otherwise the race detector waits for a second at the end of every process.
			env.Setenv("GORACE", "atexit_sleep_ms=0 "+os.Getenv("GORACE"))
			if err := hide(env.WorkDir); err != nil {
				return err
			}
			here, err := os.Getwd()
			env.Values[sceneKey{}] = &scene{templates: filepath.Join(here, "testdata", "office")}
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"authority": positive(cmdAuthority),
			"brings":    positive(cmdBrings),
			"capture":   positive(cmdCapture),
			"clock":     positive(cmdClock),
			"closes":    positive(cmdCloses),
			"damages":   positive(cmdDamages),
			"drops":     positive(cmdDrops),
			"edit":      positive(cmdEdit),
			"exits":     positive(cmdExits),
			"holds":     positive(cmdHolds),
			"jsonget":   positive(cmdJSONGet),
			"jsonhas":   cmdJSONHas,
			"lines":     positive(cmdLines),
			"newer":     positive(cmdNewer),
			"older":     positive(cmdOlder),
			"paper":     positive(cmdPaper),
			"office":    positive(cmdOffice),
			"reads":     positive(cmdReads),
			"receives":  positive(cmdReceives),
			"replies":   positive(cmdReplies),
			"revokes":   positive(cmdRevokes),
			"tampers":   positive(cmdTampers),
			"terminate": positive(cmdTerminate),
			"tomorrow":  positive(cmdTomorrow),
			"tries":     positive(cmdTries),
			"until":     positive(cmdUntil),
			"writes":    positive(cmdWrites),
		},
	}
}

// hide takes the permissions of others from the files of a script, as some of them are secrets.
func hide(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.Chmod(path, info.Mode()&^0o077)
	})
}

// positive is a command for which "!" makes no sense.
func positive(cmd func(*testscript.TestScript, []string)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg {
			ts.Fatalf("! is not supported here")
		}
		cmd(ts, args)
	}
}

// need stops a script that gives a command too few arguments.
func need(ts *testscript.TestScript, args []string, least int, usage string) {
	if len(args) < least {
		ts.Fatalf("usage: %s", usage)
	}
}

// cmdExits runs a command and compares its exit status exactly:
//
//	exits STATUS COMMAND ARG...
func cmdExits(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, "exits STATUS COMMAND ARG...")
	err := ts.Exec(args[1], args[2:]...)
	status := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		status = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(status) != args[0] {
		ts.Fatalf("exit status %d, expected %s", status, args[0])
	}
}

// cmdEdit writes a copy of a file with one text replaced, in which \n stands for a line break:
//
//	edit FROM TO OLD NEW
func cmdEdit(ts *testscript.TestScript, args []string) {
	need(ts, args, 4, "edit FROM TO OLD NEW")
	text := ts.ReadFile(args[0])
	if n := strings.Count(text, args[2]); n != 1 {
		ts.Fatalf("%q is %d times in %s, expected once", args[2], n, args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.Replace(text, args[2], strings.ReplaceAll(args[3], `\n`, "\n"), 1)), 0o600))
}

// cmdClock moves the clock of the bot, and of who writes to it, to so long after a Monday's noon in London, so that it is by day
// whenever the script is run:
//
//	clock DURATION
func cmdClock(ts *testscript.TestScript, args []string) {
	need(ts, args, 1, "clock DURATION")
	days, isDays := strings.CutSuffix(args[0], "d")
	if n, err := strconv.Atoi(days); err == nil && isDays {
		args[0] = strconv.Itoa(24*n) + "h"
	}
	after, err := time.ParseDuration(args[0])
	ts.Check(err)
	s := sceneOf(ts)
	if s.monday == 0 {
		london, err := time.LoadLocation("Europe/London")
		ts.Check(err)
		now := time.Now().In(london)
		noon := time.Date(now.Year(), now.Month(), now.Day()+7-(int(now.Weekday())+6)%7, 12, 0, 0, 0, london)
		s.monday = time.Until(noon).Round(time.Millisecond)
	}
	s.ahead, s.written = s.monday+after, 0
	s.office.SetClock(s.now)
	text := regexp.MustCompile(`clock_offset = ".*"`).ReplaceAllString(ts.ReadFile("mfabot.toml"), `clock_offset = "`+s.ahead.String()+`"`)
	ts.Check(os.WriteFile(ts.MkAbs("mfabot.toml"), []byte(text), 0o600))
}

// cmdCapture puts what the first group of a pattern matches into the environment:
//
//	capture VARIABLE FILE PATTERN
func cmdCapture(ts *testscript.TestScript, args []string) {
	need(ts, args, 3, "capture VARIABLE FILE PATTERN")
	m := regexp.MustCompile("(?m)" + args[2]).FindStringSubmatch(ts.ReadFile(args[1]))
	if len(m) < 2 {
		ts.Fatalf("no match for %q in %s", args[2], args[1])
	}
	ts.Setenv(args[0], m[1])
}

// cmdLines counts the lines of a file:
//
//	lines FILE NUMBER
func cmdLines(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, "lines FILE NUMBER")
	if n := strings.Count(ts.ReadFile(args[0]), "\n"); strconv.Itoa(n) != args[1] {
		ts.Fatalf("%s has %d lines, expected %s", args[0], n, args[1])
	}
}

// cmdNewer makes a database look as if a later version had written it:
//
//	newer FILE
func cmdNewer(ts *testscript.TestScript, args []string) {
	need(ts, args, 1, "newer FILE")
	db, err := sql.Open("sqlite3", ts.MkAbs(args[0]))
	ts.Check(err)
	defer func() { ts.Check(db.Close()) }()
	_, err = db.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`)
	ts.Check(err)
}

// cmdOlder makes a database say that an older version has written it:
//
//	older FILE
func cmdOlder(ts *testscript.TestScript, args []string) {
	need(ts, args, 1, "older FILE")
	db, err := sql.Open("sqlite3", ts.MkAbs(args[0]))
	ts.Check(err)
	defer func() { ts.Check(db.Close()) }()
	_, err = db.Exec(`DELETE FROM goose_db_version WHERE version_id = (SELECT MAX(version_id) FROM goose_db_version)`)
	ts.Check(err)
}

// cmdTomorrow puts the day after today, in UTC, into the environment:
//
//	tomorrow VARIABLE
func cmdTomorrow(ts *testscript.TestScript, args []string) {
	need(ts, args, 1, "tomorrow VARIABLE")
	ts.Setenv(args[0], time.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly))
}

// cmdTerminate sends SIGTERM to what runs in the background, and kills what does not stop in time, so that
// "wait" fails:
//
//	terminate TIME
func cmdTerminate(ts *testscript.TestScript, args []string) {
	need(ts, args, 1, "terminate TIME")
	limit, err := time.ParseDuration(args[0])
	ts.Check(err)
	for _, cmd := range ts.BackgroundCmds() {
		ts.Check(cmd.Process.Signal(syscall.SIGTERM))
		late := time.AfterFunc(limit, func() { _ = cmd.Process.Kill() })
		ts.Defer(func() { late.Stop() })
	}
}

// cmdJSONHas looks for a line of JSON that fulfils every check:
//
//	[!] jsonhas FILE CHECK...
//
// A check is path=value, path=@path+duration, path~pattern, path (it is there) or !path (it is not), where a
// path is names and indices, such as evidence.0.filename. Objects and arrays are compared as compact JSON,
// with the names in alphabetical order.
func cmdJSONHas(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, args, 2, "jsonhas FILE CHECK...")
	v, found := findJSON(ts, args[0], args[1:])
	if found && neg {
		ts.Fatalf("there is such a line in %s", args[0])
	}
	if !found && !neg {
		ts.Fatalf("there is no such line in %s:\n%s", args[0], v)
	}
}

// cmdJSONGet puts a value of the first line that fulfils every check into the environment:
//
//	jsonget VARIABLE FILE PATH CHECK...
func cmdJSONGet(ts *testscript.TestScript, args []string) {
	need(ts, args, 3, "jsonget VARIABLE FILE PATH CHECK...")
	v, found := findJSON(ts, args[1], args[3:])
	value, there := lookUp(v, args[2])
	if !found || !there {
		ts.Fatalf("no %s in:\n%s", args[2], ts.ReadFile(args[1]))
	}
	ts.Setenv(args[0], value)
}

// findJSON returns the first line of JSON that fulfils every check, or else a text that says what each line
// lacks.
func findJSON(ts *testscript.TestScript, file string, checks []string) (v any, found bool) {
	lacks := ""
	for line := range strings.Lines(ts.ReadFile(file)) {
		dec := json.NewDecoder(strings.NewReader(line))
		dec.UseNumber()
		var v any
		if err := dec.Decode(&v); err != nil {
			ts.Fatalf("%v in: %s", err, line)
		}
		i := slices.IndexFunc(checks, func(check string) bool { return !holds(ts, v, check) })
		if i < 0 {
			return v, true
		}
		lacks += checks[i] + " is not so in: " + line
	}
	return lacks, false
}

// holds reports whether a check holds for a JSON value.
func holds(ts *testscript.TestScript, v any, check string) bool {
	if path, not := strings.CutPrefix(check, "!"); not {
		_, there := lookUp(v, path)
		return !there
	}
	at := strings.IndexAny(check, "=~")
	if at < 0 {
		_, there := lookUp(v, check)
		return there
	}
	got, there := lookUp(v, check[:at])
	want := check[at+1:]
	if check[at] == '~' {
		ok, err := regexp.MatchString(want, got)
		ts.Check(err)
		return there && ok
	}
	if other, later := strings.CutPrefix(want, "@"); later {
		from, plus, _ := strings.Cut(other, "+")
		base, _ := lookUp(v, from)
		start, err := time.Parse(time.RFC3339, base)
		ts.Check(err)
		d, err := time.ParseDuration(plus)
		ts.Check(err)
		want = start.Add(d).Format(time.RFC3339)
	}
	return there && got == want
}

// lookUp returns the value at a path, as a text.
func lookUp(v any, path string) (text string, there bool) {
	for name := range strings.SplitSeq(path, ".") {
		switch node := v.(type) {
		case map[string]any:
			if v, there = node[name]; !there {
				return "", false
			}
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(node) {
				return "", false
			}
			v = node[i]
		default:
			return "", false
		}
	}
	if s, ok := v.(string); ok {
		return s, true
	}
	b, err := json.Marshal(v)
	return string(b), err == nil
}

// cmdTries runs a command that may fail as well:
//
//	tries COMMAND ARG...
func cmdTries(ts *testscript.TestScript, args []string) {
	need(ts, args, 1, "tries COMMAND ARG...")
	_ = ts.Exec(args[0], args[1:]...)
}

// cmdUntil runs a command until it says something on standard error, and stops it then:
//
//	until WORDS COMMAND ARG...
func cmdUntil(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, "until WORDS COMMAND ARG...")
	path := ""
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if found := filepath.Join(dir, args[1]); path == "" {
			if _, err := os.Stat(found); err == nil {
				path = found
			}
		}
	}
	c := exec.Command(path, args[2:]...)
	c.Dir = ts.MkAbs(".")
	c.Env = append(os.Environ(), "MFABOT_CONFIG="+ts.Getenv("MFABOT_CONFIG"))
	said, err := c.StderrPipe()
	ts.Check(err)
	ts.Check(c.Start())
	for lines := bufio.NewScanner(said); lines.Scan(); {
		if strings.Contains(lines.Text(), args[0]) {
			ts.Check(c.Process.Signal(syscall.SIGTERM))
		}
	}
	ts.Check(c.Wait())
}
