package store

import (
	"context"
	"time"

	"mfabot/intake"
)

const reviewColumns = `id, ref, reviewer, purpose, seed, token_hash, digest, created_at, void_at, decision, text, decided_at`

func scanReview(row scanner) (intake.ReviewRecord, error) {
	var r intake.ReviewRecord
	var created, void, decided int64
	err := row.Scan(&r.ID, &r.Ref, &r.Reviewer, &r.Purpose, &r.Seed, &r.TokenHash, &r.Digest, &created, &void, &r.Decision, &r.Text, &decided)
	r.CreatedAt, r.VoidAt, r.DecidedAt = fromUnix(created), fromUnix(void), fromUnix(decided)
	return r, notFound(err)
}

// AddReview stores a new code, and sets its ID.
func (t *tx) AddReview(ctx context.Context, r *intake.ReviewRecord) error {
	return t.QueryRowContext(ctx, `
		INSERT INTO review (ref, reviewer, purpose, seed, token_hash, digest, created_at, void_at, decision, text, decided_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '', '', 0)
		RETURNING id`,
		r.Ref, r.Reviewer, string(r.Purpose), r.Seed, r.TokenHash, r.Digest, unix(r.CreatedAt)).Scan(&r.ID)
}

// ReviewByToken returns what the code with a hash is for, or ErrNotFound.
func (t *tx) ReviewByToken(ctx context.Context, hash string) (*intake.ReviewRecord, error) {
	r, err := scanReview(t.QueryRowContext(ctx, `SELECT `+reviewColumns+` FROM review WHERE token_hash = $1`, hash))
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// Reviews returns all reviews of a request, oldest first.
func (t *tx) Reviews(ctx context.Context, ref string) ([]intake.ReviewRecord, error) {
	return reviewsOf(ctx, t, ref)
}

// Reviews returns all reviews of a request, oldest first.
func (s *Store) Reviews(ctx context.Context, ref string) ([]intake.ReviewRecord, error) {
	return reviewsOf(ctx, s.read, ref)
}

func reviewsOf(ctx context.Context, q querier, ref string) ([]intake.ReviewRecord, error) {
	return collect(ctx, q, scanReview, `SELECT `+reviewColumns+` FROM review WHERE ref = $1 ORDER BY id`, ref)
}

// Decide records a decision. It returns ErrStale if its code no longer holds.
func (t *tx) Decide(ctx context.Context, id int64, decision intake.Event, text string, now time.Time) error {
	return t.guarded(ctx, `
		UPDATE review SET decision = $1, text = $2, decided_at = $3
		WHERE id = $4 AND decided_at = 0 AND void_at = 0`,
		string(decision), text, unix(now), id)
}

// VoidReview voids one code.
func (t *tx) VoidReview(ctx context.Context, id int64, now time.Time) error {
	_, err := t.ExecContext(ctx, `UPDATE review SET void_at = $1 WHERE id = $2 AND void_at = 0`, unix(now), id)
	return err
}

// VoidReviews voids all codes of a request that still hold.
func (t *tx) VoidReviews(ctx context.Context, ref string, now time.Time) error {
	_, err := t.ExecContext(ctx, `UPDATE review SET void_at = $1 WHERE ref = $2 AND void_at = 0`, unix(now), ref)
	return err
}
