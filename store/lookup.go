package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
)

// Person is what is on record of one person, by their address.
type Person struct {
	Refs     []string         // of their requests and exceptions, in order
	Messages []intake.Inbound // about these, or that they wrote; oldest first, without the raw bytes
	Letters  []intake.Outbound
	// Others has, by message, the references of other people that the message serves too.
	Others map[int64][]string
}

// lookupReader reads what is on record of a person, and looks for what has certain words.
type lookupReader struct{ querier }

// refsOf selects the references of a user.
const refsOf = `SELECT ref FROM request WHERE subject_email = $1 UNION SELECT ref FROM exception WHERE subject_email = $1`

// Person returns what is on record of one person.
func (db lookupReader) Person(ctx context.Context, address string) (p Person, err error) {
	if p.Refs, err = collect(ctx, db, scanValue[string], refsOf+` ORDER BY ref`, address); err != nil {
		return p, err
	}
	if p.Messages, err = collect(ctx, db, scanInbound, `
		WITH own AS (`+refsOf+`)
		SELECT `+inboundColumns+` FROM inbound
		WHERE from_address = $1
			OR id IN (SELECT inbound_id FROM request WHERE ref IN (SELECT ref FROM own))
			OR id IN (SELECT inbound_id FROM evidence WHERE ref IN (SELECT ref FROM own))
			OR EXISTS (SELECT 1 FROM own WHERE ',' || inbound.ref || ',' LIKE '%,' || own.ref || ',%')
		ORDER BY id`, address); err != nil {
		return p, err
	}
	if p.Letters, err = collect(ctx, db, scanOutbound, `
		SELECT `+outboundColumns+` FROM outbound WHERE recipient = $1 OR ref IN (`+refsOf+`)
			OR id IN (SELECT letter FROM letter_row WHERE ref IN (`+refsOf+`)) ORDER BY id`, address); err != nil {
		return p, err
	}
	p.Others = make(map[int64][]string)
	for _, m := range p.Messages {
		if p.Others[m.ID], err = collect(ctx, db, scanValue[string], `
			SELECT ref FROM request
			WHERE subject_email <> $1
				AND (inbound_id = $2 OR ref IN (SELECT ref FROM evidence WHERE inbound_id = $2) OR $3 LIKE '%,' || ref || ',%')
			UNION SELECT ref FROM exception WHERE subject_email <> $1 AND $3 LIKE '%,' || ref || ',%'
			ORDER BY ref`, address, m.ID, ","+m.Ref+","); err != nil {
			return p, err
		}
	}
	return p, nil
}

// Sought is a word that is looked for.
type Sought struct {
	Word  string   // as intake.Folded has it; empty where only the sites count
	Sites []string // the ODS codes of the sites that have the word by the register
}

// narrowed is the condition on the rows that may have the word, whose arguments are bound after n others. LIKE does not know
// that letters with accents are letters, and only names have some: each name that is not all ASCII is read, for found to
// decide.
func (s Sought) narrowed(n int) (condition string, args []any) {
	condition = "FALSE"
	if s.Word != "" {
		within := "%" + strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s.Word) + "%"
		args = append(args, within)
		condition = fmt.Sprintf(words+" LIKE %s ESCAPE '!' OR octet_length("+words+") > length("+words+")", list(1, n))
	}
	switch {
	case len(s.Sites) > maxSites:
		condition, args = "TRUE", nil
	case len(s.Sites) > 0:
		condition += fmt.Sprintf(" OR site_code IN (%s)", list(len(s.Sites), n+len(args)))
		for _, code := range s.Sites {
			args = append(args, code)
		}
	}
	return "(" + condition + ")", args
}

// words are the fields of a row that are looked at, as the indexes have them.
const words = `lower(ref || ' ' || subject_email || ' ' || subject_name || ' ' || site_code || ' ' || site_address)`

// maxSites bounds the sites that a query names. A word that more of them have narrows nothing by itself.
const maxSites = 5000

