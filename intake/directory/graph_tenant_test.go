package directory_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"mfabot/intake"
	"mfabot/intake/directory"
)

// object is an object of a tenant, as Graph writes it.
type object struct {
	Type           string   `json:"@odata.type"`
	ID             string   `json:"id"`
	DisplayName    string   `json:"displayName"`
	Principal      string   `json:"userPrincipalName,omitempty"`
	Mail           string   `json:"mail,omitempty"`
	ProxyAddresses []string `json:"proxyAddresses,omitempty"`
}

// tenant keeps users and a group. What is refused it answers as the scenarios have it.
type tenant struct {
	t       *testing.T
	users   []object
	group   []string // ids
	expired int      // tokens that are refused: token-1 to token-N
}

// pageSize is small, so that there are several pages.
const pageSize = 2

func (n *tenant) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for i := 1; i <= n.expired; i++ {
		if r.Header.Get("Authorization") == fmt.Sprintf("Bearer token-%d", i) {
			n.answer(w, r, "apply-token-renewed", 0)
			return
		}
	}
	group := "/v1.0/groups/" + exempt
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1.0/users/{name}", n.user)
	mux.HandleFunc("GET /v1.0/users", n.filter)
	mux.HandleFunc("GET "+group+"/members", n.members)
	mux.HandleFunc("POST "+group+"/members/$ref", n.add)
	mux.HandleFunc("DELETE "+group+"/members/{id}/$ref", n.remove)
	mux.HandleFunc("GET "+group, func(w http.ResponseWriter, r *http.Request) { n.answer(w, r, "remove-no-member", 2) })
	mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) { n.t.Errorf("%s %s", r.Method, r.URL) })
	mux.ServeHTTP(w, r)
}

// answer is the answer to a request of a scenario, counted from 0.
func (n *tenant) answer(w http.ResponseWriter, r *http.Request, scenario string, request int) {
	a, err := txtar.ParseFile("testdata/graph/" + scenario + ".txtar")
	if err != nil {
		n.t.Error(err)
		return
	}
	one := &script{t: n.t, exchanges: a.Files[1+2*request : 3+2*request]}
	one.exchanges[0].Data = fmt.Appendf(nil, "%s %s", r.Method, r.URL.RequestURI())
	r.Header.Set("Authorization", "Bearer token-1")
	one.ServeHTTP(w, r)
}

func (n *tenant) write(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		n.t.Error(err)
	}
}

func (n *tenant) user(w http.ResponseWriter, r *http.Request) {
	for _, u := range n.users {
		if strings.EqualFold(u.Principal, r.PathValue("name")) {
			n.write(w, u)
			return
		}
	}
	n.answer(w, r, "apply-unknown", 0)
}

var filterForm = regexp.MustCompile(`^mail eq '((?:[^']|'')*)' or proxyAddresses/any\(x:x eq 'smtp:((?:[^']|'')*)'\)$`)

func (n *tenant) filter(w http.ResponseWriter, r *http.Request) {
	m := filterForm.FindStringSubmatch(r.URL.Query().Get("$filter"))
	if m == nil || m[1] != m[2] {
		n.t.Errorf("a filter that Graph does not take: %s", r.URL.Query().Get("$filter"))
		return
	}
	addr := strings.ReplaceAll(m[1], "''", "'")
	found := []object{}
	for _, u := range n.users {
		proxy := func(p string) bool { return strings.EqualFold(p, "smtp:"+addr) }
		if strings.EqualFold(u.Mail, addr) || slices.ContainsFunc(u.ProxyAddresses, proxy) {
			found = append(found, u)
		}
	}
	n.write(w, map[string]any{"value": found})
}

func (n *tenant) members(w http.ResponseWriter, r *http.Request) {
	first := 0
	_, _ = fmt.Sscan(r.URL.Query().Get("$skiptoken"), &first)
	end := min(first+pageSize, len(n.group))
	page := map[string]any{}
	if end < len(n.group) {
		q := r.URL.Query()
		q.Set("$skiptoken", fmt.Sprint(end))
		page["@odata.nextLink"] = "http://" + r.Host + r.URL.Path + "?" + q.Encode()
	}
	value := []object{}
	for _, u := range n.users {
		if slices.Contains(n.group[first:end], u.ID) {
			value = append(value, u)
		}
	}
	page["value"] = value
	n.write(w, page)
}

func (n *tenant) add(w http.ResponseWriter, r *http.Request) {
	var body map[string]string
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil || r.Header.Get("Content-Type") != "application/json" {
		n.t.Errorf("%v in %s", err, r.Header.Get("Content-Type"))
	}
	id, found := strings.CutPrefix(body["@odata.id"], "http://graph.test/v1.0/directoryObjects/")
	if !found {
		n.t.Errorf("@odata.id is %q", body["@odata.id"])
	}
	if slices.Contains(n.group, id) {
		n.answer(w, r, "apply-already", 1)
		return
	}
	n.group = append(n.group, id)
	n.answer(w, r, "apply", 1)
}

func (n *tenant) remove(w http.ResponseWriter, r *http.Request) {
	i := slices.Index(n.group, r.PathValue("id"))
	if i < 0 {
		n.answer(w, r, "remove-no-member", 1)
		return
	}
	n.group = slices.Delete(n.group, i, i+1)
	n.answer(w, r, "remove", 1)
}

