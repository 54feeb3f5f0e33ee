package text

import (
	"regexp"
	"strings"

	"golang.org/x/net/html/atom"
)

type role uint8

const (
	roleNone role = iota
	roleQuote
	roleAttribution
	roleSignature
	roleCut // everything from this element to the end of the document is quoted
)

// clientMarks are the ids, names and classes by which mail clients mark their parts of a message. Exchange
// and Outlook on the web put "x_" before those of the mail that is answered.
var clientMarks = map[string]role{
	"appendonsend":                            roleCut, // Outlook on the web, new Outlook, Outlook mobile
	"divrplyfwdmsg":                           roleCut,
	"olk_src_body_section":                    roleCut, // Outlook for Mac
	"mail-editor-reference-message-container": roleCut, // Outlook for Mac and mobile
	"ms-outlook-mobile-reference-message":     roleCut,
	"outlookmessageheader":                    roleCut, // Outlook 2003
	"replyforwardedmessage":                   roleCut,
	"stopspelling":                            roleCut, // Hotmail
	"zwchr":                                   roleCut, // Zimbra
	"moz-forward-container":                   roleCut, // Thunderbird
	"orimsghtmlseperator":                     roleCut,
	"yahoo_quoted":                            roleQuote,
	"yahooquoted":                             roleQuote,
	"protonmail_quote":                        roleQuote,
	"tutanota_quote":                          roleQuote,
	"gmail_quote_attribution":                 roleAttribution,
	"messagereplysection":                     roleQuote, // Spark
	"sh-quoted":                               roleQuote, // Superhuman
	"mailmaster_quote":                        roleQuote,
	"quoted-text":                             roleQuote,
	"ymail_quote":                             roleQuote,
	"gmail_attr":                              roleAttribution,
	"moz-cite-prefix":                         roleAttribution,
	"moz-email-headers-table":                 roleAttribution,
	"reply-intro":                             roleAttribution, // Roundcube
	"gmail_signature":                         roleSignature,
	"gmail_signature_prefix":                  roleSignature,
	"moz-signature":                           roleSignature,
	"signature":                               roleSignature, // Outlook on the web
	"signatureid":                             roleSignature,
	"ms-outlook-mobile-signature":             roleSignature,
	"applemailsignature":                      roleSignature,
	"applemailsignatureid":                    roleSignature,
	"protonmail_signature_block":              roleSignature,
	"tutanota-signature":                      roleSignature,
	"ydpsignature":                            roleSignature,
	"zimbra-signature":                        roleSignature,
	"messagesignaturesection":                 roleSignature, // Spark
	"composer_signature":                      roleSignature, // Samsung
	"bloop_sign":                              roleSignature, // Airmail
	"front-signature":                         roleSignature,
	"k9mail-signature":                        roleSignature,
	"airmail_on":                              roleAttribution,
	"front-blockquote":                        roleQuote,
	"missive_quote":                           roleQuote,
	"isreplycontent":                          roleQuote, // 163
	"ntes-mailmaster-quote":                   roleQuote,
	"zmail_extra":                             roleQuote, // Zoho
	"blockquote_zmail":                        roleQuote,
}

// outlookHeader is the line above the header block of a mail that desktop Outlook answers.
var outlookHeader = regexp.MustCompile(`border(-top|-left-color)?:(none;border-top:)?(solid(#e1e1e1|#b5c4df|` +
	`windowtext)1\.0pt|1pt solid#e1e1e1|1\.0ptsolid(#e1e1e1|#b5c4df))`)

// gmailIndent is the indentation that Gmail's toolbar makes with a blockquote.
var gmailIndent = regexp.MustCompile(`margin:00040px;border:(none|medium|0)`)

func (e element) role() role {
	if r := markOf(e.id); r != roleNone {
		return r
	}
	if r := markOf(e.name); r != roleNone {
		return r
	}
	for _, class := range e.classes {
		if r := markOf(class); r != roleNone {
			return r
		}
	}
	if e.atom == atom.Blockquote && !(e.kind == "" && gmailIndent.MatchString(e.style)) {
		return roleQuote
	}
	if e.atom == atom.Div && outlookHeader.MatchString(e.style) {
		return roleCut
	}
	return roleNone
}

// markOf looks up an id, name or class.
func markOf(key string) role {
	if key == "" {
		return roleNone
	}
	key = strings.ToLower(key)
	if r, ok := clientMarks[key]; ok {
		return r
	}
	if strings.HasPrefix(key, "x_") {
		return clientMarks[strings.TrimLeft(key, "x_")]
	}
	return roleNone
}
