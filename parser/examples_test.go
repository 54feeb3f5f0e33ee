package parser_test

import (
	"strings"
	"testing"

	"mfabot/parser"
)

// TestExamples teaches a reason that is not built in by sentences of the policy, and reads it in other words; the reasons
// that are built in are read as before.
func TestExamples(t *testing.T) {
	v := parser.Vocabulary{Reasons: append([]parser.Reason{{ID: "industrial-action", Title: "Industrial action", Examples: []string{
		"The union has told its members not to use their own phones for work while the ballot is open.",
		"She is on strike from using private devices, as agreed at the branch meeting.",
		"There is a dispute with the owners and staff have withdrawn the use of their own mobiles.",
		"Our shop steward says that members must not install anything of the employer's until the dispute is settled.",
		"He follows the work to rule of his trade union, which bars apps on personal phones.",
		"The action short of a strike means that no personal handset is used for logging in.",
		"Members voted in the ballot to stop using their phones for the company.",
		"Because of the industrial dispute he will not register, on the advice of Unison.",
		"Unite has called on the drivers to refuse work apps during the pay dispute.",
		"She is the union rep and keeps to the branch's decision about private telephones.",
	}}}, vocabulary.Reasons...)}
	p := parser.New(v)
	for text, want := range map[string]string{
		"Kim Lee (kim.lee@site.test) needs an exception. The branch balloted last week, and until the pay dispute is over union members here leave their own phones out of it.": "industrial-action",
		"Please exempt kim.lee@site.test. Her hands shake so much from Parkinson's that she cannot hit the numbers.":                                                            "accessibility",
		"Please exempt kim.lee@site.test, who works on the wings of a prison where phones are locked away at the gate.":                                                         "secure-location",
	} {
		m, err := p.Parse(strings.NewReader("From: pharmacy@site.test\r\nTo: mfa@helpdesk.test\r\nSubject: " +
			"MFA\r\nMessage-ID: <1@site.test>\r\n\r\n" + text))
		if err != nil {
			t.Fatal(err)
		}
		if m.Reason != want {
			t.Errorf("%q: got %q, want %q", text, m.Reason, want)
		}
	}
}
