package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mfabot/intake"
	"mfabot/intake/enforce"
)

// configured loads the example configuration with a directory.
func configured(t *testing.T, directory string) enforce.Directory {
	t.Helper()
	dir := t.TempDir()
	done(t, os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "example"))))
	for name, content := range map[string]string{"imap.password": "x\n", "smtp.password": "x\n", "graph.secret": "correct horse\n",
		"mfa-exempt": "#!/bin/sh\nexit 67\n"} {
		done(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o700))
	}
	file := filepath.Join(dir, "mfabot.toml")
	example, err := os.ReadFile(file)
	done(t, err)
	done(t, os.WriteFile(file, append(example, directory...), 0o600))
	s, err := Load(file)
	done(t, err)
	return s.Directory
}

// TestGraphConfigured: the access token is requested with the client's credentials, and again only after it
// was refused.
func TestGraphConfigured(t *testing.T) {
	t.Parallel()
	var asked []string
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, "token for "+r.FormValue("client_id")+" by "+r.FormValue("client_secret")+" "+r.FormValue("scope"))
		w.Header().Set("Content-Type", "application/json")
		token := map[string]any{"access_token": fmt.Sprint("t", len(asked)), "token_type": "Bearer", "expires_in": 3600}
		done(t, json.NewEncoder(w).Encode(token))
	})
	mux.HandleFunc("/v1.0/", func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("Authorization"))
		if len(asked) == 4 {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	d := configured(t, fmt.Sprintf(`
[directory]
kind  = "graph"
group = "4562bc21-1d12-4b8e-9a58-0f6c1b9de7a0"
oauth = "graph"
url   = "%[1]s/v1.0"
[oauth.graph]
token_url = "%[1]s/token"
client_id = "mfabot"
client_secret_file = "graph.secret"
scopes = ["https://graph.microsoft.com/.default"]
`, srv.URL))
	for range 3 {
		done(t, d.Expel(t.Context(), "4562bc21-0000-4b8e-9a58-0f6c1b9de7a0"))
	}
	const token = "token for mfabot by correct horse https://graph.microsoft.com/.default"
	if got, want := strings.Join(asked, "\n"), token+"\nBearer t1\nBearer t1\nBearer t1\n"+token+"\nBearer t5"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCommandConfigured(t *testing.T) {
	t.Parallel()
	d := configured(t, "\n[directory]\nkind = \"command\"\ncommand = [\"mfa-exempt\"]\n")
	if _, err := d.Apply(t.Context(), "sam@pharmacy.test"); !errors.Is(err, intake.ErrNoAccount) {
		t.Errorf("got %v, want ErrNoAccount", err)
	}
}

func TestNoDirectoryConfigured(t *testing.T) {
	t.Parallel()
	if d := configured(t, "\n[directory]\n"); d != nil {
		t.Errorf("got %v, want none", d)
	}
}

// TestSecretsOfOthers: the operator's own programs get the environment without the secrets in it.
func TestSecretsOfOthers(t *testing.T) {
	t.Setenv("MFABOT_MAIL", "correct horse")
	t.Setenv("MFABOT_OTHER", "plain")
	dir := t.TempDir()
	done(t, os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "example"))))
	program, file := filepath.Join(dir, "exempt"), filepath.Join(dir, "mfabot.toml")
	done(t, os.WriteFile(program, []byte("#!/bin/sh\nenv >\"$0.env\"\nexit 67\n"), 0o700))
	example, err := os.ReadFile(file)
	done(t, err)
	text := strings.NewReplacer(`"imap.password"`, `"env:MFABOT_MAIL"`, `"smtp.password"`, `"env:MFABOT_MAIL"`).Replace(string(example)) +
		"\n[directory]\nkind = \"command\"\ncommand = [\"" + program + "\"]\n[alarm]\ncommand = [\"" + program + "\"]\n"
	done(t, os.WriteFile(file, []byte(text), 0o600))
	s, err := Load(file)
	done(t, err)
	if _, err := s.Directory.Apply(t.Context(), "sam@site.test"); !errors.Is(err, intake.ErrNoAccount) {
		t.Fatal(err)
	}
	got, err := os.ReadFile(program + ".env")
	done(t, err)
	for what, env := range map[string]string{"directory": string(got), "alarm": strings.Join(s.Alarm.Env, "\n")} {
		if strings.Contains(env, "MFABOT_MAIL") || !strings.Contains(env, "MFABOT_OTHER=plain") {
			t.Errorf("%s: %s", what, env)
		}
	}
	if secret, err := s.Mailboxes[0].Password(); err != nil || secret != "correct horse" {
		t.Errorf("%q, %v", secret, err)
	}
}
