package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/notify"
	"mfabot/store"
)

// The store is what the domain asks for, and what the queue of letters needs
// besides giving up, which the domain adds.
var (
	_ intake.Store = (*store.Store)(nil)
	_ interface {
		Due(ctx context.Context, now time.Time, limit int) ([]intake.Outbound, error)
		Attempt(ctx context.Context, id int64, now time.Time) error
		Sent(ctx context.Context, id int64, now time.Time) error
		Retry(ctx context.Context, id int64, due time.Time, lastError string) error
	} = notify.Queue(nil)
	_ interface {
		Due(ctx context.Context, now time.Time, limit int) ([]intake.Outbound, error)
		Attempt(ctx context.Context, id int64, now time.Time) error
		Sent(ctx context.Context, id int64, now time.Time) error
		Retry(ctx context.Context, id int64, due time.Time, lastError string) error
	} = (*store.Store)(nil)
)

// contract is what every engine promises.
func contract(t *testing.T, open func(t *testing.T) opener) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, open opener)
	}{
		{"transactions", testTransactions},
		{"savepoints", testSavepoints},
		{"broken constraints", testBrokenConstraint},
		{"concurrency", testConcurrency},
		{"instance", testInstance},
		{"ledger", testLedger},
		{"attempts", testAttempts},
		{"same content", testSameContent},
		{"concluded again", testReopen},
		{"one Message-ID", testMessagesByID},
		{"raw messages", testRaw},
		{"filing", testFiling},
		{"references", testNextRef},
		{"requests", testRequests},
		{"stale requests", testUpdateRequest},
		{"begun by", testBegunBy},
		{"actions", testActions},
		{"a clock that was ahead", testClockBack},
		{"once a day", testOnce},
		{"open requests", testOpenRequests},
		{"files seen before", testSeenFile},
		{"lapsing", testLapsing},
		{"undecided", testUndecided},
		{"reviews", testReviews},
		{"reminders", testReminders},
		{"absences", testAbsences},
		{"mornings", testMornings},
		{"exceptions", testExceptions},
		{"exceptions due", testExceptionsDue},
		{"exceptions of a user", testUnclosed},
		{"granted since", testGrantedSince},
		{"active, and applied", testActiveExceptions},
		{"open for a user", testOpenFor},
		{"unanswered", testUnanswered},
		{"overtaken", testOvertake},
		{"letters overtaken", testOvertakeLetters},
		{"later notices", testLaterNotice},
		{"warnings that wait", testWarningWaits},
		{"audit", testAudit},
		{"audit checked", testCheckAudit},
		{"at work", testAtWork},
		{"outbound", testOutbound},
		{"queue", testQueue},
		{"order", testOrder},
		{"queue's guards", testQueueGuards},
		{"conversation", testConversation},
		{"counting letters", testCountLetters},
		{"bounced", testBounced},
		{"bounced lately", testBouncedLately},
		{"tried for", testTriedFor},
		{"allowances", testSpend},
		{"allowances all or none", testSpendAll},
		{"allowances at once", testSpendAtOnce},
		{"allowances in any day", testSpendInAnyDay},
		{"allowances and clocks", testSpendClock},
		{"allowances tidied", testTidyAllowances},
		{"references and how they ended", testReferences},
		{"purge", testPurge},
		{"purge of what is loose", testPurgeLoose},
		{"traces", testTraces},
		{"erasing", testEraseMentions},
		{"a person", testPerson},
		{"totals", testTotals},
		{"counts", testCounts},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.test(t, open(t))
		})
	}
}

// wantStale and wantNotFound check a sentinel.
func wantStale(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, intake.ErrStale) {
		t.Errorf("%s: got %v, want ErrStale", what, err)
	}
}

func wantNotFound(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, intake.ErrNotFound) {
		t.Errorf("%s: got %v, want ErrNotFound", what, err)
	}
}
