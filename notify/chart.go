package notify

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/go-analyze/charts"

	"mfabot/intake"
	"mfabot/templates"
)

// How a chart is drawn, in its own pixels: a mail program shows two of them as one.
const (
	chartWidth = 1200
	chartRow   = 84 // of a month
	chartEdge  = 76 // for the legend
	chartText  = 23 // points: 29 pixels, which are 14 or more as they are shown
)

// The colours of a chart. White is under it wherever it is shown, as in a dark mail program. Both bars stand out from it by more than
// 3 to 1, and from each other, so that nobody needs to tell their hues.
const (
	chartGround    = "#ffffff"
	chartInk       = "#212b32"
	chartRequests  = "#003087"
	chartDecisions = "#768692"
)

// chartView is a picture that a letter shows.
type chartView struct {
	CID template.URL // by which its page names it
	Alt string       // what it shows, in a sentence
}

// newChart is the picture of some months, the newest first; nil where there are none. The same months have the same name, and no
// others: some mail programs show the picture of that name that they saw first.
func newChart(s Service, months []intake.MonthFacts) *chartView {
	if len(months) == 0 {
		return nil
	}
	sum := sha256.Sum256([]byte(fmt.Sprint(months)))
	cid := "chart-" + hex.EncodeToString(sum[:12]) + "@" + intake.DomainOf(s.Address)
	return &chartView{CID: template.URL("cid:" + cid), Alt: inSentence(months)} //nolint:gosec // nobody else's words are in it
}

// inSentence says what a chart shows.
func inSentence(months []intake.MonthFacts) string {
	newest, oldest := months[0], months[len(months)-1]
	if len(months) == 1 {
		return fmt.Sprintf("Bars for %[3]s: %[1]s and %[2]s.", requestsIn(newest), decisionsIn(newest), monthName(newest))
	}
	least, most := 0, 0
	for i, m := range months {
		if m.Requests < months[least].Requests {
			least = i
		}
		if m.Requests > months[most].Requests {
			most = i
		}
	}
	return fmt.Sprintf("Bars for each month, %s to %s: in the last %s and %s; the fewest requests in %s (%s), the most in %s (%s).",
		monthName(oldest), monthName(newest), requestsIn(newest), decisionsIn(newest), monthName(months[least]),
		templates.Count(months[least].Requests), monthName(months[most]), templates.Count(months[most].Requests))
}

// monthName is a month as people write it; as it is, if it is none.
func monthName(m intake.MonthFacts) string { return monthAs(m, "January 2006") }

// shortMonth is a month where there is little room.
const shortMonth = "Jan 2006"

func monthAs(m intake.MonthFacts, layout string) string {
	at, err := time.Parse("2006-01", m.Month)
	if err != nil {
		return templates.Line(m.Month, maxRef)
	}
	return at.Format(layout)
}

// draw returns the picture (PNG): two bars a month, each with its number.
func draw(months []intake.MonthFacts) ([]byte, error) {
	var names []string
	bars := make([][]float64, 2)
	for _, m := range slices.Backward(months) { // the first is drawn at the bottom
		names = append(names, monthAs(m, shortMonth))
		bars[0], bars[1] = append(bars[0], float64(m.Requests)), append(bars[1], float64(m.Decided()))
	}
	p := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: chartWidth,
		Height: chartEdge + chartRow*len(months)})
	ink := charts.FontStyle{FontSize: chartText, FontColor: charts.ColorFromHex(chartInk)}
	inColours := []charts.Color{charts.ColorFromHex(chartRequests), charts.ColorFromHex(chartDecisions)}
	o := charts.NewBarChartOptionWithData(bars)
	o.Horizontal, o.Padding = true, charts.NewBox(12, chartEdge, 12, 4)
	o.Theme = charts.GetTheme(charts.ThemeLight).WithBackgroundColor(charts.ColorFromHex(chartGround)).WithSeriesColors(inColours)
	o.CategoryAxis.Labels, o.CategoryAxis.LabelFontStyle = names, ink
	o.Legend.Show = charts.Ptr(false)
	for i := range o.SeriesList {
		o.SeriesList[i].Label = charts.SeriesLabel{Show: charts.Ptr(true), FontStyle: ink,
			ValueFormatter: func(n float64) string { return templates.Count(int64(n)) }}
	}
	for i := range o.ValueAxis {
		o.ValueAxis[i].Show, o.ValueAxis[i].Min = charts.Ptr(false), charts.Ptr(0.0)
	}
	if err := p.BarChart(o); err != nil {
		return nil, err
	}
	x, top, side := 16, 22, chartText
	for i, name := range []string{"Requests", "Decisions"} { // the legend, whose squares are as high as its letters
		p.FilledRect(x, top, x+side, top+side, inColours[i], inColours[i], 0)
		p.Text(name, x+side+12, top+side, 0, ink)
		x += side + 60 + p.MeasureText(name, 0, ink).Width()
	}
	return p.Bytes()
}

// picture is the chart of a letter as a part of its message; nil where it has none.
func (c *Composer) picture(l intake.Letter) (*inline, error) {
	chart := newChart(c.service, l.Facts.Months)
	if chart == nil {
		return nil, nil
	}
	png, err := draw(l.Facts.Months)
	return &inline{cid: strings.TrimPrefix(string(chart.CID), "cid:"), mediaType: "image/png", filename: chartFile, content: png}, err
}

// Preview is Render for a page that is looked at by itself: its picture is in it.
func (c *Composer) Preview(l intake.Letter, at time.Time) (templates.Email, error) {
	email, err := c.Render(l, at)
	if err != nil {
		return email, err
	}
	p, err := c.picture(l)
	if p != nil {
		email.HTML = strings.ReplaceAll(email.HTML, "cid:"+p.cid,
			"data:"+p.mediaType+";base64,"+base64.StdEncoding.EncodeToString(p.content))
	}
	return email, err
}
