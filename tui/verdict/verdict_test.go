package verdict

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/lab/stats"
	"benchtop/tui/course"
	"benchtop/tui/fixture"
	"benchtop/tui/format"
	"benchtop/tui/panel"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
	"benchtop/tui/watch"
)

func TestChaptersArePages(t *testing.T) {
	look, err := theme.New("dark", termenv.TrueColor)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 34}, {200, 50}, {100, 20}} {
		for n := 1; n <= 4; n++ {
			desk, run := &fixture.Desk{}, &watch.Run{}
			run.Attach(fixture.NewStill(fixture.Ended(n)), fixture.Predicted("two", 1.1, 3))
			run.Pull()
			v := New(desk, course.New(nil, nil), run, Claims{Text: fixture.Claim}).(*verdict)
			f := screen.Frame{W: size[0], H: size[1] - 1, Look: look, Tier: theme.Block}
			seen := map[int]bool{}
			for i := range numbered {
				fixture.Press(desk, v, string(rune('1'+i)))
				lines := v.View(f)
				fixture.Fits(t, strings.Join(lines, "\n"), f.W, f.H)
				on := v.laid[pageOf(v.laid, i)]
				if i < on.first || i >= on.first+on.n {
					t.Fatalf("%v: %d is not on its page", size, i)
				}
				for k := on.first; k < on.first+on.n; k++ {
					seen[k] = true
				}
				if on.n > 1 && strings.Contains(lines[2], " of ") {
					t.Errorf("%v with %d: page %v is longer than the screen\n%s", size, n, on, strings.Join(lines, "\n"))
				}
			}
			if len(seen) != numbered {
				t.Errorf("%v: %v", size, seen)
			}
			// Turning pages comes round.
			fixture.Press(desk, v, "1")
			for range v.laid {
				v.View(f)
				fixture.Press(desk, v, "tab")
			}
			if v.chapter != 0 {
				t.Errorf("%v: after every page one is at %d", size, v.chapter)
			}
		}
	}
}

// The screen walks the table of metrics: one that it has just got is written in its words and its unit, as a figure and as
// a counter that explains.
func TestAMetricOfTheTableIsOnTheScreen(t *testing.T) {
	toy := metric.Metric{Name: "toys", Unit: metric.Duration, Words: "time of a toy", Claim: "makes %s of toys", Lower: true}
	counter := metric.Metric{Name: "toys_per_request", Unit: metric.Plain, Words: "toys per request", Kind: metric.Mechanism, Why: 1}
	toy.In = metric.Screen
	defer metric.Register(toy)()
	defer metric.Register(counter)()
	st := fixture.Ended(2)
	for i := range st.Variants {
		st.Variants[i].Mechanism["toys_per_request"] = 0.25
		r := &st.Result.Variants[i]
		r.Mechanism = st.Variants[i].Mechanism
		r.Metrics["toys"], r.Metrics["toys_per_request"] = lab.Series{Mean: fixture.Ptr(1500.0)}, lab.Series{Mean: fixture.Ptr(0.25)}
	}
	st.Result.Comparisons[0].Metric, st.Result.Comparisons[0].Means = "toys", &[2]float64{1500, 1400}
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	p := pen{Pen: panel.Pen{Look: look, Tier: theme.Block, State: st}}
	table, why := strings.Join(p.mechanism(120), "\n"), strings.Join(p.WhyLines(&st.Variants[0], 100, 5), "\n")
	for _, want := range []string{"time of a toy", "1.50 ms", "toys per request"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table has no %q:\n%s", want, table)
		}
	}
	if !strings.Contains(why, "toys per request 0.25") {
		t.Errorf("the reasons are\n%s", why)
	}
	if _, _, text := p.VerdictText(&st.Result.Comparisons[0]); !strings.Contains(text, "more of toys") {
		t.Errorf("%q", text)
	}
	if got := format.Best("toys"); got != "Which has the least time of a toy?" {
		t.Error(got)
	}
}

// The mark of a prediction in the picture says what its sentence says.
func TestThePictureOfAPredictionAgreesWithItsSentence(t *testing.T) {
	for want, st := range map[string]*lab.State{"not scored": fixture.Undecided(), "✗ outside": fixture.Answered(2)} {
		p := &pen{Pen: panel.Pen{State: st}, said: fixture.Predicted("two", 1.5, 1.8)}
		sentence := format.Score(p.said, p.judged())
		if got := (&hero{pen: p}).outcome(); !strings.Contains(got, want) || !strings.Contains(sentence, strings.TrimPrefix(want, "✗ ")) {
			t.Errorf("%q in the picture, %q below", got, sentence)
		}
	}
}

// A comparison whose interval looks decided says why it is not.
func TestAnOpenComparisonSaysWhy(t *testing.T) {
	x := &hero{pen: &pen{Pen: panel.Pen{State: fixture.Undecided()}}}
	for want, ci := range map[string][2][2]float64{
		"": {{0.9, 1.2}, {0.8, 1.3}},
		"not decided: its 99 % interval, -2.0 to +45.0 %, includes no difference": {{1.05, 1.37}, {0.98, 1.45}},
		"less than the 2 % that": {{1.005, 1.03}, {1.001, 1.035}},
	} {
		got := x.open(&lab.Comparison{Verdict: stats.Inconclusive, CI95: &ci[0], CI99: &ci[1]})
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%v: %q, want %q", ci, got, want)
		}
	}
}

