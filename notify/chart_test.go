package notify

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	imagedraw "image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/emersion/go-message"

	"mfabot/intake"
)

// monthsOf are so many months with these requests, the newest first.
func monthsOf(requests ...int64) (out []intake.MonthFacts) {
	for i, n := range requests {
		out = append(out, intake.MonthFacts{Month: fmt.Sprintf("2026-%02d", 12-i), Requests: n, Approved: n / 2, Rejected: n / 3})
	}
	return out
}

func drawn(t *testing.T, months []intake.MonthFacts) *image.NRGBA {
	t.Helper()
	first, err := draw(months)
	if err != nil {
		t.Fatal(err)
	}
	return pixels(t, first)
}

// pixels are those of a picture (PNG).
func pixels(t *testing.T, content []byte) *image.NRGBA {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	out := image.NewNRGBA(picture.Bounds())
	imagedraw.Draw(out, out.Bounds(), picture, image.Point{}, imagedraw.Src)
	return out
}

// TestChart compares the picture of the samples with the golden one, by what is seen: the library that packs it may change.
func TestChart(t *testing.T) {
	t.Parallel()
	i := slices.IndexFunc(samples(), func(s sample) bool { return s.name == "report" })
	months := samples()[i].letter.Facts.Months
	content, err := draw(months)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := draw(months); err != nil || !bytes.Equal(content, again) {
		t.Errorf("drawn again it is another picture: %v", err)
	}
	file := filepath.Join("testdata", "golden", "report.png")
	if *update {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if want, got := pixels(t, golden), pixels(t, content); want.Rect != got.Rect || !bytes.Equal(want.Pix, got.Pix) {
		t.Errorf("not what %s shows (go test ./notify -update after looking at it)", file)
	}
}

// TestChartShowsAll: whatever the numbers are, the bars are as long as they are, and nothing is cut off at an edge or lies on a
// ground that is not ours.
func TestChartShowsAll(t *testing.T) {
	t.Parallel()
	white, bar := color.NRGBA{255, 255, 255, 255}, colourOf(t, chartRequests)
	for _, requests := range [][]int64{{0}, {1}, {41}, {0, 0, 0}, {41, 0, 7}, {999, 1000, 1250, 10_000}, {1_250_000, 1}, {12_345_678, 3},
		{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}} {
		picture := drawn(t, monthsOf(requests...))
		b := picture.Bounds()
		if b.Dx() != 1200 || b.Dy() != chartEdge+chartRow*len(requests) {
			t.Errorf("%v: %v", requests, b)
		}
		for x := range b.Dx() {
			if picture.NRGBAAt(x, 0) != white || picture.NRGBAAt(x, b.Dy()-1) != white {
				t.Errorf("%v: something is cut off above or below, at %d", requests, x)
				break
			}
		}
		for y := range b.Dy() {
			if picture.NRGBAAt(0, y) != white || picture.NRGBAAt(b.Dx()-1, y) != white {
				t.Errorf("%v: something is cut off at a side, at %d", requests, y)
				break
			}
		}
		var long []int // the bars of the requests, from the top
		for row := range requests {
			widest := 0
			for y := chartEdge + chartRow*row; y < chartEdge+chartRow*(row+1); y += 8 {
				in := 0
				for x := range b.Dx() {
					if picture.NRGBAAt(x, y) == bar {
						in++
					}
				}
				widest = max(widest, in)
			}
			long = append(long, widest)
		}
		longest, whole := slices.Max(requests), slices.Max(long)
		for i, n := range requests {
			if longest > 0 && math.Abs(float64(long[i])-float64(whole)*float64(n)/float64(longest)) > 3 {
				t.Errorf("%v: a bar of %d for %d, where %d is %d", requests, long[i], n, longest, whole)
			}
		}
		if longest > 0 && whole < 500 {
			t.Errorf("%v: no bar is longer than %d", requests, whole)
		}
	}
}

func colourOf(t *testing.T, hex string) color.NRGBA {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	return color.NRGBA{uint8(n >> 16 & 255), uint8(n >> 8 & 255), uint8(n & 255), 255} //nolint:gosec // in range
}

// contrast is that of two colours (WCAG 2.2).
func contrast(t *testing.T, one, other string) float64 {
	t.Helper()
	light := func(hex string) float64 {
		c := colourOf(t, hex)
		part := func(v uint8) float64 {
			if s := float64(v) / 255; s > 0.04045 {
				return math.Pow((s+0.055)/1.055, 2.4)
			}
			return float64(v) / 255 / 12.92
		}
		return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
	}
	a, b := light(one), light(other)
	return (max(a, b) + 0.05) / (min(a, b) + 0.05)
}

// TestChartContrast: what is drawn stands out, also for who sees no hues.
func TestChartContrast(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		one, other string
		least      float64
	}{{chartInk, chartGround, 4.5}, {chartRequests, chartGround, 3}, {chartDecisions, chartGround, 3}, {chartRequests, chartDecisions, 3}} {
		if got := contrast(t, c.one, c.other); got < c.least {
			t.Errorf("%s on %s: %.2f, want %.1f", c.one, c.other, got, c.least)
		}
	}
	if shown := chartText * 92.0 / 72 / 2; shown < 12 { // the library draws at 92 dots an inch
		t.Errorf("text of %.1f pixels", shown)
	}
}

