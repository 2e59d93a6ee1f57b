package panel

import (
	"strings"
	"testing"

	"benchtop/lab"
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
		"2 before a turn, 1 void, 1 without a response, 1 repeated": {one},
		"before a turn, void, without a response, repeated":         {one, two},
		"": {two},
	} {
		if got := strings.Join(WhyUncounted(of), ", "); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
