package tui

import (
	"strings"
	"testing"

	"benchtop/lab/metric"
)

// A figure has one name on all pages, that of the table of metrics: when the table calls it otherwise, every screen does.
func TestAFigureHasTheNameOfTheTable(t *testing.T) {
	renamed := strings.NewReplacer("p50", "q50", "p95", "q95", "p99", "q99")
	for _, q := range metric.All() {
		q.Words, q.Short = renamed.Replace(q.Words), renamed.Replace(q.Short)
		defer metric.Register(q)()
	}
	found := map[string]bool{}
	for name, shot := range shots {
		kind, _, _ := strings.Cut(name, " ")
		if kind != "live" && kind != "verdict" && kind != "why" && kind != "compare" && kind != "presented" {
			continue // texts of lessons and of the help
		}
		m := shot(t, "mono")
		for _, size := range sizes {
			for _, line := range strings.Split(plainView(m, size[0], size[1]), "\n") {
				for _, old := range []string{"p50", "p95", "p99"} {
					if strings.Contains(line, old) && !strings.Contains(line, old+"(") { // an expectation is code
						t.Errorf("%s at %v calls it %s itself: %s", name, size, old, line)
					}
					found[kind] = found[kind] || strings.Contains(line, "q"+old[1:])
				}
			}
		}
	}
	for _, kind := range []string{"live", "verdict", "why", "compare"} {
		if !found[kind] {
			t.Errorf("no %s screen has a percentile", kind)
		}
	}
}
