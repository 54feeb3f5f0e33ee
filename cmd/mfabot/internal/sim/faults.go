package sim

// Fault is a kind of failure.
type Fault int

// The kinds of fault. The first means none.
const (
	None Fault = iota

	IMAPUnreachable
	IMAPTurnedAway // by a BYE instead of the greeting
	IMAPLogin
	IMAPCutBefore
	IMAPCutAfter
	IMAPCutInAnswer
	IMAPCutInLiteral
	IMAPSilentBefore
	IMAPSilentAfter
	IMAPSilentInAnswer
	IMAPRefuses
	IMAPBye
	IMAPHalf     // a MOVE, COPY or EXPUNGE of several messages stops half way
	IMAPUnread   // a message cannot be read
	IMAPNothing  // the answer about a message is left out, and all is said to be well
	IMAPPoison   // a message cannot be handed over for a while, in a way of its own
	IMAPThrottle // nothing is handed over for a while, and the server says for how long
	IMAPValidity // UIDVALIDITY changes

	SMTPUnreachable
	SMTPGreeting
	SMTPLogin
	SMTPCutBefore
	SMTPCutAfter
	SMTPCutInContent
	SMTPCutInAnswer
	SMTPSilentBefore
	SMTPSilentAfter
	SMTPMail4
	SMTPMail5
	SMTPRcpt4
	SMTPRcpt5
	SMTPData4
	SMTPData5
	SMTPDot4
	SMTPDot5
	SMTPDotCut    // the message is accepted, but the connection ends after the final dot
	SMTPDotSilent // the message is accepted, but the final dot gets no answer
	SMTPLimit     // a day's limit is reached, for a while
	SMTPSendAs    // we may not send as ourselves, for a while
	SMTPTenant    // our tenant is blocked, for a while
	SMTPCloses    // 421 at any command

	DiskOpen
	DiskFull
	DiskFullUndone // and SQLite has rolled back the whole transaction
	DiskBusy
	DiskReadOnly
	DiskIO
	DiskIOUndone
	DiskRows       // an error after some rows
	DiskCommit     // a commit fails
	DiskCommitLost // a commit succeeds but says that it failed
	DiskFullLong   // full for a while
	DiskLockedLong // locked by another process for a while
	DiskReadOnlyLong
	DiskFilling // nearly full for a while

	CrashIMAPBefore
	CrashIMAPAfter
	CrashSMTPBefore
	CrashSMTPAfter
	CrashStatement
	CrashCommitBefore
	CrashCommitAfter
	CrashBetween // between two steps of the bot

	PersonMoved
	PersonDeleted
	PersonMarked
	PersonUnmarked
	PersonRead
	PersonCopied
	PersonBrought // back to the inbox
	PersonTidied  // out of one of our folders
	PersonExpunged
	PersonRenamed // one of our folders

	MailTwice
	MailSameID
	MailForged
	MailReplayed // by an outsider who was sent it
	ClockForward
	ClockBack
	DownForDays

	DirectoryUnreachable
	DirectoryRefuses // and says so permanently
	DirectoryLost    // it does as told, but says that it could not
	CrashDirectoryBefore
	CrashDirectoryAfter
	PersonExempted   // somebody in the directory
	PersonUnexempted // somebody in the directory

	faults // how many there are
)

