package record_test

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/marks"
	"benchtop/lab/record"
	"benchtop/lab/rehearsal"
)

// hour is a run file of an hour: 720 blocks of four slices.
func hour() *record.Run {
	return &record.Run{Events: rehearsal.Script{Blocks: 720, Slice: time.Second, Trouble: true}.Events()}
}

// Wherever one scrubs to, forwards or backwards, the State is the one that the run had then.
func TestScrubbingShowsTheRunAsItWas(t *testing.T) {
	run := &record.Run{Events: rehearsal.Script{Blocks: 16, Slice: time.Second, Trouble: true}.Events()}
	total := run.Events[len(run.Events)-1].At
	const points = 25
	live := lab.NewFold()
	next := 0
	want := make([]*lab.State, points)
	for i := range want {
		for next < len(run.Events) && run.Events[next].At <= total*int64(i)/(points-1) {
			live.Apply(run.Events[next])
			next++
		}
		want[i] = live.State()
	}
	p := record.NewPlayer(run, func() time.Time { return time.Unix(0, 0) })
	p.Pause(true)
	draw := rand.New(rand.NewPCG(3, 5))
	for range 2 {
		for _, i := range draw.Perm(points) {
			p.Seek(time.Duration(total * int64(i) / (points - 1)))
			if got := p.State(); !rehearsal.Same(got, want[i]) {
				t.Fatalf("point %d: event %d, expected %d", i, got.Seq, want[i].Seq)
			}
		}
	}
}

func TestMarksOfAPlayer(t *testing.T) {
	run := &record.Run{Events: rehearsal.Script{Blocks: 1, Trouble: true}.Events()}
	p := record.NewPlayer(run, nil)
	if got, want := p.Marks(), marks.Of(run.Events); len(got) == 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// A scrub backwards by two seconds in a run of an hour, and one to a random place.
func BenchmarkScrubOfAnHour(b *testing.B) {
	p := record.NewPlayer(hour(), func() time.Time { return time.Unix(0, 0) })
	p.Pause(true)
	_, total := p.Position()
	p.Seek(total)
	p.State()
	draw := rand.New(rand.NewPCG(1, 2))
	for name, seek := range map[string]func(i int){
		"back":   func(i int) { p.Seek(total - time.Duration(i%1500+1)*2*time.Second) },
		"random": func(int) { p.Seek(time.Duration(draw.Int64N(int64(total)))) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				seek(i)
				p.State()
			}
		})
	}
}

// The first way through a run of an hour, to its end.
func BenchmarkFoldOfAnHour(b *testing.B) {
	run := hour()
	b.ReportAllocs()
	for range b.N {
		p := record.NewPlayer(run, func() time.Time { return time.Unix(0, 0) })
		_, total := p.Position()
		p.Seek(total)
		p.State()
	}
}
