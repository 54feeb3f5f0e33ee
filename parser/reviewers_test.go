package parser_test

import (
	"strings"
	"testing"
)

// outlookQuoted is the mail a reviewer answers, as Outlook puts it below the answer.
const outlookQuoted = "\n\n________________________________\nFrom: NHSmail Helpdesk <mfa@helpdesk.test>\n" +
	"Sent: 03 March 2026 10:12\nTo: Asha Patel\n" +
	"Subject: [LT-2026-00042] Review\n\nRiverside Pharmacy asks for an exception.\n\nAPPROVE\nREJECT reason\nINFO question\n"

// welshQuoted is the same from Outlook in Welsh.
const welshQuoted = "\n\nOddi wrth: NHSmail Helpdesk <mfa@helpdesk.test>\nAnfonwyd: 03 Mawrth 2026 10:12\n" +
	"At: Asha Patel\nPwnc: Adolygiad\n\nAPPROVE\n"

// outlookHTML writes text as Word does for Outlook, one paragraph per line.
func outlookHTML(text string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		if line = escape(line); line == "" {
			line = "&nbsp;"
		}
		b.WriteString("<p class=MsoNormal>" + line + "<o:p></o:p></p>\n")
	}
	return htmlReply("<html><body><div class=WordSection1>" + b.String() + "</div></body></html>")
}

// TestReviewersApprove puts below APPROVE what reviewers' clients and organisations add there.
func TestReviewersApprove(t *testing.T) {
	disclaimer := phrases(t, "nhs-disclaimer")[0]
	for _, below := range phrases(t, "below-approvals") {
		for _, verb := range []string{"APPROVE", "Approve", "approved.", "APPROVED!", "CYMERADWYO", "Cymeradwywyd."} {
			for _, end := range []string{"", quoted, outlookQuoted, welshQuoted, disclaimer, disclaimer + outlookQuoted} {
				text := verb + below + end
				if got := show(parse(t, reply(text)).Decision); got != "approve" {
					t.Errorf("%q: %s", text, got)
				}
				if got := show(parse(t, outlookHTML(text)).Decision); got != "approve" {
					t.Errorf("in HTML, %q: %s", text, got)
				}
			}
		}
	}
}

// TestNoApprovals reads answers that must never approve, alone and above a quotation.
func TestNoApprovals(t *testing.T) {
	for _, text := range phrases(t, "no-approvals") {
		text = strings.NewReplacer(`\u200b`, "\u200b", `\u0304`, "\u0304").Replace(text)
		for _, end := range []string{"", quoted, outlookQuoted, "\n\nKind regards\nAsha Patel\nMFA Service Lead" + outlookQuoted} {
			for _, raw := range []string{reply(text + end), outlookHTML(text + end)} {
				if d := parse(t, raw).Decision; d != nil && d.Verb == "approve" {
					t.Errorf("%q approves", text+end)
				}
			}
		}
	}
}

// TestDecisionText: the reason is what the reviewer writes, without who they are.
func TestDecisionText(t *testing.T) {
	for text, want := range map[string]string{
		"Gwybodaeth yn dod yfory, diolch.\n\nAsha":                                                             "none",
		"Gwrthod hwn fyddai'n gamgymeriad.\n\nAsha":                                                            "none",
		"Gwybodaeth: pa ward?\n\nAsha":                                                                         "info: pa ward?",
		"REJECT the letter is from 2019.\n\nAsha":                                                              "reject: the letter is from 2019.",
		"Reject - nothing is attached\n\nKind regards\nAsha Patel\nService Lead":                               "reject: nothing is attached",
		"Rejected. The letter isn't signed.\n\nThanks\nAsha":                                                   "reject: The letter isn't signed.",
		"INFO Which ward does she work on?\n\nAsha Patel\nMFA Service Lead\nTel: 0333 200 1133":                "info: Which ward does she work on?",
		"REJECT a short-term exception would do, ring the helpdesk.\n\nAP":                                     "reject: a short-term exception would do, ring the helpdesk.",
		"More info: one user or two?\n\nCofion / Regards\nAsha Patel\nRheolwr Gwasanaeth / Service Manager":    "info: one user or two?",
		"REJECT the letter is not signed\n\nDr Asha Patel MBBS\nClinical Lead\nT: 01632 960 123 | www.hd.test": "reject: the letter is not signed",
		"GWRTHOD mae'r llythyr yn 2019.\n\nAsha":                                                               "reject: mae'r llythyr yn 2019.",
		"Gwrthodwyd - nid oes dim ynghlwm\n\nCofion gorau\nAsha Patel\nRheolwr":                                "reject: nid oes dim ynghlwm",
		"GWYBODAETH Pa ward y mae hi'n gweithio arni?\n\nAsha Patel\nMFA Service Lead":                         "info: Pa ward y mae hi'n gweithio arni?",
		"Info - who is the line manager\n\nSent from my iPhone":                                                "info: who is the line manager",
	} {
		for _, end := range []string{"", quoted, outlookQuoted} {
			if got := show(parse(t, reply(text+end)).Decision); got != want {
				t.Errorf("%q:\n got %q\nwant %q", text+end, got, want)
			}
		}
	}
}
