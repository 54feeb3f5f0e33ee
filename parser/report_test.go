package parser_test

import (
	"strings"
	"testing"

	"mfabot/parser"
)

// from is a message of an author, of text only.
func from(t *testing.T, author, subject, text string) *parser.Message {
	t.Helper()
	return parse(t, "From: "+author+"\r\nTo: <mfa@helpdesk.test>\r\nSubject: "+subject+
		"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"+strings.ReplaceAll(text, "\n", "\r\n"))
}

// TestAcknowledgements: what booking and ticket systems answer to whatever comes, with no field that says so, is a machine's.
// What people write in such words is not.
func TestAcknowledgements(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"Automated Response: thanks for your message. Someone will be in touch within 48 hours.",
		"*** AUTO REPLY ***\n\nYour email has reached the Elm Road Surgery. We read emails twice a day.",
		"Thank you for getting in touch with Elm Road Dental.\n\nOur opening hours are Monday to Friday 8.30 to 5.30. If " +
			"you are in severe pain outside these hours please call 111.\n\nElm Road Dental",
		"Hello and thank you for your email!\n\nWe're a small team and will come back to you as soon as we can.",
		"Dear sender,\n\nWe acknowledge receipt of your email. It will be dealt with within 10 working days.\n\nThis is an " +
			"automated message, please don't reply.",
		"##- Please type your reply above this line -##\n\nYour request (48213) has been received and is being reviewed by " +
			"our support staff.\n\nTo add additional comments, reply to this email.",
		"Hi there,\n\nJust letting you know we've got your message. A member of our team will reply soon.",
		"Ticket #2231 has been created for your email. You can follow it at https://help.care.test/2231",
		"Your email is important to us. We aim to respond to all enquiries within 3 working days.",
		"Please note this is an automatic acknowledgement.\n\nThank you for emailing the practice. Please do not use this " +
			"address for urgent matters.",
		"This is to confirm receipt of your email, which will be passed to the relevant department.",
		"Thank you for your enquiry. We are currently experiencing high volumes of emails and our response may be delayed.",
		"Diolch am gysylltu â Fferyllfa'r Bont. Byddwn yn ymateb cyn gynted â phosib.",
		"Rydym wedi derbyn eich e-bost. Byddwn yn ymateb o fewn 5 diwrnod gwaith.",
		"Neges awtomatig: mae eich e-bost wedi cyrraedd. Peidiwch ag ateb y neges hon.",
		"You have reached the shared inbox of Hill Care. This inbox is checked once a day. For urgent matters ring 01632 960 111.",
		"Thanks, we've received your message! Our usual response time is one working day.",
		"AUTOMATIC ACKNOWLEDGEMENT - DO NOT REPLY\nYour correspondence has been logged under reference 77/2026.",
		"Thank you for contacting Bright Smiles! Did you know you can book online? We will respond to your email within 24 hours.",
		"We have received your message and it's been assigned to a colleague. Reference number: CAS-0091-XX",
		"Good afternoon\n\nThank you for your email to Fernhill Pharmacy. Prescription requests take 3 working days. Please " +
			"do not send urgent requests by email.",
		"Thank you for taking the time to write to us. We will respond as soon as possible.",
		"Your message to info@fernhill.test has been successfully received. This mailbox is monitored during office hours.",
		"Thank you for your message.\nPlease note the practice is closed at weekends and on bank holidays. Emails are " +
			"answered in order of receipt.",
		"[Auto-Reply] Hi! Thanks for your mail. Expect an answer within 2 business days.",
		"A new case has been opened for your enquiry. Case ID 5512. Do not change the subject when replying.",
		"Thank you for reaching out! If your query is regarding a repeat prescription please use the NHS App. All other " +
			"queries will be answered in due course.",
		"Thank you for your email. Please accept this as acknowledgement of receipt. A reply will follow.",
		"Dear Customer\nThank you for your recent communication. Your comments are being looked into by our customer care " +
			"team and you will hear from us within 14 days.",
		"Your call has been logged with the service desk. Priority: P3. Reference INC0044112.",
	} {
		if m := from(t, "Hill Care <info@hill.test>", "Re: Please tell us more", text); !m.Automatic {
			t.Errorf("a person's: %q", text)
		}
	}
	for _, text := range []string{
		"Received.", "Your email was received.", "INFO Has the letter been received by email?", "Resent", "Closed on Friday",
		"Thank you for your email. We will send the letter within two working days.",
		"Thank you for your message. Our manager is away until Monday and will get back to you.",
		"We have received your letter. The consultant's secretary says 10 working days.",
		"Thanks for getting back to us. It was the blue one. We will reply to the other question tomorrow.",
		"Thank you for your email, the answer is yes.",
		"Thank you for contacting us about Sam. She works in the secure unit on weekdays during office hours.",
		"We've received your email asking for evidence, please see below. The unit does not allow phones.",
		"Your message has reached me. Sam's email is sam@care.test",
		"Hello, thanks for your message. The user is Kim Day. In an emergency we call 999 from the ward phone.",
		"Thank you for your request for information. Kim started in May. Works on D wing.",
		"This is to confirm that Kim Day works in our secure unit.",
		"We have received the exception, thank you. It has been very helpful during our working hours.",
		"Your ticket number is 4412, you gave it to us on Monday. Any news?",
		"Thanks for the email. No phones on the ward, opening hours 9 to 5.",
		"Thank you for your email. Sorry for the delay, our response took longer because of the high volume of work here. " +
			"The letter was signed by Dr Shaw.",
		"Automatic door failed so nobody could get in. Please extend.",
		"You have reached the right conclusion, thank you.",
		"Thank you for your email. Will reply within the week with the letter. Jo",
		"Your request has been received by me. I will ask Dr Shaw.",
		"Ticket 4412 was opened for Kim Day last week by our IT supplier. Has it been decided?",
		"We acknowledge your email of 3 March. Kim Day's letter from the hospital will follow within 5 working days.",
		"Thank you for your message. The letter should reach you within 5 working days.",
	} {
		if m := from(t, "Hill Care <info@hill.test>", "Re: Please tell us more", text); m.Automatic {
			t.Errorf("a machine's: %q: %q", text, m.AutomaticSigns)
		}
	}
}

