package review

import (
	"context"

	"mfabot/intake"
)

// addPast adds to the facts for a reviewer what happened before, and the end of the
// exception that the request would renew.
func (p *Panel) addPast(ctx context.Context, tx Tx, req *intake.Request, news *News, f *intake.Facts) (err error) {
	if f.History, err = p.reviewHistory(ctx, tx, req, news); err != nil || req.Renews == "" {
		return err
	}
	f.Runs, err = p.Runs(ctx, tx, req)
	return err
}

// changed names what the message in hand changed of a request on which reviewers
// were asked to decide before.
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

// reviewHistory is what happened to a request before the message in hand, and to
// the exception that it would renew, in words for reviewers; and in brief to those
// that this has renewed.
func (p *Panel) reviewHistory(ctx context.Context, tx Tx, req *intake.Request, news *News) ([]intake.HistoryFacts, error) {
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
	if news != nil { // of which the letter speaks by itself
		entries = entries[:max(len(entries)-1, 0)]
	}
	return append(out, told(entries, "", false)...), nil
}

// told puts entries of a history into words for reviewers; in brief what was decided
// and how it ended. ref names whose they are.
func told(entries []intake.HistoryEntry, ref string, inBrief bool) []intake.HistoryFacts {
	var out []intake.HistoryFacts
	for _, e := range entries {
		words, known := eventWords[e.Event]
		if !known || (inBrief && !words.brief) {
			continue
		}
		h := intake.HistoryFacts{Ref: ref, At: e.At, Event: words.said, By: e.By}
		if words.quote {
			h.Text = e.Text
		}
		out = append(out, h)
	}
	return out
}

// eventWords are what reviewers are told of a request's history, whether the words
// that came with it are quoted, and whether it is told of in brief; a request's own
// words are its justification.
var eventWords = map[intake.Event]struct {
	said         string
	quote, brief bool
}{
	intake.EventComplete:    {"the site asked for it", false, false},
	intake.EventUnclear:     {"the site asked for it, and something was missing", false, false},
	intake.EventNoEvidence:  {"rejected automatically for lack of evidence", false, false},
	intake.EventResubmit:    {"the site sent evidence", true, false},
	intake.EventAddMore:     {"the site sent more evidence", true, false},
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
