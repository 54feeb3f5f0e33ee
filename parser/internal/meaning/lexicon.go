package meaning

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Lexicon compiles a lexicon: blocks of "[concept]" and below it words and phrases with commas between them. Longer
// phrases than are looked for are left out.
func Lexicon(source string) ([]byte, error) {
	names := map[string]concept{}
	entries := map[uint64]bool{}
	var now concept
	words := NewWords()
	for n, line := range strings.Split(source, "\n") {
		line = strings.TrimSpace(line)
		name, is := strings.CutPrefix(line, "[")
		if is {
			if _, known := names[name]; !known {
				names[name] = concept(len(names) + 1)
			}
			now = names[name]
			continue
		}
		if line != "" && (now == 0 || now >= isDenied) {
			return nil, fmt.Errorf("line %d belongs to none of %d concepts", n+1, isDenied-1)
		}
		for entry := range strings.SplitSeq(line, ",") {
			for _, t := range words.Take(entry) {
				s := t.sentence
				if len(s) > longest {
					continue
				}
				entries[uint64(phrase(s))<<8|uint64(now)] = true
				for n := 1; n < len(s); n++ {
					entries[uint64(phrase(s[:n]))<<8|uint64(goesOn)] = true
				}
			}
		}
	}
	out := make([]byte, 0, entrySize*len(entries))
	for _, e := range slices.Sorted(maps.Keys(entries)) {
		out = binary.BigEndian.AppendUint32(out, uint32(e>>8))
		out = append(out, byte(e))
	}
	return out, nil
}
