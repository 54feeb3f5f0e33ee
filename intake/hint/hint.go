// Package hint says what it means when Microsoft 365 refuses us, and what to click: by the code that Entra gives at a
// sign-in, and by the status or the words that Exchange Online gives by IMAP and SMTP.
package hint

import "regexp"

// By is who refuses us.
type By string

// Who does.
const (
	Entra By = "Entra" // or another authority that gives access tokens
	IMAP  By = "IMAP"
	SMTP  By = "SMTP"
)

// row is what one refusal means.
type row struct {
	by    By
	said  *regexp.Regexp
	means string
	do    string
}

// code matches codes of Entra, of which one may begin like another.
func code(numbers string) *regexp.Regexp { return regexp.MustCompile(`AADSTS(?:` + numbers + `)\b`) }

// status matches a status of SMTP (RFC 3463), of which one may begin like another.
func status(s string) *regexp.Regexp {
	return regexp.MustCompile(`(?:^|[^0-9.])` + regexp.QuoteMeta(s) + `(?:[^0-9.]|\.?$|\. )`)
}

// words matches words in any case.
func words(expr string) *regexp.Regexp { return regexp.MustCompile(`(?i)` + expr) }

// What to do about several refusals.
const (
	newSecret = "in Entra, App registrations > the application > Certificates & secrets, make a new one, " +
		"and put its Value (not its Secret ID) where client_secret_file says"
	signIn = "run mfabot login, and sign in again"
	access = "in Exchange, give its service principal, or the account, full access to it"
)

// rows are in the order in which they count. Nothing in them is longer than what is kept of an error together with what
// the server says.
var rows = []row{
	{Entra, code("7000215"), "the client secret is wrong", newSecret},
	{Entra, code("7000222"), "the client secret has ended", newSecret},
	{Entra, code("7000218|7000216"), "the application may not sign in without a secret",
		"in Entra, App registrations > the application > Authentication, set Allow public client flows to Yes, or set client_secret_file"},
	{Entra, code("700016"), "the tenant does not know the application",
		"compare client_id and token_url with the application (client) ID and the directory (tenant) ID " +
			"in Entra, App registrations > the application > Overview"},
	{Entra, code("90002|900023|90013"), "there is no such tenant",
		"put the directory (tenant) ID into token_url: Entra, App registrations > the application > Overview"},
	{Entra, code("7000112"), "the application is switched off",
		"in Entra, Enterprise applications > the application > Properties, set Enabled for users to sign-in to Yes"},
	{Entra, code("65001|650057|7000229|500011"), "nobody has consented to what the application asks for",
		"in Entra, App registrations > the application > API permissions, add the permissions and click Grant admin consent"},
	{Entra, code("1002012|70011"), "the scopes are wrong",
		"with a client secret alone, scopes must be one that ends in /.default; with mfabot login, see docs/microsoft365.md"},
	{Entra, code("50076|50079|50074|50078|50158"), "a second factor is asked for, and nobody is there to give it",
		"run mfabot login and sign in with it, or except the account in Entra > Conditional Access"},
	{Entra, code("53000|53001|53003|530003"), "Conditional Access does not let it sign in",
		"in Entra, Sign-in logs > the sign-in > Conditional Access names the policy: exclude this application or account from it"},
	{Entra, code("70043|700082|700084|70008|50173|50089"), "the sign-in has ended", signIn},
	{Entra, code("700003"), "the device of the sign-in is no longer known", signIn},
	{Entra, code("50057|50034"), "the account is disabled, or there is none", "run mfabot login, and sign in as another"},
	{Entra, words(`\binvalid_grant\b`), "the sign-in has ended, or is not accepted", signIn},
	{Entra, words(`\binvalid_client\b`), "the application or its secret is wrong", "check client_id and client_secret_file"},

	{IMAP, words(`authenticated but not connected`), "the sign-in is good, and does not open this mailbox, or Exchange is busy",
		"if it lasts, see that the user in the url is the mailbox's address; " + access},
	{IMAP, words(`\bAUTHENTICATE failed`), "Exchange does not let this sign-in into the mailbox",
		"see that IMAP is on for the mailbox, and that the application has IMAP.AccessAsApp with admin consent; " + access},
	{IMAP, regexp.MustCompile(`\bLOGIN failed\.`), "the server does not take the password, and Microsoft 365 takes none",
		"check password_file, or set oauth in its place"},

	{SMTP, words(`SmtpClientAuthentication`), "SMTP AUTH is switched off",
		"in Exchange admin center, Mailboxes > the mailbox > Manage email apps, tick Authenticated SMTP: that overrides the tenant"},
	{SMTP, words(`basic authentication is disabled`), "Exchange takes no password", `set oauth in place of password_file`},
	{SMTP, status("5.7.139"), "Exchange does not let the account sign in",
		"in Entra, Sign-in logs say why; in Exchange, tick Authenticated SMTP for the mailbox (Manage email apps)"},
	{SMTP, words(`SendAsDenied`), "the sign-in may not send as the service's address",
		"in Exchange admin center, Mailboxes > the mailbox > Delegation, add the account under Send as"},
	{SMTP, status("5.7.60"), "the sign-in may not send as the service's address",
		"in Exchange admin center, Mailboxes > the mailbox > Delegation, add the account under Send as"},
	{SMTP, status("5.7.57"), "Exchange wants a sign-in first", "put the mailbox before the host in smtp.url, and set oauth"},
	{SMTP, status("5.7.3"), "Exchange does not let this token send",
		"see that the user in smtp.url is the mailbox's address, and that the application has SMTP.SendAsApp for it; " + access},
	{SMTP, status("5.1.90"), "the mailbox has sent to as many recipients as a day allows", "it passes within 24 hours"},
	{SMTP, words(`^(?:.*: )?535\b`), "the server does not take the user or the password or the token",
		"check the user in smtp.url, and password_file or oauth"},
}

// Explain says what a refusal means, and what to do about it; nothing if it is none that is known.
func Explain(by By, said string) string {
	for _, r := range rows {
		if r.by == by && r.said.MatchString(said) {
			return r.means + ": " + r.do
		}
	}
	return ""
}

// After returns what was said, and behind it what it means.
func After(by By, said string) string {
	if means := Explain(by, said); means != "" {
		return said + " (" + means + ")"
	}
	return said
}
