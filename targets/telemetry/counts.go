package telemetry

import (
	"slices"
	"strings"

	"benchtop/targets"
	"benchtop/targets/count"
)

// Counts are what a worker counts of what it observes, in the order in which it is documented.
var Counts = []count.Row[Observer]{
	count.Histogram[Observer]("telemetry_time", "time that handlers took, as X-Process-Time says it"),
	count.Level[Observer]("telemetry_series", "label values for which the registry keeps a counter and a histogram", nil),
	count.Counter[Observer]("telemetry_samples", "samples of the CPU profile; of cProfile calls of functions that it recorded", nil),
	count.Counter[Observer]("telemetry_samples_handler", "of these, those in a handler", nil),
}

// Counts are the names of what a worker with these settings counts.
func (t Telemetry) Counts() []count.Named {
	return slices.DeleteFunc(count.Names(Counts), func(n count.Named) bool {
		switch {
		case n.Name == "telemetry_time":
			return !t.Timing
		case n.Name == "telemetry_series":
			return t.Metrics == Off
		case strings.HasPrefix(n.Name, "telemetry_samples"):
			return t.Profile == Off
		}
		return false
	})
}

// value gives a count and whether the worker has it.
func (o *Observer) value(row *count.Row[Observer]) (v int64, has bool) {
	switch {
	case row.Name == "telemetry_series" && o.registry != nil:
		return int64(o.registry.len()), true
	case row.Name == "telemetry_samples" && o.profile != nil:
		return o.profile.samples.Load(), true
	case row.Name == "telemetry_samples_handler" && o.profile != nil:
		return o.profile.inHandler.Load(), true
	}
	return 0, false
}

// Status adds to what a worker says about itself, but for the histogram; a nil Observer adds nothing.
func (o *Observer) Status(st *targets.WorkerStatus) {
	if o != nil {
		count.Status(st, Counts, o.value)
	}
}

// Marked adds the histogram since the previous mark, and what the profile has of the time until now. Status comes before it.
func (o *Observer) Marked(st *targets.WorkerStatus) error {
	if o == nil {
		return nil
	}
	if o.profile != nil {
		if err := o.profile.rotate(); err != nil {
			return err
		}
		o.Status(st) // which has the samples now
	}
	if o.spent == nil {
		return nil
	}
	_, _, encoded, err := o.spent.Mark()
	count.AddHistogram(st, "telemetry_time", encoded)
	return err
}

// AppendMetrics appends the counts and the series in the text format of Prometheus.
func (o *Observer) AppendMetrics(b []byte, worker string) []byte {
	if o == nil {
		return b
	}
	b = count.AppendMetrics(b, worker, Counts, o.value)
	if o.registry != nil {
		b = o.registry.append(b)
	}
	return b
}
