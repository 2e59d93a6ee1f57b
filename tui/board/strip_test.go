package board

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"benchtop/lab"
	"benchtop/lab/stats"
	"benchtop/tui/fixture"
	"benchtop/tui/panel"
	"benchtop/tui/theme"
)

// Rows of the strip stand in columns, whatever was decided of each.
func TestDecidedRowsStandInColumns(t *testing.T) {
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []int{60, 80, 120, 200} {
		st := fixture.Ended(4)
		st.Compare[0].Verdict, st.Compare[1].Verdict, st.Compare[2].Verdict = stats.NoDifference, stats.Lower, stats.Inconclusive
		st.Compare[1].Pairs = 9
		p := pen{Pen: panel.Pen{Look: look, Tier: theme.Block, State: st}}
		var at [3]int
		var all []*lab.Provisional
		for i := range st.Compare {
			all = append(all, &st.Compare[i])
		}
		for i, row := range p.comparisons(nil, all, w) {
			row = ansi.Strip(row)
			for k, sign := range []string{" 95 % CI", " no difference", "┼"} {
				if k == 1 {
					sign = " " + panel.VerdictWord(st.Compare[i].Verdict)
				}
				before, _, found := strings.Cut(row, sign)
				column := theme.Width(before)
				if found && at[k] == 0 {
					at[k] = column
				}
				if found && column != at[k] {
					t.Errorf("%d wide: %q stands at %d, above at %d: %q", w, sign, column, at[k], row)
				}
			}
		}
	}
}

// Where not all that the figures rest on has room, what is not as it should be has.
func TestAnAlarmHasRoomFirst(t *testing.T) {
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	st := fixture.Live(2, 1)
	for _, w := range []int{60, 80, 120} {
		for want, change := range map[string]func(){
			"other load ! 1.20 cores": func() { st.Host.Foreign = 1.2 },
			"steal ! 9.0 %":           func() { st.Host.Steal = fixture.Ptr(0.09) },
		} {
			st.Host.Foreign, st.Host.Steal = 0, fixture.Ptr(0.0)
			change()
			p := pen{Pen: panel.Pen{Look: look, Tier: theme.Block, State: st}}
			if got := ansi.Strip(p.conditions(w, "")); !strings.Contains(got, want) || !strings.Contains(got, "noise floor") {
				t.Errorf("%d wide: no %q in %q", w, want, got)
			}
		}
	}
}
