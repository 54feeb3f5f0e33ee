package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/store"
)

// What a page of a list may take of a register of that size.
const (
	listWithin = time.Second
	listMB     = 64
)

// BenchmarkLists runs every list and find on a register of 1.5 million exceptions, each in a process of its own, and prints how
// long it takes from the start of the process to its end, how much of that the processor works, and its peak of memory as the
// system counts it. It fails if a page takes 64 MB or a second of the processor, which is what a quiet machine takes, or if what is
// streamed as JSON takes 64 MB. A register takes minutes to make: REGISTER names a folder where it is kept for the next time.
func BenchmarkLists(b *testing.B) {
	r := newRegister(b)
	fmt.Printf("\n\n1.5 million exceptions; each command in a process of its own, the best of three.\n\n")
	fmt.Printf("%-50s %8s %8s %8s %9s\n", "command", "seconds", "of CPU", "peak MB", "lines")
	for _, line := range pagesOfLists {
		if worked := r.measure(b, line, 3); worked >= listWithin {
			b.Errorf("mfabot %s takes %s", line, worked)
		}
	}
	for _, line := range streams {
		r.measure(b, line, 1)
	}
	fmt.Println()
	b.ReportMetric(0, "ns/op") // says nothing of what is measured here
}

// pagesOfLists are the commands that print a page. Site F00775 has 167 exceptions, each by a request.
var pagesOfLists = []string{
	"exceptions", "exceptions --page 100", "exceptions --state active", "exceptions --state ended", "exceptions --state revoked",
	"exceptions --state superseded", "exceptions --site F00775", "exceptions --site F00775 --state active",
	"exceptions --since 2026-11-01", "exceptions --limit 200",
	"inbound", "inbound --state quarantined", "inbound --state decision", "inbound --site F00775",
	"inbound --site F00775 --state ignored",
	"outbound", "outbound --state queued", "outbound --state failed", "outbound --site F00775",
	"outbound --site F00775 --state failed",
	"queue", "queue --site F00775", "todo",
	"find number123456@", "find samuel f00775", "find nobody", "find sian number1499", "find pharmacy", "find F00775",
	"find LT-2024-00045", "show F00775", "show user.number1400005@pharmacy5005.test", "show LT-2024-00045", "why 20",
	"report", "report --from 2026-10-01 --to 2026-10-31 --csv",
}

// streams are the commands that print all of it, for programs: these take their time, and no more memory.
var streams = []string{"exceptions --state active --json", "exceptions --json", "inbound --json"}

// register is a folder with a configuration and the database.
type register struct{ dir, built string }

// measure runs a command line some times, and prints what the shortest took. It returns how long the processor
// worked on that.
func (r register) measure(b *testing.B, line string, times int) time.Duration {
	b.Helper()
	best := r.run(b, line)
	for range times - 1 {
		if again := r.run(b, line); again.Took < best.Took {
			best = again
		}
	}
	fmt.Printf("%-50s %8.2f %8.2f %8d %9d\n", line, best.Took.Seconds(), best.Worked.Seconds(), best.Peak, best.lines)
	if best.Peak >= listMB {
		b.Errorf("mfabot %s takes %d MB", line, best.Peak)
	}
	return best.Worked
}

// run is what one run of a command took.
type run struct {
	Took, Worked time.Duration
	Peak         int // MB

	lines int // of output
}

// run runs a command line, which must succeed.
func (r register) run(b *testing.B, line string) (took run) {
	b.Helper()
	c := exec.CommandContext(b.Context(), "mfabot-measured",
		append(strings.Fields(line), "--config", filepath.Join(r.dir, "mfabot.toml"))...)
	c.Env = append(os.Environ(), measuredFile+"="+filepath.Join(b.TempDir(), "took"), builtFile+"="+r.built)
	var out counting
	var said bytes.Buffer
	c.Stdout, c.Stderr = &out, &said
	if err := c.Run(); err != nil || said.Len() > 0 {
		b.Fatalf("mfabot %s: %v\n%s", line, err, said.String())
	}
	text, err := os.ReadFile(strings.TrimPrefix(c.Env[len(c.Env)-2], measuredFile+"="))
	if err == nil {
		err = json.Unmarshal(text, &took)
	}
	if err != nil {
		b.Fatal(err)
	}
	took.lines = out.lines
	return took
}

// counting counts lines.
type counting struct{ lines int }

func (c *counting) Write(p []byte) (int, error) {
	c.lines += bytes.Count(p, []byte("\n"))
	return len(p), nil
}

// These name, in the environment of mfabot-measured, the program that it runs and the file into which it writes what that took.
const (
	builtFile    = "MFABOT_BUILT"
	measuredFile = "MFABOT_MEASURED"
)