// TestReports: reports that a letter was not delivered are known by who wrote them, even without an address, or by what
// they say where a gateway has an address like any other.
func TestReports(t *testing.T) {
	t.Parallel()
	type message struct{ from, subject, text string }
	for _, c := range []message{
		{"Mail Gateway <gw@care.test>", "Undelivered: please decide", "Your message to <sam@care.test> was rejected by the " +
			"recipient's server: 554 5.7.1 message refused by policy."},
		{"postmaster <>", "Mail System Error - Returned Mail", "Sorry, your message could not be delivered to sam@care.test"},
		{"<>", "Delivery report", "550 5.1.1 sam@care.test unknown"},
		{"Mail Delivery System", "Undelivered Mail Returned to Sender", "I'm sorry to have to inform " +
			"you...\n<sam@care.test>: host mx.care.test said: 550 5.1.1"},
		{"MAILER-DAEMON (Mail Delivery Subsystem)", "Returned mail: User unknown", "   ----- The following addresses had " +
			"permanent fatal errors -----\n<sam@care.test>"},
		{"Mail Delivery Subsystem <MAILER-DAEMON@>", "Returned mail: Host unknown", "<sam@care.test> 550 host unknown"},
		{"Symantec Gateway <alerts@gw.care.test>", "Message could not be delivered", "The following message was not " +
			"delivered.\n\nRecipient: sam@care.test\nReason: 550 5.7.0 Local policy violation"},
		{"Barracuda <spamfirewall@care.test>", "**Message you sent blocked by our bulk email filter**", "Your message to: " +
			"sam@care.test\nwas blocked by our Spam Firewall. The email you sent with the following subject has NOT BEEN " +
			"DELIVERED:\n\nSubject: Please decide: MFA exception\n\nRemote server said 550"},
		{"IT <mail@care.test>", "Delivery problem: MFA exception for Sam", "We were unable to deliver your message to the " +
			"following recipient: sam@care.test. SMTP error 550: mailbox unavailable."},
		{"Exchange <exchange@care.test>", "Email rejected", "Remote server returned '550 5.1.10 " +
			"RESOLVER.ADR.RecipientNotFound; Recipient sam@care.test not found by SMTP address lookup'"},
		{"Hill Care <info@hill.test>", "Undeliverable: Exception request", "Delivery has failed to these recipients or " +
			"groups:\n\nsam@care.test\nThe email address you entered couldn't be found. Please check the recipient's email " +
			"address and try to resend the message."},
		{"Hill Care <info@hill.test>", "Non-Delivery Notice", "Recipient <sam@care.test> does not exist (550 no such user here)."},
	} {
		if m := from(t, c.from, c.subject, c.text); !m.Automatic || !m.Bounce {
			t.Errorf("%q: automatic %v, bounce %v: %q", c, m.Automatic, m.Bounce, m.AutomaticSigns)
		}
	}
	for _, c := range []message{
		{"Jo <jo@care.test>", "Email rejected", "Hello, we keep getting 550 5.7.1 when we write to sam@care.test. Is the " +
			"exception to blame?"},
		{"Jo <jo@care.test>", "Undeliverable", "Every time your letters come back to us: 550 5.1.1. Sam's address is " +
			"sam.green@care.test."},
		{"Jo <jo@care.test>", "Re: Undeliverable: MFA", "550 5.1.1 means the mailbox is gone. Use sam.green@care.test"},
		{"Jo <jo@care.test>", "Problem with email", "Sam cannot log in, error 5.7.1 authentication failed, sam@care.test"},
		{"Jo <jo@care.test>", "delivery failed", "Sam's new key was not delivered: royal mail returned it. 520 High Street"},
		{"Postmaster <postmaster@care.test>", "MFA", "Please could sam@care.test have the exception? He has no phone, unknown number."},
		{"Jo <noreply@care.test>", "MFA", "Sam needs the exception, letter to follow. sam@care.test"},
	} {
		if m := from(t, c.from, c.subject, c.text); m.Automatic || m.Bounce {
			t.Errorf("%q: automatic %v, bounce %v: %q", c, m.Automatic, m.Bounce, m.AutomaticSigns)
		}
	}
}

