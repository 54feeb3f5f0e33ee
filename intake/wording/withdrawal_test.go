package wording_test

import (
	"testing"

	"mfabot/intake/wording"
)

// TestWithdrawalAsWritten: what people of pharmacies, care homes and prisons write. Only what is about nothing but taking it
// back, and leaves no need of it, is plain.
func TestWithdrawalAsWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]wording.Certainty{
		"Hi, please can you cancel this as Sam has left us. Thanks, Jo":                                      wording.Plainly,
		"Afternoon all\n\nNo longer required as she has a new phone.\n\nRegards\nPriya Shah\nDeputy manager": wording.Plainly,
		"We don't need this any more, thank you for your help.":                                              wording.Plainly,
		"Please withdraw our application. The governor has agreed to lockers outside the unit.":              wording.Plainly,
		"Pls cancel request, member of staff resigned":                                                       wording.Plainly,
		"Hi Asha, Sam is no longer at this branch so please withdraw the request. Many thanks":               wording.Plainly,
		"Good morning, he has got his phone back so this is not needed now. Sorry for the trouble.":          wording.Plainly,
		"Further to my request last week, I'd like to withdraw it please.":                                   wording.Plainly,
		"We have decided to withdraw the request.":                                                           wording.Plainly,
		"Could you please close this request? It was sent in error.":                                         wording.Plainly,
		"Sorry, I sent this by mistake. Please disregard the request.":                                       wording.Plainly,
		"The exemption is no longer needed because she has moved to the community team.":                     wording.Plainly,
		"No longer needed thanks":                                                   wording.Plainly,
		"Please cancel, Sam passed away on Sunday.":                                 wording.Plainly,
		"Please cancel our request for an exemption for Sam.":                       wording.Plainly,
		"I know this is late but please cancel the request":                         wording.Plainly,
		"She has retired and doesn't need it any longer. Please take it off. Linda": wording.Plainly,
		"Can we withdraw this please, we need to save everybody's time":             wording.Plainly,

		"Could this be withdrawn please? She's leaving.":  wording.Plainly,
		"Please can this be cancelled":                    wording.Plainly,
		"This request can be closed, thanks":              wording.Plainly,
		"It is not needed any more - she got a new phone": wording.Plainly,
		"Dear Asha, thank you for looking into this. We no longer require the exemption because the wing now has a landline in the office. Kind regards, Tom Hale, Healthcare Manager, HMP Fairwater": wording.Plainly,
		"She is off long term sick so please withdraw her request": wording.Plainly,

		"She doesn't need it for the clinic, she needs it for the prison":                                                wording.Perhaps,
		"She doesn't need it for the clinic.":                                                                            wording.Perhaps,
		"He doesn't need it at the surgery. Only at HMP Fairwater.":                                                      wording.Perhaps,
		"No longer needed at Mill Lane, but she works at Elm House too where she can't use a phone":                      wording.Perhaps,
		"No longer needed at the care home.":                                                                             wording.Perhaps,
		"It's no longer needed on Mondays":                                                                               wording.Perhaps,
		"Sam doesn't need this now. Kim does.":                                                                           wording.Perhaps,
		"Sam no longer needs it. His replacement will.":                                                                  wording.Perhaps,
		"Not needed now, she will want it again in March.":                                                               wording.Perhaps,
		"Please cancel for now, we will apply again when he is back from paternity leave":                                wording.Perhaps,
		"We don't need it at the moment":                                                                                 wording.Perhaps,
		"He doesn't need it yet":                                                                                         wording.Perhaps,
		"Please cancel this, I will send a new form tomorrow.":                                                           wording.Perhaps,
		"Please withdraw it and transfer it to Kim Day.":                                                                 wording.Perhaps,
		"He won't need it as much from January":                                                                          wording.Perhaps,
		"Please cancel it for the night shift":                                                                           wording.Perhaps,
		"Please cancel our request for a callback":                                                                       wording.Perhaps,
		"Cancel it only if the reviewers say no":                                                                         wording.Perhaps,
		"The manager says it is no longer needed.":                                                                       wording.Perhaps,
		"I was told that she doesn't need it any more. Is that right?":                                                   wording.Perhaps,
		"I think we can withdraw this":                                                                                   wording.Perhaps,
		"She has an appointment with the optician on Monday. She would like to cancel it.":                               wording.Perhaps,
		"Please cancel the request. The prison still does not allow phones in the wing.":                                 wording.Perhaps,
		"No longer needed. Rosa is still waiting for hers.":                                                              wording.Perhaps,
		"Please cancel. She is using the exemption every day though.":                                                    wording.Perhaps,
		"He no longer needs it from 1 December":                                                                          wording.Perhaps,
		"She no longer needs it so urgently.":                                                                            wording.Perhaps,
		"We do not need it back, keep the letter":                                                                        wording.Perhaps,
		"Please withdraw this unless it has been approved":                                                               wording.Perhaps,
		"No longer required for the ward. Required for the pharmacy in the prison.":                                      wording.Perhaps,
		"We no longer need it because the app works. The rest of the team continue with theirs, and carry on as before.": wording.Perhaps,
		"He does not need it any more, so can it go to somebody else?":                                                   wording.Perhaps,
		"The doctor saw her in March and wrote the letter. It was sent by post first. She was then seen in May. He wrote again. Please cancel this request.": wording.Perhaps,

		"It's not needed for the dental practice any more because it's now needed for the school": wording.Perhaps,
		"He doesn't need it, I do":                                      wording.Perhaps,
		"Not needed at clinic, needed at prison":                        wording.Perhaps,
		"She doesn't need it now. From March she works in the prison.":  wording.Perhaps,
		"She doesn't need it for the clinic; for the prison she does.":  wording.Perhaps,
		"She doesn't need it because she can use a key instead":         wording.Perhaps,
		"Please cancel and I'll ring the helpdesk for a short term one": wording.Perhaps,
		"I no longer need it, my colleague does":                        wording.Perhaps,
		"Sam is not working in the prison, Kim is. Please cancel.":      wording.Perhaps,

		"We have no wish to cancel it":                                    wording.No,
		"Nobody here asked to withdraw this":                              wording.No,
		"Who told you to cancel the request?":                             wording.No,
		"We didn't mean to withdraw it":                                   wording.No,
		"Please don't close the request":                                  wording.No,
		"She cancelled her phone contract":                                wording.No,
		"The letter is from Dr Wren. She works for the prison.":           wording.No,
		"He doesn't need a smartphone for his work":                       wording.No,
		"The prison withdrew the phones from all staff":                   wording.No,
		"Yes, she still needs it":                                         wording.No,
		"His contract with the old employer ended, he is with us now":     wording.No,
		"Thanks for the quick reply, we look forward to hearing from you": wording.No,
		"It is needed more than ever":                                     wording.No,
	} {
		if got := wording.Withdrawal(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

// TestWithdrawalOfAnother: words about somebody else's request take back none.
func TestWithdrawalOfAnother(t *testing.T) {
	t.Parallel()
	sam := wording.Person{Address: "sam.green@pharmacy.test", Name: "Sam Green"}
	for text, want := range map[string]bool{
		"Please cancel Kim's request":                     true,
		"Please cancel the request for Kim Day":           true,
		"Kim no longer needs it.":                         true,
		"No longer needed for Kim, thanks":                true,
		"Please cancel Sam's request":                     false,
		"Please cancel the request for Sam Green. Thanks": false,
		"Sam doesn't need it any more. Kim Day":           false,
		"She doesn't need it any more":                    false,
		"Today's request is no longer needed":             false,
		"Please cancel this request for us":               false,
	} {
		if got := wording.OfAnother(text, sam); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
}

// TestEndingAnException: to have an exception ended is not to ask for one, however much alike the words are.
func TestEndingAnException(t *testing.T) {
	t.Parallel()
	for text, ends := range map[string]bool{
		"Please take the MFA exception off Kim, she has her phone back.":              true,
		"Could you remove Kim's exemption? She is on the shop floor now.":             true,
		"Can the exemption be taken off again?":                                       true,
		"Please revoke both exceptions.":                                              true,
		"Please end her long-term exemption today":                                    true,
		"His exception should be ended, he has moved.":                                true,
		"Please take MFA off Kim, who is blind.":                                      false,
		"Please remove the MFA prompt and grant an exception for Kim.":                false,
		"Could the exception be granted by Monday?":                                   false,
		"Her exemption ends on Friday, please may it be extended for six months more": false,
	} {
		if got := wording.Withdrawal(text); (got != wording.No) != ends {
			t.Errorf("%q: withdrawal %v", text, got)
		}
		if ends && wording.Read(text).Request {
			t.Errorf("%q: asks for an exception", text)
		}
	}
}
