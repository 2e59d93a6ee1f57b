// Package count is what workers count by name: rows that their status, /metrics, the documents and the Python application walk.
package count

import (
	"fmt"
	"strings"
	"sync/atomic"

	"benchtop/targets"
)

// Kind is what a name stands for.
type Kind string

// The kinds.
const (
	KindCounter   Kind = "counter"   // since the start of the worker, in WorkerStatus.Counters
	KindLevel     Kind = "level"     // now, in WorkerStatus.Levels
	KindPeak      Kind = "peak"      // the most since the last mark, in WorkerStatus.Levels
	KindHistogram Kind = "histogram" // nanoseconds since the last mark, in WorkerStatus.Histograms
)

// Named is a name under which a worker reports something.
type Named struct {
	Name string // what stands before the first _ is whose
	Kind Kind
	Doc  string
}

// Metric gives the name under which /metrics has it, without the prefix of all, and its type. Histograms are not there.
func (n *Named) Metric() (name, kind string) {
	if n.Kind == KindCounter {
		return n.Name + "_total", "counter"
	}
	return n.Name, "gauge"
}

// Row is a name with what is counted under it, which C holds.
type Row[C any] struct {
	Named
	Place func(*C) *atomic.Int64 // nil: it is asked for
}

// Names are the names of the rows.
func Names[C any](rows []Row[C]) []Named {
	out := make([]Named, len(rows))
	for i := range rows {
		out[i] = rows[i].Named
	}
	return out
}

// Counter is a row of what a worker counts since its start.
func Counter[C any](name, doc string, place func(*C) *atomic.Int64) Row[C] {
	return Row[C]{Named{name, KindCounter, doc}, place}
}

// Level is a row of what there is now.
func Level[C any](name, doc string, place func(*C) *atomic.Int64) Row[C] {
	return Row[C]{Named{name, KindLevel, doc}, place}
}

// Peak is a row of the most that there was since the last mark.
func Peak[C any](name, doc string) Row[C] { return Row[C]{Named{name, KindPeak, doc}, nil} }

// Histogram is a row of durations since the last mark.
func Histogram[C any](name, doc string) Row[C] { return Row[C]{Named{name, KindHistogram, doc}, nil} }

// Status adds the rows to what a worker says about itself, but for the histograms. value gives a row and whether the worker
// has it.
func Status[C any](st *targets.WorkerStatus, rows []Row[C], value func(*Row[C]) (v int64, has bool)) {
	if st.Counters == nil {
		st.Counters = map[string]uint64{}
	}
	if st.Levels == nil {
		st.Levels = map[string]int64{}
	}
	for i := range rows {
		row := &rows[i]
		v, has := value(row)
		switch {
		case !has:
		case row.Kind == KindCounter:
			st.Counters[row.Name] = uint64(v) // #nosec G115 -- counters only grow
		case row.Kind == KindLevel, row.Kind == KindPeak:
			st.Levels[row.Name] = v
		}
	}
}

// AddHistogram adds a histogram to what a worker says about itself; one in which nothing was recorded is left out.
func AddHistogram(st *targets.WorkerStatus, name, encoded string) {
	if encoded == "" {
		return
	}
	if st.Histograms == nil {
		st.Histograms = map[string]string{}
	}
	st.Histograms[name] = encoded
}

// AppendMetrics appends the rows, but for the histograms, in the text format of Prometheus.
func AppendMetrics[C any](b []byte, worker string, rows []Row[C], value func(*Row[C]) (v int64, has bool)) []byte {
	for i := range rows {
		row := &rows[i]
		v, has := value(row)
		if !has || row.Kind == KindHistogram {
			continue
		}
		name, kind := row.Metric()
		b = AppendMetric(b, worker, name, kind, row.Doc, v)
	}
	return b
}

// AppendMetric appends one metric of a worker in the text format of Prometheus; kind is its type there.
func AppendMetric(b []byte, worker, name, kind, doc string, v int64) []byte {
	return fmt.Appendf(b, "# HELP benchtop_worker_%[1]s %[2]s\n# TYPE benchtop_worker_%[1]s %[3]s\nbenchtop_worker_%[1]s{pid=%[4]q} %[5]d\n", name, doc, kind, worker, v)
}

// Markdown is the table of the rows for people, without its head.
func Markdown(rows []Named) string {
	var b strings.Builder
	for _, row := range rows {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", row.Name, row.Kind, row.Doc)
	}
	return b.String()
}
