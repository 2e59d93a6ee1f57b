package metric

import (
	"testing"

	"benchtop/lab/observe"
)

func TestThrottling(t *testing.T) {
	s := &Slice{Variant: "half", Usage: observe.Usage{From: 1e9, To: 3e9, Groups: []observe.GroupUsage{
		{Variant: "whole"},
		{Variant: "half", Periods: 20, Short: 15, Throttled: 3e9},
	}}}
	for name, want := range map[string]float64{"throttled_periods": 0.75, "throttled_per_second": 1.5} {
		m, _ := Lookup(name)
		if got, ok := m.Value(s); !ok || got != want {
			t.Errorf("%s is %v, %v, want %v", name, got, ok, want)
		}
		for _, other := range []string{"whole", "without"} {
			of := *s
			of.Variant = other
			if got, ok := m.Value(&of); ok {
				t.Errorf("%s of %s is %v", name, other, got)
			}
		}
	}
}
