package main

// page is an HTML text as the new text of a reply.
func page(body string) func(s *prelude) *draft {
	return func(s *prelude) *draft {
		return forged(s).content("text/html; charset=utf-8", "<html><body>"+body+"</body></html>").proven()
	}
}

// beside is a page on which other text is plainly visible.
func beside(body string) func(s *prelude) *draft { return page(body + "<p>Let me think.</p>") }

// words is a reply as plain text.
func words(text string) func(s *prelude) *draft {
	return func(s *prelude) *draft { return forged(s).content("text/plain; charset=utf-8", text).proven() }
}

// several is a reply of several parts.
func several(subtype string, parts ...string) func(s *prelude) *draft {
	return func(s *prelude) *draft { return forged(s).parts(subtype, parts...).proven() }
}

const (
	textPart = "Content-Type: text/plain; charset=utf-8\n\n"
	pagePart = "Content-Type: text/html; charset=utf-8\n\n"
	filePart = "Content-Type: text/plain; name=\"decision.txt\"\nContent-Disposition: attachment; filename=\"decision.txt\"\n\n"
)

// forgedWords come from a proven reviewer with the right code, and say nothing that is a decision: quoted
// text, hidden text, and text that leaves a doubt. The reviewer is told how to answer.
var forgedWords = all([]forgery{
	{name: "two commands", want: "refused(text-below) " + open, sent: notUnderstood("text-below", asha), mail: words("APPROVE\nREJECT no letter")},
	{name: "two commands on one line", mail: words("APPROVE REJECT")},
	{name: "two commands, one below the signature", want: "refused(text-below) " + open, sent: notUnderstood("text-below", asha), mail: words("APPROVE\n\n-- \nAsha\nREJECT no letter")},
	{name: "the choices pasted back", want: "refused(text-below) " + open, sent: notUnderstood("text-below", asha), mail: words("APPROVE\nREJECT reason\nINFO question")},
	{name: "a condition", mail: words("APPROVE if the letter is signed")},
	{name: "a condition below", want: "refused(text-below) " + open, sent: notUnderstood("text-below", asha), mail: words("APPROVE\n\nSubject to a signed letter.")},
	{name: "a question", mail: words("Approve?")},
	{name: "a denial", mail: words("Not approved")},
	{name: "a greeting first", mail: words("Hello all,\n\nAPPROVE")},
	{name: "a letter of another script", mail: words("\u0410PPROVE")},
	{name: "a letter that does not show", mail: words("APPR\u200bOVE")},
	{name: "letters in the other direction", mail: words("\u202eEVORPPA")},
	{name: "nothing", mail: words("")},

	{name: "a quoted command", mail: words("> APPROVE")},
	{name: "a command below a header block", mail: words("From: " + ben + "\nSent: 23 November 2026 10:00\nTo: " + asha + "\nSubject: review\n\nAPPROVE")},
	{name: "a command below an attribution", mail: words("On Mon, 23 Nov 2026 at 10:00, Ben <ben@helpdesk.test> wrote:\n\nAPPROVE")},
	{name: "a command in a forwarded message", mail: words("FYI\n\n-----Original Message-----\nFrom: " + ben + "\n\nAPPROVE")},
	{name: "a command in a signature", mail: words("-- \nAPPROVE")},
	{name: "a command in a quotation of HTML", mail: page("<blockquote>APPROVE</blockquote>")},
	{name: "a command in a quotation of Gmail", mail: page(`<div>Thanks</div><div class="gmail_quote">APPROVE</div>`)},
	{name: "a command below the line of Outlook", mail: page(`<div>Thanks</div><hr><div id="divRplyFwdMsg"><b>From:</b> Ben</div><div>APPROVE</div>`)},

	{name: "a command in a comment of HTML", mail: beside("<!-- APPROVE -->")},
	{name: "a hidden command", mail: beside(`<div style="display:none">APPROVE</div>`)},
	{name: "an invisible command", mail: beside(`<div style="visibility: hidden">APPROVE</div>`)},
	{name: "a command in white on white", mail: beside(`<p style="color:#ffffff">APPROVE</p>`)},
	{name: "a command in white on white, by the name of the colour", mail: beside(`<p><font color="white">APPROVE</font></p>`)},
	{name: "a command of no size", mail: beside(`<p style="font-size:0">APPROVE</p>`)},
	{name: "a command of one pixel", mail: beside(`<p style="font-size:1px">APPROVE</p>`)},
	{name: "a transparent command", mail: beside(`<p style="opacity:0">APPROVE</p>`)},
	{name: "a command outside the page", mail: beside(`<p style="position:absolute;left:-9999px">APPROVE</p>`)},
	{name: "a command in a box of no height", mail: beside(`<div style="max-height:0;overflow:hidden">APPROVE</div>`)},
	{name: "a hidden command alone", mail: page(`<div style="display:none">APPROVE</div>`)},
	{name: "a command hidden by a style sheet", mail: beside(`<style>.p{display:none}</style><div class="p">APPROVE</div>`)},
	{name: "a command with the hidden attribute", mail: beside(`<div hidden>APPROVE</div>`)},
	{name: "a command that is struck out", mail: page(`<p><s>APPROVE</s></p><p>Let me think.</p>`)},
	{name: "a command as the text of a picture", mail: beside(`<img src="cid:x" alt="APPROVE">`)},
	{name: "a command in a script", mail: beside(`<script>document.write("APPROVE")</script>`)},
	{name: "a command in a style sheet", mail: beside(`<style>p::before{content:"APPROVE"}</style>`)},
	{name: "a command in the title", mail: func(s *prelude) *draft {
		return forged(s).content("text/html", "<html><head><title>APPROVE</title></head><body><p>Let me think.</p></body></html>").proven()
	}},
	{name: "a denial in HTML only", mail: several("alternative", textPart+"APPROVE", pagePart+"<p>REJECT no letter</p>")},
	{name: "a denial in plain text only", mail: several("alternative", textPart+"REJECT no letter", pagePart+"<p>APPROVE</p>")},
	{name: "a command in plain text only", mail: several("alternative", textPart+"APPROVE", pagePart+"<p>Let me think.</p>")},

	{name: "a command in the subject only", mail: func(s *prelude) *draft {
		d := words("Thank you.")(s)
		return d.set("Subject", "APPROVE "+d.get("Subject"))
	}},
	{name: "a command in an attachment only", mail: several("mixed", textPart+"See the attached.", filePart+"APPROVE")},
	{name: "a command in an attachment and no text", mail: several("mixed", filePart+"APPROVE")},
	{name: "a command in an attached message only", mail: func(s *prelude) *draft {
		return forged(s).parts("mixed", textPart+"See the attached.", attached(forged(s).String())).proven()
	}},
	{name: "a command in a second text", mail: several("mixed", textPart+"Let me think.", textPart+"APPROVE")},
	{name: "a command in a calendar", mail: several("mixed", textPart, "Content-Type: text/calendar\n\nAPPROVE")},
	{name: "a command in the preamble", mail: func(s *prelude) *draft {
		d := forged(s).parts("mixed", textPart+"Let me think.")
		d.body = "APPROVE\r\n" + d.body
		return d.proven()
	}},
}, "refused(no-command) "+open, notUnderstood("no-command", asha)...)
