package text

import (
	"image/color"
	"math"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/image/colornames"
)

// colour is a colour of CSS, its channels between 0 and 1.
type colour struct {
	r, g, b, a float64
}

var (
	black = colour{0, 0, 0, 1}
	white = colour{1, 1, 1, 1}
)

// systemColours are names for what the reader's own settings say (CSS Color 4, section 10): dark on light, as
// readers have it who changed nothing.
var systemColours = map[string]colour{"windowtext": black, "canvastext": black, "text": black, "fieldtext": black,
	"buttontext": black, "infotext": black, "menutext": black, "captiontext": black, "initial": black, "auto": black,
	"window": white, "canvas": white, "field": white, "infobackground": white, "transparent": {}}

var (
	hexColour      = regexp.MustCompile(`^#?([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$`)
	functionColour = regexp.MustCompile(`^(rgb|hsl)a?\(([^()]*)\)$`)
)

// readColour reads a colour (CSS Color 4; the attributes of HTML leave out the # of a number). ok is false
// where it is not one, which readers pass over, or one that is not known here.
func readColour(s string) (c colour, ok bool) {
	if c, ok := systemColours[s]; ok {
		return c, true
	}
	if named, ok := colornames.Map[s]; ok {
		return fromRGBA(named), true
	}
	if m := hexColour.FindStringSubmatch(s); m != nil {
		return hexValue(m[1]), true
	}
	m := functionColour.FindStringSubmatch(s)
	if m == nil {
		return colour{}, false
	}
	channels := strings.FieldsFunc(m[2], func(r rune) bool { return r == ',' || r == '/' || r == ' ' })
	if len(channels) != 3 && len(channels) != 4 {
		return colour{}, false
	}
	c.a = 1
	if len(channels) == 4 {
		if c.a, ok = channel(channels[3], 1); !ok {
			return colour{}, false
		}
	}
	if m[1] == "hsl" {
		return hslColour(channels, c.a)
	}
	for i, to := range []*float64{&c.r, &c.g, &c.b} {
		if *to, ok = channel(channels[i], 255); !ok {
			return colour{}, false
		}
	}
	return c, true
}

func fromRGBA(c color.RGBA) colour {
	return colour{float64(c.R) / 255, float64(c.G) / 255, float64(c.B) / 255, 1}
}

// hexValue reads 3, 4, 6 or 8 hexadecimal digits.
func hexValue(digits string) colour {
	if len(digits) <= 4 {
		var doubled strings.Builder
		for _, d := range digits {
			doubled.WriteString(strings.Repeat(string(d), 2))
		}
		digits = doubled.String()
	}
	if len(digits) == 6 {
		digits += "ff"
	}
	n, err := strconv.ParseUint(digits, 16, 32)
	if err != nil {
		return black
	}
	part := func(shift int) float64 { return float64(n>>shift&255) / 255 }
	return colour{part(24), part(16), part(8), part(0)}
}

// channel reads a number of which full is 1, or a percentage.
func channel(s string, full float64) (float64, bool) {
	number, percent := strings.CutSuffix(s, "%")
	if percent {
		full = 100
	}
	v, err := strconv.ParseFloat(number, 64)
	return min(max(v/full, 0), 1), err == nil
}

func hslColour(channels []string, alpha float64) (colour, bool) {
	hue, err := strconv.ParseFloat(strings.TrimSuffix(channels[0], "deg"), 64)
	saturation, ok := channel(channels[1], 100)
	lightness, ok2 := channel(channels[2], 100)
	if err != nil || !ok || !ok2 {
		return colour{}, false
	}
	of := func(n float64) float64 {
		k := math.Mod(math.Mod(n+hue/30, 12)+12, 12)
		return lightness - saturation*min(lightness, 1-lightness)*max(-1, min(k-3, 9-k, 1))
	}
	return colour{of(0), of(8), of(4), alpha}, true
}

// over is the colour that c shows on an opaque one.
func (c colour) over(paper colour) colour {
	mix := func(top, below float64) float64 { return top*c.a + below*(1-c.a) }
	return colour{mix(c.r, paper.r), mix(c.g, paper.g), mix(c.b, paper.b), 1}
}

// contrast is the ratio that WCAG 2.2 has for text in c on an opaque colour: from 1, which nobody can read, to 21.
func (c colour) contrast(paper colour) float64 {
	a, b := c.over(paper).luminance(), paper.luminance()
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

func (c colour) luminance() float64 {
	linear := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}
