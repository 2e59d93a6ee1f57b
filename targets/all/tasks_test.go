package all

import (
	"testing"
	"time"

	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/targets/calls"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/upstream"
)

// A worker that is killed loses its tasks, one that is asked to stop does them: the upstream has the ledger.
func TestTasksOfAWorkerThatEnds(t *testing.T) {
	const tasks = 10
	for signal, test := range map[string]struct {
		wait string
		done uint64
	}{
		targets.SignalKill: {"1m", 0},
		targets.SignalTerm: {"100ms", tasks},
	} {
		t.Run(signal, func(t *testing.T) {
			t.Parallel()
			zero := time.Duration(0)
			spec := calling(&calls.Client{}, upstream.Settings{Wait: &zero})["builtin"]
			spec.Own.(*builtin.Settings).Accept = "shared"
			running := started(t, spec)
			fetch(t, running, 2, tasks/2, "/task?calls=1&when=after&wait="+test.wait) // each has its response
			before := worker(t, running)
			if before.Counters["tasks_queued"] != tasks {
				t.Fatalf("%+v", before.Counters)
			}
			if err := running.(targets.Addressed).Signal(targets.PartWorker, signal); err != nil {
				t.Fatal(err)
			}
			suite.Eventually(t, "another worker serves", func() bool {
				now := worker(t, running)
				return now.PID != 0 && now.PID != before.PID
			})
			for _, st := range marked(t, running) {
				if n, ok := st.Counters["calls"]; ok && n != test.done {
					t.Errorf("the upstream got %d calls of %d tasks, want %d", n, tasks, test.done)
				}
			}
		})
	}
}

// worker is what the one worker of a target says; the zero one while there is none.
func worker(t *testing.T, running targets.Target) (serving targets.WorkerStatus) {
	t.Helper()
	for _, st := range marked(t, running) {
		if _, is := st.Counters["tasks_queued"]; is {
			serving = st
		}
	}
	return serving
}
