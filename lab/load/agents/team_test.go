package agents

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/targets"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/posix"
	"benchtop/targets/proc"
)

// assemble gathers agents that are processes of their own, by the code that is printed.
func assemble(t *testing.T, now func() time.Time, names ...string) (team *Team, processes []*proc.Process) {
	t.Helper()
	out, came := &lockedBuffer{}, make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		defer close(came)
		lead := Lead{Crew: CrewConfig{Now: now}, Wanted: load.Agents{Names: names}, Out: out, Wait: suite.Deadline}
		var err error
		if team, err = lead.Gather(t.Context()); err != nil {
			t.Error(err)
		}
	})
	suite.Eventually(t, "a code", func() bool { return strings.Contains(out.text(), "benchtop agent ") })
	for _, name := range names {
		p, _ := start(t, lenderRole, lending{Code: printed(out), Name: name})
		processes = append(processes, p)
	}
	wait.Wait()
	if team == nil {
		t.FailNow()
	}
	t.Cleanup(func() { _ = team.Stop(context.Background()) })
	return team, processes
}

// printed is the code that was printed.
func printed(out *lockedBuffer) string {
	_, rest, _ := strings.Cut(out.text(), "benchtop agent ")
	return strings.Fields(rest)[0]
}

// F26: an agent that is killed in a slice makes it void; started again under its name it drives the next one. One that stays away ends
// the waiting.
func TestATeamLosesAnAgent(t *testing.T) {
	t.Parallel()
	addr, requests := answering(t)
	var ahead atomic.Int64
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	team, processes := assemble(t, now, "ada", "bob")
	drive := func(id int, window time.Duration, told func(string), tick func(load.Tick)) load.Summary {
		t.Helper()
		task := taskAt(addr, 3, window)
		task.ID = id
		var err error
		if task.Start, err = team.Ready(t.Context(), task, told); err != nil {
			t.Fatal(err)
		}
		sum, err := team.Run(t.Context(), task, tick)
		if err != nil || sum.Slice != id {
			t.Fatalf("%v of slice %d", err, sum.Slice)
		}
		return sum
	}
	var once sync.Once
	sum := drive(7, time.Hour, func(text string) { t.Error(text) }, func(k load.Tick) {
		once.Do(func() {
			if k.Slice != 7 || k.Latency == "" || time.Duration(proc.Now()-k.To).Abs() > suite.Deadline {
				t.Errorf("a row %+v", k)
			}
			if err := posix.Kill(processes[1].PID(), syscall.SIGKILL); err != nil {
				t.Error(err)
			}
		})
	})
	if p := sum.Parts; len(p) != 2 || p[0].Void != "" || !strings.HasPrefix(p[1].Void, "was lost after ") || p[1].Task.Connections != 1 {
		t.Fatalf("%+v", p)
	}
	quiet(t, requests)

	said := &suite.Log[string]{}
	var again sync.WaitGroup
	again.Go(func() {
		said.Await(t, "bob is missed", func(text string) bool { return strings.Contains(text, "bob is not here") })
		start(t, lenderRole, lending{Code: team.crew.Code(), Name: "bob"})
	})
	sum = drive(8, 300*time.Millisecond, said.Tell, nil)
	again.Wait()
	if p := sum.Parts; p[0].Void != "" || p[1].Void != "" || sum.Counts.Requests == 0 || sum.Counts.Requests != p[0].Summary.Counts.Requests+p[1].Summary.Counts.Requests {
		t.Errorf("%+v", p)
	}
	said.Await(t, "bob is back", func(text string) bool { return strings.HasPrefix(text, "agent bob was started again, clock ") })

	if err := posix.Kill(processes[0].PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	suite.Eventually(t, "ada is forgotten", func() bool { return len(team.crew.Here()) == 1 })
	_, err := team.Ready(t.Context(), taskAt(addr, 3, time.Second), func(string) { ahead.Store(int64(2 * backWithin)) })
	if !errors.Is(err, ErrNobody) || !strings.Contains(err.Error(), "ada did not come back") {
		t.Errorf("%v", err)
	}
	if _, err := team.Run(t.Context(), taskAt(addr, 3, time.Second), nil); err == nil {
		t.Error("it drives what it was not made ready for")
	}
	if err := team.Fits(taskAt(addr, 1, time.Second)); err == nil || !strings.Contains(err.Error(), "1 connections for 2 agents") {
		t.Errorf("%v", err)
	}
}

// A run that two machines drive sees what one generator sees, on a server with declared waits.
func TestARunIsWhatOneMachineSees(t *testing.T) {
	team, _ := assemble(t, time.Now, "ada", "bob")
	wait := func(name string, weight float64) lab.Entry {
		return lab.Entry{Name: name, Weight: weight, Endpoint: "/wait?for=" + name}
	}
	variant := lab.Variant{
		ID: "a", Target: targets.Spec{Server: "builtin", Workers: 1, Endpoint: "/hello"},
		Load: lab.Load{Model: load.Closed, Connections: 61, KeepAlive: true, Timeout: 20 * time.Second, Mix: []lab.Entry{wait("100ms", 9), wait("300ms", 1)}},
	}
	run := func(agents string) *lab.Result {
		t.Helper()
		plan := lab.Plan{
			ID: "waits", Baseline: "a", Variants: []lab.Variant{variant}, Warmup: 500 * time.Millisecond, Slice: 1200 * time.Millisecond, Settle: 250 * time.Millisecond,
			Blocks: 1, Order: lab.Interleaved, Metric: "p50", SmallestEffect: 0.02, ErrorLimit: 0.01, Seed: 3,
		}
		o := lab.Options{Version: "test"}
		if plan.Variants[0].Load.Agents = agents; agents != "" {
			o.StartGenerator = func(context.Context, generator.Config) (lab.Generator, error) { return lasting{team}, nil }
		}
		fold := lab.NewFold()
		o.Sink = fold.Apply
		if err := lab.Run(t.Context(), plan, o); err != nil {
			t.Fatal(err)
		}
		r := fold.Result()
		if !r.Complete || len(r.Generator.Agents) != map[bool]int{true: 2, false: 0}[agents != ""] {
			t.Fatalf("%s: %s, %+v", r.Ended, r.Reason, r.Generator)
		}
		return r
	}
	least := map[string][2]float64{} // of one machine and of two: a busy machine adds to a wait, it takes nothing away
	for range 8 {
		one, two := run(""), run("ada,bob")
		same := true
		for _, name := range []string{"p50", "p99"} {
			x, y := one.Variants[0].Latency.Of(name), two.Variants[0].Latency.Of(name)
			if x == nil || y == nil {
				same = false // the machine stood still
				continue
			}
			l := [2]float64{*x, *y}
			if before, ok := least[name]; ok {
				l = [2]float64{min(before[0], *x), min(before[1], *y)}
			}
			least[name] = l
			t.Logf("%s: %.0f us of one machine, %.0f of two", name, *x, *y)
			same = same && math.Abs(l[1]/l[0]-1) <= 0.01
		}
		if same {
			return
		}
	}
	t.Error("the percentiles are more than 1 % apart: ", fmt.Sprint(least))
}

// lasting is a team that goes on after a run.
type lasting struct{ *Team }

func (lasting) Stop(context.Context) error { return nil }
