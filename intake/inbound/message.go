package inbound

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"regexp"
	"slices"
	"strings"

	"mfabot/intake"
	"mfabot/intake/review"
	"mfabot/intake/wording"
	"mfabot/parser"
)

// message is a message being handled: the transaction at its moment, what was read, and the entry in the
// ledger.
type message struct {
	review.Tx
	Ledger
	Requests
	*reading
	inbound *intake.Inbound
	was     *intake.Request   // the request it continues, as it was before; nil for none
	joined  []intake.Evidence // of an incomplete request that it joined to another: it is added with the message's own
}

// from returns the author's address, in canonical form.
func (m *message) from() string { return m.inbound.From }

// check records the result of a check on the message, for whoever asks why it ended as it did, and returns
// passed.
func (m *message) check(name string, passed bool, format string, args ...any) bool {
	m.inbound.Checks = append(m.inbound.Checks, intake.Check{Name: name, Passed: passed,
		Result: intake.MaskCodes(fmt.Sprintf(format, args...))})
	return passed
}

// either is check with its own words for each result.
func (m *message) either(name string, passed bool, yes, no string) bool {
	if passed {
		return m.check(name, true, "%s", yes)
	}
	return m.check(name, false, "%s", no)
}

// covers reports whether the proof of the sender covers a header field, or that there is none.
func (m *message) covers(field string) bool { return m.verdict.Covers(field) }

// meant reports whether the proof of the sender says that the author wrote the message to us: it covers Sender,
// and a field of recipients that names us, or that there are no recipients at all. ours reports whether an
// address is one of ours.
func (m *message) meant(ours func(addr string) bool) bool {
	if !m.covers("sender") {
		return false
	}
	to, cc := m.covers("to"), m.covers("cc")
	named := func(list []string) bool {
		return slices.ContainsFunc(list, func(addr string) bool { return ours(intake.Canonical(addr)) })
	}
	return to && named(m.msg.To) || cc && named(m.msg.Cc) || to && cc && len(m.msg.To)+len(m.msg.Cc) == 0
}

// framed reports whether the message's parts are as its author divided them, and its text as they encoded it.
func (m *message) framed() bool {
	return m.covers("content-type") && (m.covers("content-transfer-encoding") || m.multipart()) || framed(m.msg, m.Raw)
}

// multipart reports whether the message has parts, each of which says how it is encoded.
func (m *message) multipart() bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(fieldOf(m.msg, "Content-Type"))), "multipart/")
}

// badFraming says why a message is not framed, for whoever asks why.
const badFraming = "the proof does not cover how it is divided or encoded, and its body does not look as its Content-Type says"

// answered returns the Message-IDs that the message answers, nearest first, as far as the proof of its sender
// covers them.
func (m *message) answered() []string {
	var ids []string
	if m.covers("in-reply-to") {
		ids = append(ids, m.msg.InReplyTo...)
	}
	if m.covers("references") {
		ids = append(ids, backwards(m.msg.References)...)
	}
	return ids
}

// within takes one of the n things that a name stands for and a day allows, and reports whether there was one
// left. If not, it notes why, in words as check does.
func (m *message) within(ctx context.Context, name string, n int, format string, args ...any) (bool, error) {
	err := m.Spend(ctx, intake.NewAllowance(name, n), m.Now)
	if errors.Is(err, intake.ErrSpent) {
		return m.check("within the caps", false, format, args...), nil
	}
	return err == nil, err
}

// silent reports whether the message has neither new text nor attachments.
func (r *reading) silent() bool { return r.msg.NewText == "" && len(r.msg.Evidence) == 0 }

// said returns the message's new text, or all its text if there is nothing new.
func (m *message) said() string { return cmp.Or(m.msg.NewText, m.msg.Text) }

// onBehalf reports whether the message says that somebody else sent it for the reviewer: a delegate, who has
// no authority. A Sender that the proof does not cover says nothing.
func (m *message) onBehalf(r intake.Reviewer) bool {
	if !m.covers("sender") {
		return false
	}
	named := slices.ContainsFunc(m.msg.Header, func(f parser.Field) bool { return strings.EqualFold(f.Name, "Sender") })
	return named && !r.Has(intake.Canonical(m.msg.Sender))
}

// news returns what the message has added to a request, for the reviewers.
func (m *message) news(req *intake.Request, said string) *review.News {
	n := &review.News{InboundID: m.inbound.ID, Said: said}
	if m.was != nil && m.was.Ref == req.Ref {
		n.Was = m.was
	}
	return n
}

// backwards returns a reversed copy of a list.
func backwards(list []string) []string {
	out := slices.Clone(list)
	slices.Reverse(out)
	return out
}

// meaning is what the new text of a message means. It is worked out once, before the transaction.
type meaning struct {
	of           string // the text
	kind         parser.Kind
	said         wording.Meaning
	thanks       bool // it is nothing else, or only says that an answer is to come
	acknowledges bool // it is thanks that nobody can mean as consent
	withdrawal   wording.Certainty
	long         bool // it says that an exception is for the long term
	exceptions   bool // it has a word for what sites ask for here
}

// maxMeant bounds what is read of a text for its meaning, in bytes.
const maxMeant = 8 << 10

