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

// Attachments reads the evidence that letters attach out of the stored messages.
type Attachments struct {
	store  *store.Store
	files  parser.Extractor
	broken error // the error that showed the database to be broken
}

// NewAttachments returns the attachments of the messages in a store.
func NewAttachments(db *store.Store) *Attachments { return &Attachments{store: db} }

// Evidence writes the decoded content of one part of a stored message to w. Its error is notify.ErrUnsendable
// if the message is encrypted to a key that is missing: no later attempt can mend that.
func (p *Attachments) Evidence(ctx context.Context, inboundID int64, part string, w io.Writer) error {
	err := p.extract(ctx, inboundID, part, w)
	if broken(err) {
		p.broken = err // the sender itself treats only the answers of servers as final
	}
	if errors.Is(err, store.ErrKey) {
		return fmt.Errorf("%w: %w", notify.ErrUnsendable, err)
	}
	return err
}

func (p *Attachments) extract(ctx context.Context, inboundID int64, part string, w io.Writer) (err error) {
	raw, err := p.store.Raw(ctx, inboundID)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, raw.Close()) }()
	return p.files.Extract(raw, part, w)
}
