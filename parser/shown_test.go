package parser_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestShown reads decisions in HTML that styles hide, strike out, or may show otherwise than it reads.
func TestShown(t *testing.T) {
	sheet := func(rules, body string) string {
		return "<html><head><style>" + rules + "</style></head><body>" + body + "</body></html>"
	}
	word := `<!-- @font-face {font-family:Calibri; panose-1:2 15 5 2 2 2 4 3 2 4;} p.MsoNormal, li.MsoNormal, div.MsoNormal ` +
		`{margin:0cm; font-size:11.0pt; font-family:"Calibri",sans-serif;} a:link, span.MsoHyperlink {color:#0563C1; ` +
		`text-decoration:underline;} a:hover {color:#fff} span.EmailStyle19 {mso-style-type:personal-reply; color:windowtext;} ` +
		`.MsoChpDefault {mso-style-type:export-only;} @page WordSection1 {size:612.0pt 792.0pt; margin:72.0pt;} ` +
		`div.WordSection1 {page:WordSection1;} @list l0:level1 {text-indent:-18.0pt} ol {margin-bottom:0cm;} -->`
	tests := []struct{ html, want string }{
		// Struck out or hidden by a style sheet, however its selector is written.
		{sheet(`.x{text-decoration:line-through}`, `<p class=x>APPROVE</p>`), "none"},
		{sheet(`p.x, li{text-decoration: line-through red}`, `<p class="y X">APPROVE</p>`), "none"},
		{sheet(`#x{text-decoration-line:line-through}`, `<p id=x>APPROVE</p>`), "none"},
		{`<sTyLe>.x{display:none}</sTyLe><p class=x>APPROVE</p>`, "none"},
		{sheet(`P{opacity:0}`, `<p>APPROVE</p>`), "none"},
		{sheet(`*{font-size:0}`, `<p>APPROVE</p>`), "none"},
		{sheet(`/* } */ .x{color:#fefefe}`, `<p class=x>APPROVE</p>`), "none"},
		{sheet(`@media all{.x{display:none}}`, `<p class=x>APPROVE</p>`), "none"},
		{sheet(`.y{color:red}</style><style>.x{display:none}`, `<p class=x>APPROVE</p>`), "none"},
		{`<p class=x>APPROVE</p><style>.x{display:none}</style>`, "none"},
		// What may be hidden is doubt.
		{sheet(`div .x{text-decoration:line-through}`, `<p class=x>APPROVE</p>`), "none"},
		{sheet(`[class=x]{display:none}`, `<p class=x>APPROVE</p>`), "none"},
		{sheet(`@media (max-width:600px){.x{display:none}}`, `<p class=x>APPROVE</p>`), "none"},
		{sheet(`@media (max-width:600px){.y{display:none}}`, `<p class=x>APPROVE</p>`), "approve"},
		{sheet(`.x:before{content:"do not "}`, `<p class=x>APPROVE</p>`), "none"},
		{sheet(`.x:before{content:none}`, `<p class=x>APPROVE</p>`), "approve"},
		{sheet(`.y{display:none`, `<p class=x>APPROVE</p>`), "none"},
		{sheet(strings.Repeat("p.y{margin:0}", 30000)+`.x{display:none}`, `<p class=x>APPROVE</p>`), "none"},
		{sheet(strings.Repeat("@media{", 30), `<p class=x>APPROVE</p>`), "none"},
		// What clients put into style sheets is none.
		{sheet(word, `<div class=WordSection1><p class=MsoNormal><span class=EmailStyle19>APPROVE<o:p></o:p></span></p>`+
			`<p class=MsoNormal>Thanks, <a href="https://helpdesk.test">Asha</a></p></div>`), "approve"},
		{sheet(`@media only screen and (max-width:600px){.column{display:none}}`, `<p>APPROVE</p>`+
			`<blockquote type=cite><p class=column>Please decide</p></blockquote>`), "approve"},
		{sheet(`.x{color:red;text-decoration:underline}`, `<p class=x>APPROVE</p>`), "approve"},

		// Letters that are nearly of the colour behind them.
		{`<div style="color:rgb(254 254 254)">APPROVE</div>`, "none"},
		{`<div style="color:rgb(254, 254, 254)">APPROVE</div>`, "none"},
		{`<div style="color:rgb(99% 99% 99% / 90%)">APPROVE</div>`, "none"},
		{`<div style="color:hsl(40deg 20% 98%)">APPROVE</div>`, "none"},
		{`<div style="color:#fdfdfd">APPROVE</div>`, "none"},
		{`<div style="color:#fffe">APPROVE</div>`, "none"},
		{`<div style="color:mintcream">APPROVE</div>`, "none"},
		{`<div style="color:rgba(0,0,0,.02)">APPROVE</div>`, "none"},
		{`<div style="-webkit-text-fill-color:white">APPROVE</div>`, "none"},
		{`<div style="color:#e6e6e6">APPROVE</div>`, "none"},
		{`<div style="color:var(--paper)">APPROVE</div>`, "none"},
		{`<font color=FEFEFE>APPROVE</font>`, "none"},
		{`<body text=white><p>APPROVE</p></body>`, "none"},
		{`<body bgcolor=black><p>APPROVE</p></body>`, "none"},
		{`<div style="background:#111"><p style="color:#000">APPROVE</p></div>`, "none"},
		{`<div style="color:#fff"><p style="background-color:#fefefe">APPROVE</p></div>`, "none"},
		{`<div style="color:white"><p style="color:black">APPROVE</p></div>`, "approve"},
		{`<body bgcolor=black text=white><p>APPROVE</p></body>`, "approve"},
		{`<div style="background:url(cid:paper) no-repeat #fff"><p style="color:white">APPROVE</p></div>`, "approve"},
		{`<div style="color:windowtext;background:white">APPROVE</div>`, "approve"},
		{`<div style="color:rgb(32 31 30)">APPROVE</div>`, "approve"},
		{`<div style="color:#767676">APPROVE</div>`, "approve"},

		// Cut away, shrunk, moved.
		{`<div style='clip-path:inset(100%)'>APPROVE</div>`, "none"},
		{`<div style='clip-path:polygon(0 0,0 0,0 0)'>APPROVE</div>`, "none"},
		{`<div style='-webkit-clip-path: circle(0)'>APPROVE</div>`, "none"},
		{`<div style='clip:rect(1px,1px,1px,1px);position:absolute'>APPROVE</div>`, "none"},
		{`<div style="transform:scale(0)">APPROVE</div>`, "none"},
		{`<div style="transform:rotateX(90deg)">APPROVE</div>`, "none"},
		{`<div style="height:1px;overflow:hidden">APPROVE</div>`, "none"},
		{`<div style="filter:opacity(0)">APPROVE</div>`, "none"},
		{`<div style="font:0/0 a">APPROVE</div>`, "none"},
		{`<div style="font-size:0.1em">APPROVE</div>`, "none"},
		{`<div style="line-height:0">APPROVE</div>`, "none"},
		{`<div style="font-size:calc(1px * 0)"><p style="height:calc(0px)">APPROVE</p></div>`, "none"},
		{`<div style="letter-spacing:-1em">APPROVE</div>`, "none"},
		{`<div style="flex-direction:row-reverse;display:flex"><p>UNLESS</p><p>APPROVE</p></div>`, "none"},
		{`<div style="text-indent:-9999px">APPROVE</div>`, "none"},
		{`<bdo dir=rtl>APPROVE</bdo>`, "none"},
		{`<details><summary>Answer</summary>APPROVE</details>`, "none"},
		{`<p>APPROVE</p><svg><text>not</text></svg>`, "none"},
		{`<p>APPROVE</p><button>not</button>`, "none"},
		{`<p style="text-indent:-36.0pt;margin-left:36.0pt;line-height:107%">APPROVE</p>`, "approve"},
		{`<p style="transform:none;position:relative;opacity:1">APPROVE</p>`, "approve"},

		// What lies within may be shown all the same, and then counts.
		{`<div style="font-size:0">APPROVE<span style="font-size:11pt">unless it is old</span></div>`, "none"},
		{`<div style="visibility:hidden">Hello <span style="visibility:visible">APPROVE</span></div>`, "approve"},
	}
	for _, tt := range tests {
		if got := show(parse(t, htmlReply(tt.html)).Decision); got != tt.want {
			t.Errorf("%.300s:\n got %q\nwant %q", tt.html, got, tt.want)
		}
	}
}

