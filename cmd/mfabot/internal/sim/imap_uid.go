package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// onMessages carries out a command on messages.
func (s *imapSession) onMessages(tag string, args []string, fault Fault) string {
	if s.selected == nil {
		s.world.Violate("protocol", "%q with no folder selected", args)
		return tag + " BAD nothing is selected\r\n"
	}
	ok := tag + " OK done\r\n"
	name := strings.ToUpper(args[0])
	if s.examined && name != "SEARCH" && name != "FETCH" {
		s.world.Violate("protocol", "%q in a folder that is only read", args)
		return tag + " NO it is only read\r\n"
	}
	switch name {
	case "SEARCH":
		return s.search(tag, args[1:]) + s.news() + ok
	case "FETCH":
		return s.fetch(tag, args[1], args[2], fault)
	case "STORE":
		for _, msg := range s.named(args[1]) {
			msg.deleted, msg.byHand = strings.HasPrefix(args[2], "+"), false
		}
		return s.news() + ok
	case "EXPUNGE":
		which := s.named(args[1])
		if fault == IMAPHalf {
			which = which[:s.world.dice.IntN(len(which)+1)]
		}
		s.expunge(which)
		if fault == IMAPHalf {
			return s.news() + tag + " NO that was half of it\r\n"
		}
		return s.news() + ok
	case "MOVE", "COPY":
		return s.transfer(tag, name, args[1], args[2], fault)
	}
	s.world.Violate("protocol", "unknown IMAP command UID %q", args)
	return tag + " BAD what?\r\n"
}

// named returns the messages of a set that exist.
func (s *imapSession) named(set string) []*Message {
	var out []*Message
	for part := range strings.SplitSeq(set, ",") {
		first, last, isRange := strings.Cut(part, ":")
		low, _ := strconv.ParseUint(first, 10, 32)
		high := low
		if isRange {
			high, _ = strconv.ParseUint(last, 10, 32)
		}
		for _, msg := range s.selected.Messages {
			number := uint64(msg.uid)
			if !s.byUID {
				number = uint64(slices.Index(s.known, msg) + 1)
			}
			if number >= low && number <= high {
				out = append(out, msg)
			}
		}
	}
	return out
}

// expunge removes those of the messages that are marked. A person who marks a message on a server that can
// only expunge everything has removed it: nothing can keep it there.
func (s *imapSession) expunge(which []*Message) {
	for _, msg := range slices.Clone(which) {
		if msg.deleted {
			s.selected.remove(msg)
			msg.Copy.Touched = msg.Copy.Touched || msg.byHand
		}
	}
}

func (s *imapSession) search(tag string, args []string) string {
	criteria := strings.ToUpper(strings.Join(args, " "))
	marked, unseen := strings.Contains(criteria, "DELETED"), strings.Contains(criteria, "UNSEEN")
	before, since := dayAfter(args, "BEFORE"), dayAfter(args, "SINCE")
	var uids []string
	for _, msg := range s.selected.Messages {
		day := msg.Copy.At.UTC().Truncate(24 * time.Hour)
		if !before.IsZero() && !day.Before(before) || day.Before(since) {
			continue
		}
		if (msg.deleted || !marked) && (!msg.seen || !unseen) {
			uids = append(uids, strconv.FormatUint(uint64(msg.uid), 10))
		}
	}
	if strings.EqualFold(args[0], "RETURN") {
		all := ""
		if len(uids) > 0 {
			all = " ALL " + strings.Join(uids, ",")
		}
		return fmt.Sprintf("* ESEARCH (TAG %q) UID%s\r\n", tag, all)
	}
	return strings.TrimRight("* SEARCH "+strings.Join(uids, " "), " ") + "\r\n"
}

// dayAfter returns the day that follows a word of a search; zero if the word is not there.
func dayAfter(args []string, word string) time.Time {
	i := slices.IndexFunc(args, func(arg string) bool { return strings.EqualFold(arg, word) })
	if i < 0 || i+1 == len(args) {
		return time.Time{}
	}
	day, _ := time.Parse("2-Jan-2006", args[i+1])
	return day
}

