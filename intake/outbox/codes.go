package outbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"mfabot/intake"
)

const (
	// seedPrefix marks what stands in the database for a code and for the
	// Message-ID made of it.
	seedPrefix = "seed-"
	codeSize   = 20 // bytes
)

var codeEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// secret returns 160 random bits in a form that survives subjects, Message-IDs
// and being typed.
func (out *Outbox) secret(prefix string) (string, error) {
	var b [codeSize]byte
	if _, err := io.ReadFull(out.random, b[:]); err != nil {
		return "", fmt.Errorf("random bytes: %w", err)
	}
	return prefix + codeEncoding.EncodeToString(b[:]), nil
}

// code is what a seed and the key make: without the key, nobody can tell it.
func (out *Outbox) code(seed string) string {
	h := hmac.New(sha256.New, out.key)
	_, _ = io.WriteString(h, "review code "+seed)
	return intake.CodePrefix + codeEncoding.EncodeToString(h.Sum(nil)[:codeSize])
}

// HashCode is the form in which codes are looked up. They are long and random, so
// that a plain digest cannot be turned back, and the time that it takes to find
// one says nothing of the code.
func HashCode(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// NewCode makes a code for one reviewer and the request as it is now, and returns
// its seed.
func (out *Outbox) NewCode(ctx context.Context, w Work, req *intake.Request, r intake.Reviewer, p intake.ReviewPurpose) (*intake.Review, error) {
	seed, err := out.secret(seedPrefix)
	if err != nil {
		return nil, err
	}
	review := &intake.Review{Ref: req.Ref, Reviewer: r.Address, Purpose: p, Seed: seed,
		CodeHash: HashCode(out.code(seed)), Digest: req.Digest, CreatedAt: w.Now}
	return review, w.AddReview(ctx, review)
}

// WithCode completes a letter that comes from the store: with the code that it
// brings, and with the Message-IDs that are made of codes. The code is left out
// where the key is not the one that it was made with, so that nothing would know it.
func (out *Outbox) WithCode(o intake.Outbound) intake.Outbound {
	if code := out.code(o.Facts.Seed); o.Facts.Seed != "" && HashCode(code) == o.Facts.CodeHash {
		o.Facts.Code = code
	}
	o.MessageID = out.unsealed(o.MessageID)
	var references []string
	for _, id := range o.References {
		references = append(references, out.unsealed(id))
	}
	o.References = references
	return o
}

// unsealed is a Message-ID as it is sent.
func (out *Outbox) unsealed(id string) string {
	seed, domain, _ := strings.Cut(id, "@")
	if !strings.HasPrefix(seed, seedPrefix) || domain != domainOf(out.Address) {
		return id
	}
	return out.code(seed) + "@" + domain
}

// sealed is a Message-ID as it is stored.
func (out *Outbox) sealed(ctx context.Context, w Work, id string) (string, error) {
	code, domain, _ := strings.Cut(strings.ToLower(id), "@")
	if domain != domainOf(out.Address) || !intake.IsCode(code) {
		return id, nil
	}
	review, err := w.ReviewByCode(ctx, HashCode(code))
	if errors.Is(err, intake.ErrNotFound) || (err == nil && review.Seed == "") {
		return id, nil
	}
	if err != nil {
		return "", err
	}
	return review.Seed + "@" + domain, nil
}

// LetterOf finds the letter of ours that went out with a Message-ID, or ErrNotFound.
func (out *Outbox) LetterOf(ctx context.Context, w Work, messageID string) (*intake.Outbound, error) {
	id, err := out.sealed(ctx, w, messageID)
	if err != nil {
		return nil, err
	}
	return w.OutboundByMessageID(ctx, id)
}
