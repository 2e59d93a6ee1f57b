package panel

import (
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/rehearsal"
	"benchtop/tui/theme"

	"github.com/muesli/termenv"
)

// Every slice that does not count has its reason.
func TestWhySlicesDoNotCount(t *testing.T) {
	value := 1000.0
	one := lab.VariantState{Slices: []lab.SliceDot{
		{Past: true, Discarded: true}, // the place of one that was not there yet
		{Index: 1, Value: &value, Past: true, Discarded: true},
		{Index: 2, Value: &value, Past: true, Discarded: true},
		{Index: 3, Value: &value},
		{Index: 4, Value: &value, Void: "a worker died", Discarded: true},
		{Index: 5, Value: &value, Discarded: true},
		{Index: 6},
	}}
	two := lab.VariantState{Slices: []lab.SliceDot{{Index: 7, Value: &value, Dirty: []string{"steal"}}}}
	for want, of := range map[string][]lab.VariantState{
		"before a turn, void, without a response, repeated": {one, two},
		"": {two},
	} {
		if got := strings.Join(WhyUncounted(of), ", "); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, c := range []struct {
		of   lab.VariantState
		room int
		want string
	}{
		{one, 80, "1 of 6 count: 2 before a turn, 1 void, 1 without a response, 1 repeated"},
		{one, 40, "1 of 6 count"},
		{two, 80, "1 of 1 count"},
		{lab.VariantState{}, 80, "0 of 0 count"},
	} {
		if got := countWords(&c.of, c.room); got != c.want {
			t.Errorf("%q in %d cells, want %q", got, c.room, c.want)
		}
	}
}

// A run that takes longer than it was planned to says why.
func TestRepeatedBlocksExplainTheTimeLeft(t *testing.T) {
	st := lab.FoldAll(rehearsal.Script{Blocks: 6, Trouble: true}.Events())
	if st.Repeated == 0 {
		t.Fatal("no block was repeated")
	}
	events := rehearsal.Script{Blocks: 6, Trouble: true}.Events()
	for k := range events {
		if events[k].Block == nil || events[k].Block.Outcome != lab.BlockRepeated {
			continue
		}
		before, after := lab.FoldAll(events[:k]), lab.FoldAll(events[:k+2])
		extra := after.Extra.Blocks
		if grown := after.Total - before.Total; before.Extra.Blocks != 0 || extra <= 0 || grown < extra/2 || grown > 2*extra {
			t.Errorf("%v more in all, of which %v are explained", grown, extra)
		}
		if got := Longer(after, 60); !strings.HasSuffix(got, " of it for 1 repeated block") || Longer(before, 60) != "" {
			t.Errorf("%q, before that %q", got, Longer(before, 60))
		}
		return
	}
}

// Every cause is named where there is room for it, and the longest one where there is little.
func TestEveryCauseOfDelayIsNamed(t *testing.T) {
	st := &lab.State{Repeated: 2, Extra: lab.Extra{
		Blocks: 11 * time.Second, Warmups: 3 * time.Second, Settling: 62 * time.Second, Turns: 5 * time.Second, Rewarmed: 1,
	}}
	for _, c := range []struct {
		w    int
		want string
	}{
		{120, "+1:21: longer settling, 2 repeated blocks, turned settings, 1 repeated warm-up"},
		{150, "1:02 of it for longer settling, 0:11 of it for 2 repeated blocks, 0:05 of it for turned settings, 0:03 of it for 1 repeated warm-up"},
		{60, "+1:21: settling, 2 blocks, turns, warm-up"},
		{38, "+settling, +2 blocks, +turns, +warm-up"},
		{12, "+settling"},
		{4, ""},
	} {
		if got := Longer(st, c.w); got != c.want {
			t.Errorf("in %d cells %q, want %q", c.w, got, c.want)
		}
	}
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []lab.Extra{{Blocks: time.Second}, {Warmups: time.Second, Rewarmed: 1}, {Settling: time.Second}, {Turns: time.Second}} {
		p := Pen{Look: look, State: &lab.State{Plan: &lab.Plan{Blocks: 12}, Repeated: 1, Extra: one, Progress: 0.4, Left: 83 * time.Second, Total: 100 * time.Second}}
		p.State.Phase = lab.PhaseEvent{Phase: lab.PhaseSlice, Variant: "keep-alive", Block: 10, Index: 40}
		for _, w := range []int{60, 80, 120} {
			if line := p.Progress(w); !strings.Contains(line, ", +") && !strings.Contains(line, "of it for") {
				t.Errorf("%d columns do not say why: %q", w, line)
			}
		}
	}
	if got := Longer(&lab.State{Extra: lab.Extra{Settling: time.Second / 10}}, 60); got != "" {
		t.Errorf("a tenth of a second is explained: %q", got)
	}
}

// A state is never cut: a shorter one is another word.
func TestShortStatesAreWords(t *testing.T) {
	for _, short := range []map[string]string{ShortStatus, briefStates} {
		for whole, brief := range short {
			if strings.HasPrefix(whole, brief) || len(brief) >= len(whole) {
				t.Errorf("%q for %q", brief, whole)
			}
		}
	}
}
