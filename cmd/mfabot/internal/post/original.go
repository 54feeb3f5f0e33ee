package post

import (
	"bytes"
	"io"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // for charsets other than UTF-8
	gomail "github.com/emersion/go-message/mail"
	"golang.org/x/net/html"
)

// original is what a client shows of the message it answers.
type original struct {
	from, replyTo mail.Address
	to            []mail.Address
	subject       string
	date          time.Time
	messageID     string
	references    []string
	threadIndex   string
	text          string // with \n
	html          string // what is between the body tags
}

// readOriginal reads a message as leniently as clients do: what cannot be read is left out.
func readOriginal(raw []byte) original {
	entity, _ := message.Read(bytes.NewReader(raw))
	if entity == nil {
		return original{}
	}
	h := gomail.Header{Header: entity.Header}
	o := original{
		messageID:   strings.TrimSpace(h.Get("Message-Id")),
		references:  strings.Fields(h.Get("References")),
		threadIndex: h.Get("Thread-Index"),
		to:          addressField(h, "To"),
	}
	o.subject, _ = h.Subject()
	o.date, _ = h.Date()
	if from := addressField(h, "From"); len(from) > 0 {
		o.from, o.replyTo = from[0], from[0]
	}
	if replyTo := addressField(h, "Reply-To"); len(replyTo) > 0 {
		o.replyTo = replyTo[0]
	}
	_ = entity.Walk(func(_ []int, part *message.Entity, err error) error {
		if part == nil || err != nil && !message.IsUnknownCharset(err) {
			return err
		}
		o.take(part)
		return nil
	})
	switch {
	case o.html == "":
		o.html = paragraphs(strings.Split(o.text, "\n"), "<div>", "</div>", "<br>")
	case o.text == "":
		o.text = plainText(o.html)
	}
	return o
}

// take keeps the first text of each kind.
func (o *original) take(part *message.Entity) {
	mediaType, _, _ := part.Header.ContentType()
	disposition, _, _ := part.Header.ContentDisposition()
	if disposition == "attachment" {
		return
	}
	switch {
	case mediaType == "text/plain" && o.text == "":
		text, _ := io.ReadAll(part.Body)
		o.text = strings.Trim(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	case mediaType == "text/html" && o.html == "":
		text, _ := io.ReadAll(part.Body)
		o.html = between(strings.ReplaceAll(string(text), "\r\n", "\n"))
	}
}

// topic returns the subject without reply prefixes.
func (o original) topic() string {
	topic := o.subject
	for len(topic) >= 3 && strings.EqualFold(topic[:3], "re:") {
		topic = strings.TrimSpace(topic[3:])
	}
	return topic
}

// textQuoted returns the text with a quote mark before every line.
func (o original) textQuoted() string {
	var lines []string
	for line := range strings.SplitSeq(o.text, "\n") {
		if strings.HasPrefix(line, ">") {
			lines = append(lines, ">"+line)
		} else {
			lines = append(lines, strings.TrimRight("> "+line, " "))
		}
	}
	return strings.Join(lines, "\n")
}

func addressField(h gomail.Header, name string) []mail.Address {
	list, _ := h.AddressList(name)
	var all []mail.Address
	for _, a := range list {
		all = append(all, *a)
	}
	return all
}

// between returns what is between the body tags of a page, or all of it if there are none.
func between(page string) string {
	lower := strings.ToLower(page)
	if at := strings.Index(lower, "<body"); at >= 0 {
		if end := strings.IndexByte(lower[at:], '>'); end >= 0 {
			page, lower = page[at+end+1:], lower[at+end+1:]
		}
	}
	if at := strings.LastIndex(lower, "</body"); at >= 0 {
		page = page[:at]
	}
	return strings.Trim(page, "\n")
}

// plainText returns the text of a page, roughly as clients produce it.
func plainText(page string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(b.String())
		case html.TextToken:
			b.Write(z.Text())
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			name, _ := z.TagName()
			switch string(name) {
			case "br", "p", "div", "tr", "li", "table":
				b.WriteByte('\n')
			}
		}
	}
}
