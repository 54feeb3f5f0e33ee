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
