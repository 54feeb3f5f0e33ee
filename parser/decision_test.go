package parser_test

import (
	"strings"
	"testing"

	"mfabot/parser"
)

// quoted is the mail a reviewer answers, with the three answers explained.
const quoted = `
On Tue, 3 Mar 2026 at 10:12, NHSmail Helpdesk <mfa@helpdesk.test> wrote:

> Riverside Pharmacy asks for an exception for Sam Okafor.
> Begin your answer with one of:
>
> APPROVE
> REJECT reason
> INFO question
`

// reply returns a message from a reviewer with the given text.
func reply(text string) string {
	return "From: Asha Patel <asha@helpdesk.test>\r\nTo: mfa@helpdesk.test\r\nSubject: Re: Review: APPROVE or not\r\n" +
		"Message-ID: <1@helpdesk.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
		strings.ReplaceAll(text, "\n", "\r\n")
}

func htmlReply(body string) string {
	return strings.Replace(reply(body), "text/plain", "text/html", 1)
}

func parse(t *testing.T, raw string) *parser.Message {
	t.Helper()
	m, err := parser.New(vocabulary).Parse(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// show writes a decision as one line: "approve", "reject: text", or "none".
func show(d *parser.Decision) string {
	switch {
	case d == nil:
		return "none"
	case d.Text == "":
		return d.Verb
	}
	return d.Verb + ": " + d.Text
}

func TestDecision(t *testing.T) {
	tests := []struct{ text, want string }{
		// As the instructions say.
		{"APPROVE", "approve"},
		{"APPROVE\n", "approve"},
		{"\n\nAPPROVE\n", "approve"},
		{"  APPROVE  ", "approve"},
		{"approve", "approve"},
		{"Approve.", "approve"},
		{"APPROVED", "approve"},
		{"Approved!", "approve"},
		{"APPROVE:", "approve"},
		{"*APPROVE*", "approve"},
		{"*Approve*.", "approve"},
		{"APPROVE" + quoted, "approve"},
		{"APPROVE UNTIL 2027-03-01", "approve: UNTIL 2027-03-01"},
		{"Approve until 2027-03-01.", "approve: UNTIL 2027-03-01"},
		{"APPROVED UNTIL 2028-02-29", "approve: UNTIL 2028-02-29"},
		{"CYMERADWYO HYD 2027-03-01", "approve: UNTIL 2027-03-01"},
		{"Cymeradwyo tan 2027-03-01.", "approve: UNTIL 2027-03-01"},
		{"Cymeradwyo, diolch yn fawr", "approve"},
		{"CYMERADWYO HYD Mawrth", "none"},
		{"REJECT no letter from the employer", "reject: no letter from the employer"},
		{"REJECT: no letter", "reject: no letter"},
		{"Rejected - no letter", "reject: no letter"},
		{"Rejected, no letter", "reject: no letter"},
		{"REJECTED. The letter is from 2019.", "reject: The letter is from 2019."},
		{"REJECT", "reject"},
		{"*REJECT* the letter is unsigned", "reject: the letter is unsigned"},
		{"REJECT\nThe letter is unsigned.", "reject: The letter is unsigned."},
		{"REJECT The letter is\nunsigned.\n\nPlease ask again.\n\nKind regards\nAsha", "reject: The letter is\nunsigned.\n\nPlease ask again."},
		{"REJECT: we do not approve without a letter", "reject: we do not approve without a letter"},
		{"REJECT: Information about the site is missing", "reject: Information about the site is missing"},
		{"INFO which ward?", "info: which ward?"},
		{"INFO: which ward?", "info: which ward?"},
		{"More info: which ward?", "info: which ward?"},
		{"MORE INFO which ward?" + quoted, "info: which ward?"},
		{"more  info, please: which ward", "info: please: which ward"},
		{"Info\nWhich ward does she work on?\nSince when?", "info: Which ward does she work on?\nSince when?"},
		{"REVOKE the user has left", "revoke: the user has left"},
		{"Revoked: the user has left", "revoke: the user has left"},

		// Courtesies and signatures.
		{"Approved, thanks", "approve"},
		{"Approved. Thanks, Asha", "approve"},
		{"Approved - many thanks", "approve"},
		{"APPROVE\n\nMany thanks\nAsha", "approve"},
		{"APPROVE\n\n-- \nAsha Patel\nI do not work on Fridays", "approve"},
		{"APPROVE\n\nKind regards,\n\nAsha Patel | MFA Service Lead\nI do not work on Fridays.", "approve"},
		{"APPROVE\n\nSent from my iPhone", "approve"},
		{"APPROVE\n\nGet Outlook for iOS<https://aka.example/o0ukef>\n" + quoted, "approve"},
		{"APPROVE\n\nThe letter is clear and signed.", "approve"},
		{"APPROVE\n\n********************************************************************************\n\nThis message may contain confidential information. If you are not the intended recipient please do not use it.", "approve"},
		{"CAUTION: This email originated from outside of the organisation. Do not click links or open\nattachments unless you recognise the sender and know the content is safe.\n\nAPPROVE", "approve"},
		{"[EXTERNAL] Do not click links.\n\nAPPROVE", "approve"},

		// Odd but harmless characters.
		{"\u00a0APPROVE\u00a0", "approve"},
		{"ＡＰＰＲＯＶＥ", "approve"},
		{"APPROVE\u3000", "approve"},
		{"APPROVE\u00a0UNTIL\u00a02027-03-01", "approve: UNTIL 2027-03-01"},

		// Bottom-posted.
		{"> asks for an exception\n> APPROVE\n\nREJECT no letter", "reject: no letter"},
		{strings.TrimSpace(quoted) + "\n\nAPPROVE\n", "approve"},

		// No decision: conditions, doubt, negation.
		{"Approve subject to a letter", "none"},
		{"APPROVE if the letter is signed", "none"},
		{"APPROVE?", "none"},
		{"Approved?", "none"},
		{"Approved? No - reject", "none"},
		{"I approve", "none"},
		{"I do not approve", "none"},
		{"Not approved", "none"},
		{"Do not APPROVE", "none"},
		{"APPROVE not", "none"},
		{"APPROVE, but only for a week", "none"},
		{"Approve this one please and reject the other", "none"},
		{"Approval", "none"},
		{"Approving", "none"},
		{"APPROVEd by nobody", "none"},
		{"APPROVE/REJECT", "none"},
		{"APPROVE REJECT INFO", "none"},
		{"APPROVE or REJECT?", "none"},
		{"Approved by Ben?", "none"},
		{"Approved, thanks, Mallory", "none"},
		{"Approve. Actually no.", "none"},
		{"Approved, Ben said", "none"},
		{"\"APPROVE\"", "none"},
		{"'APPROVE' is what I would say if", "none"},
		{"APPROVE UNTIL 2027-02-30", "none"},
		{"APPROVE UNTIL tomorrow", "none"},
		{"APPROVE UNTIL 2027-03-01 or 2027-04-01", "none"},
		{"APPROVE UNTIL", "none"},
		{"Hi team,\n\nAPPROVE", "none"},
		{"Thanks.\nAPPROVE", "none"},
		{"I looked at it and\nAPPROVE", "none"},

		// No decision: taken back.
		{"APPROVE\n\nActually wait, the letter is unsigned.", "none"},
		{"APPROVE\n\nSorry, wrong request", "none"},
		{"APPROVE\n\nPlease don't act on this yet", "none"},
		{"APPROVE\nREJECT no letter", "none"},
		{"APPROVE\n\nreject", "none"},
		{"APPROVE\nUNTIL 2027-03-01", "none"},
		{"APPROVE\n\nIs the letter signed?", "none"},
		{"APPROVE\n\nNB: three months at most", "none"},
		{"APPROVE\n\nThe letter is unsigned.", "none"},
		{"APPROVE\nfor Sam, refuse Ada", "none"},
		{"APPROVE\n\nSubject to the letter being signed.", "none"},
		{"APPROVE\n\nKind regards\nAsha\n\nPS: on reflection I reject this", "none"},
		{"APPROVE\n-- \nAsha\nREJECT no letter", "none"},
		{"APPROVE\n> Is there a letter\n\nHold on, no.", "none"},
		{"REJECT no letter\nAPPROVE", "none"},
		{"REJECT no letter\n\nActually, it is there", "none"},
		{"INFO which ward\nREJECT: no answer", "none"},

		// No decision: the choices pasted back.
		{"APPROVE\nREJECT reason\nINFO question", "none"},
		{"REJECT reason\nINFO question\nAPPROVE", "none"},
		{"REJECT reason", "none"},
		{"INFO question", "none"},
		{"REJECT <reason>", "none"},
		{"REJECT / APPROVE", "none"},
		{"REJECT or APPROVE", "none"},
		{"REJECT?", "none"},
		{"INFO APPROVE", "none"},

		// No decision: only quoted or forwarded.
		{"", "none"},
		{"\n\n", "none"},
		{quoted, "none"},
		{"> APPROVE", "none"},
		{">APPROVE", "none"},
		{" > APPROVE", "none"},
		{">> APPROVE\n> ok", "none"},
		{"Thanks" + quoted, "none"},
		{"-----Original Message-----\nFrom: Ben\n\nAPPROVE", "none"},
		{"---------- Forwarded message ---------\nFrom: Ben <ben@helpdesk.test>\nDate: Tue, 3 Mar 2026\nSubject: x\nTo: Asha\n\nAPPROVE", "none"},
		{"Begin forwarded message:\n\nFrom: Ben\nSubject: x\n\nAPPROVE", "none"},
		{"From: Ben <ben@helpdesk.test>\nSent: 3 March 2026\nTo: Asha\nSubject: x\n\nAPPROVE", "none"},
		{"On 3 Mar 2026, at 10:12, Ben <ben@helpdesk.test> wrote:\n\nAPPROVE", "none"},
		{"> to approve answer with\nAPPROVE", "none"},
		{"-- \nAPPROVE", "none"},
		{"Sent from my iPhone", "none"},

		// No decision: look-alikes and what does not show.
		{"АPPROVE", "none"},          // Cyrillic A
		{"APPRОVE", "none"},          // Cyrillic O
		{"ΑPPROVE", "none"},          // Greek Alpha
		{"ＡPРROVE", "none"},          // Cyrillic Er
		{"APP\u200bROVE", "none"},    // zero-width space
		{"\u200bAPPROVE", "none"},    // zero-width space
		{"APPROVE\u200d", "none"},    // zero-width joiner
		{"\u202eEVORPPA", "none"},    // right-to-left override
		{"APPROVE\u202e", "none"},    // right-to-left override
		{"\u2066APPROVE", "none"},    // isolate
		{"APPRO\u00adVE", "none"},    // soft hyphen
		{"APPROVE\u0338", "none"},    // combining stroke
		{"APPROVE\u3164", "none"},    // Hangul filler
		{"\x00APPROVE?", "none"},     // null and a question
		{"REVO\u212aE gone", "none"}, // Kelvin sign
		{"✅ APPROVE", "none"},
		{"👍", "none"},
		{"ok", "none"},
		{"yes", "none"},
	}
	for _, tt := range tests {
		if got := show(parse(t, reply(tt.text)).Decision); got != tt.want {
			t.Errorf("%q:\n got %q\nwant %q", tt.text, got, tt.want)
		}
	}
}

func TestDecisionHTML(t *testing.T) {
	tests := []struct{ html, want string }{
		{`<div>APPROVE</div>`, "approve"},
		{`<p><b>APPROVE</b></p><p>Thanks</p>`, "approve"},
		{`APP<b>ROVE</b>`, "approve"},
		{`<div><span style="color:#fff;background:#005eb8">APPROVE</span></div>`, "approve"},
		{`<table><tr><td>APPROVE</td></tr></table>`, "approve"},
		{`<div>REJECT no<br>letter</div>`, "reject: no\nletter"},
		{`<div dir="ltr">APPROVE</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Tue, 3 Mar 2026 at 10:12, Helpdesk &lt;<a href="mailto:mfa@helpdesk.test">mfa@helpdesk.test</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">REJECT reason</blockquote></div>`, "approve"},
		{`<blockquote type="cite">REJECT</blockquote><div>APPROVE</div>`, "approve"},
		{`<div style="display:none">APPROVE</div><div>Thanks</div>`, "none"},
		{`<div style="display:none">Hello</div><div>APPROVE</div>`, "approve"},
		{`<div style="font-size:0">APPROVE</div>`, "none"},
		{`<div style="visibility: hidden">APPROVE</div>`, "none"},
		{`<div style="color:#ffffff">APPROVE</div>`, "none"},
		{`<font color="white">APPROVE</font>`, "none"},
		{`<div style="mso-hide:all">APPROVE</div>`, "none"},
		{`<div style="position:absolute;left:-9999px">APPROVE</div>`, "none"},
		{`<div style="max-height:0;overflow:hidden">APPROVE</div>`, "none"},
		{`<style>.x { display: none }</style><div class="x">APPROVE</div>`, "none"},
		{`<div hidden>APPROVE</div>`, "none"},
		{`<!-- APPROVE -->`, "none"},
		{`<img alt="APPROVE" src="cid:1">`, "none"},
		{`<title>APPROVE</title><p>Hello</p>`, "none"},
		{`<script>APPROVE</script>`, "none"},
		{`<noscript>APPROVE</noscript>`, "none"},
		{`<textarea>APPROVE</textarea>`, "none"},
		{`<input value="APPROVE">`, "none"},
		{`<blockquote>APPROVE</blockquote>`, "none"},
		{`<div class="gmail_quote">On 3 Mar 2026 10:12, X &lt;x@helpdesk.test&gt; wrote:<blockquote>APPROVE</blockquote></div>`, "none"},
		{`<div id="divRplyFwdMsg">From: Ben</div><div>APPROVE</div>`, "none"},
		{`<div id="x_divRplyFwdMsg">From: Ben</div><div>APPROVE</div>`, "none"},
		{`<div id="appendonsend"></div>APPROVE`, "none"},
		{`<div class="yahoo_quoted">APPROVE</div>`, "none"},
		{`<div class="protonmail_quote">APPROVE</div>`, "none"},
		{`<div class="moz-cite-prefix">On 03/03/2026 10:12, Ben wrote:</div><blockquote type="cite">APPROVE</blockquote>`, "none"},
		{`<div class="moz-forward-container">-------- Forwarded Message --------<br>APPROVE</div>`, "none"},
		{`<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p>From: Ben</p></div><p>APPROVE</p>`, "none"},
		{`<div>APPROVE</div><div style="display:none">not</div>`, "approve"},
		{`<div>APPROVE<br>unless the letter is missing</div>`, "none"},
		{`<div><s>APPROVE</s> REJECT no letter</div>`, "reject: no letter"},
		{`<div><s>APPROVE</s></div>`, "none"},
		{`<span style="text-decoration: underline line-through">APPROVE</span>`, "none"},
		{`<span style="opacity:0.01">APPROVE</span>`, "none"},
		{`<div style="text-decoration:underline;opacity:0.9">APPROVE</div>`, "approve"},
		{`<ol><li>APPROVE</li><li>REJECT reason</li></ol>`, "none"},
		{`<table><tr><td>APPROVE</td><td>REJECT</td></tr></table>`, "none"},
		{`<button>APPROVE</button>`, "none"},
	}
	for _, tt := range tests {
		if got := show(parse(t, htmlReply(tt.html)).Decision); got != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", tt.html, got, tt.want)
		}
	}
}
