package reply

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"mfabot/parser/internal/text"
)

// Signer is whom a signature names. Anybody can write one.
type Signer struct{ Name, Role, Telephone string }

// maxSigner bounds the lines of a signature that are looked at, and each of what is read in it, in bytes.
const (
	maxSignerLines = 15
	maxSigner      = 80
)

// Signer reads the signature: who it says wrote, what they do, and their telephone number.
func (n Newest) Signer() (s Signer) {
	read := 0
	for i := range n.Tail {
		simple := n.Tail[i].Simple()
		if isDisclaimer(simple) || read == maxSignerLines {
			break
		}
		raw := strings.Trim(strings.TrimSpace(visible(n.Tail[i].Text)), "*_ ")
		if raw == "" || signatureDashes.MatchString(raw) {
			continue
		}
		read++
		pieces := signerPieces.Split(raw, -1)
		if isClosing(simple, "") || signsOff(simple) && len(pieces) > 1 && isClosing(text.Simplify(pieces[0]), "") {
			pieces = pieces[1:] // "Kind regards, Sam"
		}
		for _, piece := range pieces {
			s.take(strings.TrimSpace(piece))
		}
		if number := telephone.FindString(raw); s.Telephone == "" && len(number) <= maxSigner {
			s.Telephone = strings.TrimSpace(number)
		}
	}
	return s
}

// signerPieces are what stands between a name and a post on one line.
var signerPieces = regexp.MustCompile(`\s*[,|•·(/]\s*|\s+[-–—]\s+`)

// take takes a piece of a signature for the name or for the post, where it reads like that.
func (s *Signer) take(piece string) {
	if piece == "" || len(piece) > maxSigner || strings.ContainsAny(piece, "@0123456789:?!") {
		return
	}
	simple := text.Simplify(piece)
	switch {
	case isClosing(simple, ""), text.HasAnyWord(simple, placeWords) && !text.HasAnyWord(simple, roles):
	case text.HasAnyWord(simple, roles) && len(strings.Fields(piece)) <= 8:
		if s.Role == "" {
			s.Role = strings.TrimRight(piece, ". )")
		}
	case s.Name == "" && s.Role == "" && s.Telephone == "" && isPersonsName(piece):
		s.Name = piece
	}
}

// isPersonsName reports whether words can be a person's name: few, in letters, each with a capital but the small ones
// within a name.
func isPersonsName(piece string) bool {
	words := strings.Fields(piece)
	return len(words) <= 4 && !slices.ContainsFunc(words, func(w string) bool {
		first := []rune(w)[0]
		return !(unicode.IsUpper(first) || smallWords[w]) ||
			strings.ContainsFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune(".'’-", r) })
	})
}

// smallWords stand within names.
var smallWords = text.WordSet("de van von der den da di le la ap ab bin al")

// placeWords are in the names of places, and in no person's.
var placeWords = text.WordSet(`pharmacy chemist practice surgery dental opticians clinic centre hospital care home trust nhs
	street road avenue lane house team desk department service services ltd limited the fferyllfa`)

// roles are the words by which a line of a signature is a post, and no place.
var roles = text.WordSet(`manager pharmacist technician dispenser dentist nurse receptionist administrator optometrist
	optician director partner lead assistant officer coordinator supervisor superintendent practitioner consultant head
	deputy secretary analyst engineer advisor adviser hygienist therapist clinician gp owner proprietor matron carer
	fferyllydd rheolwr nyrs deintydd gweinyddwr`)
