package bot

import (
	"log/slog"
	"slices"
	"sync"

	"mfabot/store"
)

// broken reports whether an error comes of a database that does not get better by
// trying again.
func broken(err error) bool {
	t := store.TroubleOf(err)
	return t != nil && !t.Passes
}

// troubles are what cannot be done because of the database, for as long as that
// lasts: its own record cannot hold them.
type troubles struct {
	log *slog.Logger
	mu  sync.Mutex
	of  map[string]error
}

// note takes down how it went with something.
func (t *troubles) note(what string, err error) {
	trouble := store.TroubleOf(err)
	t.mu.Lock()
	defer t.mu.Unlock()
	_, before := t.of[what]
	switch {
	case trouble != nil:
		if !before {
			t.log.Error("the database is in trouble: what cannot be put on record stays in the mailbox, and is tried again", "at", what, "err", err, "hint", trouble.Hint)
		}
		if t.of == nil {
			t.of = make(map[string]error)
		}
		t.of[what] = err
	case err == nil && before:
		delete(t.of, what)
		t.log.Info("the database is well again", "at", what)
	}
}

// lines say what cannot be done now, and why.
func (t *troubles) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []string
	for what, err := range t.of {
		out = append(out, what+": "+err.Error()+" ("+store.TroubleOf(err).Hint+")")
	}
	slices.Sort(out)
	return out
}
