package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"

	"mfabot/intake"
)

// How the rows that the bot acts on are sealed.
//
// Each has a seal over the columns that are acted on, made with a key that is not in the database from what the bot
// writes, in the transaction that writes it. A row is read only where its seal fits: otherwise it is as if it were not
// there, and is noted for the operator. A row is changed only where its seal fits, so that no change passes off what
// somebody else wrote. A tally of each table, sealed as well, tells of rows that were removed.
//
// What only puts off an attempt is not sealed, as nobody is bound by it for longer than a day.

// sealedKind is a table whose rows are sealed, with the columns that are acted on.
type sealedKind struct {
	table    string
	key      string // the column that identifies a row
	numbered bool   // by the database, as the row is added
	columns  []string
	// later are columns that came after the first seals. They are part of a seal only where they are set, so that the
	// seals of rows from before still fit.
	later []string
}

// stored are all columns by which a row is checked and sealed, as a query names them.
func (k sealedKind) stored() string {
	return strings.Join(append(slices.Concat(k.columns, k.later), "seal"), ", ")
}

// keyOf is what identifies a row.
func (k sealedKind) keyOf(row cells) string { return fmt.Sprint(row[k.key]) }

// The kinds. A column that is added and acted on is added here.
func exceptions() sealedKind {
	return sealedKind{"exception", "ref", false, []string{"ref", "category", "state", "subject_email", "subject_name", "site_code",
		"site_address", "reason", "note", "granted_by", "starts_at", "ends_at", "next_notice_at", "closed_at", "purged_at",
		"directory_id", "superseded_by"}, nil}
}

func actions() sealedKind {
	return sealedKind{"action", "id", true, []string{"id", "ref", "kind", "state", "subject_email", "directory_id", "created_at"}, nil}
}

func letters() sealedKind {
	return sealedKind{"outbound", "id", true, []string{"id", "message_id", "ref", "template", "why", "recipient", "answers_to", "thread",
		"facts", "attach", "answer", "state", "created_at", "bounced_at", "bounce_status", "stands_for",
		"purged_at"}, []string{"held_until", "subject", "went_to"}}
}

func reviews() sealedKind {
	return sealedKind{"review", "id", true, []string{"id", "ref", "reviewer", "purpose", "seed", "token_hash", "digest", "created_at",
		"void_at", "decision", "text", "decided_at", "together"}, nil}
}

func absences() sealedKind {
	return sealedKind{"absence", "reviewer", false, []string{"reviewer", "since", "until", "ended_at", "deputy", "by_hand"}, nil}
}

func requests() sealedKind {
	return sealedKind{"request", "ref", false, []string{"ref", "state", "version", "subject_email", "subject_name", "site_code",
		"site_address", "reason", "justification", "auth_method", "requested_by", "senders", "barred", "received_at",
		"waiting_since", "lapses_at", "renews", "corrects", "digest", "inbound_id", "purged_at"}, []string{"writer"}}
}

func marks() sealedKind { return sealedKind{"mark", "name", false, []string{"name", "n"}, nil} }

func tallies() sealedKind { return sealedKind{"tally", "name", false, []string{"name", "n"}, nil} }

func sealedKinds() []sealedKind {
	return []sealedKind{exceptions(), actions(), letters(), reviews(), absences(), requests(), marks(), tallies()}
}

// Refused is a row that the bot does not act on.
type Refused struct {
	Table string
	Key   string // what identifies it there: a reference, a number or an address
	What  Fault
}

// String is a line for the operator.
func (r Refused) String() string { return r.Table + " " + r.Key + ": " + string(r.What) }

// sealing checks and makes the seals of rows. It is shared by everything that reads or writes one database.
type sealing struct {
	mu      sync.Mutex
	key     rowKey // nil until SealRows: nothing is checked, nor sealed
	audit   auditKey
	refused map[Refused]bool
}

// rowKey seals rows. A nil key seals nothing: its seals are empty.
type rowKey []byte

// newRowKey derives the key from the one that is kept beside the database.
func newRowKey(key []byte) rowKey {
	if len(key) == 0 {
		return nil
	}
	h := hmac.New(sha256.New, key)
	_, _ = io.WriteString(h, "rows")
	return h.Sum(nil)
}

// mark says in a seal which key made it.
func (k rowKey) mark() string { return auditKey(k).mac("mfabot key")[:8] }

// row returns the seal of a row.
func (k rowKey) row(kind sealedKind, row cells) string {
	if k == nil {
		return ""
	}
	fields := []string{"mfabot row", kind.table}
	for _, column := range kind.columns {
		fields = append(fields, column, cell(row[column]))
	}
	for _, column := range kind.later {
		if set := cell(row[column]); row[column] != nil && set != cell("") && set != cell(int64(0)) {
			fields = append(fields, column, set)
		}
	}
	return k.mark() + ":" + auditKey(k).mac(fields...)
}

// fault returns what is wrong with a row; empty for nothing.
func (k rowKey) fault(kind sealedKind, row cells) Fault {
	if k == nil {
		return ""
	}
	seal := text(row, "seal")
	switch mark, _, sealed := strings.Cut(seal, ":"); {
	case hmac.Equal([]byte(seal), []byte(k.row(kind, row))):
		return ""
	case sealed && mark != k.mark():
		return OtherKey
	}
	return Unsealed
}

// use gives the keys with which rows are checked and sealed from then on, and the audit of them is checked.
func (s *sealing) use(key rowKey, audit auditKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key, s.audit = key, audit
}

