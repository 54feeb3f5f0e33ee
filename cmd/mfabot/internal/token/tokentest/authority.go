// Package tokentest is an authority that gives access tokens, as Entra does, for tests: by client credentials, by a code
// that somebody signs in with, and for a sign-in that it replaces each time. It tells mail servers which tokens are good.
package tokentest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
)

// Client is the one application that it knows.
const (
	Client = "11111111-2222-3333-4444-555555555555"
	Secret = "s3cret~of.the+application"
	// Code is what somebody signs in with.
	Code = "ABCD-EFGH"
)

// Authority is a server on this machine.
type Authority struct {
	*httptest.Server
	// User is whom mail servers are told that a token is of, whatever they asked with.
	User string

	mu      sync.Mutex
	lasts   int             // seconds that a token is said to last
	tokens  map[string]bool // which are good
	asked   int             // requests for a token
	signIn  string          // the refresh token that is good; empty for none
	waits   int             // how often whoever waits for a sign-in with a code is still told to
	trouble []http.HandlerFunc
}

// Start starts one. The caller closes it.
func Start() *Authority {
	a := &Authority{lasts: 3600, tokens: make(map[string]bool), waits: 1}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /tenant/oauth2/v2.0/token", a.token)
	mux.HandleFunc("POST /tenant/oauth2/v2.0/devicecode", a.device)
	mux.HandleFunc("GET /introspect", a.introspect)
	a.Server = httptest.NewServer(mux)
	return a
}

// TokenURL is where tokens are asked for.
func (a *Authority) TokenURL() string { return a.URL + "/tenant/oauth2/v2.0/token" }

// IntrospectURL is the beginning of where a mail server asks about a token, which it ends in.
func (a *Authority) IntrospectURL() string { return a.URL + "/introspect?token=" }

// Last says for how many seconds tokens are said to be good from now on.
func (a *Authority) Last(seconds int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lasts = seconds
}

// Revoke takes back every token, or the sign-in as well.
func (a *Authority) Revoke(signIn bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, t := range slices.Collect(maps.Keys(a.tokens)) {
		a.tokens[t] = false
	}
	if signIn {
		a.signIn = ""
	}
}

// Good reports whether a token is.
func (a *Authority) Good(token string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.tokens[token]
}

// Asked is how often a token was asked for.
func (a *Authority) Asked() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked
}

// SignIn is the refresh token that is good.
func (a *Authority) SignIn() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.signIn
}

// Trouble has the next requests for a token answered so, one each.
func (a *Authority) Trouble(answers ...http.HandlerFunc) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.trouble = append(a.trouble, answers...)
}

// Refuses answers as Entra refuses.
func Refuses(status int, code, description string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		answer(w, status, map[string]any{"error": code, "error_description": description})
	}
}

func answer(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // whoever asked may have gone
}

// trace is what Entra adds to each description.
const trace = " Trace ID: 0a1b2c3d-0000-0000-0000-000000000000 Correlation ID: 4e5f6a7b-0000-0000-0000-000000000000 " +
	"Timestamp: 2026-11-30 09:00:00Z"

func (a *Authority) token(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.asked++
	if len(a.trouble) > 0 {
		next := a.trouble[0]
		a.trouble = a.trouble[1:]
		a.mu.Unlock()
		next(w, r) // which may take its time
		return
	}
	defer a.mu.Unlock()
	grant := r.PostFormValue("grant_type")
	secret := r.PostFormValue("client_secret")
	switch {
	case r.PostFormValue("client_id") != Client:
		Refuses(400, "unauthorized_client", "AADSTS700016: Application with identifier '"+r.PostFormValue("client_id")+
			"' was not found in the directory 'Helpdesk'."+trace)(w, r)
	case grant == "client_credentials" && secret != Secret, secret != "" && secret != Secret:
		Refuses(401, "invalid_client", "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request "+
			"is the client secret value, not the client secret ID."+trace)(w, r)
	case grant == "client_credentials":
		a.give(w, false)
	case grant == "refresh_token" && (a.signIn == "" || r.PostFormValue("refresh_token") != a.signIn):
		Refuses(400, "invalid_grant", "AADSTS700082: The refresh token has expired due to inactivity."+trace)(w, r)
	case grant == "refresh_token":
		a.give(w, true)
	case grant == "urn:ietf:params:oauth:grant-type:device_code" && r.PostFormValue("device_code") == "device-code":
		if a.waits--; a.waits >= 0 {
			Refuses(400, "authorization_pending", "AADSTS70016: OAuth 2.0 device flow error. Authorization is pending."+trace)(w, r)
			return
		}
		a.give(w, strings.Contains(r.PostFormValue("scope"), "offline_access"))
	default:
		Refuses(400, "unsupported_grant_type", "AADSTS70003: The grant type is not supported."+trace)(w, r)
	}
}

// give gives a token, with a.mu locked, and a new sign-in in place of the one before.
func (a *Authority) give(w http.ResponseWriter, signIn bool) {
	token := fmt.Sprintf("access-%d", len(a.tokens)+1)
	a.tokens[token] = true
	body := map[string]any{"token_type": "Bearer", "expires_in": a.lasts, "access_token": token}
	if signIn {
		a.signIn = fmt.Sprintf("refresh-%d", len(a.tokens))
		body["refresh_token"] = a.signIn
	}
	answer(w, http.StatusOK, body)
}

func (a *Authority) device(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("client_id") != Client {
		Refuses(400, "unauthorized_client", "AADSTS700016: Application with identifier '"+r.PostFormValue("client_id")+
			"' was not found in the directory 'Helpdesk'."+trace)(w, r)
		return
	}
	answer(w, http.StatusOK, map[string]any{"user_code": Code, "device_code": "device-code",
		"verification_uri": "https://login.example.test/device", "expires_in": 900, "interval": 1})
}

// introspect tells a mail server whether a token is good (RFC 7662, as Dovecot asks by GET).
func (a *Authority) introspect(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, map[string]any{"active": a.Good(r.FormValue("token")), "username": a.User})
}
