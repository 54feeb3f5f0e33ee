package parser

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"mfabot/parser/internal/container"
	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/reply"
	"mfabot/parser/internal/standin"
	"mfabot/parser/internal/text"
)

// envelope is what the message says of another one, which is encrypted or shown on a web page only.
type envelope struct {
	*reading
	standin.Envelope
	lines   []text.Line // what says so
	product string
	linked  bool // it is behind a link
	armour  bool // it is the text itself
	locked  bool // the message is encrypted by its structure
}

func (r *reading) readEnvelope(root *mime.Part, b *text.Body) envelope {
	lines := r.newest.Lines
	if text.Blank(lines) && !r.newest.Quoted {
		lines = b.HTML // all of it was taken for what stands below messages
	}
	in := envelope{reading: r, Envelope: standin.ReadEnvelope(lines), lines: lines, armour: standin.IsArmour(lines),
		locked: root.MediaType == "multipart/encrypted" || strings.EqualFold(root.Header.First("Content-Class"), "rpmsg.message") ||
			text.Blank(lines) && slices.Contains(r.m.Warnings, container.WarnEncrypted)}
	if !in.Says {
		return in
	}
	said := []string{text.Join(lines)}
	for _, f := range r.files {
		said = append(said, f.Part.Filename())
	}
	in.linked = standin.HasLink(b.HTML) || standin.HasLink(b.Plain)
	for i := range b.HTML {
		for _, l := range text.LinksOf(&b.HTML[i]) {
			said = append(said, l.URL)
		}
	}
	in.product = standin.Product(said...)
	return in
}

// why says why a file is no evidence that is, or holds, an encrypted message; empty if it is another thing.
func (in envelope) why(f *container.File, a *container.Attachment) string {
	product := in.product
	switch {
	case f.Message() != nil:
		lines := in.textOf(f, a)
		if e := standin.ReadEnvelope(lines); !e.Whole || !standin.HasLink(lines) && len(f.Message().Children) == 0 {
			return ""
		}
		product = standin.Product(text.Join(lines))
	case a.Why == container.WhyEncryptedMail:
		if product == "" {
			product = standin.Product(a.Filename)
		}
	case a.MediaType == "text/html":
		head, _ := f.Beginning()
		alone := text.Blank(in.lines) && strings.HasPrefix(strings.ToLower(a.Filename), "message")
		if !standin.IsEnvelope(a.Filename, string(head), in.textOf(f, a), in.Says || alone) {
			return ""
		}
		if product == "" {
			product = standin.Product(a.Filename, string(head))
		}
	default:
		return ""
	}
	return whyEncrypted(product)
}

// whyEncrypted says that something is a message that cannot be read for its encryption, by a product if that is known.
func whyEncrypted(product string) string {
	if product == "" {
		return container.WhyEncryptedMail
	}
	return strings.Replace(container.WhyEncryptedMail, "encrypted mail", "encrypted mail ("+product+")", 1)
}

// isEncrypted reports whether a reason is one that whyEncrypted gives.
func isEncrypted(why string) bool { return strings.HasPrefix(why, "It is encrypted mail") }

// textOf returns the text of a file that is text or a message, as far as it is kept; nil for other files.
func (r *reading) textOf(f *container.File, a *container.Attachment) []text.Line {
	if inner := f.Message(); inner != nil {
		if _, read := r.within[f.Part]; !read {
			r.within[f.Part] = r.readBody(inner).HTML
		}
		return r.within[f.Part]
	}
	if !strings.HasPrefix(a.MediaType, "text/") {
		return nil
	}
	head, _ := f.Beginning()
	said, _ := mime.Decode(head, f.Part.Params["charset"])
	return text.PieceLines(said, a.MediaType == "text/html")
}

// ownHeader is the field that our letters have.
const ownHeader = "X-Mfabot"

