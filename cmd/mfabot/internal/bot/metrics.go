package bot

import (
	"context"

	"github.com/prometheus/client_golang/prometheus"

	"mfabot/intake"
)

// metrics reads its figures from the database at each scrape, so that they survive restarts and cover
// everything on record.
type metrics struct {
	b   *Bot
	ctx context.Context //nolint:containedctx // Collect takes none
}

// Describe sends nothing: the labels are known only to the database.
func (m *metrics) Describe(chan<- *prometheus.Desc) {}

// Collect sends the counts of the database, and how long ago each mailbox was last read without error.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	counts, err := m.b.Store.Counts(m.ctx, m.b.Clock())
	if err != nil {
		out <- prometheus.NewInvalidMetric(prometheus.NewDesc("mfabot_database", "Whether the database answers.", nil, nil), err)
	}
	for _, c := range counts {
		desc := prometheus.NewDesc("mfabot_"+c.What, "How many of these are on record, by "+c.By+".", []string{c.By}, nil)
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(c.N), c.Value)
	}
	broken := 0.0
	if since := m.b.Sender.Trouble().Since; !since.IsZero() {
		broken = m.b.Clock().Sub(since).Seconds()
	}
	out <- prometheus.MustNewConstMetric(prometheus.NewDesc("mfabot_submission_broken_seconds",
		"For how many seconds the submission server has taken nothing; 0 while it works.", nil, nil), prometheus.GaugeValue, broken)
	if w, is, err := unheard(m.ctx, m.b); err == nil {
		broken = 0
		if is {
			broken = m.b.Clock().Sub(w.Since).Seconds()
		}
		out <- prometheus.MustNewConstMetric(prometheus.NewDesc("mfabot_operator_broken_seconds",
			"For how many seconds emails to the operator have been refused or have come back; 0 while they arrive.", nil, nil),
			prometheus.GaugeValue, broken)
	}
	age := prometheus.NewDesc("mfabot_mailbox_last_read_seconds", "Seconds since the mailbox was last read well.",
		[]string{"mailbox"}, nil)
	left := prometheus.NewDesc("mfabot_mailbox_left", "Messages older than the mailbox's beginning, which are left alone.",
		[]string{"mailbox"}, nil)
	for i, box := range m.b.Settings.Mailboxes {
		if last := m.b.Watchers[i].LastRead(); !last.IsZero() {
			out <- prometheus.MustNewConstMetric(age, prometheus.GaugeValue, m.b.Clock().Sub(last).Abs().Seconds(), box.Name)
		}
		if n, err := m.b.Store.Mark(m.ctx, intake.MarkLeft(box.Name)); err == nil {
			out <- prometheus.MustNewConstMetric(left, prometheus.GaugeValue, float64(n), box.Name)
		}
	}
}
