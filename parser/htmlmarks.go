package parser

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// element is what matters of an HTML element's attributes, the style without blanks and in lower case.
type element struct {
	atom    atom.Atom
	id      string
	name    string
	classes []string
	style   string
	kind    string
	src     string
	bgcolor string
	color   string
	hidden  bool
	width   string
	height  string
}

func readElement(n *html.Node) element {
	e := element{atom: n.DataAtom}
	for _, a := range n.Attr {
		switch a.Key {
		case "id":
			e.id = strings.TrimSpace(a.Val)
		case "name":
			e.name = strings.TrimSpace(a.Val)
		case "class":
			e.classes = strings.Fields(a.Val)
		case "style":
			e.style = squeeze(a.Val)
		case "type":
			e.kind = strings.ToLower(a.Val)
		case "src":
			e.src = a.Val
		case "bgcolor", "background":
			e.bgcolor = squeeze(a.Val)
		case "color":
			e.color = squeeze(a.Val)
		case "hidden":
			e.hidden = true
		case "data-signatureblock": // Windows Mail
			e.classes = append(e.classes, "signature")
		case "width":
			e.width = strings.TrimSpace(a.Val)
		case "height":
			e.height = strings.TrimSpace(a.Val)
		}
	}
	return e
}

// squeeze returns s in lower case without white space.
func squeeze(s string) string {
	if !strings.ContainsFunc(s, unicode.IsSpace) {
		return strings.ToLower(s)
	}
	return strings.ToLower(strings.Join(strings.Fields(s), ""))
}

// isSpaced tells a paragraph that is set apart by blank lines. Those of Word are not.
func (e element) isSpaced() bool {
	if e.atom != atom.P || strings.Contains(e.style, "margin:0") || strings.Contains(e.style, "margin-top:0") {
		return false
	}
	for _, class := range e.classes {
		if strings.HasPrefix(class, "Mso") {
			return false
		}
	}
	return true
}

type role uint8

const (
	roleNone role = iota
	roleQuote
	roleAttribution
	roleSignature
	roleCut // everything from this element to the end of the document is quoted
)

// clientMarks are the ids, names and classes by which mail clients mark their parts of a message. Exchange and Outlook on the web
// put "x_" before those of the mail that is answered.
var clientMarks = map[string]role{
	"appendonsend":                            roleCut, // Outlook on the web, new Outlook, Outlook mobile
	"divrplyfwdmsg":                           roleCut,
	"olk_src_body_section":                    roleCut, // Outlook for Mac
	"mail-editor-reference-message-container": roleCut, // Outlook for Mac and mobile
	"ms-outlook-mobile-reference-message":     roleCut,
	"outlookmessageheader":                    roleCut, // Outlook 2003
	"replyforwardedmessage":                   roleCut,
	"stopspelling":                            roleCut, // Hotmail
	"zwchr":                                   roleCut, // Zimbra
	"moz-forward-container":                   roleCut, // Thunderbird
	"orimsghtmlseperator":                     roleCut,
	"yahoo_quoted":                            roleQuote,
	"yahooquoted":                             roleQuote,
	"protonmail_quote":                        roleQuote,
	"tutanota_quote":                          roleQuote,
	"gmail_quote_attribution":                 roleAttribution,
	"messagereplysection":                     roleQuote, // Spark
	"sh-quoted":                               roleQuote, // Superhuman
	"mailmaster_quote":                        roleQuote,
	"quoted-text":                             roleQuote,
	"ymail_quote":                             roleQuote,
	"gmail_attr":                              roleAttribution,
	"moz-cite-prefix":                         roleAttribution,
	"moz-email-headers-table":                 roleAttribution,
	"reply-intro":                             roleAttribution, // Roundcube
	"gmail_signature":                         roleSignature,
	"gmail_signature_prefix":                  roleSignature,
	"moz-signature":                           roleSignature,
	"signature":                               roleSignature, // Outlook on the web
	"signatureid":                             roleSignature,
	"ms-outlook-mobile-signature":             roleSignature,
	"applemailsignature":                      roleSignature,
	"applemailsignatureid":                    roleSignature,
	"protonmail_signature_block":              roleSignature,
	"tutanota-signature":                      roleSignature,
	"ydpsignature":                            roleSignature,
	"zimbra-signature":                        roleSignature,
	"messagesignaturesection":                 roleSignature, // Spark
	"composer_signature":                      roleSignature, // Samsung
	"bloop_sign":                              roleSignature, // Airmail
	"front-signature":                         roleSignature,
	"k9mail-signature":                        roleSignature,
	"airmail_on":                              roleAttribution,
	"front-blockquote":                        roleQuote,
	"missive_quote":                           roleQuote,
	"isreplycontent":                          roleQuote, // 163
	"ntes-mailmaster-quote":                   roleQuote,
	"zmail_extra":                             roleQuote, // Zoho
	"blockquote_zmail":                        roleQuote,
}

