package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
)

// requestReader reads requests and their evidence.
type requestReader struct{ querier }

// requestWriter writes requests and their evidence.
type requestWriter struct{ *transaction }

// NextRef returns the next reference of a year: LT-2026-00042.
func (t requestWriter) NextRef(ctx context.Context, prefix string, year int) (string, error) {
	n, err := value[int64](ctx, t, `
		INSERT INTO counter (name, value) VALUES ($1, 1)
		ON CONFLICT (name) DO UPDATE SET value = counter.value + 1
		RETURNING value`, fmt.Sprintf("%s-%d", prefix, year))
	return fmt.Sprintf("%s-%d-%05d", prefix, year, n), err
}

const requestColumns = `ref, state, version, subject_email, subject_name, site_code, site_address, reason, justification,
	auth_method, requested_by, senders, barred, received_at, waiting_since, lapses_at, renews, corrects,
	digest, inbound_id, purged_at`

// AddRequest stores a new request with its evidence.
func (t requestWriter) AddRequest(ctx context.Context, r *intake.Request) error {
	r.Version = 1
	_, err := t.exec(ctx, `INSERT INTO request (`+requestColumns+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, 0)`,
		r.Ref, string(r.State), r.Version, r.User.Email, r.User.Name, r.SiteCode, r.SiteAddress, r.Reason, r.Justification,
		r.AuthMethod, r.RequestedBy, strings.Join(r.Senders, "\n"), strings.Join(r.Barred, "\n"),
		unix(r.ReceivedAt), unix(r.WaitingSince), unix(r.LapsesAt), r.Renews, r.Corrects, r.Digest, r.InboundID)
	if err != nil {
		return err
	}
	return t.AddEvidence(ctx, r.Ref, r.Evidence)
}

func scanRequest(row scanner) (intake.Request, error) {
	var r intake.Request
	var received, waiting, lapses, purged int64
	var senders, barred string
	err := row.Scan(&r.Ref, &r.State, &r.Version, &r.User.Email, &r.User.Name, &r.SiteCode, &r.SiteAddress,
		&r.Reason, &r.Justification, &r.AuthMethod, &r.RequestedBy, &senders, &barred,
		&received, &waiting, &lapses, &r.Renews, &r.Corrects, &r.Digest, &r.InboundID, &purged)
	r.PurgedAt = fromUnix(purged)
	r.ReceivedAt, r.WaitingSince, r.LapsesAt = fromUnix(received), fromUnix(waiting), fromUnix(lapses)
	r.Senders, r.Barred = byLine(senders), byLine(barred)
	return r, err
}

// byLine returns the lines of a text.
func byLine(text string) []string {
	return slices.Collect(strings.FieldsFuncSeq(text, func(c rune) bool { return c == '\n' }))
}

// Request returns a request with its evidence, or ErrNotFound.
func (db requestReader) Request(ctx context.Context, ref string) (*intake.Request, error) {
	r, err := one(ctx, db, scanRequest, `SELECT `+requestColumns+` FROM request WHERE ref = $1`, ref)
	if err != nil {
		return nil, err
	}
	r.Evidence, err = db.evidenceOf(ctx, ref)
	return r, err
}

// Undecided returns the requests that wait for somebody, longest first, with their evidence.
func (db requestReader) Undecided(ctx context.Context) ([]intake.Request, error) {
	out, err := collect(ctx, db, scanRequest, `
		SELECT `+requestColumns+` FROM request WHERE state IN ('incomplete', 'pending', 'needs-info')
		ORDER BY waiting_since, ref`)
	for i := range out {
		if out[i].Evidence, err = db.evidenceOf(ctx, out[i].Ref); err != nil {
			return nil, err
		}
	}
	return out, err
}

// UpdateRequest stores r and raises its version. It returns ErrStale unless the request is still in the state
// from, and of the version in r.
func (t requestWriter) UpdateRequest(ctx context.Context, r *intake.Request, from intake.State) error {
	err := t.guarded(ctx, `
		UPDATE request SET state = $1, version = version + 1, subject_email = $2, subject_name = $3, reason = $4, justification = $5,
			auth_method = $6, senders = $7, barred = $8, waiting_since = $9, lapses_at = $10, digest = $11
		WHERE ref = $12 AND state = $13 AND version = $14`,
		string(r.State), r.User.Email, r.User.Name, r.Reason, r.Justification,
		r.AuthMethod, strings.Join(r.Senders, "\n"), strings.Join(r.Barred, "\n"),
		unix(r.WaitingSince), unix(r.LapsesAt), r.Digest, r.Ref, string(from), r.Version)
	if err == nil {
		r.Version++
	}
	return err
}

// AddEvidence adds to a request's evidence.
func (t requestWriter) AddEvidence(ctx context.Context, ref string, evidence []intake.Evidence) error {
	for _, e := range evidence {
		if _, err := t.exec(ctx, `
			INSERT INTO evidence (ref, inbound_id, part, filename, media_type, declared_type, size, sha256, counts, why)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			ref, e.InboundID, e.Part, e.Filename, e.MediaType, e.DeclaredType, e.Size, e.SHA256, e.Counts, e.Why); err != nil {
			return err
		}
	}
	return nil
}

