package outbox

import (
	"context"
	"time"

	"mfabot/intake"
)

// brokenPause is how long nothing more is said of a way that does not work.
const brokenPause = 24 * time.Hour

// Stopped tells the operator, once a day, that our mail server takes nothing of what we send, and what it says. The email
// waits like all others until it is taken.
func Stopped(ctx context.Context, out *Outbox, said string) error {
	return onceADay(ctx, out, intake.AlertSubmission, Cause{}.Do("If it says that a limit is reached, it passes by itself. "+
		"Otherwise ask whoever runs the mail server, and see `mfabot outbound`."), "Our mail server takes nothing of what we send",
		"It says: "+said, "As far as can be told, this is about us or about the server, and not about who gets the emails. All of them "+
			"wait and are tried again, ever more slowly, until the server takes them: nothing is lost.",
		"This email has waited too. So if you read it, the server takes at least some of them again. `mfabot outbound --state queued` "+
			"lists what still waits, and `mfabot resend ID` has it tried at once.")
}

// Unread tells the operator, once a day for each, that the mailbox with this number and name cannot be read.
func Unread(ctx context.Context, out *Outbox, number int, w intake.Way) error {
	return onceADay(ctx, out, intake.AlertUnread.Of("number", int64(number)), Cause{Urgent: true}.Do("`mfabot check` shows "+
		"what is configured; whoever runs the mail server knows whether it lets mfabot in."), "A mailbox cannot be read: "+w.Name,
		"Since: "+out.Moment(w.Since), "Cause: "+w.Why,
		"What people write to it waits there, and is read as soon as that works. Nobody is answered until then.")
}

// WordsFailed tells the operator, once a day for each template, that their own words for it could not be filled with the facts of a
// letter, and why: it went out in the built-in ones.
func WordsFailed(ctx context.Context, out *Outbox, t intake.Template, why string) error {
	return onceADay(ctx, out, intake.AlertWords.About(string(t)), Cause{}.Do("Mend the file that the cause names. `mfabot check` tries "+
		"it with every kind of letter, and `mfabot preview "+string(t)+"` shows one."), "Your own words for an email could not be used",
		"Email: "+string(t), "Cause: "+why, "It went out in the built-in words. Others of the kind may go out "+
			"like that until it is mended.")
}

// Unheard tells the operator, once a day, that what they are told comes back or is refused. That this email arrives is how
// it is known that the others would, too.
func Unheard(ctx context.Context, out *Outbox, w intake.Way) error {
	return onceADay(ctx, out, intake.AlertUnheard, Cause{Urgent: true}.Do("`mfabot outbound` lists both, and `mfabot resend ID` "+
		"sends again what came back."), "Emails to you did not arrive",
		"To: "+out.Operator, "Since: "+out.Moment(w.Since), "Cause: "+w.Why,
		"What mfabot had to tell you since then may have reached nobody. What is refused is tried again until it is taken; what came "+
			"back is not.")
}

// Unkept tells the operator, once a day, that what mfabot signs in with was replaced, and that the new one is only in its memory.
func Unkept(ctx context.Context, out *Outbox, w intake.Way) error {
	return onceADay(ctx, out, intake.AlertSignIn, Cause{Urgent: true}.Do("Make the folder of token_file writable for mfabot, and see "+
		"that there is room on the disk. mfabot tries again by itself.", "Do not stop mfabot before that. If it has stopped and cannot "+
		"sign in any more: `mfabot login`."), "A new sign-in could not be kept", "What: "+w.Name,
		"Since: "+out.Moment(w.Since), "Cause: "+w.Why,
		"Mail goes on for now. After a restart mfabot may not be let in.")
}

// Unsaved tells the operator, once a day, that no good copy of the database could be made.
func Unsaved(ctx context.Context, out *Outbox, w intake.Way) error {
	return onceADay(ctx, out, intake.AlertBackup, Cause{}.Do("Put right what the cause says. If it is the disk of the backups: is it "+
		"mounted, and is there room? mfabot tries again by itself.", "To try at once: `mfabot backup FILE`"), "No backup could be made",
		"Since: "+out.Moment(w.Since), "Cause: "+w.Why,
		"The bot goes on. The backups that are there stay: none is removed until a new one is good.")
}

// onceADay tells the operator of a kind of trouble once a day, and not again while the last email about it waits: else all of
// them would arrive at once when it is over.
func onceADay(ctx context.Context, out *Outbox, kind intake.AlertKind, c Cause, headline string, lines ...string) error {
	return out.update(ctx, func(w Work) error {
		alerts, since := []intake.Template{intake.LetterAlert}, w.Now.Add(-brokenPause)
		n, err := w.CountLetters(ctx, alerts, out.Operator, intake.Why(kind), since)
		if err != nil || n > 0 {
			return err
		}
		waits, err := w.LetterWaits(ctx, intake.LetterAlert, out.Operator, intake.Why(kind))
		if err != nil || waits {
			return err
		}
		return out.Alert(ctx, w, kind, c, headline, lines...)
	})
}
