package notify

import (
	"cmp"
	"fmt"
	"html/template"
	"regexp"
	"slices"
	"strings"
	"time"

	"mfabot/intake"
	"mfabot/templates"
)

// Bounds on outside text in a letter, in runes.
const (
	maxName      = 80
	maxAddress   = 254
	maxTitle     = 200
	maxRef       = 40
	maxWords     = 4000
	maxLines     = 60
	maxFiles     = 40
	maxHistory   = 60
	maxEntry     = 400
	maxAlertLine = 500

	maxWordsTogether = 1000 // of one of several requests
	maxLinesTogether = 15
)

// view is what the templates see: the facts of a letter with all outside text made harmless, and with the
// choices made that a template should not have to make.
type view struct {
	say  func(words string) string // in the letter's language
	call *call                     // nil where nothing is heard of what the letter says

	Service   Service
	To        string
	InsteadOf string // the address that could not be reached
	TrialFor  string // in a trial, whom the letter is for that the operator gets
	Ref       string
	Short     bool // about a short-term exception
	Audience  string
	Why       string

	Subject     intake.User
	Who         string // the user, by name and address
	Person      string // likewise, by name if there is one
	Site        intake.SiteFacts
	SiteName    string // name and ODS code
	Reason      intake.ReasonFacts
	Reasons     []intake.ReasonFacts
	ReasonWords string // the title of the reason, and to reviewers the site's words that decided for it
	RequestedBy string
	ReceivedAt  time.Time
	AuthMethod  string
	Method      string // whether an authentication method is registered, in words

	Grant, TurnDown, Ask      template.URL // answers of a reviewer to the one request; empty for none
	Withdraw, Complete, Renew template.URL // likewise of the site
	Answer, Yes, No           template.URL // to what the letter asks
	Status, Help              template.URL // of what it can always ask for
	Mailbox                   string       // from which it answers
	Other                     string       // the tag of the other language that the letter is to be had in; empty for none
	InOther                   template.URL // asks for it

	Signed      string     // who wrote, as the email says, in brief
	Writer      string     // likewise in full
	AskedBy     string     // the site's address, and how it is proven
	SiteHas     string     // how many active exceptions the site has, in words
	Together    string     // the other requests of the same email
	Before      beforeView // why the exception was needed that would be renewed
	AskFirst    bool       // something must be asked before an approval makes sense
	Differs     string     // what the subject tells apart from others by
	DiffersEnds bool       // it says that this is a renewal, of what has not ended
	News        string     // of an answer that decided nothing
	Next        string     // likewise: what to do
	Repeat      string     // the words with which the reader's answer is confirmed

	Justification []string
	Cut, SaidCut  string // where that or what was said is only the beginning: where the rest is
	Said          []string
	Evidence      []intake.EvidenceFacts
	Counted       []intake.EvidenceFacts
	NotCounted    []intake.EvidenceFacts
	Attached      []intake.EvidenceFacts // counted evidence that the letter attaches
	Unsent        []intake.EvidenceFacts // counted evidence that it does not
	Files         string                 // the counted evidence, by name
	FilesRefused  bool                   // the reason: the email came back when it had the files
	History       []intake.HistoryFacts
	Records       []recordView
	RecordsMore   int
	SameFiles     []sameFileView
	Missing       aspects
	Asks          string  // the one thing of it that the site can tell, in words; empty for none
	Replaces      bool    // an earlier review email went out
	Changed       aspects // what is different since then
	AnyNew        bool    // some evidence is new since then

	By        string
	Typed     string // who typed the command by which it was decided; empty for none
	At        time.Time
	Decision  string
	Outcome   string // the decision in words
	Starts    time.Time
	Ends      time.Time
	Latest    time.Time
	Command   string        // with text below it that may change it
	Left      time.Duration // from when the letter goes out until Ends
	Soon      bool          // so little that it is told in hours
	Token     string
	Tap       template.URL // opens a reply that confirms; empty for none
	Expected  string
	Renews    string
	Renewed   bool      // the approval of a request to renew it, before it was over
	Corrected string    // the address that was wrong, and has been put right
	Corrects  string    // the exception that has the wrong address
	Right     string    // the right address, as we read it
	Runs      time.Time // end of the exception the user now has
	Former    string    // the exception whose place it took, for whom it concerns
	InTheWay  string    // the exception that an approval would have shortened
	Elsewhere bool      // to a site whose exception another site's has replaced
	Renewal   string    // the open request that would renew this exception; Decision is its state
	Again     bool      // it has been asked before

	RenewBy     time.Time // the last day on which a renewal can be asked for in time
	RenewLate   bool      // which is over
	ReviewDays  int       // the working days that reviewers have
	EndsFirst   bool      // the exception that the user has ends before the day by which the site must answer
	RenewedEnds time.Time // end of the exception that would be renewed; zero if it is over
	Lately      int       // short-term exceptions of the user in LatelyDays, if there are many
	LatelyDays  int
	Approvals   int
	Agreed      string // how many reviewers have approved, in words
	Foreign     bool   // the user is of a domain that is new to the site:
	Domain      string
	Refused     []intake.RefusedUser // whom the site asked for in vain
	Size        int64
	Limit       int64
	Headline    string
	Heard       string // how that begins which somebody wrote and an alert is about
	Urgent      bool
	Labelled    []string // what an alert tells as labels and values, in turn
	Lines       []string // the rest of it
	TodoID      int64    // of what a person must do by hand
	TodoEnds    bool     // it is to end an exemption
	Todo        []string // what to do about an alert, below what it quotes: the first thing first
	Others      []string // alerts of the kind that were not sent
	Waiting     bool     // the directory has not taken the change yet
	ByHand      bool     // a person makes the change
	Calendar    string   // what the attached file does to the end in the reader's calendar; empty for no file
	Account     string   // what the directory knows about the user
	InDirectory string   // likewise: the name, the department and whether the account is enabled, in words
	OtherName   string   // of the user in the directory, where it is not the one that the site gives

	Checkpoint intake.Checkpoint // of the audit
	Previous   intake.Checkpoint // the one before it
	Report     reportView

	InPlaceOf     string // the reviewer whose deputy gets the letter
	Named         bool   // the site's email names the reviewer as its sender
	Waited        string // since At, in words
	Undecided     []undecidedView
	Decided       []decidedView
	UndecidedMore int // how many are not listed
	Ending        []endingView
	EndingMore    int
	EndingYours   bool           // some of them have a renewal that waits for the reader
	ForYou        []standingView // the site's requests that wait for the site
	Standing      []standingView // where its others stand
	StandingMore  int
	Running       []endingView // its active exceptions
	RunningMore   int
	ToRenew       bool         // an exception ends soon of which no renewal is asked for
	Unknown       []string     // addresses of which nothing is on record
	Endings       []warnedView // of which it warns together
	ToAnswer      []warnedView // those of them whose renewal waits for the site
	AtSites       int
	Todos         []todoView // what the operator is to do by hand
	TodosMore     int

	GrantAll, TurnDownAll template.URL // of several requests
	Warned                string       // how many of them the letter warns of, in words; empty for none

	UndecidedWords, MorningWords string // how many there are, and of exceptions that end; empty for none
}

