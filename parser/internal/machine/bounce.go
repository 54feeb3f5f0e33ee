package machine

import (
	"bytes"
	"cmp"
	"regexp"
	"strings"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// Failure is one recipient whose delivery failed, as a delivery report (RFC 3464) says.
type Failure struct {
	Recipient string // in the report's words where it gives no address, empty where it names nobody
	MessageID string // of the message that was not delivered, where the report gives it
	Permanent bool
	Status    string // "5.1.1", where the report gives it (RFC 3463)
	Said      string // what the server said, where the report gives it
}

// readBounce reads a delivery report, in the form of RFC 3464 or in an older one.
func (m *Message) readBounce(out *Findings) []sign {
	var signs []sign
	bounced, told := m.reportedFailures()
	reportType := m.Root.MediaType == "multipart/report" && strings.EqualFold(m.Root.Params["report-type"], "delivery-status")
	local, _, _ := strings.Cut(m.From, "@")
	subject := text.Simplify(m.Subject)
	fromServer := strongMachineName.MatchString(local) || strings.EqualFold(local, "postmaster") || m.isFromNobody() ||
		isNullPath(m.Root.Header.First("Return-Path"))
	delayed := text.StartsWithAny(subject, delaySubjects)
	saysSo := delayed || text.StartsWithAny(subject, bounceSubjects)
	failed := m.Root.Header.All("X-Failed-Recipients")
	reads := !reportType && (fromServer || saysSo || failureSubject.MatchString(subject)) && m.readsAsReport(subject)
	old := fromServer && saysSo || reads || len(failed) > 0
	if (saysSo || reads) && (fromServer || reportType || reads) {
		signs = append(signs, sign{"Subject: " + mime.Shorten(m.Subject, 80), false})
	}
	if !reportType && len(bounced) == 0 && !old {
		return signs
	}
	out.Bounce = true
	said := text.Join(m.Lines)
	if len(bounced) == 0 && !delayed && !told {
		bounced = olderFailures(failed, said)
	}
	id := m.originalID()
	for i := range bounced {
		bounced[i].MessageID = id
	}
	if len(bounced) == 0 && id != "" && !delayed && !told { // it names nobody, but the message
		bounced = []Failure{{MessageID: id, Permanent: isPermanent(said), Status: statusText.FindString(said), Said: saidBy(said)}}
	}
	out.Failures = bounced
	return append(signs, sign{"delivery report", true})
}

// reportedFailures reads the groups of fields of message/delivery-status: one for the message, then one for
// each recipient. told is set if there is anything of that.
func (m *Message) reportedFailures() (out []Failure, told bool) {
	for _, p := range m.Reports {
		if !strings.HasSuffix(p.MediaType, "delivery-status") {
			continue
		}
		for _, group := range bytes.Split(bytes.ReplaceAll(p.Text, []byte("\r\n"), []byte("\n")), []byte("\n\n")) {
			fields := mime.ReadHeader(bytes.TrimLeft(group, "\n"))
			action := mime.Keyword(fields.First("Action"))
			told = told || action != ""
			if !strings.EqualFold(action, "failed") || len(out) >= maxBounced {
				continue
			}
			final := fields.First("Final-Recipient")
			recipient := cmp.Or(reportedAddress(fields.First("Original-Recipient")), reportedAddress(final),
				mime.Shorten(mime.Showable(final), mime.MaxName)) // such as the place in a directory
			status := mime.Keyword(fields.First("Status"))
			if recipient != "" {
				out = append(out, Failure{Recipient: recipient, Permanent: !strings.HasPrefix(status, "4"), Status: status,
					Said: mime.Shorten(mime.Showable(fields.First("Diagnostic-Code")), maxSaid)})
			}
		}
	}
	return out, told
}

// reportedAddress reads "rfc822; name@example.test".
func reportedAddress(value string) string {
	_, address, ok := strings.Cut(mime.StripComments(value), ";")
	if !ok {
		address = value
	}
	return mime.BareAddress(strings.Trim(strings.TrimSpace(address), "<>"))
}

var (
	failedLine = regexp.MustCompile(`(?m)^\s*<?([^\s<>@]{1,64}@[^\s<>@:,]{1,200}?)>?([:,.)]?\s*$| on \d| \()|` +
		`<([^\s<>@]{1,64}@[^\s<>@]{1,200})>:` +
		`|(?i)your message to <?([^\s<>@]{1,64}@[^\s<>@]{1,200})>? (couldn['’]t|could not) be delivered`)
	permanentText = regexp.MustCompile(`\b5\.\d{1,3}\.\d{1,3}\b|\b55\d\b|(?i)\bpermanent|does not exist|` +
		`unknown user|user unknown|no such user|not found`)
	temporaryText = regexp.MustCompile(`\b4\.\d{1,3}\.\d{1,3}\b|(?i)\bdelayed\b|will (keep trying|retry)|still trying`)
	replyLine     = regexp.MustCompile(`(?m)^.*(?:\b[45]\.\d{1,3}\.\d{1,3}\b|\b[45][0-5]\d[ -]).*(?:\n.*\S.*){0,2}`)
	statusText    = regexp.MustCompile(`\b[45]\.\d{1,3}\.\d{1,3}\b`)
)

// olderFailures reads the reports of qmail, Exim and others that have only text.
func olderFailures(failed []string, text string) []Failure {
	permanent := isPermanent(text)
	status, said := statusText.FindString(text), saidBy(text)
	var out []Failure
	add := func(s string) {
		address := mime.BareAddress(strings.TrimSpace(s))
		for _, b := range out {
			if strings.EqualFold(b.Recipient, address) {
				return
			}
		}
		if address != "" && len(out) < maxBounced {
			out = append(out, Failure{Recipient: address, Permanent: permanent, Status: status, Said: said})
		}
	}
	for _, value := range failed {
		for _, s := range mime.SplitAddresses(value) {
			add(s)
		}
	}
	if len(out) == 0 {
		for _, found := range failedLine.FindAllStringSubmatch(mime.Shorten(text, MaxReportBytes), maxBounced) {
			add(found[1] + found[3] + found[4])
		}
	}
	return out
}

// saidBy returns the first line of a report's text that has what a server said, with those that it may be folded into. The
// others may be our own letter's.
func saidBy(text string) string {
	return mime.Shorten(strings.Join(strings.Fields(replyLine.FindString(text)), " "), maxSaid)
}

// isPermanent reports whether the text of a report speaks of a failure for good, rather than of a delay.
func isPermanent(text string) bool {
	return permanentText.MatchString(text) || !temporaryText.MatchString(text)
}

// originalID returns the Message-ID of the message that a report returns, whole, only its header, or in its text.
func (m *Message) originalID() string {
	for _, p := range m.Reports {
		if strings.HasSuffix(p.MediaType, "headers") {
			if ids := mime.MessageIDs(mime.ReadHeader(p.Text).First("Message-ID")); len(ids) > 0 {
				return ids[0]
			}
		}
	}
	if id := returnedID(m.Root); id != "" {
		return id
	}
	if found := idLine.FindStringSubmatch(mime.Shorten(text.Join(m.Lines), MaxReportBytes)); found != nil {
		if ids := mime.MessageIDs(found[1]); len(ids) > 0 {
			return ids[0]
		}
	}
	return ""
}

// idLine is the field in the text of a report.
var idLine = regexp.MustCompile(`(?im)^[>|\s]*message-id:\s*(<[^<>\s]{3,250}>)`)

func returnedID(p *mime.Part) string {
	for _, child := range p.Children {
		if p.IsMessage() {
			if ids := mime.MessageIDs(child.Header.First("Message-ID")); len(ids) > 0 {
				return ids[0]
			}
		}
		if id := returnedID(child); id != "" {
			return id
		}
	}
	return ""
}

// IsReport reports whether a part describes a failed delivery (RFC 3464) or holds the header of the message
// that failed.
func IsReport(p *mime.Part) bool {
	switch p.MediaType {
	case "message/delivery-status", "message/global-delivery-status", "text/rfc822-headers", "message/global-headers":
		return true
	}
	return false
}
