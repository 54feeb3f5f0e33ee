package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"mfabot/cmd/mfabot/internal/post"
)

// cmdLooks makes sure that the commands say of a state that was thawed all that they
// said before, in whatever order. They may say more, and the subjects of letters are words that may change:
//
//	looks
func cmdLooks(ts *testscript.TestScript, _ []string) {
	views, err := os.ReadDir(ts.MkAbs("views"))
	ts.Check(err)
	for _, view := range views {
		command := strings.TrimSuffix(view.Name(), ".json")
		ts.Check(ts.Exec("mfabot", append(strings.Fields(command), "--json")...))
		before, now := readLines(ts, filepath.Join("views", view.Name())), readLines(ts, "stdout")
		if len(before) != len(now) {
			ts.Fatalf("mfabot %s says %d lines, and said %d", command, len(now), len(before))
		}
		which := func(a, b map[string]any) int { return strings.Compare(fmt.Sprint(a["id"], a["ref"]), fmt.Sprint(b["id"], b["ref"])) }
		slices.SortStableFunc(before, which)
		slices.SortStableFunc(now, which)
		for i := range before {
			if command == "outbound" {
				delete(before[i], "subject")
			}
			if lost := lacking(before[i], now[i]); lost != "" {
				ts.Fatalf("mfabot %s, of %v %v: %s", command, before[i]["id"], before[i]["ref"], lost)
			}
		}
	}
}

// readLines reads objects of JSON, one a line.
func readLines(ts *testscript.TestScript, file string) []map[string]any {
	var out []map[string]any
	for line := range strings.Lines(ts.ReadFile(file)) {
		dec := json.NewDecoder(strings.NewReader(line))
		dec.UseNumber()
		var v map[string]any
		ts.Check(dec.Decode(&v))
		out = append(out, v)
	}
	return out
}

// lacking says what of a JSON value is not in another; empty for nothing.
func lacking(before, now any) string {
	switch before := before.(type) {
	case map[string]any:
		now, _ := now.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(before)) {
			if lost := lacking(before[name], now[name]); lost != "" {
				return name + ": " + lost
			}
		}
		return ""
	case []any:
		now, _ := now.([]any)
		if len(before) != len(now) {
			return fmt.Sprintf("%d of %d", len(now), len(before))
		}
		for i := range before {
			if lost := lacking(before[i], now[i]); lost != "" {
				return fmt.Sprintf("%d: %s", i, lost)
			}
		}
		return ""
	}
	if before != now {
		return fmt.Sprintf("it was %v, and is %v", before, now)
	}
	return ""
}

// cmdTells makes sure that somebody got one letter, and no more, with a subject that
// matches, and with each of these facts in it, in its header or in the Content-Type of a
// part:
//
//	tells ADDRESS SUBJECTPATTERN FACT...
func cmdTells(ts *testscript.TestScript, args []string) {
	need(ts, args, 2, "tells ADDRESS SUBJECTPATTERN FACT...")
	subject := regexp.MustCompile(args[1])
	n, lacks := 0, ""
	for _, m := range sceneOf(ts).inbox(ts, args[0]) {
		text := letterText(ts, m.Raw)
		if first, _, _ := strings.Cut(strings.TrimPrefix(text, "Subject: "), "\n"); !subject.MatchString(first) {
			continue
		}
		text += fmt.Sprintf("%s\n%s\n", strings.Join(parseDraft(m.Raw).fields, "\n"), typeOfPart.FindAll(m.Raw, -1))
		i := slices.IndexFunc(args[2:], func(fact string) bool { return !strings.Contains(text, fact) })
		if i < 0 {
			n++
		} else {
			lacks += fmt.Sprintf("%q is not in:\n%s", args[2+i], text)
		}
	}
	if n != 1 {
		ts.Fatalf("%s has %d such letters, expected one\n%s", args[0], n, lacks)
	}
}

var typeOfPart = regexp.MustCompile(`(?mi)^Content-Type: [a-z]+/[a-z]+`)

// cmdArrives makes sure that every letter of a list, as outbound --json writes it, is
// in the inbox of whom it is to exactly once, with its Message-ID, where that is
// somebody with an account:
//
//	arrives FILE
func cmdArrives(ts *testscript.TestScript, args []string) {
	need(ts, args, 1, "arrives FILE")
	s := sceneOf(ts)
	inboxes := make(map[string][]post.Received)
	for _, account := range strings.Fields(ts.ReadFile("accounts")) {
		inboxes[account] = s.inbox(ts, account)
	}
	for _, letter := range readLines(ts, args[0]) {
		to := letter["to"].([]any)[0].(string)
		inbox, there := inboxes[to]
		if !there || letter["state"] == "failed" {
			continue
		}
		n := 0
		for _, m := range inbox {
			if bytes.Contains(bytes.ToLower(m.Raw), []byte("\r\nmessage-id: <"+letter["message_id"].(string)+">\r\n")) {
				n++
			}
		}
		if n != 1 {
			ts.Fatalf("letter %v (%v) to %s is there %d times", letter["id"], letter["template"], to, n)
		}
	}
}
