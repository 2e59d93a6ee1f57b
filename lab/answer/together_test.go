package answer

import (
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/lab/pooled"
	"benchtop/lab/stats"
)

// A class whose machines hardly differ is not told that they do, however exactly each is measured.
func TestSpreadSaysHowFarMachinesDiffer(t *testing.T) {
	of := Asked{Metric: "rps", Variant: "four", Baseline: "one", Smallest: 0.05}
	for _, c := range []struct {
		all  pooled.Result
		want string
	}{
		{pooled.Result{Tau: 0.015, Each: [2]float64{0.006, 0.006}, I2: 0.84, P: 0.001}, "The machines differ from each other by about 1.5 %, less than the 5 % that count; each is typically measured to about 0.6 %."},
		{pooled.Result{Tau: 0.2, Each: [2]float64{0.01, 0.013}, Depends: true}, "It depends on the machine: the machines differ from each other by about 22.1 %, and each is typically measured to about 1.0 to 1.3 %."},
		{pooled.Result{Tau: 0.1, Each: [2]float64{0.1, 0.1}, P: 0.3}, "The machines may differ from each other by about 10.5 %; that can still be chance, as each is typically measured to about 10.5 %."},
		{pooled.Result{Tau: 0, Each: [2]float64{0.02, 0.02}}, "The machines agree: they differ by no more than measuring explains, and each is typically measured to about 2.0 %."},
	} {
		c.all.Ratio, c.all.CI95, c.all.Verdict = 3.8, stats.Interval{3.7, 3.9}, stats.Higher
		got := All(of, &c.all)
		if text := strings.ReplaceAll(got.Spread, "\u00a0", " "); text != c.want {
			t.Errorf("%q, want %q", text, c.want)
		}
		if got.Badge != Decided || got.Depends != c.all.Depends || got.Next != "" || !strings.Contains(got.Sentence, "95\u00a0%\u00a0CI\u00a03.70x\u00a0to\u00a03.90x") {
			t.Errorf("%+v", got)
		}
	}
}

// What follows is what the lesson says of the verdict of all; nothing where its first conclusion depends on more.
func TestMeaningOfAllTogether(t *testing.T) {
	of := Asked{Metric: "rps", Variant: "b", Baseline: "a", Conclusions: []lab.Conclusion{
		{When: []string{"verdict(b) == higher", "p99(b) > 10ms"}, Means: "more, and slow"},
		{When: []string{"verdict(b) == lower"}, Means: "less"},
		{When: []string{"verdict(c) == higher"}, Means: "another"},
		{Means: "cannot tell"},
	}}
	for v, want := range map[stats.Verdict]string{stats.Higher: "", stats.Lower: "less", stats.NoDifference: "", stats.Refused: ""} {
		got := ""
		if c := Meaning(of, v); c != nil {
			got = c.Means
		}
		if got != want {
			t.Errorf("%s: %q, want %q", v, got, want)
		}
	}
	of.Conclusions = of.Conclusions[3:]
	if c := Meaning(of, stats.Inconclusive); c == nil || c.Means != "cannot tell" {
		t.Errorf("otherwise: %+v", c)
	}
}

func TestCaseInWords(t *testing.T) {
	of := Asked{Metric: "rps", Baseline: "one"}
	for line, want := range map[string]string{
		"verdict(four) == higher":        "throughput of four: higher than of one",
		"verdict(four) == no_difference": "throughput of four: no difference from one that counts",
		"errors(one) == 0":               "errors(one) == 0",
	} {
		if got := Case(line, of); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
