package intake

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
)

// OutboundState is how far an outbound message has got.
type OutboundState string

// The states of an outbound message.
const (
	Queued OutboundState = "queued"
	Sent   OutboundState = "sent"
	Failed OutboundState = "failed" // given up
)

// Overtaken is the last error of a warning, digest or reminder that was still unsent when a later letter was
// written, which says what is true now, and of a question to a site that was still unsent when nobody asked it any more.
const Overtaken = "overtaken by a later notice"

// Refusal says why mfabot gives up on a letter.
type Refusal struct {
	Text      string // the error, for the operator
	Recipient bool   // the server refused the recipient, for good: another server would fare no better
	Content   bool   // the server refused the letter itself, for good, after it had taken the recipient, or for its size
	Status    string // such as 5.1.1 (RFC 3463), if the server gave one
}

// Step is where in a delivery a mail server refused (RFC 5321, section 3.3).
type Step string

// The steps. Before them, in the greeting and at login, no server knows anything of a letter.
const (
	Reported  Step = "" // a report of non-delivery says so, and not where
	AtMail    Step = "MAIL FROM"
	AtRcpt    Step = "RCPT TO"
	AtData    Step = "DATA"
	AtContent Step = "the content"
)

// Reply is what a mail server said of a letter that it did not take.
type Reply struct {
	Step   Step
	Code   int    // RFC 5321, section 4.2; 0 where a report gives none
	Status string // such as 5.1.1 (RFC 3463); empty where none was given
	Text   string
}

// statusForm is a status within a text (RFC 3463, section 2). An address of the network looks much the same.
var statusForm = regexp.MustCompile(`(?:^|[^0-9.])([45]\.[0-9]{1,3}\.[0-9]{1,3})(?:[^0-9.]|\.?$|\. )`)

// NewReply returns what a server said, with the status where the text has one.
func NewReply(step Step, code int, text string) Reply {
	r := Reply{Step: step, Code: code, Text: text}
	if found := statusForm.FindStringSubmatch(text); found != nil {
		r.Status = found[1]
	}
	return r
}

// Blame says whom a refusal is about.
type Blame string

// Whom a refusal may be about. What names nobody is ours as well, until others are seen to get through.
const (
	BlameNobody    Blame = "nobody"
	BlameUs        Blame = "us"        // who we are, where we send from or how much: no letter fares better, for now
	BlameRecipient Blame = "recipient" // the address
	BlameLetter    Blame = "letter"    // its content or size
)

// mark is what a reply has where it is about somebody. A mark without steps holds at each. The status is matched without
// its class, which says only whether it passes.
type mark struct {
	blame  Blame
	steps  []Step
	status *regexp.Regexp // nil: any
	text   *regexp.Regexp // nil: any
}

