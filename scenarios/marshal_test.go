package scenarios

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
)

// bare is a plan without what its file alone decides.
func bare(p *lab.Plan) *lab.Plan {
	c := *p
	c.SHA256, c.Source = "", ""
	return &c
}

// A plan that is written and read again is the same plan.
func TestWrittenPlansReadTheSame(t *testing.T) {
	plans := map[string]*lab.Plan{"every key": parsed(t, everyKey), "steps": parsed(t, withSteps)}
	for _, id := range teachingOrder {
		f, err := Load(id)
		if err != nil {
			t.Fatal(err)
		}
		plans[id] = f.Plan
	}
	for name, p := range plans {
		t.Run(name, func(t *testing.T) {
			out, err := Marshal(p)
			if err != nil {
				t.Fatalf("%v", err)
			}
			again := parsed(t, string(out))
			if !reflect.DeepEqual(bare(again), bare(p)) {
				t.Errorf("written as\n%s\nit reads as\n%+v\nwant\n%+v", out, bare(again), bare(p))
			}
			for _, line := range strings.Split(string(out), "\n") {
				if strings.TrimRight(line, " ") != line {
					t.Errorf("blanks at the end of %q", line)
				}
			}
		})
	}
}

const withSteps = `benchtop: 1
id: steps
title: What changes is a step
target: {server: builtin, endpoint: "/work?units=10"}
variants: [{id: a}, {id: b, workers: 2}, {id: c, workers: 4, proxy: {keepalive: 8}}]
load: {model: closed, connections: 8}
plan: {blocks: 10}
steps:
  - {at: 2.5s, set: {a.workers: 3, all.load.connections: 32, b.load.keepalive: false, a.engine: fasthttp}}
  - {at: 2.5s, set: {b.load.model: open, b.load.rate: 1500.5}}
  - {at: 10s, start: [c], set: {c.proxy: "off"}}
  - {at: 1m5s, set: {c.endpoint: "/wait?for=5ms", a.keepalive_timeout: 5s}, stop: [b]}
`

func TestSteps(t *testing.T) {
	p := parsed(t, withSteps)
	want := []lab.Step{
		{At: 2500 * time.Millisecond, Set: []string{"a.workers=3", "all.load.connections=32", "b.load.keepalive=false", "a.engine=fasthttp"}},
		{At: 2500 * time.Millisecond, Set: []string{"b.load.model=open", "b.load.rate=1500.5"}},
		{At: 10 * time.Second, Start: []string{"c"}, Set: []string{"c.proxy=off"}},
		{At: 65 * time.Second, Set: []string{"c.endpoint=/wait?for=5ms", "a.keepalive_timeout=5s"}, Stop: []string{"b"}},
	}
	if !reflect.DeepEqual(p.Steps, want) {
		t.Errorf("steps\n%+v\nwant\n%+v", p.Steps, want)
	}
	if p.Variants[0].Target.Workers != 1 || p.Variants[0].Load.Connections != 8 {
		t.Error("the variants are as they begin")
	}
	if open := p.Opening(); len(open) != 2 || open[0].ID != "a" || open[1].ID != "b" {
		t.Errorf("there from the beginning: %v", open)
	}
}

// A setting of the command line that takes a step's ground away is refused, as is a step that the flags cut off.
func TestStepsAreHeldAgainstTheFlags(t *testing.T) {
	p := parsed(t, withSteps)
	if err := Apply(p, []string{"b.load.connections=4"}); err != nil {
		t.Error(err)
	}
	p.Blocks = 2
	if problems := Validate(p); len(problems) != 1 || !strings.Contains(problems[0].Msg, "the step comes at 1m5s") {
		t.Errorf("problems: %v", problems)
	}
	p.Blocks = 10
	p.Resize(2, 700*time.Millisecond)
	if problems := Validate(p); len(problems) != 0 || p.Steps[3].At < 5*p.Steps[2].At || p.Steps[3].At > 8*p.Steps[2].At {
		t.Errorf("shortened: %v, %v", problems, p.Steps)
	}
}

func TestTurn(t *testing.T) {
	p := parsed(t, good)
	if err := Turn(p, []string{"all.load.connections=5", "b.workers=3"}); err != nil || p.Variants[0].Load.Connections != 5 || p.Variants[1].Target.Workers != 3 {
		t.Errorf("%v, %+v", err, p.Variants)
	}
	err := Turn(p, []string{"all.workers=65"})
	if err == nil || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "workers is 65; allowed: a whole number from 1 to 64") {
		t.Errorf("%v", err)
	}
}
