package count

import (
	"reflect"
	"sync/atomic"
	"testing"

	"benchtop/targets"
)

type held struct{ done, open atomic.Int64 }

var rows = []Row[held]{
	Counter("x_done", "what is done", func(h *held) *atomic.Int64 { return &h.done }),
	Level("x_open", "what is open", func(h *held) *atomic.Int64 { return &h.open }),
	Peak[held]("x_peak", "the most"),
	Histogram[held]("x_wait", "waits"),
	Counter[held]("x_absent", "what this worker does not have", nil),
}

// The rows are added to what others have put there; what a worker does not have is left out.
func TestRows(t *testing.T) {
	var h held
	h.done.Store(3)
	h.open.Store(2)
	value := func(r *Row[held]) (int64, bool) {
		if r.Place != nil {
			return r.Place(&h).Load(), true
		}
		return 5, r.Kind == KindPeak
	}
	st := targets.WorkerStatus{Counters: map[string]uint64{"other": 1}, Levels: map[string]int64{"other": 1}}
	Status(&st, rows, value)
	AddHistogram(&st, "x_wait", "")
	if st.Histograms != nil {
		t.Error(st.Histograms)
	}
	AddHistogram(&st, "x_wait", "h")
	want := targets.WorkerStatus{
		Counters: map[string]uint64{"other": 1, "x_done": 3}, Levels: map[string]int64{"other": 1, "x_open": 2, "x_peak": 5}, Histograms: map[string]string{"x_wait": "h"},
	}
	if !reflect.DeepEqual(st, want) {
		t.Errorf("%+v, want %+v", st, want)
	}
	const text = `# HELP benchtop_worker_x_done_total what is done
# TYPE benchtop_worker_x_done_total counter
benchtop_worker_x_done_total{pid="1"} 3
# HELP benchtop_worker_x_open what is open
# TYPE benchtop_worker_x_open gauge
benchtop_worker_x_open{pid="1"} 2
# HELP benchtop_worker_x_peak the most
# TYPE benchtop_worker_x_peak gauge
benchtop_worker_x_peak{pid="1"} 5
`
	if got := string(AppendMetrics(nil, "1", rows, value)); got != text {
		t.Error(got)
	}
	if got := Markdown(Names(rows)[:1]); got != "| `x_done` | counter | what is done |\n" {
		t.Error(got)
	}
}