func (s *imapSession) fetch(tag, set, items string, fault Fault) string {
	found := s.named(set)
	unread := -1
	if fault == IMAPUnread && len(found) > 0 {
		unread = s.world.dice.IntN(len(found))
	}
	left := -1
	switch {
	case len(found) == 0:
	case fault == IMAPNothing:
		left = s.world.dice.IntN(len(found))
	case fault == IMAPPoison:
		s.mail.spoil(found[s.world.dice.IntN(len(found))])
	}
	if answer, throttled := s.mail.throttled(tag, fault); throttled {
		return s.news() + answer
	}
	var b strings.Builder
	b.WriteString(s.news())
	for i, msg := range found {
		seq := slices.Index(s.known, msg) + 1
		if strings.Contains(items, "BODY") && s.spoilt(&b, tag, seq, msg) {
			if s.cut != nil || strings.HasSuffix(b.String(), " 12\r\n") {
				return b.String()
			}
			continue
		}
		if i != unread && i != left {
			fmt.Fprintf(&b, "* %d FETCH (%s)\r\n", seq, s.items(msg, items))
		}
	}
	if unread >= 0 {
		return b.String() + tag + " NO one of them cannot be read\r\n"
	}
	return b.String() + tag + " OK done\r\n"
}

// items returns what was asked about a message.
func (s *imapSession) items(msg *Message, items string) string {
	uid, raw := fmt.Sprintf("UID %d", msg.uid), msg.Copy.Raw
	var content string
	switch {
	case strings.Contains(items, "BODY.PEEK[HEADER]"):
		header, _, _ := strings.Cut(string(raw), "\r\n\r\n")
		header += "\r\n\r\n"
		content = fmt.Sprintf("BODY[HEADER]<0> {%d}\r\n%s", len(header), header)
	case strings.Contains(items, "BODY.PEEK[]"):
		content = fmt.Sprintf("BODY[] {%d}\r\n%s", len(raw), raw)
	case strings.Contains(items, "RFC822.SIZE"):
		content = fmt.Sprintf("RFC822.SIZE %d INTERNALDATE %q", len(raw), msg.Copy.At.Format("02-Jan-2006 15:04:05 -0700"))
	default:
		s.world.Violate("protocol", "FETCH of %s", items)
	}
	if flags := s.mail.server.flags; flags != "" && msg.uid%3 == 0 {
		uid = "FLAGS (" + flags + ") " + uid
	}
	if s.mail.server.uidLast {
		return content + " " + uid
	}
	return uid + " " + content
}

// transfer moves or copies messages into another folder.
func (s *imapSession) transfer(tag, name, set, folder string, fault Fault) string {
	to := s.mail.folder(folder)
	if to == nil {
		return tag + " NO [TRYCREATE] there is no such folder\r\n"
	}
	found := s.named(set)
	half := fault == IMAPHalf
	if half {
		found = found[:s.world.dice.IntN(len(found)+1)]
	}
	var from, into []string
	for _, msg := range found {
		to.add(&Message{Copy: msg.Copy, deleted: msg.deleted, seen: msg.seen})
		from = append(from, strconv.FormatUint(uint64(msg.uid), 10))
		into = append(into, strconv.FormatUint(uint64(to.next-1), 10))
		if name == "MOVE" {
			s.selected.remove(msg)
		}
	}
	if half {
		return s.news() + tag + " NO that was half of it\r\n"
	}
	code := "done"
	if s.mail.server.can("UIDPLUS") && len(from) > 0 {
		code = fmt.Sprintf("[COPYUID %d %s %s] done", to.validity, strings.Join(from, ","), strings.Join(into, ","))
	}
	if name == "MOVE" {
		return "* OK " + code + "\r\n" + s.news() + tag + " OK moved\r\n"
	}
	return s.news() + tag + " OK " + code + "\r\n"
}
