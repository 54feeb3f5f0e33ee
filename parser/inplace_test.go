package parser_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"mfabot/parser"
)

const retrievalFailed = "The server couldn't retrieve the following message:\n\nSubject: \"MFA for Sam Green\"\n" +
	"From: \"Oak Street Pharmacy\" (oakstreet@pharmacy.test)\nSent date: 2/11/2026 10:11:12 AM\n\n" +
	"The message hasn't been deleted. You might be able to view it using either Outlook or Outlook on the web. You can also " +
	"contact the sender to find out what the message says.\n"

// TestInPlace has what Exchange hands over in the place of messages, and what people write about that.
func TestInPlace(t *testing.T) {
	const title = "Retrieval using the IMAP4 protocol failed for the following message: 12345"
	html := "<html><body><p>" + strings.ReplaceAll(retrievalFailed, "\n", "<br>") + "</p></body></html>"
	for name, c := range map[string]struct {
		raw   string
		about string
		is    bool
	}{
		"by its subject":      {"From: a@x.test\nSubject: " + title + "\n\nSee above.\n", "", true},
		"by POP3":             {"Subject: Retrieval using the POP3 protocol failed for the following message: 1\n\nx\n", "", true},
		"folded and encoded":  {"Subject: =?utf-8?Q?Retrieval_using_the_IMAP4_protocol?=\n =?utf-8?Q?_failed_for_the_following_message:_7?=\n\nx\n", "", true},
		"by its text":         {"Subject: MFA\n\n" + title + "\n", "", true},
		"another subject":     {"Subject: MFA\n\n" + retrievalFailed, "MFA for Sam Green", true},
		"in curly quotes":     {"Subject: MFA\nContent-Type: text/plain; charset=utf-8\n\n" + strings.ReplaceAll(retrievalFailed, "'", "’"), "MFA for Sam Green", true},
		"in base64":           {"Subject: MFA\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(retrievalFailed)) + "\n", "MFA for Sam Green", true},
		"in HTML":             {"Subject: MFA\nContent-Type: text/html\n\n" + html, "MFA for Sam Green", true},
		"forwarded":           {"Subject: FW: " + title + "\n\nWhat does this mean?\n\n" + retrievalFailed, "", false},
		"quoted by a person":  {"Subject: MFA\n\nWe got this:\n\n" + retrievalFailed, "", false},
		"by a sender":         {"Received: from evil.test by mx.helpdesk.test; Mon, 2 Nov 2026 09:00:00 +0000\nSubject: " + title + "\n\nx\n", "", false},
		"about the protocol":  {"Subject: IMAP4 protocol failed\n\nRetrieval using IMAP failed for us today.\n", "", false},
		"a request":           {asking(blindSam), "", false},
		"too large for one":   {"Subject: " + title + "\n\n" + strings.Repeat("x\n", 20000), "", false},
		"no message":          {"", "", false},
		"the beginning of it": {"Subject: MFA\n\nThe server couldn't retrieve the following message:\n", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			note, is := parser.InPlace([]byte(strings.ReplaceAll(c.raw, "\n", "\r\n")))
			if is != c.is || is && note.Subject != c.about || c.about != "" && !strings.HasPrefix(note.From, `"Oak Street Pharmacy" (oak`) {
				t.Errorf("InPlace = %q, %v; want %q, %v", note, is, c.about, c.is)
			}
		})
	}
}
