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
	return l.send(t.Context(), msg, false, nil)
}

// TestReply: what a server says counts only where it says it of a message.
func TestReply(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want intake.Reply
	}{
		{"connection closed", io.EOF, intake.Reply{}},
		{"cancelled", context.Canceled, intake.Reply{}},
		{"the store", errors.New("database is locked"), intake.Reply{}},
		{"unsendable", fmt.Errorf("%w: no template", ErrUnsendable), intake.Reply{}},
		{"lost at MAIL", &stepError{intake.AtMail, "<a@x.test>", io.EOF}, intake.Reply{}},
		{"lost at the end", &stepError{intake.AtContent, "", io.ErrUnexpectedEOF}, intake.Reply{}},
		{"a reply that is none", &stepError{intake.AtData, "", textproto.ProtocolError("short response")}, intake.Reply{}},
		{"a reply out of turn", &stepError{intake.AtMail, "<a@x.test>", &textproto.Error{Code: 354}}, intake.Reply{}},
		{"554 in greeting", &unreachable{"smtp:587", &textproto.Error{Code: 554}, 554}, intake.Reply{}},
		{"451 at MAIL", refusedWith(t, "mail", 451), replied(intake.AtMail, 451)},
		{"550 at RCPT", refusedWith(t, "rcpt", 550), replied(intake.AtRcpt, 550)},
		{"432 after DATA", refusedWith(t, "data", 432), replied(intake.AtContent, 432)},
		{"wrapped 554", fmt.Errorf("sending: %w", refusedWith(t, "data", 554)), replied(intake.AtContent, 554)},
	}
	for _, tt := range tests {
		if got := replyOf(tt.err); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

// replied is what the server says with a code.
func replied(step intake.Step, code int) intake.Reply {
	return intake.Reply{Step: step, Code: code, Status: fmt.Sprintf("%d.0.0", code/100),
		Text: fmt.Sprintf("%d.0.0 refused with %d", code/100, code)}
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
		err := refusedWith(t, c.stage, c.code)
		reply := replyOf(err)
		got := (&setback{cause: err, reply: reply, blame: reply.Blame()}).why("words")
		want := intake.Refusal{Text: "words", Recipient: c.recipient, Content: c.content, Status: reply.Status}
		if got != want {
			t.Errorf("%d at %s: got %+v, want %+v", c.code, c.stage, got, want)
		}
	}
}
