package metric

import (
	"slices"

	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
	"benchtop/lab/observe"
	"benchtop/targets"
)

// usPerNs is microseconds per nanosecond, for histograms that count nanoseconds.
const usPerNs = 1e-3

// Slice is what a slice measured, its histograms decoded: what every metric is computed from.
type Slice struct {
	Variant  string // whose processes count
	Load     *load.Summary
	Usage    observe.Usage  // between the two edges of the window
	Workers  []WorkerWindow // what the workers and the proxies counted themselves
	Services []WorkerWindow // what the services did
	Uses     []Use          // of the target's parts
	Histograms
	LoopLag   *histogram.Sparse // of all workers; never nil, as is QueueWait
	QueueWait *histogram.Sparse
}

// Histograms are those of the generator, in nanoseconds; nil where it recorded nothing.
type Histograms struct {
	Latency, Service, Connect, TLS, FirstByte, Body *histogram.Sparse
	Entries                                         []*histogram.Sparse // latencies of the entries of a mix
}

// All are the histograms, always in the same order.
func (h *Histograms) All() []*histogram.Sparse {
	return append([]*histogram.Sparse{h.Latency, h.Service, h.Connect, h.TLS, h.FirstByte, h.Body}, h.Entries...)
}

// WorkerWindow is what one worker or proxy counted between the marks before and after a slice.
type WorkerWindow struct {
	targets.WorkerStatus
	Part         string        `json:"part,omitempty"` // of the target; empty in older run files
	ServedHere   uint64        `json:"served_here"`
	AcceptedHere uint64        `json:"accepted_here"`
	RejectedHere uint64        `json:"rejected_here,omitempty"`
	TLSHere      uint64        `json:"tls_here,omitempty"`         // handshakes
	ResumedHere  uint64        `json:"tls_resumed_here,omitempty"` // of these
	PoolHere     *targets.Pool `json:"pool_here,omitempty"`        // of a proxy; Idle is at the end

	CountersHere map[string]uint64  `json:"counters_here,omitempty"` // by the names of Counters
	LevelsHere   map[string]float64 `json:"levels_here,omitempty"`   // by the names of Levels: the mean of what it reported in the window
}

// PartOf is the part of the target that it belongs to.
func (w *WorkerWindow) PartOf() string { return PartOf(w.Part, w.Role) }

// Decode reads the histograms of a slice, each once.
func Decode(variant string, l *load.Summary, u observe.Usage, workers []WorkerWindow) *Slice {
	s := &Slice{Variant: variant, Load: l, Usage: u, Histograms: Histograms{
		Latency: Histogram(l.Latency), Service: Histogram(l.Service), Connect: Histogram(l.Connect),
		TLS: Histogram(l.TLS), FirstByte: Histogram(l.FirstByte), Body: Histogram(l.Body),
	}}
	for i := range l.Entries {
		s.Entries = append(s.Entries, Histogram(l.Entries[i].Latency))
	}
	s.Uses = s.uses()
	var lags, queues []*histogram.Sparse
	for i := range workers {
		w := &workers[i]
		if IsService(w.PartOf()) {
			s.Services = append(s.Services, *w)
			continue
		}
		s.Workers = append(s.Workers, *w)
		lags, queues = append(lags, Histogram(w.LoopLag)), append(queues, Histogram(w.QueueWait))
	}
	s.LoopLag, s.QueueWait = histogram.Join(lags...), histogram.Join(queues...)
	return s
}

// Histogram reads a histogram of an event; an empty or broken one is nil.
func Histogram(text string) *histogram.Sparse {
	if text == "" {
		return nil
	}
	h, err := histogram.Read(text)
	if err != nil {
		return nil
	}
	return h
}

// Values are the figures of one slice, those that it was measured in. A run has tens of thousands of slices: this takes
// half of the memory of a map.
type Values []struct {
	name  string
	value float64
}

// Values computes every metric that the slice was measured in: none of a slice that was broken off before its window.
// Times are microseconds. A metric that could not be measured is left out, never zero. Those of services are there for each
// of them as well, under its Key.
func (s *Slice) Values() Values {
	if s.Load.Length() == 0 {
		return nil
	}
	out := make(Values, 0, len(table))
	put := func(name string, v float64, ok bool) {
		if ok {
			out = append(out, struct {
				name  string
				value float64
			}{name, v})
		}
	}
	for i := range table {
		m := &table[i]
		v, ok := m.Value(s)
		put(m.Name, v, ok)
		for _, u := range s.Uses {
			if m.Some != nil && IsService(u.Part) {
				v, ok := m.Some(func(part string) bool { return part == u.Part })(s)
				put(Key(m.Name, u.Part), v, ok)
			}
		}
	}
	return slices.Clone(out) // no larger than it is
}

// Value computes the metric of a slice.
func (m *Metric) Value(s *Slice) (float64, bool) {
	if m.Of != nil {
		return m.Of(s)
	}
	return at(s.Latency, m.Quantile)
}

// Of is the figure of one metric, by its name or Key; ok is false where the slice was not measured in it.
func (v Values) Of(name string) (value float64, ok bool) {
	for i := range v {
		if v[i].name == name {
			return v[i].value, true
		}
	}
	return 0, false
}

// With are the values with figures in the place of those of the same metrics, or besides them.
func (v Values) With(figures map[string]float64) Values {
	if len(figures) == 0 {
		return v
	}
	out := make(Values, 0, len(v)+len(figures))
	for _, x := range v {
		if _, other := figures[x.name]; !other {
			out = append(out, x)
		}
	}
	for i := range table {
		if x, ok := figures[table[i].Name]; ok {
			out = append(out, struct {
				name  string
				value float64
			}{table[i].Name, x})
		}
	}
	return out
}

// at is a quantile of a histogram, in microseconds.
func at(h *histogram.Sparse, q float64) (us float64, ok bool) {
	if h == nil || h.TotalCount() == 0 || q <= 0 {
		return 0, false
	}
	return float64(h.ValueAtQuantile(100*q)) * usPerNs, true
}

// per is the quotient of two counts.
func per(n, of uint64) (float64, bool) {
	if of == 0 {
		return 0, false
	}
	return float64(n) / float64(of), true
}
