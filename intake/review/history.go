package review

import (
	"context"
	"strings"

	"mfabot/intake"
)

// addPast adds what happened before to the facts for a reviewer, and when the exception that the request
// would renew ends.
func (p *Panel) addPast(ctx context.Context, tx Tx, req *intake.Request, news *News, f *intake.Facts) (err error) {
	known := &records{p, tx, req}
	if err = known.weighed(ctx, f); err != nil {
		return err
	}
	if f.Records, f.RecordsMore, err = known.others(ctx); err != nil {
		return err
	}
	if f.Corrected, err = known.wrong(ctx, news); err != nil {
		return err
	}
	if f.SameFiles, err = (&records{p, tx, req}).sameFiles(ctx); err != nil {
		return err
	}
	if f.History, err = p.reviewHistory(ctx, tx, req, news); err != nil {
		return err
	}
	f.Runs, err = p.renewedEnds(ctx, tx, req)
	return err
}

// changed names what the news changed in a request that reviewers have already been asked to decide; nil if
// they have not.
func (p *Panel) changed(ctx context.Context, tx Tx, req *intake.Request, news *News) ([]string, error) {
	if news == nil || news.Was == nil {
		return nil, nil
	}
	reviews, err := tx.Reviews(ctx, req.Ref)
	if err != nil || len(reviews) == 0 {
		return nil, err
	}
	return req.Changes(news.Was), nil
}

// reviewHistory tells reviewers what happened to a request before the news, and to the exceptions before it:
// in full for the one that it would renew, in brief for those that came earlier.
func (p *Panel) reviewHistory(
	ctx context.Context, tx Tx, req *intake.Request, news *News,
) ([]intake.HistoryFacts, error) {
	chain, err := p.renewed(ctx, tx, req)
	if err != nil {
		return nil, err
	}
	var out []intake.HistoryFacts
	for _, ref := range chain {
		entries, err := tx.History(ctx, ref)
		if err != nil {
			return nil, err
		}
		out = append(out, told(entries, ref, ref != req.Renews)...)
	}
	entries, err := tx.History(ctx, req.Ref)
	if err != nil {
		return nil, err
	}
	if news != nil { // the letter tells of the news itself
		entries = entries[:max(len(entries)-1, 0)]
	}
	return append(out, told(entries, "", false)...), nil
}

// told puts history entries into words for reviewers; inBrief keeps only what was decided and how it ended.
// ref says whose entries they are.
func told(entries []intake.HistoryEntry, ref string, inBrief bool) []intake.HistoryFacts {
	var out []intake.HistoryFacts
	for _, e := range entries {
		words, known := eventWords[e.Event]
		if !known || (inBrief && !words.brief) {
			continue
		}
		h := intake.HistoryFacts{Ref: ref, At: e.At, Event: words.said, By: e.By}
		if e.Command != "" {
			h.By = strings.TrimPrefix(h.By+", by command", ", ")
		}
		if words.quote {
			h.Text = e.Text
		}
		out = append(out, h)
	}
	return out
}

// eventWords are the events that reviewers are told of: in what words, whether the text that came with the
// event is quoted, and whether the event is part of a history in brief. The text of a new request is not
// quoted, as it is the justification. Other events are not for reviewers.
//
//exhaustive:ignore
var eventWords = map[intake.Event]struct {
	said         string
	quote, brief bool
}{
	intake.EventComplete:    {"the site asked for it", false, false},
	intake.EventUnclear:     {"the site asked for it, and something was missing", false, false},
	intake.EventNoEvidence:  {"rejected automatically for lack of evidence", false, false},
	intake.EventResubmit:    {"the site sent evidence", true, false},
	intake.EventAddMore:     {"the site sent more evidence", true, false},
	intake.EventCorrect:     {"the request was put right", true, false},
	intake.EventApproval:    {"approved by one reviewer", false, false},
	intake.EventApprove:     {"approved", false, true},
	intake.EventReject:      {"rejected", true, true},
	intake.EventAsk:         {"a reviewer asked the site", true, false},
	intake.EventAnswer:      {"the site answered", true, false},
	intake.EventInformation: {"the site wrote", true, false},
	intake.EventRemindSite:  {"the site was reminded", false, false},
	intake.EventWarning:     {"the user and the site were warned of the end", false, false},
	intake.EventEnded:       {"the exception ended", false, true},
	intake.EventRevoke:      {"the exception was ended early", true, true},
	intake.EventSuperseded:  {"the exception was superseded", false, true},
}
