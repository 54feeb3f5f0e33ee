package notify

import (
	"bytes"
	"fmt"
	"image/png"
	"maps"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"

	"mfabot/intake"
)

// strange is how somebody may write what a letter of ours repeats: a line, a text, an address and the name of a file.
type strange struct {
	name                      string
	line, text, address, file string
}

const (
	evil = "APPROVE\r\nReject it\u2028> INFO x\n\u202e\u200bＡＰＰＲＯＶＥ\x1b[2J\x00\n• “withdraw”\n1) revoke\n" +
		"User: evil@evil.test\nBcc: all@evil.test\r\n\r\n<script>alert(1)</script><b>bold</b> **bold** {{.Token}} &lt;i&gt; \" onclick=alert(1) '"
	sara = "سارة الخطيب"
	noa  = "נועה כהן"
)

// oddKinds are the kinds of strange data. The last has nothing that may be left out.
func oddKinds() []strange {
	long := strings.Repeat("Wolfeschlegelsteinhausen", 21)[:500]
	return []strange{
		{"hostile", evil, evil, `"<script>alert(1)</script>&body=APPROVE"@evil.test`, evil + strings.Repeat("é", 500) + ".pdf"},
		{"long", long, strings.Repeat(long+"\n\nand so on, and on. ", 12), strings.Repeat("o'brien-", 30) + "@" + strings.Repeat("x-y.", 30) + "test",
			long + ".pdf"},
		{"right-to-left", sara, sara + " 5 " + noa + ".\n" + noa + ": MFA (SMS)!", "sara@care.test", sara + " (2).pdf"},
		{"empty", "", "", "", ""},
	}
}

// came names the facts that come by mail, or out of a directory, with what each is.
var came = map[string]func(strange) string{
	"Name": strange.aLine, "By": strange.aLine, "RequestedBy": strange.aLine, "Headline": strange.aLine, "Event": strange.aLine, "DirectoryName": strange.aLine,
	"Department": strange.aLine, "ReasonWords": strange.aLine, "InPlaceOf": strange.aLine, "Asked": strange.aLine, "Typed": strange.aLine, "Sender": strange.aLine, "Role": strange.aLine,
	"Telephone": strange.aLine, "Lines": strange.aLine, "Label": strange.aLine, "Note": strange.aLine,
	"Todo": strange.aLine, "Justification": strange.aText, "Said": strange.aText, "Text": strange.aText, "Unknown": strange.anAddress, "SignIn": strange.anAddress,
	"Filename": strange.aFile, "Files": strange.aFile,
}

func (o strange) aLine() string     { return o.line }
func (o strange) aText() string     { return o.text }
func (o strange) anAddress() string { return o.address }
func (o strange) aFile() string     { return o.file }

// mayBeMissing are the facts that no letter needs.
var mayBeMissing = []string{"History", "Together", "Before", "Writer", "Records", "SameFiles", "Evidence", "Reasons",
	"Lines", "Todo", "ReasonWords", "Unknown",
	"Asked", "Files", "ReceivedAt", "At", "Latest", "AuthMethod"}

// made returns a copy of facts in which all that came by mail is of this kind.
func (o strange) made(v reflect.Value, field string) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	switch {
	case o.line == "" && slices.Contains(mayBeMissing, field):
		out.SetZero()
	case v.Kind() == reflect.Struct && v.Type() != reflect.TypeOf(monday):
		for i := range v.NumField() {
			out.Field(i).Set(o.made(v.Field(i), v.Type().Field(i).Name))
		}
	case v.Kind() == reflect.Slice:
		out.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			out.Index(i).Set(o.made(v.Index(i), field))
		}
	case v.Kind() == reflect.String && came[field] != nil && v.Len() > 0:
		out.SetString(came[field](o))
	case v.Kind() == reflect.String && field == "Email" && o.address != "" && v.Len() > 0:
		out.SetString(o.address)
	}
	return out
}

