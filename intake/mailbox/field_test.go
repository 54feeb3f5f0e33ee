package mailbox

import (
	"testing"

	"mfabot/intake/mailbox/imaptest"
)

// TestField has servers as they were met in the field. What the operator hears of those that do not hand over a message is
// tested with the whole bot.
func TestField(t *testing.T) {
	wordings := imaptest.Wordings()
	for row, name := range fieldWordings() {
		odd, there := wordings[name]
		if !there {
			t.Fatalf("no wording %q", name)
		}
		t.Run(row, readsAll(odd))
	}
	t.Run("t_imap Empty", func(t *testing.T) { isEmptyAtFirst(t, "") })
	t.Run("t_poison Throttled", leavesAlone(says("UID FETCH", "TAG "+suggested), "UID FETCH"))
}

// fieldWordings are the wordings of servers in the field.
func fieldWordings() map[string]string {
	return map[string]string{
		"t_imap GmailFlags":         "SELECT: a flag with a bracket",
		"t_imap SpaceFetch":         "spaces behind",
		"t_imap PlainFlags":         "SELECT: plain flags",
		"t_imap Utf8Flags":          "SELECT: flags in UTF-8",
		"t_imap PlusFlag3":          "a flag with a plus",
		"t_imap Alert":              "alerts",
		"t_imap NsNil":              "NAMESPACE with NIL",
		"t_imap NsNo":               "NAMESPACE refused",
		"t_imap NsExt":              "NAMESPACE as extension",
		"t_imap ExpungeMid":         "the first expunged meanwhile",
		"t_imap Size0":              "size 0",
		"t_imap LowCaps":            "small letters",
		"t_imap NoText":             "no text",
		"t_imap CreateExistsNoCode": "a folder that is there",
		"t_imap RfcSizeLast":        "size last",
		"t_imap SearchNone":         "no result, no line",
		"t_imap SearchSpace":        "results with spaces",
		"t_imap BareCopyuid":        "COPYUID bare",
	}
}
