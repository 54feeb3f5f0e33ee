package imaptest

import (
	"fmt"
	"maps"
	"strings"
)

// Wordings are servers whose every message can be read, if one listens to what they mean.
func Wordings() map[string]Oddity {
	all := answers()
	maps.Copy(all, places())
	maps.Copy(all, fetches())
	maps.Copy(all, flags())
	return all
}

// answers are those of servers that answer commands, and FETCH as a whole, in their own way.
func answers() map[string]Oddity {
	return map[string]Oddity{
		"usual":       {},
		"no size":     {Fetch: sized("NIL")},
		"quoted size": {Fetch: sized(`"1000"`)},
		"size 0":      {Fetch: sized("0")},
		"negative":    {Fetch: sized("-1")},
		"size elsewhere": {Fetch: func(c *Conn, seq int, m Message, body bool) bool {
			return body && UIDFirst(c, seq, m, body) || !body
		}},
		"expunged meanwhile": {Fetch: func(c *Conn, seq int, m Message, body bool) bool {
			if body && m.UID == 3 {
				c.Say("* 9 EXPUNGE", "* 8 EXISTS")
			}
			return UIDFirst(c, seq, m, body)
		}},
		"the first expunged meanwhile": {Fetch: func(c *Conn, seq int, m Message, body bool) bool {
			if body && m.UID == 3 {
				c.Say("* 1 EXPUNGE", "* 3 EXISTS")
			}
			if body && m.UID >= 3 {
				seq--
			}
			return UIDFirst(c, seq, m, body)
		}},
		"flags in between": {Fetch: func(c *Conn, seq int, m Message, body bool) bool {
			c.Say(fmt.Sprintf(`* %d FETCH (UID %d FLAGS (\Seen))`, seq, m.UID), fmt.Sprintf(`* %d FETCH (FLAGS ("x))`, seq))
			return UIDFirst(c, seq, m, body)
		}},
		"UID and the rest apart": {Fetch: func(c *Conn, seq int, m Message, body bool) bool {
			c.Say(fmt.Sprintf("* %d FETCH (UID %d)", seq, m.UID))
			c.Say(fmt.Sprintf("* %d FETCH (%s UID %d)", seq, content(m, body), m.UID))
			return true
		}},
		"no MOVE, but UIDPLUS": {Caps: "IMAP4rev1 UIDPLUS", Answer: before("UID COPY", "TAG OK [COPYUID 38505 304 3956] done")},
		"COPYUID with nothing": {Answer: before("UID MOVE", "* OK [COPYUID 7  ] moved")},
		"COPYUID and no more":  {Answer: before("UID MOVE", "* OK [COPYUID] moved")},
		"COPYUID bare":         {Answer: before("UID MOVE", "* OK COPYUID 7 1:4 1:4 moved")},
		"small letters":        {Caps: "imap4rev1 move idle"},
		"no text":              {Done: "TAG OK"},
		"results with spaces":  {Answer: once("UID SEARCH", "* SEARCH  1 2  3 4 ", "TAG OK done")},
		"results in parts":     {Answer: once("UID SEARCH", "* SEARCH 1 2", "* SEARCH 3 4", "TAG OK done")},
		"no result, no line": {Answer: func(c *Conn, command string) bool {
			none := strings.HasPrefix(command, "UID SEARCH") && len(c.Inbox()) == 0
			if none {
				c.Say("TAG OK done")
			}
			return none
		}},
		"alerts": {Answer: func(c *Conn, _ string) bool { c.Say("* OK [ALERT] The mailbox is nearly full"); return false }},
		"words of others": {Answer: before("UID FETCH", "* XSTATE (1 2)", "", "* VANISHED (EARLIER) 41,43:116", "* STATUS x (MESSAGES 2)",
			"* QUOTA \"\" (STORAGE 10 512)", "* ID NIL", "* 4 RECENT", "* X-LOG {5}", "* BYE x", "* LSUB (x]) \"/\" y")},
		"codes of others": {Answer: before("UID FETCH", "* OK [ALERT] The mailbox is nearly full", "* OK [] x", "* OK [x",
			"* OK [HIGHESTMODSEQ] x",
			"* OK [UIDNEXT] x", "* NO [a b] x", "* OK [UIDVALIDITY 7] x", "* OK [MAILBOXID (F2)] x", "* ok [unseen 3] x")},
	}
}

// places are those that tell of folders in their own way.
func places() map[string]Oddity {
	return map[string]Oddity{
		"NAMESPACE refused": {Caps: "IMAP4rev1 MOVE NAMESPACE", Answer: instead("NAMESPACE", "TAG NO no namespaces here")},
		"NAMESPACE with NIL": {Caps: "IMAP4rev1 MOVE NAMESPACE", Answer: instead("NAMESPACE",
			"* NAMESPACE NIL NIL NIL", "TAG OK done")},
		"NAMESPACE as extension": {Caps: "IMAP4rev1 MOVE NAMESPACE", Answer: instead("NAMESPACE",
			`* NAMESPACE (("" "/" "X-PARAM" ("FLAG1" "FLAG2"))) NIL NIL`, "TAG OK done")},
		"a folder's attributes": {Answer: instead("LIST",
			`* LIST (\HasNoChildren [x] "\\Y" \Marked) "/" Processed`, "* LIST () NIL Refused",
			`* LIST ("a) "/" Quarantine`, "TAG OK done")},
		"a folder that is there": {Answer: func(c *Conn, command string) bool {
			switch {
			case strings.HasPrefix(command, "LIST") && len(c.Heard("CREATE")) == 0:
				c.Say("TAG OK done")
			case strings.HasPrefix(command, "CREATE"):
				c.Say("TAG NO Mailbox exists.")
			default:
				return false
			}
			return true
		}},
	}
}