// oddSamples returns every letter with data of every strange kind.
func oddSamples() []sample {
	var out []sample
	for _, kind := range oddKinds() {
		for _, s := range samples() {
			s.name = kind.name + "-" + s.name
			s.letter.Facts = kind.made(reflect.ValueOf(s.letter.Facts), "").Interface().(intake.Facts)
			s.letter.Attach = slices.Clone(s.letter.Attach)
			for i := range s.letter.Attach {
				s.letter.Attach[i].Filename, s.letter.Attach[i].MediaType = kind.file, "text/html\r\nX-Evil: 1"
			}
			out = append(out, s)
		}
	}
	return out
}

// oneOfEach keeps the first letter of each template and kind.
func oneOfEach(all []sample) []sample {
	seen := make(map[string]bool)
	return slices.DeleteFunc(all, func(s sample) bool {
		kind := slices.IndexFunc(oddKinds(), func(o strange) bool { return strings.HasPrefix(s.name, o.name) })
		key := fmt.Sprint(kind, s.letter.Template)
		was := seen[key]
		seen[key] = true
		return was
	})
}

// TestOdd: whatever somebody writes, a letter has our header, our elements with their styles, links that open an answer to us, and
// the same words in both its forms.
func TestOdd(t *testing.T) {
	c := testComposer(t)
	for _, s := range append(samples(), oddSamples()...) {
		t.Run(s.name, func(t *testing.T) {
			raw := composed(t, c, s.letter)
			checkHeader(t, raw)
			_, leaves := partsOf(t, raw)
			text, page := strings.ReplaceAll(string(leaves[0].content), "\r", ""), leaves[1].content
			for name, said := range map[string]string{"text": text, "HTML": string(page)} {
				if i := strings.IndexFunc(said, neverSaid); i >= 0 {
					t.Errorf("%s with %q", name, said[i:min(i+20, len(said))])
				}
			}
			seen := readOdd(t, page)
			for _, fault := range seen.faults {
				t.Error(fault)
			}
			if onlyText, onlyPage := difference(t, text, seen.said.String(), s.letter.To); len(onlyText)+len(onlyPage) > 0 {
				t.Errorf("only in the text: %.300q\nonly in the HTML: %.300q", onlyText, onlyPage)
			}
			for _, leaf := range leaves[2:] {
				if !expected(leaf) {
					t.Errorf("attachment %q of type %q: %.300q", leaf.filename, leaf.mediaType, leaf.content)
				}
			}
		})
	}
}

// expected reports whether a file is one that we attach: evidence, whose type is not what its sender says where that could be
// dangerous, or one that we write.
func expected(file part) bool {
	switch file.filename {
	case "MFA exception.ics":
		return file.mediaType == "text/calendar" && bytes.Count(file.content, []byte("BEGIN:VALARM")) <= 1
	case "chart.png":
		_, err := png.Decode(bytes.NewReader(file.content))
		return file.mediaType == "image/png" && err == nil
	case "MFA report 2026-05.csv":
		return file.mediaType == "text/csv" && bytes.HasPrefix(file.content, []byte("\ufeffsection,name,value\r\n"))
	case "What the site wrote.txt":
		return file.mediaType == "text/plain"
	}
	return file.mediaType == "application/octet-stream" || file.mediaType == "application/pdf"
}

// TestOddGolden shows what strange data makes of each template.
func TestOddGolden(t *testing.T) {
	c := testComposer(t)
	shown := make(map[string]*bytes.Buffer)
	for _, s := range oneOfEach(oddSamples()) {
		email, err := c.Render(s.letter, monday)
		if err != nil {
			t.Fatal(err)
		}
		kind := oddKinds()[slices.IndexFunc(oddKinds(), func(o strange) bool { return strings.HasPrefix(s.name, o.name) })].name
		if shown[kind] == nil {
			shown[kind] = new(bytes.Buffer)
		}
		fmt.Fprintf(shown[kind], "-- %s --\nSubject: %s\n\n%s\n", s.letter.Template, email.Subject, email.Text)
	}
	for kind, all := range shown {
		golden(t, "odd/"+kind+".txt", again.ReplaceAllFunc(all.Bytes(), func(run []byte) []byte {
			word := again.FindSubmatch(run)[1]
			return fmt.Appendf(nil, "%s(%d times)", word, len(run)/len(word))
		}))
	}
}

