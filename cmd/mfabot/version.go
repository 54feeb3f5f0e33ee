package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
)

// versionView is what was built, and from what.
type versionView struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	At       string `json:"committed_at,omitempty"`
	Changed  bool   `json:"changed,omitempty"` // since that commit
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func viewVersion() versionView {
	v := versionView{Version: bot.Version(), Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.time":
			v.At = s.Value
		case "vcs.modified":
			v.Changed = s.Value == "true"
		}
	}
	return v
}

func newVersion(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "version",
		Short: "Shows the version, and what it was built from",
		Long: `version shows the version of this program, the commit that it was built from, and
with which Go and for what platform: what a report of a fault should say.`,
		Example: "  mfabot version\n  mfabot version --json",
		Args:    usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			v := viewVersion()
			if asJSON {
				return printJSON(a.stdout, v)
			}
			fmt.Fprintln(a.stdout, "mfabot", v.Version)
			if v.Commit != "" {
				fmt.Fprintf(a.stdout, "commit %s of %s", v.Commit, v.At)
				if v.Changed {
					fmt.Fprint(a.stdout, ", with changes")
				}
				fmt.Fprintln(a.stdout)
			}
			fmt.Fprintf(a.stdout, "%s, %s\n", v.Go, v.Platform)
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object")
	return c
}
