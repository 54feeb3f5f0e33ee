package text

import "golang.org/x/net/html/atom"

// lookOf returns what an element's attributes, the style sheet and its own style say, which rank in this order.
func (h *htmlReader) lookOf(e element) look {
	var l look
	if e.hidden || e.atom != atom.Img && (e.width == "0" || e.height == "0") {
		l.shown = hidden
	}
	if e.ink != "" {
		l.setInk(e.ink)
	}
	if e.paper != "" {
		l.setPaper(e.paper)
	}
	l.painted = l.painted || e.picture
	return l.and(h.sheet.lookOf(e)).and(h.styleLook(e.look))
}

// styleLook reads a style once, as documents repeat few styles many times.
func (h *htmlReader) styleLook(style string) look {
	if style == "" {
		return look{}
	}
	l, ok := h.looks[style]
	if !ok {
		l = readLook(style)
		h.looks[style] = l
	}
	return l
}

// as returns the state within an element that looks so.
func (s htmlState) as(l look) htmlState {
	s.doubtful = s.doubtful || l.shown == doubtful
	if l.unseen != nil {
		s.unseen = *l.unseen
	}
	if l.size != nil {
		s.size = *l.size
	}
	if l.ink == nil && l.paper == nil && !l.painted {
		return s
	}
	if l.ink != nil {
		s.ink = *l.ink
	}
	switch {
	case l.painted:
		s.painted = true
	case l.paper != nil:
		s.paper, s.painted = l.paper.over(s.paper), false
	}
	s.contrast = faint(s.ink, s.paper)
	if s.painted {
		s.contrast = visible
		if s.ink.a < 0.1 {
			s.contrast = hidden
		}
	}
	return s
}

// seen says whether text in this state is seen.
func (s htmlState) seen() shown {
	if s.unseen {
		return hidden
	}
	seen := max(s.size, s.contrast)
	if s.doubtful {
		seen = max(seen, doubtful)
	}
	return seen
}
