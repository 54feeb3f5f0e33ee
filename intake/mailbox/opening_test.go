package mailbox

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
	"github.com/emersion/go-sasl"
)

// tokenSession is a memory server's session that takes XOAUTH2 only.
type tokenSession struct {
	imapserver.SessionIMAP4rev2
	password string
}

func (tokenSession) AuthenticateMechanisms() []string { return []string{"XOAUTH2"} }

func (s tokenSession) Authenticate(string) (sasl.Server, error) { return s, nil }

func (s tokenSession) Next(response []byte) (challenge []byte, done bool, err error) {
	if string(response) != "user=shared@example.test\x01auth=Bearer t0ken\x01\x01" {
		return nil, false, imapserver.ErrAuthFailed
	}
	return nil, true, s.Login("shared@example.test", s.password)
}

func TestXOAUTH2(t *testing.T) {
	mem := imapmemserver.New()
	user := imapmemserver.NewUser("shared@example.test", "internal")
	if err := user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	mem.AddUser(user)
	cfg := baseConfig(t, serve(t, &imapserver.Options{
		Caps:         imap.CapSet{imap.CapIMAP4rev1: {}},
		InsecureAuth: true,
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return tokenSession{mem.NewSession().(imapserver.SessionIMAP4rev2), "internal"}, nil, nil
		},
	}))
	cfg.Username = "shared@example.test"
	cfg.Password = nil
	cfg.Token = func(context.Context) (string, error) { return "t0ken", nil }
	drain(t, watch(t, cfg, newLedger()))
}

// Exchange answers a token it refuses with a challenge, and ends the command only after an empty line. What a server can do
// it may say in small letters.
func TestXOAUTH2Refused(t *testing.T) {
	for _, ir := range []string{"", " sasl-ir"} {
		heard := make(chan string, 2)
		cfg := scripted(t, answers{
			"CAPABILITY": func(k *talk) { k.say("* CAPABILITY IMAP4rev1 AUTH=XOAUTH2"+ir, "TAG OK") },
			"AUTHENTICATE": func(k *talk) {
				tag := k.tag
				_, initial, _ := strings.Cut(k.line, "XOAUTH2 ")
				if ir == "" {
					k.say("+ ")
					k.hear()
					initial = k.tag
				}
				heard <- initial
				k.say("+ " + base64.StdEncoding.EncodeToString([]byte(`{"status":"401","echo":"s3cret"}`)))
				k.hear()
				heard <- k.tag + k.line
				k.tag = tag
				k.say("TAG NO [AUTHENTICATIONFAILED] AUTHENTICATE failed.")
			},
		})
		cfg.Token = func(context.Context) (string, error) { return "s3cret", nil }
		_, err := watch(t, cfg, newLedger()).Step(t.Context())
		if !errors.Is(err, ErrLogin) || !strings.Contains(err.Error(), `"status":"401"`) ||
			!strings.Contains(err.Error(), "AUTHENTICATE failed.") {
			t.Errorf("error %v", err)
		}
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("the token is in the error: %v", err)
		}
		initial, err := base64.StdEncoding.DecodeString(<-heard)
		equal(t, "initial response", string(initial), "user="+cfg.Username+"\x01auth=Bearer s3cret\x01\x01")
		equal(t, "base64", err, error(nil))
		equal(t, "answer to the challenge", <-heard, "")
	}
}

// lasting is an error that stays until somebody does something.
type lasting struct{ error }

func (lasting) Temporary() bool { return false }

// A token that the server refuses, as one that was revoked, is thrown away before its end, and a new one is tried at once. If
// that is refused too, the operator hears it, and the next attempt begins with neither.
func TestTokenRefused(t *testing.T) {
	good := "t2"
	refusing := answers{
		"CAPABILITY": func(k *talk) { k.say("* CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2", "TAG OK") },
		"AUTHENTICATE": func(k *talk) {
			_, initial, _ := strings.Cut(k.line, "XOAUTH2 ")
			if sent, _ := base64.StdEncoding.DecodeString(initial); strings.Contains(string(sent), "Bearer "+good+"\x01") {
				k.say("TAG OK")
				return
			}
			k.say("TAG NO AUTHENTICATE failed.")
		},
	}
	cfg := scripted(t, refusing)
	n := 1
	var refused []string
	cfg.Token = func(context.Context) (string, error) { return fmt.Sprint("t", n), nil }
	cfg.Refused = func(token string) {
		refused = append(refused, token)
		if token == fmt.Sprint("t", n) {
			n++
		}
	}
	w := watch(t, cfg, newLedger())
	if _, err := w.Step(t.Context()); err != nil {
		t.Error(err)
	}
	equal(t, "refused", refused, []string{"t1"})

	good = "none"
	_, err := watch(t, cfg, newLedger()).Step(t.Context())
	if !errors.Is(err, ErrLogin) || !strings.Contains(err.Error(), "IMAP.AccessAsApp with admin consent") ||
		strings.Contains(err.Error(), "t3") {
		t.Errorf("error %v", err)
	}
	equal(t, "refused", refused, []string{"t1", "t2", "t3"})
	equal(t, "next", n, 4)
}

