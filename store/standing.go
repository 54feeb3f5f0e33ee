package store

import (
	"context"
	"slices"
	"time"

	"mfabot/intake"
)

// How an exception stands by the audit.
//
// A seal says that the bot wrote a row, and not that it is the row's latest state: whoever kept a copy can put back an
// exception that has ended since. Its entries in the audit tell, as long as their chain is as the bot made it. An
// exception is active only where both say so; one that is over by either is over.

// standing is an exception as its entries say.
type standing struct {
	until int64
	whom  string
	over  bool
}

// after is how it stands after one more entry.
func (s standing) after(e *entry) standing {
	switch {
	case e.until != 0:
		s.until, s.whom = e.until, e.whom
	case s.until != 0 && e.ends():
		s.over = true
	}
	return s
}

// doubt returns what is wrong with an exception that is active by its row; empty for nothing.
func (s standing) doubt(until int64, whom string) Fault {
	switch {
	case s.over:
		return NoLonger
	case s.until != until || s.whom != whom:
		return NotInAudit
	}
	return ""
}

// byAudit is how an exception stands by its chain.
type byAudit struct {
	standing
	unfit    bool     // the chain is not as the bot made it
	earliest int64    // of the moments until when it exempts, by any of the entries; 0 for none
	whoms    []string // the users, by any of them
	row      string   // the state that its row has at the same moment; empty for none
}

// standingOf reads the chain of an exception. It is one query, so that a change in the meantime is seen whole.
func standingOf(ctx context.Context, db querier, ref string) (s byAudit, err error) {
	_, key := db.sealing().secrets()
	end, stored := head{ref: ref}, head{ref: ref}
	err = each(ctx, db, func(row scanner) error {
		var values [14]any
		var length, hash, mac, state any // of whatever type somebody else has written
		err := row.Scan(&values[0], &values[1], &values[2], &values[3], &values[4], &values[8], &values[9], &values[11],
			&values[12], &length, &hash, &mac, &state)
		if err != nil {
			return err
		}
		stored.length, _ = length.(int64)
		stored.hash, stored.mac, s.row = asText(hash), asText(mac), asText(state)
		if values[0] == nil { // it has no entry
			return nil
		}
		for _, i := range []int{5, 6, 7, 10, 13} { // what can be redacted
			values[i] = ""
		}
		e, whole := entryOf(values)
		s.unfit = s.unfit || !whole || e.seq != end.length+1 || e.hash != e.hashAfter(end.hash)
		end = end.next(e.hash, e.hash, key)
		s.standing = s.after(&e)
		if e.until != 0 {
			s.whoms = append(s.whoms, e.whom)
			if s.earliest == 0 || e.until < s.earliest {
				s.earliest = e.until
			}
		}
		return nil
	}, `SELECT a.id, a.ref, a.seq, a.at, a.event, a.digest, a.hash, a.until, a.whom, h.length, h.hash, h.mac, x.state
		FROM (SELECT CAST($1 AS TEXT) AS ref) AS it LEFT JOIN audit AS a ON a.ref = it.ref
			LEFT JOIN audit_head AS h ON h.ref = it.ref LEFT JOIN exception AS x ON x.ref = it.ref
		ORDER BY a.seq`, ref)
	s.unfit = s.unfit || end != stored
	return s, err
}

// exceptionRows reads those exceptions of a query, at most limit of them unless that is 0, whose seals fit and which,
// if they are active, are so by the audit as well.
func exceptionRows(ctx context.Context, db querier, limit int, query string, args ...any) (out []intake.Exception, err error) {
	all, err := sealedRows(ctx, db, exceptions(), scanException, 0, query, args...)
	if err != nil {
		return nil, err
	}
	for _, e := range all {
		stands, err := stands(ctx, db, e)
		if err != nil {
			return nil, err
		}
		if !stands {
			continue
		}
		if out = append(out, e); len(out) == limit {
			break
		}
	}
	return out, nil
}

// stands reports whether an exception whose seal fits stands as its row says. One that does not is noted.
func stands(ctx context.Context, db querier, e intake.Exception) (bool, error) {
	rows, key := db.sealing().secrets()
	if rows == nil || e.State != intake.Active {
		return true, nil
	}
	s, err := standingOf(ctx, db, e.Ref)
	if err != nil {
		return false, err
	}
	what := s.doubt(unix(e.EndsAt), key.user(e.Ref, e.User.Email))
	if s.unfit {
		what = ChainUnfit
	}
	switch {
	case what == "":
		return true, nil
	case s.row != "" && s.row != string(intake.Active): // it was ended since it was read
		return false, nil
	}
	db.sealing().note(exceptions().table, e.Ref, what)
	return false, nil
}

