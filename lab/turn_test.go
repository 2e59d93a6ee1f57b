package lab_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/targets"
)

// applied stands in for scenarios.Apply: besides the load it knows the workers.
func applied(p *lab.Plan, set []string) error {
	var rest []string
	variants := slices.Clone(p.Variants)
	for _, s := range set {
		name, value, _ := strings.Cut(s, "=")
		id, key, _ := strings.Cut(name, ".")
		if key != "workers" {
			rest = append(rest, s)
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(variants, func(v lab.Variant) bool { return v.ID == id })
		variants[i].Target.Workers = n
	}
	p.Variants = variants
	return lab.TurnLoad(p, rest)
}

// freely runs the plan freely; at the n-th slice (warm-ups count) turns[n] are made, and before slice last it is stopped.
func freely(t *testing.T, p lab.Plan, b *bench, turns map[int][]lab.Turn, last int) ([]lab.Event, *lab.State) {
	t.Helper()
	p.Free = true
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	asked := make(chan lab.Turn, 16)
	b.onSlice = func(n int, _ load.Task) error {
		for _, k := range turns[n] {
			asked <- k
		}
		if n == last {
			cancel()
		}
		return nil
	}
	fold := lab.NewFold()
	var events []lab.Event
	err := lab.Run(ctx, p, lab.Options{
		Sink: func(e lab.Event) {
			fold.Apply(e)
			events = append(events, e)
		},
		StartTarget: b.start, Turns: asked, Apply: applied,
		StartGenerator: func(context.Context, generator.Config) (lab.Generator, error) { return b, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return events, fold.State()
}

// A setting of the target starts it again, says so, warms it up, and what was measured before is no longer counted.
func TestASettingOfTheTargetStartsItAgain(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 10000, "b": 12000})
	_, s := freely(t, plan("a", "b"), b, map[int][]lab.Turn{5: {{Set: []string{"b.workers=2"}}, {Set: []string{"b.workers=3"}}}}, 12)
	if len(b.starts) != 3 || b.starts[2].Variant != "b" || b.starts[2].Workers != 3 {
		t.Errorf("started %v", b.starts)
	}
	if len(s.Turns) != 1 || s.Turned != 2 || !slices.Equal(s.Turns[0].Restart, []string{"b"}) {
		t.Errorf("%d turns, asked %+v", s.Turned, s.Turns)
	}
	v := s.Variants[1]
	if v.Target.Workers != 3 || len(v.Procs) != 1 {
		t.Errorf("the state has %d workers and processes %+v", v.Target.Workers, v.Procs)
	}
	past := 0
	for _, d := range v.Slices {
		if d.Past && !d.Discarded {
			t.Errorf("slice %+v", d)
		}
		if d.Past {
			past++
		}
	}
	if past == 0 || past == len(v.Slices) {
		t.Errorf("%d of %d slices are past", past, len(v.Slices))
	}
	if !logged(s, "b.workers = 3 (b started again for it)") {
		t.Errorf("the log does not tell it: %v", s.Log)
	}
	warm := 0
	for _, c := range b.seen {
		if c.Window == 20*time.Millisecond && c.ID == 0 {
			warm++
		}
	}
	if warm != 3 {
		t.Errorf("%d warm-ups, want one for each start", warm)
	}
}

func logged(s *lab.State, text string) bool {
	return slices.ContainsFunc(s.Log, func(l lab.LogLine) bool { return strings.Contains(l.Text, text) })
}

// What cannot be done is said, and the run goes on as it was.
func TestARefusedTurnChangesNothing(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 10000, "b": 12000})
	b.refuse = func(s targets.Spec) bool { return s.Workers == 9 }
	turns := map[int][]lab.Turn{4: {
		{Set: []string{"a.load.connections=0"}},
		{Remove: "z"},
		{Set: []string{"b.load.connections=4"}},
		{Set: []string{"b.load.size=4"}},
		{Add: &lab.Variant{ID: "c", Label: "c", Target: targets.Spec{Server: "fake", Workers: 9}}},
		{Set: []string{"a.workers=9"}},
	}}
	_, s := freely(t, plan("a", "b"), b, turns, 10)
	if s.End == nil || s.End.How != lab.EndComplete {
		t.Fatalf("the run ended %+v", s.End)
	}
	if s.Turned != 6 || len(s.Variants) != 2 || s.Variants[0].Target.Workers != 1 || s.Variants[0].Load.Connections != 4 {
		t.Errorf("%d turns, %d variants, %+v", s.Turned, len(s.Variants), s.Variants[0].Variant)
	}
	for _, want := range []string{
		"connections are a whole number from 1", "there is no variant z", "it stands there already", "can turn load.connections",
		"c: it did not start", "a did not start with it and runs again as it was",
	} {
		if !logged(s, want) {
			t.Errorf("the log does not say %q: %+v", want, s.Log)
		}
	}
	if p, err := lab.Redo(s); err != nil || len(p.Steps) != 0 || len(p.Variants) != 2 {
		t.Errorf("saved: %v, %+v", err, p)
	}
}

