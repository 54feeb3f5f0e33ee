package container

import "mfabot/parser/internal/mime"

// Opener reads the files inside other files of a message: winmail.dat, opaque S/MIME, Outlook's .msg, attached
// messages, ZIP archives and uuencoded text. Everything that walks through a message uses it, so that each file always has the same
// position.
type Opener struct {
	walker   *mime.Walker // of the message
	held     int          // bytes kept by containers that are read out of order
	unzipped int          // bytes of files in archives
	Said     *mime.Part   // the text of winmail.dat, for a message that says nothing else
}

// NewOpener returns an Opener for the message that w walks through.
func NewOpener(w *mime.Walker) Opener { return Opener{walker: w} }

// content returns where the content of a part found inside a file goes.
func (c *Opener) content(p *mime.Part) mime.Sink { return c.walker.Content(p) }

// Text returns the sink for body text, which may include files: uuencoded, or in the attributes of HTML. The text itself
// goes on to to.
func (c *Opener) Text(p *mime.Part, to mime.Sink) mime.Sink {
	switch p.MediaType {
	case "text/plain":
		return &uuReader{part: p, in: c, text: to}
	case "text/html":
		return &dataReader{part: p, in: c, text: to}
	}
	return to
}

// Unwrap returns the reader for the files inside p, or nil if p is nested too deep.
func (c *Opener) Unwrap(p *mime.Part) mime.Sink {
	switch {
	case p.Wraps() > maxWraps:
		c.walker.Warn("%s lies too deep within other files to be opened", p)
		p.Why = whyUnread
		return nil
	case p.Parent != nil && p.Parent.MediaType == "multipart/encrypted":
		if p.Nested == 0 {
			c.walker.Warn(WarnEncrypted)
		}
		return nil
	case isTNEF(p):
		return newTNEF(p, c)
	case p.IsSMIME():
		return &smimeReader{part: p, in: c, content: held{in: c}}
	}
	switch {
	case isMessageFile(p) && p.Nested >= mime.MaxMessages:
		p.Why = whyUnread
		return nil
	case isMessageFile(p):
		return &emlReader{part: p, in: c, content: held{in: c}}
	}
	return mime.Both{First: &oleReader{part: p, in: c, content: held{in: c}},
		Second: &zipReader{part: p, in: c, content: held{in: c}}}
}