// words matches a text that has one of these, in any case.
func words(parts ...string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)` + strings.Join(parts, "|"))
}

// detail matches the subject and detail of a status, such as 1.1.
func detail(expr string) *regexp.Regexp { return regexp.MustCompile(`^(?:` + expr + `)$`) }

// marks are in the order in which they count: first the words that leave no doubt, as servers often give a status that
// says little or something else, then the status (RFC 3463, RFC 5248, RFC 7372, and the lists of Microsoft and Google),
// then the words that a status can belie.
var marks = []mark{
	// What a recipient does not take from us, or from so many.
	{blame: BlameRecipient, steps: afterMail, text: words(`resolver\.rst`, `allowed[- ]senders? list`,
		`\breceiv(?:e|ing)\b.{0,30}\b(?:limit|rate|quickly)`,
		`\bto send\b.{0,30}\bto (?:this|that|the) (?:recipient|group|mailbox|list|address)`)},
	{blame: BlameRecipient, steps: afterMail, status: detail(`2\.12[0-9]|7\.1(?:2[0-9]|3[0-9]|93)|7\.50[457]|7\.513`)},

	// The sender.
	{blame: BlameUs, text: words(`\bsend[- ]?(?:ing )?as\b`, `sendas`, `\bon behalf of\b`,
		`\bnot (?:allowed|authori[sz]ed|permitted) to (?:send|relay|submit|perform|use)`, `\bpermissions?\b.{0,20}\bto (?:send|submit)`,
		`\b(?:bad|invalid|unknown|unverified|verified|banned|blocked|unauthori[sz]ed|outbound|forged) senders?\b`,
		`\bsenders?(?:['’]s)?\b.{0,40}\b(?:reject|den|refus|block|not\b|unknown|exceed|fail|mismatch)`,
		`\bsenders?(?:['’]s)?\b.{0,40}\b(?:limit|quota|over\b|ban|restrict|invalid)`,
		`\bmail from\b.{0,60}\b(?:reject|den|refus|block|not (?:allow|permit|accept))`, `\bfrom (?:address|header|domain)\b`)},
	// How much we send.
	{blame: BlameUs, text: words(`\bsubmission\w*\b.{0,40}\b(?:quota|limit|rate|exceed)`, `submission(?:quota|rate|limit)`,
		`\b(?:sending|sent|send|outbound|outgoing|relay\w*)\b.{0,40}\b(?:limit|quota|rate\b|allowance|exceed|spam)`,
		`\b(?:sending|outbound|outgoing|relay\w*)\b.{0,40}\b(?:suspend|paus|disabl|restrict|block|activity)`,
		`\b(?:daily|hourly|monthly|per[- ](?:day|hour|minute)|day['’]s)\b.{0,40}\b(?:limit|quota|exceed|max)`,
		`\b(?:limit|quota|exceed|max|too many)\w*\b.{0,40}\b(?:today|daily|hourly|(?:per|an?) (?:day|hour|minute)|24 ?h)`)},
	{blame: BlameUs, status: detail(`7\.[01]`), text: words(`\b(?:quota|limit|rate|too many)\b`)}, // of a policy
	// What we may use, and who we are to the server.
	{blame: BlameUs, text: words(`\brelay\w*\b.{0,30}\b(?:den|reject|refus|block|not\b|prohibit|disallow)`,
		`\b(?:den|reject|refus|prohibit|unable|cannot|not|no|don't)\w*\b.{0,20}\brelay`, `\brcpthosts\b`,
		`\b(?:un)?authenticat`, `\bcredential`, `\bpassword`, `\bstarttls\b`, `\bsmtp ?auth`, `\blog ?in\b`,
		`\bauth(?:entication|ori[sz]ation)? (?:is )?(?:required|first)`,
		`\bclient host\b`, `\b(?:helo|ehlo|hello)\b (?:command|name|host)`, `\breverse (?:dns|hostname|lookup)`, `\brdns\b`, `\bptr\b`,
		`\b(?:your|our|sending) (?:tenant|organi[sz]ation|domain|ip|host|server|account|network|mailbox|plan|trial)\b.{0,60}`+
			`\b(?:exceed|block|suspend|disabl|restrict|limit|quota|not (?:allow|permit|author)`+
			`|ban|compromis|threshold|reputation|lock|list)`)},

	// The status.
	{blame: BlameRecipient, steps: afterMail, status: detail(`1\.(?:[1-46]|9|10)|2\.[124]|4\.(?:1|4|310)|7\.(?:2|17|18)`)},
	{blame: BlameUs, status: detail(`1\.(?:7|8|90)|4\.5|5\.3|7\.(?:[389]|1[1-4]|2[0-9]|30|57|60|64|23[0-9]|[567][0-9]{2})`)},
	{blame: BlameLetter, status: detail(`6\.[0-9]+|3\.4|2\.3`)},

	// Words that a status can belie.
	{blame: BlameLetter, text: words(
		`\b(?:message|mail|letter|content|header|line|attachment)s?\b.{0,30}\b(?:size|too (?:large|big|long)|bytes)\b`,
		`\b(?:virus|malware|infected|attachment|executable|malformed|mime)\b`, `\bcontent (?:is )?(?:rejected|not allowed|filter)`)},
	{blame: BlameRecipient, steps: byAddress, text: words(`\bover ?quota\b`,
		`\b(?:mailbox|inbox|recipient|user|account)\b.{0,40}\b(?:full|quota|storage)`)},
	{blame: BlameUs, text: words(`\btoo (?:many|fast|much)\b`, `\bthrottl`, `\brate[- ]?(?:limit|control)`, `\bslow down\b`,
		`\b(?:message|e-?mail|mail|recipient|rate|connection|user|usage|concurren\w+)s?\b.{0,40}\b(?:limit|quota|exceed|threshold)`,
		`\btenant\b`, `\bsubscription\b`, `\blicen[cs]e`, `\bsuspended\b`, `\bhijack`, `\bcompromised\b`, `\bbanned\b`,
		`\b(?:black|block|deny) ?list`, `\b(?:dns|r)bl\b`, `\bspamhaus\b`, `\breputation\b`, `\bunusual\b`, `\bsuspicious\b`,
		`\bnot verified\b`, `\bspf\b`, `\bdkim\b`, `\bdmarc\b`, `\btls\b`)},
	{blame: BlameRecipient, steps: byAddress, text: words(
		`\b(?:user|recipient|mailbox|address)\b.{0,40}\b(?:unknown|not (?:found|exist|known|valid|here)|n['’]t exist|no longer)`,
		`\b(?:user|recipient|mailbox|address)\b.{0,40}\b(?:invalid|inactive|rejected|unavailable)`,
		`\b(?:no such|unknown|invalid|non-?existent|unrout(?:e)?able|bad) (?:user|recipient|mailbox|address|person|account|local)`,
		`\bno mailbox\b`, `\bdomain\b.{0,20}\bnot (?:found|exist)`)},
}