// meaningOf reads what the new text of a message means: by its words, and by what letters like it are. Of one that is too
// long the beginning counts, and a person reads it unless that asks for an exception.
func meaningOf(msg *parser.Message) *meaning {
	text := msg.NewText
	head := beginning(text, maxMeant)
	m := &meaning{of: text, kind: msg.Kind, said: wording.Read(head),
		thanks:       wording.MerelyThanks(head) || wording.MerelyHolds(head),
		acknowledges: wording.OnlyAcknowledges(head), withdrawal: wording.Withdrawal(head), long: wording.SaysLong(head),
		exceptions: wording.AboutExceptions(head)}
	switch {
	case m.kind == parser.KindWithdraw && !m.said.Request && !wording.KeepsRequest(head):
		m.withdrawal = max(m.withdrawal, wording.Perhaps)
	case m.kind == parser.KindRequest: // what asks for an exception takes nothing back
		m.withdrawal = min(m.withdrawal, wording.Perhaps)
	case m.kind == parser.KindChasing && !m.said.Request && !m.said.Person:
		m.said.Status = true
	}
	if head != text {
		m.thanks, m.acknowledges, m.withdrawal = false, false, min(m.withdrawal, wording.Perhaps)
		m.said.More, m.said.Person = true, m.said.Person || !m.said.Request
		m.said.Tells = m.said.Tells || !m.said.Request
	}
	return m
}

// asksForNothing reports whether a text is clearly none that asks for an exception.
func (m *meaning) asksForNothing() bool {
	switch m.kind {
	case parser.KindQuestion, parser.KindComplaint, parser.KindThanks, parser.KindOther, parser.KindAutomatic:
		return !m.said.Request
	case parser.KindWithdraw:
		return true
	case parser.KindRequest, parser.KindAnswer, parser.KindChasing:
	}
	return false
}

// beginning returns the first bytes of a text, at most n, up to the end of a word.
func beginning(text string, n int) string {
	if len(text) <= n {
		return text
	}
	if i := strings.LastIndexAny(text[:n], " \n"); i > 0 {
		n = i
	}
	return strings.ToValidUTF8(text[:n], "")
}

// means returns what the message's new text means.
func (m *message) means() *meaning {
	if m.meaning == nil || m.meaning.of != m.msg.NewText { // it stands for another message
		read := *m.reading
		read.meaning, m.reading = meaningOf(m.msg), &read
	}
	return m.meaning
}

// framed reports whether a message's body is divided as its author divided it. If the proof of the sender
// does not cover Content-Type, somebody else may have given another boundary (RFC 2046, section 5.1.1), so
// that a part begins in the middle of what the author wrote or quoted. They cannot change the body, so it
// must begin with the delimiter, as mail clients write it, and end with the closing one.
//
// Likewise they may have called a text a page, or given it another encoding or charset, by which a line of what
// the author quoted is not quoted any more. A body of one part must look like what it is called.
func framed(m *parser.Message, raw []byte) bool {
	contentType, encoding := fieldOf(m, "Content-Type"), strings.ToLower(strings.TrimSpace(fieldOf(m, "Content-Transfer-Encoding")))
	kind, params, err := mime.ParseMediaType(cmp.Or(contentType, "text/plain"))
	if !strings.Contains(strings.ToLower(contentType), "multipart") {
		return err == nil && onePart(kind, params["charset"], encoding, bytes.TrimSpace(bodyOf(raw)))
	}
	boundary := params["boundary"]
	if err != nil || !strings.HasPrefix(kind, "multipart/") || boundary == "" ||
		strings.Count(strings.ToLower(contentType), "boundary") != 1 {
		return false
	}
	body := bytes.TrimSpace(standardSentence.ReplaceAll(bytes.TrimSpace(bodyOf(raw)), nil))
	first, _, _ := bytes.Cut(body, []byte("\n"))
	delimiter := "--" + boundary
	return string(bytes.TrimRight(first, " \t\r")) == delimiter && bytes.HasSuffix(body, []byte("\n"+delimiter+"--"))
}

// standardSentence is what mail clients write above the first part, for readers without MIME.
var standardSentence = regexp.MustCompile(`^This is an? (multi-?part message in MIME format\.|` +
	`cryptographically signed message in MIME format\.|OpenPGP/MIME signed message \(RFC [0-9a-z ]+\))\r?\n`)

// fieldOf returns the value of a field that a message has once; empty for none.
func fieldOf(m *parser.Message, name string) string {
	for _, f := range m.Header {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// onePart reports whether a body reads as the text or the page that it is called, in one encoding only.
func onePart(kind, charset, encoding string, body []byte) bool {
	switch encoding {
	case "", "7bit", "8bit":
		if softBreak.Match(body) {
			return false
		}
	case "quoted-printable":
		if encodedBreak.Match(body) {
			return false
		}
		decoded, err := io.ReadAll(quotedprintable.NewReader(bytes.NewReader(body)))
		if err != nil {
			return false
		}
		body = decoded
	case "base64":
		decoded, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(body)))
		if err != nil {
			return false
		}
		body = decoded
	default:
		return false
	}
	page := len(body) > 0 && body[0] == '<'
	return plainCharset.MatchString(charset) && (kind == "text/plain" && !page || kind == "text/html" && page)
}

var (
	// softBreak is where quoted-printable goes on with a line (RFC 2045, section 6.7), and encodedBreak what it
	// never has in a text, where lines end as lines.
	softBreak    = regexp.MustCompile(`[^=\s]=\r?\n`)
	encodedBreak = regexp.MustCompile(`(?i)=0[AD]`)
	// plainCharset are the charsets in which ASCII stands for itself.
	plainCharset = regexp.MustCompile(`(?i)^(|us-ascii|utf-8|iso-8859-\d+|windows-125\d)$`)
)
