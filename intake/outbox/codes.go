package outbox

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"mfabot/intake"
)

// Codes stores review codes, as their seeds and hashes, and finds letters by Message-ID.
type Codes interface {
	// AddReview stores a new code.
	AddReview(ctx context.Context, r *intake.Review) error
	// ReviewByCode returns the review that a code, by its hash, is for; or ErrNotFound.
	ReviewByCode(ctx context.Context, hash string) (*intake.Review, error)
	// ReviewsTogether returns the reviews that a code, by its hash, decides together; none for any other code.
	ReviewsTogether(ctx context.Context, hash string) ([]intake.Review, error)
	// OutboundByMessageID returns the outbound message with a Message-ID, as stored, or ErrNotFound.
	OutboundByMessageID(ctx context.Context, messageID string) (*intake.Outbound, error)
	// OutboundByRow returns the outbound message that may have the code of one of several exceptions, or ErrNotFound.
	OutboundByRow(ctx context.Context, code string) (*intake.Outbound, error)
}

const (
	// seedPrefix marks a seed: what the database has in place of a code, and in the Message-ID made of it.
	seedPrefix = "seed-"
	codeSize   = 20 // bytes
)

var codeEncoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// newID returns 160 random bits in a form that survives subjects, Message-IDs and being typed.
func (out *Outbox) newID(prefix string) (string, error) {
	var b [codeSize]byte
	if _, err := io.ReadFull(out.random, b[:]); err != nil {
		return "", fmt.Errorf("random bytes: %w", err)
	}
	return prefix + codeEncoding.EncodeToString(b[:]), nil
}

// code returns the code that the key makes of a seed. Without the key, nobody can work it out.
func (out *Outbox) code(seed string) string {
	h := hmac.New(sha256.New, out.key)
	_, _ = io.WriteString(h, "review code "+seed)
	sum := h.Sum(nil)[:codeSize]
	if id := todoOf(seed); id > 0 { // by which it is looked up; the other 128 bits nobody can guess
		binary.BigEndian.PutUint32(sum, id)
	}
	return intake.CodePrefix + codeEncoding.EncodeToString(sum)
}

// HashCode returns the SHA-256 of a code, in hex, by which the store looks it up. Codes are long and random,
// so a plain digest cannot be reversed, and the time a look-up takes reveals nothing of the code.
func HashCode(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}

// NewCode makes and stores a code for one reviewer and the request as it is now. The review it returns has
// the code's seed and hash, not the code.
func (out *Outbox) NewCode(
	ctx context.Context, w Work, req *intake.Request, r intake.Reviewer, p intake.ReviewPurpose,
) (*intake.Review, error) {
	return out.NewCodeTogether(ctx, w, req, r, p, "")
}

// NewCodeTogether is NewCode for a request that another code, of which together is the hash, decides with others.
func (out *Outbox) NewCodeTogether(
	ctx context.Context, w Work, req *intake.Request, r intake.Reviewer, p intake.ReviewPurpose, together string,
) (*intake.Review, error) {
	seed, hash, err := out.NewSeed()
	if err != nil {
		return nil, err
	}
	review := &intake.Review{Ref: req.Ref, Reviewer: r.Address, Purpose: p, Seed: seed,
		CodeHash: hash, Together: together, Digest: req.Digest, CreatedAt: w.Now}
	return review, w.AddReview(ctx, review)
}

// NewSeed makes a code, and returns its seed and hash.
func (out *Outbox) NewSeed() (seed, hash string, err error) {
	if seed, err = out.newID(seedPrefix); err != nil {
		return "", "", err
	}
	return seed, HashCode(out.code(seed)), nil
}

// WithCode completes a letter read from the store: it adds the letter's code, and turns the seeds in
// Message-IDs into codes. It leaves out a code made with another key, as no answer with it could be matched.
func (out *Outbox) WithCode(o intake.Outbound) intake.Outbound {
	if code := out.code(o.Facts.Seed); o.Facts.Seed != "" && HashCode(code) == o.Facts.CodeHash {
		o.Facts.Code = code
	}
	if code, _, _ := strings.Cut(o.MessageID, "@"); o.Facts.Audience == intake.ToSite && o.Ref != "" && intake.IsCode(code) {
		o.Facts.Code = code // says what an answer is about, and gives no authority
	}
	if a := o.Facts.Audience; a == intake.ToSite || a == intake.ToUser {
		if code, _, _ := strings.Cut(o.MessageID, "@"); intake.IsCode(code) {
			o.Facts.LetterCode = code
		}
	}
	if code := out.code(o.Facts.AllSeed); o.Facts.AllSeed != "" && HashCode(code) == o.Facts.AllHash {
		o.Facts.AllCode = code
	}
	o.Facts.Undecided = slices.Clone(o.Facts.Undecided)
	for i, u := range o.Facts.Undecided {
		if code := out.code(u.Seed); u.Seed != "" && HashCode(code) == u.CodeHash {
			o.Facts.Undecided[i].Code = code
		}
	}
	o.Facts.Decided = slices.Clone(o.Facts.Decided)
	for i, d := range o.Facts.Decided {
		if code := out.code(d.Seed); d.Seed != "" && HashCode(code) == d.CodeHash {
			o.Facts.Decided[i].Code = code
		}
	}
	o.MessageID = out.unsealed(o.MessageID)
	var references []string
	for _, id := range o.References {
		references = append(references, out.unsealed(id))
	}
	o.References = references
	return o
}

