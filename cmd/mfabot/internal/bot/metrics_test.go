package bot

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"mfabot/intake"
	"mfabot/store"
)

// metric returns a value as it is scraped; empty if it is not there.
func (w *watchedWays) metric(name string) string {
	w.t.Helper()
	code, text := w.asks("/metrics")
	if code != http.StatusOK {
		w.t.Fatalf("metrics: %d %s", code, text)
	}
	if found := regexp.MustCompile(`(?m)^mfabot_` + regexp.QuoteMeta(name) + ` (.*)$`).FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}

// metrics checks values as they are scraped.
func (w *watchedWays) metrics(want map[string]string) {
	w.t.Helper()
	for name, value := range want {
		if got := w.metric(name); got != value {
			w.t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
}

// unix is a moment as Prometheus has it.
func unix(at time.Time) string { return fmt.Sprintf("%v", float64(at.Unix())) }

// TestMetricsAreWellNamed: what is scraped is as Prometheus' conventions have it.
func TestMetricsAreWellNamed(t *testing.T) {
	t.Parallel()
	w := newWatchedWays(t)
	_, text := w.asks("/metrics")
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	done(t, err)
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "mfabot_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	if n := strings.Count(text, "# HELP mfabot_"); n < 30 {
		t.Errorf("there are %d metrics", n)
	}
}

// TestMetricsFromTheStart: each is there before anything has happened, so that an alert that goes by it is silent for no want of it.
func TestMetricsFromTheStart(t *testing.T) {
	t.Parallel()
	w := newWatchedWays(t)
	w.restart()
	_, err := os.Stat(w.bot.Settings.BackupFile())
	if err == nil {
		t.Fatal("there is a backup")
	}
	w.metrics(map[string]string{
		`mailbox_last_read_timestamp_seconds{mailbox="helpdesk"}`:          "0",
		`mailbox_unprocessed_messages{mailbox="helpdesk"}`:                 "0",
		`mailbox_oldest_unprocessed_timestamp_seconds{mailbox="helpdesk"}`: "0",
		`submission_last_success_timestamp_seconds`:                        "0",
		`directory_last_success_timestamp_seconds`:                         "0",
		`backup_last_success_timestamp_seconds`:                            "0",
		`inbound_messages_total{outcome="quarantined"}`:                    "0",
		`outbound_attempts_total{result="put back"}`:                       "0",
		`security_events_total{kind="wrong-address"}`:                      "0",
		`security_events_total{kind="row-changed"}`:                        "0",
		`stuck_messages{step="not handed over"}`:                           "0",
		`requests_waiting{state="pending"}`:                                "0",
		`requests_oldest_waiting_timestamp_seconds{state="pending"}`:       "0",
		`outbound_queued`:                          "1", // to nobody, and put back
		`exceptions_active{category="short"}`:      "1",
		`exceptions_active{category="long"}`:       "0",
		`exceptions_ending_soon{category="short"}`: "1",
		`ends_overdue{by="record"}`:                "0",
		`ends_overdue{by="by hand"}`:               "0",
		`todos{what="apply"}`:                      "0",
		`directory_actions_open{what="remove"}`:    "0",
		`check_failing{check="submission"}`:        "1",
		`check_failing{check="ends"}`:              "0",
		`ready`:                                    "0",
		`inbound_batch_duration_seconds_count`:     "0",
		fmt.Sprintf("build_info{goversion=%q,version=%q}", runtime.Version(), Version()): "1",
	})
}

// TestMetricsTell: what happens is counted, and what is in hand is as it is now.
func TestMetricsTell(t *testing.T) {
	t.Parallel()
	w := newWatchedWays(t)
	before := w.now
	w.metrics(map[string]string{
		`mailbox_last_read_timestamp_seconds{mailbox="helpdesk"}`: unix(before), `submission_last_success_timestamp_seconds`: unix(before),
		`directory_last_success_timestamp_seconds`: unix(before), `ready`: "1", `check_failing{check="directory"}`: "0"})
	w.writes("Hello, what is MFA?")
	w.passes(time.Minute)
	w.metrics(map[string]string{`outbound_queued`: "1", `inbound_batch_duration_seconds_count`: "1"})
	total := 0
	for _, o := range intake.Outcomes() {
		if n := w.metric(fmt.Sprintf("inbound_messages_total{outcome=%q}", o)); n != "0" {
			total++
		}
	}
	if total != 1 {
		t.Errorf("%d outcomes were counted", total)
	}
	done(t, w.bot.Store.Update(t.Context(), func(tx *store.Tx) error {
		return tx.Record(t.Context(), intake.HistoryEntry{At: w.now, Event: intake.EventWrongAddress})
	}))
	w.metrics(map[string]string{`security_events_total{kind="wrong-address"}`: "1", `security_events_total{kind="no-longer"}`: "0"})

	w.cut(false)
	written := w.now
	w.writesLetters("ida.moss@care.test")
	w.passes(30 * time.Minute)
	letters, err := w.bot.Store.Outbound(t.Context())
	done(t, err)
	oldest := slices.IndexFunc(letters, func(o intake.Outbound) bool { return o.State == intake.Queued })
	w.metrics(map[string]string{`outbound_oldest_queued_timestamp_seconds`: unix(letters[oldest].CreatedAt),
		`submission_broken_seconds`:         "1800",
		`check_failing{check="submission"}`: "1", `ready`: "0", `directory_requests_total{operation="apply",result="success"}`: "1"})
	if n := w.metric(`outbound_attempts_total{result="put back"}`); n == "0" || w.metric(`outbound_queued`) == "0" {
		t.Errorf("put back %s times", n)
	}
	done(t, os.WriteFile(w.down, nil, 0o600))
	w.passes(25 * time.Hour)
	w.metrics(map[string]string{`ends_overdue{by="directory"}`: "0", `directory_actions_open{what="remove"}`: "2"})
	w.passes(time.Hour)
	w.metrics(map[string]string{`ends_overdue{by="directory"}`: "2"})
	if n := w.metric(`directory_requests_total{operation="remove",result="failure"}`); n == "" {
		t.Error("what the directory did not do is not counted")
	}
	done(t, os.WriteFile(w.bot.Settings.BackupFile(), []byte(written.Format(time.RFC3339)+"\n"), 0o600))
	w.metrics(map[string]string{`backup_last_success_timestamp_seconds`: unix(written)})
	w.now = w.now.Add(-48 * time.Hour)
	w.metrics(map[string]string{`mailbox_last_read_timestamp_seconds{mailbox="helpdesk"}`: "0"})
}
