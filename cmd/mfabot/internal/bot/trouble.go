package bot

import (
	"log/slog"
	"maps"
	"slices"
	"sync"

	"mfabot/cmd/mfabot/internal/page"
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

// alarms lists what cannot be done at present and why, in order.
func (t *troubles) alarms() []page.Alarm {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []page.Alarm
	for _, what := range slices.Sorted(maps.Keys(t.of)) {
		err := t.of[what]
		out = append(out, page.Alarm{What: "database, at " + what, Said: err.Error() + " (" + store.TroubleOf(err).Hint + ")"})
	}
	return out
}