// measured runs mfabot as it is built, and writes down what that took. It is a process of its own because the peak of a process
// counts from that of the one that starts it: this one is smaller than mfabot, and a test is not.
func measured() {
	c := exec.Command(os.Getenv(builtFile), os.Args[1:]...)
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	began := time.Now()
	err := c.Run()
	took := run{Took: time.Since(began)}
	if usage, is := c.ProcessState.SysUsage().(*syscall.Rusage); err == nil && is {
		took.Worked, took.Peak = c.ProcessState.UserTime()+c.ProcessState.SystemTime(), int(usage.Maxrss>>10)
		var text []byte
		if text, err = json.Marshal(took); err == nil {
			err = os.WriteFile(os.Getenv(measuredFile), text, 0o600)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(exitFailed)
	}
}

// newRegister makes a register, unless there is one that was kept.
func newRegister(b *testing.B) register {
	b.Helper()
	r := register{os.Getenv("REGISTER"), filepath.Join(b.TempDir(), "mfabot")}
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-o", r.built, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	if r.dir == "" {
		r.dir = b.TempDir()
	}
	made := filepath.Join(r.dir, "made")
	if _, err := os.Stat(made); err == nil {
		return r
	}
	var sites strings.Builder
	sites.WriteString("ods_code,name,kind,mailbox,aliases,contacts\n")
	for i := range registeredSites {
		fmt.Fprintf(&sites, "F%05d,Number %d Pharmacy,pharmacy,pharmacy%d@nhs.test,,\n", i, i, i)
	}
	text, err := os.ReadFile(filepath.Join("testdata", "office", "mfabot.toml"))
	if err != nil {
		b.Fatal(err)
	}
	// Nothing is to be connected to.
	for name, content := range map[string]string{"sites.csv": sites.String(), "password": "none\n",
		"mfabot.toml": strings.NewReplacer("$IMAP", "127.0.0.1:1", "$SMTP", "127.0.0.1:1").Replace(string(text))} {
		if err := os.WriteFile(filepath.Join(r.dir, name), []byte(content), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	if err := r.fill(b.Context(), filepath.Join(r.dir, "mfabot.db")); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(made, nil, 0o600); err != nil {
		b.Fatal(err)
	}
	return r
}

const registeredSites = 9000

// fill writes the rows, and has them sealed as those of a database of before there were seals.
func (r register) fill(ctx context.Context, file string) error {
	db, err := store.Open(ctx, file)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	raw, err := sql.Open("sqlite3", file)
	if err != nil {
		return err
	}
	defer func() { _ = raw.Close() }()
	began := time.Now()
	for _, statement := range registerRows {
		if _, err := raw.ExecContext(ctx, statement, began.Unix()); err != nil {
			return fmt.Errorf("%w: %s", err, statement)
		}
	}
	fmt.Printf("\nwritten in %s\n", time.Since(began).Round(time.Second))
	keyFile := file + ".key"
	key, err := config.LoadKey(keyFile)
	if err != nil {
		return err
	}
	if err := db.Seal(ctx, key); err != nil {
		return err
	}
	err = db.SealRows(ctx, key, began, func(content string) error { return config.MarkSealed(keyFile, content) })
	fmt.Printf("sealed in %s\n", time.Since(began).Round(time.Second))
	return err
}

// registerRows write a register of ten years, as of the second $1: 1.5 million exceptions of which the last 200,000 are active, a
// request of 300,000 of them with a message and two letters each, 60,000 messages that came to nothing, 60 requests that wait,
// and 200 to-dos. One name in a hundred has an accent.
var registerRows = []string{`
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500000)
	INSERT INTO exception (ref, category, state, subject_email, subject_name, site_code, site_address, reason, note, granted_by,
		starts_at, ends_at, next_notice_at, closed_at, purged_at, superseded_by, directory_id, seal)
	SELECT printf('%s-%d-%05d', CASE WHEN i % 5 = 0 THEN 'LT' ELSE 'ST' END, 2017 + i / 150000, i % 150000),
		CASE WHEN i % 5 = 0 THEN 'long' ELSE 'short' END,
		CASE WHEN i > 1300000 THEN 'active' WHEN i % 100000 = 7 THEN 'revoked' ELSE 'ended' END,
		printf('user.number%d@pharmacy%d.test', i, i % 9000),
		CASE WHEN i % 100 = 0 THEN 'Siân' ELSE 'Samuel' END || ' Number' || i, printf('F%05d', i % 9000),
		printf('pharmacy%d@nhs.test', i % 9000), CASE WHEN i % 5 = 0 THEN 'secure-location' ELSE 'no-signal' END, '', 'Asha Patel',
		$1 - (1500000 - i) * 210, CASE WHEN i > 1300000 THEN $1 + (i - 1300000) * 70 ELSE $1 - (1500000 - i) * 210 + 86400 END,
		CASE WHEN i > 1300000 THEN $1 + (i - 1300000) * 70 ELSE 0 END,
		CASE WHEN i > 1300000 THEN 0 ELSE $1 - (1500000 - i) * 210 + 86400 END, 0, '', '', '' FROM n`, `
	INSERT INTO inbound (id, mailbox, uidvalidity, uid, digest, message_id, from_address, subject, size, header_only, received_at, checks,
		outcome, reason, ref, folder, filed_at, raw_purged_at)
	SELECT rowid, 'helpdesk', 7, rowid, hex(randomblob(32)), rowid || '@mail.test', site_address, 'MFA exception for ' || subject_name,
		9000, 0, starts_at - 86400, '[{"name":"sender","passed":true,"result":"believed without proof"}]', 'request', '', ref,
		'Processed', starts_at - 86300, starts_at FROM exception WHERE category = 'long' AND $1 > 0`, `
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
	INSERT INTO inbound (id, mailbox, uidvalidity, uid, digest, message_id, from_address, subject, size, header_only, received_at, checks,
		outcome, reason, ref, folder, filed_at, raw_purged_at)
	SELECT 2000000 + i, 'helpdesk', 7, 2000000 + i, hex(randomblob(32)), 'o' || i || '@mail.test',
		printf('pharmacy%d@nhs.test', i % 9000), 'Out of office: ' || i, 4000, 0, $1 - (60000 - i) * 5000, '[]',
			CASE WHEN i % 300 = 0 THEN 'quarantined' ELSE 'ignored' END,
		CASE WHEN i % 300 = 0 THEN 'unauthenticated' ELSE 'machine' END, '', 'Processed', $1 - (60000 - i) * 5000,
		$1 - (60000 - i) * 5000 FROM n`, `
	INSERT INTO request (ref, state, version, subject_email, subject_name, site_code, site_address, reason, justification, auth_method,
		requested_by, senders, received_at, waiting_since, lapses_at, renews, digest, inbound_id)
	SELECT ref, 'approved', 3, subject_email, subject_name, site_code, site_address, reason, 'Works where no phones are allowed.', 'yes',
		site_address, '', starts_at - 86400, starts_at - 86400, 0, '', hex(randomblob(32)), rowid FROM exception
	WHERE category = 'long' AND $1 > 0`, `
	WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
	INSERT INTO request (ref, state, version, subject_email, subject_name, site_code, site_address, reason, justification, auth_method,
		requested_by, senders, received_at, waiting_since, lapses_at, renews, digest, inbound_id)
	SELECT printf('LT-2027-%05d', 90000 + i), CASE WHEN i % 6 = 0 THEN 'needs-info' ELSE 'pending' END, 1,
		printf('new.number%d@pharmacy%d.test', i, i), 'Ada Number' || i, printf('F%05d', i), printf('pharmacy%d@nhs.test', i),
		'accessibility', 'Cannot hold a phone.', 'yes', printf('pharmacy%d@nhs.test', i), '', $1 - i * 40000,
			$1 - i * 40000, 0, '', hex(randomblob(32)), 5
	FROM n`, `
	INSERT INTO outbound (message_id, ref, template, why, recipient, answers_to, thread, facts, attach, answer, state, attempts,
		created_at, due_at, tried_at, sent_at, bounced_at, last_error)
	SELECT e.ref || to_whom || '@helpdesk.test', e.ref, 'granted', '',
		CASE to_whom WHEN 'site' THEN site_address ELSE subject_email END, '', '[]',
		json_object('audience', to_whom, 'subject', json_object('email', subject_email),
			'site', json_object('ods_code', site_code, 'name', 'Pharmacy', 'mailbox', site_address),
			'reason', json_object('id', 'secure-location', 'title', 'Persistent work in a secure location'),
			'starts', strftime('%Y-%m-%dT%H:%M:%SZ', starts_at, 'unixepoch'),
			'ends', strftime('%Y-%m-%dT%H:%M:%SZ', ends_at, 'unixepoch')),
		'[]', 0, CASE WHEN e.rowid % 30000 = 0 THEN 'failed' WHEN e.rowid > 1499900 THEN 'queued' ELSE 'sent' END, 1,
		starts_at, starts_at, starts_at,
		CASE WHEN e.rowid > 1499900 OR e.rowid % 30000 = 0 THEN 0 ELSE starts_at END, 0, ''
	FROM exception AS e, (SELECT 'site' AS to_whom UNION ALL SELECT 'user') WHERE category = 'long' AND $1 > 0`, `
	INSERT INTO action (ref, kind, state, attempts, created_at, due_at, taken_until, ended_at, alerted_at, last_error, subject_email)
	SELECT ref, 'apply', 'asked', 0, starts_at, starts_at, 0, 0, 0, '', subject_email FROM exception WHERE rowid > 1499800 AND $1 > 0`,
}
