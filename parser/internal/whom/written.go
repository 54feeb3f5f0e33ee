package whom

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"mfabot/parser/internal/mime"
	"mfabot/parser/internal/text"
)

// Written is an address as somebody wrote it in a text.
type Written struct {
	Start, End int // where it stands
	Address    string
}

// FindWritten finds the addresses in a text, also those that people spell out or break so that no program takes them
// for links: "sam . green @ pharmacy.test", "sam.green (at) pharmacy (dot) test", "sam.green at pharmacy.test",
// "sam.green@pharmacy,test", and those that a line's end cuts in two. Where the sign for "at" is left out, or is
// a word, the domain must be known.
func FindWritten(s string, known func(domain string) bool) (out []Written) {
	from := 0
	for i := 0; i < len(s) && len(out) < mime.MaxAddresses; {
		size, sure := atSign(s, i)
		if size == 0 {
			i++
			continue
		}
		w, ok := around(s, from, i, i+size, sure, known)
		if !ok {
			i += size
			continue
		}
		out = append(out, w)
		from, i = w.End, w.End
	}
	return out
}

// atSign returns the length of what stands for "@" at an index; sure says that it can be nothing else.
func atSign(s string, i int) (size int, sure bool) {
	switch s[i] {
	case '@':
		return 1, true
	case '(', '[', '{', '<':
		for _, sign := range []string{"at", "@", " at ", " @ "} {
			if end := i + 1 + len(sign); end < len(s) && strings.EqualFold(s[i+1:end], sign) &&
				strings.IndexByte(")]}>", s[end]) >= 0 {
				return end + 1 - i, true
			}
		}
	case ' ':
		if i+4 < len(s) && strings.EqualFold(s[i:i+4], " at ") {
			return 4, false
		}
		if i > 0 && isLocalByte(s[i-1]) && i+1 < len(s) && isDomainByte(s[i+1]) {
			return 1, false
		}
	}
	return 0, false
}

// around reads the address around a sign.
func around(s string, from, at, after int, sure bool, known func(string) bool) (w Written, ok bool) {
	var domain string
	domain, w.End = domainAfter(s, after)
	if whole, end := acrossLine(s, w.End, domain); known(whole) {
		domain, w.End = whole, end
	}
	if !strings.Contains(domain, ".") {
		return w, false
	}
	if rest := strings.TrimLeft(s[w.End:], " "); rest != "" && !sure || rest != "" && strings.IndexByte("@([{", rest[0]) >= 0 {
		if next, certain := atSign(s, len(s)-len(rest)); next > 0 && certain {
			return w, false // what was taken for a domain is the local part of the next
		}
	}
	local, start := localBefore(s, from, at)
	aside := s[at] == '@' && at > 0 && s[at-1] == ' ' && after < len(s) && s[after] != ' ' // as in "both @pharmacy.test"
	if local == "" || !sure && !known(domain) || (!sure || aside) && !strings.ContainsAny(local, "._0123456789") {
		return w, false
	}
	w.Start, w.Address = start, mime.BareAddress(local+"@"+domain)
	return w, w.Address != ""
}

// acrossLine returns a domain with what stands at the beginning of the next line, where its own line ends with it.
func acrossLine(s string, i int, domain string) (whole string, end int) {
	rest, ends := strings.CutPrefix(strings.TrimLeft(s[i:], " \t\r"), "\n")
	if !ends || domain == "" {
		return "", 0
	}
	rest = strings.TrimLeft(rest, " >\t")
	next, size := domainAfter(rest, 0)
	return domain + next, len(s) - len(rest) + size
}

