//go:build real

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// toxiproxy is a network with troubles: toxiproxy as a process of its own (see
// internal/post/toxiproxy), which is told by HTTP what to do.
type toxiproxy struct {
	ctx context.Context //nolint:containedctx // of the test
	api string
}

// startToxiproxy builds toxiproxy and runs it until the test ends.
func startToxiproxy(ctx context.Context, t *testing.T) *toxiproxy {
	t.Helper()
	program := filepath.Join(t.TempDir(), "toxiproxy")
	if out, err := exec.CommandContext(ctx, "go", "build", "-C", "internal/post/toxiproxy", "-o", program, ".").
		CombinedOutput(); err != nil {
		t.Fatalf("building toxiproxy: %v\n%s", err, out)
	}
	process := exec.Command(program)
	stdin, err := process.StdinPipe()
	done(t, err)
	stdout, err := process.StdoutPipe()
	done(t, err)
	var stderr bytes.Buffer
	process.Stderr = &stderr
	done(t, process.Start())
	t.Cleanup(func() {
		done(t, stdin.Close()) // which ends it
		if err := process.Wait(); err != nil {
			t.Errorf("toxiproxy: %v\n%s", err, stderr.String())
		}
	})
	addr, err := bufio.NewReader(stdout).ReadString('\n')
	done(t, err)
	return &toxiproxy{ctx, "http://" + strings.TrimSpace(addr)}
}

// way opens a way to a server, and returns the address that leads there.
func (p *toxiproxy) way(t *testing.T, server, addr string) string {
	t.Helper()
	var made struct{ Listen string }
	p.call(t, http.MethodPost, "/proxies", map[string]any{"name": server, "listen": "127.0.0.1:0", "upstream": addr}, &made)
	return made.Listen
}

// put puts a toxic on the way to its server, and returns what takes it off.
func (p *toxiproxy) put(t *testing.T, x toxic) (off func()) {
	t.Helper()
	way := "/proxies/" + x.server
	if x.kind == "down" {
		p.call(t, http.MethodPatch, way, map[string]any{"enabled": false}, nil)
		return func() { t.Helper(); p.call(t, http.MethodPatch, way, map[string]any{"enabled": true}, nil) }
	}
	var made struct{ Name string }
	p.call(t, http.MethodPost, way+"/toxics", map[string]any{"type": x.kind, "stream": x.stream, "attributes": x.attributes}, &made)
	return func() { t.Helper(); p.call(t, http.MethodDelete, way+"/toxics/"+made.Name, nil, nil) }
}

// call sends a request to the API, and reads its answer into what answer points to.
func (p *toxiproxy) call(t *testing.T, method, path string, body, answer any) {
	t.Helper()
	text, err := json.Marshal(body)
	done(t, err)
	req, err := http.NewRequestWithContext(p.ctx, method, p.api+path, bytes.NewReader(text))
	done(t, err)
	resp, err := http.DefaultClient.Do(req)
	done(t, err)
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= http.StatusMultipleChoices {
		t.Fatalf("toxiproxy: %s %s: %s", method, path, resp.Status)
	}
	if answer != nil {
		done(t, json.NewDecoder(resp.Body).Decode(answer))
	}
}
