package compare

import (
	"benchtop/lab"
	"benchtop/lab/compare"
	"benchtop/tui/panel"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// nameWidth is what the name of a run takes before its progress.
const nameWidth = 7

// beside is the selected variant in both runs at the same time since each began, on the same scales.
func (c *pair) beside(f screen.Frame, h int) []string {
	var st [2]*lab.State
	both := &lab.State{Plan: &lab.Plan{Free: true}} // free: no variant is compared with the other
	ended := true
	var missing [2]bool
	for i, r := range c.duo.Runs {
		st[i] = r.State()
		v := lab.VariantState{Variant: lab.Variant{ID: compare.Name(i), Label: "no " + c.run.View.Focus + " in this run"}}
		missing[i] = true
		for k := range st[i].Variants {
			if st[i].Variants[k].ID == c.run.View.Focus {
				v, missing[i] = st[i].Variants[k], false
				v.ID = compare.Name(i)
			}
		}
		both.Variants = append(both.Variants, v)
		both.At = max(both.At, st[i].At)
		both.Machine = st[i].Machine
		ended = ended && st[i].End != nil
		if st[i].Plan != nil {
			both.Plan.Mechanism = append(both.Plan.Mechanism, st[i].Plan.Mechanism...)
			both.Plan.Expect = append(both.Plan.Expect, st[i].Plan.Expect...)
		}
	}
	if ended {
		both.End = &lab.EndEvent{How: lab.EndComplete}
	}
	set := panel.Settings{Own: c.run.View.Own, Span: c.run.View.Span} // no zoom: both columns share one stack of parts
	p := panel.Pen{Look: f.Look, Tier: f.Tier, State: both, Set: set, Runs: true}
	var lines []string
	if h >= 16 {
		for i := range st {
			q := panel.Pen{Look: f.Look, Tier: f.Tier, State: st[i], Set: set}
			name := theme.NewLine(nameWidth).Space(1).Put(f.Look.Variant(i), compare.Name(i))
			lines = append(lines, name.Done()+q.Progress(f.W-nameWidth))
		}
	}
	body := h - len(lines)
	rects := []panel.Rect{{W: f.W / 2, H: body}, {X: f.W / 2, W: f.W - f.W/2, H: body}}
	if f.W < 2*panel.ColumnWidth {
		rects = []panel.Rect{{W: f.W, H: body - body/2}, {Y: body - body/2, W: f.W, H: body / 2}}
	}
	p.Scales = panel.ScalesOf(both, set, max(rects[0].W-10, 1))
	var drawn [2][]string
	for i, r := range rects {
		if missing[i] {
			drawn[i] = p.Titled(compare.Name(i), []string{theme.NewLine(r.W-4).Put(f.Look.Muted, both.Variants[i].Label).Done()}, r.W, r.H)
			continue
		}
		drawn[i] = p.Column(r, i, false, false)
	}
	if f.W < 2*panel.ColumnWidth {
		return append(append(lines, drawn[0]...), drawn[1]...)
	}
	for k := range drawn[0] {
		lines = append(lines, drawn[0][k]+drawn[1][k])
	}
	return lines
}
