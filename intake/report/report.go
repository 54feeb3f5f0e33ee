// Package report counts what happened on some days, for who owns the service: what came, how fast it was decided, what waits.
// It names no user.
package report

import "time"

// Days are the days of a report: From is the beginning of the first, and To the end of the last. Now is when it is counted.
type Days struct{ From, To, Now time.Time }

// Month returns the days of the month that is n months from that of now, by the clocks of a zone.
func Month(now time.Time, n int, zone *time.Location) Days {
	y, m, _ := now.In(zone).Date()
	m += time.Month(n)
	return Days{time.Date(y, m, 1, 0, 0, 0, 0, zone), time.Date(y, m+1, 1, 0, 0, 0, 0, zone), now}
}

// Report is what a report says.
type Report struct {
	From     string    `json:"from"` // the first day
	To       string    `json:"to"`   // the last day
	Zone     string    `json:"zone"` // of both
	At       time.Time `json:"at"`   // when it was counted
	Requests Requests  `json:"requests"`

	Decisions      Decisions   `json:"decisions"`
	TimeToDecision *Times      `json:"time_to_decision,omitempty"` // left out where nothing was decided
	Reasons        []Count     `json:"reasons"`                    // of the requests
	Sites          []SiteCount `json:"sites"`                      // those with the most requests, most first
	OtherSites     *OtherSites `json:"other_sites,omitempty"`
	Refusals       []Count     `json:"refusals"` // messages, by the cause
	ShortTerm      ShortTerm   `json:"short_term"`
	Renewals       Decisions   `json:"renewals"` // decisions on them
	Exceptions     Exceptions  `json:"exceptions"`
	Waiting        []Waiting   `json:"waiting"`   // now
	Reviewers      []Waiting   `json:"reviewers"` // whom requests wait for now, most first

	zone *time.Location
}

// Requests counts what came.
type Requests struct {
	All      int64 `json:"all"`
	Renewals int64 `json:"renewals"`
}

// Decisions counts what was decided.
type Decisions struct {
	Approved        int64 `json:"approved"`
	Rejected        int64 `json:"rejected"`                  // by reviewers
	WithoutEvidence int64 `json:"rejected_without_evidence"` // by the bot
	Asked           int64 `json:"asked"`
}

// Times is how long it took from when a request came, or came back after a rejection, to the decision of its reviewers.
type Times struct {
	Decisions int64 `json:"decisions"`
	Median    Time  `json:"median"`
	P95       Time  `json:"p95"`
}

// Time is a time, in two ways.
type Time struct {
	WorkingDays float64 `json:"working_days"`
	Hours       float64 `json:"hours"` // by the clock
}

// Count is how many there are of something.
type Count struct {
	Name string `json:"name"` // an id; empty where a request gives none that is known
	N    int64  `json:"n"`
}

// SiteCount is how many requests a site sent.
type SiteCount struct {
	ODSCode string `json:"ods_code"`
	Name    string `json:"name,omitempty"`
	N       int64  `json:"n"`
}

// OtherSites are those that are not named, together.
type OtherSites struct {
	Sites int64 `json:"sites"`
	N     int64 `json:"n"`
}

// ShortTerm counts the short-term exceptions that were granted.
type ShortTerm struct {
	All      int64   `json:"all"`
	Reasons  []Count `json:"reasons"`
	Repeated int64   `json:"users_with_several"`
	Most     int64   `json:"most_for_one_user"` // 0 where no user had several
}

// Exceptions counts exceptions.
type Exceptions struct {
	At         time.Time `json:"at"` // the moment of the next two
	Long       int64     `json:"active_long"`
	Short      int64     `json:"active_short"`
	Ended      int64     `json:"ended"`
	Revoked    int64     `json:"revoked"`
	Superseded int64     `json:"superseded"`
}

// Waiting is what waits for somebody.
type Waiting struct {
	For   string    `json:"for"` // site, reviewers, operator, directory; or a reviewer's address
	N     int64     `json:"n"`
	Since time.Time `json:"since,omitzero"` // the longest

	name    string        // for whom, as people have it
	longest time.Duration // on working days
}
