package inbound

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"mfabot/intake"
	"mfabot/intake/review"
	"mfabot/parser"
)

// correction is a site's message that may put right the address of a request's user.
type correction struct {
	*siteMail
	req   *intake.Request
	asked bool // it answers our question for the address
	keep  bool // it answers that the address is right
	says  parser.Correction

	perhaps string // an address that the message may mean by it, without saying so plainly
}

// correctionOf reads whether the message puts right the address of a request's user. In other states than these a
// new request says what it is about, or a person reads it.
func correctionOf(m *siteMail, req *intake.Request) correction {
	c := correction{siteMail: m, req: req}
	open := []intake.State{intake.Pending, intake.NeedsInfo, intake.Incomplete, intake.Approved}
	if !slices.Contains(open, req.State) || req.User.Email == "" || !req.PurgedAt.IsZero() || m.msg.Withdraw {
		return c
	}
	c.asked = m.answersOne(intake.LetterUnreachable, intake.LetterAddress)
	c.says = parser.ReadCorrection(m.msg.NewText, req.User.Email, c.asked, c.mayBeUser)
	var right string
	if right, c.keep = (plainAnswer{m}).address(); right != "" && !c.plain() {
		c.says = parser.Correction{Address: right}
	}
	switch {
	case c.plain() && c.isRequest():
		c.says = parser.Correction{}
	case c.plain() && !c.asked && !alike(req.User, c.says.Address) && !c.names(req.User.Email):
		// It may be somebody else's, of whom the message tells.
		c.says, c.perhaps = parser.Correction{Unclear: true}, c.says.Address
	}
	return c
}

// names reports whether the author wrote an address.
func (c correction) names(address string) bool {
	return strings.Contains(strings.ToLower(c.msg.NewText), address)
}

// isRequest reports whether the message is a request for the other address, below an old letter: it brings what
// one needs, and does not say that the address it is about is mistyped.
func (c correction) isRequest() bool {
	_, reasoned := c.Policy.LongTerm.Reason(c.msg.Reason)
	whole := reasoned && c.bringsEvidence()
	some := reasoned || c.bringsEvidence() && !alike(c.req.User, c.says.Address)
	return (whole || some && !c.asked) && !mistyped(c.req.User.Email, c.says.Address) &&
		!c.names(c.req.User.Email)
}

// plain reports whether the message says plainly that the address is another.
func (c correction) plain() bool { return c.says.Address != "" }

// mayBeUser reports whether an address can be that of a user: not a mailbox of ours or of a site.
func (c correction) mayBeUser(address string) bool {
	why := c.NotAUser(address)
	return intake.IsAddress(address) && (why == "" || why == intake.WhyProtected)
}

// handle carries out what the message puts right. mine is false if it must be read as any other about the request.
func (c correction) handle(ctx context.Context) (done intake.Conclusion, mine bool, err error) {
	if done, mine, err = c.toNobody(ctx); mine || err != nil {
		return done, true, err
	}
	switch {
	case c.keep:
		c.check("correction", false, "the site says that %s is right", c.req.User.Email)
		done, err = c.noted(ctx, c.req.Ref)
		return done, true, err
	case c.req.State == intake.Approved:
		return c.afterApproval(ctx)
	case c.plain() && c.letter == nil: // it may only look like an answer
		done, err = belonging{c.siteMail}.ask(ctx, c.req)
		return done, true, err
	case c.plain():
		return c.before(ctx)
	case c.says.Unclear && (c.asked || c.req.State == intake.Pending) && !c.bringsNew(c.req):
		if done, err = c.passOn(ctx, c.req, ""); err == nil {
			err = c.tell(ctx, "")
		}
		return done, true, err
	}
	return done, false, nil
}

// toNobody handles a correction to an address that can have no exception: the site is told, and that the other one is
// wrong all the same reaches whoever decides, or has to end an exception.
func (c correction) toNobody(ctx context.Context) (done intake.Conclusion, mine bool, err error) {
	if !c.plain() {
		return done, false, nil
	}
	why, err := unfit(ctx, c.panel, c.message, c.site, c.says.Address)
	if err != nil || why == "" {
		return done, false, err
	}
	if _, err := noException(ctx, c.siteMail, []intake.RefusedUser{{Email: c.says.Address, Why: why}}); err != nil {
		return done, true, err
	}
	if c.req.State != intake.Approved {
		done, err = c.passOn(ctx, c.req, "")
		return done, true, err
	}
	if done, err = c.noted(ctx, c.req.Ref); err == nil {
		err = c.alert(ctx, "Nothing was changed: "+c.says.Address+" can have no exception ("+string(why)+"), and the site was told so.")
	}
	return done, true, err
}

