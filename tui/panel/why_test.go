package panel_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/muesli/termenv"

	"benchtop/tui/fixture"
	"benchtop/tui/panel"
	"benchtop/tui/theme"
)

// What is not shown of the counters is counted, wherever there are two lines; none is lost in the table of all.
func TestCountersThatAreLeftOut(t *testing.T) {
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	st := fixture.Shop()
	p := panel.Pen{Look: look, Tier: theme.ASCII, State: st}
	v := &st.Variants[0]
	all, more := len(p.Reasons(v)), regexp.MustCompile(`\d more: `+panel.CountersKey+`|\+\d`)
	for _, w := range []int{36, 50, 56, 110} {
		for rows := 2; rows <= 2*all+2; rows++ {
			lines := p.WhyLines(v, w, rows)
			text := strings.Join(lines, "\n")
			if len(lines) > rows {
				t.Errorf("%d lines on %d rows", len(lines), rows)
			}
			if whole, says := rows >= 2*all, more.MatchString(text); whole == says {
				if whole || len(lines) < all { // in between all of them may have room
					t.Errorf("%d cells, %d rows, %d counters: says that there are more: %v\n%s", w, rows, all, says, text)
				}
			}
			for _, line := range lines {
				if theme.Width(line) != w {
					t.Errorf("%q has not %d cells", line, w)
				}
			}
		}
	}
	both := len(p.Reasons(&st.Variants[1]))
	for _, w := range []int{56, 76, 116, 196} {
		of := []panel.Counted{{Title: "A one", Variant: v}, {Title: "B two", Variant: &st.Variants[1]}, {Title: "nothing"}}
		lines := p.CounterTable(w, of)
		if n := len(lines) - 1; n < all || w > 60 && n < both || n > all+both {
			t.Errorf("%d cells: %d lines of %d counters, and %d of the other", w, n, all, both)
		}
		for _, line := range lines {
			if theme.Width(line) != w {
				t.Errorf("%q has not %d cells", line, w)
			}
		}
	}
}
