package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"mfabot/cmd/mfabot/internal/bot"
)

// refForm is how references are written.
var refForm = regexp.MustCompile(`^[A-Z]{2}-[0-9]{4}-[0-9]{5,}$`)

// refGiven is the reference that an argument is, in any case of letters.
func refGiven(arg string) (string, error) {
	ref := strings.ToUpper(strings.TrimSpace(arg))
	if !refForm.MatchString(ref) {
		return "", usageError{fmt.Errorf("%q is not a reference: expected one such as LT-2026-00042 or ST-2026-00007; "+
			"`mfabot find` looks for it by a name, an address or a site", arg)}
	}
	return ref, nil
}

// idGiven is the number that an argument is. what has such numbers, and the command list prints them.
func idGiven(arg, what, list string) (int64, error) {
	id, err := strconv.ParseInt(arg, 10, 64)
	if err != nil || id < 1 {
		return 0, usageError{fmt.Errorf("not the number of %s: %q: `mfabot %s` lists them", what, arg, list)}
	}
	return id, nil
}

// idsGiven is idGiven for several, each once.
func idsGiven(args []string, what, list string) (ids []int64, err error) {
	seen := make(map[int64]bool)
	for _, arg := range args {
		id, err := idGiven(arg, what, list)
		if err != nil {
			return nil, err
		}
		if !seen[id] {
			ids, seen[id] = append(ids, id), true
		}
	}
	return ids, nil
}

// nameGiven is in whose name a command acts: the name given, or else the login name of the operating system, which the record
// then says that it is.
func nameGiven(as string) string {
	if as = strings.TrimSpace(as); as != "" {
		return as
	}
	return bot.Login()
}

// errNotConfirmed says that somebody was asked and did not say yes.
var errNotConfirmed = errors.New("nothing was changed")

// goesOn asks on a terminal whether to do something; yes says so beforehand. Where nobody can be asked it is an error.
func goesOn(a *app, c *cobra.Command, yes bool, question string) error {
	if yes {
		return nil
	}
	if !isTerminal(c.InOrStdin()) {
		return usageError{errors.New("expected --yes, as there is no terminal to ask on: nothing was changed")}
	}
	answer, err := newTerminal(c.InOrStdin(), a.stdout).ask(c.Context(), question+" [y/N] ")
	if err != nil {
		return err
	}
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return errNotConfirmed
	}
	return nil
}