// before corrects a request that nobody has decided.
func (c correction) before(ctx context.Context) (done intake.Conclusion, mine bool, err error) {
	may, err := c.allowed(ctx)
	if err != nil {
		return done, true, err
	}
	if !may || c.req.Renews != "" { // whose user has the exception that would be renewed
		return done, false, c.leave(ctx, cmp.Or(c.req.Renews, c.req.Ref))
	}
	open, err := c.openFor(ctx, c.site, c.user())
	if err != nil {
		return done, true, err
	}
	if open != nil && open.Ref != c.req.Ref {
		done, err = c.join(ctx, open)
		return done, true, err
	}
	if err := c.AddEvidence(ctx, c.req.Ref, c.evidence()); err != nil {
		return done, true, err
	}
	if c.req.State == intake.Incomplete {
		c.req.Merge(c.msg, intake.User{}, c.Policy)
	}
	done, err = c.carryOut(ctx)
	return done, true, err
}

// allowed takes one of the day's corrections of the request.
func (c correction) allowed(ctx context.Context) (bool, error) {
	return c.within(ctx, "corrected:"+c.req.Ref, correctedADay,
		"the address is not changed: the limit is %d times a day", correctedADay)
}

// correctedADay is how often a day the address of one request can be put right: each time the reviewers are asked.
const correctedADay = 5

// carryOut makes the correction.
func (c correction) carryOut(ctx context.Context) (intake.Conclusion, error) {
	if err := spendOfSite(ctx, c.siteMail, "additions", c.Policy.AdditionsADay); err != nil {
		return intake.Conclusion{}, err
	}
	c.check("correction", true, "%s is the right address, and not %s", c.says.Address, c.req.User.Email)
	req, err := review.Correct(ctx, c.panel, c.message.Tx, review.Correction{Request: c.req, Added: c.evidence(),
		User: c.user(), By: c.from(), Said: c.msg.NewText, InboundID: c.inbound.ID, AnswersTo: c.msg.MessageID})
	if err != nil {
		return intake.Conclusion{}, err
	}
	return intake.Conclusion{Outcome: intake.OutcomeInformation, Ref: req.Ref, Folder: intake.Processed}, nil
}

// user returns the user with the right address, and the name where it goes with it.
func (c correction) user() intake.User {
	u := intake.User{Email: c.says.Address}
	if alike(c.req.User, u.Email) {
		u.Name = c.req.User.Name
	}
	for _, named := range c.users {
		if named.Email == u.Email && named.Name != "" {
			u.Name = named.Name
		}
	}
	return u
}

// join takes back a request whose right user has an open one already, which gets its evidence: reviewers decide
// only once about one user of a site.
func (c correction) join(ctx context.Context, open *intake.Request) (intake.Conclusion, error) {
	c.check("correction", true, "%s is the right address, and %s is for it already", c.says.Address, open.Ref)
	c.joined = slices.DeleteFunc(slices.Clone(c.req.Evidence), func(e intake.Evidence) bool { return e.Purged || open.HasFile(e.SHA256) })
	if err := c.panel.Withdraw(ctx, c.message.Tx, withdrawalBy(c.siteMail, c.req)); err != nil {
		return intake.Conclusion{}, err
	}
	return c.askedAgain(ctx, open)
}

// afterApproval handles what puts right the address of an exception. The answer to our question has the reviewers
// asked for the right address. Of its own accord a site may mean something else: a person sees to it.
func (c correction) afterApproval(ctx context.Context) (done intake.Conclusion, mine bool, err error) {
	if !c.continues || !c.plain() && !(c.says.Unclear && c.asked) {
		return done, false, nil
	}
	e, err := c.Exception(ctx, c.req.Ref)
	if err != nil || e.StateAt(c.Now) != intake.Active {
		return done, false, err
	}
	if !c.plain() {
		if done, err = c.siteWrote(ctx, c.req.Ref, c.req.User, "Nothing was changed. The site was asked which address is "+
			"right."); err == nil {
			err = c.tell(ctx, "")
		}
		return done, true, err
	}
	if begun, err := c.Correcting(ctx, c.req.Ref); err != nil || begun != "" {
		return c.onceMore(ctx, begun, err)
	}
	open, err := c.openFor(ctx, c.site, c.user())
	if err != nil {
		return done, true, err
	}
	may, err := c.allowed(ctx)
	if err != nil {
		return done, true, err
	}
	renewal, err := c.panel.RenewalOf(ctx, c.message.Tx, c.req.Ref)
	if err != nil {
		return done, true, err
	}
	if !c.asked || open != nil || renewal != nil || !may {
		if done, err = c.noted(ctx, c.req.Ref); err == nil {
			err = c.leave(ctx, c.req.Ref)
		}
		return done, true, err
	}
	if done, err = c.carryOut(ctx); err != nil {
		return done, true, err
	}
	return done, true, c.alert(ctx, "The reviewers have been asked for the right address, on the same evidence: "+done.Ref+". "+
		"With their approval the exception of the wrong one ends.")
}

// onceMore goes on with the request for the right address that an earlier correction has begun.
func (c correction) onceMore(ctx context.Context, begun string, err error) (intake.Conclusion, bool, error) {
	if err != nil {
		return intake.Conclusion{}, true, err
	}
	if c.req, err = c.Request(ctx, begun); err != nil {
		return intake.Conclusion{}, true, err
	}
	if c.req.User.Email != c.says.Address {
		return c.before(ctx)
	}
	done, err := c.askedAgain(ctx, c.req)
	return done, true, err
}

