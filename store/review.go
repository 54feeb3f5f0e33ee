package store

import (
	"context"
	"time"

	"mfabot/intake"
)

// reviewReader reads reviews: who was asked to decide, with which code, and what they decided.
type reviewReader struct{ querier }

// reviewWriter writes reviews: who was asked to decide, with which code, and what they decided.
type reviewWriter struct{ *transaction }

const reviewColumns = `id, ref, reviewer, purpose, seed, token_hash, digest, created_at, void_at, decision, text, decided_at, together,
	seal`

func scanReview(row scanner) (intake.Review, error) {
	var r intake.Review
	var created, void, decided int64
	var seal string
	err := row.Scan(&r.ID, &r.Ref, &r.Reviewer, &r.Purpose, &r.Seed, &r.CodeHash, &r.Digest,
		&created, &void, &r.Decision, &r.Text, &decided, &r.Together, &seal)
	r.CreatedAt, r.VoidAt, r.DecidedAt = fromUnix(created), fromUnix(void), fromUnix(decided)
	return r, err
}

// AddReview stores a new code, and sets its ID.
func (t reviewWriter) AddReview(ctx context.Context, r *intake.Review) error {
	var err error
	r.ID, err = t.add(ctx, reviews(), cells{"ref": r.Ref, "reviewer": r.Reviewer, "purpose": string(r.Purpose), "seed": r.Seed,
		"token_hash": r.CodeHash, "digest": r.Digest, "created_at": unix(r.CreatedAt), "void_at": int64(0), "decision": "", "text": "",
		"decided_at": int64(0), "together": r.Together})
	return err
}

// ReviewByCode returns what the code with a hash is for, or ErrNotFound.
func (db reviewReader) ReviewByCode(ctx context.Context, hash string) (*intake.Review, error) {
	return sealedRow(ctx, db, reviews(), scanReview, `SELECT `+reviewColumns+` FROM review WHERE token_hash = $1`, hash)
}

// ReviewsTogether returns the reviews that the code with a hash decides together, in the order in which they were
// made; none for a code that is for one request, or for none.
func (db reviewReader) ReviewsTogether(ctx context.Context, hash string) ([]intake.Review, error) {
	return sealedRows(ctx, db, reviews(), scanReview, 0,
		`SELECT `+reviewColumns+` FROM review WHERE together = $1 AND together <> '' ORDER BY id`, hash)
}

// Reviews returns all reviews of a request, oldest first.
func (db reviewReader) Reviews(ctx context.Context, ref string) ([]intake.Review, error) {
	return sealedRows(ctx, db, reviews(), scanReview, 0, `SELECT `+reviewColumns+` FROM review WHERE ref = $1 ORDER BY id`, ref)
}

// Decide records a decision. It returns ErrStale if its code no longer holds.
func (t reviewWriter) Decide(ctx context.Context, id int64, decision intake.Event, text string, now time.Time) error {
	return t.changeOne(ctx, reviews(), cells{"decision": string(decision), "text": text, "decided_at": unix(now)},
		`id = $1 AND decided_at = 0 AND void_at = 0`, id)
}

// VoidReview voids one code.
func (t reviewWriter) VoidReview(ctx context.Context, id int64, now time.Time) error {
	_, err := t.change(ctx, reviews(), cells{"void_at": unix(now)}, `id = $1 AND void_at = 0`, id)
	return err
}

// VoidReviews voids all codes of a request that still hold.
func (t reviewWriter) VoidReviews(ctx context.Context, ref string, now time.Time) error {
	_, err := t.change(ctx, reviews(), cells{"void_at": unix(now)}, `ref = $1 AND void_at = 0`, ref)
	return err
}

// OpenReviews returns the references of the pending requests for which a reviewer holds a code to decide,
// longest waiting first.
func (db reviewReader) OpenReviews(ctx context.Context, reviewer string) ([]string, error) {
	return requestReader(db).refs(ctx, 0, `
		SELECT `+requestColumns+` FROM request
		WHERE state = 'pending' AND EXISTS (
			SELECT 1 FROM review
			WHERE review.ref = request.ref AND reviewer = $1 AND purpose = 'decide' AND void_at = 0)
		ORDER BY waiting_since, ref`, reviewer)
}

