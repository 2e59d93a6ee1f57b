package lab_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/lab/observe"
	"benchtop/targets/proc"
)

// crew are two machines that drive a slice of the bench by halves. Slices of which lose gives an answer are those in which one is lost.
type crew struct {
	*bench
	lose  func(n int) bool
	ready func(n int) error
	start int64
	n     int
}

func (c *crew) PID() int { return 0 }

func (c *crew) Ready(_ context.Context, _ load.Task, told func(string)) (int64, error) {
	if c.ready != nil {
		told("agent bob is not here")
		if err := c.ready(c.n); err != nil {
			return 0, err
		}
	}
	c.start = proc.Now() + int64(20*time.Millisecond)
	return c.start, nil
}

func (c *crew) Run(ctx context.Context, t load.Task, onTick func(load.Tick)) (load.Summary, error) {
	if t.Start != c.start {
		return load.Summary{}, errors.New("it starts at another time than the machines said")
	}
	sum, err := c.bench.Run(ctx, t, onTick)
	halves, splitErr := t.Split(2)
	for i, name := range []string{"ada", "bob"} {
		half := sum
		half.Counts = load.Counts{Requests: sum.Counts.Requests / 2, OK: sum.Counts.OK / 2}
		if half.Parts = nil; i == 1 {
			half.Busy = 0.95
		}
		p := load.Part{Agent: name, Task: halves[i], Offset: time.Millisecond, Trip: 2 * time.Millisecond, Summary: half}
		if i == 1 && c.lose != nil && c.lose(c.n) {
			p.Void, p.Summary = "was lost after 0.1 s", load.Summary{}
		}
		sum.Parts = append(sum.Parts, p)
	}
	c.n++
	return sum, errors.Join(err, splitErr)
}

// together carries a plan out by the crew.
func together(t *testing.T, c *crew, blocks int) ([]lab.Event, *lab.Result) {
	t.Helper()
	p := plan("a", "b")
	p.Blocks = blocks
	for i := range p.Variants {
		p.Variants[i].Load.Agents = "2"
	}
	fold := lab.NewFold()
	var events []lab.Event
	err := lab.Run(t.Context(), p, lab.Options{
		Version: "test", StartTarget: c.bench.start, StartGenerator: func(context.Context, generator.Config) (lab.Generator, error) { return c, nil },
		Describe: func(v string) observe.Machine { return observe.Machine{OS: "test", Benchtop: v} },
		Sink: func(e lab.Event) {
			fold.Apply(e)
			events = append(events, e)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return events, fold.Result()
}

func rates() map[string]float64 { return map[string]float64{"a": 10000, "b": 12000} }

// Machines that drive a run together are in its result, each judged by itself, and the one that was the bottleneck is named. A slice in
// which one is lost does not count, its block runs again, and the run says so.
func TestAgentsDriveARun(t *testing.T) {
	t.Parallel()
	events, r := together(t, &crew{bench: newBench(rates()), lose: func(n int) bool { return n == 3 }}, 4) // 0 and 1 are the warm-ups
	void := 0
	for _, e := range events {
		if e.Slice != nil && !e.Slice.Warmup && strings.HasPrefix(e.Slice.Void, "agent bob was lost") {
			void++
		}
		if e.Process != nil && e.Process.Role == "loader" {
			t.Errorf("a generator of this machine: %+v", e.Process)
		}
	}
	all := r.Generator.Agents
	if void != 1 || !r.Complete || len(all) != 2 {
		t.Fatalf("%d void, %s: %s, %+v", void, r.Ended, r.Reason, all)
	}
	if all[0].Lost != 0 || all[1].Lost != 1 || len(all[0].Reasons) != 0 || len(all[1].Reasons) != 1 || all[1].Offset != 1000 || *all[0].Busy != 0.3 || *all[0].P50 <= 0 {
		t.Errorf("%+v", all)
	}
	if !slices.ContainsFunc(r.Flags, func(f string) bool { return strings.Contains(f, "agent bob was lost after 0.1 s") }) {
		t.Errorf("it is not said: %q", r.Flags)
	}
	if len(r.Generator.Reasons) == 0 || !strings.Contains(r.Generator.Reasons[0], "agent bob: its busiest thread") {
		t.Errorf("%q", r.Generator.Reasons)
	}
	fold := lab.NewFold()
	for i := range events {
		fold.Apply(fromFile(t, events[i]))
	}
	if again := fold.Result(); len(again.Generator.Agents) != 2 || *again.Generator.Agents[1].Requests != *all[1].Requests {
		t.Errorf("from the file: %+v", again.Generator.Agents)
	}
}

// What a part of the machines drove in a warm-up says nothing; nor does a run whose machines are not there.
func TestAgentsAreGone(t *testing.T) {
	t.Parallel()
	_, r := together(t, &crew{bench: newBench(rates()), lose: func(n int) bool { return n == 0 }}, 1)
	if !r.Complete {
		t.Errorf("one warm-up more is enough: %s", r.Reason)
	}
	for want, c := range map[string]*crew{
		"twice": {bench: newBench(rates()), lose: func(n int) bool { return n < 2 }},
		"did not come back": {bench: newBench(rates()), ready: func(n int) error {
			if n > 3 {
				return errors.New("agent bob did not come back")
			}
			return nil
		}},
	} {
		events, r := together(t, c, 4)
		if end := events[len(events)-1].End; end.Class != lab.ClassAgents || r.Outcome() != lab.OutcomeFailed || !strings.Contains(r.Reason, want) {
			t.Errorf("%s: %+v", want, end)
		}
	}
	p := plan("a")
	p.Variants[0].Load.Agents = "all"
	if err := lab.Run(t.Context(), p, lab.Options{}); err == nil || !strings.Contains(err.Error(), "benchtop run") {
		t.Errorf("this machine drives it: %v", err)
	}
}
