package tasks_test

import (
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/endpoint"
	"benchtop/targets/tasks"
)

// worker keeps the tasks that are left to it until it is told to do them.
type worker struct {
	endpoint.Worker
	waited time.Duration
	left   []func()
}

func (w *worker) Wait(d time.Duration) { w.waited += d }
func (w *worker) WorkFactor() int64    { return 1 }
func (w *worker) After(task func())    { w.left = append(w.left, task) }

func ask(t *testing.T, of *tasks.Tasks, w *worker, query string) *endpoint.Response {
	t.Helper()
	e, x := tasks.Rows(of)[0], &endpoint.Exchange{Worker: w}
	if err := x.Parse(e, query); err != nil {
		t.Fatal(err)
	}
	e.Handle(x)
	return &x.Response
}

// A task is done before the response, or left for after it; what is left is counted until it is done.
func TestBeforeAndAfter(t *testing.T) {
	of, w := tasks.Open(nil), &worker{}
	want := func(queued, done uint64, left int64) {
		t.Helper()
		var st targets.WorkerStatus
		of.Status(&st)
		if st.Counters["tasks_queued"] != queued || st.Counters["tasks_done"] != done || st.Levels["tasks_left"] != left {
			t.Errorf("%v, %v, want %d queued, %d done, %d left", st.Counters, st.Levels, queued, done, left)
		}
	}
	if r := ask(t, of, w, "units=3&wait=5ms"); string(r.Body) != "the task is done\n" || w.waited != 5*time.Millisecond || len(w.left) > 0 {
		t.Errorf("before: %q, waited %v, %d left", r.Body, w.waited, len(w.left))
	}
	want(0, 0, 0)
	for range 2 {
		if r := ask(t, of, w, "units=3&wait=5ms&when=after"); string(r.Body) != "the task is queued\n" || w.waited != 5*time.Millisecond {
			t.Errorf("after: %q, waited %v", r.Body, w.waited)
		}
	}
	want(2, 0, 2)
	w.left[0]()
	want(2, 1, 1)
	if w.waited != 10*time.Millisecond {
		t.Errorf("waited %v", w.waited)
	}
	var st targets.WorkerStatus
	if err := of.Marked(&st); err != nil || st.Histograms["tasks_wait"] == "" {
		t.Errorf("%v, %v", st.Histograms, err)
	}
	if r := ask(t, of, w, "calls=1"); r.Status != 501 || string(r.Body) != "/task with calls needs the service upstream, which this target does not have\n" {
		t.Errorf("%d %q", r.Status, r.Body)
	}
}
