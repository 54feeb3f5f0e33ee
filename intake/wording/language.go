package wording

import (
	"strings"
	"unicode"
)

// welsh are words that Welsh can hardly do without and English does not have, among them those by which a site asks.
var welsh = wordSet(`yr yn mae ac ei eu ein eich fy dy wedi nid ddim oes ydw ydy yw rydw rydym rwyf rwy maen dydy nad
	nac sydd gan gyda ond hefyd hwn hon hyn hynny fel pan dros cyn trwy drwy gallu angen eisiau diolch cofion
	annwyl helo bore prynhawn os gwelwch dda oherwydd felly bydd fydd byddai roedd wnaeth gwneud cael medru methu ffôn
	gwaith cais atodiad ynghlwm llythyr rheswm enw defnyddiwr manylion statws cymorth tynnu ôl eto nawr yma yno`)

// english are words that English can hardly do without.
var english = wordSet(`the and is are was were has have had of to for with from that this these not can cannot please we our
	they their his her she him it be been will would could need needs who which when because if but at by as on in
	my your thanks thank regards dear hello`)

// LanguageOf returns the language that a text is in, as a tag (RFC 5646): cy for Welsh, en for English, or nothing where
// neither is plain. A text in both is in the one that comes first: it is how many say that either will do.
func LanguageOf(text string) string {
	const enough = 2 // words of difference
	var inWelsh, inEnglish int
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) }) {
		switch {
		case welsh[word]:
			inWelsh++
		case english[word]:
			inEnglish++
		}
		switch {
		case inWelsh >= inEnglish+5:
			return "cy"
		case inEnglish >= inWelsh+5:
			return "en"
		}
	}
	switch {
	case inWelsh >= inEnglish+enough || inWelsh > 0 && inEnglish == 0 && CommandIn(text) != None:
		return "cy"
	case inEnglish >= inWelsh+enough:
		return "en"
	}
	return ""
}