// localBefore reads the local part that ends at an index.
func localBefore(s string, from, at int) (local string, start int) {
	end := from + len(strings.TrimRight(s[from:at], " "))
	if above := strings.TrimRight(s[from:end], "> \t\r\n"); len(above) < end-from && strings.HasSuffix(s[:end], "\n") && s[at] == '@' {
		end = from + len(above)
		if w := s[localStart(s, from, end):end]; !strings.ContainsAny(w, "._0123456789") {
			return "", 0
		}
	}
	start = localStart(s, from, end)
	local = s[start:end]
	if i := strings.LastIndex(local, ".."); i >= 0 { // a row of dots to fill a line
		start, local = start+i+2, local[i+2:]
	}
	if i := strings.LastIndex(local, "__"); i >= 0 { // a line to write on
		start, local = start+i+2, local[i+2:]
	}
	if local == "" {
		return "", 0
	}
	for first, begin := spokenBefore(s, from, start); first != ""; first, begin = spokenBefore(s, from, start) {
		local, start = first+"."+local, begin
	}
	for spaced := end < at; spaced; {
		first, begin := spacedBefore(s, from, start, local)
		spaced = first != ""
		if spaced {
			local, start = first+"."+strings.TrimPrefix(local, "."), begin
		}
	}
	if cut, begin := beforeBreak(s, from, start); cut != "" && !strings.Contains(local, ".") {
		local, start = cut+local, begin
	}
	bare := strings.TrimLeft(local, "'.-&_")
	return strings.TrimRight(bare, "."), start + len(local) - len(bare)
}

// spokenBefore returns the part of a local part that stands before a full stop which is written as a word: "sam dot green".
func spokenBefore(s string, from, start int) (first string, begin int) {
	for _, dot := range []string{" dot ", "(dot)", "[dot]", " (dot) ", " [dot] "} {
		if end := start - len(dot); end > from && strings.EqualFold(s[end:start], dot) {
			begin = localStart(s, from, end)
			return s[begin:end], begin
		}
	}
	return "", 0
}

// spacedBefore returns the part of a local part that stands before a full stop with blanks around it, as in
// "sam . green @" and, where something begins there, "sam. green @"; empty where there is none.
func spacedBefore(s string, from, start int, local string) (first string, begin int) {
	rest := strings.TrimRight(s[from:start], " ")
	bare := strings.TrimRight(strings.TrimSuffix(rest, "."), " ")
	dotted := len(bare) < len(rest)
	if !dotted && !strings.HasPrefix(local, ".") || strings.HasSuffix(rest, "..") {
		return "", 0
	}
	end := from + len(bare)
	begin = localStart(s, from, end)
	endsSentence := dotted && strings.HasSuffix(rest, bare+".")
	if endsSentence && begin > 0 && s[begin-1] == ' ' && !beginsItem(s[:begin]) {
		return "", 0
	}
	return s[begin:end], begin
}

// beginsItem reports whether something new begins behind what stands before a place.
func beginsItem(before string) bool {
	before = strings.TrimRight(before, " ")
	return before == "" || strings.IndexByte("\n\t:(", before[len(before)-1]) >= 0
}

// beforeBreak returns the beginning of a local part whose rest is the first thing of the next line: it has a hyphen at
// the end, or a full stop within.
func beforeBreak(s string, from, start int) (cut string, begin int) {
	above, isFirst := strings.CutSuffix(strings.TrimRight(s[from:start], "> \t\r"), "\n")
	if !isFirst {
		return "", 0
	}
	end := from + len(strings.TrimRight(above, " \t\r"))
	begin = localStart(s, from, end)
	cut = s[begin:end]
	dot := strings.IndexByte(cut, '.')
	switch {
	case strings.HasSuffix(cut, ".") && dot == len(cut)-1 && dot > 1 && strings.ToLower(cut) == cut && isAfterMark(s[:begin]):
		return cut, begin
	case cut == "", strings.ToLower(cut) != cut, strings.Contains(cut, ".."), notCut[cut[strings.LastIndexByte(cut, '.')+1:]]:
		return "", 0
	case strings.HasSuffix(cut, "-") && len(cut) > 2:
		return cut, begin
	case dot <= 0, strings.HasSuffix(cut, "."), isAbbreviation(cut), strings.HasPrefix(cut, "www."),
		begin > 0 && strings.IndexByte("/@", s[begin-1]) >= 0:
		return "", 0
	}
	return cut, begin
}