func TestVariantsComeAndGo(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 10000, "b": 12000, "c": 9000})
	c := plan("c").Variants[0]
	events, s := freely(t, plan("a", "b"), b, map[int][]lab.Turn{4: {{Add: &c}}, 9: {{Remove: "a"}}, 12: {{Remove: "b"}, {Remove: "c"}}}, 15)
	if len(s.Variants) != 1 || s.Variants[0].ID != "c" || s.Plan.Baseline != "b" && s.Plan.Baseline != "c" {
		t.Errorf("there are %+v, the baseline is %s", s.Variants, s.Plan.Baseline)
	}
	if len(s.Variants[0].Slices) < 3 {
		t.Errorf("c has %d slices", len(s.Variants[0].Slices))
	}
	if !logged(s, "the last variant stays") {
		t.Error("the last variant went, or nothing was said")
	}
	again := lab.FoldAll(events)
	if !reflect.DeepEqual(again.Result, s.Result) {
		t.Error("the events fold to something else")
	}
}

// turnsOf are the settings of a run as a person would list them.
func turnsOf(s *lab.State) []string {
	var out []string
	for _, k := range s.Turns {
		out = append(out, fmt.Sprintf("%v %s restart %v", k.After, k.Words(), k.Restart))
	}
	return out
}

// What was done in a free run is a plan whose run does the same at the same times.
func TestAFreeRunIsDoneAgain(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 10000, "b": 12000, "c": 9000})
	p := plan("a", "b")
	p.Slice, p.Settle = 60*time.Millisecond, 10*time.Millisecond
	c := plan("c").Variants[0]
	_, s := freely(t, p, b, map[int][]lab.Turn{
		3: {{Set: []string{"all.load.connections=8"}}}, 8: {{Set: []string{"b.workers=2"}}}, 12: {{Add: &c}, {Set: []string{"c.load.keepalive=false"}}}, 18: {{Remove: "a"}},
	}, 22)
	redo, err := lab.Redo(s)
	if err != nil {
		t.Fatal(err)
	}
	if redo.Free || len(redo.Variants) != 3 || redo.Variants[0].Load.Connections != 4 || redo.Baseline != "b" || len(redo.Steps) != 5 {
		t.Fatalf("the plan is %+v", redo)
	}
	other := newBench(b.rates)
	again := carry(t, *redo, other)
	if got, want := turnsOf(again), turnsOf(s); !slices.Equal(got, want) {
		t.Errorf("done again:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if again.End == nil || again.End.How != lab.EndComplete || len(again.Variants) != 3 {
		t.Errorf("the run ended %+v", again.End)
	}
}

// carry runs a plan with steps and gives the last state.
func carry(t *testing.T, p lab.Plan, b *bench) *lab.State {
	t.Helper()
	fold := lab.NewFold()
	err := lab.Run(context.Background(), p, lab.Options{
		Sink: fold.Apply, StartTarget: b.start, Apply: applied,
		StartGenerator: func(context.Context, generator.Config) (lab.Generator, error) { return b, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return fold.State()
}

// Only what was measured after the last change of a variant is compared.
func TestNothingIsComparedAcrossAStep(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 10000, "b": 5000})
	b.onSlice = func(int, load.Task) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		if len(b.starts) == 3 {
			b.rates["b"] = 20000 // with another worker it serves four times as much
		}
		return nil
	}
	p := plan("a", "b")
	p.Blocks = 20
	p.Steps = []lab.Step{{At: p.Counted() / 3, Set: []string{"b.workers=2"}}}
	s := carry(t, p, b)
	c := s.Result.Comparisons[0]
	if c.Ratio == nil || *c.Ratio < 1.9 || *c.Ratio > 2.1 || c.Pairs >= p.SlicesPerVariant() || c.Pairs < 6 {
		t.Errorf("the comparison is %+v", c)
	}
	if !strings.Contains(strings.Join(s.Result.Flags, "\n"), "b: its settings changed at 0:") {
		t.Errorf("the flags do not tell: %q", s.Result.Flags)
	}
	if n := len(s.Result.Variants[1].RPS.Slices); n != p.SlicesPerVariant() || s.Result.Blocks != p.Blocks {
		t.Errorf("%d slices in %d blocks", n, s.Result.Blocks)
	}
}

