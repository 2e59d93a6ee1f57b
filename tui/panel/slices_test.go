package panel

import (
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/lab/rehearsal"
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
		if grown := after.Total - before.Total; before.Extra != 0 || after.Extra <= 0 || grown < after.Extra/2 || grown > 2*after.Extra {
			t.Errorf("%v more in all, of which %v are explained", grown, after.Extra)
		}
		if got := Repeats(after); !strings.HasSuffix(got, " of it for 1 repeated block") || Repeats(before) != "" {
			t.Errorf("%q, before that %q", got, Repeats(before))
		}
		return
	}
}
