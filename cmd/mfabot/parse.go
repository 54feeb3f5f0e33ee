package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/parser"
)

// parseView is what was read from one file.
type parseView struct {
	File  string `json:"file"`
	Error string `json:"error,omitempty"`
	*parser.Message
}

func newParse(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "parse FILE...",
		Short:   "Prints what the bot reads in messages, without a database",
		Example: "  mfabot parse request.eml\n  mfabot parse --json mail/*.eml | jq .decision",
		Args:    usage(cobra.MinimumNArgs(1)),
		RunE: func(_ *cobra.Command, files []string) error {
			policy, err := a.policy()
			if err != nil {
				return err
			}
			return inOrder(files, parseFile(policy), func(v parseView) error {
				if asJSON {
					return printJSON(a.stdout, v)
				}
				a.printMessage(v)
				return nil
			})
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a message")
	return c
}

// policy is the configured one, or the embedded one if there is no configuration.
func (a *app) policy() (*intake.Policy, error) {
	if a.configPath == "" {
		return intake.DefaultPolicy()
	}
	s, err := config.LoadBeside(a.configPath)
	if err != nil {
		return nil, err
	}
	return s.Policy, nil
}

// parseFile reads one file. Whatever is wrong with it goes into the view.
func parseFile(policy *intake.Policy) func(file string) parseView {
	p := parser.New(policy.Vocabulary())
	return func(file string) (v parseView) {
		v.File = file
		defer func() {
			if r := recover(); r != nil {
				v.Message, v.Error = nil, fmt.Sprintf("panic: %v", r)
			}
		}()
		f, err := os.Open(file)
		if err != nil {
			v.Error = err.Error()
			return v
		}
		defer func() { _ = f.Close() }()
		if v.Message, err = p.Parse(f); err != nil {
			v.Message, v.Error = nil, err.Error()
			return v
		}
		if v.Message.QuotedForm != nil {
			v.Message = v.Message.WithQuotedForm()
			v.Message.Warnings = append(v.Message.Warnings,
				"the form is quoted: it counts only in an answer to a letter of ours that asked for it")
		}
		policy.Restrict(v.Message)
		return v
	}
}

// inOrder works on as many of in at once as there are processors, and hands over the results in the order of
// in, keeping only a few at a time. When it returns, no work is going on.
func inOrder[In, Out any](in []In, work func(In) Out, hand func(Out) error) error {
	results := make(chan chan Out, 2*runtime.GOMAXPROCS(0))
	stop := make(chan struct{})
	var working sync.WaitGroup
	defer working.Wait()
	defer close(stop)
	working.Go(func() {
		defer close(results)
		slots := make(chan struct{}, runtime.GOMAXPROCS(0))
		for _, item := range in {
			result := make(chan Out, 1)
			select {
			case results <- result:
			case <-stop:
				return
			}
			slots <- struct{}{}
			working.Go(func() {
				defer func() { <-slots }()
				result <- work(item)
			})
		}
	})
	for result := range results {
		if err := hand(<-result); err != nil {
			return err
		}
	}
	return nil
}

// printMessage prints what was read from a file, for people.
func (a *app) printMessage(v parseView) {
	a.line("File", v.File)
	if v.Message == nil {
		a.line("Error", v.Error)
		return
	}
	m := v.Message
	a.line("From", m.From)
	a.line("Sender", m.Sender)
	a.line("Subject", m.Subject)
	if m.Automatic {
		a.line("Automatic", strings.Join(m.AutomaticSigns, ", "))
	}
	a.line("New text", m.NewText)
	if m.Decision != nil {
		a.line("Decision", m.Decision.Verb+" "+m.Decision.Text)
	}
	for _, s := range m.Subjects {
		a.line("User", strings.TrimSpace(s.Name+" "+s.Email))
	}
	a.line("Reason", m.Reason)
	a.line("Decided by", strings.Join(m.ReasonWords, ", "))
	a.line("Justification", m.Justification)
	for _, e := range m.Evidence {
		why := e.Why
		if e.Counts {
			why = "counts as evidence"
		}
		if parser.IsElsewhere(e.MediaType, e.Size) {
			a.line("Not attached", e.Filename+": "+why)
			continue
		}
		a.line("Attached", fmt.Sprintf("%s (%d bytes, %s): %s", e.Filename, e.Size, e.MediaType, why))
	}
	for _, w := range m.Warnings {
		a.line("Warning", w)
	}
	fmt.Fprintln(a.stdout)
}