// TestReportedLetter: a report that is only text says which letter it is about where it has the letter's header.
func TestReportedLetter(t *testing.T) {
	t.Parallel()
	m := from(t, "MAILER-DAEMON <>", "Mail delivery failed",
		"It could not be handed over: 550 5.1.1\n\nIts header was:\n\nMessage-Id: <a1@desk.test>")
	if len(m.Bounced) != 1 || m.Bounced[0] != (parser.Bounced{MessageID: "a1@desk.test", Permanent: true, Status: "5.1.1",
		Said: "It could not be handed over: 550 5.1.1"}) {
		t.Errorf("got %+v", m.Bounced)
	}
}

// TestNullPath: some servers write a name for the null return path.
func TestNullPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{"<>": true, "< >": true,
		"<MAILER-DAEMON@mx.desk.test>": true, "<double-bounce@mx.desk.test>": true,
		"": false, "<rosa@dental.test>": false, "<daemon@dental.test>": false} {
		m := parse(t, "Return-Path: "+path+"\r\nFrom: <gateway@care.test>\r\nSubject: Notice\r\n\r\nSee below")
		if m.Automatic != want {
			t.Errorf("%q: automatic %v", path, m.Automatic)
		}
	}
}

// TestSendingOnly: where an address is for sending only and the text says so too, a machine wrote it.
func TestSendingOnly(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Your delivery is due.\n\nPlease do not reply to this email.":        true,
		"Your code is 4411. Replies to this address are not read.":           true,
		"A new rota is out. This mailbox is not monitored.":                  true,
		"Bydd y system ar gau ddydd Llun. Peidiwch ag ymateb i'r neges hon.": true,
		"Sam needs the exception. The letter will follow":                    false,
	} {
		for _, author := range []string{"<no-reply@care.test>", "<rota.donotreply@care.test>", "<noreply+7@care.test>"} {
			if m := from(t, author, "News", text); m.Automatic != want {
				t.Errorf("%s: %q: automatic %v: %q", author, text, m.Automatic, m.AutomaticSigns)
			}
		}
	}
	m := from(t, "Jo <jo@care.test>", "MFA", "Sam needs the exception. This mailbox is not monitored at night, please do not reply then.")
	if m.Automatic {
		t.Errorf("a person's: %q", m.AutomaticSigns)
	}
}

// TestRepeatedAddress: the address in the place of the author's name, in no quotes, hides nobody.
func TestRepeatedAddress(t *testing.T) {
	t.Parallel()
	for author, want := range map[string]string{
		"jo@care.test <jo@care.test>":                   "jo@care.test",
		"Jo@Care.test <jo@care.test>":                   "jo@care.test",
		"'jo@care.test' <jo@care.test>":                 "jo@care.test",
		"asha@desk.test <jo@care.test>":                 "",
		"jo@care.test <jo@care.test>, asha@desk.test":   "",
		"jo@care.test <jo@care.test> <asha@desk.test>":  "",
		"jo@care.test, asha@desk.test <asha@desk.test>": "",
	} {
		if m := from(t, author, "MFA", "Hello"); m.From != want {
			t.Errorf("%s: from %q, want %q", author, m.From, want)
		}
	}
}