// about describes each kind: its name, and how often it strikes at each opportunity, in a run in which it is
// enabled at normal strength.
var about = [faults]struct {
	name string
	rate float64
}{
	IMAPUnreachable:    {"imap: unreachable", .04},
	IMAPTurnedAway:     {"imap: turned away with BYE", .02},
	IMAPLogin:          {"imap: login refused", .03},
	IMAPCutBefore:      {"imap: cut before a command", .01},
	IMAPCutAfter:       {"imap: cut after a command, before its answer", .02},
	IMAPCutInAnswer:    {"imap: cut within an answer", .01},
	IMAPCutInLiteral:   {"imap: cut within a literal", .05},
	IMAPSilentBefore:   {"imap: silent before a command", .007},
	IMAPSilentAfter:    {"imap: silent after a command", .01},
	IMAPSilentInAnswer: {"imap: silent within an answer", .01},
	IMAPRefuses:        {"imap: NO", .02},
	IMAPBye:            {"imap: BYE", .008},
	IMAPHalf:           {"imap: stopped half way", .15},
	IMAPUnread:         {"imap: NO to one message", .03},
	IMAPNothing:        {"imap: OK without one message", .03},
	IMAPPoison:         {"imap: one message is not handed over", .02},
	IMAPThrottle:       {"imap: throttled", .02},
	IMAPValidity:       {"imap: UIDVALIDITY changed", .008},

	SMTPUnreachable:  {"smtp: unreachable", .08},
	SMTPGreeting:     {"smtp: turned away at the greeting", .04},
	SMTPLogin:        {"smtp: login refused", .04},
	SMTPCutBefore:    {"smtp: cut before a command", .007},
	SMTPCutAfter:     {"smtp: cut after a command, before its answer", .007},
	SMTPCutInContent: {"smtp: cut within the content", .02},
	SMTPCutInAnswer:  {"smtp: cut within an answer", .007},
	SMTPSilentBefore: {"smtp: silent before a command", .005},
	SMTPSilentAfter:  {"smtp: silent after a command", .005},
	SMTPMail4:        {"smtp: 4xx at MAIL", .03},
	SMTPMail5:        {"smtp: 5xx at MAIL", .01},
	SMTPRcpt4:        {"smtp: 4xx at RCPT", .03},
	SMTPRcpt5:        {"smtp: 5xx at RCPT", .01},
	SMTPData4:        {"smtp: 4xx at DATA", .03},
	SMTPData5:        {"smtp: 5xx at DATA", .01},
	SMTPDot4:         {"smtp: 4xx after the final dot", .03},
	SMTPDot5:         {"smtp: 5xx after the final dot", .01},
	SMTPDotCut:       {"smtp: taken, then cut before the answer", .04},
	SMTPDotSilent:    {"smtp: taken, then silent", .03},
	SMTPLimit:        {"smtp: a day's limit for a while", .03},
	SMTPSendAs:       {"smtp: SendAsDenied for a while", .02},
	SMTPTenant:       {"smtp: tenant blocked for a while", .01},
	SMTPCloses:       {"smtp: 421", .008},

	DiskOpen:         {"disk: database cannot be opened", .05},
	DiskFull:         {"disk: full at a statement", .0012},
	DiskFullUndone:   {"disk: full at a statement, transaction undone", .002},
	DiskBusy:         {"disk: database locked", .001},
	DiskReadOnly:     {"disk: database read-only", .001},
	DiskIO:           {"disk: I/O error", .0012},
	DiskIOUndone:     {"disk: I/O error, transaction undone", .002},
	DiskRows:         {"disk: I/O error between rows", .001},
	DiskCommit:       {"disk: commit failed", .01},
	DiskCommitLost:   {"disk: commit done, answer lost", .015},
	DiskFullLong:     {"disk: full for a while", .05},
	DiskLockedLong:   {"disk: locked for a while", .05},
	DiskReadOnlyLong: {"disk: read-only for a while", .05},
	DiskFilling:      {"disk: nearly full for a while", .08},

	CrashIMAPBefore:   {"crash: before an IMAP command", .005},
	CrashIMAPAfter:    {"crash: after an IMAP command", .01},
	CrashSMTPBefore:   {"crash: before an SMTP command", .003},
	CrashSMTPAfter:    {"crash: after an SMTP command", .005},
	CrashStatement:    {"crash: at a statement", .0006},
	CrashCommitBefore: {"crash: before a commit", .006},
	CrashCommitAfter:  {"crash: after a commit", .012},
	CrashBetween:      {"crash: between two steps", .08},

	PersonMoved:    {"person: moved a message out of the inbox", .006},
	PersonDeleted:  {"person: deleted a message from the inbox", .004},
	PersonMarked:   {"person: marked a message deleted", .012},
	PersonUnmarked: {"person: took the mark off", .008},
	PersonRead:     {"person: read a message", .015},
	PersonCopied:   {"person: copied a message within the inbox", .006},
	PersonBrought:  {"person: brought a message back to the inbox", .01},
	PersonTidied:   {"person: took a message out of our folder", .01},
	PersonExpunged: {"person: expunged the inbox", .008},
	PersonRenamed:  {"person: renamed our folder", .006},

	MailTwice:    {"mail: delivered twice", .15},
	MailSameID:   {"mail: two with one Message-ID", .15},
	MailForged:   {"mail: forged", .12},
	MailReplayed: {"mail: sent on by an outsider", .1},
	ClockForward: {"clock: set forward", .06},
	ClockBack:    {"clock: set back", .06},
	DownForDays:  {"down for days", .12},

	DirectoryUnreachable: {"directory: unreachable", .08},
	DirectoryRefuses:     {"directory: refuses", .05},
	DirectoryLost:        {"directory: done, answer lost", .05},
	CrashDirectoryBefore: {"crash: before a change in the directory", .03},
	CrashDirectoryAfter:  {"crash: after a change in the directory", .05},
	PersonExempted:       {"person: exempted somebody in the directory", .05},
	PersonUnexempted:     {"person: took an exemption out of the directory", .05},
}

