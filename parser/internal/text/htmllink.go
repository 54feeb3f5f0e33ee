package text

import (
	"strings"

	"golang.org/x/net/html"

	"mfabot/parser/internal/mime"
)

// link notes a link to a web page for the line being written.
func (h *htmlReader) link(n *html.Node, target string) {
	if !isWeb(target) {
		return
	}
	var words strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && words.Len() < maxLinkText {
			words.WriteString(d.Data)
		}
	}
	h.links = &Link{target, strings.Join(strings.Fields(words.String()), " "), h.links}
}

func isWeb(target string) bool {
	scheme, _, _ := strings.Cut(target, "://")
	return strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http")
}

// mailto begins a link that writes to an address (RFC 6068).
const mailto = "mailto:"

// linked writes the address to which a link writes, behind a name that does not show it: people link a name, and Outlook
// does where somebody is mentioned.
func (h *htmlReader) linked(target string, s htmlState) {
	if s.quote > 0 || s.mark != Unmarked || h.cutting || s.preserve || h.current.Len() == 0 ||
		len(target) < len(mailto) || !strings.EqualFold(target[:len(mailto)], mailto) {
		return
	}
	target, _, _ = strings.Cut(target[len(mailto):], "?")
	address := mime.BareAddress(strings.TrimSpace(target))
	if address != "" && !strings.Contains(strings.ToLower(h.current.String()), strings.ToLower(address)) {
		h.current.WriteString(" <" + address + ">")
	}
}
