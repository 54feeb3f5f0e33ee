package mailbox

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
)

// throttled is a server's wish to be left alone for a while.
type throttled struct {
	wait time.Duration
	said bool // how long, by the server
	err  error
}

func (t *throttled) Error() string { return t.err.Error() }
func (t *throttled) Unwrap() error { return t.err }

const (
	throttlePause = 30 * time.Second // for a server that does not say how long
	longestPause  = time.Hour        // heeded, whatever a server asks for
)

var (
	// asksToWait is how servers say how long: Exchange's "Suggested Backoff Time: 299910 milliseconds", and others'.
	asksToWait = regexp.MustCompile(`(?i)\b(?:back[- ]?off|(?:re)?try(?:ing)? (?:again|after|in)|wait)\b[^0-9.!?]{0,40}(\d{1,9})\s*` +
		`(milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m)?\b`)
	// asksForPeace is how they say that it is too much, or that it is not about what was asked: Exchange says "User is
	// authenticated but not connected", "Server Unavailable. 15" and "UID command error. 10" to 12 in such a state.
	asksForPeace = regexp.MustCompile(`(?i)\bthrottl|\brate[- ]limit|\bback[- ]?off\b` +
		`|too many (?:requests|commands|connections|simultaneous)` +
		`|exceeded (?:the )?(?:command|bandwidth|connection|rate)|bandwidth limit|\bserver (?:is )?(?:too )?busy\b` +
		`|authenticated but not connected|server unavailable\. ?15|uid command error\. ?1[0-2]\b`)
)

// peaceCodes are the response codes that say so.
var peaceCodes = []imap.ResponseCode{imap.ResponseCodeLimit, "THROTTLED"}

// asThrottled returns err as a *throttled if the server asks in it to be left alone, and else unchanged.
func asThrottled(err error) error {
	if err == nil || errors.As(err, new(*throttled)) {
		return err
	}
	var e *imap.Error
	if !errors.As(err, &e) && !errors.Is(err, errLost) {
		return err
	}
	if wait, said, ok := peace(err.Error()); ok || hasCode(err, peaceCodes...) {
		return &throttled{wait: wait, said: said, err: err}
	}
	return err
}

// peace reads how long a server asks to be left alone. ok is false if it does not ask for that.
func peace(text string) (wait time.Duration, said, ok bool) {
	asks := asksForPeace.MatchString(text)
	found := asksToWait.FindStringSubmatch(text)
	if found == nil || !asks && found[2] == "" {
		return throttlePause, false, asks
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		return throttlePause, false, asks
	}
	unit := time.Second
	switch unitName := strings.ToLower(found[2]); {
	case strings.HasPrefix(unitName, "milli"), strings.HasPrefix(unitName, "ms"), unitName == "" && n >= 1000:
		unit = time.Millisecond
	case strings.HasPrefix(unitName, "m"):
		unit = time.Minute
	}
	return min(time.Duration(n)*unit, longestPause), true, true
}

// peaceful returns a *throttled if the server has asked, beside its answer to a FETCH, to be left alone.
func (s *session) peaceful() error {
	text := s.mender.warned()
	if wait, said, ok := peace(text); ok {
		return &throttled{wait: wait, said: said, err: errors.New(text)}
	}
	return nil
}

// warning returns what the server has warned of, beside its answer to a FETCH; nil for nothing.
func (s *session) warning() error {
	if text := s.mender.warned(); text != "" {
		return errors.New(text)
	}
	return nil
}

// truce is how long a server wants to be left alone, which is kept for the next start.
type truce struct {
	mailbox string
	now     func() time.Time
	in      Intake
	known   bool // what is on record was looked up
	until   time.Time
	length  time.Duration
	began   time.Time // as the machine runs, whatever the clock is set to
}

// heed notes that the server has said in an error how long it wants to be left alone. It returns the error, with that of
// noting it.
func (u *truce) heed(ctx context.Context, err error) error {
	var t *throttled
	if !errors.As(err, &t) || !t.said {
		return err
	}
	u.until, u.length, u.began = u.now().Add(t.wait), t.wait, time.Now()
	if noting := u.in.NoteAlone(ctx, u.mailbox, u.until); noting != nil {
		return errors.Join(err, noting)
	}
	return err
}

// disturbs returns an error as long as the server wants to be left alone.
func (u *truce) disturbs(ctx context.Context) error {
	if !u.known {
		until, err := u.in.Alone(ctx, u.mailbox)
		if err != nil {
			return err
		}
		u.known, u.until, u.length, u.began = true, until, longestPause, time.Now()
	}
	if u.until.IsZero() {
		return nil
	}
	left := u.until.Sub(u.now())
	if left <= 0 || left > u.length || time.Since(u.began) >= u.length { // or the clock was set back
		u.until = time.Time{}
		return u.in.NoteAlone(ctx, u.mailbox, u.until)
	}
	return &throttled{wait: left, said: true,
		err: fmt.Errorf("the server has asked to be left alone for %v more", left.Round(time.Second))}
}