// String names the fault, as in traces and summaries.
func (f Fault) String() string { return about[f].name }

// Kinds returns all kinds of fault.
func Kinds() []Fault {
	var all []Fault
	for f := None + 1; f < faults; f++ {
		all = append(all, f)
	}
	return all
}

// groups are kinds that are enabled or disabled together: much is only found when little else goes wrong.
var groups = [][2]Fault{
	{IMAPUnreachable, IMAPValidity}, {SMTPUnreachable, SMTPCloses}, {DiskOpen, DiskFilling},
	{CrashIMAPBefore, CrashBetween}, {PersonMoved, PersonRenamed}, {MailTwice, DownForDays},
	{DirectoryUnreachable, PersonUnexempted},
}

// Faults decides what goes wrong in one run.
type Faults struct {
	dice   *Dice
	trace  *Trace
	rate   [faults]float64
	Counts [faults]int
	last   Fault // the last to strike
	over   bool
}

func newFaults(dice *Dice, trace *Trace) *Faults {
	f := &Faults{dice: dice, trace: trace}
	for _, group := range groups {
		on := dice.Chance(.75)
		for kind := group[0]; kind <= group[1]; kind++ {
			strength := Pick(dice, []float64{0, .4, 1, 1, 3})
			if on {
				f.rate[kind] = about[kind].rate * strength
			}
		}
	}
	return f
}

// Choose returns at most one of the kinds to strike now, and counts it.
func (f *Faults) Choose(kinds ...Fault) Fault {
	if f.over {
		return None
	}
	u := f.dice.Float64()
	for _, kind := range kinds {
		if u < f.rate[kind] {
			f.strike(kind)
			return kind
		}
		u -= f.rate[kind]
	}
	return None
}

// Strikes reports whether one kind strikes now.
func (f *Faults) Strikes(kind Fault) bool { return f.Choose(kind) == kind }

func (f *Faults) strike(kind Fault) {
	f.Counts[kind]++
	f.last = kind
	f.trace.note("      ! ", kind.String())
}

// Total is how many faults have struck.
func (f *Faults) Total() int {
	n := 0
	for _, c := range f.Counts {
		n += c
	}
	return n
}

// Cease ends all faults.
func (f *Faults) Cease() { f.over = true }
