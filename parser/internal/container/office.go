package container

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// refuseDocument returns why a document of Office (ECMA-376 part 2) or OpenDocument is refused: macros, whatever
// the part is called, objects and files within, and whatever is fetched when it is opened. depth is how many
// documents it is inside.
func refuseDocument(r *zip.Reader, depth int) string {
	types, why := contentTypes(r)
	if why != "" {
		return why
	}
	for _, f := range r.File {
		name := strings.ToLower(f.Name)
		if why := refuseType(types.of(name)); why != "" {
			return why
		}
		if why := refuseName(name); why != "" {
			return why
		}
		if why := refusePart(f, name, depth); why != "" {
			return why
		}
	}
	return ""
}

// partTypes are the media types that a document gives to its parts, by name and by extension, in lower case.
type partTypes struct{ byName, byExt map[string]string }

func (t partTypes) of(name string) string {
	if media := t.byName["/"+name]; media != "" {
		return media
	}
	return t.byExt[strings.TrimPrefix(path.Ext(name), ".")]
}

// contentTypes reads the types, and refuses a document that names one of macros.
func contentTypes(r *zip.Reader) (partTypes, string) {
	t := partTypes{byName: map[string]string{}, byExt: map[string]string{}}
	for _, f := range r.File {
		if !strings.EqualFold(f.Name, "[Content_Types].xml") {
			continue
		}
		err := eachElement(f, func(e xml.StartElement) {
			media := strings.ToLower(attribute(e, "ContentType"))
			switch e.Name.Local {
			case "Default":
				t.byExt[strings.ToLower(attribute(e, "Extension"))] = media
			case "Override":
				t.byName[strings.ToLower(attribute(e, "PartName"))] = media
			}
		})
		if err != nil {
			return t, whyUnread
		}
	}
	for _, media := range t.byName {
		if why := refuseType(media); why != "" {
			return t, why
		}
	}
	return t, ""
}

func refuseType(media string) string {
	switch {
	case strings.Contains(media, "macroenabled"), strings.Contains(media, "vbaproject"), strings.Contains(media, "vbadata"):
		return whyMacros
	case strings.Contains(media, "oleobject"), strings.Contains(media, "activex"):
		return whyEmbedded
	}
	return ""
}

var (
	macroParts  = regexp.MustCompile(`(^|/)vba(project\.bin|data\.xml)$|^(basic|scripts)/`)
	objectParts = regexp.MustCompile(`(^|/)activex/|(^|/)embeddings/[^/]*\.bin$`)
)

func refuseName(name string) string {
	switch {
	case macroParts.MatchString(name):
		return whyMacros
	case objectParts.MatchString(name):
		return whyEmbedded
	}
	return ""
}

// refusePart looks into one part, by what it is: relationships, text with fields, a document within.
func refusePart(f *zip.File, name string, depth int) string {
	head, err := readEntry(f, 8)
	switch {
	case f.Flags&1 != 0:
		return "" // its listing says that it is protected
	case err != nil:
		return whyDamaged
	case bytes.HasPrefix(head, []byte(oleSignature[:4])), bytes.HasPrefix(head, []byte("MZ")):
		return whyEmbedded
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return refuseInner(f, depth)
	case strings.HasSuffix(name, ".rels"):
		return refuseRelations(f, strings.Contains(name, "charts/"))
	case name == "meta-inf/manifest.xml", name == "content.xml", name == "styles.xml",
		strings.HasSuffix(name, "/content.xml"), strings.HasPrefix(name, "word/") && path.Ext(name) == ".xml":
		return refuseText(f)
	}
	return ""
}

// refuseInner looks into a workbook in which a chart keeps its figures.
func refuseInner(f *zip.File, depth int) string {
	b, err := readEntry(f, maxInner)
	if err != nil || len(b) == maxInner || depth > 0 {
		return whyEmbedded
	}
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil || !isDocument(r) {
		return whyEmbedded
	}
	return refuseDocument(r, depth+1)
}

