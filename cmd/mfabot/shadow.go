package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/cmd/mfabot/internal/layout"
	"mfabot/cmd/mfabot/internal/shadow"
	"mfabot/intake"
)

// shadowing is what the flags of run say of its shadow.
type shadowing struct {
	on         bool
	out, since string
}

func (f *shadowing) flags(c *cobra.Command) {
	c.Flags().BoolVar(&f.on, "shadow", false, "change and send nothing, and write what would have been done into a folder")
	c.Flags().StringVar(&f.out, "out", "", "the `DIR` for that, new or empty; left out: mfabot-shadow- and the time, here")
	c.Flags().StringVar(&f.since, "since", "", "the first `DAY` to read with --shadow, such as 2026-11-02; "+
		"left out: since of the mailbox, or else a week ago")
}

func (f *shadowing) check() error {
	if !f.on && (f.out != "" || f.since != "") {
		return usageError{errors.New("--out and --since are for run --shadow: without --shadow, run writes to people")}
	}
	return nil
}

// look shows what run would do, and prints on w the sums and where the report is.
func (f shadowing) look(ctx context.Context, w io.Writer, s *config.Settings, log *slog.Logger, untilIdle bool) error {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGHUP) // of a terminal that is closed: nothing may stay behind
	defer stop()
	var since time.Time
	var err error
	if f.since != "" {
		if since, err = dayOf(s, "since", f.since, "2026-11-02"); err != nil {
			return err
		}
	}
	if f.out == "" {
		f.out = s.Now().In(s.Policy.Zone).Format("mfabot-shadow-20060102-150405")
	}
	if err := isFree(f.out); err != nil {
		return err
	}
	r := &shadowReport{dir: f.out, settings: s}
	sh, err := shadow.Open(ctx, s, shadow.Options{Dir: f.out, Since: since, Log: log, Tell: r.tell, Rest: r.rest})
	if err != nil {
		return err
	}
	r.lines, err = os.OpenFile(filepath.Join(f.out, "messages.jsonl"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return errors.Join(err, sh.Close())
	}
	log.Info("only looking: nothing is sent, and nothing in a mailbox is changed", "version", bot.Version(), "config", s.File,
		"report", r.path())
	run := sh.Run
	if untilIdle {
		run = sh.Settle
	}
	return bot.UntilStopped(ctx, bot.StopWithin, func(ctx context.Context) error {
		err := run(ctx)
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			err = nil
		}
		r.finish(s, sh, err, ctx.Err() != nil && untilIdle)
		err = errors.Join(err, sh.Close(), r.lines.Close(), r.write())
		return errors.Join(err, r.print(w))
	})
}

