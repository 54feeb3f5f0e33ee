package directory

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	graphTimeout = 30 * time.Second // for each request, the answer and all
	graphAnswer  = 8 << 20          // bytes of an answer
	graphPages   = 200              // of members, each of 999 at most
	longestWait  = time.Hour        // that a Retry-After is believed
)

// request is one to Graph.
type request struct {
	method string
	path   string // below the base, escaped
	url    string // or the whole
	body   any    // sent as JSON; nil for none
	needs  string // what is missing where Graph answers 403
}

// answerError is an answer of Graph that is not a success (https://learn.microsoft.com/graph/errors).
type answerError struct {
	status  int
	code    string
	message string
}

func (e *answerError) Error() string {
	text := strconv.Itoa(e.status) + " " + http.StatusText(e.status)
	if e.code != "" {
		text += ": " + e.code
	}
	if e.message != "" {
		text += ": " + e.message
	}
	return text
}

// isStatus reports whether err is an answer with one of the statuses.
func isStatus(err error, statuses ...int) bool {
	var a *answerError
	return errors.As(err, &a) && slices.Contains(statuses, a.status)
}

// says reports whether err is an answer with these words.
func says(err error, words string) bool {
	var a *answerError
	return errors.As(err, &a) && strings.Contains(a.message, words)
}

// get reads what is at a path into out, which may be nil.
func (g *Graph) get(ctx context.Context, needs, path string, out any) error {
	return g.call(ctx, request{method: http.MethodGet, path: path, needs: needs}, out)
}

// call makes a request and reads the answer into out, if that is not nil. If Graph refuses the current token,
// it tries once more with a new one.
func (g *Graph) call(ctx context.Context, r request, out any) error {
	for again := false; ; again = true {
		token, err := g.token(ctx)
		if err != nil {
			return noToken(g.base.Host, err)
		}
		if err = g.once(ctx, r, token, out); !isStatus(err, http.StatusUnauthorized) {
			return err
		}
		if g.refuses(token); again {
			return err
		}
	}
}

func (g *Graph) once(ctx context.Context, r request, token string, out any) error {
	within, cancel := context.WithTimeout(ctx, g.timeout)
	defer cancel()
	if r.url == "" {
		r.url = g.base.String() + r.path
	}
	var body io.Reader
	if r.body != nil {
		data, err := json.Marshal(r.body)
		if err != nil {
			return lasting("%s: %w", g.base.Host, err)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(within, r.method, r.url, body)
	if err != nil {
		return lasting("%s: %w", g.base.Host, err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept", "application/json")
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := g.client.Do(req)
	if err != nil {
		return unreached(g.base.Host, err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(res.Body, graphAnswer+1))
	switch {
	case err != nil:
		return passing("%s: its answer broke off: %w", g.base.Host, err)
	case len(data) > graphAnswer:
		return lasting("%s: its answer is longer than %d bytes", g.base.Host, graphAnswer)
	case res.StatusCode < 200 || res.StatusCode > 299:
		return g.refused(r, res, data)
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(data, out); err != nil {
		return passing("%s: its answer is not what was asked for: %w", g.base.Host, err)
	}
	return nil
}

// refused puts an answer that is not a success into words.
func (g *Graph) refused(r request, res *http.Response, data []byte) error {
	a := &answerError{status: res.StatusCode}
	var body struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(data, &body) == nil {
		a.code, a.message = said(body.Error.Code), said(body.Error.Message)
	}
	f := &failure{err: fmt.Errorf("%s: %s %s: %w", g.base.Host, r.method, res.Request.URL.Path, a)}
	switch {
	case a.status == http.StatusUnauthorized:
		f.err = fmt.Errorf("%w (it refuses the access token: check the application, "+
			"and that scopes of [oauth] is https://%s/.default)", f.err, g.base.Host)
	case a.status == http.StatusForbidden:
		f.err = fmt.Errorf("%w (give the application %s, and consent to it as an administrator)", f.err, r.needs)
	case a.status == http.StatusRequestTimeout, a.status == http.StatusTooManyRequests, a.status >= 500:
		f.temporary, f.after = true, retryAfter(res.Header.Get("Retry-After"), g.clock())
	}
	return f
}

// retryAfter reads a Retry-After (RFC 9110, section 10.2.3), or returns 0.
func retryAfter(value string, now time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		wait = time.Duration(seconds) * time.Second //nolint:gosec // 31 bits
	} else if at, err := http.ParseTime(value); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), longestWait)
}

// noToken says that there is no access token. The error knows by itself whether it may pass, and when; one that does not may.
func noToken(host string, err error) error {
	f := &failure{err: fmt.Errorf("%s: no access token: %w", host, err), temporary: true}
	var known interface {
		Temporary() bool
		RetryAfter() time.Duration
	}
	if errors.As(err, &known) {
		f.temporary, f.after = known.Temporary(), known.RetryAfter()
	}
	return f
}
