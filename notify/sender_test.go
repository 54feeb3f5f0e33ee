package notify

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"mfabot/intake"
)

const ours = "mfa@helpdesk.test"

// withoutSender refuses, at a stage, mail without an envelope sender.
func withoutSender(stage string, code int) func(at, address string) error {
	null := false
	return func(at, address string) error {
		if at == "mail" {
			null = address == ""
		}
		if null && at == stage {
			return refusal(code)
		}
		return nil
	}
}

// answers returns a bench whose messages are automatic answers.
func answers(t *testing.T, s *server, to ...string) *bench {
	t.Helper()
	b := newBench(t, Submission{Addr: s.addr}, to...)
	for i := range b.queue.messages {
		b.queue.messages[i].Answer, b.queue.messages[i].Facts.Audience = true, intake.ToSender
	}
	return b
}

func wantSenders(t *testing.T, s *server, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, s.asked()); diff != "" {
		t.Errorf("senders at MAIL (-want +got):\n%s", diff)
	}
}

func TestAnswersHaveNoSender(t *testing.T) {
	s := (&server{}).start(t, nil, false)
	b := answers(t, s, "a@x.test", "b@x.test", "site@x.test")
	b.queue.messages[1].Answer = false
	b.queue.messages[2].Facts.Audience = intake.ToSite
	b.step(t, 3)
	wantSenders(t, s, "", ours, ours)
	if got := s.mail(); got[0].from != "" || got[1].from != ours || got[2].from != ours || s.dialled() != 1 {
		t.Errorf("from %q, then from %q and %q, over %d connections", got[0].from, got[1].from, got[2].from, s.dialled())
	}
	if raw := string(s.mail()[0].raw); !strings.Contains(raw, "From: \"NHSmail Helpdesk\" <"+ours+">") {
		t.Errorf("the author is missing:\n%s", raw)
	}
}

// TestServerWantsASender: a server that does not accept mail from the null sender delays no answer, and each
// answer costs at most one refusal.
func TestServerWantsASender(t *testing.T) {
	tests := []struct {
		stage       string
		code        int
		remembered  bool
		connections int
	}{
		{"mail", 550, true, 2},
		{"mail", 501, true, 2},
		{"mail", 530, true, 3}, // a login that seems lost is repeated
		{"rcpt", 553, true, 2}, // as in Postfix, which delays refusing a sender
		{"data", 554, true, 2}, // as in Exchange Online
		{"mail", 451, false, 2},
		{"rcpt", 450, false, 2},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.stage, tt.code), func(t *testing.T) {
			s := (&server{on: withoutSender(tt.stage, tt.code)}).start(t, nil, false)
			b := answers(t, s, "a@x.test", "b@x.test")
			b.queue.messages[1].DueAt = monday.Add(time.Hour)
			b.step(t, 1)
			s.cutAll()
			b.now = b.now.Add(time.Hour)
			b.step(t, 1)
			b.wantEvents(t, "try 1", "sent 1", "try 2", "sent 2")
			if tt.remembered {
				wantSenders(t, s, "", ours, ours)
			} else {
				wantSenders(t, s, "", ours, "", ours)
			}
			if got := s.mail(); len(got) != 2 || got[0].from != ours || got[1].from != ours || s.dialled() != tt.connections {
				t.Errorf("%d messages over %d connections", len(got), s.dialled())
			}
		})
	}
}

// TestRefusedEitherWay: the refusal is about the message, and says nothing about what the server allows.
func TestRefusedEitherWay(t *testing.T) {
	for _, stage := range []string{"mail", "rcpt", "data"} {
		for _, code := range []int{451, 550} {
			t.Run(fmt.Sprint(stage, code), func(t *testing.T) {
				refused := 0
				s := &server{on: func(at, _ string) error {
					if at == stage && refused < 2 {
						refused++
						return refusal(code)
					}
					return nil
				}}
				s.start(t, nil, false)
				b := answers(t, s, "a@x.test", "b@x.test")
				b.step(t, 1)
				switch {
				case code == 451:
					b.wantEvents(t, "try 1 2", "retry 1", "sent 2")
				case stage == "rcpt":
					b.wantEvents(t, "try 1 2", "sent 2", "fail 1")
				default: // in doubt it is about us
					b.wantEvents(t, "try 1 2", "sent 2", "retry 1")
				}
				wantSenders(t, s, "", ours, "")
				connections := 1
				if stage == "mail" && code == 451 { // which may be the connection's
					connections = 2
				}
				if got := b.queue.messages[0].LastError; !strings.Contains(got, fmt.Sprintf("refused with %d", code)) ||
					s.dialled() != connections {
					t.Errorf("last error %q over %d connections", got, s.dialled())
				}
			})
		}
	}
}

