package store_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"mfabot/intake"
	"mfabot/store"
)

// What a transaction writes is there for everybody once it has committed.
func Example() {
	dir, err := os.MkdirTemp("", "mfabot")
	if err == nil {
		err = errors.Join(recordAndRead(context.Background(), filepath.Join(dir, "mfabot.db")), os.RemoveAll(dir))
	}
	if err != nil {
		log.Fatal(err)
	}
	// Output: LT-2026-00001 2026-03-02 complete pharmacy@corner.test
}

func recordAndRead(ctx context.Context, file string) (err error) {
	db, err := store.Open(ctx, file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.Update(ctx, func(tx *store.Tx) error {
		ref, err := tx.NextRef(ctx, "LT", 2026)
		if err != nil {
			return err
		}
		noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
		return tx.Record(ctx, intake.HistoryEntry{Ref: ref, At: noon, Event: "complete", By: "pharmacy@corner.test"})
	})
	if err != nil {
		return err
	}
	history, err := db.History(ctx, "LT-2026-00001")
	for _, e := range history {
		fmt.Println(e.Ref, e.At.Format(time.DateOnly), e.Event, e.By)
	}
	return err
}
