// Command mfabot runs the MFA exception process of a mail service by email. Run "mfabot demo" to see it work.
//
// This package is the command line: a file for each subcommand, and the views that --json prints (view_*.go).
// Other programs rely on the fields of the views: new ones may be added, none is ever renamed. What the
// commands use is in internal: config reads the configuration, bot is the bot itself, demo plays the
// demonstration.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"mfabot/cmd/mfabot/internal/bot"
	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
)

// Exit statuses.
const (
	exitOK     = 0
	exitFailed = 1 // the command failed
	exitUsage  = 2 // the command line or the configuration is wrong
)

func main() { os.Exit(runMain(os.Args[1:], os.Stdout, os.Stderr)) }

// runMain runs one command line and returns its exit status.
func runMain(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// After the first signal the default handling is back, so that a second one ends the program at once.
	defer context.AfterFunc(ctx, stop)()

	root := newRoot(&app{stdout: stdout, stderr: stderr})
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	for line := range strings.SplitSeq(intake.MaskCodes(err.Error()), "\n") {
		fmt.Fprintln(stderr, "mfabot:", printable(line)) // servers' words may be in it
	}
	var usage usageError
	var config config.Error
	var miswritten intake.Miswritten
	if errors.As(err, &usage) || errors.As(err, &config) || errors.As(err, &miswritten) {
		return exitUsage
	}
	return exitFailed
}

// newRoot is the command line as a whole.
func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "mfabot",
		Short: "Runs the MFA exception process of a mail service by email",
		Long: `mfabot reads the requests that sites send by email, has reviewers decide on them
by email, tells the sites and the users, and ends each exception on time.`,
		Example:       "  mfabot demo\n  mfabot check --config mfabot.toml\n  mfabot run --config mfabot.toml",
		Version:       bot.Version(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          usage(cobra.NoArgs),
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.PersistentFlags().StringVar(&a.configPath, "config", os.Getenv("MFABOT_CONFIG"),
		"the configuration `FILE` (or MFABOT_CONFIG); left out: mfabot.toml here, or /etc/mfabot/mfabot.toml")
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w%s; see: %s --help", err, meantFlag(c, err), c.CommandPath())}
	})
	root.AddCommand(newRun(a), newDemo(a), newInit(a), newCheck(a), newDoctor(a), newLogin(a), newParse(a),
		newInbound(a), newWhy(a), newRequeue(a), newImport(a), newAccept(a), newQueue(a), newExceptions(a), newOutbound(a), newResend(a),
		newFind(a), newShow(a), newEvidence(a), newTemplates(), newPreview(a), newTodo(a), newDone(a),
		newGrant(a), newDecide(a), newCorrect(a), newClose(a), newDelegate(a), newAbsences(a), newRevoke(a), newLeavers(a), newReconcile(a),
		newAudit(a), newBackup(a), newRestore(a), newMigrate(a),
		newReport(a), newPurge(a), newHold(a), newErase(a), newExport(a),
		newHealth(a), newVersion(a), newCompletion(a), newPackage())
	root.InitDefaultHelpCmd()
	if help, _, err := root.Find([]string{"help"}); err == nil {
		help.Args = usage(topic)
	}
	completed(root)
	return root
}

// topic checks the arguments of help, which by itself explains mfabot if asked for a command that does not
// exist.
func topic(c *cobra.Command, args []string) error {
	if _, rest, err := c.Root().Find(args); err != nil || len(rest) > 0 {
		return fmt.Errorf("unknown command %q for %q", strings.Join(args, " "), c.Root().Name())
	}
	return nil
}

// meantFlag is what to add to an error of a flag that does not exist: which of those that do may be meant.
func meantFlag(c *cobra.Command, err error) string {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return ""
	}
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, "--"+f.Name) })
	return intake.DidYouMean("--"+unknown.GetSpecifiedName(), names)
}

// meant adds to an error of a command that does not exist which one of those that do may be meant.
func meant(c *cobra.Command, args []string, err error) error {
	within := c
	if c.Name() == "help" {
		within = c.Root()
	}
	var names []string
	for _, known := range within.Commands() {
		names = append(names, known.Name())
	}
	for _, given := range args {
		if word := intake.Meant(given, names); word != "" && word != given {
			return fmt.Errorf("%w: did you mean %s?", err, word)
		}
	}
	return err
}

// usage turns the errors of an argument check into usage errors.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		err := check(c, args)
		if err == nil {
			return nil
		}
		if c.HasSubCommands() || c.Name() == "help" {
			return usageError{fmt.Errorf("%w; see: %s --help", meant(c, args, err), c.CommandPath())}
		}
		return usageError{fmt.Errorf("expected: %s; see: %s --help", strings.TrimSuffix(c.UseLine(), " [flags]"), c.CommandPath())}
	}
}
