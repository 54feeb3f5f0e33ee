package meaning

import "testing"

// letter is of a usual size.
const letter = `Good morning,

Our dispenser Marged has been with us for eleven years. Since the operation on her wrist in the spring she
cannot hold a handset steadily enough to type a code before it runs out, and the app shows a number that she has gone
past by the time that she has found it. We tried the calls too, but with two hearing aids and the noise of the shop she
misses half of what the voice says.

Please would you look at a longer arrangement for her account? The letter from the hand clinic is attached. Her manager
is away until Thursday, so any questions to me.

Many thanks,
Delyth
`

// BenchmarkLetter measures what the models of this package cost for a message.
func BenchmarkLetter(b *testing.B) {
	words, reasons, methods, kinds := NewWords(), NewReasons(nil), NewMethods(), NewKinds()
	b.ReportAllocs()
	for b.Loop() {
		l := words.TakeLetter("MFA for a colleague", letter)
		kinds.Read(&l)
		t := l.All()
		reasons.Read(t).Deciding("accessibility")
		methods.Read(t)
	}
}