// shortTerm leaves the address of a short-term exception to the operator, who granted it. mine is false if the
// message puts no address right.
func shortTerm(ctx context.Context, m *siteMail, e *intake.Exception) (done intake.Conclusion, mine bool, err error) {
	c := correctionOf(m, &intake.Request{Ref: e.Ref, State: intake.Approved, User: e.User, SiteCode: e.SiteCode,
		SiteAddress: e.SiteAddress})
	if !m.continues || !c.plain() || e.StateAt(m.Now) != intake.Active {
		return done, false, nil
	}
	if done, err = c.withRequest(ctx); err != nil {
		return done, true, err
	}
	if err = c.alert(ctx, "The short-term exception was not changed, and the site was told that you see to it. "+
		c.typing("For the right address: mfabot grant --user %s --reason "+e.Reason+" --site "+e.SiteCode+" --as NAME")); err != nil {
		return done, true, err
	}
	return done, true, c.tell(ctx, intake.WhyDecided)
}

// withRequest puts right the open request that a site has for the user of a short-term exception as well.
func (c correction) withRequest(ctx context.Context) (intake.Conclusion, error) {
	open, err := c.openFor(ctx, c.site, c.req.User)
	if err != nil {
		return intake.Conclusion{}, err
	}
	if done, mine, err := c.toNobody(ctx); mine || err != nil {
		return done, err
	}
	if open != nil {
		also := c
		also.req = open
		if done, mine, err := also.before(ctx); mine || err != nil {
			return done, err
		}
	}
	return c.noted(ctx, c.req.Ref)
}

// leave leaves a correction to the operator, who gets the commands, and tells the site so. ref is what they are for.
func (c correction) leave(ctx context.Context, ref string) error {
	if err := c.alert(ctx, "Nothing was changed, and the site was told that you see to it. "+
		c.typing("To have the reviewers decide for the right address, on the same evidence: mfabot correct "+ref+
			" --user %s --as NAME")); err != nil {
		return err
	}
	return c.tell(ctx, intake.WhyDecided)
}

// typing puts the right address into a command for the operator, or says why there is none.
func (c correction) typing(command string) string {
	typed := intake.Typed(c.says.Address)
	if typed == "" {
		return "Type no command with that address: it has characters that a shell takes for commands."
	}
	return fmt.Sprintf(command, typed)
}

// alert tells the operator which address a site puts right, how to end the exception of the wrong one, and what
// was done.
func (c correction) alert(ctx context.Context, done string) error {
	exempt, todo, err := c.whatCanBeDone(ctx, c.Service, c.req.User, done)
	if err != nil {
		return err
	}
	_, err = remark{c.siteMail}.raise(ctx, intake.AlertCorrect, c.req.User, todo,
		"A site says that the address of "+c.req.Ref+" is wrong",
		append([]string{"Reference: " + c.req.Ref, "Site: " + c.site.Name + " (" + c.site.ODSCode + ")", "From: " + c.from(),
			"Wrong, as it says: " + c.req.User.Email, "Right: " + c.says.Address}, exempt...)...)
	return err
}

// tell asks the site which address is right or, because of WhyDecided, says that a person sees to it.
func (c correction) tell(ctx context.Context, why intake.Why) error {
	f := c.FactsOfRequest(c.req)
	f.Audience, f.Why, f.Said, f.Justification, f.Evidence = intake.ToSite, why, c.msg.NewText, "", nil
	f.Right = cmp.Or(c.says.Address, c.perhaps)
	return c.answer(ctx, c.message, intake.Letter{Template: intake.LetterAddress, To: c.answerable(), Ref: c.req.Ref,
		AnswersTo: c.msg.MessageID, Facts: f})
}

// alike reports whether an address may be of the person who was named: it is the one that they had but mistyped, or
// has a part of that or of their name before the @.
func alike(u intake.User, address string) bool {
	was, _, _ := strings.Cut(u.Email, "@")
	local, _, _ := strings.Cut(address, "@")
	if mistyped(u.Email, address) {
		return true
	}
	words := strings.FieldsFunc(strings.ToLower(u.Name)+" "+was, func(r rune) bool { return !('a' <= r && r <= 'z') })
	return slices.ContainsFunc(words, func(w string) bool { return len(w) >= 3 && strings.Contains(local, w) })
}

// mistyped reports whether two addresses have the same part before the @, but for at most two changes of a letter
// (Levenshtein's distance).
func mistyped(one, other string) bool {
	a, _, _ := strings.Cut(one, "@")
	b, _, _ := strings.Cut(other, "@")
	if len(a) > 64 || len(b) > 64 { // no mailbox has a longer name (RFC 5321, section 4.5.3.1.1)
		return false
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, before+1, row[j]+1)
		}
	}
	return row[len(b)] <= 2
}
