package text

import (
	"html"
	"regexp"
	"strings"
)

// plainLines cuts plain text into lines, counting quote marks and joining flowed lines (RFC 3676).
func plainLines(text string, flowed, delsp bool) []Line {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	text = strings.TrimSuffix(text, "\n")
	if text == "" {
		return nil
	}
	lines := make([]Line, 0, min(strings.Count(text, "\n"), maxLines)+1)
	var paragraph strings.Builder
	joining, depth := false, int32(0)
	for raw := range strings.SplitSeq(text, "\n") {
		if len(lines) > maxLines {
			return lines
		}
		quote, rest := quoteDepth(raw)
		soft := false
		if flowed {
			rest = strings.TrimPrefix(rest, " ")
			soft = strings.HasSuffix(rest, " ") && rest != "-- "
			if soft && delsp {
				rest = strings.TrimSuffix(rest, " ")
			}
		} else if quote > 0 {
			rest = strings.TrimPrefix(rest, " ")
		}
		if joining && (quote != depth || rest == "-- ") {
			lines = append(lines, Line{Text: paragraph.String(), Quote: depth})
			paragraph.Reset()
		}
		if !joining && !soft {
			lines = append(lines, Line{Text: rest, Quote: quote})
			continue
		}
		paragraph.WriteString(rest)
		depth, joining = quote, soft
		if !soft {
			lines = append(lines, Line{Text: paragraph.String(), Quote: depth})
			paragraph.Reset()
		}
	}
	if joining {
		lines = append(lines, Line{Text: paragraph.String(), Quote: depth})
	}
	return lines
}

// quoteDepth counts the ">" before a line, blanks between them allowed, and returns what follows them.
func quoteDepth(s string) (int32, string) {
	depth := int32(0)
	for {
		t := strings.TrimLeft(s, " \t\u00a0")
		if !strings.HasPrefix(t, ">") || depth == 0 && len(s)-len(t) > 3 {
			return depth, s
		}
		depth++
		s = t[1:]
	}
}

var markup = regexp.MustCompile(`<[^>]*>`)

// PieceLines cuts the text of a piece of a message, which came as a file, into lines. Tags of HTML count as
// line ends.
func PieceLines(source string, isHTML bool) []Line {
	if isHTML {
		source = html.UnescapeString(markup.ReplaceAllString(source, "\n"))
	}
	var lines []Line
	for s := range strings.Lines(source) {
		lines = append(lines, Line{Text: strings.TrimRight(s, "\r\n")})
	}
	return lines
}
