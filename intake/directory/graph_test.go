package directory_test

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"mfabot/intake"
	"mfabot/intake/directory"
	"mfabot/intake/enforce"
)

var update = flag.Bool("update", false, "rewrite the expected results under testdata")

const exempt = "4562bc21-1d12-4b8e-9a58-0f6c1b9de7a0" // the group

// graph is a directory at http://graph.test/v1.0, where a handler answers. Every host there is leads to it;
// new tokens are token-1, token-2 and so on.
func graph(t *testing.T, handler http.Handler) *directory.Graph {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	transport := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, srv.Listener.Addr().String())
	}}
	t.Cleanup(transport.CloseIdleConnections)
	var mu sync.Mutex
	tokens, refused := 1, 0
	g, err := directory.NewGraph(directory.GraphConfig{
		URL: "http://graph.test/v1.0", Group: exempt, Client: &http.Client{Transport: transport},
		Token: func(context.Context) (string, error) {
			mu.Lock()
			defer mu.Unlock()
			if refused == tokens {
				tokens++
			}
			return fmt.Sprintf("token-%d", tokens), nil
		},
		Refused: func(token string) {
			mu.Lock()
			defer mu.Unlock()
			_, _ = fmt.Sscanf(token, "token-%d", &refused)
		},
		Clock: func() time.Time { return time.Date(2026, 11, 2, 9, 14, 0, 0, time.UTC) },
	})
	succeeds(t, err)
	return g
}

// TestGraphScenarios plays testdata/graph: a call, the requests that it must make, each with an answer in the
// shape that Microsoft documents, and how it comes out.
func TestGraphScenarios(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/graph/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			scenario, err := txtar.ParseFile(file)
			succeeds(t, err)
			last := len(scenario.Files) - 1
			script := &script{t: t, exchanges: scenario.Files[1:last]}
			got := outcome(t, graph(t, script), strings.Fields(string(scenario.Files[0].Data)))
			if len(script.exchanges) != 0 {
				t.Errorf("it did not ask for:\n%s", script.exchanges[0].Data)
			}
			if *update {
				scenario.Files[last].Data = []byte(got)
				succeeds(t, os.WriteFile(file, txtar.Format(scenario), 0o644))
			}
			equal(t, got, string(scenario.Files[last].Data))
		})
	}
}

// script answers requests in their order.
type script struct {
	t         *testing.T
	exchanges []txtar.File // request and answer by turns
	refused   bool         // the token of the request before
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Error(err)
	}
	got := r.Method + " " + r.URL.RequestURI()
	if len(body) > 0 {
		got += "\n\n" + string(body)
	}
	if len(s.exchanges) == 0 || r.Host != "graph.test" {
		s.t.Errorf("it asks %s for more: %s", r.Host, got)
		w.WriteHeader(http.StatusTeapot)
		return
	}
	equal(s.t, got, strings.TrimSpace(string(s.exchanges[0].Data)))
	token := "Bearer token-1"
	if s.refused {
		token = "Bearer token-2"
	}
	equal(s.t, r.Header.Get("Authorization"), token)
	head, rest, _ := strings.Cut(string(s.exchanges[1].Data), "\n\n")
	s.exchanges = s.exchanges[2:]
	answer, err := http.ReadResponse(bufio.NewReader(strings.NewReader(strings.TrimSpace(head)+"\n\n")), r)
	if err != nil {
		s.t.Error(err)
		return
	}
	defer func() { _ = answer.Body.Close() }()
	s.refused = s.refused || answer.StatusCode == http.StatusUnauthorized
	for name, values := range answer.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(answer.StatusCode)
	if rest != "" {
		_, _ = io.WriteString(w, rest)
	}
}

// outcome makes a call and puts all that comes of it into words.
func outcome(t *testing.T, d enforce.Directory, call []string) string {
	t.Helper()
	var out strings.Builder
	var err error
	switch call[0] {
	case "apply":
		err = apply(d)(t.Context(), call[1])
	case "remove":
		err = d.Remove(t.Context(), call[1])
	case "expel":
		err = d.Expel(t.Context(), call[1])
	case "account":
		var a intake.Account
		if a, err = d.Account(t.Context(), call[1]); err == nil {
			fmt.Fprintf(&out, "exists %v, enabled %v, methods %s", a.Exists, a.Enabled, a.Methods)
			if a.Exists {
				fmt.Fprintf(&out, ", name %q, department %q", a.Name, a.Department)
				if a.SignIn != "" {
					fmt.Fprintf(&out, ", signs in as %q", a.SignIn)
				}
			}
			out.WriteString("\n")
		}
	case "names":
		var names []string
		names, err = d.Names(t.Context(), call[1])
		for _, name := range names {
			fmt.Fprintln(&out, name)
		}
	case "groups":
		var groups []string
		groups, err = d.Groups(t.Context(), call[1])
		for _, g := range groups {
			fmt.Fprintln(&out, g)
		}
	case "members":
		var members []intake.Member
		members, err = d.Members(t.Context())
		for _, m := range members {
			fmt.Fprintf(&out, "%s %q %s\n", m.ID, m.Name, strings.Join(m.Addresses, " "))
		}
	default:
		t.Fatalf("no such call: %q", call)
	}
	if err == nil {
		return out.String() + "done\n"
	}
	var failed interface {
		Temporary() bool
		RetryAfter() time.Duration
	}
	if !errors.As(err, &failed) {
		t.Fatalf("an error that does not tell: %v", err)
	}
	kind := map[bool]string{true: "temporary", false: "permanent"}[failed.Temporary()]
	if after := failed.RetryAfter(); after != 0 {
		kind += ", again after " + after.String()
	}
	if errors.Is(err, intake.ErrNoAccount) {
		kind += ", no account"
	}
	return fmt.Sprintf("%s%s: %v\n", &out, kind, err)
}
