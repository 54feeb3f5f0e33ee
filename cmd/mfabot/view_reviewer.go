package main

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
	"mfabot/store"
)

// reviewerView is a reviewer of a request, with the decision if there is one.
type reviewerView struct {
	Address  string    `json:"address"`
	Decision string    `json:"decision,omitempty"` // approve, reject, info
	At       time.Time `json:"at,omitzero"`
	Text     string    `json:"text,omitempty"`

	Away       bool      `json:"away,omitempty"`
	Deputy     string    `json:"deputy,omitempty"`   // who was asked instead of them
	Reminded   int       `json:"reminded,omitempty"` // the number of the latest reminder; after the last one the deputy is asked
	RemindedAt time.Time `json:"reminded_at,omitzero"`
}

// decisionWords are the names of decisions in JSON.
//
// Of all events only these are the decision of one reviewer.
//
//exhaustive:ignore
var decisionWords = map[intake.Event]string{
	intake.EventApprove: "approve",
	intake.EventReject:  "reject",
	intake.EventAsk:     "info",
}

// viewReviewers lists the decisions on a request, and the reviewers who were asked and have not decided, with
// what was done about that.
func viewReviewers(ctx context.Context, db *store.Store, s *config.Settings, req *intake.Request,
	now time.Time) ([]reviewerView, error) {
	reviews, err := db.Reviews(ctx, req.Ref)
	if err != nil {
		return nil, err
	}
	out := whoDecided(reviews)
	if req.State != intake.Pending {
		return out, nil
	}
	absences, err := db.Absences(ctx)
	if err != nil {
		return nil, err
	}
	reminded, err := db.Reminded(ctx, req.Ref)
	if err != nil {
		return nil, err
	}
	for i := range out {
		v := &out[i]
		if v.Decision != "" {
			continue
		}
		r, _ := s.Reviewers.ByAddress(v.Address)
		instead := ""
		for _, m := range reminded {
			if m.Reviewer == v.Address && !m.Since.Before(req.WaitingSince) {
				v.Reminded, v.RemindedAt = m.Stage, m.At
				if s.Policy.Review.Escalates(v.Reminded) {
					instead = r.Deputy
				}
				break
			}
		}
		for _, a := range absences {
			if a.Reviewer == v.Address && a.At(now) {
				v.Away, instead = true, cmp.Or(a.Deputy, r.Deputy)
				break
			}
		}
		deputy, _ := s.Reviewers.ByAddress(instead)
		if slices.ContainsFunc(out, func(o reviewerView) bool { return o.Address == deputy.Address }) {
			v.Deputy = deputy.Address
		}
	}
	return out, nil
}

// whoDecided lists the decisions and, once each, the reviewers who have a code and have not used it.
func whoDecided(reviews []intake.Review) []reviewerView {
	var out []reviewerView
	done := make(map[string]bool) // with the request as it is
	for _, review := range reviews {
		if review.Purpose != intake.ToDecide || (review.Decision == "" && (done[review.Reviewer] || !review.VoidAt.IsZero())) {
			continue
		}
		done[review.Reviewer] = review.Decision != "" && review.VoidAt.IsZero()
		v := reviewerView{Address: review.Reviewer, Decision: decisionWords[review.Decision], At: review.DecidedAt,
			Text: review.Text}
		// A reviewer who was reminded, or decides by command, has not used the code that was sent first.
		unused := slices.IndexFunc(out, func(o reviewerView) bool { return o.Address == v.Address && o.Decision == "" })
		if unused >= 0 {
			out[unused] = v
			continue
		}
		out = append(out, v)
	}
	return out
}

// state says in a few words how far a reviewer has got with a request.
func (v reviewerView) state() string {
	words := []string{v.Address}
	switch {
	case v.Decision != "":
		words = append(words, v.Decision, v.Text)
	case v.Away:
		words = append(words, "(away)")
	case v.Reminded > 0:
		words = append(words, "(reminded)")
	}
	if v.Deputy != "" {
		words = append(words, "for whom "+v.Deputy+" was asked")
	}
	return strings.TrimSpace(strings.Join(words, " "))
}