// afterMail are the steps at which a server knows the recipient, and byAddress those at which it speaks of nothing else.
var (
	afterMail = []Step{AtRcpt, AtData, AtContent, Reported}
	byAddress = []Step{AtRcpt, Reported}
)

// Codes that say everything (RFC 4954, section 6; RFC 1870, section 6.1).
var (
	forCredentials = []int{530, 534, 535, 538}
	forSize        = 552
)

// quotes matches what a reply repeats of others, and is no word of the server's own: addresses, links, and what is in angle
// brackets. Whoever chose an address chose its words.
var quotes = regexp.MustCompile(`<[^>]*>|\S+@\S+|(?i)\b[a-z]+://\S+`)

// calledOut matches what another server said to one that asked it about an address, up to the end.
var calledOut = regexp.MustCompile(`(?i)\bhost\b.{0,120}? (?:said|says|replied):.*`)

// ownWords are the words of the reply that are the server's own.
func (r Reply) ownWords() string {
	text := r.Text
	if r.Step == AtRcpt {
		text = calledOut.ReplaceAllString(text, "")
	}
	return quotes.ReplaceAllString(text, " ")
}

// Blame returns whom the reply is about. At MAIL a server that refuses for good knows no more than the sender, and the size
// that was announced.
func (r Reply) Blame() Blame {
	if slices.Contains(forCredentials, r.Code) {
		return BlameUs
	}
	_, status, _ := strings.Cut(r.Status, ".")
	found, text := BlameNobody, r.ownWords()
	for _, m := range marks {
		if (m.steps == nil || slices.Contains(m.steps, r.Step)) && (m.status == nil || m.status.MatchString(status)) &&
			(m.text == nil || m.text.MatchString(text)) {
			found = m.blame
			break
		}
	}
	switch {
	case r.Step != AtMail, found == BlameNobody && r.Code < 500:
		return found
	case found == BlameLetter || found == BlameNobody && r.Code == forSize:
		return BlameLetter
	}
	return BlameUs
}

// Outbound is a letter in the queue, with what its delivery needs.
type Outbound struct {
	ID int64
	Letter
	// MessageID is chosen when the letter is written, and is the same at every attempt. It has no angle
	// brackets.
	MessageID string
	// References leads back to the start of the conversation, oldest first (RFC 5322, section 3.6.4); its
	// last entry is what In-Reply-To names.
	References []string
	Answer     bool // it answers a message; these have daily limits
	State      OutboundState
	Attempts   int // begun so far
	CreatedAt  time.Time
	DueAt      time.Time // of the next attempt; zero where an operator wants it at once
	HeldUntil  time.Time // for another letter to take up what it says; zero for one that waits for none
	TriedAt    time.Time // when the last attempt failed; zero if none did
	SentAt     time.Time // zero until sent
	LastError  string    // of the last attempt
	SentAs     SentAs    // empty until sent

	BouncedAt    time.Time // when we learnt that it was refused for good; zero if it was not
	BounceStatus string    // such as 5.1.1 (RFC 3463), if given
	StandsFor    int64     // ID of the undelivered letter that it repeats, to another address; 0 for none
}

// SentAs is what a letter was sent as. Neither can be told later: a subject says how things stood, and a trial ends.
type SentAs struct {
	Subject string // without its code
	To      string // who got it in the place of its recipient; empty for none
}

// Accepted is a letter that the server has taken.
type Accepted struct {
	ID int64
	At time.Time
	As SentAs
}

// OneLetter is what one letter costs, in the unit of an Allowance: millionths of a letter.
const OneLetter = 1_000_000

// Allowance limits how many letters may go out. It is a bucket: full at first, and refilled evenly over
// time.
type Allowance struct {
	Name   string
	Burst  int64 // its capacity, in millionths of a letter
	Refill int64 // what is refilled in 24 hours, in millionths of a letter
}

// NewAllowance returns an allowance of at most n letters in any 24 hours, whenever these begin; n is 1 or
// more.
//
// In 24 hours at most Burst + Refill goes out: what the bucket held, and what was added. Half of n, rounded
// up, may go out at once. The rest is refilled over a day, plus one letter less a millionth: only whole
// letters go out, so a total just below n + 1 still lets out no more than n. Without that surplus an
// allowance of one letter a day would never refill.
//
//	n      at once  in the 24 hours after, evenly
//	1      1        1, a little late: in 24 hours and one second
//	2      1        2, a little late
//	50     25       26, a little late
//
// So an empty bucket is full again after little more than a day.
func NewAllowance(name string, n int) Allowance {
	atOnce := int64(n+1) / 2
	return Allowance{Name: name, Burst: atOnce * OneLetter, Refill: (int64(n)+1-atOnce)*OneLetter - 1}
}

// ErrSpent says that an allowance has no letter left.
var ErrSpent = errors.New("the allowance is spent")
