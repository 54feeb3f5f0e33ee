package demo

import (
	"context"
	"time"

	"mfabot/cmd/mfabot/internal/post"
	"mfabot/intake"
)

// act is one thing that happens in the story.
type act struct {
	title string
	play  func(ctx context.Context, s *story) error
}

// acts is the story: the ways that a request can go, and the life of an exception.
func acts() []act {
	return []act{
		{"A pharmacy asks for a colleague, with evidence. A reviewer approves.", approvedAtOnce},
		{"A dentist forgets the evidence, and sends it by replying.", resubmitted},
		{"A reviewer asks a question first.", questioned},
		{"A reviewer is away. The deputy is asked at once, and rejects with a reason.", rejectedWithReason},
		{"Somebody writes from a personal mailbox.", personalMailbox},
		{"A site asks by email for what goes by telephone.", shortTermByEmail},
		{"The helpdesk grants 24 hours on the telephone.", dayGranted},
		{"Nobody decides for two days, and a reminder helps.", reminded},
		{"Half a year passes.", halfAYear},
	}
}

func approvedAtOnce(ctx context.Context, s *story) error {
	if err := s.post(ctx, mail{app: post.Outlook, from: Pharmacy, person: "Jo Marsh <jo.marsh@pharmacy.test>",
		want: intake.OutcomeRequest, subject: "MFA exception for Sam Green",
		body: "Hello,\n\nPlease could my colleague Sam Green (sam.green@pharmacy.test) have a long-term MFA exception? " +
			"Sam dispenses inside HMP Fairwater, a secure location where no phones are allowed, " +
			"and has no other way to receive a prompt. " +
			"The letter from the prison is attached. Sam has the authenticator app registered.\n\nKind regards\nJo Marsh",
		files: post.Letter("Letter from HMP Fairwater.pdf",
			"Sam Green works in our healthcare unit on four days a week.",
			"Telephones and security keys may not be brought in."),
	}); err != nil {
		return err
	}
	if err := s.answer(ctx, intake.LetterReview, mail{app: post.Outlook, from: Asha, want: intake.OutcomeDecision,
		body: "Approve.\n\nThanks\nAsha"}); err != nil {
		return err
	}
	return s.answer(ctx, intake.LetterReview, mail{app: post.OutlookWeb, from: Ben, want: intake.OutcomeRefused, body: "APPROVE"})
}

func resubmitted(ctx context.Context, s *story) error {
	if err := s.post(ctx, mail{app: post.Gmail, from: Dentist, want: intake.OutcomeRequest,
		subject: "Exception request",
		body: "User: rosa.lind@dental.test\nName: Rosa Lind\nReason: Accessibility issue\n" +
			"Details: Rosa has a tremor in both hands and cannot use a phone or a security key.\n" +
			"Authentication method registered: yes",
	}); err != nil {
		return err
	}
	if err := s.answer(ctx, intake.LetterRejected, mail{app: post.Gmail, from: Dentist, want: intake.OutcomeRequest,
		body: "Sorry, here is the letter from occupational health.",
		files: post.Letter("Occupational health letter.pdf", "Rosa Lind has an essential tremor.",
			"She cannot operate a smartphone or a security key."),
	}); err != nil {
		return err
	}
	if err := s.answer(ctx, intake.LetterReview, mail{app: post.Outlook, from: Ben, want: intake.OutcomeRefused,
		body: "Looks fine to me, go ahead"}); err != nil {
		return err
	}
	return s.answer(ctx, intake.LetterReview, mail{app: post.Outlook, from: Ben, want: intake.OutcomeDecision, body: "APPROVE"})
}

