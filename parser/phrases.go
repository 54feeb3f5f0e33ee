package parser

import "strings"

// prefixes are beginnings of lines, by the byte they start with: every line is compared with all of them.
type prefixes [256][]string

func beginnings(words ...string) *prefixes {
	var p prefixes
	for _, w := range words {
		p[w[0]] = append(p[w[0]], w)
	}
	return &p
}

// like returns those that s might begin with.
func (p *prefixes) like(s string) []string {
	if s == "" {
		return nil
	}
	return p[s[0]]
}

// startsWithAny tells whether s begins with one of them.
func startsWithAny(s string, p *prefixes) bool {
	for _, w := range p.like(s) {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}

// phraseIndex finds many phrases in one pass over a text, looking only where a word begins. Phrases and text are as words writes them.
type phraseIndex struct {
	byStart [256][]phrase // by the first two bytes of the first word, see startOf
	count   int
}

// phrase is one of them with what it means.
type phrase struct {
	text    string
	meaning int
	number  int // counted from 0 in the index
}

func startOf(text string) byte { return text[1]*31 + text[2] }

func (x *phraseIndex) add(text string, meaning int) {
	start := startOf(text)
	x.byStart[start] = append(x.byStart[start], phrase{text, meaning, x.count})
	x.count++
}

// each calls found with the start of every phrase that stands in the text.
func (x *phraseIndex) each(text string, found func(p phrase, start int)) {
	for i := 0; i+2 < len(text); i++ {
		for _, p := range x.byStart[startOf(text[i:])] {
			if strings.HasPrefix(text[i:], p.text) {
				found(p, i)
			}
		}
		next := strings.IndexByte(text[i+1:], ' ')
		if next < 0 {
			return
		}
		i += next
	}
}

// indexColon returns where the first colon stands, the full-width one of East Asian text included, or -1.
func indexColon(s string) int {
	plain := strings.IndexByte(s, ':')
	if plain >= 0 {
		s = s[:plain]
	}
	if wide := strings.Index(s, "："); wide >= 0 {
		return wide
	}
	return plain
}