// isAfterMark reports whether what stands before a word ends with a mark other than that of a sentence.
func isAfterMark(before string) bool {
	before = strings.TrimRight(before, " ")
	return before != "" && strings.IndexByte(",:<(", before[len(before)-1]) >= 0
}

// isAbbreviation reports whether no part of a word with full stops has more than one letter, as in "e.g".
func isAbbreviation(s string) bool {
	return !slices.ContainsFunc(strings.Split(s, "."), func(part string) bool { return len(part) > 1 })
}

// notCut end the names of files and of hosts, behind which no local part goes on.
var notCut = text.WordSet("pdf doc docx odt rtf jpg jpeg png heic gif txt zip msg uk com org net eu wales scot ie test example")

func localStart(s string, from, end int) int {
	start := end
	for start > from && end-start < 64 {
		r, size := utf8.DecodeLastRuneInString(s[from:start])
		if r >= utf8.RuneSelf && !unicode.IsLetter(r) && !unicode.IsDigit(r) || r < utf8.RuneSelf && !isLocalByte(byte(r)) {
			break
		}
		start -= size
	}
	return start
}

// domainAfter reads the domain that begins at an index.
func domainAfter(s string, i int) (domain string, end int) {
	start := i
	for i < len(s) && (s[i] == ' ' || i == start && s[i] == '\n') {
		i++
	}
	spaced := i > start
	var b strings.Builder
	for len(b.String()) < 254 {
		label := i
		for i < len(s) && isDomainByte(s[i]) && s[i] != '.' {
			i++
		}
		if i == label {
			break
		}
		b.WriteString(s[label:i])
		end = i
		if strings.HasSuffix(s[:i], "-") && strings.HasPrefix(s[i:], "\n") {
			if next := i + 1 + len(s[i+1:]) - len(strings.TrimLeft(s[i+1:], " >\t")); next < len(s) && isDomainByte(s[next]) {
				i = next // cut in two at a hyphen
				continue
			}
		}
		next, more := dotAfter(s, i, spaced, strings.Contains(b.String(), "."))
		if !more {
			break
		}
		b.WriteByte('.')
		i = next
	}
	domain = strings.ToLower(strings.Trim(b.String(), ".-"))
	return domain, end
}

// dotAfter reads what stands for a dot between two labels of a domain.
func dotAfter(s string, i int, spaced, dotted bool) (next int, ok bool) {
	follows := func(n int) bool { return n < len(s) && isDomainByte(s[n]) && s[n] != '.' && s[n] != '-' }
	rest := s[i:]
	switch {
	case strings.HasPrefix(rest, "."):
		n := i + 1
		if follows(n) {
			return n, true
		}
		if spaced && strings.HasPrefix(s[n:], " ") && follows(n+1) && !dotted {
			return n + 1, true
		}
		if strings.HasPrefix(s[n:], "\n") && follows(n+1) && !dotted {
			return n + 1, true
		}
	case strings.HasPrefix(rest, " .") && spaced:
		n := i + 2
		for n < len(s) && s[n] == ' ' {
			n++
		}
		return n, follows(n) && !dotted
	case strings.HasPrefix(rest, ",") && !dotted:
		return i + 1, follows(i+1) && (s[i+1] < '0' || s[i+1] > '9')
	}
	if i+1 >= len(s) || s[i] != '(' && s[i] != '[' && s[i] != '{' && (s[i] != ' ' || strings.IndexByte("([dD", s[i+1]) < 0) {
		return 0, false
	}
	for _, dot := range []string{"(dot)", "[dot]", "{dot}", " (dot) ", " [dot] ", " dot "} {
		if n := i + len(dot); n < len(s) && strings.EqualFold(s[i:n], dot) {
			return n, follows(n)
		}
	}
	return 0, false
}

func isLocalByte(c byte) bool { return isDomainByte(c) || strings.IndexByte("_%+'&", c) >= 0 }

func isDomainByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '.' || c == '-' || c >= 0x80
}
