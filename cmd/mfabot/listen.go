package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	httpTimeout  = 10 * time.Second // for a request, and for finishing those in hand at the end
	unhealthyAge = 5 * time.Minute  // of the last good look into a mailbox
)

// listen serves /healthz and /metrics until ctx ends. Nothing changes by a request.
func (b *bot) listen(ctx context.Context, addr string) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	b.log.Info("listening", "addr", l.Addr().String())
	registry := prometheus.NewRegistry()
	registry.MustRegister(&metrics{b: b, ctx: ctx}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", b.healthz)
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	srv := &http.Server{Handler: mux, ReadTimeout: httpTimeout, WriteTimeout: httpTimeout}
	stopped := make(chan error, 1)
	defer context.AfterFunc(ctx, func() {
		finishing, cancel := context.WithTimeout(context.WithoutCancel(ctx), httpTimeout)
		defer cancel()
		stopped <- srv.Shutdown(finishing)
	})()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return errors.Join(<-stopped, ctx.Err())
}

// healthz is 200 while the database answers and takes what there is to record, and
// every mailbox was read well lately, else 503 with what is wrong.
func (b *bot) healthz(w http.ResponseWriter, r *http.Request) {
	var wrong []string
	if _, err := b.store.Totals(r.Context()); err != nil {
		wrong = append(wrong, "database: "+err.Error())
	}
	wrong = append(wrong, b.troubles.lines()...)
	for i, m := range b.settings.Mailboxes {
		last := b.watchers[i].LastRead()
		switch {
		case last.IsZero():
			wrong = append(wrong, "mailbox "+m.Name+": not read yet")
		case b.clock().Sub(last) > unhealthyAge:
			wrong = append(wrong, "mailbox "+m.Name+": last read well at "+last.UTC().Format(time.RFC3339))
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if len(wrong) == 0 {
		fmt.Fprintln(w, "ok")
		return
	}
	w.WriteHeader(http.StatusServiceUnavailable)
	for _, line := range wrong {
		fmt.Fprintln(w, line)
	}
}

// metrics reads its figures from the database at each scrape, so that they
// survive restarts and hold for everything on record.
type metrics struct {
	b   *bot
	ctx context.Context //nolint:containedctx // Collect is given none
}

// Describe sends nothing: which labels there are shows only in the database.
func (m *metrics) Describe(chan<- *prometheus.Desc) {}

// Collect sends the counts of the database, and the age of each mailbox's last
// good reading.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	counts, err := m.b.store.Counts(m.ctx, m.b.clock())
	if err != nil {
		out <- prometheus.NewInvalidMetric(prometheus.NewDesc("mfabot_database", "Whether the database answers.", nil, nil), err)
	}
	for _, c := range counts {
		desc := prometheus.NewDesc("mfabot_"+c.What, "How many of these are on record, by "+c.By+".", []string{c.By}, nil)
		out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(c.N), c.Value)
	}
	age := prometheus.NewDesc("mfabot_mailbox_last_read_seconds", "Seconds since the mailbox was last read well.", []string{"mailbox"}, nil)
	for i, box := range m.b.settings.Mailboxes {
		if last := m.b.watchers[i].LastRead(); !last.IsZero() {
			out <- prometheus.MustNewConstMetric(age, prometheus.GaugeValue, m.b.clock().Sub(last).Seconds(), box.Name)
		}
	}
}
