package parser_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"mfabot/parser"
)

// fileIn reads a message that brings one file.
func fileIn(t *testing.T, mediaType, name string, content []byte) []parser.Attachment {
	t.Helper()
	encoded := base64.StdEncoding.EncodeToString(content)
	var lines strings.Builder
	for len(encoded) > 0 {
		n := min(76, len(encoded))
		lines.WriteString(encoded[:n] + "\r\n")
		encoded = encoded[n:]
	}
	raw := fmt.Sprintf("From: a@pharmacy.test\r\nSubject: MFA\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nPlease.\r\n"+
		"--b\r\nContent-Type: %s\r\nContent-Disposition: attachment; filename=%q\r\nContent-Transfer-Encoding: base64\r\n\r\n%s--b--\r\n",
		mediaType, name, lines.String())
	m, err := parser.New(vocabulary).Parse(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Evidence) == 0 {
		t.Fatal("no file was found")
	}
	return m.Evidence
}

// archive packs files, by name.
func archive(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// word is a document of Word with further parts.
func word(t *testing.T, more map[string]string) []byte {
	t.Helper()
	files := map[string]string{
		"[Content_Types].xml": `<?xml version="1.0" encoding="UTF-8"?><Types><Default Extension="bin" ContentType="application/vnd.openxmlformats-officedocument.oleObject"/>` +
			`<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`,
		"word/document.xml": `<w:document><w:p><w:r><w:t>A letter.</w:t></w:r></w:p></w:document>`,
	}
	maps.Copy(files, more)
	return archive(t, files)
}

// relation is a part that says what a document refers to.
func relation(kind, target, mode string) string {
	return `<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/` + kind +
		`" Target="` + target + `" TargetMode="` + mode + `"/></Relationships>`
}

const (
	letterPDF = "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"
	program   = "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"
	ole       = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
)

// TestWordDocument has what documents of Word refer to and hold.
func TestWordDocument(t *testing.T) {
	const rels = "word/_rels/document.xml.rels"
	workbook := string(archive(t, map[string]string{"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"}))
	macros := string(archive(t, map[string]string{"[Content_Types].xml": "<Types/>", "xl/vbaProject.bin": ole}))
	for name, c := range map[string]struct {
		parts  map[string]string
		counts bool
	}{
		"plain":                     {nil, true},
		"link":                      {map[string]string{rels: relation("hyperlink", "https://hospital.test/", "External")}, true},
		"template on the disk":      {map[string]string{"word/_rels/settings.xml.rels": relation("attachedTemplate", `file:///C:\Users\Sam%20Green\Letter.dotx`, "External")}, true},
		"picture of an email":       {map[string]string{rels: relation("image", "cid:image001.png@01DC", "External")}, true},
		"chart with its figures":    {map[string]string{"word/charts/_rels/chart1.xml.rels": relation("package", "../embeddings/W.xlsx", "Internal"), "word/embeddings/W.xlsx": workbook}, true},
		"field of a page number":    {map[string]string{"word/footer1.xml": `<w:p><w:instrText> PAGE </w:instrText></w:p>`}, true},
		"template on the web":       {map[string]string{"word/_rels/settings.xml.rels": relation("attachedTemplate", "https://evil.test/t.dotm", "External")}, false},
		"template on a share":       {map[string]string{"word/_rels/settings.xml.rels": relation("attachedTemplate", `file:///\\evil.test\t\t.dotm`, "External")}, false},
		"picture on the web":        {map[string]string{rels: relation("image", "http://evil.test/x.png", "External")}, false},
		"picture on a share":        {map[string]string{rels: relation("image", `\\evil.test\x.png`, "External")}, false},
		"object":                    {map[string]string{rels: relation("oleObject", "x.dat", "Internal")}, false},
		"object on the web":         {map[string]string{rels: relation("oleObject", "mhtml:http://evil.test/x", "External")}, false},
		"object of another name":    {map[string]string{"word/media/x.png": ole}, false},
		"program":                   {map[string]string{"word/media/x.png": program}, false},
		"object by its type":        {map[string]string{"word/media/x.bin": "?"}, false},
		"control":                   {map[string]string{"word/activeX/activeX1.xml": "<x/>"}, false},
		"another document":          {map[string]string{rels: relation("aFChunk", "x.html", "Internal")}, false},
		"workbook in the text":      {map[string]string{rels: relation("package", "embeddings/W.xlsx", "Internal"), "word/embeddings/W.xlsx": workbook}, false},
		"macros of a chart":         {map[string]string{"word/embeddings/W.xlsx": macros}, false},
		"macros by their relation":  {map[string]string{rels: relation("vbaProject", "x.dat", "Internal")}, false},
		"command in a field":        {map[string]string{"word/header1.xml": `<w:p><w:instrText> DDE</w:instrText><w:instrText>AUTO c:\\windows\\cmd "/k calc" </w:instrText></w:p>`}, false},
		"relations unreadable":      {map[string]string{rels: `<Relationships><Relationship`}, false},
		"content types in capitals": {map[string]string{"WORD/VBAPROJECT.BIN": "?"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			a := fileIn(t, "application/octet-stream", "letter.docx", word(t, c.parts))[0]
			if a.Counts != c.counts {
				t.Errorf("counts %v %q, want %v", a.Counts, a.Why, c.counts)
			}
		})
	}
}

func TestOpenDocument(t *testing.T) {
	for name, c := range map[string]struct {
		parts  map[string]string
		counts bool
	}{
		"plain":              {map[string]string{"content.xml": `<office:text><text:a xlink:href="https://hospital.test/">x</text:a></office:text>`}, true},
		"macros":             {map[string]string{"Basic/Standard/Module1.xml": "<x/>"}, false},
		"script":             {map[string]string{"content.xml": `<office:text><script:event-listener xlink:href="x"/></office:text>`}, false},
		"picture on the web": {map[string]string{"content.xml": `<office:text><draw:image xlink:href="http://evil.test/x"/></office:text>`}, false},
		"object":             {map[string]string{"Object 1": ole}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			w := zip.NewWriter(&b)
			f, err := w.CreateHeader(&zip.FileHeader{Name: "mimetype", Method: zip.Store})
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(f, "application/vnd.oasis.opendocument.text")
			for name, text := range c.parts {
				f, err := w.Create(name)
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprint(f, text)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			a := fileIn(t, "application/octet-stream", "letter.odt", b.Bytes())[0]
			if a.Counts != c.counts {
				t.Errorf("%s counts %v %q, want %v", a.MediaType, a.Counts, a.Why, c.counts)
			}
		})
	}
}

// TestPDFActions has what may be in a PDF, in the open and packed.
func TestPDFActions(t *testing.T) {
	packed := func(objects string) string {
		var b bytes.Buffer
		w := zlib.NewWriter(&b)
		fmt.Fprint(w, objects)
		_ = w.Close()
		return fmt.Sprintf("<</Type/ObjStm/N 1/First 4/Length %d/Filter/FlateDecode>>stream\r\n%s\nendstream", b.Len(), b.String())
	}
	// A block that is stored has its words in the open.
	stored := func(objects string) string {
		var b bytes.Buffer
		w, _ := zlib.NewWriterLevel(&b, zlib.NoCompression)
		fmt.Fprint(w, "endstream endobj")
		_ = w.Flush()
		head := b.Bytes()
		return fmt.Sprintf("<</Type/ObjStm/Length %d>>stream\n%s%s\nendstream", b.Len(), head, objects)
	}
	for name, c := range map[string]struct {
		object string
		counts bool
	}{
		"link":                {"<</S/URI/URI(https://hospital.test/)>>", true},
		"form":                {"<</AcroForm<</Fields[]>>/OpenAction[3 0 R/Fit]>>", true},
		"names like those":    {"<</Launched 1/JavaScripts 2/EmbeddedFont 3>>", true},
		"files taken out":     {"<</Names<</EmbeddedFiles <</Names[]>>>>>>", true},
		"packed, harmless":    {packed("1 0 <</S/URI>>"), true},
		"script":              {"<</OpenAction<</S/JavaScript/JS(x)>>>>", false},
		"script, escaped":     {"<</S /J#61v#61Script>>", false},
		"program":             {"<</S/Launch/F(cmd.exe)>>", false},
		"file":                {"<</Type/EmbeddedFile>>", false},
		"file in the names":   {"<</Names<</EmbeddedFiles 7 0 R>>>>", false},
		"script, packed":      {packed("1 0 <</S/JavaScript/JS(x)>>"), false},
		"script beside it":    {"<</X/ObjStm/S/Launch>> endobj stream", false},
		"script in the open":  {stored("<</S/JavaScript>>"), false},
		"script, second pack": {packed("1 0 <<>>") + " endobj 2 0 obj" + packed("<</S/Launch>>"), false},
	} {
		t.Run(name, func(t *testing.T) {
			for _, filler := range []int{0, 64<<10 - 30, 200 << 10} {
				pdf := "%PDF-1.5\n%" + strings.Repeat("\xe2", filler) + "\n1 0 obj" + c.object + "endobj\n" +
					strings.Repeat("% \n", filler/8) + "startxref\n9\n%%EOF\n"
				a := fileIn(t, "application/pdf", "letter.pdf", []byte(pdf))[0]
				if a.Counts != c.counts {
					t.Errorf("after %d bytes: counts %v %q, want %v", filler, a.Counts, a.Why, c.counts)
				}
			}
		})
	}
}

// TestTypeAndName has files that are allowed only by what they hold and are called together.
func TestTypeAndName(t *testing.T) {
	png := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + strings.Repeat("x", 9000)
	rtf := `{\rtf1\ansi A letter.}`
	for _, c := range []struct {
		name, content string
		counts        bool
	}{
		{"letter.pdf", letterPDF, true}, {"Letter from Dr. Smith", letterPDF, true}, {"Letter of 12.11.2026", letterPDF, true},
		{"www.pharmacy.com.pdf", letterPDF, true}, {"letter.PDF", letterPDF, true}, {"letter.docx.pdf", letterPDF, true},
		{"letter.iqy", letterPDF, false}, {"letter.xyz", letterPDF, false}, {"letter.exe.pdf", letterPDF, false},
		{"letter.rdp .pdf", letterPDF, false}, {"letter.html", letterPDF, false}, {"letter.txt", letterPDF, false},
		{"IMG_1.JPG", png, true}, {"scan", png, true}, {"scan.svg", png, false}, {"scan.hta", png, false},
		{"letter.doc", rtf, true}, {"letter.rtf", rtf, true}, {"letter.wiz", rtf, false},
		{"letter.rtf", `{\rtf1{\*\template http://evil.test/t.dotm}}`, false},
		{"letter.rtf", `{\rtf1{\*\template C:\\Templates\\Letter.dot} A letter.}`, true},
		{"letter.txt", "A letter about Sam.", true}, {"letter.csv", "A letter, about Sam.", false},
		{"letter", "A letter about Sam.", false}, {"letter.slk", "ID;P\nA letter", false}, {"letter.text", "A letter", false},
	} {
		if a := fileIn(t, "application/octet-stream", c.name, []byte(c.content))[0]; a.Counts != c.counts {
			t.Errorf("%s, %.8q: counts %v %q, want %v", c.name, c.content, a.Counts, a.Why, c.counts)
		}
	}
}

// TestWhole has archives and messages, which count where all that is in them would.
func TestWhole(t *testing.T) {
	message := func(file, content string) string {
		return "From: dr@hospital.test\r\nSubject: Letter\r\n" +
			"Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nAttached.\r\n--i\r\n" +
			"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=" + file + "\r\n\r\n" + content + "\r\n--i--\r\n"
	}
	packed := func(files map[string]string) []byte { return archive(t, files) }
	for name, c := range map[string]struct {
		file    string
		content []byte
		files   int // that count
	}{
		"documents":            {"letters.zip", packed(map[string]string{"a.pdf": letterPDF, "in/b.docx": string(word(t, nil))}), 3},
		"of a Mac":             {"letters.zip", packed(map[string]string{"a.pdf": letterPDF, "__MACOSX/._a.pdf": "\x00\x05\x16\x07", ".DS_Store": "x"}), 2},
		"program beside":       {"letters.zip", packed(map[string]string{"a.pdf": letterPDF, "run.exe": program}), 0},
		"program called a PDF": {"letters.zip", packed(map[string]string{"a.pdf": letterPDF, "b.pdf": program}), 0},
		"table":                {"letters.zip", packed(map[string]string{"a.pdf": letterPDF, "b.csv": "a,b"}), 0},
		"macros":               {"letters.zip", packed(map[string]string{"a.docx": string(word(t, map[string]string{"word/x": ole}))}), 0},
		"archive":              {"letters.zip", packed(map[string]string{"more.zip": string(packed(map[string]string{"a.pdf": letterPDF}))}), 0},
		"message in it":        {"letters.zip", packed(map[string]string{"a.eml": message("run.exe", program)}), 0},
		"hidden by its name":   {"letters.zip", packed(map[string]string{"__MACOSX/._run.js": "x", "a.pdf": letterPDF}), 0},
		"called a document":    {"letters.docx", packed(map[string]string{"a.pdf": letterPDF}), 0},
		"message":              {"letter.eml", []byte(message("letter.pdf", letterPDF)), 2},
		"message with table":   {"letter.eml", []byte(message("l.csv", "a,b")), 0},
		"damaged":              {"letters.zip", bytes.Replace(packed(map[string]string{"a.pdf": letterPDF}), []byte("PK\x01\x02"), []byte("PK\x01\x03"), 1), 0},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			all := fileIn(t, "application/octet-stream", c.file, c.content)
			for _, a := range all {
				if a.Counts {
					n++
				}
			}
			if n != c.files {
				t.Errorf("%d count, want %d: %+v", n, c.files, all)
			}
		})
	}
}