func questioned(ctx context.Context, s *story) error {
	if err := s.post(ctx, mail{app: post.AppleMail, from: CareHome, want: intake.OutcomeRequest,
		subject: "MFA exemption for our night nurse",
		body: "Dear helpdesk\n\nTom Hale, tom.hale@care.test, needs a long-term exception " +
			"because of disproportionate clinical risk: " +
			"he is alone at night with residents on oxygen and every minute at the record counts. " +
			"The risk assessment is attached.\n\nThank you\nMaria",
		files: post.Letter("Risk assessment.pdf", "A prompt at the bedside delays care by up to four minutes."),
	}); err != nil {
		return err
	}
	if err := s.answer(ctx, intake.LetterReview, mail{app: post.Outlook, from: Asha, want: intake.OutcomeDecision,
		body: "INFO Who signed the risk assessment, and when?"}); err != nil {
		return err
	}
	if err := s.answer(ctx, intake.LetterQuestion, mail{app: post.AppleMail, from: CareHome, want: intake.OutcomeInformation,
		body: "Our clinical lead, Dr Wren, signed it on 12 October."}); err != nil {
		return err
	}
	return s.answer(ctx, intake.LetterReview, mail{app: post.OutlookWeb, from: Asha, want: intake.OutcomeDecision, body: "approved"})
}

func rejectedWithReason(ctx context.Context, s *story) error {
	if err := s.post(ctx, mail{app: post.OutlookWeb, from: Optician, want: intake.OutcomeRequest,
		subject: "MFA",
		body: "User: nia.vaughan@optical.test\nName: Nia Vaughan\nReason: other\n" +
			"Details: Nia finds the prompts annoying.\nAuthentication method registered: no",
		files: post.Letter("note.pdf", "The prompts are annoying."),
	}); err != nil {
		return err
	}
	if err := s.answer(ctx, intake.LetterReview, mail{from: Ben, want: intake.OutcomeIgnored, away: true}); err != nil {
		return err
	}
	return s.answer(ctx, intake.LetterReview, mail{app: post.Outlook, from: Cleo, want: intake.OutcomeDecision,
		body: "REJECT Inconvenience alone is not an exceptional circumstance. Please call us: there are other ways to sign in."})
}

func personalMailbox(ctx context.Context, s *story) error {
	return s.post(ctx, mail{app: post.Gmail, from: Nia, want: intake.OutcomeRefused,
		subject: "please switch off MFA for me", body: "Hi, I would like to be exempt from MFA please. Nia"})
}

func shortTermByEmail(ctx context.Context, s *story) error {
	return s.post(ctx, mail{app: post.OutlookWeb, from: Optician, want: intake.OutcomeShortTerm,
		subject: "Lost phone",
		body: "Hello, nia.vaughan@optical.test lost her phone on the train this morning and cannot sign in today. " +
			"Can she have a 24 hour exception?"})
}

func dayGranted(ctx context.Context, s *story) error {
	s.clock.Advance(5 * time.Minute)
	e, err := s.bot.Desk.Grant(ctx, post.Bare(Nia), "phone-stolen-or-lost", "TP404", "rang at 10:05")
	if err != nil {
		return err
	}
	s.tell("The helpdesk records %s for %s on the telephone", e.Ref, e.User.Email)
	if err := s.work(ctx); err != nil {
		return err
	}
	return s.passUntilEnded(ctx, e.Ref)
}

func reminded(ctx context.Context, s *story) error {
	if err := s.post(ctx, mail{app: post.OutlookWeb, from: Optician, want: intake.OutcomeRequest,
		subject: "MFA for Nia, again",
		body: "User: nia.vaughan@optical.test\nName: Nia Vaughan\nReason: Accessibility issue\n" +
			"Details: Nia has arthritis and cannot use a telephone in the cold.\nAuthentication method registered: yes",
		files: post.Letter("Letter of 2019.pdf", "Nia Vaughan has arthritis."),
	}); err != nil {
		return err
	}
	for _, d := range []time.Duration{22 * time.Hour, 24 * time.Hour, 3 * time.Hour} { // two mornings, and what is then due
		s.clock.Advance(d)
		if err := s.work(ctx); err != nil {
			return err
		}
	}
	return s.answer(ctx, intake.LetterReminder, mail{app: post.Outlook, from: Asha, want: intake.OutcomeDecision,
		body: "REJECT The letter is of 2019. Please send one of this year."})
}

func halfAYear(ctx context.Context, s *story) error {
	for _, ref := range []string{"LT-2026-00001", "LT-2026-00002", "LT-2026-00003"} {
		if err := s.passUntilEnded(ctx, ref); err != nil {
			return err
		}
	}
	return nil
}
