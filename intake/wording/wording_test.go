package wording_test

import (
	"testing"

	"mfabot/intake/wording"
)

// TestWithdrawal: what is plain is taken as a withdrawal, and what is not is asked about.
func TestWithdrawal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]wording.Certainty{
		"please cancel, he found his phone":          wording.Plainly,
		"No longer needed":                           wording.Plainly,
		"This is no longer required, thank you.\nJo": wording.Plainly,
		"Hi again,\n\nHana starts at the day centre on Monday so she doesn't need the exception any more. Please cancel this request.\n\nMany thanks, Priya": wording.Plainly,
		"Can you please withdraw this? Sam has left.":                                     wording.Plainly,
		"Sorry to be a nuisance but could you cancel our request for Sam please":          wording.Plainly,
		"We would like to withdraw the application.":                                      wording.Plainly,
		"He doesn’t need it now. Let us know if you need anything else.":                  wording.Plainly,
		"Sam's moved to the office so it isn't needed any more, please close the request": wording.Plainly,
		"I put in for Sam on Monday, please bin it. They have agreed a phone cabinet.":    wording.Plainly,
		"Please scrap this one": wording.Plainly, "Cancel": wording.Plainly, "Please call off this request.": wording.Plainly,
		"Please take this request back.": wording.Plainly, "We no longer want this.": wording.Plainly,
		"please disregard our request, she has got a new phone": wording.Plainly,

		"Thanks. Just to say that we might withdraw this next week if Hana moves to the day centre, we'll let you know.": wording.Perhaps,
		"Should we cancel this?":                                          wording.Perhaps,
		"How can we withdraw?":                                            wording.Perhaps,
		"She may not need it.":                                            wording.Perhaps,
		"We will withdraw it when he has his phone.":                      wording.Perhaps,
		"Please cancel the old form, here is the new one":                 wording.Perhaps,
		"Please cancel this and start a new request for Kim":              wording.Perhaps,
		"The 24 hour exception is no longer needed, the long term one is": wording.Perhaps,
		"Please cancel Kim's request but Sam's is needed":                 wording.Perhaps,
		"It is no longer needed for Kim. Sam still needs it.":             wording.Perhaps,

		"Please do not withdraw it":       wording.No,
		"We have not cancelled this":      wording.No,
		"Why was this withdrawn?":         wording.No,
		"He doesn't need a phone at work": wording.No,
		"She cannot use a phone any more": wording.No,
		"Please ignore my last email":     wording.No,
		"It was Moorfields, in March.":    wording.No,
		"Please stop sending these":       wording.No,
		"Thank you":                       wording.No, "": wording.No,
		"She no longer has a phone": wording.No, "He does not want the app on his own phone": wording.No,
	} {
		if got := wording.Withdrawal(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

// TestRead: what a site asks for, in its own words.
func TestRead(t *testing.T) {
	t.Parallel()
	type m = wording.Meaning
	for text, want := range map[string]m{
		"Any news?": {Status: true}, "Any update on this please?\n\nJo Marsh\nPharmacy Manager": {Status: true},
		"Any news on this? Kofi starts there on Thursday.\n\nJo":                {Status: true, More: true},
		"Hi, just chasing this up. Thanks, Jo":                                  {Status: true},
		"Which of our staff have one?":                                          {Status: true},
		"Hello,\nwhich of our people are exempt at the moment, and until when?": {Status: true},
		"How many exceptions do we have?":                                       {Status: true},
		"Could you send us a list of our exemptions?":                           {Status: true},
		"Has this been approved yet?":                                           {Status: true},
		"When does Sam's exception run out?":                                    {Status: true},
		"Is Sam Green's exemption still active?":                                {Status: true},
		"Did you get our email about Sam?":                                      {Status: true},
		"Where are we with LT-2026-00042?":                                      {Status: true},
		"What's happening with our request for Sam Green?":                      {Status: true},
		"We have not heard anything since Monday.":                              {Status: true},
		"How long will it take?":                                                {Status: true},
		"Do any of our staff have an exception?":                                {Status: true},
		"Can you tell me the status of our application":                         {Status: true},
		"Oes newyddion?":                                                        {Status: true},
		"Who is exempt?":                                                        {Status: true},

		"Can somebody ring me?":                                           {Person: true},
		"Please could someone call us back on 01632 960555.\nJo":          {Person: true},
		"I would like to speak to a person":                               {Person: true},
		"Who do we contact about this?":                                   {Person: true},
		"Please give me a ring":                                           {Person: true},
		"Could somebody help us please?":                                  {Person: true},
		"Is there anybody there?":                                         {Person: true},
		"Can we talk to someone about the form? We do not understand it.": {Person: true, More: true},
		"How do we ask for an exception?":                                 {Person: true},
		"I want to make a complaint":                                      {Person: true},

		"We need an exception for Sam Green":                                  {Request: true},
		"Please can Sam have a long term exemption. He works in a prison.":    {Request: true, More: true},
		"I would like to request an MFA exception for Kim":                    {Request: true},
		"Could Sam be exempted from MFA? Any news would be welcome.":          {Request: true, Status: true},
		"How do we apply for an exemption? We would like to apply for one.":   {Request: true, Person: true},
		"It was Moorfields, in March of this year. Call me if you need more.": {More: true},
		"Moorfields": {},
		"Happy to talk it through, the number is below": {More: true},
		"The practice will move in May":                 {More: true},
	} {
		got := wording.Read(text)
		got.Asks, got.Tells = false, false // see below
		if got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}

// TestReadTelling: what only tells something says so, and what asks has a question mark.
func TestReadTelling(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]wording.Meaning{
		"Just to let you know that it works for Sam. No reply needed.": {Tells: true, More: true},
		"FYI, the ward has moved":                                      {Tells: true, More: true},
		"Before I fill in anything, what counts as evidence?":          {Asks: true, More: true},
		"Please can we have an update?":                                {Status: true, Asks: true},
		"Can we have one?":                                             {Request: true, Asks: true},
		"The force have agreed a phone cabinet in the room":            {More: true},
		"Is there any one-off that you can do?":                        {Asks: true, More: true},
	} {
		if got := wording.Read(text); got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}

func TestCommandIn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]wording.Command{
		"STATUS": wording.Status, "status\n\nJo Marsh": wording.Status, "Statws.": wording.Status,
		"Help!": wording.Help, "CYMORTH": wording.Help, "TYNNU’N ÔL": wording.Withdraw, "tynnu'n ol\nJo": wording.Withdraw,
		"WITHDRAW": wording.Withdraw, "Status of Sam": wording.None, "": wording.None, "Hello\nSTATUS": wording.None,
	} {
		if got := wording.CommandIn(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestSaysLong(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Long term please": true, "It is for the long-term.": true, "six months": true, "for good": true, "Long term, not just 24 hours": true,
		"Just today": false, "It is not long term": false, "": false, "yes": false,
	} {
		if got := wording.SaysLong(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}
