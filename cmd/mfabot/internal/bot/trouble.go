package bot

import (
	"log/slog"
	"slices"
	"sync"

	"mfabot/store"
)

// broken reports whether an error comes from a database that no further attempt will mend.
func broken(err error) bool {
	t := store.TroubleOf(err)
	return t != nil && !t.Passes
}

// troubles are what the bot cannot do at present because of the database, which could not record them itself.
type troubles struct {
	log *slog.Logger
	mu  sync.Mutex
	of  map[string]error
}

// note records how an attempt at something ended: the first failure and the recovery are logged.
func (t *troubles) note(what string, err error) {
	trouble := store.TroubleOf(err)
	t.mu.Lock()
	defer t.mu.Unlock()
	_, before := t.of[what]
	switch {
	case trouble != nil:
		if !before {
			t.log.Error("the database is in trouble: what cannot be put on record stays in the mailbox, and is tried again",
				"at", what, "err", err, "hint", trouble.Hint)
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

// lines lists what cannot be done at present and why, in order.
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
