package intake

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
)

// Review codes are made of a seed, which is stored, and of a key, which is not: a
// copy of the database has no code in it that still works.

const (
	// secretPrefix marks the codes that come back in replies, wherever they stand.
	secretPrefix = "mfa-"
	// seedPrefix marks what stands in the database for a code and for the
	// Message-ID made of it.
	seedPrefix = "seed-"
	// secretForm is a code: 160 bits.
	secretForm = secretPrefix + `[a-z2-7]{32}`
	secretSize = 20
	// KeySize is the least length of a key, in bytes.
	KeySize = 32
)

var secretEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// secret returns 160 random bits in a form that survives subjects, Message-IDs
// and being typed.
func (out *Outbox) secret(prefix string) (string, error) {
	var b [secretSize]byte
	if _, err := io.ReadFull(out.random, b[:]); err != nil {
		return "", fmt.Errorf("random bytes: %w", err)
	}
	return prefix + secretEncoding.EncodeToString(b[:]), nil
}

// code is what a seed and the key make: without the key, nobody can tell it.
func (out *Outbox) code(seed string) string {
	h := hmac.New(sha256.New, out.key)
	_, _ = io.WriteString(h, "review code "+seed)
	return secretPrefix + secretEncoding.EncodeToString(h.Sum(nil)[:secretSize])
}

// hashToken is the form in which codes are looked up. They are long and random, so
// that a plain digest cannot be turned back, and the time that it takes to find
// one says nothing of the code.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// newCode makes a code for one reviewer and the request as it is now, and returns
// its seed.
func (out *Outbox) newCode(ctx context.Context, w Work, req *Request, r Reviewer, p ReviewPurpose) (*ReviewRecord, error) {
	seed, err := out.secret(seedPrefix)
	if err != nil {
		return nil, err
	}
	review := &ReviewRecord{Ref: req.Ref, Reviewer: r.Address, Purpose: p, Seed: seed,
		TokenHash: hashToken(out.code(seed)), Digest: req.Digest, CreatedAt: w.Now}
	return review, w.AddReview(ctx, review)
}

// WithCode completes a letter that comes from the store: with the code that it
// brings, and with the Message-IDs that are made of codes. The code is left out
// where the key is not the one that it was made with, so that nothing would know it.
func (out *Outbox) WithCode(o Outbound) Outbound {
	if code := out.code(o.Facts.Seed); o.Facts.Seed != "" && hashToken(code) == o.Facts.CodeHash {
		o.Facts.Token = code
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
	if domain != domainOf(out.Address) || tokenForm.FindString(code) != code || code == "" {
		return id, nil
	}
	review, err := w.ReviewByToken(ctx, hashToken(code))
	if errors.Is(err, ErrNotFound) || (err == nil && review.Seed == "") {
		return id, nil
	}
	if err != nil {
		return "", err
	}
	return review.Seed + "@" + domain, nil
}