// reminderReader reads how far reviewers were reminded.
type reminderReader struct{ querier }

// reminderWriter writes how far reviewers were reminded.
type reminderWriter struct{ *transaction }

// Chasing returns the references of at most limit pending requests that are to be looked at by now, longest
// waiting first.
func (db reminderReader) Chasing(ctx context.Context, now time.Time, limit int) ([]string, error) {
	return requestReader(db).refs(ctx, limit, `
		SELECT `+requestColumns+` FROM request
		WHERE state = 'pending' AND NOT EXISTS (SELECT 1 FROM chase WHERE chase.ref = request.ref AND chase.next_at > $1)
		ORDER BY waiting_since, ref`, unix(now))
}

// LookAgain sets when a request is to be looked at next.
func (t reminderWriter) LookAgain(ctx context.Context, ref string, at time.Time) error {
	_, err := t.exec(ctx, `
		INSERT INTO chase (ref, next_at) VALUES ($1, $2)
		ON CONFLICT (ref) DO UPDATE SET next_at = excluded.next_at`, ref, unix(at))
	return err
}

// Remind records a reminder. It returns ErrStale unless its stage is later than the last one on record for
// the same waiting.
func (t reminderWriter) Remind(ctx context.Context, r intake.Reminded) error {
	return t.guarded(ctx, `
		INSERT INTO reminder (ref, reviewer, since, stage, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (ref, reviewer) DO UPDATE SET since = excluded.since, stage = excluded.stage, at = excluded.at
		WHERE reminder.since <> excluded.since OR reminder.stage < excluded.stage`,
		r.Ref, r.Reviewer, unix(r.Since), r.Stage, unix(r.At))
}

// Reminded returns how far everybody has been reminded of a request.
func (db reminderReader) Reminded(ctx context.Context, ref string) ([]intake.Reminded, error) {
	scan := func(row scanner) (intake.Reminded, error) {
		var r intake.Reminded
		var since, at int64
		err := row.Scan(&r.Ref, &r.Reviewer, &since, &r.Stage, &at)
		r.Since, r.At = fromUnix(since), fromUnix(at)
		return r, err
	}
	return collect(ctx, db, scan, `SELECT ref, reviewer, since, stage, at FROM reminder WHERE ref = $1 ORDER BY reviewer`, ref)
}

// absenceReader reads the reviewers' absences.
type absenceReader struct{ querier }

// absenceWriter writes the reviewers' absences.
type absenceWriter struct{ *transaction }

func scanAbsence(row scanner) (intake.Absence, error) {
	var a intake.Absence
	var since, until, ended int64
	var seal string
	err := row.Scan(&a.Reviewer, &since, &until, &ended, &a.Deputy, &a.ByHand, &seal)
	a.Since, a.Until, a.EndedAt = fromUnix(since), fromUnix(until), fromUnix(ended)
	return a, err
}

// Absences returns the latest absence of each reviewer, whether it lasts or not.
func (db absenceReader) Absences(ctx context.Context) ([]intake.Absence, error) {
	return sealedRows(ctx, db, absences(), scanAbsence, 0, `
		SELECT reviewer, since, until, ended_at, deputy, by_hand, seal FROM absence ORDER BY reviewer`)
}

// SetAbsence replaces the reviewer's latest absence.
func (t absenceWriter) SetAbsence(ctx context.Context, a intake.Absence) error {
	if err := t.remove(ctx, absences(), `reviewer = $1`, a.Reviewer); err != nil {
		return err
	}
	_, err := t.add(ctx, absences(), cells{"reviewer": a.Reviewer, "since": unix(a.Since), "until": unix(a.Until), "ended_at": int64(0),
		"deputy": a.Deputy, "by_hand": a.ByHand})
	return err
}

// EndAbsence ends an absence of a reviewer's that still lasts: one that an automatic reply announced or, with
// byHand, also one set by command. It returns ErrStale where there is none.
func (t absenceWriter) EndAbsence(ctx context.Context, reviewer string, byHand bool, now time.Time) error {
	return t.changeOne(ctx, absences(), cells{"ended_at": unix(now)},
		`reviewer = $1 AND ended_at = 0 AND (until = 0 OR until > $2) AND (by_hand = FALSE OR $3)`, reviewer, unix(now), byHand)
}