// narrowed is the condition on the rows that may have all words.
func narrowed(all []Sought) (condition string, args []any) {
	conditions := []string{"TRUE"}
	for _, s := range all {
		one, bound := s.narrowed(len(args))
		conditions, args = append(conditions, one), append(args, bound...)
	}
	return strings.Join(conditions, " AND "), args
}

// having returns the references in a table of what has all words, the newest first, at being when it came. It reads nothing but the
// index of the words, so that the many rows that the database cannot tell from those are not read as a whole.
func having(ctx context.Context, db querier, all []Sought, table, at string, first int) iter.Seq2[string, error] {
	which, args := narrowed(all)
	scan := func(row scanner) (ref string, err error) {
		var when int64
		var has, site string
		if err := row.Scan(&when, &ref, &has, &site); err != nil {
			return "", err
		}
		has = intake.Folded(has)
		if slices.ContainsFunc(all, func(s Sought) bool {
			return !slices.Contains(s.Sites, site) && (s.Word == "" || !strings.Contains(has, s.Word))
		}) {
			return "", errPassed
		}
		return ref, nil
	}
	return paged(ctx, db, scan, first, inPages{[]string{at, "ref"}, true},
		`SELECT `+at+`, ref, `+words+` AS words, site_code FROM `+table+` WHERE `+which, args...)
}

// eachOf reads what has references, one by one; what is not as the bot wrote it is left out.
func eachOf[T any](refs iter.Seq2[string, error], read func(ref string) (*T, error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for ref, err := range refs {
			v := new(T)
			if err == nil {
				v, err = read(ref)
			}
			switch {
			case errors.Is(err, intake.ErrNotFound):
			case err != nil:
				yield(*new(T), err)
				return
			case !yield(*v, nil):
				return
			}
		}
	}
}

// FindRequests returns the requests that have all words, the newest first, without their evidence. first is how many are looked
// for at once; the others are as they are wanted.
func (db lookupReader) FindRequests(ctx context.Context, all []Sought, first int) iter.Seq2[intake.Request, error] {
	return eachOf(having(ctx, db, all, "request", "received_at", first), func(ref string) (*intake.Request, error) {
		return sealedRow(ctx, db, requests(), scanRequest, `SELECT `+requestColumns+` FROM request WHERE ref = $1`, ref)
	})
}

// FindExceptions returns the exceptions that have all words, as FindRequests does.
func (db lookupReader) FindExceptions(ctx context.Context, all []Sought, first int) iter.Seq2[intake.Exception, error] {
	return eachOf(having(ctx, db, all, "exception", "starts_at", first), func(ref string) (*intake.Exception, error) {
		return exceptionReader{db}.Exception(ctx, ref)
	})
}

// Listing says which rows of a list are wanted.
type Listing struct {
	States    []string // what became of them; all where it is empty
	Site      string   // an ODS code; all where it is empty
	Addresses []string // of that site, one or more, from or to which its messages and letters are
	Since     time.Time
	First     int // how many are read at first, one or more; the rest is read as it is wanted
}

// condition is what rows must fulfil, with the values of its places.
type condition struct {
	texts  []string
	values []any
}

// and adds a text in which each ? is the place of a value.
func (c *condition) and(text string, values ...any) {
	for _, v := range values {
		c.values = append(c.values, v)
		text = strings.Replace(text, "?", list(1, len(c.values)-1), 1)
	}
	c.texts = append(c.texts, text)
}

func (c *condition) String() string { return strings.Join(c.texts, " AND ") }

// blanks are the places of values in a condition.
func blanks(values []string) string {
	return strings.TrimSuffix(strings.Repeat("?, ", len(values)), ", ")
}

// bound are texts as values of a query.
func bound(texts []string) (out []any) {
	for _, t := range texts {
		out = append(out, t)
	}
	return out
}

