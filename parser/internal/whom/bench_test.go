package whom_test

import (
	"strings"
	"testing"

	"mfabot/parser/internal/whom"
)

// letter is of a usual size.
const letter = `Good morning,

Our dispenser Marged Rees (marged.rees@oak.test) has been with us for eleven years. Since the operation on her wrist in
the spring she cannot hold a handset steadily enough to type a code before it runs out, and the app shows a number that
she has gone past by the time that she has found it. We tried the calls too, but with two hearing aids and the noise of
the shop she misses half of what the voice says.

Please would you look at a longer arrangement for her account? The letter from the hand clinic is attached. Her manager
is away until Thursday, so any questions to me.

Many thanks,
Delyth`

// BenchmarkLetter measures what it costs to tell for whom a letter asks.
func BenchmarkLetter(b *testing.B) {
	r := whom.NewReader()
	own := strings.Split(letter, "\n")
	tail := []string{"Delyth Pugh", "Pharmacist", "delyth.pugh@oak.test"}
	b.ReportAllocs()
	for b.Loop() {
		r.Asked(whom.Letter{From: "pharmacy@oak.test", Subject: "MFA for a colleague", Own: own, Tail: tail})
	}
}
