package wording

import "strings"

// Command is a word by which a site asks for something. It stands alone on the first line.
type Command string

// The commands.
const (
	None     Command = ""
	Status   Command = "status"   // what is on record of the site
	Help     Command = "help"     // a person
	Withdraw Command = "withdraw" // take a request back

	InWelsh   Command = "welsh" // the letter in Welsh, and those that follow
	InEnglish Command = "english"
)

// CommandIn returns the command on the first line of a text.
func CommandIn(text string) Command {
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	switch strings.TrimRight(simple(first), ".!? ") {
	case "status", "statws":
		return Status
	case "help", "cymorth":
		return Help
	case "withdraw", "tynnu'n ôl", "tynnu'n ol", "tynnu yn ôl", "tynnu yn ol":
		return Withdraw
	case "welsh", "cymraeg", "in welsh", "yn gymraeg":
		return InWelsh
	case "english", "saesneg", "in english", "yn saesneg":
		return InEnglish
	}
	return None
}
