package lab_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/targets"
)

// told are the signals that the targets of a variant got.
func (b *bench) told(id string) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, t := range b.targets {
		if t.spec.Variant == id {
			out = append(out, t.told...)
		}
	}
	return out
}

// replayed is the result of the events as they come back from a file.
func replayed(t *testing.T, events []lab.Event) string {
	t.Helper()
	fold := lab.NewFold()
	for _, e := range events {
		back := fromFile(t, e)
		if err := back.Check(); err != nil {
			t.Error(err)
		}
		fold.Apply(back)
	}
	text, _ := json.Marshal(fold.Result())
	return string(text)
}

// A signal that comes in every slice comes in each slice of its variant and in no warm-up, and every slice counts.
func TestASignalInEverySlice(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 10000, "b": 12000})
	p := plan("a", "b")
	p.Slice = 200 * time.Millisecond // what comes in the middle comes before the end, on a busy machine too
	p.Steps = []lab.Step{
		{At: 100 * time.Millisecond, Every: lab.EverySlice, Signal: []string{"a.worker=TERM"}},
		{At: 50 * time.Millisecond, Every: lab.EverySlice, Signal: []string{"all.server=HUP"}},
	}
	events, r := carryOut(t, context.Background(), p, b)
	seen, late := map[int][]string{}, 0
	for _, e := range events {
		if e.Turn != nil {
			seen[e.Turn.Slice] = append(seen[e.Turn.Slice], e.Turn.Words())
			if e.Turn.Refused != "" {
				late++
			}
		}
	}
	slicesOf := map[string]int{}
	for _, e := range events {
		if s := e.Slice; s != nil && !s.Warmup {
			slicesOf[s.Variant]++
			want := []string{"HUP to " + s.Variant + ".server"}
			if s.Variant == "a" {
				want = append(want, "TERM to a.worker")
			}
			if !slices.Equal(seen[s.Index], want) {
				t.Errorf("slice %d of %s: %q", s.Index, s.Variant, seen[s.Index])
			}
		}
	}
	if n := len(b.told("a")) + len(b.told("b")); n+late != 2*slicesOf["a"]+slicesOf["b"] {
		t.Errorf("%d signals were told, %d came late; slices %v", n, late, slicesOf)
	}
	if late > 0 {
		t.Skipf("the machine is too busy: %d signals came after their slices", late)
	}
	if c := r.Comparisons[0]; c.Pairs != p.SlicesPerVariant() || r.Variants[0].Refused != "" {
		t.Errorf("%+v, %+v", c, r.Variants[0])
	}
	turned := r.Variants[0].Turned
	if len(turned) != 2 || turned[0].Signal != "server=HUP" || turned[1].Signal != "worker=TERM" || turned[1].After != 0.1 || turned[1].Slices != slicesOf["a"] {
		t.Errorf("turned %+v", turned)
	}
	live, _ := json.Marshal(r)
	if got := replayed(t, events); got != string(live) {
		t.Errorf("from the file:\n%s\nlive:\n%s", got, live)
	}
}

// A signal at a time of the run comes once, and nothing is compared across it.
func TestASignalOnce(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 10000, "b": 12000})
	p := plan("a", "b")
	p.Blocks = 8
	p.Steps = []lab.Step{{At: p.Counted() / 3, Signal: []string{"b.server=TTIN"}}}
	events, r := carryOut(t, context.Background(), p, b)
	if told := b.told("b"); !slices.Equal(told, []string{"server=TTIN"}) || len(b.told("a")) > 0 {
		t.Errorf("told %q", told)
	}
	if c := r.Comparisons[0]; c.Pairs == 0 || c.Pairs >= p.SlicesPerVariant() || !strings.Contains(strings.Join(r.Flags, "\n"), "it was told a signal") {
		t.Errorf("%+v, %q", c, r.Flags)
	}
	live, _ := json.Marshal(r)
	if got := replayed(t, events); got != string(live) {
		t.Errorf("from the file:\n%s\nlive:\n%s", got, live)
	}
}

// A slice in which the signal could not be told does not count; a step between two slices ends the run.
func TestASignalThatIsNotTaken(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 10000, "b": 12000})
	b.deaf = "TERM"
	p := plan("a", "b")
	p.Blocks = 1
	p.Steps = []lab.Step{{At: time.Millisecond, Every: lab.EverySlice, Signal: []string{"a.worker=TERM"}}}
	events, _ := carryOut(t, context.Background(), p, b)
	for _, e := range events {
		if s := e.Slice; s != nil && !s.Warmup && strings.Contains(s.Void, "TERM to a.worker did not happen in it: ") != (s.Variant == "a") {
			t.Errorf("slice %d of %s: %q", s.Index, s.Variant, s.Void)
		}
	}
	p.Steps = []lab.Step{{At: time.Millisecond, Signal: []string{"a.worker=TERM"}}}
	if _, r := carryOut(t, context.Background(), p, b); r.Ended != lab.EndFailed || !strings.Contains(r.Reason, "TERM to a.worker") {
		t.Errorf("%s: %s", r.Ended, r.Reason)
	}
}

// A look of a scenario has the signals at the same part of its slices.
func TestSignalsMoveWithTheirSlices(t *testing.T) {
	p := plan("a", "b")
	p.Slice = time.Second
	p.Steps = []lab.Step{{At: 500 * time.Millisecond, Every: lab.EverySlice, Signal: []string{"a.worker=TERM"}}}
	if p.Resize(2, 700*time.Millisecond); p.Steps[0].At != 350*time.Millisecond {
		t.Errorf("at %s", p.Steps[0].At)
	}
}

// A worker that a step kills under load is replaced, and its slices count; what the workers that end as asked have counted
// is not lost.
func TestAStepKillsWorkers(t *testing.T) {
	t.Parallel()
	p := plan("kill", "drain")
	p.Blocks, p.Warmup, p.Slice, p.ErrorLimit = 1, 200*time.Millisecond, 700*time.Millisecond, 1
	for i := range p.Variants {
		p.Variants[i].Target = targets.Spec{Server: "builtin", Workers: 2, Endpoint: "/wait?for=5ms"}
		p.Variants[i].Load = lab.Load{Model: load.Closed, Connections: 4, KeepAlive: true, Timeout: 10 * time.Second}
	}
	p.Steps = []lab.Step{{At: 150 * time.Millisecond, Every: lab.EverySlice, Signal: []string{"kill.worker=KILL", "drain.worker=TERM"}}}
	ended := map[string]int{}
	fold := lab.NewFold()
	err := lab.Run(t.Context(), p, lab.Options{Version: "test", Sink: func(e lab.Event) {
		fold.Apply(e)
		if k := e.Process; k != nil && k.Variant != "" {
			ended[k.Variant+" "+k.Event]++
		}
		if s := e.Slice; s != nil && s.Void != "" && !strings.Contains(s.Void, "stood still") {
			t.Errorf("slice %d of %s does not count: %s", s.Index, s.Variant, s.Void)
		}
	}})
	r := fold.Result()
	if err != nil || !r.Complete {
		t.Fatalf("%v, ended %s: %s", err, r.Ended, r.Reason)
	}
	for _, id := range []string{"kill", "drain"} {
		if n := ended[id+" recycled"]; n != 2 || ended[id+" gone"] > 0 || ended[id+" replaced"] != n {
			t.Errorf("%s: %v", id, ended)
		}
	}
}