func (s *sealing) secrets() (rowKey, auditKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.key, s.audit
}

func (s *sealing) secret() rowKey {
	key, _ := s.secrets()
	return key
}

// note keeps what was refused for Refusals.
func (s *sealing) note(table, key string, what Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := Refused{table, key, what}
	if s.refused == nil {
		s.refused = make(map[Refused]bool)
	}
	if _, known := s.refused[r]; !known {
		s.refused[r] = true
	}
}

// Refusals returns the rows that were refused since it was called last, in order. Each is returned once.
func (s *Store) Refusals() (out []Refused) {
	s.seals.mu.Lock()
	defer s.seals.mu.Unlock()
	for r, untold := range s.seals.refused {
		if untold {
			out = append(out, r)
			s.seals.refused[r] = false
		}
	}
	slices.SortFunc(out, func(a, b Refused) int { return strings.Compare(a.String(), b.String()) })
	return out
}

// ErrOtherKey says that the database was sealed with another key.
var ErrOtherKey = errors.New("the database was sealed with another key")

// Sealed reports whether rows or the audit were sealed, with whatever key.
func (s *Store) Sealed(ctx context.Context) (bool, error) {
	return value[bool](ctx, s.auditReader, `
		SELECT EXISTS (SELECT 1 FROM tally WHERE seal <> '') OR EXISTS (SELECT 1 FROM audit_head WHERE mac <> '')`)
}

// rowCheck walks through the rows that the bot acts on.
type rowCheck struct {
	key    rowKey
	audit  *auditCheck
	sealed int // the rows with a seal of whatever key
	ours   int // those with one of this key
	faults []Refused
	counts map[string]int64 // of the rows of each table
	tally  map[string]int64 // of the rows that there should be, where the tally fits
}

// check goes through the rows of a kind.
func (r *rowCheck) check(ctx context.Context, db querier, kind sealedKind) error {
	if r.counts == nil {
		r.counts, r.tally = make(map[string]int64), make(map[string]int64)
	}
	return eachRow(ctx, db, func(row scanner) error {
		all, err := cellsOf(row)
		if err != nil {
			return err
		}
		mark, _, sealed := strings.Cut(text(all, "seal"), ":")
		if sealed {
			r.sealed++
		}
		if r.key != nil && mark == r.key.mark() {
			r.ours++
		}
		what := r.key.fault(kind, all)
		if what == "" {
			what = r.against(kind, all)
		}
		if what != "" {
			r.faults = append(r.faults, Refused{kind.table, fmt.Sprint(all[kind.key]), what})
		}
		if what == "" || kind.table != exceptions().table { // of these others see known
			r.counts[kind.table]++
		}
		return nil
	}, fmt.Sprintf(`SELECT %s FROM %s ORDER BY %s`, kind.stored(), kind.table, kind.key))
}

// against compares a row whose seal fits with the audit, and keeps the tallies.
func (r *rowCheck) against(kind sealedKind, row cells) Fault {
	switch kind.table {
	case tallies().table:
		r.tally[text(row, "name")], _ = row["n"].(int64)
	case exceptions().table:
		ref := text(row, "ref")
		says, exempt := r.audit.exempt[ref]
		delete(r.audit.exempt, ref) // it is there
		ends, _ := row["ends_at"].(int64)
		switch {
		case text(row, "state") != string(intake.Active):
		case !exempt:
			return NotInAudit // or over: see known
		default:
			return says.doubt(ends, r.audit.key.user(ref, text(row, "subject_email")))
		}
	}
	return ""
}

// known asks what the audit knows of the exceptions in which something is wrong. One of which it knows nothing is made up:
// such a row must not take the place of one that is gone.
func (r *rowCheck) known(ctx context.Context, db querier) error {
	for i, f := range r.faults {
		if f.Table != exceptions().table {
			continue
		}
		says, err := standingOf(ctx, db, f.Key)
		if err != nil {
			return err
		}
		if says.until != 0 {
			r.counts[f.Table]++
		}
		if f.What == NotInAudit && says.over {
			r.faults[i].What = NoLonger
		}
	}
	return nil
}

// found returns what is wrong, with what is missing.
func (r *rowCheck) found(ctx context.Context, db querier) ([]Refused, error) {
	if r.sealed > 0 && r.ours == 0 {
		return []Refused{foreign()}, nil
	}
	if err := r.known(ctx, db); err != nil {
		return nil, err
	}
	for _, f := range r.faults {
		if f.Table == exceptions().table { // it is told of
			delete(r.audit.exempt, f.Key)
		}
	}
	for _, kind := range sealedKinds() {
		want, known := r.tally[kind.table]
		switch have := r.counts[kind.table]; {
		case kind.table == tallies().table:
			if want := int64(len(sealedKinds()) - 2); have < want { // marks have none, nor has the tally itself
				r.faults = append(r.faults, Refused{kind.table, Everything, RowsGone})
			}
		case known && have < want:
			r.faults = append(r.faults, Refused{kind.table, Everything, RowsGone})
		case known && have > want:
			r.faults = append(r.faults, Refused{kind.table, Everything, RowsAdded})
		}
	}
	for _, ref := range slices.Sorted(maps.Keys(r.audit.exempt)) {
		r.faults = append(r.faults, Refused{exceptions().table, ref, RowMissing})
	}
	return r.faults, nil
}
