package templates

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Language is a language of emails, by its tag (RFC 5646).
type Language string

// The languages. Every email is in English; those to sites and users are in Welsh too.
const (
	English Language = "en"
	Welsh   Language = "cy"
)

// languages are all of them.
var languages = []Language{English, Welsh}

// speech is how a language writes times and numbers of things.
type speech struct {
	tag    string            // of a page
	names  map[string]string // of days and months, by the English ones; nil for these
	clock  string            // the layout of a time of the day
	away   string            // the format of how far away something is
	now    string
	many   string            // the format of several things
	things map[string]string // by their English names; nil for these
	two    map[string]string // likewise what follows the number two, where it is otherwise
}

// speeches are those of the languages. In Welsh what is counted stays in the singular, and softens after two.
var speeches = map[Language]speech{
	English: {tag: "en-GB", clock: "15:04", away: "in %s", now: "now", many: "%.0f %ss"},
	Welsh: {tag: "cy", clock: "15:04", away: "ymhen %s", now: "nawr", many: "%.0f %s",
		names: map[string]string{
			"Monday": "dydd Llun", "Tuesday": "dydd Mawrth", "Wednesday": "dydd Mercher", "Thursday": "dydd Iau",
			"Friday": "dydd Gwener", "Saturday": "dydd Sadwrn", "Sunday": "dydd Sul",
			"January": "Ionawr", "February": "Chwefror", "March": "Mawrth", "April": "Ebrill", "May": "Mai", "June": "Mehefin",
			"July": "Gorffennaf", "August": "Awst", "September": "Medi", "October": "Hydref", "November": "Tachwedd",
			"December": "Rhagfyr",
		},
		things: map[string]string{"day": "diwrnod", "hour": "awr", "minute": "munud", "byte": "beit"},
		two:    map[string]string{"day": "ddiwrnod", "minute": "funud", "byte": "feit"}},
}

// hole stands in words where others have any words.
const hole = "%s"

// open is words with holes, and the same in another language.
type open struct {
	matches *regexp.Regexp
	said    []string // around the holes
}

// openWords are those of a dictionary. The longest come first, which say most of what they match.
func openWords(dictionary map[string]string) (out []open) {
	for words, said := range dictionary {
		if strings.Contains(words, hole) {
			matches := regexp.MustCompile("(?s)^" + strings.ReplaceAll(regexp.QuoteMeta(words), hole, "(.+)") + "$")
			out = append(out, open{matches, strings.Split(said, hole)})
		}
	}
	slices.SortFunc(out, func(a, b open) int {
		return cmp.Or(len(b.matches.String())-len(a.matches.String()), strings.Compare(a.matches.String(), b.matches.String()))
	})
	return out
}

// say fills what stands in the holes of words into the other ones.
func (o open) say(words string) (string, bool) {
	parts := o.matches.FindStringSubmatch(words)
	if parts == nil || len(parts) != len(o.said) {
		return "", false
	}
	var b strings.Builder
	for i, said := range o.said {
		if i > 0 {
			b.WriteString(parts[i])
		}
		b.WriteString(said)
	}
	return b.String(), true
}

// format writes a time as a layout of package time has it.
func (s speech) format(t time.Time, layout string) string {
	fields := strings.Fields(t.Format(layout))
	for i, f := range fields {
		word := strings.TrimRight(f, ",:")
		if name, ok := s.names[word]; ok {
			fields[i] = name + f[len(word):]
		}
	}
	return strings.Join(fields, " ")
}

// when writes a time with its zone; the zero time gives an empty string.
func (s speech) when(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(zone)
	return s.format(t, "Monday 2 January 2006, 15:04 ") + " " + zoneName(t)
}

// left says how far away something is, in days, or in hours where it is soon. What is an hour away but for some minutes is an
// hour away: letters take their time.
func (s speech) left(d time.Duration, soon bool) string {
	const nearly = 5 * time.Minute
	switch {
	case !soon:
		return fmt.Sprintf(s.away, s.several(d.Hours()/24, "day"))
	case d+nearly >= time.Hour:
		return fmt.Sprintf(s.away, s.several(d.Hours(), "hour"))
	case d >= time.Minute/2:
		return fmt.Sprintf(s.away, s.several(d.Minutes(), "minute"))
	}
	return s.now
}

// several names a number of things, rounded to the nearest.
func (s speech) several(n float64, thing string) string {
	format := s.many
	if n = math.Round(n); n == 1 {
		format = "%.0f %s"
	}
	name, ok := s.things[thing]
	if softened, is := s.two[thing]; is && n == 2 {
		name = softened
	}
	if ok {
		thing = name
	}
	return fmt.Sprintf(format, n, thing)
}

// size writes a number of bytes for people, rounded to the nearest.
func (s speech) size(bytes int64) string {
	const kilo, mega = 1 << 10, 1 << 20
	switch {
	case bytes < kilo:
		return s.several(float64(bytes), "byte")
	case bytes < mega-kilo/2:
		return fmt.Sprintf("%d KB", (bytes+kilo/2)/kilo)
	}
	return fmt.Sprintf("%d MB", (bytes+mega/2)/mega)
}
