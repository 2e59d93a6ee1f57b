package compare_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/compare"
	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/lab/observe"
	"benchtop/lab/rehearsal"
	"benchtop/lab/stats"
	"benchtop/targets"
	"benchtop/targets/builtin"
)

func rehearsed(s rehearsal.Script) *lab.State {
	if s.Blocks == 0 {
		s.Blocks = 6
	}
	s.Slice = 250 * time.Millisecond
	return lab.FoldAll(s.Events())
}

func primary(t *testing.T, v *compare.Versus) compare.Ratio {
	t.Helper()
	if len(v.Ratios) == 0 || !v.Ratios[0].Primary || v.Ratios[0].Metric != "rps" {
		t.Fatalf("the primary comparison does not come first: %+v", v.Ratios)
	}
	return v.Ratios[0]
}

func TestTwoRunsAgreeDifferOrCannotTell(t *testing.T) {
	base := rehearsal.Script{Ratio: 1.15}
	for name, test := range map[string]struct {
		second rehearsal.Script
		want   compare.Agreement
		reason string
	}{
		"the same":        {rehearsal.Script{Ratio: 1.15, Noise: 0.012}, compare.Agree, "within 2 % of 1"},
		"another effect":  {rehearsal.Script{Ratio: 1.40}, compare.Differ, "at least 2 % apart"},
		"a noisy run":     {rehearsal.Script{Ratio: 1.15, Noise: 0.3}, compare.CannotTell, "too wide"},
		"too few pairs":   {rehearsal.Script{Ratio: 1.40, Blocks: 2}, compare.CannotTell, "run 2 has 4 pairs; a decision needs at least 6"},
		"another variant": {rehearsal.Script{Ratio: 1.40, Change: func(p *lab.Plan) { p.Variants[1].Target.Workers = 4 }}, compare.CannotTell, "two is not the same in both runs: workers is 2 in run 1 and 4 in run 2"},
		"refused": {
			rehearsal.Script{Ratio: 1.40, Change: func(p *lab.Plan) { p.Mechanism = []string{"worker_share_max(two) < 0.1"} }},
			compare.CannotTell, "run 2: the mechanism did not engage",
		},
	} {
		r := primary(t, compare.Runs(rehearsed(base), rehearsed(test.second)))
		if r.Verdict != test.want || !strings.Contains(r.Reason, test.reason) {
			t.Errorf("%s: %s (%s), %v %v", name, r.Verdict, r.Reason, *r.Over, *r.CI95)
		}
	}
	for _, r := range compare.Runs(rehearsed(base), rehearsed(rehearsal.Script{Ratio: 1.4})).Ratios[1:] {
		if r.Verdict != compare.Undecided || r.Over == nil {
			t.Errorf("%s: %s", r.Metric, r.Verdict)
		}
	}
}

// The quotient of the ratios has the interval of the difference of two independent means, by Welch.
func TestTheQuotientOfTheRatios(t *testing.T) {
	a, b := rehearsed(rehearsal.Script{Ratio: 1.15}), rehearsed(rehearsal.Script{Ratio: 1.4, Blocks: 9, Noise: 0.02})
	forth, back := primary(t, compare.Runs(a, b)), primary(t, compare.Runs(b, a))
	if math.Abs(*forth.Over - *forth.Second.Ratio / *forth.First.Ratio) > 1e-12 {
		t.Errorf("%v is not %v over %v", *forth.Over, *forth.Second.Ratio, *forth.First.Ratio)
	}
	if math.Abs(*forth.Over**back.Over-1) > 1e-9 || math.Abs(forth.CI95[0]*back.CI95[1]-1) > 1e-9 {
		t.Error("it matters which run comes first")
	}
	of := func(c lab.Comparison) stats.Ratio {
		return stats.Ratio{Ratio: *c.Ratio, CI95: *c.CI95, Pairs: c.Pairs}
	}
	if want := stats.RatioOfRatios(of(forth.Second), of(forth.First)); *forth.CI95 != [2]float64(want.CI95) {
		t.Errorf("%v, want %v", *forth.CI95, want.CI95)
	}
	if *forth.Overlap {
		t.Error("intervals of +15 % and +40 % overlap")
	}
	if same := primary(t, compare.Runs(a, a)); !*same.Overlap || *same.Over != 1 {
		t.Errorf("%+v", same)
	}
}

