package lab_test

import (
	"encoding/json"
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/lab/rehearsal"
)

// The first conclusion of which everything is confirmed is the one of the run, and the one without a case otherwise.
func TestConclusion(t *testing.T) {
	all := []lab.Conclusion{
		{When: []string{"verdict(two) == higher", "errors(two) == 0"}, Means: "more"},
		{When: []string{"verdict(two) == lower"}, Means: "less"},
		{When: []string{"verdict(two) == no_difference"}, Means: "same"},
		{When: []string{"rps(two) / rps(one) < 1.5"}, Means: "not much"},
		{Means: "cannot tell"},
	}
	with := func(s rehearsal.Script, some []lab.Conclusion, change func(*lab.Plan)) rehearsal.Script {
		s.Change = func(p *lab.Plan) {
			p.Conclusions = some
			if change != nil {
				change(p)
			}
		}
		return s
	}
	for name, test := range map[string]struct {
		script rehearsal.Script
		want   string // empty: none
	}{
		"more":                    {with(rehearsal.Script{Blocks: 6, Ratio: 1.3}, all, nil), "more"},
		"less":                    {with(rehearsal.Script{Blocks: 6, Ratio: 0.7}, all, nil), "less"},
		"the same":                {with(rehearsal.Script{Blocks: 6, Ratio: 1}, all, nil), "same"},
		"not decided, but little": {with(rehearsal.Script{Blocks: 6, Ratio: 1, Noise: 0.2}, all, nil), "not much"},
		"not decided":             {with(rehearsal.Script{Blocks: 3, Ratio: 1, Noise: 0.95}, all, nil), "cannot tell"},
		"too few blocks":          {with(rehearsal.Script{Blocks: 2, Ratio: 1.6}, all, nil), "cannot tell"},
		"the mechanism is refuted": {with(rehearsal.Script{Blocks: 6, Ratio: 1.3}, all, func(p *lab.Plan) {
			p.Mechanism = []string{"connections_per_request(two) > 0.9"}
		}), ""},
		"none holds":    {with(rehearsal.Script{Blocks: 6, Ratio: 1.6, Noise: 0.9}, all[:4], nil), ""},
		"none is there": {with(rehearsal.Script{Blocks: 6, Ratio: 1.3}, nil, nil), ""},
		"a race":        {with(rehearsal.Script{Blocks: 6, Ratio: 1.3}, all, func(p *lab.Plan) { p.Order = lab.Together }), ""},
		"a free run":    {with(rehearsal.Script{Blocks: 6, Ratio: 1.3}, all, func(p *lab.Plan) { p.Free = true }), ""},
	} {
		r := lab.FoldAll(test.script.Events()).Result
		text, err := json.Marshal(r)
		switch {
		case err != nil:
			t.Fatal(err)
		case r.Conclusion == nil && test.want != "" || r.Conclusion != nil && r.Conclusion.Means != test.want:
			t.Errorf("%s: concludes %+v, want %q; %+v", name, r.Conclusion, test.want, r.Comparisons[0])
		case strings.Contains(string(text), `"conclusion":`) != (test.want != ""):
			t.Errorf("%s: the JSON does not agree with the result", name)
		}
	}
	cut := with(rehearsal.Script{Blocks: 6, Ratio: 1.3}, all, nil).Events()
	if r := lab.FoldAll(cut[:len(cut)-1]).Result; r != nil && r.Conclusion != nil {
		t.Errorf("a run that was cut short concludes %+v", r.Conclusion)
	}
}
