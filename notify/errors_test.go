package notify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"testing"

	"mfabot/intake"
)

// refusedWith returns the error of a message that a server refuses at a stage.
func refusedWith(t *testing.T, stage string, code int) error {
	t.Helper()
	s := &server{on: func(at, _ string) error {
		if at == stage {
			return refusal(code)
		}
		return nil
	}}
	s.start(t, nil, false)
	msg, err := testComposer(t).Compose(t.Context(), intake.Outbound{Letter: samples()[0].letter, MessageID: "m@helpdesk.test"}, monday)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{submission: Submission{Addr: s.addr, Security: intake.Plain}}
	t.Cleanup(func() { _ = l.close() })
	return l.send(t.Context(), msg, false)
}

func TestIsTemporary(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want bool
	}{
		{"nothing", nil, false},
		{"connection closed", io.EOF, true},
		{"cancelled", context.Canceled, true},
		{"the store", errors.New("database is locked"), true},
		{"unsendable", fmt.Errorf("%w: no template", ErrUnsendable), false},
		{"lost at MAIL", &stepError{stepMail, "<a@x.test>", io.EOF}, true},
		{"lost at the end", &stepError{stepContent, "", io.ErrUnexpectedEOF}, true},
		{"a reply that is none", &stepError{stepData, "", textproto.ProtocolError("short response")}, true},
		{"a reply out of turn", &stepError{stepMail, "<a@x.test>", &textproto.Error{Code: 354}}, true},
		{"554 in greeting", &unreachable{"smtp:587", &textproto.Error{Code: 554}}, true},
		{"server is unreachable", &unreachable{"smtp:587", io.EOF}, true},
		{"421 at MAIL", refusedWith(t, "mail", 421), true},
		{"451 at MAIL", refusedWith(t, "mail", 451), true},
		{"550 at MAIL", refusedWith(t, "mail", 550), false},
		{"530 at MAIL: log in first", refusedWith(t, "mail", 530), true},
		{"535 at MAIL: login expired", refusedWith(t, "mail", 535), true},
		{"452 at RCPT", refusedWith(t, "rcpt", 452), true},
		{"550 at RCPT", refusedWith(t, "rcpt", 550), false},
		{"432 after DATA", refusedWith(t, "data", 432), true},
		{"554 after DATA", refusedWith(t, "data", 554), false},
		{"wrapped 554", fmt.Errorf("sending: %w", refusedWith(t, "data", 554)), false},
	}
	for _, tt := range tests {
		if got := IsTemporary(tt.err); got != tt.want {
			t.Errorf("%s: IsTemporary(%v) = %v, want %v", tt.name, tt.err, got, tt.want)
		}
	}
}

// TestWhyGivenUp: only a permanent refusal of the recipient says anything about the address, and only one of what was
// sent anything about that.
func TestWhyGivenUp(t *testing.T) {
	for _, c := range []struct {
		stage     string
		code      int
		recipient bool
		content   bool
	}{
		{"rcpt", 550, true, false},
		{"rcpt", 553, true, false},
		{"rcpt", 450, false, false},
		{"mail", 550, false, false},
		{"mail", 552, false, true},
		{"data", 554, false, true},
		{"data", 432, false, false},
	} {
		got := whyGivenUp(refusedWith(t, c.stage, c.code), "words")
		want := intake.Refusal{Text: "words", Recipient: c.recipient, Content: c.content}
		if c.recipient || c.content {
			want.Status = "5.0.0"
		}
		if got != want {
			t.Errorf("%d at %s: got %+v, want %+v", c.code, c.stage, got, want)
		}
	}
	for _, err := range []error{io.EOF, &unreachable{"smtp:587", &textproto.Error{Code: 554}}, fmt.Errorf("550 5.1.1: %w", ErrUnsendable)} {
		if got := whyGivenUp(err, "words"); got.Recipient || got.Status != "" {
			t.Errorf("%v: got %+v", err, got)
		}
	}
}
