package standin

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// products are words by which products name themselves in notes, envelopes and addresses of web pages, in lower case.
// The first that is found counts.
var products = []struct{ word, name string }{
	{"confidential mode", "Gmail confidential mode"}, {"confidential-mail.google", "Gmail confidential mode"},
	{"purview", "Microsoft Purview"}, {"office 365 message", "Microsoft 365"}, {"microsoft 365 message", "Microsoft 365"},
	{"egress", "Egress"}, {"zivver", "Zivver"}, {"virtru", "Virtru"}, {"mimecast", "Mimecast"}, {"proofpoint", "Proofpoint"},
	{"securedoc", "Cisco"}, {"cisco", "Cisco"}, {"ironport", "Cisco"}, {"trend micro", "Trend Micro"}, {"trendmicro", "Trend Micro"},
	{"private post", "Trend Micro"}, {"scanmail", "Trend Micro"}, {"mailscanner", "MailScanner"}, {"barracuda", "Barracuda"},
	{"sophos", "Sophos"}, {"symantec", "Symantec"}, {"messagelabs", "Symantec"}, {"forcepoint", "Forcepoint"},
	{"websense", "Forcepoint"}, {"message_zdm", "Forcepoint"}, {"mcafee", "McAfee"}, {"trellix", "Trellix"}, {"fireeye", "Trellix"},
	{"fortimail", "FortiMail"}, {"fortinet", "FortiMail"}, {"check point", "Check Point"}, {"avanan", "Check Point"},
	{"clearswift", "Clearswift"}, {"mailsweeper", "Clearswift"}, {"mailmarshal", "MailMarshal"}, {"trustwave", "MailMarshal"},
	{"zixcorp", "Zix"}, {"zixmail", "Zix"}, {"echoworx", "Echoworx"}, {"totemo", "Totemo"}, {"seppmail", "SEPPmail"},
	{"hornetsecurity", "Hornetsecurity"}, {"galaxkey", "Galaxkey"}, {"protonmail", "Proton"}, {"proton mail", "Proton"},
	{"tutanota", "Tuta"}, {"app.tuta", "Tuta"}, {"frama", "Frama"}, {"kaspersky", "Kaspersky"}, {"mimedefang", "MIMEDefang"},
	{"safe attachments", "Microsoft Defender"}, {"atp scan", "Microsoft Defender"}, {"forefront", "Microsoft"},
	{"outlook.office", "Microsoft Purview"}, {"microsoft", "Microsoft"},
}

// Product returns the name of the product that names itself in texts; empty for none.
func Product(texts ...string) string {
	for _, s := range texts {
		s = strings.ToLower(s)
		for _, p := range products {
			if i := strings.Index(s, p.word); i >= 0 && !endsInLetter(s[:i]) {
				return p.name
			}
		}
	}
	return ""
}

func endsInLetter(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsLetter(r)
}
