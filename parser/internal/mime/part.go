package mime

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// Part is one node of the MIME tree (RFC 2045, RFC 2046).
type Part struct {
	// Path is the position: "" for the message, "1", "1.2". The parts of an attached message are numbered
	// below its own position.
	Path        string
	Parent      *Part
	Children    []*Part
	Header      Header
	MediaType   string
	Params      Parameters
	Disposition string
	DispParams  Parameters
	Nested      int  // how many attached messages it is inside
	HeaderCut   bool // fields were left out of its header

	Text []byte // decoded content of a text part or a delivery report
	Why  string // why it does not count as evidence, if reading its content showed that
	// Unread means that something in it was left out for its number or depth.
	Unread bool
}

// String returns the part's name in warnings: "part 1.2".
func (p *Part) String() string { return "part " + p.Path }

// Filename returns the name the sender gave, decoded but not yet made safe.
func (p *Part) Filename() string {
	if name := p.DispParams["filename"]; name != "" {
		return name
	}
	return p.Params["name"]
}

// IsMultipart reports whether the part is made up of others.
func (p *Part) IsMultipart() bool { return strings.HasPrefix(p.MediaType, "multipart/") }

// IsMessage reports whether the part is an attached message (RFC 2046 section 5.2.1, RFC 6532).
func (p *Part) IsMessage() bool {
	return p.MediaType == "message/rfc822" || p.MediaType == "message/global"
}

// IsBody reports whether the part is text to read, rather than a file.
func (p *Part) IsBody() bool {
	switch p.MediaType {
	case "text/plain", "text/html", "text/markdown", "text/enriched", "text/x-markdown":
	default:
		return false
	}
	if p.Disposition == "attachment" {
		return false
	}
	// Some clients name the body itself; a named part among others is a file.
	alternative := p.Parent != nil && p.Parent.MediaType == "multipart/alternative"
	return p.Filename() == "" || p.Disposition == "" && (p.Parent == nil || alternative)
}

// IsSMIME reports whether the part is a CMS object containing mail (RFC 8551 section 3.2), including under
// the type that gateways give it.
func (p *Part) IsSMIME() bool {
	switch p.MediaType {
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		return true
	case "application/octet-stream":
		return strings.EqualFold(path.Ext(p.Filename()), ".p7m")
	}
	return false
}

// IsBodySMIME reports whether the part is S/MIME that is the message itself, rather than an attached file.
func (p *Part) IsBodySMIME() bool {
	return p.IsSMIME() && (p.Parent == nil || p.Parent.IsMessage() || p.Parent.IsBodySMIME())
}

// Wraps returns how many files the part is inside.
func (p *Part) Wraps() int {
	n := 0
	for q := p.Parent; q != nil; q = q.Parent {
		if !q.IsMultipart() && !q.IsMessage() {
			n++
		}
	}
	return n
}

// AnyUnread reports whether something in the part, at whatever depth, was left out.
func (p *Part) AnyUnread() bool {
	return p.Unread || slices.ContainsFunc(p.Children, (*Part).AnyUnread)
}

// Add adds a file found inside the part.
func (p *Part) Add(mediaType, name string) *Part {
	child := &Part{Parent: p, Nested: p.Nested, Path: p.Path + "." + strconv.Itoa(len(p.Children)+1),
		MediaType: mediaType, Params: Parameters{}, Disposition: "attachment", DispParams: Parameters{}}
	if name != "" {
		child.DispParams["filename"] = name
	}
	p.Children = append(p.Children, child)
	return child
}

// place gives a part that is not a multipart its own position: a single body is the first part of its
// message.
func (p *Part) place() {
	if p.Parent == nil || !p.Parent.IsMultipart() {
		p.Path = childPath(p, 1)
	}
}

func childPath(p *Part, n int) string {
	if p.Path == "" {
		return strconv.Itoa(n)
	}
	return p.Path + "." + strconv.Itoa(n)
}

// decoderOf returns the decoder that the part's header calls for.
func decoderOf(p *Part, to Sink) decoder {
	d, _ := newDecoder(Keyword(p.Header.First("Content-Transfer-Encoding")), to)
	return d
}

func plainEncoding(p *Part) bool {
	_, plain := decoderOf(p, Nowhere{}).(*plainDecoder)
	return plain
}