// outlookHeader is the line above the header block of a mail that desktop Outlook answers.
var outlookHeader = regexp.MustCompile(`border(-top|-left-color)?:(none;border-top:)?(solid(#e1e1e1|#b5c4df|windowtext)1\.0pt|1pt solid#e1e1e1|1\.0ptsolid(#e1e1e1|#b5c4df))`)

// gmailIndent is the indentation that Gmail's toolbar makes with a blockquote.
var gmailIndent = regexp.MustCompile(`margin:00040px;border:(none|medium|0)`)

func (e element) role() role {
	if r := markOf(e.id); r != roleNone {
		return r
	}
	if r := markOf(e.name); r != roleNone {
		return r
	}
	for _, class := range e.classes {
		if r := markOf(class); r != roleNone {
			return r
		}
	}
	if e.atom == atom.Blockquote && !(e.kind == "" && gmailIndent.MatchString(e.style)) {
		return roleQuote
	}
	if e.atom == atom.Div && outlookHeader.MatchString(e.style) {
		return roleCut
	}
	return roleNone
}

// markOf looks up an id, name or class.
func markOf(key string) role {
	if key == "" {
		return roleNone
	}
	key = strings.ToLower(key)
	if r, ok := clientMarks[key]; ok {
		return r
	}
	if strings.HasPrefix(key, "x_") {
		return clientMarks[strings.TrimLeft(key, "x_")]
	}
	return roleNone
}

var (
	hiddenStyle = regexp.MustCompile(`(^|;)(display:none|visibility:(hidden|collapse)|mso-hide:all|opacity:0(\.0\d*)?(;|!|$)|text-decoration(-line)?:[^;]*line-through|font-size:([01](\.\d+)?(px|pt)|0(\.0*)?(em|rem|%|;|!|$))|` +
		`(max-)?(height|width):0(px|pt|em|%|;|!|$)|text-indent:-\d{3,}|(left|top|right|margin-left|margin-top):-\d{3,}|clip:rect\(0|font:0|transform:scale\(0)`)
	colourStyle     = regexp.MustCompile(`(?:^|;)color:([^;!]+)`)
	backgroundStyle = regexp.MustCompile(`(?:^|;)background(-color)?:([^;!]+)`)
	whiteColour     = regexp.MustCompile(`^(white|snow|ivory|ghostwhite|transparent|#f[c-f]f[c-f]f[c-f]|#fff|#ffff[c-f].|rgba?\(25[0-5],25[0-5],25[0-5].*|rgba\(.*,0(\.0+)?\)|hsla?\(.*,(9[89]|100)%.*)$`)
	hidingRule      = regexp.MustCompile(`\.([\w-]+)\s*\{[^{}]*(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|mso-hide\s*:\s*all)[^{}]*$`)
)

// look is what an element's style says of its visibility.
type look struct {
	hidden bool
	white  bool // the text is written in white
	paints bool // there is a background other than white
}

// lookOf reads a style once, as documents repeat few styles many times.
func (h *htmlReader) lookOf(style string) look {
	if style == "" {
		return look{}
	}
	l, ok := h.looks[style]
	if ok {
		return l
	}
	l.hidden = hiddenStyle.MatchString(style)
	if m := colourStyle.FindStringSubmatch(style); m != nil {
		l.white = whiteColour.MatchString(m[1])
	}
	if m := backgroundStyle.FindStringSubmatch(style); m != nil {
		l.paints = !whiteColour.MatchString(m[2]) && m[2] != "none" && m[2] != "inherit" && m[2] != "initial"
	}
	h.looks[style] = l
	return l
}

// isHidden tells what no mail client would show, and whether something is painted behind what it does show.
func (h *htmlReader) isHidden(e element, s htmlState) (hidden, background bool) {
	l := h.lookOf(e.style)
	if e.color != "" && !l.white {
		l.white = whiteColour.MatchString(e.color)
	}
	background = s.background || l.paints || e.bgcolor != "" && !whiteColour.MatchString(e.bgcolor)
	hidden = e.hidden || l.hidden || l.white && !background || e.atom != atom.Img && (e.width == "0" || e.height == "0")
	for _, class := range e.classes {
		hidden = hidden || h.hidden[strings.ToLower(class)]
	}
	return hidden, background
}

// hiddenClasses finds the classes that the document's own style sheet hides.
func hiddenClasses(source string) map[string]bool {
	classes := map[string]bool{}
	source = source[:min(len(source), maxStyleBytes)]
	start := indexTag(source, "style")
	if start < 0 {
		return classes
	}
	for rest := source[start:]; ; {
		rule, after, closed := strings.Cut(rest, "}")
		if !closed {
			return classes
		}
		if m := hidingRule.FindStringSubmatch(rule); m != nil {
			classes[strings.ToLower(m[1])] = true
		}
		rest = after
	}
}

// indexTag returns where an element of that name first begins, or -1.
func indexTag(source, name string) int {
	for from := 0; ; from++ {
		i := strings.IndexByte(source[from:], '<')
		if i < 0 {
			return -1
		}
		from += i
		if rest := source[from+1:]; len(rest) >= len(name) && strings.EqualFold(rest[:len(name)], name) {
			return from
		}
	}
}
