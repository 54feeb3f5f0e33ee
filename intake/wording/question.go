package wording

import (
	"regexp"
	"strings"
	"unicode"
)

// Meaning is what a text of a site asks for.
type Meaning struct {
	Status  bool // where something stands, or what is on record
	Person  bool // that somebody talks to its author
	Request bool // an exception
	Tells   bool // nothing: it tells something, and says so
	Asks    bool // it has a question
	// More is set if the text says something besides Status, Person and courtesies: it may be an answer to a question,
	// or news.
	More bool
}

// Read returns what a text asks for.
func Read(text string) Meaning {
	var m Meaning
	for _, s := range sentences(text) {
		how := asksHow.MatchString(s)
		request := !how && asksForException.MatchString(s) && !endsException.MatchString(s)
		status := !request && asksStatus.MatchString(s)
		person := how || !request && asksPerson.MatchString(s) && !offers.MatchString(s)
		m.Tells, m.Asks = m.Tells || tells.MatchString(s), m.Asks || strings.Contains(s, "?")
		m.Request, m.Status, m.Person = m.Request || request, m.Status || status, m.Person || person
		if !request && !status && !person && !closer.MatchString(s) && !courteous(s) {
			m.More = true
		}
	}
	if m.More && !moreThanSignature(text) {
		m.More = false
	}
	return m
}

// AboutExceptions reports whether a text has a word for what sites ask for here.
func AboutExceptions(text string) bool { return exceptionWords.MatchString(simple(text)) }

// courteous reports whether a sentence only greets, thanks or signs off.
func courteous(s string) bool {
	words := strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' })
	if len(words) == 0 || greeting.MatchString(s) {
		return true
	}
	strange := 0
	for _, w := range words {
		if !courtesies[w] && w != "please" && w != "sorry" && w != "in" && w != "advance" {
			strange++
		}
	}
	return strange == 0 || strange == 1 && len(words) > 1 && thanking[words[0]] && !courtesies[words[len(words)-1]] // thanks, jo
}

// moreThanSignature reports whether a line of a text besides what Read knows has a small letter at the beginning of
// a word of some length: names, posts and sites below an email have capitals.
func moreThanSignature(text string) bool {
	for _, line := range strings.Split(text, "\n") {
		s := simple(line)
		if s == "" || courteous(s) || signature(line) {
			continue
		}
		for _, s := range sentences(line) {
			if !asksStatus.MatchString(s) && !asksPerson.MatchString(s) && !asksHow.MatchString(s) && !closer.MatchString(s) &&
				!courteous(s) {
				return true
			}
		}
	}
	return false
}

// signature reports whether a line can be of a signature: a few words with capitals.
func signature(line string) bool {
	words := strings.FieldsFunc(line, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == '|' })
	if len(words) > 6 || strings.ContainsAny(line, "?!") || strings.HasSuffix(strings.TrimSpace(line), ".") {
		return false
	}
	for _, w := range words {
		r := []rune(w)[0]
		if unicode.IsLetter(r) && !unicode.IsUpper(r) && !joining[w] {
			return false
		}
	}
	return true
}

var joining = wordSet("of and the for at in")

const (
	exceptions = `(?:exempt(?:ion|ions|ed)?|exceptions?|excused|mfa|2fa|multi-?factor|authenticat\w+)`
	record     = `(?:exempt(?:ion|ions|ed)?|exceptions?|requests?|applications?)`
)

