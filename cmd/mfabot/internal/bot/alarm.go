package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"time"

	"mfabot/cmd/mfabot/internal/config"
	"mfabot/intake"
)

// alarm is the line of JSON that is given to the operator's own program or webhook.
type alarm struct {
	Service string    `json:"service"` // its address
	What    string    `json:"what"`    // the name of a way, such as submission, or mailbox and its name
	State   string    `json:"state"`   // isBroken or worksAgain
	Since   time.Time `json:"since"`   // when it stopped working
	At      time.Time `json:"at"`
	Why     string    `json:"why,omitempty"`
}

// The states of an alarm.
const (
	isBroken   = "broken"
	worksAgain = "works"
)

func alarmOf(s *config.Settings, w intake.Way, state string, now time.Time) alarm {
	return alarm{s.Service.Address, w.Name, state, w.Since.UTC(), now.UTC().Truncate(time.Second), w.Why}
}

const (
	raiseWithin = 30 * time.Second
	raiseLinger = 5 * time.Second // for what a program started to let go of its output
	maxSaid     = 500             // bytes of what a program said
)

// raise gives an alarm to what is configured for it; with nothing configured it does nothing. No error has the URL, which
// may hold a secret.
func raise(ctx context.Context, to config.Alarm, a alarm) error {
	ctx, cancel := context.WithTimeout(ctx, raiseWithin)
	defer cancel()
	line, err := json.Marshal(a)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	var errs []error
	if len(to.Command) > 0 {
		errs = append(errs, runWith(ctx, to, line))
	}
	if to.Webhook != "" {
		errs = append(errs, postTo(ctx, to.Webhook, line))
	}
	return errors.Join(errs...)
}

// runWith runs a program without a shell, with a line on its standard input.
func runWith(ctx context.Context, to config.Alarm, line []byte) error {
	c := exec.CommandContext(ctx, to.Command[0], to.Command[1:]...)
	c.Env = to.Env
	c.Stdin, c.WaitDelay = bytes.NewReader(line), raiseLinger
	said, err := c.CombinedOutput()
	if err != nil {
		return fmt.Errorf("alarm.command: %w: %s", err, bytes.TrimSpace(said[:min(len(said), maxSaid)]))
	}
	return nil
}

// postTo sends a line to a webhook.
func postTo(ctx context.Context, to string, line []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(line))
	if err != nil {
		return errors.New("alarm.webhook: the URL cannot be used")
	}
	request.Header.Set("Content-Type", "application/json")
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("alarm.webhook: %w", errors.Unwrap(err)) // without the URL
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("alarm.webhook: it answered %s", answer.Status)
	}
	return nil
}
