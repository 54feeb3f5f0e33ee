package parser_test

import (
	"strings"
	"testing"
	"unicode"

	"mfabot/parser"
)

// TestBrokenAttributions breaks attributions at every blank and beside every bracket, as clients wrap them: what stands
// above is kept, and nothing of the attribution or the quotation is read.
func TestBrokenAttributions(t *testing.T) {
	p := parser.New(vocabulary)
	for _, a := range []string{
		"On Mon, 2 Nov 2026 at 09:07, Arun Khan for the desk <a.khan@desk.test> wrote:",
		"On 2 Nov 2026, at 09:07, Desk <7f3c0a91b2@desk.test> wrote:",
		"On Monday, November 2, 2026 at 9:07 AM, 4th Floor Desk <4th.floor@desk.test> wrote:",
		"Le lun. 2 nov. 2026 à 09:07, MFA Desk <mfa@desk.test> a écrit :",
		"El lun, 2 nov 2026 a las 9:07, MFA Desk (<mfa@desk.test>) escribió:",
		"Il giorno lun 2 nov 2026 alle ore 09:07 MFA Desk <mfa@desk.test> ha scritto:",
		"Am Mo., 2. Nov. 2026 um 09:07 Uhr schrieb MFA Desk <mfa@desk.test>:",
		"man. 2. nov. 2026 kl. 09:07 skrev MFA Desk <mfa@desk.test>:",
		"Em seg., 2 de nov. de 2026 às 09:07, MFA Desk <mfa@desk.test> escreveu:",
		"Ar Llun, 2 Tach 2026 am 09:07, MFA Desk <mfa@desk.test> ysgrifennodd:",
	} {
		for i, r := range a {
			broken := ""
			switch {
			case r == ' ' && strings.Contains(a[:i], "2026"):
				broken = a[:i] + "\n" + a[i+1:]
			case r == '<':
				broken = a[:i+1] + "\n" + a[i+1:]
			case r == '>' && strings.HasSuffix(a, ">:"):
				broken = a[:i] + "\n" + a[i:]
			default:
				continue
			}
			checkNewText(t, p, own+"\n\n"+broken+"\n\n> Which ward\n> and since when\n")
			checkNewText(t, p, own+"\n"+broken+"\n\n> Which ward\n> and since when\n")
			checkNewText(t, p, broken+"\n> Which ward\n> and since when\n\n"+own+"\n")
			checkNewText(t, p, own+"\n\n"+broken+"\n\n"+quote+"\n")
			if unicode.IsUpper(rune(a[0])) {
				checkNewText(t, p, own+" "+broken+"\n> Which ward\n")
			}
		}
	}
}

// TestAddedByClients: what clients and organisations add is nothing that somebody wrote, however it stands there.
func TestAddedByClients(t *testing.T) {
	p := parser.New(vocabulary)
	for _, below := range []string{
		" — \nSent from Mailbox", " - Sent from my iPhone", "\n\n— Sent from my iPad", "\n–\nSent from Outlook for Android", " Sent from my Galaxy",
		"\n\n* * * * * * * * * * * *\nThis email is for the addressee alone.", "\n\n= = = = = = = = = = = =\nThis email and any files are confidential.",
		"\n\nPat Long\nOffice manager\nTel: 01632 960 333\npat.long@desk.test\n\nThe content of this email is confidential and meant for the addressee only.",
		"\n\nPat Long\nOffice manager\nTel: 01632 960 333\n\n________________________________\nThis message is intended for the addressee only.",
	} {
		checkNewText(t, p, own+below+"\n")
	}
	for _, alone := range []string{"Kind regards\n\nAda Lee\nPractice Manager\n01632 960 123\n", "Best wishes,\nAda\n"} {
		if m := parse(t, fromAda(alone+"\n> Which ward\n")); m.NewText != "" {
			t.Errorf("%q is read as new text", m.NewText)
		}
	}
	for text, want := range map[string]string{
		"<div>APPROVE<br><br>&gt; Please decide on a request<br>&gt;<br>&gt; Reference: LT-2026-00077</div>": "approve",
		"<p>APPROVE</p><p>&gt;&gt; REJECT reason</p>":                                                        "approve",
		"<p>&gt; APPROVE</p>": "none",
		"<p>APPROVE On Mon, 2 Nov 2026 at 09:07, MFA Desk &lt;mfa@desk.test&gt; wrote:</p><blockquote>x</blockquote>":     "approve",
		"<p>APPROVE not On Mon, 2 Nov 2026 at 09:07, MFA Desk &lt;mfa@desk.test&gt; wrote:</p><blockquote>x</blockquote>": "none",
	} {
		if got := show(parse(t, htmlReply(text)).Decision); got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}
