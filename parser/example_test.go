package parser_test

import (
	"fmt"
	"log"
	"strings"

	"mfabot/parser"
)

// A site asks in its own words: the user is named, and the reason is recognised by the vocabulary.
func ExampleParser_Parse() {
	p := parser.New(parser.Vocabulary{Reasons: []parser.Reason{
		{ID: "secure-location", Title: "Persistent work in a secure location", Phrases: []string{"prison"}},
	}})
	m, err := p.Parse(strings.NewReader(`From: Oak Street Pharmacy <oakstreet@pharmacy.test>
To: mfa@helpdesk.test
Subject: MFA exception for a colleague
Content-Type: text/plain; charset=utf-8

Hello,

Please could my colleague Sam Green (sam.green@pharmacy.test) have an exception?
Sam works in a prison, where no phones are allowed.

Kind regards
Jo
`))
	if err != nil {
		log.Fatal(err)
	}
	for _, user := range m.Subjects {
		fmt.Println(user.Name, user.Email, m.Reason)
	}
	// Output: Sam Green sam.green@pharmacy.test secure-location
}

// A reviewer decides on the first line. What is quoted below it decides nothing.
func ExampleParser_Parse_decision() {
	m, err := parser.New(parser.Vocabulary{}).Parse(strings.NewReader(`From: Asha Patel <asha@helpdesk.test>
To: mfa@helpdesk.test
Subject: Re: Please decide: MFA exception for Sam Green
Content-Type: text/plain; charset=utf-8

REJECT The letter is not signed.

On Mon, 2 Nov 2026 at 09:07, Helpdesk <mfa@helpdesk.test> wrote:
> Begin your answer with one of these:
> APPROVE
`))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.From)
	fmt.Println(m.Decision.Verb+":", m.Decision.Text)
	// Output:
	// asha@helpdesk.test
	// reject: The letter is not signed.
}
