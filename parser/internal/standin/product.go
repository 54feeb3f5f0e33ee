package standin

import "strings"

// products are words by which products name themselves in notes, envelopes and addresses of web pages, in lower case
// and without blanks. The first that is found counts.
var products = []struct{ word, name string }{
	{"confidentialmode", "Gmail confidential mode"},
	{"purview", "Microsoft Purview"}, {"office365message", "Microsoft 365"}, {"microsoft365message", "Microsoft 365"},
	{"egress", "Egress"}, {"zivver", "Zivver"}, {"virtru", "Virtru"}, {"mimecast", "Mimecast"}, {"proofpoint", "Proofpoint"},
	{"securedoc", "Cisco"}, {"cisco", "Cisco"}, {"ironport", "Cisco"}, {"trendmicro", "Trend Micro"}, {"privatepost", "Trend Micro"},
	{"mailscanner", "MailScanner"}, {"barracuda", "Barracuda"}, {"sophos", "Sophos"}, {"symantec", "Symantec"},
	{"messagelabs", "Symantec"}, {"forcepoint", "Forcepoint"}, {"websense", "Forcepoint"}, {"message_zdm", "Forcepoint"},
	{"mcafee", "McAfee"}, {"trellix", "Trellix"}, {"fireeye", "Trellix"}, {"fortimail", "FortiMail"}, {"fortinet", "FortiMail"},
	{"checkpoint", "Check Point"}, {"avanan", "Check Point"}, {"clearswift", "Clearswift"}, {"mailsweeper", "Clearswift"},
	{"mailmarshal", "MailMarshal"}, {"trustwave", "MailMarshal"}, {"zixcorp", "Zix"}, {"zixmail", "Zix"}, {"echoworx", "Echoworx"},
	{"totemo", "Totemo"}, {"seppmail", "SEPPmail"}, {"hornetsecurity", "Hornetsecurity"}, {"galaxkey", "Galaxkey"},
	{"protonmail", "Proton"}, {"tutanota", "Tuta"}, {"frama", "Frama"}, {"kaspersky", "Kaspersky"}, {"eset", "ESET"},
	{"safeattachments", "Microsoft Defender"}, {"atpscan", "Microsoft Defender"}, {"forefront", "Microsoft"},
	{"outlook_office365", "Microsoft Purview"}, {"outlook.office", "Microsoft Purview"}, {"microsoft", "Microsoft"},
}

// Product returns the name of the product that names itself in texts; empty for none.
func Product(texts ...string) string {
	for _, s := range texts {
		s = strings.ReplaceAll(strings.ToLower(s), " ", "")
		for _, p := range products {
			if strings.Contains(s, p.word) {
				return p.name
			}
		}
	}
	return ""
}
