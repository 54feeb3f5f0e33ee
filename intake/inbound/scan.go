package inbound

import (
	"bytes"
	"context"
	"errors"
	"io"

	"mfabot/intake"
	"mfabot/parser"
)

// Scanner checks files for viruses.
type Scanner interface {
	// Scan returns the name of the virus in what content writes, or "". An error means that nothing is known
	// about the file yet; ErrNotScanned that nothing ever will be.
	Scan(ctx context.Context, content func(io.Writer) error) (virus string, err error)
}

// scan scans the files that count as evidence. One that has a virus or cannot be scanned no longer counts. An
// error is the scanner's: the message must wait.
func (r *reader) scan(ctx context.Context, m *parser.Message, raw []byte) error {
	if r.scanner == nil {
		return nil
	}
	for i := range m.Evidence {
		a := &m.Evidence[i]
		if !a.Counts {
			continue
		}
		virus, err := r.scanner.Scan(ctx, func(w io.Writer) error { return parser.Extract(bytes.NewReader(raw), a.Part, w) })
		switch {
		case errors.Is(err, intake.ErrNotScanned):
			a.Counts, a.Why = false, "it is too large to be checked for viruses: please send a smaller file"
		case err != nil:
			return err
		case virus != "":
			a.Counts, a.Why = false, "it holds a virus ("+virus+"): please have your computer checked, and send a clean file"
		}
	}
	return nil
}
