package notify

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"mfabot/intake"
	"mfabot/parser"
)

// archiveOf is a ZIP archive with files of some names; flags are those of each (APPNOTE section 4.4.4).
func archiveOf(t *testing.T, flags uint16, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		w, err := z.CreateRaw(&zip.FileHeader{Name: name, Flags: flags})
		if err == nil {
			_, err = w.Write(nil)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// attached is an email with a text and a file.
func attached(text, name, media string, content []byte) string {
	return "From: a@x.test\r\nSubject: Evidence\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\r\n--b\r\nContent-Type: " + media +
		"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"" + name + "\"\r\n\r\n" +
		base64.StdEncoding.EncodeToString(content) + "\r\n--b--\r\n"
}

// TestWhysInWelsh: why a file does not count is in Welsh in a Welsh letter, whatever of the file stands in it, and so is what
// we call a file ourselves.
func TestWhysInWelsh(t *testing.T) {
	t.Parallel()
	c, p := welshComposer(t), parser.New(parser.Vocabulary{})
	policy, err := intake.DefaultPolicy()
	if err != nil {
		t.Fatal(err)
	}
	policy.MaxEvidence = 10
	const see = "See the file."
	zipped := func(flags uint16, names ...string) string {
		return attached(see, "f.zip", "application/zip", archiveOf(t, flags, names...))
	}
	for name, mail := range map[string]struct{ raw, want string }{
		"locked":       {zipped(1, "and.pdf"), "f.zip (112 beit): Archif wedi'i diogelu gan gyfrinair yw hon (and.pdf): atodwch y ffeiliau eu hunain"},
		"locked, many": {zipped(1, "1", "2", "3", "4", "5", "6", "7"), "yw hon (1, 2, 3, 4, 5 a 2 arall): atodwch"},
		"a program":    {zipped(0, "a.exe"), "Archif â rhaglen neu sgript ynddi yw hon (a.exe)"},
		"a link":       {zipped(0, "a.url"), "Archif â dolen ynddi yw hon (a.url)"},
		"a page":       {zipped(0, "%s.html"), "Archif â thudalen we ynddi yw hon (%s.html)"},
		"macros":       {zipped(0, "a.docm"), "Archif â dogfen â macros ynddi yw hon (a.docm)"},
		"an archive":   {zipped(0, "a.rar"), "Archif ag archif arall ynddi yw hon (a.rar)"},
		"a file in it": {attached(see, "f.eml", "message/rfc822", []byte(attached(see, "a.exe", "application/octet-stream", []byte("MZ")))),
			"Ni allwn dderbyn ffeil sydd ynddi (a.exe)"},
		"another kind":   {attached(see, "f.7z", "application/x-7z-compressed", []byte("7z\xbc\xaf\x27\x1c\x00\x04")), "Archif (7z) yw hon"},
		"without a name": {attached(see, "", "application/x-7z-compressed", []byte("7z\xbc\xaf\x27\x1c\x00\x04")), "atodiad-1.7z (8 beit): Archif"},
		"elsewhere": {attached("Here it is: https://trust-my.sharepoint.com/:b:/g/personal/a/Eabc", "a.exe", "text/plain", []byte("MZ")),
			"dolen i OneDrive: Dolen i OneDrive yw hon, ac ni allwn ei hagor"},
		"taken out": {attached(see, "notice.txt", "text/plain",
			[]byte("Sophos: the attachment letter.pdf was removed from this message, as it holds a program.")),
			"Nodyn a roddodd porth e-bost (Sophos) yn lle ffeil"},
		"large": {attached(see, "a.txt", "text/plain", []byte("All that is in it is more than is taken.")), "Mae'r ffeil yn fwy na 0 MB"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := p.Parse(strings.NewReader(mail.raw))
			if err != nil {
				t.Fatal(err)
			}
			policy.Restrict(m)
			l := requestLetter(intake.LetterNeedEvidence, intake.ToSite, func(f *intake.Facts) {
				f.Language, f.Evidence = intake.Welsh, nil
				for _, a := range m.Evidence {
					f.Evidence = append(f.Evidence, intake.EvidenceFacts{Filename: a.Filename, Size: a.Size, Why: a.Why})
				}
			})
			email, err := c.Render(l, monday)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Join(strings.Fields(email.Text), " ")
			if !strings.Contains(text, mail.want) {
				t.Errorf("%q is not in:\n%s", mail.want, text)
			}
		})
	}
}
