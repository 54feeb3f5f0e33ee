package machine

import (
	"bytes"
	"regexp"
	"strings"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// Failure is one recipient whose delivery failed, as a delivery report (RFC 3464) says.
type Failure struct {
	Recipient string
	MessageID string // of the message that was not delivered, where the report gives it
	Permanent bool
	Status    string // "5.1.1", where the report gives it (RFC 3463)
}

// readBounce reads a delivery report, in the form of RFC 3464 or in an older one.
func (m *Message) readBounce(out *Findings) []sign {
	var signs []sign
	bounced := m.reportedFailures()
	reportType := m.Root.MediaType == "multipart/report" && strings.EqualFold(m.Root.Params["report-type"], "delivery-status")
	local, _, _ := strings.Cut(m.From, "@")
	subject := text.Simplify(m.Subject)
	fromMachine := strongMachineName.MatchString(local) || strings.EqualFold(local, "postmaster")
	nullPath := strings.Join(strings.Fields(m.Root.Header.First("Return-Path")), "") == "<>"
	delayed := text.StartsWithAny(subject, delaySubjects)
	saysSo := delayed || text.StartsWithAny(subject, bounceSubjects)
	failed := m.Root.Header.All("X-Failed-Recipients")
	old := (fromMachine || nullPath) && saysSo || len(failed) > 0
	if saysSo && (fromMachine || nullPath || reportType) {
		signs = append(signs, sign{"Subject: " + mime.Shorten(m.Subject, 80), false})
	}
	if !reportType && len(bounced) == 0 && !old {
		return signs
	}
	out.Bounce = true
	if len(bounced) == 0 && !delayed {
		bounced = olderFailures(failed, text.Join(m.Lines))
	}
	id := m.originalID()
	for i := range bounced {
		bounced[i].MessageID = id
	}
	out.Failures = bounced
	return append(signs, sign{"delivery report", true})
}

// reportedFailures reads the groups of fields of message/delivery-status: one for the message, then one for
// each recipient.
func (m *Message) reportedFailures() []Failure {
	var out []Failure
	for _, p := range m.Reports {
		if !strings.HasSuffix(p.MediaType, "delivery-status") {
			continue
		}
		for _, group := range bytes.Split(bytes.ReplaceAll(p.Text, []byte("\r\n"), []byte("\n")), []byte("\n\n")) {
			fields := mime.ReadHeader(bytes.TrimLeft(group, "\n"))
			if !strings.EqualFold(mime.Keyword(fields.First("Action")), "failed") || len(out) >= maxBounced {
				continue
			}
			recipient := reportedAddress(fields.First("Final-Recipient"))
			if original := reportedAddress(fields.First("Original-Recipient")); original != "" {
				recipient = original
			}
			status := mime.Keyword(fields.First("Status"))
			if recipient != "" {
				out = append(out, Failure{Recipient: recipient, Permanent: !strings.HasPrefix(status, "4"), Status: status})
			}
		}
	}
	return out
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
	statusText    = regexp.MustCompile(`\b[45]\.\d{1,3}\.\d{1,3}\b`)
)

// olderFailures reads the reports of qmail, Exim and others that have only text.
func olderFailures(failed []string, text string) []Failure {
	permanent := permanentText.MatchString(text) || !temporaryText.MatchString(text)
	status := statusText.FindString(text)
	var out []Failure
	add := func(s string) {
		address := mime.BareAddress(strings.TrimSpace(s))
		for _, b := range out {
			if strings.EqualFold(b.Recipient, address) {
				return
			}
		}
		if address != "" && len(out) < maxBounced {
			out = append(out, Failure{Recipient: address, Permanent: permanent, Status: status})
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

// originalID returns the Message-ID of the message that a report returns, whole or only its header.
func (m *Message) originalID() string {
	for _, p := range m.Reports {
		if strings.HasSuffix(p.MediaType, "headers") {
			if ids := mime.MessageIDs(mime.ReadHeader(p.Text).First("Message-ID")); len(ids) > 0 {
				return ids[0]
			}
		}
	}
	return returnedID(m.Root)
}

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