// TestAlternatives expects a decision only where every rendition of the text can be read and says so.
func TestAlternatives(t *testing.T) {
	alternatives := func(parts ...string) string {
		var b strings.Builder
		for _, p := range parts {
			mediaType, content, _ := strings.Cut(p, " ")
			fmt.Fprintf(&b, "--b\r\nContent-Type: %s\r\n\r\n%s\r\n", mediaType, content)
		}
		return head + "Content-Type: multipart/alternative; boundary=b\r\n\r\n" + b.String() + "--b--\r\n"
	}
	plain, page := "text/plain APPROVE", "text/html <p>APPROVE</p>"
	tests := []struct {
		parts []string
		want  string
	}{
		{[]string{plain, page}, "approve"},
		{[]string{plain, `text/rtf {\rtf1 No, reject}`}, "none"},
		{[]string{plain, page, `application/rtf {\rtf1 REJECT no letter}`}, "none"},
		{[]string{plain, `text/rtf {\rtf1 APPROVE\par Thanks}`}, "approve"},
		{[]string{plain, `text/rtf {\rtf1 {\strike APPROVE}}`}, "none"},
		{[]string{plain, `text/rtf {\rtf1 APPROVE`}, "none"},
		{[]string{plain, `text/rtf {\rtf1 APPROVE\par{` + strings.Repeat("{", 1000) + "not" + strings.Repeat("}", 1001) + "}"}, "none"},
		{[]string{plain, `text/rtf {\rtf1 APPROVE` + strings.Repeat(`\par `, 4000) + "not}"}, "none"},
		{[]string{plain, "text/enriched <bold>No</bold>", page}, "none"},
		{[]string{plain, "text/html <p>No</p>", page}, "none"},
		{[]string{"text/plain No", plain, page}, "none"},
		{[]string{plain, "text/x-amp-html <html amp4email><p>No</p>", page}, "none"},
		{[]string{plain, "text/calendar BEGIN:VCALENDAR", page}, "none"},
	}
	for _, tt := range tests {
		if got := show(parse(t, alternatives(tt.parts...)).Decision); got != tt.want {
			t.Errorf("%.200q:\n got %q\nwant %q", tt.parts, got, tt.want)
		}
	}
}
