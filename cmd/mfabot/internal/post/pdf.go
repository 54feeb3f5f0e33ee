package post

import (
	"bytes"
	"fmt"
	"strings"
)

// Letter returns a letter "to whom it may concern", as a message's only attachment.
func Letter(name string, lines ...string) []File {
	return []File{{Name: name, MediaType: "application/pdf", Content: EvidencePDF("To whom it may concern", lines...)}}
}

// EvidencePDF makes a one-page PDF with a title and lines of text, which the caller has broken to fit (about
// 90 characters).
func EvidencePDF(title string, lines ...string) []byte {
	var page strings.Builder
	fmt.Fprintf(&page, "BT /F2 16 Tf 56 770 Td (%s) Tj ET\n", pdfText(title))
	page.WriteString("BT /F1 11 Tf 15 TL 56 735 Td\n")
	for _, line := range lines {
		fmt.Fprintf(&page, "(%s) Tj T*\n", pdfText(line))
	}
	page.WriteString("ET")

	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R" +
			" /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", page.Len(), page.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
		fmt.Sprintf("<< /Title (%s) >>", pdfText(title)),
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n") // bytes above 127 mark the file as binary
	var xref strings.Builder
	for i, object := range objects {
		fmt.Fprintf(&xref, "%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n%s", len(objects)+1, xref.String())
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n",
		len(objects)+1, len(objects), start)
	return b.Bytes()
}

// pdfText writes a text for use between the brackets of a PDF string, in the part of WinAnsi that is ISO
// 8859-1.
func pdfText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '(' || r == ')' || r == '\\':
			b.WriteString(`\` + string(r))
		case r < 32 || r > 255:
			b.WriteByte('?')
		default:
			b.WriteByte(byte(r))
		}
	}
	return b.String()
}
