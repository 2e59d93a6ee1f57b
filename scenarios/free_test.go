package scenarios

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
)

// freely folds a free run of a plan: its turns, carried out as a run does.
func freely(t *testing.T, p *lab.Plan, rounds int, asked ...lab.Turn) *lab.State {
	t.Helper()
	plan := *p
	plan.Free = true
	f := lab.NewFold()
	f.Apply(lab.Event{Seq: 1, Run: &lab.RunEvent{Plan: plan}})
	now := plan
	for _, k := range asked {
		if len(k.Set) > 0 && k.Refused == "" {
			before := now.Variants
			if err := Turn(&now, k.Set); err != nil {
				t.Fatal(err)
			}
			for i := range now.Variants {
				if !reflect.DeepEqual(now.Variants[i], before[i]) {
					k.Now = append(k.Now, now.Variants[i])
				}
			}
		}
		if k.Add != nil {
			now.Variants = append(now.Variants[:len(now.Variants):len(now.Variants)], *k.Add)
		}
		f.Apply(lab.Event{Seq: 2, At: int64(k.After), Turn: &k})
	}
	last := now.Variants[0].ID
	f.Apply(lab.Event{Seq: 3, Slice: &lab.Slice{Index: rounds, Block: rounds, Variant: last}})
	return f.State()
}

// A free run that is saved reads as the plan that was made of it, and that plan has the turns as its steps.
func TestASavedFreeRunIsTheSamePlan(t *testing.T) {
	p := parsed(t, withSteps[:strings.Index(withSteps, "steps:\n")])
	c := p.Variants[2]
	c.ID, c.Label = "c-2", "another, with 4 workers: \"copied\""
	turns := []lab.Turn{
		{After: 2300 * time.Millisecond, Set: []string{"all.load.connections=128"}},
		{After: 4 * time.Second, Set: []string{"b.workers=4", "b.engine=fasthttp"}, Restart: []string{"b"}},
		{After: 4 * time.Second, Set: []string{"a.load.model=open", "a.load.rate=2000"}},
		{After: 7100 * time.Millisecond, Add: &c},
		{After: 7100 * time.Millisecond, Set: []string{"c-2.endpoint=/wait?for=5ms", "c-2.proxy.kind=nginx", "c-2.load.think=5ms"}},
		{After: 8 * time.Second, Set: []string{"a.workers=99"}, Refused: "too many"},
		{After: 9 * time.Second, Remove: "b"},
	}
	fold := freely(t, p, 30, turns...)
	want, err := lab.Redo(fold)
	if err != nil {
		t.Fatal(err)
	}
	want.Requires = []string{"nginx"}
	name, content, err := Redo(fold)
	if err != nil || name != "steps-free.yaml" {
		t.Fatalf("%s: %v", name, err)
	}
	got := parsed(t, string(content))
	if !reflect.DeepEqual(bare(got), want) {
		t.Errorf("saved as\n%s\nit reads as\n%+v\nwant\n%+v", content, bare(got), want)
	}
	steps := []lab.Step{
		{At: turns[0].After, Set: turns[0].Set},
		{At: turns[1].After, Set: turns[1].Set},
		{At: turns[2].After, Set: turns[2].Set},
		{At: turns[3].After, Start: []string{"c-2"}},
		{At: turns[4].After, Set: turns[4].Set},
		{At: turns[6].After, Stop: []string{"b"}},
	}
	if !reflect.DeepEqual(got.Steps, steps) {
		t.Errorf("steps\n%+v\nwant\n%+v", got.Steps, steps)
	}
	if got.Blocks != 15 || got.Slice != time.Second || len(got.Variants) != 4 || got.Variants[1].Target.Workers != 2 {
		t.Errorf("the plan is %+v", got)
	}
	// Saved once more, from a free run of the saved file, it keeps its name.
	if name, _, err := Redo(freely(t, got, 4)); err != nil || name != "steps-free.yaml" {
		t.Errorf("%s: %v", name, err)
	}
}

// Without a turn the saved file measures what was looked at, with the blocks of its scenario.
func TestASavedFreeRunWithoutATurn(t *testing.T) {
	for _, id := range teachingOrder {
		f, err := Load(id)
		if err != nil {
			t.Fatal(err)
		}
		_, content, err := Redo(freely(t, f.Plan, 7))
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		p := parsed(t, string(content))
		if len(p.Steps) != 0 || p.Blocks != f.Plan.Blocks || p.Slice != f.Plan.Slice || !reflect.DeepEqual(p.Variants, f.Plan.Variants) {
			t.Errorf("%s is saved as\n%s", id, content)
		}
	}
}

// However long a free run was, its plan is one that the format takes, or it is said why not.
func TestALongFreeRunIsSaved(t *testing.T) {
	p := Blank()
	for rounds, took := range map[int]time.Duration{3: 3 * time.Second, 1700: 30 * time.Minute, 5000: 100 * time.Minute} {
		_, content, err := Redo(freely(t, p, rounds, lab.Turn{After: took, Set: []string{"a.workers=2"}}))
		if err != nil {
			t.Errorf("%d rounds: %v", rounds, err)
			continue
		}
		if got := parsed(t, string(content)); got.Counted() <= took || got.Counted() > 2*took+10*time.Second {
			t.Errorf("%d rounds of %v are saved as %v", rounds, took, got.Counted())
		}
	}
	if _, _, err := Redo(freely(t, p, 20000, lab.Turn{After: 5 * time.Hour, Set: []string{"a.workers=2"}})); err == nil || !strings.Contains(err.Error(), "2h") {
		t.Errorf("five hours are saved: %v", err)
	}
}

func TestBlank(t *testing.T) {
	p := Blank()
	if len(p.Variants) != 1 || p.Variants[0].Target.Server != "builtin" || len(Validate(p)) != 0 {
		t.Errorf("%+v", p)
	}
}