// newView returns the view of a letter sent at now, in the language of say.
func newView(s Service, l intake.Letter, now time.Time, say func(words string) string) view {
	f := l.Facts
	// Keeps a telephone number on one line.
	s.Telephone, s.Relay = strings.ReplaceAll(s.Telephone, " ", "\u00a0"), strings.ReplaceAll(s.Relay, " ", "\u00a0")
	s = s.in(say)
	v := view{
		say: say, Service: s, To: templates.Line(l.To, maxAddress), InsteadOf: templates.Line(f.InsteadOf, maxAddress),
		TrialFor: templates.Line(s.Trial.keptFrom(l.To, s.Operator), maxAddress),
		Ref:      templates.Line(l.Ref, maxRef), Short: strings.HasPrefix(l.Ref, "ST-"), Audience: string(f.Audience), Why: string(f.Why),
		Subject: intake.User{
			Email: templates.Line(f.User.Email, maxAddress), Name: templates.Line(f.User.Name, maxName),
		},
		Site: intake.SiteFacts{
			ODSCode: templates.Line(f.Site.ODSCode, maxName),
			Name:    templates.Line(f.Site.Name, maxTitle), Mailbox: templates.Line(f.Site.Mailbox, maxAddress),
			Telephone: templates.Line(f.Site.Telephone, maxName),
		},
		Reason: reasonIn(f.Reason, say), ReasonWords: reasonWords(say(f.Reason.Title), f.ReasonWords, say),
		RequestedBy: templates.Line(f.RequestedBy, maxAddress), ReceivedAt: f.ReceivedAt,
		AuthMethod: f.AuthMethod, Method: say(method(f.AuthMethod)),
		By: templates.Line(f.By, maxName), Typed: typed(f.Typed), At: f.At,
		Decision: f.Decision, Outcome: outcomeFor(f),
		Starts: f.Starts, Ends: f.Ends, Latest: f.Latest, Command: f.Command,
		Token:    templates.Line(f.Code, maxTitle),
		Expected: templates.Line(f.Expected, maxAddress), Renews: templates.Line(f.Renews, maxRef),
		Approvals: f.Approvals, Agreed: agreed(f.Agreed), Foreign: f.Foreign,
		Domain: templates.Line(intake.DomainOf(f.User.Email), maxAddress),
		Size:   f.Size, Limit: f.Limit,
		Missing:  newAspects(f.Missing),
		Replaces: len(f.Changed) > 0, Changed: newAspects(f.Changed),
		FilesRefused: f.FilesRefused, Waiting: f.Waiting, ByHand: f.ByHand, Account: f.Account,
		Checkpoint: f.Checkpoint, Previous: f.Previous,
		InPlaceOf: templates.Line(f.InPlaceOf, maxName), Named: f.Named, Waited: waited(f.Days),
	}
	if !f.FormerElsewhere || f.Audience != intake.ToSite {
		v.Former = templates.Line(f.Former, maxRef)
	}
	v.Elsewhere, v.InTheWay = f.Elsewhere != "", templates.Line(f.Elsewhere, maxRef)
	v.Runs, v.Renewal, v.Again, v.Lately, v.LatelyDays = f.Runs, templates.Line(f.Renewal, maxRef), f.Again, f.Lately, f.LatelyDays
	v.Calendar = inCalendar(s, l).does
	v.setWarned(l, now)
	v.setWords(l)
	for _, r := range f.Reasons {
		v.Reasons = append(v.Reasons, reasonIn(r, say))
	}
	v.setAnswers(l)
	v.setNothing(l)
	v.setMissing(l)
	v.setUser(f)
	v.setAlert(f)
	v.setEvidence(f.Evidence)
	v.Asks, v.Files = v.Missing.asks(), filesInWords(v.Counted, l.Template == intake.LetterReminder)
	v.setHistory(f.History)
	v.setRecords(f)
	v.setMorning(l)
	v.setReviewed(l)
	v.setStanding(f, now)
	v.setReport(l)
	return v
}

