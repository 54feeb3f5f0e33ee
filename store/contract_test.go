package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"mfabot/intake"
	"mfabot/notify"
	"mfabot/store"
)

// The store is what the queue of letters needs besides giving up, which the domain adds.
var (
	_ interface {
		Due(ctx context.Context, now time.Time, limit int) ([]intake.Outbound, error)
		Try(ctx context.Context, messages []int64) ([]int64, error)
		Waits(ctx context.Context, id int64) (bool, error)
		Skip(ctx context.Context, messages []intake.Outbound) error
		Sent(ctx context.Context, accepted ...intake.Accepted) error
		Retry(ctx context.Context, id int64, failed, due time.Time, lastError string) error
	} = notify.Queue(nil)
	_ interface {
		Due(ctx context.Context, now time.Time, limit int) ([]intake.Outbound, error)
		Try(ctx context.Context, messages []int64) ([]int64, error)
		Waits(ctx context.Context, id int64) (bool, error)
		Skip(ctx context.Context, messages []intake.Outbound) error
		Sent(ctx context.Context, accepted ...intake.Accepted) error
		Retry(ctx context.Context, id int64, failed, due time.Time, lastError string) error
	} = (*store.Store)(nil)
)

// promise is something that every engine promises.
type promise struct {
	name string
	test func(t *testing.T, open opener)
}

// contract is what every engine promises.
func contract(t *testing.T, open func(t *testing.T) opener) {
	for _, p := range slices.Concat(ofTransactions(), ofMessages(), ofRequests(), ofExceptions(), ofLetters(), ofRecords()) {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.test(t, open(t))
		})
	}
}

func ofTransactions() []promise {
	return []promise{
		{"transactions", testTransactions},
		{"savepoints", testSavepoints},
		{"broken constraints", testBrokenConstraint},
		{"concurrency", testConcurrency},
		{"instance", testInstance},
	}
}

func ofMessages() []promise {
	return []promise{
		{"ledger", testLedger},
		{"attempts", testAttempts},
		{"same content", testSameContent},
		{"concluded again", testReopen},
		{"confirmed", testConfirm},
		{"one Message-ID", testMessagesByID},
		{"raw messages", testRaw},
		{"filing", testFiling},
		{"numbers given again", testReturned},
		{"stuck messages", testStuck},
	}
}

func ofRequests() []promise {
	return []promise{
		{"references", testNextRef},
		{"requests", testRequests},
		{"stale requests", testUpdateRequest},
		{"begun by", testBegunBy},
		{"open requests", testOpenRequests},
		{"open for a user", testOpenFor},
		{"files seen before", testSeenFile},
		{"lapsing", testLapsing},
		{"unanswered", testUnanswered},
		{"undecided", testUndecided},
		{"reviews", testReviews},
		{"reminders", testReminders},
		{"absences", testAbsences},
		{"mornings", testMornings},
	}
}

func ofExceptions() []promise {
	return []promise{
		{"exceptions", testExceptions},
		{"exceptions replaced", testReplaced},
		{"exceptions due", testExceptionsDue},
		{"exceptions of a user", testUnclosed},
		{"granted since", testGrantedSince},
		{"active, and applied", testActiveExceptions},
		{"actions", testActions},
		{"by hand", testByHand},
		{"over exemptions", testOverExemptions},
		{"a clock that was ahead", testClockBack},
		{"once a day", testOnce},
		{"how far a task is", testProceed},
		{"sites on record", testSitesOnRecord},
		{"letters of before overtaken", testOvertakeBefore},
		{"held letters", testHeld},
	}
}

func ofLetters() []promise {
	return []promise{
		{"outbound", testOutbound},
		{"queue", testQueue},
		{"order", testOrder},
		{"urgent", testUrgent},
		{"queue's guards", testQueueGuards},
		{"letters tried together", testTogether},
		{"overtaken", testOvertake},
		{"letters overtaken", testOvertakeLetters},
		{"later notices", testLaterNotice},
		{"warnings that wait", testWarningWaits},
		{"warnings of several", testWarningsOfSeveral},
		{"retention of warnings of several", testPurgeSeveral},
		{"conversation", testConversation},
		{"counting letters", testCountLetters},
		{"a letter that waits", testLetterWaits},
		{"letters not sent", testUnsent},
		{"bounced", testBounced},
		{"bounced lately", testBouncedLately},
		{"tried for", testTriedFor},
		{"sent again", testSendAgain},
		{"tried now", testTryNow},
		{"last taken", testLastTaken},
		{"reached", testReached},
		{"ways", testWays},
		{"strangers", testStrangers},
		{"newest", testNewest},
		{"allowances", testSpend},
		{"allowances all or none", testSpendAll},
		{"allowances at once", testSpendAtOnce},
		{"allowances in any day", testSpendInAnyDay},
		{"allowances and clocks", testSpendClock},
		{"allowances tidied", testTidyAllowances},
		{"alerts kept back", testKeptAlerts},
		{"evidence kept whole", testKeepEvidence},
	}
}

func ofRecords() []promise {
	return []promise{
		{"audit", testAudit},
		{"audit checked", testCheckAudit},
		{"seals", testSeals},
		{"how far the audit has come", testCourse},
		{"at work", testAtWork},
		{"references and how they ended", testReferences},
		{"purge", testPurge},
		{"purge of what is loose", testPurgeLoose},
		{"purge of absences", testPurgeAbsences},
		{"traces", testTraces},
		{"erasing", testEraseMentions},
		{"a person", testPerson},
		{"found by words", testFind},
		{"listed", testListed},
		{"totals", testTotals},
		{"texts", testTexts},
		{"marks", testMarks},
		{"counted", testCounted},
		{"figures", testFigures},
		{"touched", testTouch},
		{"status page", testStatusPage},
		{"report", testReport},
		{"first day", testFirstDay},
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
