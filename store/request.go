package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
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
	digest, inbound_id, purged_at, writer, seal`

// AddRequest stores a new request with its evidence.
func (t requestWriter) AddRequest(ctx context.Context, r *intake.Request) error {
	r.Version = 1
	row := changing(r)
	maps.Copy(row, cells{"ref": r.Ref, "version": r.Version, "site_code": r.SiteCode, "site_address": r.SiteAddress,
		"requested_by": r.RequestedBy, "received_at": unix(r.ReceivedAt), "renews": r.Renews, "corrects": r.Corrects,
		"inbound_id": r.InboundID,
		"purged_at":  int64(0)})
	if r.Writer != (intake.Writer{}) {
		writer, err := json.Marshal(r.Writer)
		if err != nil {
			return err
		}
		row["writer"] = string(writer)
	}
	if _, err := t.add(ctx, requests(), row); err != nil {
		return err
	}
	return t.AddEvidence(ctx, r.Ref, r.Evidence)
}

// changing are the columns of a request that change.
func changing(r *intake.Request) cells {
	return cells{"state": string(r.State), "subject_email": r.User.Email, "subject_name": r.User.Name, "reason": r.Reason,
		"justification": r.Justification, "auth_method": r.AuthMethod, "senders": strings.Join(r.Senders, "\n"),
		"barred": strings.Join(r.Barred, "\n"), "waiting_since": unix(r.WaitingSince), "lapses_at": unix(r.LapsesAt), "digest": r.Digest}
}

func scanRequest(row scanner) (intake.Request, error) {
	var r intake.Request
	var received, waiting, lapses, purged int64
	var senders, barred, writer, seal string
	err := row.Scan(&r.Ref, &r.State, &r.Version, &r.User.Email, &r.User.Name, &r.SiteCode, &r.SiteAddress,
		&r.Reason, &r.Justification, &r.AuthMethod, &r.RequestedBy, &senders, &barred,
		&received, &waiting, &lapses, &r.Renews, &r.Corrects, &r.Digest, &r.InboundID, &purged, &writer, &seal)
	if err == nil && writer != "" {
		err = json.Unmarshal([]byte(writer), &r.Writer)
	}
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
	r, err := sealedRow(ctx, db, requests(), scanRequest, `SELECT `+requestColumns+` FROM request WHERE ref = $1`, ref)
	if err != nil {
		return nil, err
	}
	r.Evidence, err = db.evidenceOf(ctx, ref)
	return r, err
}

// Undecided returns the requests that wait for somebody, longest first, with their evidence.
func (db requestReader) Undecided(ctx context.Context) ([]intake.Request, error) {
	out, err := sealedRows(ctx, db, requests(), scanRequest, 0, `
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
	to := changing(r)
	to["version"] = r.Version + 1
	err := t.changeOne(ctx, requests(), to, `ref = $1 AND state = $2 AND version = $3`, r.Ref, string(from), r.Version)
	if err != nil {
		return err
	}
	r.Version++
	if r.State.WaitsForSite() {
		return nil
	}
	_, err = t.change(ctx, letters(), cells{"state": string(intake.Failed), "last_error": intake.Overtaken},
		`ref = $1 AND template IN ('incomplete', 'question') AND state = 'queued'`, r.Ref)
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

// refs returns the references of at most limit of the requests of a query; of all where that is 0.
func (db requestReader) refs(ctx context.Context, limit int, query string, args ...any) ([]string, error) {
	found, err := sealedRows(ctx, db, requests(), scanRequest, limit, query, args...)
	var refs []string
	for _, r := range found {
		refs = append(refs, r.Ref)
	}
	return refs, err
}

// RequestsFrom returns the requests that one message began, in order, without evidence.
func (db requestReader) RequestsFrom(ctx context.Context, inboundID int64) ([]intake.Request, error) {
	return sealedRows(ctx, db, requests(), scanRequest, 0, `
		SELECT `+requestColumns+` FROM request WHERE inbound_id = $1 ORDER BY ref`, inboundID)
}

// RequestsBegunBy returns the references of the requests that a site began with a message of this Message-ID.
func (db requestReader) RequestsBegunBy(ctx context.Context, siteCode, messageID string) ([]string, error) {
	return db.refs(ctx, 0, `
		SELECT `+requestColumns+` FROM request
		WHERE inbound_id IN (SELECT id FROM inbound WHERE message_id = $1) AND site_code = $2 ORDER BY ref`, messageID, siteCode)
}

