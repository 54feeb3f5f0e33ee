package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"mfabot/intake"
)

// allowanceWriter writes how many automatic answers may go out, and what was kept back.
type allowanceWriter struct{ *transaction }

// fullAfter is the number of seconds after which every allowance is full again, whatever its size: see
// intake.NewAllowance.
const fullAfter = 2 * 24 * 60 * 60

// behind is the number of seconds by which this clock may lag behind that of another process writing to the
// same database.
const behind = 60 * 60

// refilled is the present level of an allowance, before it is capped at what the allowance holds. A clock
// that jumped back refills nothing.
const refilled = `allowance.level + CASE
		WHEN excluded.at <= allowance.at THEN 0
		WHEN excluded.at < allowance.at + 172800 THEN (excluded.at - allowance.at) * CAST($4 AS BIGINT) / 86400
		ELSE excluded.level + 1000000
	END`

// Spend takes one letter from an allowance, or returns ErrSpent. It is a single statement, so that two
// callers at once cannot take the same letter. An allowance that is not on record is full: the row to insert
// is a full one less that letter.
func (t allowanceWriter) Spend(ctx context.Context, a intake.Allowance, now time.Time) error {
	err := t.guarded(ctx, `
		INSERT INTO allowance (name, level, at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET
			level = CASE WHEN `+refilled+` > excluded.level + 1000000 THEN excluded.level ELSE `+refilled+` - 1000000 END,
			at = CASE WHEN excluded.at > allowance.at THEN excluded.at ELSE allowance.at END
		WHERE `+refilled+` >= 1000000`,
		a.Name, a.Burst-intake.OneLetter, unix(now), a.Refill)
	if errors.Is(err, intake.ErrStale) {
		return intake.ErrSpent
	}
	return err
}

// TidyAllowances deletes at most limit of the allowances that are full again. One written by a clock that has
// jumped back since would stay locked until that clock's time: for it time counts from now.
func (t allowanceWriter) TidyAllowances(ctx context.Context, now time.Time, limit int) error {
	_, err := t.exec(ctx, `
		DELETE FROM allowance WHERE name IN (SELECT name FROM allowance WHERE at <= $1 ORDER BY at LIMIT $2)`,
		unix(now)-fullAfter, limit)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE allowance SET at = $1 WHERE at > $2`, unix(now), unix(now)+behind)
	return err
}

// KeepAlert adds to the alerts that are not sent by themselves: those of one kind, cause and exception are counted
// together, and of the first of them the lines are kept.
func (t allowanceWriter) KeepAlert(ctx context.Context, k intake.KeptAlerts) error {
	lines, most := "", keptLines
	for _, line := range k.Lines {
		lines += line + "\n"
	}
	if k.By != "" {
		most = keptLinesBy
	}
	_, err := t.exec(ctx, `
		INSERT INTO kept_by_cause (kind, cause, ref, n, since, lines) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (kind, cause, ref) DO UPDATE SET
			n = kept_by_cause.n + excluded.n,
			lines = CASE WHEN kept_by_cause.n < $7 THEN kept_by_cause.lines || excluded.lines ELSE kept_by_cause.lines END`,
		string(k.Kind), k.By, k.Ref, k.N, unix(k.Since), lines, most)
	return err
}

// How many alerts of a kind that were kept back are told of one by one: of all those that nobody in particular
// caused, and of each cause and exception.
const (
	keptLines   = 50
	keptLinesBy = 3
)

// TakeAlerts returns the alerts of a kind that were kept back, by cause, and forgets them; none where there are none.
func (t allowanceWriter) TakeAlerts(ctx context.Context, kind intake.AlertKind) ([]intake.KeptAlerts, error) {
	scan := func(row scanner) (k intake.KeptAlerts, err error) {
		var since int64
		var lines string
		err = row.Scan(&k.Kind, &k.By, &k.Ref, &k.N, &since, &lines)
		k.Since, k.Lines = fromUnix(since), strings.FieldsFunc(lines, func(r rune) bool { return r == '\n' })
		return k, err
	}
	return collect(ctx, t, scan,
		`DELETE FROM kept_by_cause WHERE kind = $1 RETURNING kind, cause, ref, n, since, lines`, string(kind))
}

// KeptSince returns the kinds of alert of which some were kept back at before or earlier, and nothing else lists
// them.
func (t allowanceWriter) KeptSince(ctx context.Context, before time.Time) ([]intake.AlertKind, error) {
	return collect(ctx, t, scanValue[intake.AlertKind],
		`SELECT DISTINCT kind FROM kept_by_cause WHERE since <= $1 AND lines <> '' ORDER BY kind`, unix(before))
}
