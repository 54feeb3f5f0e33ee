package intake_test

import (
	"fmt"
	"testing"
	"time"

	"mfabot/intake"
)

// holding are replies that say nothing: by programs, by a tap on a telephone, and by people who mean to answer later.
var holding = []string{
	"Thank you for contacting Oak Street Pharmacy. Your message has been received and we will respond within two working days.\n\n" +
		"Please do not reply to this email.",
	"Thank you for your email. This mailbox is monitored Monday to Friday 9am to 5pm. If your query is urgent please call 0113 496 0000.",
	"Diolch am eich neges. Thank you for your message. We aim to reply within 5 working days.",
	"We have received your email. Your reference is 4711.",
	"👍", "👍\n\nRosa Lind reacted via Gmail", "Rosa Lind reacted to your message:\n👍", "❤️", "Liked “Please answer a question”",
	"Thanks, will look", "Noted, will get back to you shortly.\n\nJo", "Received with thanks. I'll ask the manager.", "OK will do",
	"Leave it with me.", "Thank you, I will chase this up today.\n\nKind regards\nJo Marsh", "I have passed this on to my manager.",
	"Bear with me, I am just waiting for the GP.", "Diolch, byddaf yn edrych ar hyn.",
}

// conversations begin with a letter to the site that each of holding answers.
var conversations = map[string]func(w *world) (intake.Outbound, intake.State){
	"a question": func(w *world) (intake.Outbound, intake.State) {
		a, _, _ := w.pending()
		w.take("decision "+a.Ref, reply(a, asha, "INFO who signed the letter?"))
		return w.expect("question > " + corner)[0], intake.NeedsInfo
	},
	"a form": func(w *world) (intake.Outbound, intake.State) { return w.incomplete(), intake.Incomplete },
	"a rejection": func(w *world) (intake.Outbound, intake.State) {
		w.take("request LT-2026-00001", email{from: corner, subject: "MFA", text: asked})
		return w.expect("rejected no-evidence > " + corner)[0], intake.Rejected
	},
	"a receipt": func(w *world) (intake.Outbound, intake.State) {
		_, _, receipt := w.pending()
		return receipt, intake.Pending
	},
	"an approval": func(w *world) (intake.Outbound, intake.State) {
		started, _ := w.approved()
		return started, intake.Approved
	},
}

// TestNoAnswer: a reaction, an acknowledgement and a promise to answer answer nothing. Nobody but the site hears of them,
// and the site no more than once.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	for name, begin := range conversations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			l, state := begin(w)
			w.sent()
			letters := 0
			for _, text := range holding {
				w.now = w.now.Add(25 * time.Hour)
				w.takeAll(w.arrival(reply(l, corner, text)))
				for _, o := range w.sent() {
					if letters++; o.To != corner || o.Template != intake.LetterQuestion {
						t.Errorf("%q: %s to %s", text, o.Template, o.To)
					}
				}
				w.inState("LT-2026-00001", state)
			}
			if letters > 2 {
				t.Errorf("%d letters", letters)
			}
		})
	}
}

// TestAnswersLoop: so it is with other words each time. Those that answer a rejection are in TestField.
func TestAnswersLoop(t *testing.T) {
	t.Parallel()
	answersLoop(t, "a form")
}

// answersLoop: somebody who answers each of our letters with other words that say nothing gets each letter at most twice,
// however long it goes on, and the operator is told.
func answersLoop(t *testing.T, conversation string) {
	w := newWorld(t)
	l, state := conversations[conversation](w)
	first, told := l.Template, 0
	w.sent()
	got := map[intake.Template]int{first: 1}
	for i := range 20 {
		w.now = w.now.Add(7 * time.Hour)
		w.takeAll(w.arrival(reply(l, corner, fmt.Sprintf("Cadarnhad %c: cyrhaeddodd eich llythyr yn ddiogel.", 'A'+i))))
		for _, o := range w.sent() {
			if o.To == corner {
				got[o.Template]++
				l = o
			} else if told++; o.To != ops {
				t.Errorf("%s to %s", o.Template, o.To)
			}
		}
	}
	same(t, "letters", map[intake.Template]int{first: 2}, got)
	if told == 0 {
		t.Error("the operator was not told")
	}
	w.inState("LT-2026-00001", state)
	w.take("request LT-2026-00001", reply(l, corner, asked, pdf("x"))) // which is new
	w.expect(toAsha, toBen, "receipt > "+corner)
}

// TestSameAnswerTwice: what answered one question, word for word, does not answer the next, unless it is short.
func TestSameAnswerTwice(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]intake.State{
		"Cyrhaeddodd eich llythyr yn ddiogel, a bydd rhywun yn cysylltu.": intake.NeedsInfo,
		"Yes": intake.Pending,
	} {
		w := newWorld(t)
		a, _, _ := w.pending()
		w.take("decision "+a.Ref, reply(a, asha, "INFO who signed?"))
		w.take("information "+a.Ref, w.answer(a.Ref, text))
		for _, o := range w.sent() {
			if o.Template == intake.LetterReview && o.To == asha {
				a = o
			}
		}
		w.inState(a.Ref, intake.Pending)
		w.take("decision "+a.Ref, reply(a, asha, "INFO and when?"))
		w.take("information "+a.Ref, w.answer(a.Ref, text))
		w.inState(a.Ref, want)
	}
}