var (
	exceptionWords = regexp.MustCompile(`\b` + exceptions + `\b|\beithriad`)

	// asksForException is a sentence that asks for an exception: not one that speaks of an earlier request.
	asksForException = regexp.MustCompile(`\b(?:` +
		`(?:please|kindly|can you|could you|would you|grateful if you (?:could|would)) (?:please )?(?:exempt\b|(?:grant|give|arrange|` +
		`issue|set up|provide|organise|sort|add|consider|approve|switch off|turn off|remove|put)\b.{0,80}\b` + exceptions + `\b)` +
		`|[\w@.'-]+ (?:(?:would|will|do|does|also|now|really|urgently|both) )*(?:need|needs|require|requires|want|wants) ` +
		`(?:\w+ ){0,5}` + exceptions +
		`|(?:like|wish|want|need|trying|hoping|writing) to (?:request|apply|ask|have|get|obtain|put in|submit)\b` +
		`|(?:requesting|applying|asking) for\b|(?:i|we) (?:hereby )?(?:request|apply|ask) ` +
		`|(?:can|could|may) (?:[\w@.'()+-]+[ ,]*){1,8}(?:(?:be|get) (?:given|granted|exempted?|excused|made exempt|set up` +
		`|put|added)|have|get)\b(?: [\w-]+){0,5}? (?:` + exceptions + `|one|this|it)\b` +
		`|` + exceptions + `(?: request)? (?:is )?(?:needed|required)\b` +
		`)`)

	// asksStatus is a sentence that asks where something stands, or what is on record.
	asksStatus = regexp.MustCompile(`\b(?:` +
		`(?:any|some|still no|had no|heard no|there is no|there's no) (?:more |further )?(?:news|updates?|progress|movement` +
		`|decision|word|joy|luck|outcome|answer|reply|response)\b` +
		`|(?:have|get|give (?:me|us)|send (?:me|us)|need|like|want) (?:an? |the |any |some )?(?:update|status|list|news)\b` +
		`|(?:what(?:'s| is| are| was)|whats|how(?:'s| is| are)|hows) (?:\w+ ){0,3}(?:latest|status|state of|progress` +
		`|position|happening|going on|getting on|coming along|going|progressing|decision|outcome|situation|doing)\b` +
		`|what (?:has|have) (?:happened|become)|what happened (?:to|with|about)` +
		`|where (?:are we|do (?:we|i|they) stand|does (?:\w+ ){1,6}stand|is (?:our|my|the|this|it|\w+'s)|has (?:\w+` +
		` ){1,6}got to|(?:we|it|this|things|\w+) (?:are|is|stands?))\b` +
		`|how (?:do|does) (?:\w+ ){1,6}(?:stand|look)\b|how far (?:are|is|has|have)\b` +
		`|(?:let (?:me|us) know|tell (?:me|us)|advise|update (?:me|us)|an update|the status|status update|status of|progress` +
		` of|progress on|update on)\b.{0,60}\b(?:status|where|how|progress|stands?|outcome|latest|` + record + `)\b` +
		`|did (?:you|our|my|it|the|\w+'s?) (?:\w+ ){0,4}(?:get|receive|arrive|reach|see|come|go|approve|decide)\b` +
		`|have you (?:\w+ )?(?:had|got|received|seen|looked|decided|heard|made|approved|processed|dealt|finished|managed)\b` +
		`|(?:has|have|had|is|are|was|were) (?:[\w@.'()\[\]-]+ ){1,10}(?:been )?(?:yet|approved|granted|decided|agreed` +
		`|rejected|refused|turned down|looked at|processed|actioned|received|dealt with|sorted|gone through|come through` +
		`|done|added|exempted?|active|valid|in place|pending|outstanding|on record|in force|expired|finished|renewed|still)\b[^.]*\?` +
		`|when (?:will|can|should|do|does|did|is|are|was|might)\b.{0,80}\b(?:hear|know|decision|decided|answer|reply|ends?` +
		`|ended|expires?|expired|expiry|run out|runs out|starts?|started|finish|finishes|due|up|over|ready|approved` +
		`|reviewed|renewed?|looked)\b` +
		`|how (?:long|much longer|soon)\b.{0,60}\b(?:take|takes|taking|wait|be|left|until|before|lasts?|has|have|had|is|for|got)\b` +
		`|until when\b|what (?:date|day) (?:\w+ ){0,6}(?:ends?|expires?|finish\w*|runs? out|until|till)\b|(?:end|expiry) date\b` +
		`|how many\b.{0,60}\b` + record + `\b|what (?:\w+ ){0,2}(?:exceptions|exemptions|requests)\b|(?:which|who` +
		`|whose)\b.{0,60}\b(?:exempt|exempted|exemptions?|exceptions?|requests?|have one|has one|got one|have got one|had` +
		` one|on record|on the list|outstanding|awaiting|pending)\b` +
		`|(?:a|the|full|current) (?:list|overview|summary|record)\b.{0,40}\b(?:` + record +
		`|exempt|staff|users|people|colleagues|ours)\b|list (?:of )?(?:all |our |the |my )+(?:\w+ ){0,2}(?:` + record +
		`|exempt|staff|users)\b` +
		`|(?:do|does) (?:any|anyone|anybody|any of|we|i|\w+)\b.{0,40}\b(?:have|has|got) (?:an? |any |one |his |her |their` +
		` )?(?:\w+ )?(?:` + record + `|one)\b[^.]*\?` +
		`|(?:chasing|chase|following up|follow up|follow-up|just checking|checking (?:in|up|on|whether|if)|still waiting` +
		`|still awaiting|awaiting (?:a |your |the )?(?:reply|response|decision|outcome|answer))\b` +
		`|(?:not|haven't|have not|hasn't|never|yet to) (?:yet |had |have |been )*(?:heard|had (?:a|any)|received|hear|a` +
		` reply|reply|replied|response)\b|heard nothing\b` +
		`|newyddion|beth yw'r statws|pryd (?:fydd|mae|bydd|daw)\b|ble mae\b` +
		`)`)

	// asksPerson is a sentence that asks for somebody to talk to.
	asksPerson = regexp.MustCompile(`\b(?:` +
		`(?:can|could|would|will|may|please|pls|kindly|want|need|like|ask|prefer|grateful)\b(?: [\w',-]+){0,8} ` +
		`(?:ring|call|speak|talk|contact|chat|come back to|get back to|get in touch)(?: back)?(?: (?:me|us|to|with|him|her` +
		`|them|our|the|on|about|through|please)\b| ?[,.?!]| ?$)` +
		`|(?:ring|call|phone|telephone|contact) (?:me|us)\b|(?:give|drop) (?:me|us) a (?:ring|call|bell|buzz|line|shout)` +
		`|(?:speak|talk|spoken) (?:to|with) (?:an? |some ?|any ?)?(?:body|one|person|human|real|actual|adviser|advisor|colleague|member)` +
		`|(?:a|an actual|a real) (?:person|human|human being)\b` +
		`|who (?:do|can|should|would|must) (?:i|we) (?:speak|talk|contact|call|ring|ask|write|turn)\b` +
		`|(?:is|are) (?:there )?(?:anybody|anyone|any one|somebody|someone) (?:there|around|who|able|at|i|we)\b` +
		`|(?:need|want|have|like|some|your|appreciate) (?:some |any |your |more |a bit of |a little )*(?:help|advice` +
		`|assistance|guidance)\b|help (?:me|us)\b|please help\b` +
		`|(?:can|could|would) (?:some ?one|some ?body|any ?one|any ?body) (?:please )?(?:help|advise|explain|assist)` +
		`|complain(?:t|ts|ing)?\b|call ?back\b` +
		`)`)

	// asksHow is a sentence that asks how to ask for an exception.
	asksHow = regexp.MustCompile(`\bhow (?:do|can|should|would|does|could) (?:we|i|you|one|somebody|someone) ` +
		`(?:apply|ask|request|get|go about|set|obtain|proceed)\b`)

	// tells is a sentence that says of itself that it asks for nothing.
	tells = regexp.MustCompile(`\b(?:for your (?:records|information)|fyi|(?:just|writing) to (?:let you know|inform you|tell you|say)|` +
		`no (?:reply|response|action|answer) (?:is )?(?:needed|required|necessary)|please note|please be aware)\b`)

	// offers is a sentence that only offers a call.
	offers = regexp.MustCompile(`\b(?:if you|should you|happy to|feel free|do not hesitate|don't hesitate|any` +
		` (?:questions|queries|problems)|` +
		`can be (?:reached|contacted|called)|able to call (?:him|her)|you can (?:call|ring|reach|contact))\b`)

	greeting = regexp.MustCompile(`^(?:hi|hello|hiya|hey|dear|good (?:morning|afternoon|evening)|helo|annwyl|bore da` +
		`|prynhawn da)\b(?:[ ,]+[\w'.-]+){0,5}[ ,.!]*$` +
		`|^(?:kind(?:est)?|best|warm|many|with)\b.{0,20}\b(?:regards|wishes|thanks)\b.{0,40}$`)
)
