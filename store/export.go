package store

import (
	"context"

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

// exportReader reads what is on record of a person.
type exportReader struct{ querier }

// refsOf selects the references of a user.
const refsOf = `SELECT ref FROM request WHERE subject_email = $1 UNION SELECT ref FROM exception WHERE subject_email = $1`

// Person returns what is on record of one person.
func (db exportReader) Person(ctx context.Context, address string) (p Person, err error) {
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
		SELECT `+outboundColumns+` FROM outbound WHERE recipient = $1 OR ref IN (`+refsOf+`) ORDER BY id`, address); err != nil {
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
