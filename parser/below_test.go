package parser_test

import (
	"strings"
	"testing"
	"unicode"

	"mfabot/parser"
)

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

// TestRemarks: what only comments may stand below APPROVE, alone, with other comments and however its lines are broken;
// what limits, doubts, asks or takes back undoes it, also among comments. What follows takes turns.
func TestRemarks(t *testing.T) {
	p := parser.New(vocabulary)
	decide := func(raw string) string {
		m, err := p.Parse(strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		return show(m.Decision)
	}
	ends := []string{"", "\n\nAsha", "\n\nKind regards\nAsha Patel\nMFA Service Lead" + outlookQuoted, quoted}
	for i, remark := range phrases(t, "comments") {
		for j, text := range []string{remark, "Thanks.\n\n" + remark, remark + "\nNo concerns.", wrapped(remark)} {
			text = "APPROVE\n\n" + text + ends[(i+j)%len(ends)]
			if got := decide(reply(text)); got != "approve" {
				t.Errorf("%q: %s", text, got)
			}
		}
	}
	for i, remark := range phrases(t, "undoings") {
		for j, text := range []string{remark, "Thanks.\n\n" + remark, remark + "\nNo concerns.", strings.ToUpper(remark)} {
			text = "Approved.\n" + text + ends[(i+j)%len(ends)]
			for _, raw := range []string{reply(text), outlookHTML(text)} {
				if got := decide(raw); strings.HasPrefix(got, "approve") {
					t.Errorf("%q: %s", text, got)
				}
			}
		}
	}
}

// wrapped breaks a line of some length about its middle, where a word in small letters follows.
func wrapped(line string) string {
	for i := max(20, len(line)/2); i+1 < len(line); i++ {
		if line[i] == ' ' && unicode.IsLower(rune(line[i+1])) {
			return line[:i] + "\n" + line[i+1:]
		}
	}
	return line
}