func (db requestReader) evidenceOf(ctx context.Context, ref string) ([]intake.Evidence, error) {
	scan := func(row scanner) (e intake.Evidence, err error) {
		err = row.Scan(&e.InboundID, &e.Part, &e.Filename, &e.MediaType, &e.DeclaredType, &e.Size, &e.SHA256, &e.Counts, &e.Why, &e.Purged)
		return e, err
	}
	return collect(ctx, db, scan, `
		SELECT inbound_id, part, filename, media_type, declared_type, evidence.size, sha256, counts, why, raw_purged_at > 0
		FROM evidence JOIN inbound ON inbound.id = evidence.inbound_id WHERE evidence.ref = $1 ORDER BY evidence.id`, ref)
}

// RequestsBegunBy returns the references of the requests that a site began with a message of this Message-ID.
func (db requestReader) RequestsBegunBy(ctx context.Context, siteCode, messageID string) ([]string, error) {
	return collect(ctx, db, scanValue[string], `
		SELECT request.ref FROM inbound JOIN request ON request.inbound_id = inbound.id
		WHERE inbound.message_id = $1 AND request.site_code = $2 ORDER BY request.ref`, messageID, siteCode)
}

// OpenRequests returns the references of a site's requests that are incomplete, pending or in need of
// information, oldest first; only those of one user unless email is empty.
func (db requestReader) OpenRequests(ctx context.Context, siteCode, email string) ([]string, error) {
	return collect(ctx, db, scanValue[string], `
		SELECT ref FROM request
		WHERE ($1 = '' OR `+ofUser+`) AND site_code = $3 AND state IN ('incomplete', 'pending', 'needs-info')
		ORDER BY received_at, ref`, append(user(email), siteCode)...)
}

// OpenRequestsFor is OpenRequests for a user, across all sites.
func (db requestReader) OpenRequestsFor(ctx context.Context, email string) ([]string, error) {
	return collect(ctx, db, scanValue[string], `
		SELECT ref FROM request
		WHERE `+ofUser+` AND state IN ('incomplete', 'pending', 'needs-info') ORDER BY received_at, ref`, user(email)...)
}

// RequestsFor returns every request for a user, of whatever site, the newest first, without their evidence.
func (db requestReader) RequestsFor(ctx context.Context, email string) ([]intake.Request, error) {
	return collect(ctx, db, scanRequest, `
		SELECT `+requestColumns+` FROM request WHERE `+ofUser+` ORDER BY received_at DESC, ref DESC`, user(email)...)
}

// ofUser selects the rows of one user, whatever the detail of the address, by the two arguments that user
// returns.
const ofUser = `(subject_email = $1 OR subject_email LIKE $2 ESCAPE '!')`

func user(email string) []any {
	key := intake.UserKey(email)
	if key == "@" {
		return []any{"", "!"} // nobody
	}
	local, domain, _ := strings.Cut(strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(key), "@")
	return []any{key, local + "+%@" + domain}
}

// Renewing returns the reference of the open request that would renew an
// exception; empty for none.
func (db requestReader) Renewing(ctx context.Context, exception string) (string, error) {
	refs, err := collect(ctx, db, scanValue[string], `
		SELECT ref FROM request
		WHERE renews = $1 AND state IN ('incomplete', 'pending', 'needs-info') ORDER BY received_at DESC, ref DESC LIMIT 1`, exception)
	return strings.Join(refs, ""), err
}

// Correcting returns the reference of the open request for the right address of the user of an exception; empty
// for none.
func (db requestReader) Correcting(ctx context.Context, exception string) (string, error) {
	refs, err := collect(ctx, db, scanValue[string], `
		SELECT ref FROM request
		WHERE corrects = $1 AND state IN ('incomplete', 'pending', 'needs-info') ORDER BY received_at DESC, ref DESC LIMIT 1`, exception)
	return strings.Join(refs, ""), err
}

// Unanswered returns the references of at most limit requests whose sites were asked for something at asked
// or before, have time left, and were not reminded of it.
func (db requestReader) Unanswered(ctx context.Context, now, asked time.Time, limit int) ([]string, error) {
	return collect(ctx, db, scanValue[string], `
		SELECT ref FROM request
		WHERE state IN ('incomplete', 'needs-info') AND waiting_since <= $1 AND lapses_at > $2 AND NOT EXISTS (
			SELECT 1 FROM audit WHERE audit.ref = request.ref AND audit.event = 'remind-site' AND audit.at >= request.waiting_since)
		ORDER BY waiting_since, ref LIMIT $3`, unix(asked), unix(now), limit)
}

// Lapsing returns the references of at most limit requests whose time to answer is over.
func (db requestReader) Lapsing(ctx context.Context, now time.Time, limit int) ([]string, error) {
	return collect(ctx, db, scanValue[string], `
		SELECT ref FROM request WHERE lapses_at > 0 AND lapses_at <= $1 ORDER BY lapses_at LIMIT $2`, unix(now), limit)
}

// SeenFile reports whether a file came with another message of a site, about somebody other than the user.
func (db requestReader) SeenFile(ctx context.Context, siteCode, sha256, user string, inboundID int64) (bool, error) {
	return value[bool](ctx, db, `
		SELECT EXISTS (
			SELECT 1 FROM evidence JOIN request ON request.ref = evidence.ref
			WHERE evidence.sha256 = $1 AND request.site_code = $2 AND request.subject_email NOT IN ('', $3) AND evidence.inbound_id <> $4)`,
		sha256, siteCode, user, inboundID)
}

// Waiting returns the requests that wait for somebody, longest first, without their evidence.
func (db requestReader) Waiting(ctx context.Context) ([]intake.Request, error) {
	return collect(ctx, db, scanRequest, `
		SELECT `+requestColumns+` FROM request WHERE state IN ('incomplete', 'pending', 'needs-info')
		ORDER BY waiting_since, ref`)
}
