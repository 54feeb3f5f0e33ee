package bot

import (
	"context"
	"errors"
	"fmt"
	"io"

	"mfabot/notify"
	"mfabot/parser"
	"mfabot/store"
)

// Parts gives letters the content of the evidence that they attach.
type Parts struct {
	store  *store.Store
	broken error // by which the database showed itself to be broken
}

// NewParts returns the parts of the messages in a store.
func NewParts(db *store.Store) *Parts { return &Parts{store: db} }

// Evidence writes the decoded content of one part of a stored message. Where that is
// encrypted to a key that is not there, no later attempt can mend it.
func (p *Parts) Evidence(ctx context.Context, inboundID int64, part string, w io.Writer) error {
	err := p.extract(ctx, inboundID, part, w)
	if broken(err) {
		p.broken = err // the sender takes no fault for final, but for what a server says
	}
	if errors.Is(err, store.ErrKey) {
		return fmt.Errorf("%w: %w", notify.ErrUnsendable, err)
	}
	return err
}

func (p *Parts) extract(ctx context.Context, inboundID int64, part string, w io.Writer) (err error) {
	raw, err := p.store.Raw(ctx, inboundID)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, raw.Close()) }()
	return parser.Extract(raw, part, w)
}