// unsealed returns a stored Message-ID as it is sent.
func (out *Outbox) unsealed(id string) string {
	seed, domain, _ := strings.Cut(id, "@")
	if !strings.HasPrefix(seed, seedPrefix) || domain != domainOf(out.Address) {
		return id
	}
	return out.code(seed) + "@" + domain
}

// sealed returns a Message-ID as it is stored.
func (out *Outbox) sealed(ctx context.Context, w Work, id string) (string, error) {
	code, domain, _ := strings.Cut(strings.ToLower(id), "@")
	if domain != domainOf(out.Address) || !intake.IsCode(code) {
		return id, nil
	}
	review, err := w.ReviewByCode(ctx, HashCode(code))
	if errors.Is(err, intake.ErrNotFound) {
		return sealedTodo(ctx, out, w, code, id)
	}
	if err == nil && review.Seed == "" {
		return id, nil
	}
	if err != nil {
		return "", err
	}
	return review.Seed + "@" + domain, nil
}

// sealedTodo is sealed for the Message-ID of a letter about a to-do.
func sealedTodo(ctx context.Context, out *Outbox, w Work, code, id string) (string, error) {
	a, confirms, err := TodoByCode(ctx, out, w, code)
	if errors.Is(err, intake.ErrNotFound) || confirms {
		return id, nil
	}
	if err != nil {
		return "", err
	}
	return todoSeed(a, false) + "@" + domainOf(out.Address), nil
}

// LetterToSite returns the letter of ours about a reference that was sent to one of a site's addresses with a
// Message-ID, or ErrNotFound.
func LetterToSite(ctx context.Context, letters Codes, site *intake.Site, messageID string) (*intake.Outbound, error) {
	o, err := letters.OutboundByMessageID(ctx, messageID)
	if err == nil && (o.Ref == "" || !site.Has(o.To)) {
		return nil, intake.ErrNotFound
	}
	return o, err
}

// LetterByCode returns the letter to a site with a site's code, or ErrNotFound. Where that is the code of one of several
// exceptions, the letter is as if it were about that one alone.
func (out *Outbox) LetterByCode(ctx context.Context, w Work, site *intake.Site, code string) (*intake.Outbound, error) {
	o, err := LetterToSite(ctx, w, site, IDByCode(out, code))
	if !errors.Is(err, intake.ErrNotFound) {
		return o, err
	}
	if o, err = w.OutboundByRow(ctx, code); err != nil {
		return nil, err
	}
	i := slices.IndexFunc(o.Facts.Warned, func(r intake.WarnedFacts) bool { return r.Code == code })
	if i < 0 || !site.Has(o.To) { // what leads to the letter has no seal, and the letter has one
		return nil, intake.ErrNotFound
	}
	o.Ref, o.Facts.User = o.Facts.Warned[i].Ref, o.Facts.Warned[i].User
	return o, nil
}

// codeRows gives each of the exceptions that a letter warns of together the code by which an answer says which it is about.
func codeRows(out *Outbox, o *intake.Outbound) (err error) {
	o.Facts.Warned = slices.Clone(o.Facts.Warned)
	for i := range o.Facts.Warned {
		if row := &o.Facts.Warned[i]; row.Code == "" {
			if row.Code, err = out.newID(intake.CodePrefix); err != nil {
				return err
			}
		}
	}
	return nil
}

// IDByCode returns the Message-ID of the letter to a site or a user that has a code.
func IDByCode(out *Outbox, code string) string { return code + "@" + domainOf(out.Address) }

// LetterOf returns the letter of ours that was sent with a Message-ID, or ErrNotFound.
func (out *Outbox) LetterOf(ctx context.Context, w Work, messageID string) (*intake.Outbound, error) {
	id, err := out.sealed(ctx, w, messageID)
	if err != nil {
		return nil, err
	}
	return w.OutboundByMessageID(ctx, id)
}