// refuseRelations reads what the parts of a document refer to. Links and pictures on the author's own disk are
// harmless, and so is the workbook of a chart.
func refuseRelations(f *zip.File, ofChart bool) (why string) {
	err := eachElement(f, func(e xml.StartElement) {
		if e.Name.Local != "Relationship" || why != "" {
			return
		}
		external := strings.EqualFold(attribute(e, "TargetMode"), "External")
		switch strings.ToLower(path.Base(attribute(e, "Type"))) {
		case "vbaproject", "wordvbadata":
			why = whyMacros
		case "oleobject", "control", "afchunk", "activexcontrolbinary":
			why = whyEmbedded
		case "package":
			if !ofChart || external {
				why = whyEmbedded
			}
		case "hyperlink":
		default:
			if external && isRemote(attribute(e, "Target")) {
				why = whyRemote
			}
		}
	})
	if err != nil {
		return whyUnread
	}
	return why
}

var (
	drive  = regexp.MustCompile(`^/*[a-z][:|]`)
	scheme = regexp.MustCompile(`^[a-z][a-z0-9+.-]+:`)
)

// isRemote reports whether a target is somewhere else than on the author's own disk or in an email.
func isRemote(target string) bool {
	if plain, err := url.PathUnescape(target); err == nil {
		target = plain
	}
	target = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(target)), `\`, "/")
	of, isFile := strings.CutPrefix(target, "file:")
	switch {
	case drive.MatchString(of):
		return false
	case isFile:
		slashes := len(of) - len(strings.TrimLeft(of, "/"))
		return slashes == 2 || slashes > 3
	case strings.HasPrefix(target, "cid:"), strings.HasPrefix(target, "mid:"), strings.HasPrefix(target, "about:"):
		return false
	}
	return strings.HasPrefix(target, "//") || scheme.MatchString(target)
}

// dde is a field that has another program send it something (ECMA-376 part 1 section 17.16).
var dde = regexp.MustCompile(`(?i)(^|[\s"])DDE(AUTO)?[\s"]`)

// refuseText reads the fields of a document's text, and the scripts and objects of OpenDocument. What is not
// well-formed no program opens.
func refuseText(f *zip.File) (why string) {
	var fields strings.Builder
	inField := false
	_ = eachToken(f, func(t xml.Token) {
		switch t := t.(type) {
		case xml.StartElement:
			inField = t.Name.Local == "instrText"
			fields.WriteString(attribute(t, "instr"))
			if w := refuseElement(t); why == "" {
				why = w
			}
		case xml.EndElement:
			inField = false
			if t.Name.Local == "p" {
				fields.WriteByte('\n')
			}
		case xml.CharData:
			if inField {
				fields.Write(t)
			}
		}
	})
	if why == "" && dde.MatchString(fields.String()+" ") {
		return whyRemote
	}
	return why
}

// refuseElement looks at one element of OpenDocument (parts 2 and 3).
func refuseElement(e xml.StartElement) string {
	link := attribute(e, "href")
	switch {
	case e.Name.Local == "event-listener", strings.HasPrefix(link, "vnd.sun.star.script:"):
		return whyMacros
	case e.Name.Local == "file-entry" && strings.Contains(attribute(e, "media-type"), "oleobject"),
		e.Name.Local == "object-ole", e.Name.Local == "applet", e.Name.Local == "plugin":
		return whyEmbedded
	case e.Name.Local == "dde-source", e.Name.Local == "dde-connection-decl":
		return whyRemote
	case (e.Name.Local == "section-source" || e.Name.Local == "image" || e.Name.Local == "object" ||
		e.Name.Local == "floating-frame") && isRemote(link):
		return whyRemote
	}
	return ""
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func eachElement(f *zip.File, do func(xml.StartElement)) error {
	return eachToken(f, func(t xml.Token) {
		if e, ok := t.(xml.StartElement); ok {
			do(e)
		}
	})
}

// eachToken reads an entry of XML. The error says that it was not read to its end.
func eachToken(f *zip.File, do func(xml.Token)) error {
	content, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // read only
	d := xml.NewDecoder(io.LimitReader(content, maxXML))
	for {
		t, err := d.RawToken()
		switch {
		case errors.Is(err, io.EOF) && d.InputOffset() < maxXML:
			return nil
		case err != nil:
			return err
		}
		do(t)
	}
}

// readEntry reads the beginning of an entry.
func readEntry(f *zip.File, limit int64) ([]byte, error) {
	content, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = content.Close() }() // read only
	return io.ReadAll(io.LimitReader(content, limit))
}
