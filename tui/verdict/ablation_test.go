package verdict

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"benchtop/lab"
	"benchtop/lab/ablation"
	"benchtop/tui/panel"
	"benchtop/tui/theme"
)

// The rows of a waterfall stand in the order of what is missed most, and each bar begins where the one above it ends.
func TestWaterfall(t *testing.T) {
	costs := map[string][]float64{"off": {36e3, 36e3}, "on": {1e3, 1e3}, "no-a": {6e3, 6e3}, "no-b": {21e3, 21e3}, "no-c": {11e3, 11e3}}
	p := ablation.Plan{Off: "off", On: "on", Fixes: []ablation.Fix{{Name: "a", Without: "no-a"}, {Name: "b", Without: "no-b"}, {Name: "c", Without: "no-c"}}}
	a := ablation.Of(&p, func(id string) []float64 { return costs[id] })
	a.Metric = "p50"
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	x := pen{Pen: panel.Pen{Look: look, Tier: theme.Block, State: &lab.State{Result: &lab.Result{Ablation: a}}}}
	for _, w := range []int{56, 78, 118} {
		lines := x.waterfall(w)
		var names []string
		end := -1
		for i, l := range lines {
			l = ansi.Strip(l)
			if theme.Width(l) != w {
				t.Errorf("%d wide: a line of %d: %q", w, theme.Width(l), l)
			}
			names = append(names, strings.Fields(l)[0])
			first, last := strings.IndexRune(l, '█'), strings.LastIndex(l, "█")
			if i > 0 && i < 4 && first >= 0 {
				from, to := len([]rune(l[:first])), len([]rune(l[:last]))+1
				if end >= 0 && to != end {
					t.Errorf("%d wide: %q ends at %d, the one above begins at %d", w, l, to, end)
				}
				end = from
			}
		}
		if got := strings.Join(names, " "); got != "off b c a of on" {
			t.Errorf("%d wide: %s\n%s", w, got, strings.Join(lines, "\n"))
		}
		if text := ansi.Strip(lines[1]); !strings.Contains(text, "20.0 ms (20.0 ms to 20.0 ms)  57 %") {
			t.Errorf("%q", text)
		}
	}
}
