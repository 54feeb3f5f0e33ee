package parser_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"mfabot/parser"
)

// read reads a message in CRLF lines.
func read(t *testing.T, raw string) *parser.Message {
	t.Helper()
	m, err := parser.New(vocabulary).Parse(strings.NewReader(strings.ReplaceAll(raw, "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// asking is a request with further parts, each with its header.
func asking(text string, parts ...string) string {
	return "From: a@pharmacy.test\nTo: mfa@helpdesk.test\nSubject: MFA\nMIME-Version: 1.0\nContent-Type: multipart/mixed; " +
		"boundary=b\n\n--b\n" +
		"Content-Type: text/plain; charset=utf-8\n\n" + text + "\n--b\n" + strings.Join(parts, "\n--b\n") + "\n--b--\n"
}

const blindSam = "Please exempt sam.green@pharmacy.test, who is blind. The letter is attached.\n\nJo"

func textFile(name, content string) string {
	return fmt.Sprintf("Content-Type: text/plain; charset=utf-8; name=%q\nContent-Disposition: attachment; "+
		"filename=%q\n\n%s", name, name, content)
}

// TestGatewayNotes has what mail gateways leave in the place of files, and small texts that people send as evidence.
func TestGatewayNotes(t *testing.T) {
	for name, c := range map[string]struct {
		file, text string
		why        string // part of it; empty where it counts
	}{
		"deleted":            {"DELETED0.TXT", "The file referral.pdf was infected with the W97M/Marker virus and has been deleted to complete the cleaning process.", "gateway"},
		"deleted, no words":  {"DELETED1.TXT", "X", "gateway"},
		"unsafe":             {"Unsafe Attachments Blocked.txt", "The following attachments were blocked: referral.docx (malicious)", "gateway"},
		"amavis":             {"warning.txt", "WARNING: This e-mail has been altered by MIMEDefang.  Following this paragraph are indications of the actual changes made.\n\nAn attachment named letter.zip was removed from this document as it constituted a security hazard.", "gateway"},
		"size":               {"attachment notice.txt", "The attachment 'scan of letter.pdf' has been removed because it is larger than the limit of 10 MB that your administrator has set.", "gateway"},
		"banned":             {"text.txt", "Some parts of this message were removed because they violated your mail server's policies.\n\nreport.pdf was removed from the message because it violates your mail server's policy.", "gateway"},
		"quarantine":         {"Quarantined.txt", "Your organisation's content filter moved letter.pdf to the quarantine. Ask your postmaster for its release.", "gateway"},
		"held":               {"info.txt", "Attachment on hold: one or more attachments are on hold until Mimecast has checked them. Request the file below.", "gateway (Mimecast)"},
		"sophos":             {"SophosMessage.txt", "Sophos Email Security found a threat in this message. The attachment invoice.doc was stripped.", "gateway (Sophos)"},
		"scanning":           {"Scan pending.txt", "Your attachment is still being analysed. It will be released once the check is complete.", "still checks"},
		"trend":              {"ScanMail.txt", "ScanMail for Microsoft Exchange has detected a virus in the attachment letter.doc. Action: replaced with text.", "gateway"},
		"disarmed":           {"readme.txt", "Content disarm: the file letter.docx has been sanitised by the security gateway. The original was quarantined.", "gateway"},
		"welsh":              {"rhybudd.txt", "Mae'r atodiad llythyr.pdf wedi ei dynnu o'r neges hon gan y system e-bost.", "gateway"},
		"worm":               {"DELETED2.TXT", "file attachment: letter.pdf\n\nThis e-mail in its original form contained one or more attached files that were infected with a worm. They have been removed.", "gateway"},
		"barracuda":          {"text.txt", "The original attachment to this message was removed by Barracuda.", "gateway (Barracuda)"},
		"found in it":        {"x.txt", "A virus was found in letter.pdf", "gateway"},
		"fortinet":           {"x.txt", "Dangerous Attachment has been Removed.", "gateway"},
		"watchguard":         {"x.txt", "WatchGuard has detected and removed an attachment.", "gateway"},
		"moved":              {"x.txt", "The attachments of this email were moved to a secure portal. Download: https://x.test/1", "gateway"},
		"not looked through": {"x.txt", "The attachment could not be scanned because it is encrypted, so it was held back.", "gateway"},
		"signature checked":  {"Signature status.txt", "S/MIME signature status: valid. The signature was verified by the mail gateway.", "gateway"},
		"from outside":       {"banner.txt", "CAUTION: This email originated from outside of the organisation. Do not open attachments unless you recognise the sender.", "disclaimer"},
		"by its name alone":  {"Safe Attachments Scan In Progress.txt", "please wait", "gateway"},
		"piece of the text":  {"ATT00003.txt", "This attachment was removed.", "gateway"},
		"a signature":        {"signature.txt", "Jo Marsh, Oak Street Pharmacy", "disclaimer"},
		"under its name":     {"letter.pdf", "This attachment was removed because it contains malware.", "gateway"},
		"named by its words": {"Virus Alert.txt", "See your helpdesk.", "gateway"},
		"footer":             {"footer.txt", "This e-mail and its attachments are intended for the addressee only and are confidential. If you have received this message in error, tell the sender.\n\nThis communication may be monitored. No liability is accepted for viruses.", "disclaimer"},

		"letter":               {"letter.txt", "To whom it may concern,\n\nSam Green is registered blind and can't use an authenticator app.\n\nDr P Lowe", ""},
		"letter, confidential": {"letter.txt", "PRIVATE AND CONFIDENTIAL\n\nSam Green works in our secure unit. Phones are not permitted and are removed at the gate.\n\nGovernor", ""},
		"rules of a prison":    {"rules.txt", "Visitors: all items are checked and scanned on entry. Mobile phones are held at the gate. Documents are held in reception. Email is restricted.", ""},
		"a virus":              {"statement.txt", "A virus was detected in her optic nerve in 2024, and Mrs Green's vision has been failing since.", ""},
		"a deleted account":    {"statement.txt", "The manager confirms that Sam's phone was stolen by a patient, and that the old file was deleted from the rota.", ""},
		"a risk assessment":    {"risk assessment.txt", "Risk: the code is sent by message and the device is blocked by lead walls. Action: exemption. Security: locked room.", ""},
		"a prosthesis":         {"statement.txt", "I confirm that Sam cannot use a phone. The attachment of the prosthesis was removed in May.", ""},
		"a wheelchair":         {"letter.txt", "Attachments on the wheelchair were removed, so the phone cannot be held.", ""},
		"what is found":        {"policy.txt", "Security policy of HMP Fairwater: phones are prohibited. Items found are removed and quarantined.", ""},
		"a policy":             {"security policy.txt", "HMP Fairwater. Staff may not carry phones beyond the gate.", ""},
		"a report":             {"Report.txt", "The clinic saw Sam in May. Vision 6/60 in both eyes.", ""},
		"about email":          {"note.txt", "Sam reads emails by screen reader, and the message with the code is gone before it has been read out.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			a := read(t, asking(blindSam, textFile(c.file, c.text))).Evidence[0]
			if a.Counts != (c.why == "") || !strings.Contains(a.Why, c.why) {
				t.Errorf("counts %v, why %q, want %q", a.Counts, a.Why, c.why)
			}
			if c.why != "" && !strings.Contains(a.Why, "again") {
				t.Errorf("it does not say what to do: %q", a.Why)
			}
		})
	}
}

// TestGatewayNoteInText: a gateway that leaves no file says in the text what it took out. People who only write of such
// things have taken nothing out.
func TestGatewayNoteInText(t *testing.T) {
	m := read(t, "From: a@pharmacy.test\nSubject: MFA\n\n"+blindSam+"\n\nThe attachment \"clinic letter.pdf\" was removed "+
		"by the mail gateway, as its type is not allowed.\n")
	if len(m.Evidence) != 1 || m.Evidence[0].Filename != "clinic letter.pdf" || m.Evidence[0].Counts ||
		!strings.Contains(m.Evidence[0].Why, "gateway") {
		t.Errorf("%+v", m.Evidence)
	}
	m = read(t, asking(blindSam, "Content-Type: text/plain\n\nWARNING: the attachments scan one.pdf of this message\nwere "+
		"removed, as the security policy of the mail server\ndemands."))
	if len(m.Evidence) != 1 || m.Evidence[0].Counts || !strings.Contains(m.Evidence[0].Why, "gateway") {
		t.Errorf("a part without a name: %+v", m.Evidence)
	}
	for _, said := range []string{"--\nThis email and its attachments have been scanned for viruses by our mail gateway. " +
		"They must be deleted if you got them in error.", "Our gateway removed my attachment last week, so here is the request once more.",
		"The attachment was removed by our mail filter when I sent it, what should we do?", "Phones are removed from staff at the gate."} {
		if m := read(t, "From: a@pharmacy.test\nSubject: MFA\n\n"+blindSam+"\n\n"+said+"\n"); len(m.Evidence) > 0 {
			t.Errorf("%q: %+v", said, m.Evidence)
		}
	}
}

// TestNoteWithin: a note in an attached email says nothing against that email; an archive of nothing but notes is none.
func TestNoteWithin(t *testing.T) {
	note := textFile("Malware Alert Text.txt", "Malware was detected in one or more attachments. Action: All attachments "+
		"have been removed.")
	letter := "Content-Type: message/rfc822\n\nFrom: ward@prison.test\nSubject: Sam Green\nContent-Type: multipart/mixed; " +
		"boundary=c\n\n--c\n\n" +
		"Sam Green works in our unit, where no phones are allowed.\n--c\n" + note + "\n--c--\n"
	m := read(t, asking(blindSam, letter))
	if len(m.Evidence) != 2 || !m.Evidence[0].Counts || m.Evidence[1].Counts {
		t.Errorf("%+v", m.Evidence)
	}
	zip := archive(t, map[string]string{"DELETED0.TXT": "The attachment was removed."})
	if files := fileIn(t, "application/zip", "letter.zip", zip); files[0].Counts || files[1].Counts {
		t.Errorf("%+v", files)
	}
}

// TestOwnLetterAttached: a letter of ours is no evidence for what it asks.
func TestOwnLetterAttached(t *testing.T) {
	own := "From: mfa@helpdesk.test\nX-Mfabot: helpdesk-1\nSubject: [LT-2026-00042] Not approved\n\nYour request has no evidence.\n"
	for name, part := range map[string]string{
		"as a message": "Content-Type: message/rfc822\n\n" + own,
		"as a file": "Content-Type: application/octet-stream; name=\"Not approved.eml\"\nContent-Disposition: attachment\n" +
			"Content-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(own)),
	} {
		a := read(t, asking(blindSam, part)).Evidence[0]
		if a.Counts || !strings.Contains(a.Why, "our own emails") || a.Author != "mfa@helpdesk.test" {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// TestPieceOfMessage: what was cut into several messages is no document.
func TestPieceOfMessage(t *testing.T) {
	m := read(t, "From: a@pharmacy.test\nSubject: MFA (1/3)\nContent-Type: message/partial; id=\"x@pharmacy.test\"; number=1; total=3\n\n"+
		"Subject: MFA\nContent-Type: multipart/mixed; boundary=c\n\n--c\n\n"+blindSam)
	if len(m.Evidence) != 1 || m.Evidence[0].Counts || !strings.Contains(m.Evidence[0].Why, "again in one piece") {
		t.Errorf("%+v", m.Evidence)
	}
}

// TestEncrypted has the envelopes of encrypted mail, and letters that only speak of such things.
func TestEncrypted(t *testing.T) {
	page := func(name, content string) string {
		return fmt.Sprintf("Content-Type: text/html; name=%q\nContent-Disposition: attachment; filename=%q\n\n%s", name, name, content)
	}
	const letter = "Content-Type: application/pdf; name=\"letter.pdf\"\nContent-Disposition: attachment\n\n" + letterPDF
	for name, c := range map[string]struct {
		text      string
		parts     []string
		encrypted bool
		says      string // in the reason of a file; empty where no file is called encrypted
	}{
		"Cisco": {"You have received a secure message\n\nRead your secure message by opening the attachment, securedoc_20261102T1007.html. You will be prompted to open (view) the file or save (download) it to your computer.",
			[]string{page("securedoc_20261102T1007.html", "<html><script>var x</script></html>")}, true, "Cisco"},
		"Egress": {"This email has been sent to you securely using Egress.\n\nTo read it, click https://switch.egress.test/ui/learn or sign in with your account.", nil, true, "Egress"},
		"Egress, attached": {"Jo Marsh has sent you a secure email. Please open the attached file to read it.",
			[]string{"Content-Type: application/octet-stream; name=\"message.switch\"\n" +
				"Content-Disposition: attachment\n\nxyz"}, true, "encrypted"},
		"Gmail":      {"Jo Marsh has sent you an email via Gmail confidential mode:\n\nMFA exception\nThis message was created on 2 November 2026 and expires on 9 November 2026.\n\nView the email <https://confidential-mail.google.test/msg/x>", nil, true, "Gmail confidential mode"},
		"Zivver":     {"Jo Marsh sent you a secure message with Zivver.\n\nOpen the message: https://app.zivver.test/r/1\n\nYou get an access code by SMS.", nil, true, "Zivver"},
		"Virtru":     {"jo@pharmacy.test has sent you a Virtru secure message.\n\nUnlock message <https://secure.virtru.test/start?c=1>", nil, true, "Virtru"},
		"Mimecast":   {"You've been sent a secure message\n\nOak Street Pharmacy sent you a message through the Secure Messaging portal. Sign in to read it: https://eu.securemsg.mimecast.test/x", nil, true, "Mimecast"},
		"Proofpoint": {"This is a secure message.\n\nClick here by 2026-12-02 10:07 to read your message. After that, open the attachment.", []string{page("SecureMessageAtt.html", "<html></html>")}, true, "encrypted"},
		"Trend": {"PRIVATE AND CONFIDENTIAL\n\nYou have received an email message secured by Private Post. Please open the file called Encrypted_Message.htm to read the message.",
			[]string{page("Encrypted_Message.htm", "<html></html>")}, true, "Trend Micro"},
		"Forcepoint": {"You have received a secure message. Open message_zdm.html and register.", []string{page("message_zdm.html", "<html></html>")}, true, "Forcepoint"},
		"unknown":    {"A protected message from Oak Street Pharmacy is waiting for you in the Quillmail portal.\n\nRetrieve the message here: https://quillmail.test/m/9", nil, true, "encrypted"},
		"armour":     {"-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----", nil, true, "encrypted"},

		"Zix":       {"New ZixCorp secure email message from Oak Street Pharmacy\n\nOpen Message <https://web1.zixmail.test/s/e?b=1>\n\nTo view the secure message, click Open Message.", nil, true, "Zix"},
		"Tuta":      {"This is an encrypted message sent with Tuta.\n\nShow encrypted email: https://app.tuta.test/mail/#x", nil, true, "Tuta"},
		"questions": {"You've received a secure message.\n\nWhy am I getting this? Oak Street protects its email.\nHow do I open it? Click https://x.test/1", nil, true, "encrypted"},
		"file lost": {"This message has been encrypted. Open the attached document in a web browser and enter your password.", nil, true, "encrypted"},
		"rights":    {"This message uses Microsoft Information Protection solutions. Its contents are encrypted. You can open it using Microsoft Outlook: https://x.test", nil, true, "Microsoft"},

		"we got yours":   {"Hello, we have received an encrypted message from your team and cannot open it. https://pharmacy.test", nil, false, ""},
		"a new system":   {"The new system sends a protected message with a code, and the staff on the ward cannot access it. https://x.test/info", nil, false, ""},
		"a ward":         {"sam.green@pharmacy.test is deaf and cannot use calls. Messages with the code cannot be opened in the secure unit. https://x.test/rules", nil, false, ""},
		"with a request": {blindSam, []string{"Content-Type: application/x-microsoft-rpmsg-message; name=\"message_v2.rpmsg\"\nContent-Disposition: attachment\n\nxyz"}, false, "encrypted"},
		"with evidence":  {"This is a secure message. Please open the attached letter about sam.green@pharmacy.test, who is blind.", []string{letter}, false, ""},
		"a person's":     {"I have sent you an encrypted email on Monday. Did you open it? My site is https://pharmacy.test/", nil, false, ""},
		"a disclaimer":   {blindSam + "\n\nThis email is confidential and was sent securely. To view our privacy notice see https://pharmacy.test/privacy", nil, false, ""},
		"NHSmail":        {blindSam + "\n\nNHSmail is the secure email, collaboration and directory service available for all NHS staff. To find out more see https://nhs.test/", nil, false, ""},
		"a secure unit":  {"Please exempt sam.green@pharmacy.test. Sam works in a secure unit and can't open the message with the code there.", nil, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := read(t, asking(c.text, c.parts...))
			says := ""
			for _, a := range m.Evidence {
				if strings.Contains(a.Why, "encrypted mail") {
					says = a.Why
				}
			}
			if m.Encrypted != c.encrypted || (says == "") != (c.says == "") || !strings.Contains(says, c.says) {
				t.Errorf("encrypted %v, why %q, want %v %q; %+v", m.Encrypted, says, c.encrypted, c.says, m.Evidence)
			}
			if m.Encrypted && (len(m.Subjects) > 0 || m.Reason != "") {
				t.Errorf("a request was read: %v %q", m.Subjects, m.Reason)
			}
		})
	}
}

// TestLinks has links to documents that are kept elsewhere, and links that are none.
func TestLinks(t *testing.T) {
	for name, c := range map[string]struct {
		html string
		name string // of the document; empty for none
		at   string
	}{
		"Drive":           {`<div class="gmail_chip"><a href="https://drive.google.com/file/d/1x/view?usp=drive_web"><img src="cid:x">&nbsp;<span>Clinic letter.pdf</span></a></div>`, "Clinic letter.pdf", "Google Drive"},
		"Docs":            {`<a href="https://docs.google.test/document/d/1x/edit">Statement</a>`, "Statement", "Google Docs"},
		"Dropbox":         {`Is it this one? https://www.dropbox.com/scl/fi/1x/letter%20of%20the%20GP.pdf?dl=0`, "letter of the GP.pdf", "Dropbox"},
		"iCloud":          {`<a href="https://www.icloud.com/attachment/?u=x">Click to Download</a><br>scan.pdf 12 MB`, "Click to Download", "iCloud"},
		"WeTransfer":      {`<a href="https://we.tl/t-abc">https://we.tl/t-abc</a>`, "link to WeTransfer", "WeTransfer"},
		"Box":             {`<a href="https://oakstreet.app.box.com/s/1x">Evidence</a>`, "Evidence", "Box"},
		"SharePoint":      {`<a href="https://oakstreet.sharepoint.com/:w:/s/Team/1x?e=2">Risk assessment.docx</a>`, "Risk assessment.docx", "SharePoint"},
		"through a check": {`<a href="https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2F1drv.ms%2Fb%2Fs!x&amp;data=05">here</a>`, "here", "OneDrive"},
		"v2":              {`<a href="https://urldefense.proofpoint.com/v2/url?u=https-3A__www.dropbox.com_s_1x_letter.pdf&amp;d=Dw">here</a>`, "letter.pdf", "Dropbox"},
		"v3":              {`<a href="https://urldefense.com/v3/__https://drive.google.com/open?id=1x__;!!x">the letter</a>`, "the letter", "Google Drive"},
		"only the host":   {`<a href="https://protect-eu.mimecast.com/s/x1?domain=onedrive.live.com">the letter</a>`, "the letter", "OneDrive"},
		"below the name":  {`Kind regards<br>Jo Marsh<br>Oak Street Pharmacy<div class="gmail_chip"><a href="https://drive.google.com/file/d/1x/view">Clinic letter.pdf</a></div>`, "Clinic letter.pdf", "Google Drive"},
		"Mail Drop":       {`<a href="https://www.icloud.com/attachment/?u=https%3A%2F%2Fcvws.icloud-content.com%2FB%2Fletter.pdf&amp;uk=1&amp;f=letter.pdf">Click to Download</a>`, "letter.pdf", "iCloud"},
		"in a sentence":   {`It is at https://we.tl/t-Ab12 for a week.`, "link to WeTransfer", "WeTransfer"},
		"elsewhere":       {`<a href="https://files.pharmacy.test/share/77">Letter of the consultant.docx</a>`, "Letter of the consultant.docx", "files.pharmacy.test"},
		"photos":          {`<a href="https://photos.app.goo.gl/x1">photo</a>`, "photo", "Google Photos"},

		"site":             {`<a href="https://www.pharmacy.test/about">our site</a>`, "", ""},
		"front page":       {`<a href="https://www.dropbox.com/">Dropbox</a>`, "", ""},
		"intranet":         {`<a href="https://oakstreet.sharepoint.com/sites/team/SitePages/Home.aspx">intranet</a>`, "", ""},
		"quoted":           {`<blockquote type="cite"><a href="https://drive.google.com/file/d/1x/view">Clinic letter.pdf</a></blockquote>`, "", ""},
		"in the signature": {`-- <br>Jo Marsh<br><a href="https://drive.google.com/file/d/1x/view">Leaflet</a>`, "", ""},
		"address":          {`<a href="mailto:sam.green@pharmacy.test">Sam</a>`, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := read(t, "From: a@pharmacy.test\nSubject: MFA\nContent-Type: text/html\n\n<html><body><div>Please exempt "+
				"sam.green@pharmacy.test, "+
				"who is blind.</div><div>"+c.html+"</div></body></html>\n")
			var got parser.Attachment
			for _, a := range m.Evidence {
				if a.MediaType == parser.TypeElsewhere {
					got = a
				}
			}
			if got.Filename != c.name || got.Counts || c.at != "" && !strings.Contains(got.Why,
				"a link to "+c.at+", which we cannot open") {
				t.Errorf("%q %q, want %q at %q", got.Filename, got.Why, c.name, c.at)
			}
			if m.Encrypted || len(m.Subjects) != 1 {
				t.Errorf("encrypted %v, for %v", m.Encrypted, m.Subjects)
			}
		})
	}
}

// TestDataURI: a photo whose content stands in the HTML is a file like any other, and its bytes are no text.
func TestDataURI(t *testing.T) {
	photo := "\xff\xd8\xff\xe0\x00\x10JFIF" + strings.Repeat("a photo of a letter \x00\x01\x02", 9000)
	logo := "\x89PNG\r\n\x1a\n" + strings.Repeat("logo", 100)
	b64 := base64.StdEncoding.EncodeToString
	raw := "From: a@pharmacy.test\r\nSubject: MFA\r\nContent-Type: text/html\r\n\r\n<p>Please exempt " +
		"sam.green@pharmacy.test, who is blind." +
		" data: see below, data:image/jpeg;base64, and so on.</p><img src=\"data:image/jpeg;base64," + b64([]byte(photo)) + "\">\r\n" +
		"<style>p{background:url(\"data:image/png;base64," + b64([]byte(logo)) + "\")}</style><IMG SRC='DATA:image/png;name=logo.png;BASE64," +
		b64([]byte(logo)) + "'><p>Jo"
	m, err := parser.New(vocabulary).Parse(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Evidence) != 2 || !m.Evidence[0].Counts || m.Evidence[0].MediaType != "image/jpeg" || m.Evidence[1].Counts {
		t.Fatalf("%+v", m.Evidence)
	}
	var out strings.Builder
	if err := new(parser.Extractor).Extract(strings.NewReader(raw), m.Evidence[0].Part, &out); err != nil || out.String() != photo {
		t.Errorf("extracted %d bytes of %d: %v", out.Len(), len(photo), err)
	}
	if !strings.Contains(m.NewText, "data:image/jpeg;base64, and so on.") || len(m.Text) > 300 || len(m.Subjects) != 1 {
		t.Errorf("text %.300q", m.Text)
	}
	cut, err := parser.New(vocabulary).Parse(strings.NewReader(raw[:len(raw)/2]))
	if err != nil || len(cut.Evidence) != 1 || cut.Evidence[0].Counts {
		t.Errorf("%v %+v", err, cut.Evidence)
	}
}

// TestLogoByName: a small picture that is called a logo is one; a scan that is called a document is none.
func TestLogoByName(t *testing.T) {
	small := []byte("\x89PNG\r\n\x1a\n" + strings.Repeat("picture", 4000))
	large := []byte("\x89PNG\r\n\x1a\n" + strings.Repeat("picture", 40000))
	for name, counts := range map[string]bool{
		"logo.png": false, "NHS_Trust_Logo2.png": false, "oakstreetlogo.png": false, "facebook-icon.png": false, "Email banner.png": false,
		"scan0001.png": true, "letter.png": true, "GP letter with logo.png": true, "IMG_2231.png": true, "logopaedic assessment.png": true,
	} {
		if a := fileIn(t, "image/png", name, small)[0]; a.Counts != counts {
			t.Errorf("%s: counts %v, why %q", name, a.Counts, a.Why)
		}
		if a := fileIn(t, "image/png", name, large)[0]; !a.Counts {
			t.Errorf("%s, large: %q", name, a.Why)
		}
	}
}
