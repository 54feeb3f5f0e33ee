package container

import (
	"fmt"
	"path"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"mfabot/parser/internal/mime"
)

// safeName makes a sender's file name one that may be shown and written on any system: no path, no control,
// bidirectional or invisible characters, no reserved name, at most maxFilename bytes with its extension kept.
// The result may be empty.
func safeName(name string) string {
	name = norm.NFC.String(strings.ToValidUTF8(name, "_"))
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		case unicode.IsSpace(r):
			return ' '
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		}
		return r
	}, name)
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Join(strings.Fields(name), " ")
	name = strings.TrimLeft(strings.TrimRight(name, ". "), ".- ")
	stem, ext := splitName(name)
	if device, rest, _ := strings.Cut(stem, "."); isReserved(strings.TrimRight(device, " ")) {
		stem = strings.TrimRight(device+"_."+rest, ".")
	}
	return mime.Shorten(stem, maxFilename-len(ext)) + ext
}

// splitName cuts off the extension, when it looks like one.
func splitName(name string) (stem, ext string) {
	ext = path.Ext(name)
	if len(ext) > 12 || len(ext) == len(name) {
		return name, ""
	}
	return name[:len(name)-len(ext)], ext
}

// isReserved reports whether stem is a device name of Windows.
func isReserved(stem string) bool {
	switch s := strings.ToUpper(stem); s {
	case "CON", "PRN", "AUX", "NUL":
		return true
	default:
		return len(s) == 4 && (strings.HasPrefix(s, "COM") || strings.HasPrefix(s, "LPT")) && s[3] >= '0' && s[3] <= '9'
	}
}

// Names hands out file names that are unique within one message, whatever the case.
type Names map[string]bool

// Take returns the safe form of name, or one made of the file's number and extension where nothing of it is
// left.
func (n Names) Take(name string, number int, ext string) string {
	if bare := strings.TrimSpace(name); strings.LastIndexByte(bare, '.') == 0 {
		// Nothing but an extension: it says what the file is, and no more.
		name = fmt.Sprintf("attachment-%d%s", number, bare)
	}
	name = safeName(name)
	if name == "" {
		name = fmt.Sprintf("attachment-%d%s", number, ext)
	}
	stem, suffix := splitName(name)
	for i := 2; n[strings.ToLower(name)]; i++ {
		name = fmt.Sprintf("%s (%d)%s", stem, i, suffix)
	}
	n[strings.ToLower(name)] = true
	return name
}