// in is the service in a language.
func (s Service) in(say func(words string) string) Service {
	for _, words := range []*string{&s.Policy, &s.Authenticator, &s.Hours, &s.OtherMethods, &s.Logo, &s.Privacy,
		&s.PrivacyPage, &s.Footer} {
		*words = say(*words)
	}
	return s
}

// reasonIn is a reason in a language.
func reasonIn(r intake.ReasonFacts, say func(words string) string) intake.ReasonFacts {
	r.Title, r.Hint, r.Action, r.Next = say(r.Title), say(r.Hint), say(r.Action), say(r.Next)
	return r
}

// typed puts into words who typed a command: "jo on mail1", or "root on mail1, by sudo of jo".
func typed(by string) string {
	who, sudo, _ := strings.Cut(by, ", by sudo of ")
	name, machine, _ := strings.Cut(who, " on ")
	if by == "" {
		return ""
	}
	return templates.Line("typed by "+cmp.Or(sudo, name)+" on the computer "+machine, maxName)
}

// inWords joins what is not empty.
func inWords(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// setEvidence separates the attachments that count from the others. None is called new unless the letter says
// since when.
func (v *view) setEvidence(evidence []intake.EvidenceFacts) {
	for _, e := range evidence[:min(len(evidence), maxFiles)] {
		e.Filename, e.Why = v.fileName(e), templates.Clean(v.say(e.Why), maxTitle)
		e.New = e.New && v.Replaces
		v.AnyNew = v.AnyNew || e.New
		v.Evidence = append(v.Evidence, e)
		switch {
		case !e.Counts:
			v.NotCounted = append(v.NotCounted, e)
			continue
		case e.Unsent:
			v.Unsent = append(v.Unsent, e)
		default:
			v.Attached = append(v.Attached, e)
		}
		v.Counted = append(v.Counted, e)
	}
}

// nameless matches what a file is called that came without a name.
var nameless = regexp.MustCompile(`^attachment-\d+(?: \(\d+\))?(?:\.[^. ]+)?$`)

// fileName is what a letter calls a file: what has no name of its sender's, or came in the place of a file, is called by us.
func (v *view) fileName(e intake.EvidenceFacts) string {
	name := templates.Clean(e.Filename, maxFilename)
	switch {
	case name == "":
		return v.say("(no name)")
	case nameless.MatchString(name), !e.Counts && e.Size == 0:
		return v.say(name)
	}
	return name
}

// notHere is said of a file that the letter does not attach.
const notHere = " (not in this email)"

// filesInWords names the files that count; how many there are, if there are many. Where it is above the buttons, nobody
// is to think that the letter has a file that it does not have.
func filesInWords(files []intake.EvidenceFacts, unsent bool) string {
	var names []string
	lacking := 0
	for _, e := range files {
		if name := e.Filename; unsent || e.Unsent {
			names, lacking = append(names, name+notHere), lacking+1
		} else {
			names = append(names, name)
		}
	}
	switch n := len(names); {
	case n == 0:
		return "none was accepted"
	case n <= 3:
		return templates.Line(strings.Join(names, ", "), maxEntry)
	case lacking == 0:
		return fmt.Sprintf("%d files, listed below", n)
	case lacking == n:
		return fmt.Sprintf("%d files, listed below%s", n, notHere)
	default:
		return fmt.Sprintf("%d files, listed below (%d not in this email)", n, lacking)
	}
}

// method puts into words whether the site says an authentication method is registered.
func method(registered string) string {
	switch registered {
	case "yes":
		return "registered"
	case "no":
		return "not registered"
	case "unknown":
		return "not stated"
	}
	return ""
}

// outcomeFor is outcome where the reason is known.
func outcomeFor(f intake.Facts) string {
	// The others are told as they are.
	//exhaustive:ignore
	switch f.Why {
	case intake.WhyLeft:
		return "the user has left the organisation"
	case intake.WhyClosed:
		return "the helpdesk closed the request"
	}
	return outcome(f.Decision)
}

// outcome puts a decision into words that do not begin like a command.
func outcome(decision string) string {
	switch decision {
	case "pending":
		return "the request waits for a decision"
	case "incomplete":
		return "the site was asked to complete the request"
	case "approved":
		return "the request was approved"
	case "rejected":
		return "the request was rejected"
	case "needs-info":
		return "the site was asked a question"
	case "withdrawn":
		return "the request was withdrawn"
	case "lapsed":
		return "the site did not answer in time"
	case "revoked":
		return "the exception was ended early"
	case "ended":
		return "the exception ended when its time was over"
	case "superseded":
		return "a newer exception took its place"
	}
	return ""
}
