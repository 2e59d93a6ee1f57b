// Package tasks is work that a handler leaves for after its response, in the memory of its worker, as the background tasks of
// starlette are. A task has the worker's one token while it computes, as a handler has, and waits for its turn among the requests.
// What a worker has not done when it is killed is lost.
package tasks

import (
	"net/http"
	"sync/atomic"
	"time"

	"benchtop/targets"
	"benchtop/targets/calls"
	"benchtop/targets/count"
	"benchtop/targets/endpoint"
	"benchtop/targets/gauge"
	"benchtop/targets/proc"
)

// Values of the parameter when.
const (
	before = "before"
	after  = "after"
)

// Bounds of a task.
const (
	mostUnits = 1_000_000
	mostCalls = 100
)

// Tasks are those of one worker.
type Tasks struct {
	caller *calls.Caller // nil: its target has no upstream
	counts counts
	waits  *gauge.Gauge // nanoseconds from the response of a task to its turn
}

// counts are what a worker counts of its tasks since its start, and what there is now.
type counts struct{ queued, done, left atomic.Int64 }

// Open gives the tasks of a worker, which may call with caller.
func Open(caller *calls.Caller) *Tasks { return &Tasks{caller: caller, waits: gauge.New()} }

// Rows are the endpoints with tasks. Those of a nil one are for documents and checks.
func Rows(t *Tasks) []*endpoint.Endpoint {
	return []*endpoint.Endpoint{{
		Path: "/task", Handle: t.handle,
		Doc: "a task, done before the response or left for after it: rounds of SHA-256, then a declared wait, then calls of the upstream, one after the other",
		Params: []endpoint.Param{
			{Name: "units", Doc: "how much it computes", Type: endpoint.Int, Max: mostUnits, Unit: "rounds"},
			{Name: "wait", Doc: "how long it waits", Type: endpoint.Duration, Max: int64(time.Minute)},
			{Name: "calls", Doc: "how many it makes; they need the service upstream", Type: endpoint.Int, Max: mostCalls, Unit: "calls"},
			{Name: "when", Doc: "before or after its response", Type: endpoint.Word, Words: []string{before, after}},
		},
		Samples: []string{"units=2000&when=before", "units=2000&when=after", "wait=20ms&when=before", "wait=20ms&when=after"},
	}}
}

// task is one of them. It outlives the exchange that it comes from.
type task struct {
	units, calls int64
	wait         time.Duration
	worker       endpoint.Worker
}

func (t *Tasks) handle(x *endpoint.Exchange) {
	job := task{x.Int("units") * x.Worker.WorkFactor(), x.Int("calls"), x.Duration("wait"), x.Worker}
	if job.calls > 0 && t.caller == nil {
		x.Fail(http.StatusNotImplemented, "/task with calls needs the service "+targets.ServiceUpstream+", which this target does not have")
		return
	}
	if x.Text("when") == before {
		if status, text := t.do(&job); status != 0 {
			x.Fail(status, text)
			return
		}
		x.Send(endpoint.PlainText, doneBody)
		return
	}
	t.counts.queued.Add(1)
	t.counts.left.Add(1)
	since := proc.Now()
	job.worker.After(func() {
		t.waits.Record(proc.Now() - since)
		t.do(&job) // nobody is left to tell: the caller counts what failed
		t.counts.left.Add(-1)
		t.counts.done.Add(1)
	})
	x.Send(endpoint.PlainText, queuedBody)
}

var doneBody, queuedBody = []byte("the task is done\n"), []byte("the task is queued\n")

// do does a task that has the turn, and gives the status and the text of the first call that failed; 0: none did.
func (t *Tasks) do(job *task) (status int, text string) {
	endpoint.Hash(job.units)
	if job.wait > 0 {
		job.worker.Wait(job.wait)
	}
	for range job.calls {
		if status, text = t.caller.Call(job.worker); status != 0 {
			return status, text
		}
	}
	return 0, ""
}

// Counts are what a worker counts of its tasks, in the order in which it is documented.
var Counts = []count.Row[counts]{
	count.Counter("tasks_queued", "tasks left for after their response", func(c *counts) *atomic.Int64 { return &c.queued }),
	count.Counter("tasks_done", "of these, those that are over", func(c *counts) *atomic.Int64 { return &c.done }),
	count.Level("tasks_left", "of these, those that are not: they are lost if the worker is killed", func(c *counts) *atomic.Int64 { return &c.left }),
	count.Histogram[counts]("tasks_wait", "time from the end of the handler until its task had a turn"),
}

func (t *Tasks) value(row *count.Row[counts]) (value int64, has bool) {
	if row.Place == nil {
		return 0, false
	}
	return row.Place(&t.counts).Load(), true
}

// Status adds to what a worker says about itself, but for the histogram.
func (t *Tasks) Status(st *targets.WorkerStatus) { count.Status(st, Counts, t.value) }

// Marked adds the histogram since the previous mark.
func (t *Tasks) Marked(st *targets.WorkerStatus) error {
	_, _, encoded, err := t.waits.Mark()
	count.AddHistogram(st, "tasks_wait", encoded)
	return err
}

// AppendMetrics appends the counts in the text format of Prometheus.
func (t *Tasks) AppendMetrics(b []byte, worker string) []byte {
	return count.AppendMetrics(b, worker, Counts, t.value)
}
