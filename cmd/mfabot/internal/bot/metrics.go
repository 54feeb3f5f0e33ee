package bot

import (
	"context"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"mfabot/intake"
	"mfabot/store/nearby"
)

// scrapesAtOnce bounds the scrapes that are answered at a time: anybody may ask.
const scrapesAtOnce = 2

// endsSoon is how far off an end may be that is counted as one to come.
const endsSoon = 7 * 24 * time.Hour

// metricsOf answers scrapes of Prometheus. ctx bounds the queries.
func metricsOf(ctx context.Context, b *Bot) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(&metrics{b: b, ctx: ctx}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	b.counters.register(registry)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: scrapesAtOnce, Timeout: httpTimeout,
		ErrorHandling: promhttp.ContinueOnError})
}

// metrics says how things are at each scrape: what the bot knows, and what is in hand by the database, which finds just that by
// index. What happens is counted by counters.
type metrics struct {
	b   *Bot
	ctx context.Context //nolint:containedctx // Collect takes none
}

// Describe sends nothing, as the labels are known only by then.
func (m *metrics) Describe(chan<- *prometheus.Desc) {}

// gauge is what a metric of this kind is called and says.
type gauge struct {
	name, help string
	labels     []string
}

// send sends its value with those of its labels.
func (g gauge) send(out chan<- prometheus.Metric, value float64, labels ...string) {
	out <- prometheus.MustNewConstMetric(prometheus.NewDesc("mfabot_"+g.name, g.help, g.labels, nil),
		prometheus.GaugeValue, value, labels...)
}

// moment is a time as Prometheus has it; 0 where there is none, and where it is still to come by a clock that was ahead.
func (m *metrics) moment(t time.Time) float64 {
	if t.IsZero() || t.After(m.b.Clock()) {
		return 0
	}
	return float64(t.Unix())
}

// Collect sends all.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	gauge{"build_info", "The version; always 1.", []string{"version", "goversion"}}.send(out, 1, Version(), runtime.Version())
	m.collectChecks(out)
	m.collectConnections(out)
	m.collectMailboxes(out)
	m.collectFigures(out)
	m.collectEnds(out)
	m.collectExpiries(out)
}

// collectChecks sends what /readyz says, without words.
func (m *metrics) collectChecks(out chan<- prometheus.Metric) {
	failing := gauge{"check_failing", "1 where /readyz says that something is wrong with this, else 0.", []string{"check"}}
	ready := 1.0
	for _, way := range waysOf(m.b) {
		is := 0.0
		if len(wrongWith(m.ctx, way)) > 0 {
			is, ready = 1, 0
		}
		failing.send(out, is, way.name)
	}
	gauge{"ready", "1 while /readyz answers ok, else 0.", nil}.send(out, ready)
}

// collectConnections sends how the submission server, the operator's address, the directory, the database and its backup are.
func (m *metrics) collectConnections(out chan<- prometheus.Metric) {
	b := m.b
	now := b.Clock()
	smtp := b.Sender.Trouble()
	broken := 0.0
	if !smtp.Since.IsZero() {
		broken = now.Sub(smtp.Since).Seconds()
	}
	gauge{"submission_broken_seconds", "For how many seconds the submission server has taken nothing; 0 while it works.", nil}.
		send(out, broken)
	gauge{"submission_last_success_timestamp_seconds", "When the submission server last took something or let us in; 0 if it has not " +
		"since the start.", nil}.send(out, m.moment(smtp.Worked))
	if w, is, err := unheard(m.ctx, b); err == nil {
		broken = 0
		if is {
			broken = now.Sub(w.Since).Seconds()
		}
		gauge{"operator_broken_seconds", "For how many seconds emails to the operator have been refused or have come back; 0 while they " +
			"arrive.", nil}.send(out, broken)
	}
	if b.directory != nil {
		gauge{"directory_last_success_timestamp_seconds", "When the directory last answered; 0 if it has not since the start.", nil}.
			send(out, m.moment(b.directory.health.State().Worked))
	}
	if b.room.space == nil { // what a server's database has, its own tools say
		return
	}
	if free, _, err := b.room.space(); err == nil {
		gauge{"database_free_bytes", "What is free on the disk of the database.", nil}.send(out, float64(free))
	}
	gauge{"backup_last_success_timestamp_seconds", "When `mfabot backup` last copied the database; 0 if it never has.", nil}.
		send(out, m.moment(lastBackup(b)))
}

// lastBackup is when the database was last copied; zero if it never was.
func lastBackup(b *Bot) time.Time {
	text, err := nearby.ReadOurs(b.Settings.BackupFile())
	if err != nil {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(string(text)))
	if err != nil {
		return time.Time{}
	}
	return at
}

