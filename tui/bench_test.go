package tui

import (
	"context"
	"fmt"
	"testing"

	"github.com/muesli/termenv"

	"benchtop/tui/fixture"
	"benchtop/tui/theme"
)

// A frame is one View of the live screen at 120x34. Live, ten snapshots a second come and at most twenty frames are
// drawn: half of the frames show a new snapshot, for which every panel is drawn again, and the rest show what was drawn
// before.

func benchModel(tb testing.TB, variants int) (*model, *still) {
	tb.Helper()
	look, err := theme.New("dark", termenv.TrueColor)
	if err != nil {
		tb.Fatal(err)
	}
	s := newStill(fixture.Live(variants, variants-1))
	m := newModel(context.Background(), Config{Session: s}, look, theme.Block)
	m.w, m.h = 120, 34
	return m, s
}

// newFrame draws a frame of a new snapshot: nothing that hangs on the run can be taken from before.
func newFrame(tb testing.TB, m *model, s *still) {
	tb.Helper()
	next := *s.Snapshot
	next.Seq++
	s.Snapshot = &next
	m.Pull()
	if len(m.View()) == 0 {
		tb.Fatal("empty frame")
	}
}

// BenchmarkFrame draws frames of new snapshots, and the same frame again: what View costs after a message that changed
// nothing. The goal for a new snapshot is 1 ms with two variants, 2 ms and 400 allocations with four.
func BenchmarkFrame(b *testing.B) {
	for _, n := range []int{2, 4} {
		b.Run(fmt.Sprintf("new/%d", n), func(b *testing.B) {
			m, s := benchModel(b, n)
			b.ReportAllocs()
			for b.Loop() {
				newFrame(b, m, s)
			}
		})
		b.Run(fmt.Sprintf("repeated/%d", n), func(b *testing.B) {
			m, _ := benchModel(b, n)
			b.ReportAllocs()
			for b.Loop() {
				m.View()
			}
		})
	}
}

// The ceiling on allocations is held here; time is the benchmark's.
func TestFrameAllocations(t *testing.T) {
	const ceiling = 400
	for _, n := range []int{1, 2, 3, 4} {
		m, s := benchModel(t, n)
		for _, size := range [][2]int{{80, 24}, {120, 34}} {
			m.w, m.h = size[0], size[1]
			if got := testing.AllocsPerRun(20, func() { newFrame(t, m, s) }); got >= ceiling {
				t.Errorf("%d variants at %v: %.0f allocations per frame, the goal is under %d", n, size, got, ceiling)
			}
		}
	}
}

// BenchmarkVerdict draws the first page of a verdict anew, as while its pairs come in.
func BenchmarkVerdict(b *testing.B) {
	for _, n := range []int{2, 4} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			st := fixture.Answered(n)
			s := newStill(st)
			m := testModel(b, "dark", Config{Session: s})
			m.w, m.h = 120, 34
			for b.Loop() {
				newFrame(b, m, s)
			}
		})
	}
}
