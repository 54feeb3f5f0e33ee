package templates

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
)

func TestKeepTogether(t *testing.T) {
	const piece, way, end = inOnePiece, itsOwnWay, "</span>"
	for _, tt := range []struct{ name, page, want string }{
		{"a reference", "<p>About LT-2026-00042, and ST-2026-00003.</p>",
			"<p>About " + piece + "LT-2026-00042," + end + " and " + piece + "ST-2026-00003." + end + "</p>"},
		{"an address", "<p>Jo (jo.o&#39;neill&#43;x@bay-view.test).</p>",
			"<p>Jo " + piece + "(jo.o&#39;neill&#43;x@<wbr>bay-view.test)." + end + "</p>"},
		{"a code", "<p>mfa-mzxw6ytboi4dcmrtgq2tmnzyhe3dsnbv</p>", "<p>" + piece + "mfa-mzxw6ytboi4dcmrtgq2tmnzyhe3dsnbv" + end + "</p>"},
		{"neither", "<p>2026-06-01, mfa-helpdesk, @ &lt;b&gt;</p>", "<p>2026-06-01, mfa-helpdesk, @ &lt;b&gt;</p>"},
		{"an attribute", `<a href="mailto:jo@x.test?subject=LT-2026-00042">Go</a>`, `<a href="mailto:jo@x.test?subject=LT-2026-00042">Go</a>`},
		{"a link", `<p><a href="x">LT-2026-00042</a> LT-2026-00042</p>`, `<p><a href="x">LT-2026-00042</a> ` + piece + "LT-2026-00042" + end + "</p>"},
		{"from right to left", "<p>سارة 5 الخطيب, 2 of noa.</p>", "<p>" + way + "سارة 5 الخطيب" + end + ", 2 of noa.</p>"},
		{"beside what looks like a tag", `<p title="a > jo@x.test">1 < 2 <!-- <b> jo@x.test --> <br/>jo@x.test</p>`,
			`<p title="a > jo@x.test">1 < 2 <!-- <b> jo@x.test --> <br/>` + piece + "jo@<wbr>x.test" + end + "</p>"},
		{"not closed", "<p>jo@x.test <a", "<p>" + piece + "jo@<wbr>x.test" + end + " <a"},
		{"in a direction of its own", `<p dir="auto">נועה: x</p><p>נועה</p>`, `<p dir="auto">נועה: x</p><p>` + way + "נועה" + end + "</p>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			const head = "<title>LT-2026-00042</title><style>x@y.test</style><body>"
			var got bytes.Buffer
			if keepTogether(&got, []byte(head+tt.page)); got.String() != head+tt.want {
				t.Errorf("%s\nwant %s", got.String(), head+tt.want)
			}
		})
	}
}

// FuzzPage holds what is done with a page, word by word and byte by byte, against what it must come to.
func FuzzPage(f *testing.F) {
	blankLines := regexp.MustCompile(`\n\s*\n+`)
	for _, s := range []string{"", " ", "\n \n", "a\n\n\n b \n\t\n\n c", "\u00a0\n\n x \v\n", "To LT-2026-00042, jo@x.test, of\nnoa (x-y@z-)",
		"סא 5 נ LT-2026-00042 x", "a\vb@c", "ŵ@cymru.test- “x-y”", "(mfa-mzxw6ytboi4dcmrtgq2tmnzyhe3dsnbv)", "@-", "ـ-@",
		"<p title=\"a > b\">x@y.test <!-- <b> --> < <", "<a", "<", "<!--", "<a b='"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, want := string(tidy([]byte(s))), strings.TrimSpace(blankLines.ReplaceAllString(s, "\n"))+"\n"; got != want {
			t.Errorf("%q is tidied to %q, want %q", s, got, want)
		}
		bare := strings.NewReplacer(inOnePiece, "", itsOwnWay, "", "</span>", "", "<wbr>", "")
		var whole bytes.Buffer
		keepTogether(&whole, []byte("<body>"+s))
		if got, want := bare.Replace(whole.String()), bare.Replace("<body>"+s); got != want {
			t.Errorf("other words: %q, want %q", got, want)
		}
		for _, in := range []struct{ link, ownWay bool }{{}, {link: true}, {ownWay: true}} {
			var got, want bytes.Buffer
			kept(&got, []byte(s), in.link, in.ownWay)
			keptIn(&want, []byte(s), in.link, in.ownWay)
			if got.String() != want.String() {
				t.Errorf("%q, %+v: %q, want %q", s, in, got.String(), want.String())
			}
		}
	})
}
