package parser

import (
	"bytes"
	"regexp"
	"strings"
)

// isReport tells the parts that describe a failed delivery (RFC 3464) or hold the header of the message that failed.
func isReport(p *part) bool {
	switch p.mediaType {
	case "message/delivery-status", "message/global-delivery-status", "text/rfc822-headers", "message/global-headers":
		return true
	}
	return false
}

// failure is one recipient that a delivery report (RFC 3464) names as failed.
type failure struct {
	Recipient string
	MessageID string // of the message that was not delivered, where the report gives it
	Permanent bool
	Status    string // "5.1.1", where the report gives it (RFC 3463)
}

// readBounce reads a delivery report, in the form of RFC 3464 or in an older one.
func (m *machineMail) readBounce(out *findings) []sign {
	var signs []sign
	bounced := m.reportedFailures()
	reportType := m.root.mediaType == "multipart/report" && strings.EqualFold(m.root.params["report-type"], "delivery-status")
	local, _, _ := strings.Cut(m.from, "@")
	subject := simplify(m.subject)
	fromMachine := strongMachineName.MatchString(local) || strings.EqualFold(local, "postmaster")
	nullPath := strings.Join(strings.Fields(m.root.header.first("Return-Path")), "") == "<>"
	delayed := startsWithAny(subject, delaySubjects)
	saysSo := delayed || startsWithAny(subject, bounceSubjects)
	failed := m.root.header.all("X-Failed-Recipients")
	old := (fromMachine || nullPath) && saysSo || len(failed) > 0
	if saysSo && (fromMachine || nullPath || reportType) {
		signs = append(signs, sign{"Subject: " + cutBytes(m.subject, 80), false})
	}
	if !reportType && len(bounced) == 0 && !old {
		return signs
	}
	out.bounce = true
	if len(bounced) == 0 && !delayed {
		bounced = olderFailures(failed, joinLines(m.lines))
	}
	id := m.originalID()
	for i := range bounced {
		bounced[i].MessageID = id
	}
	out.failures = bounced
	return append(signs, sign{"delivery report", true})
}

// reportedFailures reads the groups of fields of message/delivery-status: one for the message, then one for each recipient.
func (m *machineMail) reportedFailures() []failure {
	var out []failure
	for _, p := range m.reports {
		if !strings.HasSuffix(p.mediaType, "delivery-status") {
			continue
		}
		for _, group := range bytes.Split(bytes.ReplaceAll(p.text, []byte("\r\n"), []byte("\n")), []byte("\n\n")) {
			fields := headerOf(bytes.TrimLeft(group, "\n"))
			if !strings.EqualFold(keyword(fields.first("Action")), "failed") || len(out) >= maxBounced {
				continue
			}
			recipient := reportedAddress(fields.first("Final-Recipient"))
			if original := reportedAddress(fields.first("Original-Recipient")); original != "" {
				recipient = original
			}
			status := keyword(fields.first("Status"))
			if recipient != "" {
				out = append(out, failure{Recipient: recipient, Permanent: !strings.HasPrefix(status, "4"), Status: status})
			}
		}
	}
	return out
}

// reportedAddress reads "rfc822; name@example.test".
func reportedAddress(value string) string {
	_, address, ok := strings.Cut(stripComments(value), ";")
	if !ok {
		address = value
	}
	return bareAddress(strings.Trim(strings.TrimSpace(address), "<>"))
}

// delaySubjects begin reports of mail that is still being tried.
var delaySubjects = beginnings("warning: message ", "delayed mail", "delayed:", "delivery delayed", "mail delivery delayed", "delivery status notification (delay)")

var (
	failedLine = regexp.MustCompile(`(?m)^\s*<?([^\s<>@]{1,64}@[^\s<>@:,]{1,200}?)>?([:,.)]?\s*$| on \d| \()|<([^\s<>@]{1,64}@[^\s<>@]{1,200})>:` +
		`|(?i)your message to <?([^\s<>@]{1,64}@[^\s<>@]{1,200})>? (couldn['’]t|could not) be delivered`)
	permanentText = regexp.MustCompile(`\b5\.\d{1,3}\.\d{1,3}\b|\b55\d\b|(?i)\bpermanent|does not exist|unknown user|user unknown|no such user|not found`)
	temporaryText = regexp.MustCompile(`\b4\.\d{1,3}\.\d{1,3}\b|(?i)\bdelayed\b|will (keep trying|retry)|still trying`)
	statusText    = regexp.MustCompile(`\b[45]\.\d{1,3}\.\d{1,3}\b`)
)

// olderFailures reads the reports of qmail, Exim and others that have only text.
func olderFailures(failed []string, text string) []failure {
	permanent := permanentText.MatchString(text) || !temporaryText.MatchString(text)
	status := statusText.FindString(text)
	var out []failure
	add := func(s string) {
		address := bareAddress(strings.TrimSpace(s))
		for _, b := range out {
			if strings.EqualFold(b.Recipient, address) {
				return
			}
		}
		if address != "" && len(out) < maxBounced {
			out = append(out, failure{Recipient: address, Permanent: permanent, Status: status})
		}
	}
	for _, value := range failed {
		for _, s := range splitAddresses(value) {
			add(s)
		}
	}
	if len(out) == 0 {
		for _, found := range failedLine.FindAllStringSubmatch(cutBytes(text, maxReportBytes), maxBounced) {
			add(found[1] + found[3] + found[4])
		}
	}
	return out
}

// originalID is the Message-ID of the message that a report returns, whole or only its header.
func (m *machineMail) originalID() string {
	for _, p := range m.reports {
		if strings.HasSuffix(p.mediaType, "headers") {
			if ids := messageIDs(headerOf(p.text).first("Message-ID")); len(ids) > 0 {
				return ids[0]
			}
		}
	}
	return returnedID(m.root)
}

func returnedID(p *part) string {
	for _, child := range p.children {
		if p.isMessage() {
			if ids := messageIDs(child.header.first("Message-ID")); len(ids) > 0 {
				return ids[0]
			}
		}
		if id := returnedID(child); id != "" {
			return id
		}
	}
	return ""
}
