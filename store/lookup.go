package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

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

// found reports whether a request or an exception has all words.
func found(all []Sought, ref string, user intake.User, siteCode, siteAddress string) bool {
	fields := []string{ref, user.Email, user.Name, siteCode, siteAddress}
	for i := range fields {
		fields[i] = intake.Folded(fields[i])
	}
	return !slices.ContainsFunc(all, func(s Sought) bool {
		has := func(field string) bool { return s.Word != "" && strings.Contains(field, s.Word) }
		return !slices.Contains(s.Sites, siteCode) && !slices.ContainsFunc(fields, has)
	})
}

// FindRequests returns at most limit of the requests that have all words, the newest first, without their evidence.
func (db lookupReader) FindRequests(ctx context.Context, all []Sought, limit int) ([]intake.Request, error) {
	which, args := narrowed(all)
	scan := only(scanRequest, func(r intake.Request) (bool, error) {
		return found(all, r.Ref, r.User, r.SiteCode, r.SiteAddress), nil
	})
	return sealedPages(ctx, db, requests(), scan, limit, inPages{[]string{"received_at", "ref"}, true},
		`SELECT `+requestColumns+` FROM request WHERE `+which, args...)
}

// FindExceptions returns at most limit of the exceptions that have all words, the newest first.
func (db lookupReader) FindExceptions(ctx context.Context, all []Sought, limit int) ([]intake.Exception, error) {
	which, args := narrowed(all)
	scan := only(scanException, func(e intake.Exception) (bool, error) {
		if !found(all, e.Ref, e.User, e.SiteCode, e.SiteAddress) {
			return false, nil
		}
		return stands(ctx, db, e)
	})
	return sealedPages(ctx, db, exceptions(), scan, limit, inPages{[]string{"starts_at", "ref"}, true},
		`SELECT `+exceptionColumns+` FROM exception WHERE `+which, args...)
}