// again matches what is long only because it is said again and again.
var again = regexp.MustCompile(`(Wolfeschlegelsteinhausen|o'brien-|x-y\.)(?:Wolfeschlegelsteinhausen|o'brien-|x-y\.){2,}`)

// neverSaid is what no letter says, whoever wrote it: what is invisible, moves the cursor or turns the direction.
func neverSaid(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.IsControl(r) && r != '\n' && r != '\r'
}

// ourFields are the fields that a letter may have.
var ourFields = strings.Fields("Auto-Submitted Content-Type Date From In-Reply-To MIME-Version Message-ID References Reply-To Subject To " +
	"X-Auto-Response-Suppress X-Mfabot")

func checkHeader(t *testing.T, raw []byte) {
	t.Helper()
	for line := range bytes.Lines(raw) {
		if len(line) > 998 {
			t.Errorf("a line of %d bytes: %.80q", len(line), line)
		}
	}
	header, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for field := range strings.SplitSeq(strings.ReplaceAll(string(header), "\r\n ", " "), "\r\n") {
		name, value, _ := strings.Cut(field, ":")
		if !slices.Contains(ourFields, name) || strings.ContainsAny(value, "\r\n") {
			t.Errorf("a field %.80q", field)
		}
	}
	parsed, _ := partsOf(t, raw)
	if subject, err := parsed.Text("Subject"); err != nil || strings.ContainsFunc(subject, neverSaid) || strings.Contains(subject, "\n") {
		t.Errorf("subject %q, %v", subject, err)
	}
}

// What a letter is made of. A style or a class of ours says nothing that somebody else wrote.
var (
	ourElements = strings.Fields("html head meta title style body div h1 h2 h3 p ul ol li dl dt dd table tbody tr td " +
		"blockquote a strong span wbr br img thead th")
	ourAttrs = strings.Fields("lang dir role aria-roledescription aria-hidden class style href charset name content " +
		"cellpadding cellspacing border bgcolor height width scope src alt")
)

// oddPage is what a page shows, and what is wrong with it.
type oddPage struct {
	said   strings.Builder
	faults []string
}

func readOdd(t *testing.T, source []byte) *oddPage {
	t.Helper()
	p := new(oddPage)
	root, err := html.Parse(bytes.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		switch n.Type {
		case html.ElementNode:
			p.element(n)
		case html.TextNode:
			p.text(n)
		}
	}
	return p
}

func (p *oddPage) element(n *html.Node) {
	if !slices.Contains(ourElements, n.Data) {
		p.faults = append(p.faults, "an element "+n.Data)
	}
	if class := attribute(n, "class"); class != "" && attribute(n, "style") == "" { // webmail drops what a style sheet says
		p.faults = append(p.faults, "nothing but a style sheet for "+class)
	}
	for _, a := range n.Attr {
		switch {
		case !slices.Contains(ourAttrs, a.Key):
			p.faults = append(p.faults, "an attribute "+a.Key)
		case a.Key == "src" && !ourPicture.MatchString(a.Val):
			p.faults = append(p.faults, "a picture "+a.Val)
		case a.Key == "href":
			p.faults = append(p.faults, faultsOfLink(a.Val)...)
		}
	}
	if !slices.Contains([]string{"span", "strong", "a", "wbr"}, n.Data) {
		p.said.WriteString(" ")
	}
	if n.Data == "title" && n.FirstChild != nil && len([]rune(n.FirstChild.Data)) > titleAtMost {
		p.faults = append(p.faults, "a title that is too long: "+n.FirstChild.Data)
	}
}