// Slices are compared with those beside them also when a variant came late: on a machine that gets faster all the time
// every other pair would show it.
func TestALateVariantIsPairedWithItsTime(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 10000, "b": 10000, "c": 9000})
	b.noise = 0
	b.onSlice = func(int, load.Task) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		for id := range b.rates {
			b.rates[id] *= 1.02
		}
		return nil
	}
	p := plan("a", "b", "c")
	p.Blocks = 12
	p.Steps = []lab.Step{{At: p.Counted() / 3, Start: []string{"c"}}, {At: p.Counted() / 2, Stop: []string{"b"}}}
	s := carry(t, p, b)
	for _, c := range s.Result.Comparisons {
		if c.Metric != "rps" {
			continue
		}
		want := map[string]float64{"b": 1, "c": 0.9}[c.Variant]
		if c.Ratio == nil || c.Pairs < 4 || *c.Ratio < 0.97*want || *c.Ratio > 1.03*want {
			t.Errorf("%+v, want %v", c, want)
		}
	}
	if len(s.Result.Comparisons) == 0 || len(s.Variants) != 3 || s.Variants[1].ID != "b" {
		t.Errorf("%d comparisons, variants %v", len(s.Result.Comparisons), s.Variants)
	}
}

// A step that cannot be carried out ends the run: the plan would be another one.
func TestAStepThatFailsEndsTheRun(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 10000, "b": 12000})
	b.refuse = func(s targets.Spec) bool { return s.Workers == 9 }
	p := plan("a", "b")
	p.Steps = []lab.Step{{At: 50 * time.Millisecond, Set: []string{"b.workers=9"}}}
	s := carry(t, p, b)
	if s.End.How != lab.EndFailed || s.End.Class != lab.ClassStartFailed || !strings.Contains(s.End.Reason, "b.workers = 9") {
		t.Errorf("the run ended %+v", s.End)
	}
}

