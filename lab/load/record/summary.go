package record

import (
	"fmt"

	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
)

// Summarize writes into s what the recorders of a slice have recorded together. Its From and To are those of the window;
// names gives counts by worker their names.
func Summarize(s *load.Summary, open bool, recorders []*Recorder, names func([]uint64) map[string]uint64, enc *histogram.Encoder) error {
	sum := Recorder{
		latency: histogram.NewSamples(), service: histogram.NewSamples(), connect: histogram.NewSamples(), lag: histogram.NewSamples(), phases: &phases{},
	}
	if len(recorders) > 0 {
		sum.entries = newEntries(len(recorders[0].entries))
	}
	for _, rec := range recorders {
		sum.add(rec)
	}
	perSecond := func(n float64) float64 {
		if s.To <= s.From {
			return 0
		}
		return n / float64(s.To-s.From) * 1e9
	}
	edge := sum.edge
	s.Counts, s.Total, s.Edge = sum.window.counts(), sum.total.counts(), &edge
	s.Handshakes, s.Resumed = sum.phases.handshakes(), sum.phases.resumed
	s.Workers, s.TotalWorkers = names(sum.byWorker), names(sum.byWorkerAll)
	s.InFlightMean = perSecond(float64(sum.overlap) / 1e9)
	if open {
		s.Offered, s.OnTime = perSecond(float64(sum.offered)), perSecond(float64(sum.onTime))
		s.Queued, s.Fastest = sum.queued, sum.fastest
		s.LagP99, s.LagMax = sum.lag.Histogram().ValueAtQuantile(99), sum.lagMax
	}
	for _, x := range []struct {
		to   *string
		from *histogram.Samples
	}{
		{&s.Latency, sum.latency},
		{&s.Service, sum.service},
		{&s.Connect, sum.connect},
		{&s.TLS, sum.phases.tls},
		{&s.FirstByte, sum.phases.firstByte},
		{&s.Body, sum.phases.body},
	} {
		text, err := enc.Encode(x.from)
		if err != nil {
			return fmt.Errorf("slice %d: %w", s.Slice, err)
		}
		*x.to = text
	}
	return sum.entriesOf(s, enc)
}

// entriesOf writes into s what became of the entries of a mix.
func (rec *Recorder) entriesOf(s *load.Summary, enc *histogram.Encoder) error {
	for i := range rec.entries {
		e := &rec.entries[i]
		c := e.counts()
		text, err := enc.Encode(e.latency)
		if err != nil {
			return fmt.Errorf("slice %d: %w", s.Slice, err)
		}
		s.Entries = append(s.Entries, load.EntrySummary{Requests: c.Requests, OK: c.OK, Errors: c.Errors, InTime: e.inTime, Latency: text})
	}
	return nil
}

// add adds what another recorder has recorded.
func (rec *Recorder) add(o *Recorder) {
	rec.window.add(&o.window)
	rec.total.add(&o.total)
	rec.latency.Add(o.latency)
	rec.service.Add(o.service)
	rec.connect.Add(o.connect)
	rec.lag.Add(o.lag)
	rec.phases.add(o.phases)
	for i := range o.entries {
		rec.entries[i].add(&o.entries[i].tally)
		rec.entries[i].inTime += o.entries[i].inTime
		rec.entries[i].latency.Add(o.entries[i].latency)
		rec.latency.Add(o.entries[i].latency)
	}
	rec.byWorker.Add(o.byWorker)
	rec.byWorkerAll.Add(o.byWorkerAll)
	rec.overlap += o.overlap
	rec.offered += o.offered
	rec.onTime += o.onTime
	rec.queued += o.queued
	rec.edge.Add(&o.edge)
	if o.fastest > 0 && (rec.fastest == 0 || o.fastest < rec.fastest) {
		rec.fastest = o.fastest
	}
	rec.lagMax = max(rec.lagMax, o.lagMax)
}