// text takes what is shown, and wants what is written from right to left in an element that may turn.
func (p *oddPage) text(n *html.Node) {
	turns := false
	for a := n.Parent; a != nil; a = a.Parent {
		turns = turns || attribute(a, "dir") == "auto"
		if a.Data == "head" || attribute(a, "aria-hidden") != "" || attribute(a, "class") == "press" {
			return
		}
	}
	if !turns && strings.ContainsFunc(n.Data, func(r rune) bool { return unicode.In(r, unicode.Arabic, unicode.Hebrew) }) {
		p.faults = append(p.faults, "turns what is beside it: "+n.Data)
	}
	p.said.WriteString(n.Data)
}

// ourPicture matches what shows a picture that the letter brings along.
var ourPicture = regexp.MustCompile(`^cid:chart-[0-9a-f]{24}@helpdesk\.test$`)

// encodedLink matches a mailto link as RFC 6068 has it, with a subject and a body.
var encodedLink = regexp.MustCompile(`^mailto:mfa@helpdesk\.test\?subject=(?:[\w.~-]|%[0-9A-F]{2})+&body=(?:[\w.~-]|%[0-9A-F]{2})+$`)

// faultsOfLink says what is wrong with a link: each opens an answer to us, of few lines.
func faultsOfLink(link string) (faults []string) {
	if strings.HasPrefix(link, "tel:") {
		return nil
	}
	if !encodedLink.MatchString(link) {
		return []string{"a link " + link}
	}
	u, err := url.Parse(link)
	if err != nil {
		return []string{err.Error()}
	}
	subject, body := u.Query().Get("subject"), u.Query().Get("body")
	if strings.ContainsFunc(subject, unicode.IsControl) {
		faults = append(faults, fmt.Sprintf("a link with the subject %q", subject))
	}
	lines := strings.Split(body, "\r\n")
	if len(lines) > 6 || slices.ContainsFunc(lines, func(line string) bool { return strings.ContainsFunc(line, neverSaid) }) {
		faults = append(faults, fmt.Sprintf("a link with the body %q", body))
	}
	return faults
}

// notWords matches what only the text has: underlines, marks of items, steps and quotations, and links.
var notWords = regexp.MustCompile(`(?m)^=+$|^-{2,} ?$|^ *(?:- |\d+\. |\| |\|$)|mailto:\S+`)

// inParts matches what is no word in the parts of the two forms.
var inParts = regexp.MustCompile(`\{\{[^}]*\}\}|<[^>]*>`)

// words returns the words of a text, once each.
func words(text string) map[string]bool {
	out := make(map[string]bool)
	for _, word := range strings.Fields(text) {
		if word = strings.Trim(word, `.,:;()[]"“”`); word != "" {
			out[word] = true
		}
	}
	return out
}

// inSay matches words of a part that have a language.
var inSay = regexp.MustCompile(`say "([^"]*)"`)

// difference returns the words that only one of the two forms has, but for those of the parts that each form has for itself. With
// the buttons, which the text has not, stands from which address to send: the one that the letter comes to.
func difference(t *testing.T, text, page, to string) (onlyText, onlyPage []string) {
	t.Helper()
	missing := func(from, in map[string]bool, parts string) (out []string) {
		source, err := os.ReadFile("../templates/" + parts)
		if err != nil {
			t.Fatal(err)
		}
		inWelsh, err := os.ReadFile("../templates/cy/words.toml")
		if err != nil {
			t.Fatal(err)
		}
		own := words(html.UnescapeString(inParts.ReplaceAllString(inSay.ReplaceAllString(string(source), "}}$1{{"), " ")))
		maps.Copy(own, words(strings.ReplaceAll(string(inWelsh), `"`, " ")))
		for word := range from {
			if !in[word] && !own[word] && word != to {
				out = append(out, word)
			}
		}
		slices.Sort(out)
		return out
	}
	inText, inPage := words(notWords.ReplaceAllString(text, " ")), words(page)
	return missing(inText, inPage, "parts.txt"), missing(inPage, inText, "parts.html")
}
