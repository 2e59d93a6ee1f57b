package gate

import (
	"strings"
	"testing"
)

func TestJudge(t *testing.T) {
	ci := func(a, b float64) *[2]float64 { return &[2]float64{a, b} }
	for name, test := range map[string]struct {
		change Change
		want   Verdict
		reason string
	}{
		"more CPU, all beyond":     {Change{Lower: true, CI99: ci(1.06, 1.2)}, Failed, "is worse than that of"},
		"more CPU, partly beyond":  {Change{Lower: true, CI99: ci(1.04, 1.2)}, Passed, "it is not shown"},
		"more CPU, all within":     {Change{Lower: true, CI99: ci(0.97, 1.03)}, Passed, "is not worse than that of"},
		"less CPU":                 {Change{Lower: true, CI99: ci(0.5, 0.6)}, Passed, "is not worse than that of"},
		"less throughput, beyond":  {Change{CI99: ci(0.8, 0.94)}, Failed, "is worse than that of"},
		"less throughput, partly":  {Change{CI99: ci(0.8, 0.96)}, Passed, "it is not shown"},
		"more throughput":          {Change{CI99: ci(1.2, 1.4)}, Passed, "is not worse than that of"},
		"at the threshold exactly": {Change{CI99: ci(0.8, 1/1.05)}, Passed, "it is not shown"},
		"refused":                  {Change{CI99: ci(0.1, 0.2), Refused: "too many errors"}, NotJudged, "too many errors"},
		"without an interval":      {Change{}, NotJudged, "too few pairs"},
	} {
		test.change.Variant, test.change.Baseline, test.change.Metric = "new", "old", "throughput"
		if r := Judge(0.05, test.change); r.Verdict != test.want || !strings.Contains(r.Reason, test.reason) {
			t.Errorf("%s: %+v, want %s: %s", name, r, test.want, test.reason)
		}
	}
	pass, fail, none := Change{Variant: "p", CI99: ci(1, 1)}, Change{Variant: "f", CI99: ci(0.5, 0.6)}, Change{Variant: "n"}
	for _, test := range []struct {
		changes []Change
		want    string
	}{{[]Change{pass, none}, "n"}, {[]Change{none, fail, pass}, "f"}, {[]Change{pass, pass}, "p"}, {nil, ""}} {
		if r := Judge(0.05, test.changes...); r.Variant != test.want {
			t.Errorf("%v: %+v", test.changes, r)
		}
	}
}