// What the first page says that is more of it stands on the page that it names.
func TestEveryWarningIsOnTheBasisPage(t *testing.T) {
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	st := fixture.Disturbed()
	st.Result.Expectations[0].Verdict = "refuted"
	p := &pen{Pen: panel.Pen{State: st, Look: look}}
	basis := strings.Join(strings.Fields(strings.Join(p.remarks(400), " ")), " ")
	x := p.heroOf(400, false)
	x.h = 400
	all := x.warnings()
	if len(all) != 3 {
		t.Fatalf("%q", all)
	}
	for k, want := range []string{"! not as the scenario expects: ", "! other programs used 61 % of a core", "! the machine's speed varied by 17.0 %" + details} {
		if got := strings.TrimRight(all[k], " "); !strings.HasPrefix(got, want) || k > 0 && got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, line := range all {
		if !strings.Contains(basis, strings.TrimPrefix(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), strings.TrimSpace(details))), "! ")) {
			t.Errorf("page 7 lacks %q", line)
		}
	}
}

// The bar names the chapters wherever their names have room, also beside the mark of a page that is longer than the screen.
func TestTheBarNamesItsChapters(t *testing.T) {
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	p := pen{Pen: panel.Pen{Look: look, State: fixture.Ended(2)}}
	laid := []leaf{{0, 1}, {1, 6}}
	for _, w := range []int{80, 90, 100, 120} {
		bar := ansi.Strip(p.chapterBar(w, laid, 0, "1 to 17 of 30 ↓"))
		for _, want := range []string{" 1 verdict ", " 3 mechanism ", " 7 basis ", "↓"} {
			if !strings.Contains(bar, want) || theme.Width(bar) != w {
				t.Errorf("%d wide: no %q in %q", w, want, bar)
			}
		}
	}
}

// What was expected of a run whose verdict is refused is not called held.
func TestNothingHeldWhereTheVerdictIsRefused(t *testing.T) {
	st := fixture.Ended(2)
	st.Result.Expectations = []lab.Expectation{{Expr: "errors(one) == 0", Verdict: "confirmed"}}
	c := &st.Result.Comparisons[0]
	c.Verdict, c.Reason = stats.Refused, "a race"
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	p := pen{Pen: panel.Pen{State: st, Look: look}}
	if text, _ := p.heldWords(false); text != "? this run does not decide it" {
		t.Error(text)
	}
}

// For which machine a decision holds stands first among the warnings, on the smallest screen too, and where they had to be
// gathered in a line.
func TestTheScopeOfADecisionIsTheFirstWarning(t *testing.T) {
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	st := fixture.Answered(2)
	st.Result.Disturbed, st.Result.Blocks = 10, 10
	st.Result.Scope = "other programs used 95 to 102 % of a core in 10 of 10 blocks: this holds for a machine as busy as that"
	st.Result.Flags = []string{"a: something else that one must know of this run before all", "10 of 10 blocks were disturbed and count: other programs used 95 to 102 % of a core"}
	st.Result.Expectations[0].Verdict = "refuted"
	for _, size := range [][2]int{{58, 14}, {78, 21}, {118, 31}, {198, 47}} {
		p := &pen{Pen: panel.Pen{State: st, Look: look, Tier: theme.Block}}
		page := p.firstPage(size[0], size[1], false)
		text := strings.Join(strings.Fields(strings.Join(page, " ")), " ")
		first := text[max(strings.Index(text, "! "), 0):]
		if !strings.HasPrefix(first, "! "+st.Result.Scope) || strings.Count(text, "as busy as that") != 1 {
			t.Errorf("%v:\n%s", size, strings.Join(page, "\n"))
		}
	}
}

// A latency is in the unit of the distributions wherever it stands.
func TestLatenciesHaveOneUnit(t *testing.T) {
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	st := fixture.Answered(2)
	for i := range st.Result.Comparisons {
		if c := &st.Result.Comparisons[i]; c.Metric == "p50" {
			c.Means = &[2]float64{304, 285}
		}
	}
	p := &pen{Pen: panel.Pen{State: st, Look: look, Tier: theme.Block}}
	unit := p.clock().Unit
	for _, page := range [][]string{p.forest(118), p.mechanism(118)} {
		text := strings.Join(page, "\n")
		if !strings.Contains(text, "0.285 "+unit) || strings.Contains(text, "285 µs") {
			t.Errorf("not in %s:\n%s", unit, text)
		}
	}
}

// Where the median of all requests stands beside a verdict that rests on means of pairs, each says which it is.
func TestEachMedianSaysWhetherAVerdictRestsOnIt(t *testing.T) {
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	p := &pen{Pen: panel.Pen{State: fixture.Answered(2), Look: look, Tier: theme.Block}}
	if text := strings.Join(p.firstPage(118, 31, false), "\n"); !strings.Contains(text, figure.OverRequests) {
		t.Errorf("the first page:\n%s", text)
	}
	if title := p.latencyChapter().title; !strings.Contains(title, figure.OverRequests) {
		t.Error(title)
	}
	if title := p.metricsChapter(118).title; !strings.Contains(title, figure.OverPairs) {
		t.Error(title)
	}
}
