package intake_test

import (
	"strconv"
	"strings"
	"testing"

	"mfabot/intake"
)

// TestBlame: whom real servers' refusals are about, by where they came. What names nobody is nobody's.
func TestBlame(t *testing.T) {
	t.Parallel()
	const (
		mail, rcpt, data, content = intake.AtMail, intake.AtRcpt, intake.AtData, intake.AtContent
		reported                  = intake.Reported

		us, recipient, letter, nobody = intake.BlameUs, intake.BlameRecipient, intake.BlameLetter, intake.BlameNobody
	)
	for _, c := range []struct {
		step  intake.Step
		reply string
		want  intake.Blame
	}{
		// Addresses and others' words say nothing of us.
		{rcpt, "550 5.1.1 <login@evil.test>: Recipient address rejected: User unknown", recipient},
		{rcpt, "550 5.1.1 authentication@trust.test: Recipient address rejected: User unknown", recipient},
		{rcpt, "550 5.1.1 <x@login.evil.test>: Recipient address rejected: User unknown", recipient},
		{rcpt, "550 5.1.1 <x@evil.test>: Recipient address rejected: undeliverable address: host mx.evil.test[192.0.2.1] said: " +
			"550 your tenant has exceeded its daily sending limit", recipient},
		{reported, "550 5.1.1 <mfa.login@trust.test>: User unknown", recipient},
		{reported, "550 5.2.1 disabled; see https://evil.test/login", recipient},

		// How much we send.
		{content, "550 5.4.5 Daily user sending limit exceeded. For more information on Gmail", us},
		{mail, "550 5.4.5 Daily user sending limit exceeded", us},
		{content, "550 5.7.1 Daily SMTP relay limit exceeded for customer", us},
		{rcpt, "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients", us},
		{content, "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message", us},
		{content, "550 5.2.2 Submission quota exceeded", us},
		{content, "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded", us},
		{content, "432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending", us},
		{content, "550 5.7.233 Your message can't be sent because your tenant exceeded its daily limit", us},
		{rcpt, "451 4.7.500 Server busy. Please try again later from [192.0.2.7]", us},
		{rcpt, "452 4.5.3 Too many recipients", us},
		{rcpt, "550 Too many emails per hour", us},
		{rcpt, "554 5.7.1 Quota exceeded for today", us},
		{mail, "450 4.7.1 Error: too much mail from 192.0.2.7", us},
		{rcpt, "550 5.7.1 You have exceeded the maximum number of messages per day", us},
		{data, "554 Message rate limit exceeded", us},
		{rcpt, "554 5.7.1 <sam@pharmacy.test>: Recipient address rejected: Policy rejection: quota exceeded", us},
		{content, "454 Throttling failure: Maximum sending rate exceeded", us},
		{content, "550 5.4.6 Unusual sending activity detected. Please try after sometime", us},
		// Who we are.
		{mail, "550 5.1.8 Access denied, bad outbound sender", us},
		{rcpt, "550 5.1.8 Access denied, bad outbound sender. For more information please go to https://x.test", us},
		{content, "554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied; Failed", us},
		{mail, "550 5.7.60 SMTP; Client does not have permissions to send as this sender", us},
		{content, "550 5.7.501 Access denied, spam abuse detected", us},
		{content, "550 5.7.705 Access denied, tenant has exceeded threshold", us},
		{mail, "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP", us},
		{content, "550 5.7.750 Service unavailable. Client blocked from sending from unregistered domains", us},
		{rcpt, "553 5.7.1 <mfa@helpdesk.test>: Sender address rejected: not owned by user mfa", us},
		{rcpt, "550 5.1.1 <mfa@helpdesk.test>: Sender address rejected: User unknown in local recipient table", us},
		{rcpt, "550 Sender verify failed", us},
		{content, "550 5.7.1 Message rejected as outbound spam", us},
		{content, "550 Your account has been suspended, contact support", us},
		{rcpt, "550 5.7.26 Unauthenticated email from helpdesk.test is not accepted due to domain's DMARC policy", us},
		{rcpt, "550 5.7.1 Service unavailable; client [192.0.2.7] blocked using zen.spamhaus.org", us},
		{rcpt, "550 5.7.606 Access denied, banned sending IP [192.0.2.7]", us},
		{content, "554 Message rejected: Email address is not verified", us},
		{content, "550 The from address does not match a verified Sender Identity", us},
		{rcpt, "554 Access denied: User `arn:aws:iam::1' is not authorized to perform `ses:SendRawEmail'", us},
		{rcpt, "550 5.7.1 Client does not have permission to submit mail to this server", us},
		{content, "554 Sending paused for this account", us},
		{mail, "550 what?", us},
		{mail, "451 4.3.0 what?", nobody},
		{mail, "501 5.1.7 Invalid address", us},
		// What we may do.
		{rcpt, "554 5.7.1 <sam@pharmacy.test>: Relay access denied", us},
		{rcpt, "454 4.7.1 <sam@pharmacy.test>: Relay access denied", us},
		{rcpt, "550 relay not permitted", us},
		{rcpt, "550 5.7.1 Unable to relay", us},
		{rcpt, "550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain", us},
		{rcpt, "550 5.7.64 TenantAttribution; Relay Access Denied", us},
		{rcpt, "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", us},
		{rcpt, "530 5.7.1 Client was not authenticated", us},
		{mail, "530 5.7.57 Client not authenticated to send mail", us},
		{rcpt, "550 5.7.1 Authentication required", us},
		{rcpt, "550 Please log in first", us},
		{rcpt, "554 5.7.1 <bot>: Client host rejected: Access denied", us},
		{rcpt, "504 5.5.2 <bot>: Helo command rejected: need fully-qualified hostname", us},
		{content, "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant", us},
		// The recipient.
		{rcpt, "550 5.1.1 user unknown", recipient},
		{rcpt, "550 5.1.1 <sam@pharmacy.test>: Recipient address rejected: User unknown in virtual mailbox table", recipient},
		{rcpt, "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", recipient},
		{rcpt, "550 5.4.1 Recipient address rejected: Access denied", recipient},
		{rcpt, "550 5.2.1 The email account that you tried to reach is disabled", recipient},
		{content, "552 5.2.2 The email account that you tried to reach is over quota", recipient},
		{rcpt, "552 5.2.2 Recipient's mailbox is full", recipient},
		{rcpt, "552 Mailbox quota exceeded", recipient},
		{rcpt, "552 5.2.2 <sam@pharmacy.test>: Recipient address rejected: Quota exceeded (mailbox for user is full)", recipient},
		{rcpt, "550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents more", recipient},
		{reported, "5.2.122 The recipient has exceeded their limit for the number of messages they can receive per hour", recipient},
		{rcpt, "550 5.7.124 RESOLVER.RST.SenderNotInAllowedList; not in the allowed-senders list", recipient},
		{reported, "5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required", recipient},
		{rcpt, "550 5.7.1 RESOLVER.RST.AuthRequired; authentication required", recipient},
		{rcpt, "550 5.7.1 You are not authorized to send to this recipient", recipient},
		{rcpt, "550 no such user here", recipient},
		{rcpt, "550 Requested action not taken: mailbox unavailable", recipient},
		{rcpt, "556 5.1.10 Domain does not accept mail", recipient},
		{rcpt, "550 5.1.2 Domain not found", recipient},
		{rcpt, "550 5.7.504 sam@pharmacy.test: Recipient address rejected: Access denied", recipient},
		{content, "550 5.1.1 no such mailbox", recipient},
		// The letter.
		{mail, "552 5.3.4 Message size exceeds fixed maximum message size", letter},
		{mail, "552 too big", letter},
		{content, "552 5.2.3 Message length exceeds administrative limit", letter},
		{content, "552-5.7.0 This message was blocked because its content is an executable", letter},
		{content, "554 5.6.0 Corrupt message content", letter},
		{content, "554 5.7.1 virus found: Eicar", letter},
		{content, "550 message too large: maximum size 10 MB exceeded", letter},
		// Nobody.
		{rcpt, "550 5.7.1 Access denied", nobody},
		{rcpt, "550 5.0.0 refused", nobody},
		{rcpt, "554 5.7.1 Delivery not authorized, message refused", nobody},
		{content, "554 5.7.1 message rejected", nobody},
		{content, "550 5.7.1 This looks like spam", nobody},
		{data, "554 no valid recipients", nobody},
		{rcpt, "450 4.7.1 Greylisted, please come back in 5 minutes", nobody},
	} {
		words := strings.Fields(c.reply)
		code, err := strconv.Atoi(words[0])
		if err != nil {
			code = 0
		}
		if got := intake.NewReply(c.step, code, c.reply).Blame(); got != c.want {
			t.Errorf("%q at %q is about %s, not %s", c.reply, c.step, got, c.want)
		}
	}
}
