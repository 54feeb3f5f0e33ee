package templates

import "testing"

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
		{"in a direction of its own", `<p dir="auto">נועה: x</p><p>נועה</p>`, `<p dir="auto">נועה: x</p><p>` + way + "נועה" + end + "</p>"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			const head = "<title>LT-2026-00042</title><style>x@y.test</style><body>"
			if got := keepTogether(head + tt.page); got != head+tt.want {
				t.Errorf("%s\nwant %s", got, head+tt.want)
			}
		})
	}
}
