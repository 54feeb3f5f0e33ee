package bot

import (
	"context"
	"errors"
	"log/slog"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
)

// Open finds the database of the settings as a command needs it, and puts the bot together, with the clock of
// the settings. If the bot is to run, every mailbox must be able to prove its senders, nobody else may read the
// secrets and the database, and the operator is told of seals that were removed. The caller closes it.
func Open(ctx context.Context, s *config.Settings, n Need, log *slog.Logger) (*Bot, error) {
	if n == Verified {
		if err := errors.Join(s.CheckTrust(), s.CheckSecrets()); err != nil {
			return nil, err
		}
		warn(s, log)
	}
	if err := findDatabase(ctx, s, n, log); err != nil {
		return nil, err
	}
	b, err := New(ctx, s, Surroundings{Clock: s.Now, Log: log})
	if err == nil && n == Verified && b.unsealed {
		err = b.Outbox.AlertOperator(ctx, intake.AlertAudit, "The seals of the audit are gone",
			"The audit was sealed before, and no seal is in the database "+s.Database+" any more: "+
				"somebody has changed it, or it is from a backup of before the audit was sealed.",
			"What it says of the time until now is not to be trusted. `mfabot audit verify` tells more.")
		if err != nil {
			err = errors.Join(err, b.Close())
		}
	}
	return b, Explained(s, err)
}

// warn logs loudly what is only for tests, or may be meant otherwise.
func warn(s *config.Settings, log *slog.Logger) {
	for _, m := range s.Mailboxes {
		if m.Trust.AllowUnauthenticated {
			log.Warn("THIS MAILBOX BELIEVES EVERY SENDER (allow_unauthenticated = true): anybody can approve", "mailbox", m.Name)
		}
	}
	if s.Service.ListensOutside() {
		log.Warn("OTHER MACHINES REACH THE STATUS PAGE AND THE METRICS (service.listen), where nobody logs in", "listen", s.Service.Listen)
	}
	if s.ClockOffset != 0 {
		log.Warn("THE CLOCK IS MOVED (testing.clock_offset)", "by", s.ClockOffset)
	}
}
