package lab_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"benchtop/lab"
	"benchtop/lab/rehearsal"
)

func asJSON(t *testing.T, st *lab.State) string {
	t.Helper()
	b, err := json.Marshal(st.Result)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A clone made anywhere in a run ends like the run itself, and the original does not notice the clone.
func TestACloneGoesOnLikeTheFold(t *testing.T) {
	events := rehearsal.Script{Blocks: 2, Slice: 500e6, Trouble: true}.Events()
	want := lab.FoldAll(events)
	for cut := 0; cut <= len(events); cut += 7 {
		f := lab.NewFold()
		for _, e := range events[:cut] {
			f.Apply(e)
		}
		before := f.State()
		points := 0
		for i := range before.Variants {
			points += len(before.Variants[i].Points)
		}
		c := f.Clone()
		if !rehearsal.Same(c.State(), before) {
			t.Fatalf("cut at %d: the clone begins elsewhere", cut)
		}
		for _, e := range events[cut:] {
			c.Apply(e)
		}
		if got := c.State(); !rehearsal.Same(got, want) || asJSON(t, got) != asJSON(t, want) {
			t.Fatalf("cut at %d: the clone ends elsewhere", cut)
		}
		for i := range f.State().Variants {
			points -= len(f.State().Variants[i].Points)
		}
		if points != 0 || f.State().Seq != before.Seq {
			t.Fatalf("cut at %d: the original has changed", cut)
		}
		for _, e := range events[cut:] {
			f.Apply(e)
		}
		if got := f.State(); !rehearsal.Same(got, want) {
			t.Fatalf("cut at %d: the original ends elsewhere after it was cloned", cut)
		}
	}
}

// It does not matter when somebody looked at a fold, or how often.
func TestLookingChangesNothing(t *testing.T) {
	for block := 1; block <= 3; block++ { // a second block that is repeated takes the noise floor away again
		events := withTurn(rehearsal.Script{Blocks: 3, Slice: 250e6, Trouble: true, In: block}.Events())
		often := lab.NewFold()
		for i := range events {
			often.Apply(events[i])
			often.State()
			if events[i].Interval != nil || events[i].Sample != nil {
				continue
			}
			if got, want := often.State(), lab.FoldAll(events[:i+1]); !rehearsal.Same(got, want) {
				t.Fatalf("block %d, event %d (%s): who looked at every event sees something else than who looks now", block, i+1, events[i].Kind)
			}
		}
	}
}

// withTurn turns a setting straight after the sixth slice.
func withTurn(events []lab.Event) []lab.Event {
	parts := 0
	for i := range events {
		if events[i].Slice == nil {
			continue
		}
		if parts++; parts == 6 {
			turned := lab.Event{At: events[i].At, Kind: lab.KindTurn, Turn: &lab.Turn{Variant: "two", Key: "connections", Value: 32}}
			events = slices.Insert(events, i+1, turned)
			break
		}
	}
	for i := range events {
		events[i].Seq = uint64(i + 1)
	}
	return events
}

// Clone copies field by field: a new field of Fold needs a line in it.
func TestCloneKnowsEveryField(t *testing.T) {
	known := []string{"mu", "st", "all", "discard", "past", "counted", "blocks", "stale", "acc", "snapshot", "flags", "thinned", "flagged", "reasons", "advised", "sampled", "done", "spent", "warmed", "running", "begun", "longer", "rested"}
	fold := reflect.TypeFor[lab.Fold]()
	for i := range fold.NumField() {
		if name := fold.Field(i).Name; !slices.Contains(known, name) {
			t.Errorf("Fold.%s: copy it in Clone, then name it here", name)
		}
	}
}
