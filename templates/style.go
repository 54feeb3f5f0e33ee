package templates

import (
	"regexp"
	"strings"
)

// The look of a letter stands on each element by itself: webmail drops style sheets, and <body> with what is set on it,
// and Outlook forgets in a cell what was set around it. The colours are those of the NHS.
const (
	font = `font-family:Arial,sans-serif;color:#212b32;`
	body = font + `font-size:16px;line-height:150%;`
	cell = `font:16px/150% Arial,sans-serif;border-bottom:1px solid #768692;`
)

// Look is the colours of an operator's own, such as #7c2855: on a light ground, where white words stand on it too, and on a dark
// one. The zero Look is that of the NHS, in which the files are written.
type Look struct{ Colour, Dark string }

// painted puts a source into the look.
func (l Look) painted(source string) string {
	if l == (Look{}) {
		return source
	}
	return strings.NewReplacer("#005eb8", l.Colour, "#1f4e79", l.Colour, "#8ac4f5", l.Dark, "#5ba3e0", l.Dark,
		"#8cc4f2", l.Dark).Replace(source)
}

// styles are the inline styles of elements, by name.
var styles = map[string]string{
	"article": body + `background-color:#ffffff;overflow-wrap:break-word;`,
	"page":    body + `max-width:600px;margin:0 auto;padding:16px;`,
	"logo":    `margin:0 4px 0 0;padding:2px 8px;background-color:#005eb8;color:#ffffff;`,
	"from":    body + `font-weight:bold;margin:0 0 16px;padding:0 0 8px;border-bottom:4px solid #005eb8;`,
	"sender":  `margin:28px 0 0 0;padding:12px 0 0 0;border-top:1px solid #768692;`,
	"form":    `margin:0 0 16px;padding:12px;border:1px solid #4c6272;background-color:#f0f4f5;`,
	"preview": `display:none;max-height:0;overflow:hidden;mso-hide:all;`,
	"choices": `margin:0 0 8px;border-collapse:separate;`,
	"button":  body + `mso-padding-alt:10px 16px;background-color:#005eb8;border:1px solid #005eb8;border-radius:4px;`,
	"press":   `font-weight:bold;color:#ffffff;text-decoration:none;display:block;padding:10px 16px;overflow-wrap:anywhere;`,
	"h1":      font + `font-size:24px;line-height:130%;font-weight:bold;margin:0 0 14px;`,
	"h2":      font + `font-size:19px;line-height:130%;font-weight:bold;margin:26px 0 8px;`,
	"h3": font + `font-size:17px;line-height:130%;font-weight:bold;margin:24px 0 8px;` +
		`padding:12px 0 0 0;border-top:1px solid #768692;`,
	"p":      body + `margin:0 0 14px;`,
	"ul":     body + `margin:0 0 14px;padding:0 0 0 28px;`,
	"ol":     body + `margin:0 0 14px;padding:0 0 0 28px;`,
	"li":     body + `margin:0 0 6px;`,
	"dl":     body + `margin:0 0 14px;`,
	"fact":   body + `margin:0 0 6px;`,
	"dt":     body + `font-weight:bold;margin:0;display:inline;`,
	"dd":     body + `margin:0;display:inline;`,
	"td":     body,
	"chart":  `display:block;width:100%;max-width:600px;height:auto;border:0;background-color:#ffffff;`,
	"months": `margin:0 0 14px;border-collapse:collapse;table-layout:fixed;width:100%;overflow-wrap:anywhere;`,
	// The colour of heads is that of what is around them: in the dark it changes with that.
	"th":         cell + `padding:4px 0;font-weight:bold;text-align:left;vertical-align:bottom;`,
	"head":       cell + `padding:4px 0 4px 4px;font-weight:bold;text-align:right;vertical-align:bottom;`,
	"month":      cell + `padding:4px 0;font-weight:normal;text-align:left;`,
	"number":     cell + `padding:4px 0 4px 4px;text-align:right;color:#212b32;`,
	"each":       `font:16px/150% Arial,sans-serif;color:#212b32;margin:0 0 4px;`,
	"blockquote": body + `margin:0 0 14px;padding:2px 0 2px 12px;border-left:4px solid #768692;`,
	"a":          `color:#005eb8;`,
}

// bare matches an element that is written without attributes, or with a class that names its style.
var bare = regexp.MustCompile(`<(h1|h2|h3|p|ul|ol|li|dl|dt|dd|td|th|img|blockquote|a|div|span|table)((?: [a-z-]+="[^"]*")*)>`)

// class matches the class of an element.
var class = regexp.MustCompile(` class="([a-z]+)"`)

// styled puts the inline styles into the source of a page: by the class of an element, or else by its name.
func styled(source string) string {
	return bare.ReplaceAllStringFunc(source, func(tag string) string {
		found := bare.FindStringSubmatch(tag)
		key := found[1]
		if named := class.FindStringSubmatch(found[2]); named != nil {
			key = named[1]
		}
		if styles[key] == "" {
			return tag
		}
		return strings.TrimSuffix(tag, ">") + ` style="` + styles[key] + `">`
	})
}