// fetches are those that write the answer to FETCH in their own way.
func fetches() map[string]Oddity {
	all := make(map[string]Oddity)
	for name, format := range map[string]string{
		"UID last":                  "* %[1]d FETCH (%[3]s UID %[2]d)",
		"UID last, then flags":      `* %[1]d FETCH (%[3]s UID %[2]d FLAGS (\Seen [x]))`,
		"flags, then UID last":      `* %[1]d FETCH (FLAGS (\Seen) %[3]s UID %[2]d)`,
		"UID in quotation marks":    `* %[1]d FETCH (UID "%[2]d" %[3]s)`,
		"size last":                 "* %[1]d FETCH (UID %[2]d %[3]s RFC822.SIZE 5)",
		"spaces":                    "* %[1]d FETCH ( UID  %[2]d %[3]s )",
		"spaces behind":             "* %[1]d FETCH (UID %[2]d %[3]s ) ",
		"small letters in FETCH":    "* %[1]d fetch (uid %[2]d %[3]s)",
		"items of its own":          `* %[1]d FETCH (X-GM-MSGID 1278 X-GM-LABELS (\Inbox "a \"b" {3}` + "\r\n" + `x(y z) UID %[2]d %[3]s)`,
		"a literal of its own":      "* %[1]d FETCH (X-NOTE {5}\r\n)\r\n*  UID %[2]d %[3]s X-NOTE ~{2}\r\n\r\n)",
		"MODSEQ and a date":         `* %[1]d FETCH (MODSEQ (12345) INTERNALDATE " 1-Feb-2026 9:00:00 +0000" UID %[2]d %[3]s)`,
		"a flag with a bracket":     `* %[1]d FETCH (FLAGS (\Seen OIB-Seen-[Gmail]/Trash) UID %[2]d %[3]s)`,
		"a flag in quotes":          `* %[1]d FETCH (FLAGS ("$MDN Sent" \Seen) UID %[2]d %[3]s)`,
		"a flag with parentheses":   `* %[1]d FETCH (FLAGS (a(b) \Seen) UID %[2]d %[3]s)`,
		"a flag with one quote":     `* %[1]d FETCH (FLAGS (a"b \Seen) UID %[2]d %[3]s)`,
		"flags with spaces":         `* %[1]d FETCH (FLAGS ( \Seen  \Answered ) UID %[2]d %[3]s)`,
		"no flags":                  "* %[1]d FETCH (FLAGS () UID %[2]d %[3]s)",
		"NIL for flags":             "* %[1]d FETCH (FLAGS NIL UID %[2]d %[3]s)",
		"flags in UTF-8":            "* %[1]d FETCH (FLAGS (caf\u00e9 \u20ac\x85) UID %[2]d %[3]s)",
		"a flag with a plus":        "* %[1]d FETCH (FLAGS (+x $y) UID %[2]d %[3]s)",
		"a flag with a brace":       "* %[1]d FETCH (FLAGS (x{5} %%a *b) UID %[2]d %[3]s)",
		"flags behind the contents": `* %[1]d FETCH (UID %[2]d %[3]s FLAGS (\Recent "x y"))`,
	} {
		all[name] = Oddity{Fetch: written(format)}
	}
	return all
}

// flags are those that have flags of their own.
func flags() map[string]Oddity {
	all := make(map[string]Oddity)
	for name, list := range map[string]string{
		"SELECT: plain flags":             `(\Answered \Flagged \Deleted \Seen \Draft)`,
		"SELECT: a flag with a bracket":   `(\Answered $Phishing OIB-Seen-[Gmail]/Trash)`,
		"SELECT: a flag in quotes":        `(\Seen "a b" "c\"]" \*)`,
		"SELECT: flags in UTF-8":          "(\\Seen caf\u00e9)",
		"SELECT: a flag with a plus":      `(\Seen +a)`,
		"SELECT: spaces":                  `( \Seen  \Draft )`,
		"SELECT: a flag with parenthesis": `(\Seen a(b) {3})`,
		"SELECT: NIL":                     "NIL",
	} {
		all[name] = Oddity{Flags: list}
	}
	return all
}

// sized is a Fetch that gives all messages one size.
func sized(size string) func(c *Conn, seq int, m Message, body bool) bool {
	return func(c *Conn, seq int, m Message, body bool) bool {
		if body {
			return UIDFirst(c, seq, m, body)
		}
		c.Say(fmt.Sprintf("* %d FETCH (UID %d RFC822.SIZE %s)", seq, m.UID, size))
		return true
	}
}

// before is an Answer that says something before the usual answer to a command.
func before(command string, lines ...string) func(c *Conn, heard string) bool {
	return func(c *Conn, heard string) bool {
		if strings.HasPrefix(heard, command) {
			c.Say(lines...)
		}
		return strings.HasPrefix(heard, command) && strings.HasPrefix(lines[len(lines)-1], "TAG ")
	}
}

// instead is an Answer that says something in the place of the usual answer to a command.
func instead(command string, lines ...string) func(c *Conn, heard string) bool {
	return func(c *Conn, heard string) bool {
		if !strings.HasPrefix(heard, command) {
			return false
		}
		c.Say(lines...)
		return true
	}
}

// once is instead for the first such command on the server.
func once(command string, lines ...string) func(c *Conn, heard string) bool {
	return func(c *Conn, heard string) bool {
		if !strings.HasPrefix(heard, command) || len(c.Heard(command)) > 1 {
			return false
		}
		c.Say(lines...)
		return true
	}
}
