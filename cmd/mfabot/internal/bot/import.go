package bot

import (
	"context"
	"fmt"
	"time"

	"mfabot/intake"
	"mfabot/intake/mailbox"
	"mfabot/store"
)

// Import says which of the mail that came before the beginning of its mailbox is read.
type Import struct {
	Since      time.Time
	Unanswered bool   // no author is answered
	By         string // who has it read
	// List is called with each message of which only the header is read, in place of having it taken; nil: they are taken.
	List func(mailbox string, a intake.Arrival) error
	// Count is called with how many more were taken or listed; nil: nobody is.
	Count func(n int64)
	// Tell is called with how many messages of a mailbox were taken or listed.
	Tell func(mailbox string, n int) error
}

// Import reads mail that the mailboxes have kept from before their beginning, oldest first. It may run beside the bot,
// which takes what came later.
func (b *Bot) Import(ctx context.Context, i Import) error {
	if i.List == nil {
		if err := b.Store.Update(ctx, func(tx *store.Tx) error {
			text := "mail of " + i.Since.In(b.Settings.Policy.Zone).Format(time.DateOnly) + " and later is read"
			if i.Unanswered {
				text += ", and no author answered"
			}
			return tx.Record(ctx, intake.HistoryEntry{At: b.Service.ReadClock(), Event: intake.EventImport, By: i.By, Text: text})
		}); err != nil {
			return err
		}
	}
	for _, box := range b.Settings.Mailboxes {
		period, err := b.Inbox.Period(ctx, box.Name)
		if err != nil {
			return err
		}
		old := &importer{recorder: &recorder{Inbox: b.Inbox, bot: b, name: "mailbox " + box.Name}, what: i,
			period: intake.Period{From: i.Since, Until: period.From}}
		if i.Since.Before(period.From) {
			if err := old.all(ctx, box.Config); err != nil {
				return err
			}
		}
		if err := i.Tell(box.Name, old.n); err != nil {
			return err
		}
	}
	return nil
}

// importer takes in the old messages of one mailbox, or lists them.
type importer struct {
	*recorder
	what   Import
	period intake.Period
	n      int
}

// all reads everything there is in the period.
func (i *importer) all(ctx context.Context, cfg mailbox.Config) error {
	cfg.Now, cfg.Log, cfg.Batch = i.bot.Clock, i.bot.log, readBatch
	if i.what.List != nil {
		cfg.ReadOnly, cfg.MaxSize = true, 1 // of whatever is larger only the header is read
	}
	w := mailbox.New(cfg, i)
	for {
		n, err := w.Step(ctx)
		if err != nil {
			return fmt.Errorf("%w; messages taken before that: %d", err, i.n)
		}
		if n == 0 {
			return w.Close()
		}
	}
}

// Period is that which is imported.
func (i *importer) Period(context.Context, string) (intake.Period, error) { return i.period, nil }

// Left is nothing to tell: it is what is not imported.
func (i *importer) Left(context.Context, string, int) error { return nil }

// Unfiled is the bot's to file.
func (i *importer) Unfiled(context.Context, string, uint32, uint32, int) ([]intake.Filing, error) {
	return nil, nil
}

// Take marks the messages as what they are, and takes or lists them.
func (i *importer) Take(ctx context.Context, batch []intake.Arrival) ([]intake.Filing, error) {
	for n := range batch {
		batch[n].Imported, batch[n].Unanswered = true, i.what.Unanswered
		if i.what.List != nil {
			if err := i.what.List(batch[n].Mailbox, batch[n]); err != nil {
				return nil, err
			}
		}
	}
	i.n += len(batch)
	if i.what.Count != nil {
		i.what.Count(int64(len(batch)))
	}
	if i.what.List != nil {
		return nil, nil
	}
	return i.recorder.Take(ctx, batch)
}
