package bot

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"mfabot/intake"
	"mfabot/store"
)

// counters count what happens while the bot runs, where it happens: a restart begins anew, as Prometheus expects. What others
// put on record, as a command does, they do not see. All of them are there from the start, at 0.
type counters struct {
	messages, attempts, security *prometheus.CounterVec
	asked                        *prometheus.CounterVec   // the directory, by what and with which result
	answered                     *prometheus.HistogramVec // the directory, by what
	steps                        *prometheus.HistogramVec // of each loop
	batches                      prometheus.Histogram
}

// securityEvents are the entries of the audit that may be of attacks.
func securityEvents() []intake.Event {
	return []intake.Event{intake.EventAttempt, intake.EventWrongAddress, intake.EventNoLonger}
}

// rowChanged is the security event of a row that somebody else has written or changed.
const rowChanged = "row-changed"

// The results of asking for something.
const (
	succeeded = "success"
	failed    = "failure"
)

func newCounters() *counters {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "mfabot_" + name, Help: help}, labels)
	}
	// From a thousandth of a second to a minute.
	buckets := []float64{.001, .003, .01, .03, .1, .3, 1, 3, 10, 30, 60}
	durations := func(name, help, label string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "mfabot_" + name, Help: help, Buckets: buckets}, []string{label})
	}
	c := &counters{
		messages: counter("inbound_messages_total", "Messages that came to an outcome.", "outcome"),
		attempts: counter("outbound_attempts_total", "Letters by how an attempt at them ended: sent, put back or given up.", "result"),
		security: counter("security_events_total", "Events that may have been attacks.", "kind"),
		asked:    counter("directory_requests_total", "Requests to the directory, by how they ended.", "operation", "result"),
		answered: durations("directory_request_duration_seconds", "How long the directory took to answer.", "operation"),
		steps:    durations("loop_step_duration_seconds", "How long a step of each of the bot's loops took.", "loop"),
		batches: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "mfabot_inbound_batch_duration_seconds",
			Help: "How long it took to judge a batch of messages and to put it on record.", Buckets: buckets}),
	}
	for _, o := range intake.Outcomes() {
		c.messages.WithLabelValues(string(o))
	}
	for _, how := range []string{store.AttemptSent, store.AttemptPutBack, store.AttemptGivenUp} {
		c.attempts.WithLabelValues(how)
	}
	for _, e := range securityEvents() {
		c.security.WithLabelValues(string(e))
	}
	c.security.WithLabelValues(rowChanged)
	return c
}

// register adds them to a registry.
func (c *counters) register(r *prometheus.Registry) {
	r.MustRegister(c.messages, c.attempts, c.security, c.asked, c.answered, c.steps, c.batches)
}

// count counts what a transaction has put on record.
func (c *counters) count(all []store.Counted) {
	for _, is := range all {
		switch is.What {
		case store.CountedMessage:
			c.messages.WithLabelValues(is.Of).Inc()
		case store.CountedAttempt:
			c.attempts.WithLabelValues(is.Of).Inc()
		case store.CountedEvent:
			for _, e := range securityEvents() {
				if is.Of == string(e) {
					c.security.WithLabelValues(is.Of).Inc()
				}
			}
		}
	}
}

// directoryAnswered counts a request to the directory.
func (c *counters) directoryAnswered(operation string, took time.Duration, well bool) {
	result := succeeded
	if !well {
		result = failed
	}
	c.asked.WithLabelValues(operation, result).Inc()
	c.answered.WithLabelValues(operation).Observe(took.Seconds())
}

// timed is a step of a loop that is measured.
func (c *counters) timed(loop string, step func(context.Context) (int, error)) func(context.Context) (int, error) {
	of := c.steps.WithLabelValues(loop)
	return func(ctx context.Context) (int, error) {
		defer func(begun time.Time) { of.Observe(time.Since(begun).Seconds()) }(time.Now())
		return step(ctx)
	}
}
