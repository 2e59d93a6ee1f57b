package tui

import (
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/lab/metric"
	"benchtop/lab/progress"
	"benchtop/tui/format"
	"benchtop/tui/theme"
)

// What was predicted, and how it turned out, in words.
func TestPredicted(t *testing.T) {
	name := func(id string) string { return map[string]string{"one": "A", "two": "B", "four": "C"}[id] }
	ci := &[2]float64{1.1, 1.2}
	for _, c := range []struct {
		p    *progress.Prediction
		o    progress.Outcome
		want []string
	}{
		{nil, progress.Outcome{}, nil},
		{&progress.Prediction{Skipped: true}, progress.Outcome{}, []string{"you predicted nothing: skipped"}},
		{
			predicted("two", 1.05, 1.4),
			progress.Outcome{Winner: progress.GuessRight, Best: []string{"two"}, Measured: ptr(1.15), CI95: ci, Covered: true, Score: ptr(0.29)},
			[]string{"B is best in throughput: right", "+5 to +40 % for B against A; measured +15.0 %: inside, a good range (score 0.29, 0 is perfect)"},
		},
		{
			predicted("two", 1.14, 1.16),
			progress.Outcome{Winner: progress.GuessShared, Best: []string{"two", "four"}, Measured: ptr(1.15), CI95: ci, Covered: true, Score: ptr(0.02)},
			[]string{"right, but there is no difference that counts between B and C", "measured +15.0 %, known to +10 to +20 % only: inside, a sharp range"},
		},
		{
			predicted("=", 0.5, 2),
			progress.Outcome{Winner: progress.GuessWrong, Best: []string{"two"}, Measured: ptr(1.15), CI95: ci, Covered: true, Score: ptr(1.39)},
			[]string{"no variant differs in throughput by what counts: wrong, B is", "-50 % to 2x for B against A; measured +15.0 %: inside, a very wide range"},
		},
		{
			predicted("two", 0.2, 0.4),
			progress.Outcome{Winner: progress.GuessWrong, Best: []string{"="}, Measured: ptr(1.0), CI95: &[2]float64{0.99, 1.01}, Score: ptr(9.8)},
			[]string{"wrong, there is no difference that counts", "0.2x to 0.4x for B against A; measured +0.0 %: outside by a factor of 2.5"},
		},
		{
			predicted("one", 1.2, 1.3),
			progress.Outcome{Winner: progress.GuessOpen, Reason: "the verdict is refused"},
			[]string{"A is best in throughput: not decided", "not scored: the verdict is refused"},
		},
		{
			predicted("one", 1.2, 1.3),
			progress.Outcome{Winner: progress.GuessWrong, Best: []string{"two", "four"}, Measured: ptr(1.15), CI95: ci, Score: ptr(0.5)},
			[]string{"wrong, B and C are", "measured +15.0 %, known to +10 to +20 % only: outside by 4.3 %"},
		},
	} {
		got := format.Predicted(c.p, &c.o, name)
		if len(got) != len(c.want) {
			t.Errorf("%+v: %q", c.p, got)
			continue
		}
		for i := range got {
			if !strings.Contains(got[i], c.want[i]) {
				t.Errorf("%q, want %q", got[i], c.want[i])
			}
		}
	}
}

func TestChaptersArePages(t *testing.T) {
	for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 34}, {200, 50}, {100, 20}} {
		for n := 1; n <= 4; n++ {
			m := whyOf(t, "dark", ended(n), predicted("two", 1.1, 3), 0)
			m.w, m.h = size[0], size[1]
			seen := map[int]bool{}
			for i := range numbered {
				settle(m, runes(string(rune('1'+i))))
				view := plainView(m, size[0], size[1])
				on := m.laid[pageOf(m.laid, i)]
				if i < on.first || i >= on.first+on.n {
					t.Fatalf("%v: %d is not on its page", size, i)
				}
				for k := on.first; k < on.first+on.n; k++ {
					seen[k] = true
				}
				if on.n > 1 && size[1]-4 < len(m.cache[panelName{what: "why"}].lines) {
					t.Errorf("%v with %d: page %v is %d lines long\n%s", size, n, on, len(m.cache[panelName{what: "why"}].lines), view)
				}
			}
			if len(seen) != numbered {
				t.Errorf("%v: %v", size, seen)
			}
			// Turning pages comes round.
			settle(m, runes("1"))
			m.View()
			for range m.laid {
				settle(m, keyTab)
				m.View()
			}
			if m.chapter != 0 {
				t.Errorf("%v: after every page one is at %d", size, m.chapter)
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
	st := ended(2)
	for i := range st.Variants {
		st.Variants[i].Mechanism["toys_per_request"] = 0.25
		r := &st.Result.Variants[i]
		r.Mechanism = st.Variants[i].Mechanism
		r.Metrics["toys"], r.Metrics["toys_per_request"] = lab.Series{Mean: ptr(1500.0)}, lab.Series{Mean: ptr(0.25)}
	}
	st.Result.Comparisons[0].Metric = "toys"
	p := pen{look: testModel(t, "mono", Config{}).look, tier: theme.Block, st: st}
	table, why := strings.Join(p.mechanism(120), "\n"), strings.Join(p.whyLines(&st.Variants[0], 100, 5), "\n")
	for _, want := range []string{"time of a toy", "1.50 ms", "toys per request"} {
		if !strings.Contains(table, want) {
			t.Errorf("the table has no %q:\n%s", want, table)
		}
	}
	if !strings.Contains(why, "toys per request 0.25") {
		t.Errorf("the reasons are\n%s", why)
	}
	if _, _, text := p.verdictText(&st.Result.Comparisons[0]); !strings.Contains(text, "more of toys") {
		t.Errorf("%q", text)
	}
	if got := format.Best("toys"); got != "Which has the least time of a toy?" {
		t.Error(got)
	}
}

// A proxy and a service have a CPU line of their own, and their processes stand behind the server's.
func TestThePartsOfATargetStandApart(t *testing.T) {
	st := ended(1)
	v := &st.Variants[0]
	v.Parts = []lab.PartState{{Name: "proxy", CPU: 61, PerRequest: ptr(43.0)}, {Name: "db", CPU: 17, PerRequest: ptr(9.5)}}
	service := lab.ProcState{State: "serving"}
	service.PID, service.Role, service.Part = 4711, "worker", "db"
	v.Procs = append([]lab.ProcState{service}, v.Procs...)
	p := pen{look: testModel(t, "mono", Config{}).look, tier: theme.Block, st: st}
	p.sc.cpu = 100
	lines := p.cpu(0, 80, 3)
	for k, want := range [][2]string{{"target", "109"}, {"proxy", "43.0"}, {"db", "9.50"}} {
		if k >= len(lines) || !strings.Contains(lines[k], want[0]) || !strings.Contains(lines[k], want[1]) {
			t.Fatalf("line %d of %q has no %q", k, lines, want)
		}
	}
	if got := p.cpu(0, 80, 2); len(got) != 2 {
		t.Errorf("in two rows there are %d", len(got))
	}
	table := p.workers(v, 80, 20)
	if last := table[len(table)-1]; !strings.Contains(last, "4711") || !strings.Contains(last, "db") {
		t.Errorf("the last process is %q", last)
	}
}
