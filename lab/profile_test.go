package lab_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/profile"
	"benchtop/lab/profile/take"
)

func made(stack string, samples int64) *profile.Profile {
	return &profile.Profile{
		Tool: profile.Perf, Seconds: 1, Period: 2000, Samples: samples, Stacks: []string{stack + " " + strconv.FormatInt(samples, 10)},
		Missed: []string{"something"},
	}
}

// Each variant is profiled under its load after everything that counts, at its own port, and nothing that counts knows of it.
func TestAProfileIsTakenAfterWhatCounts(t *testing.T) {
	t.Parallel()
	b := newBench(map[string]float64{"a": 10000, "b": 12000})
	var wishes []take.Wish
	b.take = func(_ context.Context, w take.Wish) *profile.Profile {
		wishes = append(wishes, w)
		return made("main;work", int64(100*len(wishes)))
	}
	p := plan("a", "b")
	p.Profile = &profile.Plan{For: 20 * time.Millisecond, URL: "http://127.0.0.1:{port}/"}
	events, r := carryOut(t, context.Background(), p, b)
	if !r.Complete || len(wishes) != 2 {
		t.Fatalf("%s %s, %d profiles", r.Ended, r.Reason, len(wishes))
	}
	for _, w := range wishes {
		if b.targets["127.0.0.1:"+w.Port] == nil || len(w.Processes) != 1 || w.Plan != *p.Profile {
			t.Errorf("%+v", w)
		}
	}
	last, profiled := 0, 0
	for i, e := range events {
		switch {
		case e.Slice != nil && !e.Slice.Warmup:
			if last = i; profiled > 0 {
				t.Error("a slice that counts comes after a profile")
			}
		case e.Profile != nil:
			if profiled++; e.Check() != nil || e.Kind != lab.KindProfile {
				t.Errorf("%+v: %v", e.Profile, e.Check())
			}
		}
	}
	if last == 0 || profiled != 2 || len(r.Order) != len(r.Variants[0].RPS.Slices)+len(r.Variants[1].RPS.Slices) {
		t.Errorf("last slice %d, %d profiles, order %v", last, profiled, r.Order)
	}
	if a, b := r.Variants[0].Profile, r.Variants[1].Profile; a == nil || b == nil || a.Samples != 100 || b.Samples != 200 || len(r.Profiles) != 1 || r.Profiles[0].Variant != "b" {
		t.Errorf("%+v, %+v, %+v", a, b, r.Profiles)
	}
	if text := strings.Join(r.Flags, "\n"); strings.Contains(text, "something") {
		t.Errorf("what a profile missed is a flag of the figures: %s", text)
	}
	fold := lab.NewFold()
	for _, e := range events {
		fold.Apply(fromFile(t, e))
	}
	want, _ := json.Marshal(r)
	if got, _ := json.Marshal(fold.Result()); !bytes.Equal(want, got) {
		t.Errorf("from the file:\n%s\nlive:\n%s", got, want)
	}
}

// A run that is ended while it is profiled is complete: what counts was measured.
func TestARunThatEndsInItsProfileIsComplete(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	b := newBench(map[string]float64{"a": 10000, "b": 10000})
	b.take = func(ctx context.Context, _ take.Wish) *profile.Profile {
		cancel()
		<-ctx.Done()
		return &profile.Profile{Missed: []string{ctx.Err().Error()}}
	}
	p := plan("a", "b")
	p.Profile = &profile.Plan{For: 20 * time.Millisecond}
	_, r := carryOut(t, ctx, p, b)
	if !r.Complete || r.Variants[0].Profile == nil || r.Variants[1].Profile != nil || r.Profiles[0].Reason == "" {
		t.Errorf("%s: %s, %+v, %+v", r.Ended, r.Reason, r.Variants[0].Profile, r.Profiles[0])
	}
}

// A file from a stranger does not get in with a profile that no run has.
func TestProfilesThatNoRunHas(t *testing.T) {
	for name, alter := range map[string]func(*profile.Profile){
		"a stack that is none":       func(p *profile.Profile) { p.Stacks[0] = "main" },
		"samples that are not there": func(p *profile.Profile) { p.Samples++ },
		"fewer than none":            func(p *profile.Profile) { p.Stacks[0] = "main -5" },
		"too many stacks":            func(p *profile.Profile) { p.Stacks = make([]string, 5000) },
		"too deep":                   func(p *profile.Profile) { p.Stacks[0] = strings.Repeat("f;", 500) + "f 5" },
	} {
		p := made("main;work", 5)
		e := lab.Event{Kind: lab.KindProfile, Profile: &lab.ProfileEvent{Variant: "a", Profile: *p}}
		if err := e.Check(); err != nil {
			t.Fatal(err)
		}
		alter(&e.Profile.Profile)
		if e.Check() == nil {
			t.Errorf("%s passes", name)
		}
	}
}
