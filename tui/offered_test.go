package tui

import (
	"strings"
	"testing"
	"time"

	"benchtop/lab/load"
	"benchtop/tui/fixture"
)

// An open model shows the rate that is offered now; a load in stages says between which rates it moves.
func TestTheOfferedRateIsShown(t *testing.T) {
	st := fixture.Live(2, 1)
	for i := range st.Variants {
		l := &st.Variants[i].Load
		l.Model, l.Stages = load.Open, load.Stages{{For: time.Second, Rate: 1000, To: 1000}, {For: time.Second, Rate: 1000, To: 20_000}}
	}
	st.Variants[1].Now.Offered = ptr(15_750.0)
	for _, size := range sizes {
		m := testModel(t, "dark", Config{Session: newStill(st)})
		view := plainView(m, size[0], size[1])
		fits(t, view, size[0], size[1])
		if size[0] < 80 {
			continue
		}
		for _, want := range []string{"· offered 15\u202f750/s", "stages of 1\u202f000 to 20\u202f000/s", "42 %"} {
			if size[0] < 120 && strings.HasPrefix(want, "stages") {
				continue // the title needs the line
			}
			if !strings.Contains(view, want) {
				t.Errorf("%v: %q is missing\n%s", size, want, view)
			}
		}
	}
	m := testModel(t, "dark", Config{Session: newStill(fixture.Live(2, 1))})
	if view := plainView(m, 200, 50); strings.Contains(view, "offered") {
		t.Errorf("a closed model offers a rate\n%s", view)
	}
}
