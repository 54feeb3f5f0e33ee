package page_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"mfabot/cmd/mfabot/internal/page"
	"mfabot/intake"
	"mfabot/store"
)

var update = flag.Bool("update", false, "rewrite the golden pages")

// ask asks for the page on this machine.
func ask(t *testing.T, h http.Handler, change func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:8025/", nil)
	r.RemoteAddr = "127.0.0.1:50000"
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// shows returns the page, which there must be.
func (s *setup) shows() string {
	s.t.Helper()
	r := ask(s.t, s.handler(), nil)
	if r.Code != http.StatusOK {
		s.t.Fatalf("%d: %s", r.Code, r.Body)
	}
	return r.Body.String()
}

// TestGoldenPages are pages to look at, each of which says what it should and nothing of anybody.
func TestGoldenPages(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*setup){
		"nothing":  func(*setup) {},
		"some":     (*setup).fill,
		"personal": func(s *setup) { s.fill(); s.Personal = true; s.Running = isBroken },
		"failing": func(s *setup) {
			s.Running = func(context.Context) (page.Running, error) { return page.Running{Ways: broken().Ways}, nil }
		},
		"broken": func(s *setup) { s.fill(); s.Directory = false; s.Running = isBroken },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSetup(t)
			prepare(s)
			got := s.shows()
			file := filepath.Join("testdata", name+".golden.html")
			if *update {
				done(t, os.WriteFile(file, []byte(got), 0o600))
			}
			want, err := os.ReadFile(file)
			done(t, err)
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, fault := range faults(t, got) {
				t.Error(fault)
			}
		})
	}
}

func isBroken(context.Context) (page.Running, error) { return broken(), nil }

// faults are what a page does that no page of ours may: run anything, load anything, or confuse a screen reader.
func faults(t *testing.T, source string) (all []string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(source))
	done(t, err)
	level, ids := 0, make(map[string]bool)
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "h1", "h2", "h3":
			if now := int(n.Data[1] - '0'); now > level+1 || now == 1 && level > 0 {
				all = append(all, "a heading out of order: "+n.Data)
			} else {
				level = now
			}
		case "th":
			if attribute(n, "scope") == "" {
				all = append(all, "a th without a scope")
			}
		case "script", "img", "link", "form", "input", "iframe", "object", "button", "b":
			all = append(all, "there is a "+n.Data)
		}
		for _, a := range n.Attr {
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", a.Key == "src", a.Key == "href" && !strings.HasPrefix(a.Val, "#"):
				all = append(all, n.Data+" has "+a.Key)
			case a.Key == "id" && ids[a.Val]:
				all = append(all, "two have the id "+a.Val)
			case a.Key == "id":
				ids[a.Val] = true
			}
		}
	}
	return all
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// TestLook: the page has the colours and the logo that the policy chooses, and its name. A browser takes the style for the one
// that it may have.
func TestLook(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	own := *s.Service.Policy
	own.Name = "Exceptions <of the Trust>"
	own.Look = intake.Look{Colour: "#7c2855", ColourDark: "#e8a5c6", Logo: "Oak & Elm"}
	s.Service.Policy = &own
	shown := s.shows()
	for _, want := range []string{`<span class="logo">Oak &amp; Elm</span> NHSmail Helpdesk`, "“Exceptions &lt;of the Trust&gt;”",
		"background: #7c2855", "--blue: #e8a5c6", "--link: #e8a5c6"} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not there", want)
		}
	}
	for _, colour := range []string{"#005eb8", "#5ba3e0", "#8cc4f2"} {
		if strings.Contains(shown, colour) {
			t.Errorf("%s is left", colour)
		}
	}
	_, style, _ := strings.Cut(shown, "<style>")
	style, _, _ = strings.Cut(style, "</style>")
	sum := sha256.Sum256([]byte(style))
	want := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	if policy := ask(t, s.handler(), nil).Header().Get("Content-Security-Policy"); !strings.Contains(policy, want) {
		t.Errorf("%s, expected %s", policy, want)
	}
}

// TestNoNames: nothing on the page says who anybody is, unless that is asked for.
func TestNoNames(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	s.fill()
	s.Running = isBroken
	names := []string{"Zebedee", "zebedee", "Sam", "sam@", "سارة", "Asha", "Ben Okafor", "Oak Street", "Elm Lodge", "unknown"}
	body := s.shows()
	for _, name := range names {
		if strings.Contains(body, name) {
			t.Errorf("the page has %q", name)
		}
	}
	s.Personal = true
	body = s.shows()
	for _, name := range names {
		if !strings.Contains(body, name) {
			t.Errorf("the personal page has not %q", name)
		}
	}
	if strings.ContainsRune(body, '\u202E') {
		t.Error("what follows a name can be turned around")
	}
}