func TestDifferencesAreSaid(t *testing.T) {
	no := false
	a := rehearsed(rehearsal.Script{})
	b := rehearsed(rehearsal.Script{
		Change: func(p *lab.Plan) {
			p.SHA256, p.Blocks, p.Warmup = "bb22", 7, 2*time.Second
			p.Variants[1].Target.Own = &builtin.Settings{Engine: "fasthttp", Concurrency: "async", Keepalive: &no}
			p.Variants[1].Target.Proxy = &targets.Proxy{Workers: 2}
			p.Variants[0].Load.Connections = 32
		},
		Machine: func(m *observe.Machine) { m.Kernel, m.Benchtop = "6.2.0", "v0.2.0" },
	})
	got := map[string][2]string{}
	for _, d := range compare.Runs(a, b).Differences {
		got[d.Area+": "+d.What] = [2]string{d.First, d.Second}
	}
	want := map[string][2]string{
		"machine: kernel": {"6.1.0", "6.2.0"}, "versions: benchtop": {"v0.1.0", "v0.2.0"}, "scenario: file, SHA-256": {"aa11", "bb22"},
		"plan: blocks": {"6", "7"}, "plan: warm-up": {"1s", "2s"}, "two: engine": {"nethttp", "fasthttp"}, "two: keepalive": {"-", "no"},
		"two: proxy.workers": {"-", "2"}, "one: load.connections": {"64", "32"},
	}
	for what, values := range want {
		if got[what] != values {
			t.Errorf("%s: %q, want %q", what, got[what], values)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%v", got)
	}
	if same := compare.Runs(a, a); len(same.Differences) != 0 {
		t.Errorf("a run differs from itself: %v", same.Differences)
	}
}

func TestRunsThatShareLittle(t *testing.T) {
	a := rehearsed(rehearsal.Script{})
	b := rehearsed(rehearsal.Script{Change: func(p *lab.Plan) { p.Variants[1].ID = "other" }})
	v := compare.Runs(a, b)
	if len(v.Ratios) != 0 || len(v.Alone) == 0 || len(v.Figures) == 0 {
		t.Errorf("%d ratios, %d alone, %d figures", len(v.Ratios), len(v.Alone), len(v.Figures))
	}
	for _, f := range v.Figures {
		if f.Variant != "one" || f.First == nil {
			t.Errorf("%+v", f)
		}
	}
	free := rehearsed(rehearsal.Script{Change: func(p *lab.Plan) { p.Free = true }})
	if v := compare.Runs(a, free); len(v.Ratios) != 0 {
		t.Error("a free run compares nothing")
	}
}

// Whatever a variant has that another has not is told, also a setting that no sentence speaks of.
func TestDiffering(t *testing.T) {
	no := false
	p := &lab.Plan{Variants: []lab.Variant{
		{ID: "a", Label: "one", Target: targets.Spec{Server: "builtin", Backlog: 4096}, Load: lab.Load{Timeout: time.Second, KeepAlive: true}},
		{ID: "b", Label: "two", Target: targets.Spec{Server: "builtin", TLS: &targets.TLS{}, Own: &builtin.Settings{NoDelay: &no}}, Load: lab.Load{Timeout: 2 * time.Second, Policy: load.Policy{Retry: &load.Retry{Max: 2, Jitter: true}}}},
	}}
	got := compare.Differing(p)
	for i, want := range []string{
		"backlog 4096, load.keepalive yes, load.retry not set, load.timeout 1s, log_unread not set, nodelay not set, tls not set",
		"backlog not set, load.keepalive no, load.retry.jitter yes, load.retry.max 2, load.retry.retry_after no, load.timeout 2s, log_unread no, nodelay no, tls yes",
	} {
		if text := strings.Join(got[i], ", "); text != want {
			t.Errorf("%s differs in %s\nwant %s", p.Variants[i].ID, text, want)
		}
	}
	p.Variants[1] = p.Variants[0]
	if got := compare.Differing(p); len(got[0])+len(got[1]) > 0 {
		t.Errorf("equal variants differ in %v", got)
	}
}

// Figures walk the table of metrics: one that it has just got stands side by side.
func TestAMetricOfTheTableStandsSideBySide(t *testing.T) {
	defer metric.Register(metric.Metric{
		Name: "toys", Unit: metric.Plain, Words: "toys", Kind: metric.Mechanism, In: metric.SideBySide,
		Of: func(s *metric.Slice) (float64, bool) { return float64(s.Load.Counts.OK) / 2, true },
	})()
	st := rehearsed(rehearsal.Script{Ratio: 1.15})
	if f := compare.Runs(st, st).Figures; !slices.ContainsFunc(f, func(f compare.Figure) bool { return f.Metric == "toys" && f.First != nil }) {
		t.Errorf("figures of two runs: %+v", f)
	}
}