// OpenRequests returns the references of a site's requests that are incomplete, pending or in need of
// information, oldest first; only those of one user unless email is empty.
func (db requestReader) OpenRequests(ctx context.Context, siteCode, email string) ([]string, error) {
	return db.refs(ctx, 0, `
		SELECT `+requestColumns+` FROM request
		WHERE ($1 = '' OR `+ofUser+`) AND site_code = $3 AND state IN ('incomplete', 'pending', 'needs-info')
		ORDER BY received_at, ref`, append(user(email), siteCode)...)
}

// OpenRequestsFor is OpenRequests for a user, across all sites.
func (db requestReader) OpenRequestsFor(ctx context.Context, email string) ([]string, error) {
	return db.refs(ctx, 0, `
		SELECT `+requestColumns+` FROM request
		WHERE `+ofUser+` AND state IN ('incomplete', 'pending', 'needs-info') ORDER BY received_at, ref`, user(email)...)
}

// RequestsFor returns every request for a user, of whatever site, the newest first, without their evidence.
func (db requestReader) RequestsFor(ctx context.Context, email string) ([]intake.Request, error) {
	return sealedRows(ctx, db, requests(), scanRequest, 0, `
		SELECT `+requestColumns+` FROM request WHERE ref IN (SELECT ref FROM request WHERE `+ofUser+`)
		ORDER BY received_at DESC, ref DESC`, user(email)...)
}

// WithFile returns the requests for which a file came as evidence, with other messages than those of the request ref,
// the newest first, without their evidence.
func (db requestReader) WithFile(ctx context.Context, sha256, ref string) ([]intake.Request, error) {
	return sealedRows(ctx, db, requests(), scanRequest, 0, `
		SELECT `+requestColumns+` FROM request WHERE ref <> $1 AND ref IN (
			SELECT ref FROM evidence WHERE sha256 = $2 AND inbound_id NOT IN (SELECT inbound_id FROM evidence WHERE ref = $1))
		ORDER BY received_at DESC, ref DESC`, ref, sha256)
}

// ofUser selects the rows of one user, whatever the detail of the address, by the two arguments that user
// returns.
const ofUser = `(subject_email = $1 OR subject_email LIKE $2 ESCAPE '!')`

func user(email string) []any {
	key := intake.UserKey(email)
	if key == "@" {
		return []any{"", "!!"} // nobody
	}
	local, domain, _ := strings.Cut(strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(key), "@")
	return []any{key, local + "+%@" + domain}
}

// Renewing returns the reference of the open request that would renew an
// exception; empty for none.
func (db requestReader) Renewing(ctx context.Context, exception string) (string, error) {
	refs, err := db.refs(ctx, 1, `
		SELECT `+requestColumns+` FROM request
		WHERE renews = $1 AND state IN ('incomplete', 'pending', 'needs-info') ORDER BY received_at DESC, ref DESC`, exception)
	return strings.Join(refs, ""), err
}

// Correcting returns the reference of the open request for the right address of the user of an exception; empty
// for none.
func (db requestReader) Correcting(ctx context.Context, exception string) (string, error) {
	refs, err := db.refs(ctx, 1, `
		SELECT `+requestColumns+` FROM request
		WHERE corrects = $1 AND state IN ('incomplete', 'pending', 'needs-info') ORDER BY received_at DESC, ref DESC`, exception)
	return strings.Join(refs, ""), err
}

// Unanswered returns the references of at most limit requests whose sites were asked for something at asked
// or before, have time left, and were not reminded of it.
func (db requestReader) Unanswered(ctx context.Context, now, asked time.Time, limit int) ([]string, error) {
	return db.refs(ctx, limit, `
		SELECT `+requestColumns+` FROM request
		WHERE state IN ('incomplete', 'needs-info') AND waiting_since <= $1 AND lapses_at > $2 AND NOT EXISTS (
			SELECT 1 FROM audit WHERE audit.ref = request.ref AND audit.event = 'remind-site' AND audit.at >= request.waiting_since)
		ORDER BY waiting_since, ref`, unix(asked), unix(now))
}

// Lapsing returns the references of at most limit requests whose time to answer is over.
func (db requestReader) Lapsing(ctx context.Context, now time.Time, limit int) ([]string, error) {
	return db.refs(ctx, limit, `
		SELECT `+requestColumns+` FROM request WHERE lapses_at > 0 AND lapses_at <= $1 ORDER BY lapses_at`, unix(now))
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
	return sealedRows(ctx, db, requests(), scanRequest, 0, `
		SELECT `+requestColumns+` FROM request WHERE state IN ('incomplete', 'pending', 'needs-info')
		ORDER BY waiting_since, ref`)
}