func TestLoginErrors(t *testing.T) {
	for name, test := range map[string]struct {
		answers answers
		token   error // of the token source
		oauth   bool
		login   bool // an ErrLogin
		text    string
	}{
		"busy": {
			answers: answers{"LOGIN": func(k *talk) { k.say("TAG NO [UNAVAILABLE] try later") }},
			text:    "try later",
		},
		"no without a code": {
			answers: answers{"LOGIN": func(k *talk) { k.say("TAG NO LOGIN failed.") }},
			login:   true, text: "LOGIN failed.",
		},
		"bye": {
			answers: answers{"LOGIN": func(k *talk) { k.say("* BYE too many connections"); _ = k.conn.Close() }},
			text:    "too many connections",
		},
		"login disabled": {
			answers: answers{"CAPABILITY": func(k *talk) { k.say("* CAPABILITY IMAP4rev1 LOGINDISABLED", "TAG OK") }},
			login:   true, text: "LOGINDISABLED",
		},
		"no oauth": {oauth: true, login: true, text: "does not offer XOAUTH2"},
		"no token": {
			answers: answers{"CAPABILITY": func(k *talk) { k.say("* CAPABILITY IMAP4rev1 AUTH=XOAUTH2", "TAG OK") }},
			oauth:   true, token: errors.New("token endpoint is down"), text: "token endpoint is down",
		},
		"no token for good": {
			answers: answers{"CAPABILITY": func(k *talk) { k.say("* CAPABILITY IMAP4rev1 AUTH=XOAUTH2", "TAG OK") }},
			oauth:   true, token: lasting{errors.New("the secret is wrong")}, login: true, text: "the secret is wrong",
		},
		"preauth": {
			answers: answers{"greeting": func(k *talk) { k.say("* PREAUTH welcome") }},
			text:    "PREAUTH",
		},
		"busy greeting": {
			answers: answers{"greeting": func(k *talk) { k.say("* BYE come back later") }},
			text:    "come back later",
		},
		"not imap": {
			answers: answers{"greeting": func(k *talk) { k.say("220 mail.example.test ESMTP") }},
			text:    "220 mail.example.test",
		},
		"endless line": {
			answers: answers{"greeting": func(k *talk) { k.say("* OK " + strings.Repeat("x", 2*openingLine)) }},
			text:    "overlong line",
		},
		"endless talk": {
			answers: answers{"LOGIN": func(k *talk) {
				for range 2 * openingLines {
					k.say("* OK still thinking")
				}
			}},
			text: "does not end",
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := scripted(t, test.answers)
			if test.oauth {
				cfg.Token = func(context.Context) (string, error) { return "", test.token }
			}
			_, err := watch(t, cfg, newLedger()).Step(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.text) || errors.Is(err, ErrLogin) != test.login {
				t.Errorf("error %v; ErrLogin %v, want %v", err, errors.Is(err, ErrLogin), test.login)
			}
			if err != nil && strings.Contains(err.Error(), `pa"ss`) {
				t.Errorf("the password is in the error")
			}
		})
	}
}

func TestLoginLines(t *testing.T) {
	for _, test := range []struct{ username, password, want string }{
		{"a", "b", `LOGIN "a" "b"`},
		{`with "quotes"`, `back\slash`, `LOGIN "with \"quotes\"" "back\\slash"`},
		{"a", "pässword", "LOGIN \"a\" {9}\r\npässword"},
		{"ü", "}\r\n", "LOGIN {2}\r\nü {3}\r\n}\r\n"},
	} {
		equal(t, "command", strings.Join(loginLines(test.username, test.password), "\r\n"), test.want)
	}
}

// A literal is sent only after the server has asked for it.
func TestLoginLiteral(t *testing.T) {
	heard := make(chan string, 1)
	cfg := scripted(t, answers{"LOGIN": func(k *talk) {
		tag := k.tag
		k.say("+ go on")
		raw := make([]byte, len("pässword\r\n"))
		_, _ = io.ReadFull(k.br, raw)
		heard <- k.line + string(raw)
		k.tag = tag
		k.say("TAG OK [CAPABILITY IMAP4rev1] hello")
	}})
	cfg.Password = func() (string, error) { return "pässword", nil }
	drain(t, watch(t, cfg, newLedger()))
	equal(t, "heard", <-heard, `LOGIN "helpdesk@example.test" {9}`+"pässword\r\n")
}
