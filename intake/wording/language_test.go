package wording_test

import (
	"testing"

	"mfabot/intake/wording"
)

func TestLanguageOf(t *testing.T) {
	for text, want := range map[string]string{
		"":               "",
		"APPROVE":        "",
		"STATUS":         "",
		"STATWS":         "cy",
		"Tynnu’n ôl":     "cy",
		"CYMORTH":        "cy",
		"Llanfairpwll 7": "",
		"Bore da,\n\nMae angen eithriad MFA ar Siân Hughes (sian.hughes@gofal.test) oherwydd nad yw hi'n gallu defnyddio ffôn.\n\nDiolch": "cy",
		"Defnyddiwr: sian.hughes@gofal.test\nEnw: Siân Hughes\nRheswm: Hygyrchedd\nManylion: Cryndod yn ei dwylo":                         "cy",
		"Ble mae'r cais?": "cy",
		"Please give Sam Green an exception: he works in the prison, where phones are prohibited.":                      "en",
		"User: sam.green@pharmacy.test\nReason: Accessibility issue\nDetails: She has a tremor and cannot hold a phone": "en",
		"Sam cannot use a phone because of the tremor in his hands.\n\nCofion / Regards\nSiân":                          "en",
		"Annwyl bawb / Dear all,\n\nMae angen eithriad ar Sam, gan nad yw'n gallu defnyddio ffôn, ac mae llythyr ynghlwm.\n\n" +
			"Sam needs an exception, as he cannot use a phone, and the letter is attached.": "cy",
	} {
		if got := wording.LanguageOf(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