// TestServerRepeatsTheCode: what a server says of a letter that it refuses may hold the letter's code, which is
// kept and logged without it.
func TestServerRepeatsTheCode(t *testing.T) {
	for _, code := range []int{451, 550} {
		refused := false
		s := (&server{on: func(at, _ string) error {
			if at != "data" || refused {
				return nil
			}
			refused = true
			return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "no: " + strings.Repeat("x", 400) +
				" Subject: Please decide [" + strings.ToUpper(reviewCode) + "] <" + reviewCode + "@helpdesk.test>"}
		}}).start(t, nil, false)
		b := newBench(t, Submission{Addr: s.addr}, "a@x.test")
		var log bytes.Buffer
		b.log = slog.New(slog.NewTextHandler(&log, nil))
		b.step(t, 0)
		for what, text := range map[string]string{"the record": b.queue.messages[0].LastError, "the log": log.String()} {
			if !strings.Contains(text, "no: xxx") || strings.Contains(strings.ToLower(text), reviewCode[:len(reviewCode)-8]) {
				t.Errorf("%d: %s is %q", code, what, text)
			}
		}
	}
}

// TestClosingIsNotAboutTheSender: a server that is closing says so whatever the sender.
func TestClosingIsNotAboutTheSender(t *testing.T) {
	s := (&server{on: withoutSender("mail", 421)}).start(t, nil, false)
	b := answers(t, s, "a@x.test")
	b.step(t, 0)
	b.wantEvents(t, "try 1", "retry 1")
	wantSenders(t, s, "")
}

func TestServerDiesAfterRefusal(t *testing.T) {
	tests := []struct {
		name string
		at   string // the stage it reaches after the refusal
		dies func(*server)
		sent bool
	}{
		{"connection is closed at once", "rset", (*server).cutAll, true},
		{"connection is closed at the next command", "mail", (*server).cutAll, true},
		{"server is gone", "rset", (*server).die, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			refuse, done := withoutSender("mail", 550), false
			s := &server{}
			s.on = func(at, address string) error {
				err := refuse(at, address)
				if err == nil && at == tt.at && !done {
					done = true
					tt.dies(s)
				}
				return err
			}
			s.start(t, nil, false)
			b := answers(t, s, "a@x.test", "b@x.test")
			sent, err := b.Step(t.Context())
			if tt.sent {
				if err != nil || sent != 2 || s.dialled() != 2 {
					t.Errorf("Step: %d, %v over %d connections", sent, err, s.dialled())
				}
				b.wantEvents(t, "try 1 2", "sent 1 2")
				return
			}
			if !isUnreachable(err) || sent != 0 {
				t.Errorf("Step: %d, %v", sent, err)
			}
			b.wantEvents(t, "try 1 2", "retry 1", "skip 2")
		})
	}
}

// TestNoticesHaveASender: a letter that answers nobody never goes out with the null sender, because only its
// bounce shows that it did not arrive.
func TestNoticesHaveASender(t *testing.T) {
	s := (&server{}).start(t, nil, false)
	b := newBench(t, Submission{Addr: s.addr})
	for _, l := range samples() {
		b.queue.messages = append(b.queue.messages, intake.Outbound{ID: int64(len(b.queue.messages) + 1), Letter: l.letter,
			State: intake.Queued, MessageID: l.name + "@helpdesk.test", CreatedAt: monday, DueAt: monday})
	}
	for range len(b.queue.messages)/batch + 1 {
		if _, err := b.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.mail(); len(got) != len(samples()) {
		t.Errorf("%d messages of %d", len(got), len(samples()))
	}
	for _, sender := range s.asked() {
		if sender != ours {
			t.Errorf("sent from %q", sender)
		}
	}
}
