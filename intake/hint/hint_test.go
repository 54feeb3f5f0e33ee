package hint_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"mfabot/intake/hint"
)

// TestExplain: what is said by Microsoft's own words, as it documents them, and by none that only look like them.
func TestExplain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		by         hint.By
		said, want string // the beginning of what it means; empty for nothing
	}{
		{hint.Entra, "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value", "the client secret is wrong: "},
		{hint.Entra, "AADSTS7000222: The provided client secret keys for app '1' are expired.", "the client secret has ended: "},
		{hint.Entra, "AADSTS700016: Application with identifier '1' was not found in the directory 'x'.", "the tenant does not know the application: "},
		{hint.Entra, "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'.", "the application may not sign in without a secret: "},
		{hint.Entra, "AADSTS90002: Tenant 'x' not found.", "there is no such tenant: "},
		{hint.Entra, "AADSTS65001: The user or administrator has not consented to use the application", "nobody has consented"},
		{hint.Entra, "AADSTS50076: Due to a configuration change, you must use multi-factor authentication", "a second factor is asked for"},
		{hint.Entra, "AADSTS53003: Access has been blocked by Conditional Access policies.", "Conditional Access does not let it sign in: "},
		{hint.Entra, "invalid_grant: AADSTS70043: The refresh token has expired or is invalid due to sign-in frequency checks", "the sign-in has ended: run mfabot login"},
		{hint.Entra, "invalid_grant: AADSTS700082: The refresh token has expired due to inactivity.", "the sign-in has ended: run mfabot login"},
		{hint.Entra, "AADSTS700003: Device object was not found in the tenant", "the device of the sign-in is no longer known: run mfabot login"},
		{hint.Entra, "invalid_grant: Token has been expired or revoked.", "the sign-in has ended, or is not accepted: run mfabot login"},
		{hint.Entra, "AADSTS9000221: something else", ""},

		{hint.IMAP, "imap: NO User is authenticated but not connected.", "the sign-in is good, and does not open this mailbox"},
		{hint.IMAP, "imap: NO AUTHENTICATE failed.", "Exchange does not let this sign-in into the mailbox: "},
		{hint.IMAP, "imap: NO LOGIN failed.", "the server does not take the password, and Microsoft 365 takes none: "},
		{hint.IMAP, "imap: NO [AUTHENTICATIONFAILED] Authentication failed.", ""},
		{hint.IMAP, "AADSTS7000215", ""},

		{hint.SMTP, "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled", "SMTP AUTH is switched off: "},
		{hint.SMTP, "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", "Exchange takes no password: "},
		{hint.SMTP, "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully.", "Exchange does not let the account sign in: "},
		{hint.SMTP, "smtp: 535 5.7.3 Authentication unsuccessful [LO2P265CA0001.GBRP265.PROD.OUTLOOK.COM]", "Exchange does not let this token send: "},
		{hint.SMTP, "MAIL FROM: 530 5.7.57 Client not authenticated to send mail.", "Exchange wants a sign-in first: "},
		{hint.SMTP, "the content: 550 5.7.60 SMTP; Client does not have permissions to send as this sender", "the sign-in may not send as the service's address: "},
		{hint.SMTP, "554 5.2.252 SendAsDenied; mfa@helpdesk.test not allowed to send as other@helpdesk.test", "the sign-in may not send as the service's address: "},
		{hint.SMTP, "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients", "the mailbox has sent to as many recipients as a day allows: "},
		{hint.SMTP, "SMTP AUTH failed: 535 5.7.8 Error: authentication failed", "the server does not take the user or the password or the token: "},
		{hint.SMTP, "550 5.7.30 no", ""},
		{hint.SMTP, "550 5.1.1 <535@pharmacy.test>: no such mailbox", ""},
		{hint.SMTP, "from 15.7.3 and 5.7.31", ""},
	} {
		got := hint.Explain(c.by, c.said)
		if !strings.HasPrefix(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s, %q: got %q, want %q", c.by, c.said, got, c.want)
		}
		if n := utf8.RuneCountInString(got); n > 250 {
			t.Errorf("%d characters leave no room for what is said: %q", n, got)
		}
		if after := hint.After(c.by, c.said); !strings.HasPrefix(after, c.said) || !strings.Contains(after, got) {
			t.Errorf("after it: %q", after)
		}
	}
}
