package store

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"mfabot/intake"
)

// eraseReader finds where an address appears.
type eraseReader struct{ querier }

// eraseWriter removes an address.
type eraseWriter struct {
	*transaction
	audit auditWriter
}

// Traces returns where an address appears.
func (db eraseReader) Traces(ctx context.Context, address string) (found intake.Traces, err error) {
	if found.Refs, err = collect(ctx, db, scanValue[string], `
		SELECT ref FROM request WHERE subject_email = $1 UNION SELECT ref FROM exception WHERE subject_email = $1 ORDER BY ref`,
		address); err != nil {
		return found, err
	}
	if found.Asked, err = collect(ctx, db, scanValue[string], `
		SELECT ref FROM request WHERE requested_by = $1 OR site_address = $1
		UNION SELECT ref FROM exception WHERE site_address = $1 ORDER BY ref`,
		address); err != nil {
		return found, err
	}
	if found.Messages, err = collect(ctx, db, scanValue[int64], `
		SELECT id FROM inbound WHERE from_address = $1 AND purged_at = 0 AND outcome <> '' ORDER BY id`, address); err != nil {
		return found, err
	}
	if found.Letters, err = collect(ctx, db, scanValue[int64], `
		SELECT id FROM outbound WHERE recipient = $1 ORDER BY id`, address); err != nil {
		return found, err
	}
	pattern, inJSON, err := patterns(address)
	if err != nil {
		return found, err
	}
	found.Queued, err = value[int](ctx, db, `
		SELECT COUNT(*) FROM outbound
		WHERE state = 'queued' AND (recipient = $1 OR lower(facts) LIKE lower($2) ESCAPE '!' OR lower(facts) LIKE lower($3) ESCAPE '!')`,
		address, pattern, inJSON)
	return found, err
}

// place is a column that may hold an address, with the column that identifies its row.
type place struct {
	table, key, column string
	isJSON             bool
}

// places returns all such columns but those of the audit.
func places() []place {
	return []place{
		{"inbound", "id", "message_id", false}, {"inbound", "id", "from_address", false}, {"inbound", "id", "subject", false},
		{"inbound", "id", "checks", true},
		{"request", "ref", "site_address", false}, {"request", "ref", "justification", false}, {"request", "ref", "requested_by", false},
		{"request", "ref", "senders", false}, {"request", "ref", "writer", true}, {"request", "ref", "barred", false},
		{"request", "ref", "subject_name", false},
		{"evidence", "id", "filename", false}, {"evidence", "id", "declared_type", false}, {"evidence", "id", "why", false},
		{"review", "id", "reviewer", false}, {"review", "id", "text", false},
		{"exception", "ref", "site_address", false}, {"exception", "ref", "subject_name", false}, {"exception", "ref", "note", false},
		{"exception", "ref", "granted_by", false},
		{"outbound", "id", "recipient", false}, {"outbound", "id", "answers_to", false}, {"outbound", "id", "thread", true},
		{"outbound", "id", "facts", true}, {"outbound", "id", "attach", true}, {"outbound", "id", "last_error", false},
		{"outbound", "id", "subject", false}, {"outbound", "id", "went_to", false},
		{"action", "id", "last_error", false}, {"hold", "ref", "by", false}, {"hold", "ref", "reason", false},
	}
}

// EraseMentions removes an address from every text there is. It returns how many texts held it, and the
// references that these belong to. An entry of the audit is blanked as a whole.
func (t eraseWriter) EraseMentions(ctx context.Context, address string) (n int, refs []string, err error) {
	for _, p := range places() {
		touched, err := t.eraseIn(ctx, p, address)
		if err != nil {
			return n, nil, fmt.Errorf("%s of %s: %w", p.column, p.table, err)
		}
		refs = append(refs, touched...)
	}
	touched, err := t.eraseInAudit(ctx, address)
	if err != nil {
		return n, nil, err
	}
	refs = append(refs, touched...)
	return len(refs), refs, t.eraseRows(ctx, address)
}

// eraseRows removes an address where it is the key of something that only serves the next letters to a
// reviewer or a correspondent. No decision needs any of it.
func (t eraseWriter) eraseRows(ctx context.Context, address string) error {
	for _, query := range []string{
		`DELETE FROM allowance WHERE name IN ('address:' || $1, 'forward:address:' || $1, 'away:' || $1)`,
		`DELETE FROM reminder WHERE reviewer = $1`,
		`UPDATE kept_by_cause SET lines = replace(lines, $1, '` + erased + `')`,
	} {
		if _, err := t.exec(ctx, query, address); err != nil {
			return err
		}
	}
	if err := t.remove(ctx, absences(), `reviewer = $1`, address); err != nil {
		return err
	}
	return t.blank(ctx, absences(), cells{"deputy": erased}, `deputy = $1`, address) // empty would mean the configured one
}