// isFree reports in an error that there is something in the folder for a report: nothing of another time may be in it.
func isFree(dir string) error {
	entries, err := os.ReadDir(dir)
	if len(entries) > 0 {
		return usageError{fmt.Errorf("--out %s: expected a new folder or an empty one, and there is %s in it", dir, entries[0].Name())}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// shadowReport is what run would have done, as it is written into a folder. It holds a line a message, no mail.
type shadowReport struct {
	dir      string
	settings *config.Settings
	seen     []shadowView
	lines    *os.File
	wrote    int      // how many were seen when the report was written last
	notes    []string // what else is to be said of how it was read
	failed   error
}

func (r *shadowReport) path() string { return filepath.Join(r.dir, "report.txt") }

// print prints the sums, and where the report is.
func (r *shadowReport) print(w io.Writer) error {
	for _, note := range r.notes {
		fmt.Fprintln(w, note)
	}
	fmt.Fprintln(w)
	if err := r.sums(w); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nreport: %s\n", r.path())
	return err
}

// tell takes a message down.
func (r *shadowReport) tell(seen shadow.Seen) error {
	v := viewShadow(r.settings, seen)
	r.seen = append(r.seen, v)
	if v.ID == 0 {
		return printJSON(r.lines, struct {
			Letters []shadowLetterView `json:"letters"`
		}{v.Letters})
	}
	return printJSON(r.lines, v)
}

// rest writes the report, if there is anything new.
func (r *shadowReport) rest() error {
	if r.wrote == len(r.seen) {
		return nil
	}
	r.wrote = len(r.seen)
	return r.write()
}

// finish notes what is known at the end.
func (r *shadowReport) finish(s *config.Settings, sh *shadow.Shadow, failed error, cut bool) {
	for _, m := range s.Mailboxes {
		from, left := sh.Begins(m.Name)
		note := fmt.Sprintf("mailbox %q: read from %s on", m.Name, moment(s, from))
		if left > 0 {
			note += fmt.Sprintf("; older, and left unread: %d (--since names another day)", left)
		}
		r.notes = append(r.notes, note)
	}
	if n := sh.Held(); n > 0 {
		r.notes = append(r.notes,
			fmt.Sprintf("not taken, as their sender could not be judged or their files not be checked just now: %d", n))
	}
	r.failed = failed
	if cut {
		r.notes = append(r.notes, "it was stopped before all was read")
	}
}

// write writes the report for people, in the place of the one before.
func (r *shadowReport) write() error {
	var text strings.Builder
	s := r.settings
	fmt.Fprintf(&text, "What mfabot run would have done, by %s.\n", moment(s, s.Now()))
	fmt.Fprintln(&text, "Nothing was sent, and nothing in a mailbox was changed. Each message was taken")
	fmt.Fprintln(&text, "as if it had just come. Nobody decides here, and the directory was not asked.")
	fmt.Fprintln(&text)
	tellBelieved(&text, s)
	for _, note := range r.notes {
		fmt.Fprintln(&text, note)
	}
	if r.failed != nil {
		fmt.Fprintln(&text, "it failed:", printable(intake.MaskCodes(r.failed.Error())))
	}
	fmt.Fprintln(&text)
	if err := r.sums(&text); err != nil {
		return err
	}
	if len(r.seen) > 0 {
		fmt.Fprintln(&text)
		t := newTable(&text, true, layout.Column{Head: "NO", Number: true}, layout.Column{Head: "CAME"}, layout.Column{Head: "FROM"},
			layout.Column{Head: "OUTCOME"})
		var err error
		for _, v := range r.seen {
			if v.ID > 0 {
				err = errors.Join(err, t.row(strconv.FormatInt(v.ID, 10), v.came(s), orDash(v.From), v.Says))
			}
		}
		if err := errors.Join(err, t.flush()); err != nil {
			return err
		}
		for _, v := range r.seen {
			v.print(&text, s)
		}
	}
	next := r.path() + ".new"
	if err := os.WriteFile(next, []byte(text.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(next, r.path())
}

// sums are how many messages would have been what, who wrote that the register does not have, and how many letters would have gone
// out.
func (r *shadowReport) sums(w io.Writer) error {
	said, strangers, sent := make(map[string]int), make(map[string]int), make(map[string]int)
	for _, v := range r.seen {
		if v.ID > 0 {
			said[v.Says]++
		}
		if v.Reason == string(intake.WhyNotRegistered) {
			strangers[v.From]++
		}
		for _, l := range v.Letters {
			sent[l.Template]++
		}
	}
	if len(said) == 0 {
		_, err := fmt.Fprintln(w, "no message was read")
		return err
	}
	err := printSums(w, "MESSAGES", "OUTCOME", said)
	if err == nil && len(strangers) > 0 {
		fmt.Fprintln(w)
		err = printSums(w, "MESSAGES", "FROM, IN NO ROW OF THE REGISTER", strangers)
	}
	if err == nil && len(sent) > 0 {
		fmt.Fprintln(w)
		err = printSums(w, "LETTERS", "TEMPLATE", sent)
	}
	return err
}

// printSums prints numbers of what, the largest first, and all together.
func printSums(w io.Writer, number, what string, sums map[string]int) error {
	t := newTable(w, false, layout.Column{Head: number, Number: true}, layout.Column{Head: what})
	var err error
	all := 0
	for _, name := range byNumber(sums) {
		err = errors.Join(err, t.row(strconv.Itoa(sums[name]), name))
		all += sums[name]
	}
	return errors.Join(err, t.row(strconv.Itoa(all), "in all"), t.flush())
}

// byNumber are the names of numbers, the largest first.
func byNumber(n map[string]int) []string {
	var names []string
	for name := range n {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if n[a] != n[b] {
			return n[b] - n[a]
		}
		return strings.Compare(a, b)
	})
	return names
}
