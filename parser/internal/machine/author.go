package machine

import (
	"regexp"
	"slices"
	"strings"

	"mfabot/parser/internal/mime"
)

// noReply is part of the pattern of an address to which nobody can write.
const noReply = `(?:.*[-._+])?(?:no|do[-._]?not|donot|never)[-._]?repl(?:y|ies)(?:[-._+].*)?|no[-._]?response|dim[-._]?ateb`

// machineName is what stands before the @ of an address that no person writes from, noReplyName of one that is for
// sending only.
var (
	machineName = regexp.MustCompile(`(?i)^(?:mailer-?daemon|mail-?daemon|postmaster|double-bounce|bounces?|bounce[-+].*|autoreply` +
		`|auto-?responder|microsoftexchange[0-9a-f]{20,}|` + noReply + `)$`)
	noReplyName = regexp.MustCompile(`(?i)^(?:` + noReply + `)$`)
)

var strongMachineName = regexp.MustCompile(`(?i)^(mailer-?daemon|microsoftexchange[0-9a-f]{20,})$`)

// serverName is how mail servers call themselves where they give no address.
var serverName = regexp.MustCompile(`(?i)\b(mailer-?daemon|post ?master|(mail|message|e-?mail) (delivery|transfer|transport` +
	`|handling|router)` +
	`|delivery (sub)?system|(mail|email|smtp|e-?mail) ?(sub)?(system|server|gateway|daemon|administrator)|system administrator)\b`)

// nobodyReads is what mail says of answers where its address is for sending only.
var nobodyReads = regexp.MustCompile(`\bdo not (?:try to )?(?:reply|respond|answer)\b|\b(?:repl(?:y|ies|ying)|answers?` +
	`|respon(?:ses?|ding)` +
	`|e-?mails?|messages?|anything|mail|mailbox|inbox|address|account)\b[^.]{0,60}\b(?:not|never|nobody|no one|cannot|can't)\b[^.]{0,20}` +
	`\b(?:read|monitor|monitored|attended|seen|received?|answered|repl(?:y|ies|ied)|processed|looked|checked?|accept(?:ed)?|reach)` +
	`|\b(?:un(?:monitored|attended)|(?:send(?:ing)?|outgoing)[- ](?:mail[- ])?only|unsubscribe)\b|\bno[- ]?reply (?:address|mail|e-?mail)` +
	`|\bautomat(?:ed|ic|ically)\b|\bpeidiwch ag (?:ymateb|ateb)\b`)

// isFromNobody reports whether the message is of an author without an address, as mail servers write their reports:
// the null address, or only a name of theirs. No person can write so.
func (m *Message) isFromNobody() bool {
	values := m.Root.Header.All("From")
	if m.From != "" || len(values) != 1 {
		return false
	}
	name, rest, bracket := strings.Cut(mime.DecodeWords(values[0]), "<")
	address, _, closed := strings.Cut(rest, ">")
	local, _, _ := strings.Cut(address, "@")
	if bracket && closed && strings.Trim(address, " @") == "" {
		return true
	}
	return serverName.MatchString(name) || machineName.MatchString(strings.TrimSpace(local))
}

// isNullPath reports whether a return path is the null one of reports (RFC 5321, section 4.5.5), or the name that some
// servers write for it.
func isNullPath(value string) bool {
	s := strings.Trim(strings.Join(strings.Fields(mime.StripComments(value)), ""), "<>")
	local, _, _ := strings.Cut(s, "@")
	return present(value) && nullName.MatchString(local)
}

var nullName = regexp.MustCompile(`(?i)^(mailer-?daemon|mail-?daemon|double-bounce)?$`)

// cameByOwnList reports whether the message came by no list but one of the service's own, as a group has that shares a
// mailbox: it says nothing of its author.
func (m *Message) cameByOwnList() bool {
	ids := m.Root.Header.All("List-Id")
	return len(ids) > 0 && !slices.ContainsFunc(ids, func(v string) bool {
		if _, in, ok := strings.Cut(v, "<"); ok {
			v, _, _ = strings.Cut(in, ">")
		}
		return !slices.Contains(m.OwnLists, strings.ReplaceAll(strings.ToLower(strings.TrimSpace(v)), "@", "."))
	})
}