// TestChartAndTable: the chart has the figures of the table.
func TestChartAndTable(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	s.fill()
	body := s.shows()
	find := func(expr string) (found []string) {
		for _, m := range regexp.MustCompile(expr).FindAllStringSubmatch(body, -1) {
			found = append(found, m[1])
		}
		return found
	}
	_, ending, _ := strings.Cut(body, `id="ending-table"`)
	body, _, _ = strings.Cut(ending, "</table>")
	table := find(`<td class="number">([\d,]+)</td></tr>`)
	body = s.shows()
	chart := find(`dx="0.4em" y="[\d.]+em">([\d,]+)</text>`)
	// Of the 18, the first is over at this very moment, and the last two end later.
	if diff := cmp.Diff([]string{"3", "1", "6", "0", "2", "0", "1", "2"}, table); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(table, chart); diff != "" {
		t.Errorf("chart (-table +chart):\n%s", diff)
	}
	if !strings.Contains(body, "15 exceptions end by then, of 17 in force.") {
		t.Error("it does not say how many end")
	}
}

// TestClocksGoBack: days and weeks begin at midnight where the service is, also when the clocks change.
func TestClocksGoBack(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	s.Service.Clock = func() time.Time { return time.Date(2026, 10, 24, 23, 30, 0, 0, time.UTC) }
	midnight := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	s.update(func(ctx context.Context, tx *store.Tx) error {
		for ref, end := range map[string]time.Time{"LT-2026-00001": midnight.Add(-time.Second), "LT-2026-00002": midnight} {
			e := &intake.Exception{Ref: ref, Category: intake.Long, State: intake.Active, EndsAt: end}
			if err := tx.AddException(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
	body := s.shows()
	for _, want := range []string{"Sunday 25 October 2026, 00:30 BST", `<th scope="row">Sunday 25 October</th>`,
		`<th scope="row" class="whole">25 Oct to 31 Oct</th><td class="number">1</td>`,
		`<th scope="row" class="whole">1 Nov to 7 Nov</th><td class="number">1</td>`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// TestWhoDecides: a request waits for those who hold a code and have not decided, each counted once.
func TestWhoDecides(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	s.Personal = true
	s.waits(1, intake.Pending, intake.User{}, "FX101", day, "asha@helpdesk.test", "ben@helpdesk.test", "cleo@helpdesk.test",
		"ben@helpdesk.test", "asha@helpdesk.test")
	reviews, err := s.store.Reviews(t.Context(), "LT-2026-00001")
	done(t, err)
	s.update(func(ctx context.Context, tx *store.Tx) error {
		return errors.Join(tx.Decide(ctx, reviews[0].ID, intake.EventApprove, "", now), tx.VoidReview(ctx, reviews[2].ID, now))
	})
	if body := s.shows(); !strings.Contains(body, "<bdi>Ben Okafor</bdi>") {
		t.Errorf("it does not wait for Ben alone: %s", body)
	}
}

// TestManyWait: of many that wait, the longest waiting are shown, and how many more there are.
func TestManyWait(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	for i := 1; i <= 53; i++ {
		s.waits(i, intake.Pending, intake.User{}, "FX101", time.Duration(i)*time.Hour)
	}
	body := s.shows()
	for _, want := range []string{"The 50 requests that have waited longest", "3 more requests wait besides these",
		"53 requests wait for reviewers, and 0 for their sites.", `LT-2026-00053</th>`, `LT-2026-00004</th>`, "Nobody who may decide"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(body, "LT-2026-00003") {
		t.Error("the page has one that waits less long")
	}
}

// TestUnreadable: where something cannot be read there is no page, and no word of why for whoever asks.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	s := newSetup(t)
	s.Running = func(context.Context) (page.Running, error) { return page.Running{}, errors.New("disk of " + person) }
	r := ask(t, s.handler(), nil)
	body := r.Body.String()
	if r.Code != http.StatusServiceUnavailable || strings.Contains(body, person) || !strings.Contains(body, "/readyz") {
		t.Errorf("%d %s", r.Code, body)
	}
}
