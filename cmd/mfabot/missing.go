package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"mfabot/intake"
	"mfabot/store"
)

// notThere explains that no request or exception has a reference.
func notThere(ref string, err error) error {
	if errors.Is(err, store.ErrUnsealed) {
		return fmt.Errorf("%s is not as mfabot wrote it, and is not acted on: nothing was changed; see: mfabot audit verify", ref)
	}
	if errors.Is(err, intake.ErrNotFound) {
		return fmt.Errorf("there is no request or exception %q: expected a reference such as LT-2026-00042 or ST-2026-00007; "+
			"`mfabot find` looks for them by a name, an address or a site", ref)
	}
	return err
}

// noRequest is notThere for a command that needs a request, which a short-term exception is not.
func noRequest(ctx context.Context, db *store.Store, ref string, err error) error {
	if !absent(err) {
		return notThere(ref, err)
	}
	_, other := db.Exception(ctx, ref)
	if other == nil {
		return fmt.Errorf("%s is a short-term exception: it has no evidence, and nobody decides on it\n"+
			"to end it: mfabot revoke %s REASON --as NAME; where it is for a wrong address, grant it to the right one then", ref, ref)
	}
	return notThere(ref, other)
}

// noException is notThere for a command that needs an exception, which a request may not have.
func noException(ctx context.Context, db *store.Store, ref string, err error) error {
	if !absent(err) {
		return notThere(ref, err)
	}
	r, other := db.Request(ctx, ref)
	switch {
	case other != nil:
		return notThere(ref, other)
	case r.State == intake.Approved:
		return fmt.Errorf("%s is approved, and its exception is not there any more: nothing was changed; see: mfabot audit verify", ref)
	}
	turnDown := ""
	if slices.Contains([]intake.State{intake.Pending, intake.NeedsInfo, intake.Incomplete}, r.State) {
		turnDown = "\nto turn it down: mfabot decide " + ref + " reject REASON --as REVIEWER" +
			"\nto end it undecided: mfabot close " + ref + " REASON --as NAME"
	}
	return fmt.Errorf("%s is %s: there is no exception to end%s", ref, r.State, turnDown)
}

// absent reports whether there is nothing, rather than something that mfabot did not write so.
func absent(err error) bool {
	return errors.Is(err, intake.ErrNotFound) && !errors.Is(err, store.ErrUnsealed)
}