// All variants are under load at the same time, each by a generator of its own, and the verdict says what that is worth.
func TestTogether(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 10000, "b": 12000, "c": 9000})
	p := plan("a", "b", "c")
	p.Order = lab.Together
	mu := &b.mu
	now, most, generators := 0, 0, 0
	b.onSlice = func(int, load.Task) error {
		mu.Lock()
		defer mu.Unlock()
		now++
		most = max(most, now)
		return nil
	}
	fold := lab.NewFold()
	together, rounds := 0, 0
	err := lab.Run(context.Background(), p, lab.Options{
		Sink: func(e lab.Event) {
			fold.Apply(e)
			if e.Slice != nil {
				mu.Lock()
				now--
				mu.Unlock()
			}
			if e.Phase == nil || e.Phase.Phase != lab.PhaseSlice {
				return
			}
			under := 0
			rounds++
			for _, v := range fold.State().Variants {
				if v.Status == lab.StatusLoad {
					under++
				}
			}
			if under == 3 && e.Phase.Together == "a b c" {
				together++
			}
		},
		StartTarget: b.start,
		StartGenerator: func(context.Context, generator.Config) (lab.Generator, error) {
			generators++
			return b, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if generators != 3 || most != 3 || together != rounds || rounds < p.SlicesPerVariant() {
		t.Errorf("%d generators, %d slices at the same time, %d rounds of three", generators, most, together)
	}
	r := fold.Result()
	for _, c := range r.Comparisons {
		if refused := c.Metric == "rps" || strings.HasPrefix(c.Metric, "p"); refused != (c.Verdict == "refused") {
			t.Errorf("%s of %s is %s: %s", c.Metric, c.Variant, c.Verdict, c.Reason)
		}
		if c.Metric == "rps" && (c.CI95 == nil || !strings.Contains(c.Reason, "shared the machine")) {
			t.Errorf("%+v", c)
		}
	}
	if r.Outcome() != lab.OutcomeInconclusive || !r.Complete {
		t.Errorf("the outcome is %v, ended %s", r.Outcome(), r.Ended)
	}
}

func TestTheTurnsOfOlderRunFiles(t *testing.T) {
	p := plan("a", "b")
	p.Free = true
	f := lab.NewFold()
	f.Apply(lab.Event{Seq: 1, Run: &lab.RunEvent{Plan: p}})
	f.Apply(lab.Event{Seq: 2, Turn: &lab.Turn{Key: "connections", Value: 128}})
	f.Apply(lab.Event{Seq: 3, Turn: &lab.Turn{Variant: "b", Key: "keepalive", Value: 0}})
	s := f.State()
	a, b := s.Variants[0].Load, s.Variants[1].Load
	if a.Connections != 128 || b.Connections != 128 || !a.KeepAlive || b.KeepAlive {
		t.Errorf("a %+v, b %+v", a, b)
	}
	redo, err := lab.Redo(s)
	if err != nil || !reflect.DeepEqual(redo.Steps[0].Set, []string{"all.load.connections=128"}) || !reflect.DeepEqual(redo.Steps[1].Set, []string{"b.load.keepalive=false"}) {
		t.Errorf("%v, %+v", err, redo)
	}
}

// What was turned since a variant got its label is known, and no more once it is as it began or is called anew.
func TestWhatWasTurned(t *testing.T) {
	p := plan("a", "b")
	p.Free = true
	f := lab.NewFold()
	f.Apply(lab.Event{Seq: 1, Run: &lab.RunEvent{Plan: p}})
	for i, c := range []struct {
		turn lab.Turn
		a, b []string
	}{
		{lab.Turn{Key: "connections", Value: 128}, []string{"load.connections=128"}, []string{"load.connections=128"}},
		{lab.Turn{Variant: "b", Key: "keepalive", Value: 0}, []string{"load.connections=128"}, []string{"load.connections=128", "load.keepalive=false"}},
		{lab.Turn{Variant: "b", Key: "connections", Value: 64}, []string{"load.connections=128"}, []string{"load.keepalive=false", "load.connections=64"}},
		{lab.Turn{Rename: "b", Label: "without"}, []string{"load.connections=128"}, nil},
		{lab.Turn{Variant: "a", Key: "connections", Value: 4}, nil, nil},
	} {
		f.Apply(lab.Event{Seq: uint64(i) + 2, Turn: &c.turn})
		if s := f.State(); !slices.Equal(s.Variants[0].Turned, c.a) || !slices.Equal(s.Variants[1].Turned, c.b) {
			t.Errorf("after %s: %v and %v", c.turn.Words(), s.Variants[0].Turned, s.Variants[1].Turned)
		}
	}
}

func TestOnlyFreeRunsAreSaved(t *testing.T) {
	p := plan("a")
	f := lab.NewFold()
	f.Apply(lab.Event{Seq: 1, Run: &lab.RunEvent{Plan: p}})
	if _, err := lab.Redo(f.State()); err == nil {
		t.Error("a measured run is no free run")
	}
	if _, err := lab.Redo(nil); err == nil {
		t.Error("nothing is no free run")
	}
}

// A free run becomes a race and is one no more; a variant gets another name. What was measured the other way does not count.
func TestAFreeRunBecomesARaceAndBack(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 10000, "b": 12000})
	events, s := freely(t, plan("a", "b"), b, map[int][]lab.Turn{
		3: {{Order: lab.Together}, {Rename: "b", Label: "the fast one"}, {Order: lab.Together}, {Rename: "z", Label: "nobody"}},
		7: {{Order: lab.Interleaved}},
	}, 12)
	race, alone := 0, 0
	for _, e := range events {
		switch {
		case e.Phase == nil || e.Phase.Phase != lab.PhaseSlice:
		case e.Phase.Together == "a b":
			race++
			alone = 0
		default:
			alone++
		}
	}
	if race == 0 || alone == 0 || s.Plan.Order != lab.Interleaved {
		t.Errorf("%d races, %d slices alone after the last, order %s", race, alone, s.Plan.Order)
	}
	if s.Variants[1].Label != "the fast one" || s.Turned != 5 || len(s.Turns) != 3 || s.Turns[0].At == 0 || !s.Turns[0].Changes("a") {
		t.Errorf("%q, %d turns: %+v", s.Variants[1].Label, s.Turned, s.Turns)
	}
	for _, want := range []string{"turn: all at once", "b is called the fast one", "it stands there already", "there is no variant z", "turn: one after the other"} {
		if !logged(s, want) {
			t.Errorf("the log does not say %q: %v", want, s.Log)
		}
	}
	for _, d := range s.Variants[0].Slices[:2] {
		if !d.Past || !d.Discarded {
			t.Errorf("slice %+v of before the race counts", d)
		}
	}
	redo, err := lab.Redo(s)
	if err != nil || redo.Order != lab.Interleaved || len(redo.Steps) != 0 || redo.Variants[1].Label != "the fast one" {
		t.Errorf("done again it is %+v, %v", redo, err)
	}
}
