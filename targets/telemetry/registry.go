package telemetry

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// bounds are those of the histogram's buckets, in seconds: the default ones of Prometheus's client libraries.
var bounds = [...]float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// series are the numbers under one label value: a counter and a histogram.
type series struct {
	requests atomic.Uint64
	nanos    atomic.Int64                   // of all of them
	buckets  [len(bounds) + 1]atomic.Uint64 // not cumulative; the last one has no bound
}

// registry holds the series of a worker, as a client library of Prometheus does: one for each label value that was ever seen,
// for as long as the process lives.
type registry struct {
	mu     sync.RWMutex
	series map[string]*series
}

func newRegistry() *registry { return &registry{series: map[string]*series{}} }

func (r *registry) of(label string) *series {
	r.mu.RLock()
	s := r.series[label]
	r.mu.RUnlock()
	if s != nil {
		return s
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if s = r.series[label]; s == nil {
		s = &series{}
		r.series[strings.Clone(label)] = s
	}
	return s
}

func (r *registry) observe(label string, took time.Duration) {
	s := r.of(label)
	s.requests.Add(1)
	s.nanos.Add(int64(took))
	i, _ := slices.BinarySearch(bounds[:], took.Seconds())
	s.buckets[i].Add(1)
}

func (r *registry) len() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return len(r.series)
}

// escape is that of label values in the text format.
var escape = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// append appends the series in the text format of Prometheus, by label value.
func (r *registry) append(b []byte) []byte {
	r.mu.RLock()
	defer r.mu.RUnlock()
	labels := slices.Sorted(maps.Keys(r.series))
	b = append(b, "# HELP http_requests_total Requests.\n# TYPE http_requests_total counter\n"...)
	for _, label := range labels {
		b = appendSample(b, "http_requests_total", label, "", float64(r.series[label].requests.Load()))
	}
	const name = "http_request_duration_seconds"
	b = append(b, "# HELP "+name+" Time in the handler.\n# TYPE "+name+" histogram\n"...)
	for _, label := range labels {
		s, sum := r.series[label], uint64(0)
		for i := range s.buckets {
			le := "+Inf"
			if i < len(bounds) {
				le = strconv.FormatFloat(bounds[i], 'g', -1, 64)
			}
			sum += s.buckets[i].Load()
			b = appendSample(b, name+"_bucket", label, le, float64(sum))
		}
		b = appendSample(b, name+"_sum", label, "", time.Duration(s.nanos.Load()).Seconds())
		b = appendSample(b, name+"_count", label, "", float64(sum))
	}
	return b
}

func appendSample(b []byte, name, label, le string, v float64) []byte {
	b = append(append(b, name...), `{handler="`...)
	b = append(append(b, escape.Replace(label)...), '"')
	if le != "" {
		b = append(append(append(b, `,le="`...), le...), '"')
	}
	return append(strconv.AppendFloat(append(b, "} "...), v, 'g', -1, 64), '\n')
}