// refuseNotes refuses what a mail system left in the place of a file, and our own letters. What has them within is no
// worse for it, unless it is an archive of nothing else.
func (r *reading) refuseNotes(files []container.Attachment) {
	for i, f := range r.files {
		a := &files[i]
		isText := strings.HasPrefix(a.MediaType, "text/") || f.Message() != nil && a.Counts
		if !isText || f.Size() > maxNoteBytes || isEncrypted(a.Why) {
			continue
		}
		if inner := f.Message(); inner != nil && inner.Header.First(ownHeader) != "" {
			a.Counts, a.Why = false, WhyOwn
			continue
		}
		lines := r.textOf(f, a)
		said := text.Join(lines)
		note := standin.ReadNote(f.Part.Filename(), lines, f.Message() == nil && a.Counts && reply.OnlyDisclaims(lines))
		if container.IsHarmless(a.Why) && note != standin.TakenAway && note != standin.Waiting {
			continue
		}
		if why := note.Why(standin.Product(f.Part.Filename(), said)); why != "" {
			a.Counts, a.Why = false, why
		}
	}
	for i := range files {
		outer := &files[i]
		if !outer.Counts || outer.MediaType != "application/zip" {
			continue
		}
		for j := range files {
			if inner := &files[j]; strings.HasPrefix(inner.Part, outer.Part+".") {
				if inner.Counts {
					outer.Counts, outer.Why = true, ""
					break
				}
				outer.Counts, outer.Why = false, inner.Why
			}
		}
	}
}

// WhyOwn says why a letter of ours that is attached does not count.
const WhyOwn = "It is one of our own emails, not evidence: attach the document that shows why the user cannot use MFA."

// maxNoteBytes bounds the size of what may be a note.
const maxNoteBytes = 64 << 10

// readMissing says whether the message is encrypted, and names what came in the place of a file.
func (r *reading) readMissing(in envelope) {
	m := r.m
	counts := slices.ContainsFunc(m.Evidence, func(a Attachment) bool { return a.Counts })
	carried := slices.ContainsFunc(m.Evidence, func(a Attachment) bool { return isEncrypted(a.Why) })
	if in.Whole && (in.linked || in.Addressed) && !counts && !carried {
		r.addMissing("encrypted message", "", whyEncrypted(in.product))
		carried = true
	}
	m.Encrypted = !counts && (in.armour || in.locked ||
		carried && (in.Whole || m.NewText == "") && (len(m.Subjects) == 0 || m.Reason == ""))
	if m.Encrypted {
		m.Subjects, m.Reason, m.LongReason, m.Justification, m.ShortTerm = nil, "", "", "", false
		if in.product != "" {
			r.warn("the message is encrypted (%s): nothing in it could be read", in.product)
		} else {
			r.warn(container.WarnEncrypted)
		}
		if in.armour {
			r.addMissing("encrypted message", "", whyEncrypted(""))
		}
		return
	}
	for _, l := range standin.Links(r.newest.Lines, r.newest.Tail) {
		r.addMissing(l.Name, l.URL, fmt.Sprintf("It is a link to %s, which we cannot open: attach the file itself.", l.At))
	}
	if counts || m.Automatic {
		return
	}
	for _, name := range standin.TakenFrom(slices.Concat(r.newest.Lines, r.newest.Tail)) {
		if name == "" {
			name = "attachment"
		}
		r.addMissing(name, "", standin.WhyTaken(standin.Product(m.NewText)))
	}
}

// addMissing adds what came in the place of a file.
func (r *reading) addMissing(name, address, why string) {
	if r.missing == maxMissing {
		return
	}
	r.missing++
	sum := sha256.Sum256([]byte(name + "\n" + address))
	r.m.Evidence = append(r.m.Evidence, Attachment{Part: fmt.Sprintf("%s%d", elsewhere, r.missing), MediaType: TypeElsewhere,
		Filename: r.names.Take(name, len(r.m.Evidence)+1, ""), SHA256: hex.EncodeToString(sum[:]), Why: why})
}

// IsElsewhere reports whether an attachment of a media type and size is what came in the place of a file.
func IsElsewhere(mediaType string, size int64) bool { return mediaType == TypeElsewhere && size == 0 }

// elsewhere begins the position of what came in the place of a file.
const elsewhere = "elsewhere-"

// maxMissing bounds what is named of one message as kept elsewhere.
const maxMissing = 10

// IsAside reports whether the file is no evidence because it belongs to mail as such, as a logo or a signature does,
// rather than because of a fault that its sender can mend.
func (a Attachment) IsAside() bool {
	return container.IsHarmless(a.Why) || strings.HasPrefix(a.Why, standin.DisclaimerMark)
}
