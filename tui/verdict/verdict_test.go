package verdict

import (
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"benchtop/lab"
	"benchtop/lab/metric"
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
			v := New(desk, course.New(nil, nil), run, fixture.Claim).(*verdict)
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
