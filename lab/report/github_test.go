package report

import (
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/gate"
	"benchtop/lab/stats"
)

// pullRequest is the result of a run whose texts try to be Markdown and workflow commands.
func pullRequest() *lab.Result {
	ratio, floor := 0.8, 0.02
	return &lab.Result{
		Scenario: lab.ScenarioRef{ID: "ab", Title: "new <b>against</b> old\n::error::planted"}, Started: time.Unix(0, 0), Complete: true, Ended: lab.EndComplete,
		Metric: "rps", Smallest: 0.02, Blocks: 60, NoiseFloor: &floor, Again: "benchtop ab main HEAD --run './```server {port}'",
		Flags: []string{"100 % of\nit\r::error::planted", "two", "three", "four", "five", "six"},
		Comparisons: []lab.Comparison{{
			Metric: "rps", Primary: true, Variant: "new", Baseline: "old", Ratio: &ratio, Pairs: 120, Verdict: stats.Lower,
			CI95: &[2]float64{0.78, 0.82}, CI99: &[2]float64{0.77, 0.83}, Means: &[2]float64{800, 1000},
		}},
	}
}

func TestGitHub(t *testing.T) {
	for name, test := range map[string]struct {
		change     func(*lab.Result)
		annotation string
		summary    []string
	}{
		"slower": {func(*lab.Result) {}, "::warning title=benchtop::new serves 20.0 %25 less than old\n", []string{"## DECIDED: new serves 20.0 % less than old\n", "| -22.0 to -18.0 % | 120 |"}},
		"faster": {func(r *lab.Result) { *r.Comparisons[0].Ratio, r.Comparisons[0].Verdict = 1.2, stats.Higher }, "::notice title=benchtop::new serves", nil},
		"failed": {
			func(r *lab.Result) {
				r.Gate = &gate.Result{Verdict: gate.Failed, Reason: "it is worse by more than 5 %"}
			},
			"::error title=benchtop::gate FAILED: it is worse by more than 5 %25\n",
			[]string{"**gate FAILED: it is worse by more than 5 %**"},
		},
		"passed":     {func(r *lab.Result) { r.Gate = &gate.Result{Verdict: gate.Passed, Reason: "fine"} }, "::notice title=benchtop::gate passed: fine\n", nil},
		"not judged": {func(r *lab.Result) { r.Gate = &gate.Result{Verdict: gate.NotJudged, Reason: "busy"} }, "::warning title=benchtop::gate not judged: busy\n", nil},
		"refused":    {func(r *lab.Result) { r.Comparisons[0].Verdict = stats.Refused }, "::warning title=benchtop::no verdict", []string{"## REFUSED"}},
		"broken": {
			func(r *lab.Result) {
				r.Comparisons, r.Complete, r.Ended, r.Reason = nil, false, lab.EndFailed, "no database"
			},
			"::error title=benchtop::the run did not come to its end: no database\n",
			[]string{"## REFUSED: the run did not come to its end"},
		},
	} {
		r := pullRequest()
		test.change(r)
		var lines, summary strings.Builder
		if err := GitHubAnnotations(&lines, r); err != nil {
			t.Fatal(err)
		}
		if err := GitHubSummary(&summary, r); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(lines.String(), test.annotation) {
			t.Errorf("%s: annotations\n%s", name, &lines)
		}
		if n := strings.Count(lines.String(), "\n"); n != 1+mostAnnotated || strings.Count("\n"+lines.String(), "\n::") != n || strings.Contains(lines.String(), "\r") {
			t.Errorf("%s: %d annotations\n%s", name, n, &lines)
		}
		for _, want := range append(test.summary, "&lt;b&gt;", "````\nbenchtop ab main HEAD --run './```server {port}'\n````\n", "- two\n") {
			if !strings.Contains(summary.String(), want) {
				t.Errorf("%s: the summary has no %q\n%s", name, want, &summary)
			}
		}
		if strings.ContainsAny(summary.String(), "\r") || strings.Contains(summary.String(), "\n::") {
			t.Errorf("%s: the summary has a command\n%s", name, &summary)
		}
	}
}