func TestGraphGroup(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	n := &tenant{t: t}
	for i, name := range []string{"sam.green", "lee.o'brien", "kit", "jo", "max"} {
		n.users = append(n.users, object{Type: "#microsoft.graph.user", ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", i),
			DisplayName: name, Principal: name + "@tenant.test", Mail: name + "@pharmacy.test",
			ProxyAddresses: []string{"SMTP:" + name + "@pharmacy.test", "smtp:old." + name + "@pharmacy.test"}})
	}
	g := graph(t, n)
	for _, addr := range []string{
		"sam.green@tenant.test", "sam.green@pharmacy.test", "old.sam.green@pharmacy.test",
		"lee.o'brien@pharmacy.test", "kit@tenant.test", "jo@pharmacy.test", "max@tenant.test",
	} {
		succeeds(t, apply(g)(ctx, addr))
		succeeds(t, apply(g)(ctx, addr))
		n.expired++ // whatever token is in use: the next call needs a new one
	}
	fails(t, apply(g)(ctx, "nobody@pharmacy.test"), intake.ErrNoAccount, false, "nobody@pharmacy.test")

	members, err := g.Members(ctx)
	succeeds(t, err)
	var want []intake.Member
	for _, u := range n.users {
		want = append(want, intake.Member{ID: u.ID, Name: u.DisplayName, Addresses: []string{u.Principal, u.Mail, "old." + u.Mail}})
	}
	equal(t, members, want)

	for range 2 {
		succeeds(t, g.Remove(ctx, "old.lee.o'brien@pharmacy.test"))
		succeeds(t, g.Remove(ctx, "nobody@pharmacy.test"))
		succeeds(t, g.Expel(ctx, members[0].ID))
	}
	equal(t, n.group, []string{members[2].ID, members[3].ID, members[4].ID})
}

// TestGraphTrouble: what the network does is never lasting.
func TestGraphTrouble(t *testing.T) {
	t.Parallel()
	t.Run("cut", func(t *testing.T) {
		t.Parallel()
		g := graph(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte(`{"id": "b2c9`))
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}))
		fails(t, apply(g)(t.Context(), "sam@pharmacy.test"), nil, true, "graph.test: its answer broke off: unexpected EOF")
	})
	t.Run("slow", func(t *testing.T) {
		t.Parallel()
		reached := make(chan struct{}, 1)
		g := graph(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			reached <- struct{}{}
			<-r.Context().Done()
		}))
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-reached
			cancel()
		}()
		_, err := g.Members(ctx)
		fails(t, err, context.Canceled, true, "graph.test cannot be reached")

		directory.SetTimeout(g, 50*time.Millisecond)
		_, err = g.Account(t.Context(), "sam@pharmacy.test")
		fails(t, err, context.DeadlineExceeded, true, "graph.test cannot be reached")
	})
	t.Run("endless", func(t *testing.T) {
		t.Parallel()
		g := graph(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for chunk := bytes.Repeat([]byte(" "), 1<<20); ; {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		}))
		fails(t, g.Expel(t.Context(), exempt), nil, false, "its answer is longer than")
	})
	t.Run("circle", func(t *testing.T) {
		t.Parallel()
		g := graph(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = fmt.Fprintf(w, `{"value": [], "@odata.nextLink": "http://graph.test/v1.0/groups/%s/members?$skiptoken=x"}`, exempt)
		}))
		_, err := g.Members(t.Context())
		fails(t, err, nil, false, "a list has more than 200 pages")
	})
	t.Run("untrusted", func(t *testing.T) {
		t.Parallel()
		srv := httptest.NewUnstartedServer(http.NotFoundHandler())
		srv.Config.ErrorLog = log.New(io.Discard, "", 0)
		srv.StartTLS()
		t.Cleanup(srv.Close)
		token := func(context.Context) (string, error) { return "x", nil }
		g, err := directory.NewGraph(directory.GraphConfig{URL: srv.URL, Group: exempt,
			Client: &http.Client{Transport: &http.Transport{}}, Token: token, Clock: time.Now})
		succeeds(t, err)
		fails(t, g.Expel(t.Context(), exempt), nil, false, "its certificate is not trusted")
		srv.Close()
		fails(t, g.Expel(t.Context(), exempt), nil, true, "cannot be reached")
	})
}

// noToken is an error of what gives access tokens.
type noToken struct {
	error
	temporary bool
}

func (n noToken) Temporary() bool           { return n.temporary }
func (n noToken) RetryAfter() time.Duration { return time.Minute }

// TestGraphToken: where there is no access token, the error says whether that will last.
func TestGraphToken(t *testing.T) {
	t.Parallel()
	said := errors.New("AADSTS7000215: Invalid client secret provided.")
	for _, c := range []struct {
		err       error
		temporary bool
		after     time.Duration
	}{
		{noToken{said, false}, false, time.Minute}, {noToken{said, true}, true, time.Minute}, {said, true, 0},
	} {
		g, err := directory.NewGraph(directory.GraphConfig{
			URL: "http://graph.test/v1.0", Group: exempt, Client: http.DefaultClient, Clock: time.Now,
			Token: func(context.Context) (string, error) { return "", c.err }})
		succeeds(t, err)
		err = apply(g)(t.Context(), "sam@pharmacy.test")
		fails(t, err, nil, c.temporary, "graph.test: no access token: AADSTS7000215")
		var asks interface{ RetryAfter() time.Duration }
		if !errors.As(err, &asks) || asks.RetryAfter() != c.after {
			t.Errorf("%v: asks for another time", err)
		}
	}
}

func TestGraphConfig(t *testing.T) {
	t.Parallel()
	for _, c := range []directory.GraphConfig{
		{URL: "graph.microsoft.com", Group: exempt}, {URL: "https://graph.microsoft.com/v1.0"}, {URL: "https://graph.microsoft.com/v1.0", Group: "MFA-Exempt"},
	} {
		c.Client = http.DefaultClient
		if _, err := directory.NewGraph(c); err == nil {
			t.Errorf("%q of %q is taken", c.Group, c.URL)
		}
	}
}