// ListExceptions returns the exceptions that are wanted, the newest first, by their state at now.
func (db lookupReader) ListExceptions(ctx context.Context, l Listing, now time.Time) iter.Seq2[intake.Exception, error] {
	var c condition
	c.and(`starts_at >= ?`, unix(l.Since))
	if l.Site != "" {
		c.and(`site_code = ?`, l.Site)
	}
	var query string
	switch {
	case len(l.States) == 0:
		query = `SELECT ` + exceptionColumns + ` FROM exception WHERE ` + c.String()
	case l.Site != "": // of which there are few
		c.and(`CASE WHEN state = 'active' AND ends_at <= ? THEN 'ended' ELSE state END IN (`+blanks(l.States)+`)`,
			append([]any{unix(now)}, bound(l.States)...)...)
		query = `SELECT ` + exceptionColumns + ` FROM exception WHERE ` + c.String()
	default:
		query = ofStates(&c, l.States, now)
	}
	scan := only(scanException, func(e intake.Exception) (bool, error) { return stands(ctx, db, e) })
	return paged(ctx, db, checked(db.sealing(), exceptions(), scan), l.First, inPages{[]string{"starts_at", "ref"}, true},
		query, c.values...)
}

// ofStates is the query of the exceptions that are in one of the states at now, and fulfil a condition: a part for each state, so
// that each goes by the index of just that one.
func ofStates(c *condition, states []string, now time.Time) string {
	other := c.String()
	var parts []string
	part := func(of string, values ...any) {
		var own condition
		own.values = c.values
		own.and(of, values...)
		c.values = own.values
		parts = append(parts, `SELECT `+exceptionColumns+` FROM exception WHERE `+other+` AND `+own.String())
	}
	for _, state := range slices.Compact(slices.Sorted(slices.Values(states))) {
		switch state {
		case string(intake.Active):
			part(`state = 'active' AND ends_at > ?`, unix(now))
		case string(intake.Ended):
			part(`state = 'ended'`)
			part(`state = 'active' AND ends_at <= ?`, unix(now))
		default:
			part(`state = ?`, state)
		}
	}
	return strings.Join(parts, ` UNION ALL `)
}

// ListInbound returns the messages of the ledger that are wanted, the newest first, without the raw messages.
func (db lookupReader) ListInbound(ctx context.Context, l Listing) iter.Seq2[intake.Inbound, error] {
	var c condition
	c.and(`received_at >= ?`, unix(l.Since))
	if len(l.States) > 0 {
		c.and(`outcome IN (`+blanks(l.States)+`)`, bound(l.States)...)
	}
	if l.Site != "" {
		c.and(`(from_address IN (`+blanks(l.Addresses)+`) OR ref IN (SELECT ref FROM request WHERE site_code = ?))`,
			append(bound(l.Addresses), l.Site)...)
	}
	return paged(ctx, db, scanInbound, l.First, inPages{[]string{"received_at", "id"}, true},
		`SELECT `+inboundColumns+` FROM inbound WHERE `+c.String(), c.values...)
}

// ListOutbound returns the letters that are wanted, the newest first.
func (db lookupReader) ListOutbound(ctx context.Context, l Listing) iter.Seq2[intake.Outbound, error] {
	var c condition
	c.and(`created_at >= ?`, unix(l.Since))
	if len(l.States) > 0 {
		c.and(`state IN (`+blanks(l.States)+`)`, bound(l.States)...)
	}
	if l.Site != "" {
		c.and(`(recipient IN (`+blanks(l.Addresses)+`) OR ref IN (SELECT ref FROM request WHERE site_code = ?)
			OR ref IN (SELECT ref FROM exception WHERE site_code = ?)
			OR id IN (SELECT letter FROM letter_row AS r JOIN exception AS x ON x.ref = r.ref WHERE x.site_code = ?))`,
			append(bound(l.Addresses), l.Site, l.Site, l.Site)...)
	}
	return paged(ctx, db, scanOutbound, l.First, inPages{[]string{"created_at", "id"}, true},
		`SELECT `+outboundColumns+` FROM outbound WHERE `+c.String(), c.values...)
}