// OverByAudit returns the exceptions that are over by the audit at now, and that are not as the bot wrote them or are not
// there. Their users are looked for in what is left of them, and among the addresses. Where the audit of one is not as
// the bot wrote it, the exception is over at the earliest moment of which anything is left, and at once where nothing is.
func (s *Store) OverByAudit(ctx context.Context, now time.Time, addresses []string) (out []intake.OverByAudit, err error) {
	db := reading{s.read, s.seals}
	// Of what is left of an exception whose row is gone there is little.
	refs, err := collect(ctx, db, scanValue[string], `
		SELECT ref FROM (SELECT ref FROM audit WHERE until > 0 UNION SELECT ref FROM action
			UNION SELECT ref FROM request WHERE state = 'approved') AS every
		WHERE NOT EXISTS (SELECT 1 FROM exception WHERE exception.ref = every.ref) ORDER BY ref`)
	for last := ""; err == nil; {
		for _, ref := range refs {
			over, err := overByAudit(ctx, db, ref, now)
			if err != nil {
				return nil, err
			}
			if over == nil {
				continue
			}
			if err := over.whose(ctx, db, addresses); err != nil {
				return nil, err
			}
			out = append(out, over.OverByAudit)
		}
		refs, err = collect(ctx, db, scanValue[string], `SELECT ref FROM exception WHERE ref > $1 ORDER BY ref LIMIT $2`, last, pageOfRefs)
		// Bytes that somebody has put in the place of a reference are above every text in SQLite, and come again and again.
		if err == nil && (len(refs) == 0 || refs[len(refs)-1] <= last) {
			return out, nil
		}
		if err == nil {
			last = refs[len(refs)-1]
		}
	}
	return nil, err
}

// pageOfRefs is how many exceptions are looked at at once.
const pageOfRefs = 1000

// lapsed is an exception that is over by the audit.
type lapsed struct {
	intake.OverByAudit
	byAudit
}

// overByAudit returns an exception that is over by the audit, and whose end nothing else tells of; nil for any other.
func overByAudit(ctx context.Context, db querier, ref string, now time.Time) (*lapsed, error) {
	rows, err := fitting(ctx, db, exceptions(), `ref = $1`, ref)
	if err != nil || len(rows) > 0 && text(rows[0], "state") != string(intake.Active) {
		return nil, err
	}
	s, err := standingOf(ctx, db, ref)
	if err != nil {
		return nil, err
	}
	var until int64
	switch {
	case len(rows) > 0: // its seal is worth more than such an audit
		_, key := db.sealing().secrets()
		until, _ = rows[0]["ends_at"].(int64)
		what := s.doubt(until, key.user(ref, text(rows[0], "subject_email")))
		if !s.unfit && what != NotInAudit || s.row != string(intake.Active) { // told of as any other, or ended
			return nil, nil
		}
	case s.unfit:
		until = s.earliest
	case s.over:
		return nil, nil
	default:
		until = s.until
	}
	if until > unix(now) {
		return nil, nil
	}
	return &lapsed{intake.OverByAudit{Ref: ref, Ends: fromUnix(until), Begun: until != 0}, s}, nil
}

// whose sets the users: those that the audit knows by their hash, or whoever was written in their place where the audit
// cannot be trusted.
func (l *lapsed) whose(ctx context.Context, db querier, addresses []string) error {
	left, err := collect(ctx, db, scanValue[string], `
		SELECT subject_email FROM exception WHERE ref = $1 UNION SELECT subject_email FROM action WHERE ref = $1
		UNION SELECT subject_email FROM request WHERE ref = $1 ORDER BY 1`, l.Ref)
	if err != nil {
		return err
	}
	_, key := db.sealing().secrets()
	for _, address := range slices.Concat(left, addresses) {
		if address != "" && slices.Contains(l.whoms, key.user(l.Ref, address)) && !slices.Contains(l.Users, address) {
			l.Users = append(l.Users, address)
		}
	}
	if len(l.Users) == 0 && (l.unfit || !l.Begun) {
		l.Users = slices.DeleteFunc(left, func(address string) bool { return address == "" })
	}
	return nil
}
