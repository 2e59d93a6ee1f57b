package lab_test

import (
	"context"
	"math"
	"reflect"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
)

// Stages are driven in every slice, whose window they are; the warm-up goes at their mean rate.
func TestStagesAreTheWindow(t *testing.T) {
	t.Parallel()
	p := plan("a", "b")
	stages := load.Stages{{For: 10 * time.Millisecond, Rate: 1000, To: 1000}, {For: 20 * time.Millisecond, Rate: 1000, To: 4000}}
	p.Blocks, p.Slice = 1, stages.Total()
	p.Variants[1].Load = lab.Load{Model: load.Open, Connections: 4, KeepAlive: true, Timeout: time.Second, Stages: stages, Arrivals: load.Poisson}
	b := newBench(map[string]float64{"a": 10000, "b": 2000})
	b.noise = 0
	carryOut(t, context.Background(), p, b)
	warm, counted := 0, 0
	seeds := map[uint64]bool{}
	for _, s := range b.seen {
		if err := s.Check(); err != nil {
			t.Errorf("slice %d: %v", s.ID, err)
		}
		switch {
		case s.Model != load.Open:
		case s.Window == p.Warmup:
			warm++
			if s.Stages != nil || math.Abs(s.Rate-2000) > 1e-9 {
				t.Errorf("the warm-up goes at %v, stages %v", s.Rate, s.Stages)
			}
		default:
			counted++
			seeds[s.Seed] = true
			if !reflect.DeepEqual(s.Stages, stages) || s.Window != stages.Total() || s.Rate != 0 || s.Arrivals != load.Poisson {
				t.Errorf("a slice of %v at %v, stages %v, %s", s.Window, s.Rate, s.Stages, s.Arrivals)
			}
		}
	}
	if warm != 1 || counted < 2 || len(seeds) != counted {
		t.Errorf("%d warm-ups, %d slices with %d seeds", warm, counted, len(seeds))
	}
}

func TestTheOfferedRateIsLive(t *testing.T) {
	p := plan("a")
	f := lab.NewFold()
	f.Apply(lab.Event{Seq: 1, Run: &lab.RunEvent{Plan: p}})
	row := lab.Interval{Variant: "a", Row: load.Row{From: 0, To: 250e6, Phase: "window", Offered: 2000}}
	f.Apply(lab.Event{Seq: 2, Interval: &row})
	v := &f.State().Variants[0]
	if v.Now.Offered == nil || *v.Now.Offered != 2000 || v.Points[0].Offered != 2000 {
		t.Errorf("now %v, point %v", v.Now.Offered, v.Points[0])
	}
	row.Offered = 0
	f.Apply(lab.Event{Seq: 3, Interval: &row})
	if now := f.State().Variants[0].Now.Offered; now != nil {
		t.Errorf("a closed row offers %v", *now)
	}
	turn := lab.Turn{Key: "rate", Value: 700}
	p.Variants[0].Load.Model, p.Variants[0].Load.Stages = load.Open, load.Stages{{For: time.Second, Rate: 1, To: 1}}
	f = lab.NewFold()
	f.Apply(lab.Event{Seq: 1, Run: &lab.RunEvent{Plan: p}})
	f.Apply(lab.Event{Seq: 2, Turn: &turn})
	if l := f.State().Variants[0].Load; l.Rate != 700 || l.Stages != nil {
		t.Errorf("a turned rate leaves %+v", l)
	}
}
