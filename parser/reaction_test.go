package parser_test

import (
	"strings"
	"testing"
)

// TestReactions: what a mail client sends for a tap on a sign, and what a booking system answers to whatever comes,
// is a machine's; what a person writes is not.
func TestReactions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"👍 Asha Patel reacted to your message:":                                          true,
		"[Like] Asha Patel reacted to your message:\n\nFrom: us\nSent: Monday\nTo: Asha": true,
		"👍\n\nRosa Lind reacted via Gmail":                                               true,
		"❤️\n\nRosa O’Neill reacted via Gmail <https://www.google.com/gmail/about/>":     true,
		"Liked “Please decide: MFA exception for Sam”":                                   true,
		"Loved “Please decide:\nMFA exception for Sam”":                                  true,
		"Reacted 👍 to “Please decide”":                                                   true,
		"Liked an image":                                                                 true,
		"Asha Patel hat auf Ihre Nachricht reagiert:":                                    true,

		"Thank you for contacting High Street Dental. Your message has been received and we aim to respond within 3 working days.\n\n" +
			"Please do not reply to this email. If you are in pain, call 01632 960 555.": true,
		"Dear Sir or Madam,\n\nThank you for your email.\n\nWe aim to reply within two working days.\n\nThe reception team":     true,
		"This is an automated response. We have received your enquiry and will get back to you as soon as possible.":            true,
		"Your request has been received. Your ticket number is 48213.":                                                          true,
		"Hello,\nYour email \"Please decide: MFA exception\" has been received. A member of our team will be in touch shortly.": true,
		"Thanks for getting in touch! This mailbox is monitored Monday to Friday, 9 to 5.":                                      true,
		"Diolch am eich e-bost. Peidiwch ag ymateb i'r neges hon.":                                                              true,

		"APPROVE":    false,
		"APPROVE\n👍": false,
		"APPROVE\n\nAsha\n\nThank you for contacting the helpdesk. We aim to respond within 3 working days.": false,
		"He reacted badly to your message, since he cannot see it.":                                          false,
		"Sam reacted to your message: he needs the exception by Monday\n\nPlease hurry":                      false,
		"Liked the letter, approved":                                                                                    false,
		"Thank you for your email. It was Moorfields, in March.":                                                        false,
		"Thank you for your email. We have received it. She was seen there":                                             false,
		"Thank you for your message. The letter is attached, we will send the other within two days.":                   false,
		"Thank you for contacting us about the exception. We need it within 3 days.":                                    false,
		"We have received your question and will reply within two days, but Sam left on Friday and he does not need it": false,
		"👍": false,
	} {
		m := parse(t, "From: <rosa@dental.test>\r\nTo: <mfa@helpdesk.test>\r\nSubject: Re: MFA\r\n"+
			"Content-Type: text/plain; charset=utf-8\r\n\r\n"+strings.ReplaceAll(text, "\n", "\r\n"))
		if m.Automatic != want {
			t.Errorf("%q: automatic %v, want %v: %q", text, m.Automatic, want, m.AutomaticSigns)
		}
		if want && m.Decision != nil {
			t.Errorf("%q: decides", text)
		}
	}
}

// TestGmailReaction: Gmail says it in a part of its own, in any language; one in a message that is attached says
// nothing.
func TestGmailReaction(t *testing.T) {
	t.Parallel()
	const reaction = "Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n👍\r\n" +
		"--b\r\nContent-Type: text/vnd.google.email-reaction+json; charset=utf-8\r\n\r\n{\"emoji\":\"👍\",\"version\":1}\r\n" +
		"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>👍</p>\r\n--b--\r\n"
	const head = "From: <rosa@dental.test>\r\nTo: <mfa@helpdesk.test>\r\nSubject: Re: MFA\r\n"
	if m := parse(t, head+reaction); !m.Automatic {
		t.Errorf("a person's: %q", m.AutomaticSigns)
	}
	if m := parse(t, head+"Content-Type: multipart/mixed; boundary=c\r\n\r\n--c\r\nContent-Type: text/plain\r\n\r\nSee attached\r\n"+
		"--c\r\nContent-Type: message/rfc822\r\n\r\n"+head+reaction+"--c--\r\n"); m.Automatic {
		t.Errorf("a machine's: %q", m.AutomaticSigns)
	}
}

// TestReactionShapes: a reaction is known by its shape, whatever the mail client and its language.
func TestReactionShapes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"❤️\tJo Marsh reacted to your message:",
		"🎉 Jo Marsh reacted to your message:\n\n________________________________\nFrom: us",
		"😮 Jo Marsh a réagi à votre message :",
		"👍 Jo Marsh har reagerat på ditt meddelande:",
		"[Heart] Jo Marsh reacted to your message:",
		"Jo Marsh reacted with 👍 to your message",
		"Laughed at “Please tell us more”",
		"Emphasised “Please tell us more”",
		"Loved an attachment",
		"Reacted 🙏 to “Please tell us more”",
		"Removed a like from “Please tell us more”",
		"Disliked “Please tell us more”",
		"Questioned “When did it start?”",
		"🙏\n\nJo Marsh reacted via Gmail\n\nOn Mon, 2 Nov 2026 at 09:07, us <mfa@helpdesk.test> wrote:\n\n> Please",
		"😂 Jo Marsh hat über Gmail reagiert <https://www.google.com/gmail/about/>",
		"Jo Marsh liked your message",
		"👍 Jo Marsh ha reaccionado a tu mensaje:",
		"Reacted with 👍 to “Please tell us more”",
		"Liked a message",
		"Added a heart to “Please tell us more”",
		"👍 to “Please tell us more”",
		"Marsh, Jo reacted to your message:",
	} {
		if m := from(t, "Jo Marsh <jo@hill.test>", "Re: Please tell us more", text); !m.Automatic {
			t.Errorf("a person's: %q", text)
		}
	}
	for _, text := range []string{
		"👍 see the letter:",
		"👍 yes, it is Sam",
		"Jo Marsh liked your message and asks for more time",
		"Liked the “new” form, here it is: sam@care.test",
		"Questioned by Jo Marsh in March, the consultant said “no phones”",
		"👍👍",
		"[Like] yes please",
		"❤️ thank you",
	} {
		if m := from(t, "Jo Marsh <jo@hill.test>", "Re: Please tell us more", text); m.Automatic {
			t.Errorf("a machine's: %q: %q", text, m.AutomaticSigns)
		}
	}
}
