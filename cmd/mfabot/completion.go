package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mfabot/intake"
	"mfabot/notify/specimen"
)

// shells are those that can complete command lines.
func shells() []string { return []string{"bash", "fish", "zsh"} }

func newCompletion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|fish|zsh",
		Short: "Writes what a shell completes command lines with",
		Long: `completion writes what a shell needs to complete the command lines of mfabot. The package
of mfabot has it in place for all three.`,
		Example: "  mfabot completion bash > /etc/bash_completion.d/mfabot\n" +
			"  mfabot completion fish > ~/.config/fish/completions/mfabot.fish\n" +
			"  mfabot completion zsh > \"${fpath[1]}/_mfabot\"",
		ValidArgs: shells(),
		Args:      usage(cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs)),
		RunE:      func(c *cobra.Command, args []string) error { return complete(c.Root(), args[0], a.stdout) },
	}
}

func complete(root *cobra.Command, shell string, w io.Writer) error {
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(w, true)
	case "fish":
		return root.GenFishCompletion(w, true)
	case "zsh":
		return root.GenZshCompletion(w)
	}
	return fmt.Errorf("no such shell: %q", shell)
}

// offers are what a command line may have in one place, found when they are asked for.
type offers func() []string

// completions are the words that are the same for everybody, for arguments (by the command, and how many stand before) and for
// flags (by the command and the flag). A policy and emails of one's own may have others.
func completions() map[string]offers {
	the := func(all ...string) offers { return func() []string { return all } }
	return map[string]offers{
		"accept 0": the("sites", "clock"), "decide 1": the("approve", "reject", "info"),
		"preview 0": letters, "preview --lang": the(intake.English, intake.Welsh),
		"grant --reason": reasons(intake.Short), "correct --reason": reasons(intake.Long),
	}
}

// letters are the names of the emails.
func letters() (names []string) {
	for _, sample := range specimen.Letters() {
		names = append(names, string(sample.Letter.Template))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// reasons are those of the built-in policy.
func reasons(category intake.Category) offers {
	return func() []string {
		policy, err := intake.DefaultPolicy()
		if err != nil {
			return nil
		}
		if category == intake.Short {
			return policy.ShortTerm.IDs()
		}
		return policy.LongTerm.IDs()
	}
}

// completed has every command of a command line completed: with files where its usage says FILE, folders where it says DIR,
// with the words of the table, and with nothing else.
func completed(c *cobra.Command) {
	for _, below := range c.Commands() {
		completed(below)
	}
	table := completions()
	if c.ValidArgs == nil && !c.HasSubCommands() {
		c.ValidArgsFunction = func(_ *cobra.Command, before []string, _ string) ([]string, cobra.ShellCompDirective) {
			return offered(table[fmt.Sprint(c.Name(), " ", len(before))], c.Use)
		}
	}
	c.LocalFlags().VisitAll(func(f *pflag.Flag) {
		value, _ := pflag.UnquoteUsage(f)
		// The one error is that of a flag that is not there.
		_ = c.RegisterFlagCompletionFunc(f.Name, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return offered(table[c.Name()+" --"+f.Name], value)
		})
	})
}

// offered is what completes a place with these words, or with what its usage says.
func offered(all offers, usage string) ([]string, cobra.ShellCompDirective) {
	switch {
	case all != nil:
		return all(), cobra.ShellCompDirectiveNoFileComp
	case strings.Contains(usage, "FILE"):
		return nil, cobra.ShellCompDirectiveDefault
	case strings.Contains(usage, "DIR"):
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}