// eraseIn removes an address from one column, and returns the references of the rows.
func (t eraseWriter) eraseIn(ctx context.Context, p place, address string) (refs []string, err error) {
	inText, inJSON, err := patterns(address)
	if err != nil {
		return nil, err
	}
	type found struct {
		key       any // a number or a text, as its column is
		ref, text string
	}
	scan := func(row scanner) (f found, err error) {
		err = row.Scan(&f.key, &f.ref, &f.text)
		return f, err
	}
	rows, err := collect(ctx, t, scan, fmt.Sprintf(
		`SELECT %s, ref, %s FROM %s WHERE lower(%s) LIKE lower($1) ESCAPE '!' OR lower(%s) LIKE lower($2) ESCAPE '!'`,
		p.key, p.column, p.table, p.column, p.column), inText, inJSON)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		text, changed, err := without(row.text, address, p.isJSON)
		if err != nil {
			return nil, err
		}
		if !changed {
			continue
		}
		refs = append(refs, row.ref)
		if err := t.eraseTo(ctx, p, row.key, text); err != nil {
			return nil, err
		}
	}
	return refs, nil
}

// eraseTo puts a text into a row in place of what was there.
func (t eraseWriter) eraseTo(ctx context.Context, p place, key any, text string) error {
	for _, kind := range sealedKinds() {
		if kind.table == p.table {
			return t.blank(ctx, kind, cells{p.column: text}, kind.key+` = $1`, key)
		}
	}
	_, err := t.exec(ctx, fmt.Sprintf(`UPDATE %s SET %s = $1 WHERE %s = $2`, p.table, p.column, p.key), text, key)
	return err
}

// eraseInAudit blanks the entries of the audit that name an address, and returns their references.
func (t eraseWriter) eraseInAudit(ctx context.Context, address string) (refs []string, err error) {
	inText, _, err := patterns(address)
	if err != nil {
		return nil, err
	}
	type found struct {
		id            int64
		ref, by, text string
	}
	scan := func(row scanner) (f found, err error) {
		err = row.Scan(&f.id, &f.ref, &f.by, &f.text)
		return f, err
	}
	rows, err := collect(ctx, t, scan, `
		SELECT id, ref, by, text FROM audit WHERE lower(by) LIKE lower($1) ESCAPE '!' OR lower(text) LIKE lower($1) ESCAPE '!'`, inText)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		_, by, _ := without(row.by, address, false)
		_, text, _ := without(row.text, address, false)
		if !by && !text {
			continue
		}
		refs = append(refs, row.ref)
		if err := t.audit.redactEntry(ctx, row.id); err != nil {
			return nil, err
		}
	}
	return refs, nil
}

// patterns returns what LIKE finds an address by, in plain text and within JSON.
func patterns(address string) (inText, inJSON string, err error) {
	quoted, err := json.Marshal(address)
	escape := strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")
	return "%" + escape.Replace(address) + "%", "%" + escape.Replace(strings.Trim(string(quoted), `"`)) + "%", err
}

// erased replaces an address.
const erased = "[erased]"

// without removes an address from a text, whatever its case, and reports whether it was there. A longer
// address that contains it is somebody else's. In JSON every string is searched.
func without(text, address string, isJSON bool) (string, bool, error) {
	form := regexp.MustCompile(`(?i)` + regexp.QuoteMeta(address))
	if !isJSON {
		out := replaceAddress(form, text)
		return out, out != text, nil
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return text, false, err
	}
	changed := false
	v = eachString(v, func(s string) string {
		out := replaceAddress(form, s)
		changed = changed || out != s
		return out
	})
	var b bytes.Buffer
	err := json.NewEncoder(&b).Encode(v)
	return strings.TrimSpace(b.String()), changed, err
}

// eachString passes every string of a JSON value through do.
func eachString(v any, do func(string) string) any {
	switch v := v.(type) {
	case string:
		return do(v)
	case []any:
		for i := range v {
			v[i] = eachString(v[i], do)
		}
	case map[string]any:
		for k := range v {
			v[k] = eachString(v[k], do)
		}
	}
	return v
}

func replaceAddress(form *regexp.Regexp, text string) string {
	var out strings.Builder
	from := 0
	for _, at := range form.FindAllStringIndex(text, -1) {
		if continues(reversed(text[:at[0]]), "._%+-") || continues(text[at[1]:], ".-") {
			continue
		}
		out.WriteString(text[from:at[0]] + erased)
		from = at[1]
	}
	return out.String() + text[from:]
}

// continues reports whether an address goes on in a text: with a letter or a digit, or with one after a sign
// that may stand within addresses.
func continues(text, within string) bool {
	r, n := utf8.DecodeRuneInString(text)
	if strings.ContainsRune(within, r) {
		r, _ = utf8.DecodeRuneInString(text[n:])
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

// reversed is the end of a text backwards, as far as continues looks.
func reversed(text string) string {
	last, n := utf8.DecodeLastRuneInString(text)
	before, _ := utf8.DecodeLastRuneInString(text[:len(text)-n])
	return string([]rune{last, before})
}
