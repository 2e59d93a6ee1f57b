package marks_test

import (
	"slices"
	"testing"

	"benchtop/lab/marks"
	"benchtop/lab/rehearsal"
)

func TestMarks(t *testing.T) {
	events := rehearsal.Script{Blocks: 2, Slice: 500e6, Trouble: true}.Events()
	var texts []string
	last, parts := int64(-1), 0
	for _, m := range marks.Of(events) {
		if m.At < last {
			t.Errorf("%q at %d lies before %d", m.Text, m.At, last)
		}
		last = m.At
		if m.Slice {
			parts++
			continue
		}
		texts = append(texts, m.Text)
	}
	want := []string{
		"warm-up of one", "warm-up of two", "measuring begins, on one", "two: worker 1100: killed", "two: worker 1101 replaces one that is gone",
		"slice 2 of two does not count: a worker died", "block 1 runs again: a worker died", "the targets stop", "run complete",
	}
	if !slices.Equal(texts, want) {
		t.Errorf("%q", texts)
	}
	if parts != 11 { // three blocks of four, the first of which begins the measuring
		t.Errorf("%d slices", parts)
	}
}
