package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/store"
	"mfabot/templates"
)

func newAudit(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:     "audit",
		Short:   "The audit of everything that happened",
		Example: "  mfabot audit verify",
		Args:    usage(cobra.NoArgs),
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newAuditVerify(a))
	return c
}

func newAuditVerify(a *app) *cobra.Command {
	var asJSON bool
	var root string
	c := &cobra.Command{
		Use:   "verify",
		Short: "Finds entries of the audit that were changed, removed or inserted",
		Long: `verify reads the whole audit and reports every entry that is not as mfabot wrote it,
is missing, or was inserted by somebody else. Entries whose text a purge removed are
intact. The bot may keep running, and nothing is changed.

The ends of the chains are sealed with the key beside the database, and the key's file
says so: missing seals are found too. With --root, the root from an email to the
auditor, it also reports whether what that email covers is unchanged. Nobody can fake
that, not even with write access to the database and the key.

What the bot acts on is sealed in the same way: requests, reviews, absences, exceptions
and when they end, what the directory is to be told, and emails. verify reports each
that mfabot did not write so and those that are missing, and works out from the audit
alone who is exempt until when. What is reported is not acted on. A note beside the key
says how far the database had come: an older copy in its place is reported too. Without the key, or
with another database's, that cannot be checked: verify says so, and fails.`,
		Example: "  mfabot audit verify\n  mfabot audit verify --root 8c1f... --json",
		Args:    usage(cobra.NoArgs),
		RunE: func(c *cobra.Command, args []string) error {
			root = strings.ToLower(root)
			if raw, err := hex.DecodeString(root); err != nil || root != "" && len(raw) != 32 {
				return usageError{fmt.Errorf("--root %q: expected the 64 hexadecimal digits of a root; see: %s --help",
					root, c.CommandPath())}
			}
			return a.withStoreFrom(bot.OpenUnchecked, func(ctx context.Context, db *store.Store, s *config.Settings) error {
				return a.verifyAudit(ctx, db, s, root, asJSON)
			})(c, args)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object for each fault, and one at the end")
	c.Flags().StringVar(&root, "root", "", "the root of a checkpoint, in `HEX`")
	return c
}

// faultView is a fault as --json shows it.
type faultView struct {
	Ref   string `json:"ref"` // "*" for the chain of all entries, "" for that of entries of no request
	Entry int64  `json:"entry,omitempty"`
	To    int64  `json:"to,omitempty"` // the last one, if several are concerned
	Of    int64  `json:"of"`
	Fault string `json:"fault"`
}

// rowView is a row that is not acted on, as --json shows it.
type rowView struct {
	Table string `json:"table"` // "*" for all of them
	Row   string `json:"row"`   // "*" for those of the table as such
	Fault string `json:"fault"`
}

// auditView is the result as --json shows it.
type auditView struct {
	Entries     int64      `json:"entries"`
	Chains      int64      `json:"chains"`
	Checkpoints int64      `json:"checkpoints"`
	Sealed      bool       `json:"sealed"` // whether the seals were checked
	Root        string     `json:"root,omitempty"`
	RootEntries int64      `json:"root_entries,omitempty"` // how many entries the given root covers
	RootAt      *time.Time `json:"root_at,omitempty"`      // when the last of them was recorded
	Beside      []string   `json:"beside,omitempty"`       // what others have added to the schema, which is no fault
	Faults      int        `json:"faults"`
	Whole       bool       `json:"whole"`
}

// verifyAudit checks the audit, prints what it found, and fails if there are faults.
func (a *app) verifyAudit(ctx context.Context, db *store.Store, s *config.Settings, root string, asJSON bool) error {
	key, err := config.ReadKey(s.KeyFile())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	g, stop := gauge(a.stderr)
	g.Begin("checking the audit", 0)
	db.Walked = g.Of
	found, err := db.CheckAudit(ctx, key, root)
	stop()
	if err != nil {
		return err
	}
	if lost := config.CheckNote(s.KeyFile()); errors.Is(lost, config.ErrNoNote) {
		fmt.Fprintf(a.stderr, "mfabot: warning: %s: whether the database is an older copy cannot be told\n", printable(lost.Error()))
	}
	unchecked := false
	if key.Secret == nil {
		if unchecked, err = db.Sealed(ctx); err != nil {
			return err
		}
	}
	if !asJSON {
		a.auditText(s, found, unchecked)
	} else if err := a.auditJSON(found, unchecked); err != nil {
		return err
	}
	n := len(found.Faults) + len(found.Rows)
	switch {
	case found.Foreign():
		return fmt.Errorf("%w than %s: nothing else was checked; copy back the key that belongs to the database",
			store.ErrOtherKey, s.KeyFile())
	case n > 0:
		return fmt.Errorf("the audit is not intact: %s", templates.Counted(n, "fault"))
	case unchecked:
		return fmt.Errorf("the audit was not checked as a whole: there is no key %s", s.KeyFile())
	}
	return nil
}

func (a *app) auditJSON(found *store.Audited, unchecked bool) error {
	for _, f := range found.Faults {
		v := faultView{Ref: f.Ref, Entry: f.First, Of: f.Of, Fault: string(f.What)}
		if f.Last > f.First {
			v.To = f.Last
		}
		if err := printJSON(a.stdout, v); err != nil {
			return err
		}
	}
	for _, r := range found.Rows {
		if err := printJSON(a.stdout, rowView{r.Table, r.Key, string(r.What)}); err != nil {
			return err
		}
	}
	v := auditView{Entries: found.Entries, Chains: found.Chains, Checkpoints: found.Checkpoints, Sealed: found.Sealed,
		Root: found.Root, RootEntries: found.Rooted.Entries, Beside: found.Beside, Faults: len(found.Faults) +
			len(found.Rows), Whole: found.Whole() && !unchecked}
	if v.RootEntries > 0 {
		v.RootAt = &found.Rooted.At
	}
	return printJSON(a.stdout, v)
}

func (a *app) auditText(s *config.Settings, found *store.Audited, unchecked bool) {
	for _, f := range found.Faults {
		fmt.Fprintln(a.stdout, printable(faultLine(f)))
	}
	for _, r := range found.Rows {
		fmt.Fprintln(a.stdout, printable(rowLine(r)))
	}
	if found.Foreign() {
		return
	}
	if r := found.Rooted; r.Entries > 0 {
		fmt.Fprintf(a.stdout, "The root covers the first %s, the last of them from %s.\n", templates.Counted(r.Entries, "entry"),
			moment(s, r.At))
	}
	how := "intact"
	if n := len(found.Faults) + len(found.Rows); n > 0 {
		how = templates.Counted(n, "fault")
	} else if unchecked {
		how = "no fault is seen without the key"
	}
	fmt.Fprintf(a.stdout, "%s in %s, %s: %s\n", templates.Counted(found.Entries, "entry"), templates.Counted(found.Chains, "chain"),
		templates.Counted(found.Checkpoints, "checkpoint"), how)
	for _, name := range found.Beside {
		fmt.Fprintf(a.stderr, "mfabot: warning: %s is not mfabot's, and changes nothing of what it does\n", printable(name))
	}
	switch {
	case unchecked:
		fmt.Fprintf(a.stdout, "NOT CHECKED: there is no key %s; neither the seals nor what mfabot acts on could be checked. "+
			"Copy back the key that belongs to the database.\n", s.KeyFile())
	case found.Sealed || found.Entries == 0:
	default:
		fmt.Fprintln(a.stderr, "mfabot: warning: nothing is sealed yet: `mfabot run` does that at its start")
	}
}

// faultLine is a fault in words.
func faultLine(f store.AuditFault) string {
	chain := cmp.Or(f.Ref, "entries of no request")
	if f.Ref == store.Everything {
		chain = "all entries"
	}
	switch {
	case f.First == 0 && f.Last == 0:
		return fmt.Sprintf("%s: %s", chain, f.What)
	case f.First == f.Last:
		return fmt.Sprintf("%s, entry %s of %s: %s", chain, templates.Count(f.First), templates.Count(f.Of), f.What)
	default:
		return fmt.Sprintf("%s, entries %s to %s of %s: %s", chain, templates.Count(f.First), templates.Count(f.Last),
			templates.Count(f.Of), f.What)
	}
}

// rowLine is a row that is not acted on in words.
func rowLine(r store.Refused) string {
	switch {
	case r.Table == "*":
		return "what mfabot acts on: " + string(r.What)
	case r.Key == store.Everything:
		return r.Table + ": " + string(r.What)
	}
	return r.String()
}