// collectMailboxes sends how each mailbox is.
func (m *metrics) collectMailboxes(out chan<- prometheus.Metric) {
	of := []string{"mailbox"}
	read := gauge{"mailbox_last_read_timestamp_seconds", "When the mailbox was last read well; 0 if it has not been since the start.", of}
	left := gauge{"mailbox_left_messages", "Messages older than the mailbox's beginning, which are left alone.", of}
	waiting := gauge{"mailbox_unprocessed_messages", "Messages that were read and wait in the mailbox to be handled.", of}
	oldest := gauge{"mailbox_oldest_unprocessed_timestamp_seconds", "When the oldest of these came; 0 if there is none.", of}
	for i, box := range m.b.Settings.Mailboxes {
		read.send(out, m.moment(m.b.Watchers[i].LastRead()), box.Name)
		if n, err := m.b.Store.Mark(m.ctx, intake.MarkLeft(box.Name)); err == nil {
			left.send(out, float64(n), box.Name)
		}
		n, since := m.b.waiting[i].oldest()
		waiting.send(out, float64(n), box.Name)
		oldest.send(out, m.moment(since), box.Name)
	}
}

// figure is a metric of what the database counts, and of the oldest of these where its name is not empty. Of are the values of
// its label that are there though there is nothing of them.
type figure struct {
	count, oldest gauge
	of            []string
}

// figures are what the database counts, by what it calls them.
func figures() map[string]figure {
	state, what, category := []string{"state"}, []string{"what"}, []string{"category"}
	kinds := []string{string(intake.ToApply), string(intake.ToRemove)}
	categories := []string{string(intake.Long), string(intake.Short)}
	return map[string]figure{
		"unfiled": {gauge{"inbound_unfiled_messages", "Messages on record that are still to be filed.", nil},
			gauge{"inbound_oldest_unfiled_timestamp_seconds", "When the oldest of these came; 0 if there is none.", nil}, []string{""}},
		"stuck": {gauge{"stuck_messages", "Messages that a mail server does not hand over or file.", []string{"step"}},
			gauge{"stuck_oldest_timestamp_seconds", "Since when the oldest of these has been; 0 if there is none.", []string{"step"}},
			[]string{string(intake.StuckReading), string(intake.StuckFiling)}},
		"request": {gauge{"requests_waiting", "Requests that wait: for reviewers (pending) or for their site.", state},
			gauge{"requests_oldest_waiting_timestamp_seconds", "Since when the oldest of these has; 0 if there is none.", state},
			[]string{string(intake.Pending), string(intake.Incomplete), string(intake.NeedsInfo)}},
		"queued": {gauge{"outbound_queued", "Letters that are not sent yet.", nil},
			gauge{"outbound_oldest_queued_timestamp_seconds", "When the oldest of these was written; 0 if there is " +
				"none.", nil}, []string{""}},
		"directory": {gauge{"directory_actions_open", "Changes that the directory has not made yet.", what},
			gauge{"directory_oldest_action_timestamp_seconds", "When the oldest of these was wanted; 0 if there is none.", what}, kinds},
		"by hand": {gauge{"todos", "What a person was asked to do by hand.", what},
			gauge{"todos_oldest_timestamp_seconds", "When the oldest of these was asked for; 0 if there is none.", what},
			append(kinds, string(intake.ToCall))},
		"active": {gauge{"exceptions_active", "Exceptions in force.", category}, gauge{}, categories},
		"ending": {gauge{"exceptions_ending_soon", "Exceptions in force that end within seven days.", category}, gauge{}, categories},
	}
}

// collectFigures sends what is in hand.
func (m *metrics) collectFigures(out chan<- prometheus.Metric) {
	now := m.b.Clock()
	all, err := m.b.Store.Figures(m.ctx, now, now.Add(endsSoon))
	if err != nil {
		return // the check of the database says so
	}
	found := make(map[[2]string]intake.Figure)
	for _, f := range all {
		found[[2]string{f.What, f.Of}] = f
	}
	for what, f := range figures() {
		for _, of := range f.of {
			is := found[[2]string{what, of}]
			labels := []string{of}[:len(f.count.labels)]
			f.count.send(out, float64(is.N), labels...)
			if f.oldest.name != "" {
				f.oldest.send(out, m.moment(is.Oldest), labels...)
			}
		}
	}
}

// collectEnds sends what should have ended.
func (m *metrics) collectEnds(out chan<- prometheus.Metric) {
	found, err := overdueEnds(m.ctx, m.b)
	if err != nil {
		return
	}
	overdue := gauge{"ends_overdue", "Exemptions that should have ended, by who is late: the bot (record), " +
		"the directory, or a person who " +
		"was asked to end it a day ago (by hand).", []string{"by"}}
	since := gauge{"ends_oldest_overdue_timestamp_seconds", "Since when the oldest of these is; 0 if there is none.", []string{"by"}}
	for by, o := range found {
		overdue.send(out, float64(o.n), by)
		since.send(out, m.moment(o.since), by)
	}
}

// collectExpiries sends when what lets us in ends.
func (m *metrics) collectExpiries(out chan<- prometheus.Metric) {
	ends := gauge{"expiry_timestamp_seconds", "When something ends that a connection needs: the certificate of a server, as it was last " +
		"seen, or a secret or token of ours.", []string{"kind", "name"}}
	for _, e := range m.b.expiries.all() {
		ends.send(out, float64(e.at.Unix()), e.kind, e.name)
	}
	for _, s := range m.b.Settings.SecretEnds {
		ends.send(out, float64(s.At.Unix()), "secret", s.Name)
	}
}
