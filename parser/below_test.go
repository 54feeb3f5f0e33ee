package parser_test

import "testing"

// TestBelowApproval: what may stand below APPROVE, and what undoes it.
func TestBelowApproval(t *testing.T) {
	for want, texts := range map[string][]string{
		"approve": {
			"", "\nThanks\nAsha", "\nTelephone: 01632 960 123", "\n01632 960 123\nasha@helpdesk.test", "\nThanks for sending this over. Evidence looks fine.\n\nAsha", "Happy with this.", "All good\n\nSent from my iPhone",
			"\nLooks good to me\nAsha", "\nHappy to support this.\nRegards\nAsha Patel", "\nThank you for the detailed letter.",
			"\nMany thanks,\nAsha\n\nThis message may contain confidential information. If you are not the intended recipient please do not read it.",
			"\nKind regards,\n\nAsha Patel\nSenior Reviewer | MFA Team\nTel: 01234 567 890\nNo. 5 High Street, First Floor, Leeds\nMy working days are Monday to Thursday only",
			"\nBest wishes\n\nDr Asha Patel (she/her)\nHead of Access\n\nI work flexibly, so please do not feel obliged to reply outside your working hours.",
		},
		"none": {
			"for 30 days please", "for 90 days", "for today", "untill 1 April", "1 April 2026", "end date 1 March 2026 please", "to the end of this year",
			"As soon as the letter is signed.", "When the consultant confirms.", "after manager signs", "needs signature", "Ben has to agree as well",
			"I take that back", "Leave this with me", "Just testing", "Kim Day, leave Sam Lee as is", "Is the letter genuine", "I have to read the letter",
			"\nRegards,\nAsha\n\nNot until they sign it though", "\nRegards,\nAsha\n\nOnly for one month", "\n--\nOnly if Ben agrees",
			"\nKind regards\nAsha Patel\nNO", "\nThanks\nAsha\n\nps wait", "\nAsha\n\nuntil March", "\nRegards\nAsha\nLeave Kim as she is", "2026-04-01", "01 04 2026", "01/04/2026",
		},
	} {
		for _, text := range texts {
			if got := show(parse(t, reply("APPROVE\n"+text)).Decision); got != want {
				t.Errorf("APPROVE above %q: got %q, want %q", text, got, want)
			}
		}
	}
}