// TestChartInWords: who does not see the picture is told what it shows, and another month has a picture of another name.
func TestChartInWords(t *testing.T) {
	t.Parallel()
	s := testService()
	for want, months := range map[string][]intake.MonthFacts{
		"Bars for December 2026: 1 request and 0 decisions.": monthsOf(1),
		"Bars for each month, September 2026 to December 2026: in the last 3 requests and 2 decisions; the fewest requests in " +
			"October 2026 (0), the most in September 2026 (1,200).": monthsOf(3, 5, 0, 1200),
	} {
		if got := newChart(s, months).Alt; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if a, b := newChart(s, monthsOf(3, 5)), newChart(s, monthsOf(3, 6)); a.CID == b.CID || a.CID != newChart(s, monthsOf(3, 5)).CID {
		t.Errorf("names %s and %s", a.CID, b.CID)
	}
	if newChart(s, nil) != nil {
		t.Error("a picture of nothing")
	}
}

// TestReportMessage: the picture is related to the page that shows it, and the numbers are attached; a reply goes to the operator.
func TestReportMessage(t *testing.T) {
	t.Parallel()
	c := testComposer(t)
	i := slices.IndexFunc(samples(), func(s sample) bool { return s.name == "report" })
	l := samples()[i].letter
	entity, err := message.Read(bytes.NewReader(composed(t, c, l)))
	if err != nil {
		t.Fatal(err)
	}
	var tree []string
	cid, page := "", ""
	if err := entity.Walk(func(path []int, e *message.Entity, err error) error {
		kind, params, _ := e.Header.ContentType()
		disposition, _, _ := e.Header.ContentDisposition()
		tree = append(tree, strings.Join(strings.Fields(fmt.Sprint(path, " ", kind, " ", params["type"], " ", disposition)), " "))
		if kind == "image/png" {
			cid = strings.Trim(e.Header.Get("Content-Id"), "<>")
		}
		if kind == "text/html" {
			var b bytes.Buffer
			_, err = b.ReadFrom(e.Body)
			page = b.String()
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"[] multipart/mixed", "[0] multipart/alternative", "[0 0] text/plain", "[0 1] multipart/related text/html",
		"[0 1 0] text/html", "[0 1 1] image/png inline", "[1] text/csv attachment"}
	if !slices.Equal(tree, want) {
		t.Errorf("parts\n%s\nwant\n%s", strings.Join(tree, "\n"), strings.Join(want, "\n"))
	}
	if cid == "" || strings.Count(page, `src="cid:`+cid+`"`) != 1 {
		t.Errorf("the picture is called %q", cid)
	}
	if to := entity.Header.Get("Reply-To"); to != "<ops@x.test>" {
		t.Errorf("a reply goes to %q", to)
	}
	l.To = "ops@x.test"
	own, err := message.Read(bytes.NewReader(composed(t, c, l)))
	if err != nil || own.Header.Has("Reply-To") {
		t.Errorf("to the operator: %v, %q", err, own.Header.Get("Reply-To"))
	}
	email, err := c.Preview(l, monday)
	if err != nil || !strings.Contains(email.HTML, `src="data:image/png;base64,`) || strings.Contains(email.HTML, "cid:") {
		t.Errorf("a page that is looked at by itself: %v", err)
	}
}
