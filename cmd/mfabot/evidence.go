package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/store"
)

func newEvidence(a *app) *cobra.Command {
	var out string
	c := &cobra.Command{
		Use:     "evidence REF --out DIR",
		Short:   "Writes the evidence of a request to a folder",
		Example: "  mfabot evidence LT-2026-00042 --out evidence",
		Args:    usage(cobra.ExactArgs(1)),
		RunE: func(c *cobra.Command, args []string) error {
			if out == "" {
				return usageError{errors.New("expected --out DIR, the folder to write to")}
			}
			ref, err := refGiven(args[0])
			if err != nil {
				return err
			}
			return a.withStore(func(ctx context.Context, db *store.Store, _ *config.Settings) error {
				r, err := db.Request(ctx, ref)
				if err != nil {
					return noRequest(ctx, db, ref, err)
				}
				return a.writeEvidence(ctx, db, r, out)
			})(c, args)
		},
	}
	c.Flags().StringVar(&out, "out", "", "the `DIR`ectory to write to, created if it does not exist")
	return c
}

// writeEvidence writes the files that count under their own names; of two with the same name it numbers the
// second. It never overwrites a file.
func (a *app) writeEvidence(ctx context.Context, db *store.Store, r *intake.Request, dir string) error {
	if slices.ContainsFunc(r.Evidence, func(e intake.Evidence) bool { return e.Counts && e.Purged }) {
		if len(r.Counting()) == 0 {
			return fmt.Errorf("the evidence of %s is %w", r.Ref, intake.ErrPurged)
		}
		fmt.Fprintf(a.stderr, "mfabot: some of the evidence of %s is %v\n", r.Ref, intake.ErrPurged)
	}
	if len(r.Counting()) == 0 {
		return fmt.Errorf("%s has no evidence that counts", r.Ref)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	taken := make(map[string]bool)
	for _, e := range r.Counting() {
		name := e.Filename
		for i := 2; taken[name]; i++ {
			ext := filepath.Ext(e.Filename)
			name = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(e.Filename, ext), i, ext)
		}
		taken[name] = true
		path := filepath.Join(dir, filepath.Base(name))
		if err := writePart(ctx, bot.NewAttachments(db), e, path); err != nil {
			return err
		}
		fmt.Fprintln(a.stdout, path)
	}
	return nil
}

// writePart writes one piece of evidence to a new file.
func writePart(ctx context.Context, p *bot.Attachments, e intake.Evidence, path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = errors.Join(p.Evidence(ctx, e.InboundID, e.Part, f), f.Close())
	if err != nil {
		_ = os.Remove(path) // it is incomplete
	}
	return err
}
