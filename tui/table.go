package tui

import (
	"fmt"
	"strings"

	"benchtop/lab"
	"benchtop/tui/theme"
)

// table lists the variants, one line each, where there is no room for columns. The focused one stands below it.
func (p *pen) table(r Rect) []string {
	wide := r.W >= 90
	label := r.W - 62
	if wide {
		label = r.W - 84
	}
	row := func(mark, who, name string, whoInk, ink theme.Ink, rps, p50, p99, cpu, cost, diff, state string, diffInk, stateInk theme.Ink) string {
		l := theme.NewLine(r.W)
		l.Put(p.look.Strong, mark).Put(whoInk, who).Space(1).Put(p.look.Text, theme.PadRight(theme.Fit(name, label), label))
		l.Put(ink, theme.PadLeft(rps, 14)+theme.PadLeft(p50, 8)+theme.PadLeft(p99, 8)).Put(p.look.Text, theme.PadLeft(cpu, 7))
		if wide {
			l.Put(p.look.Text, theme.PadLeft(cost, 12))
		}
		l.Put(diffInk, theme.PadLeft(diff, 11)).Put(stateInk, "  "+state)
		return l.Done()
	}
	unit := p.sc.clock.unit
	muted := p.look.Muted
	base := "vs A"
	if p.st.Plan != nil {
		base = "vs " + letter(p.indexOf(p.st.Plan.Baseline))
	}
	first, count := 0, len(p.st.Variants)
	title := "variant"
	if room := r.H - 1; count > room {
		first = min(max(p.indexOf(p.set.focus)-room/2, 0), count-room)
		title = fmt.Sprintf("%s to %s of %d", letter(first), letter(first+room-1), count)
		count = room
	}
	out := []string{row("  ", " ", title, muted, muted, "throughput", "p50 "+unit, "p99 "+unit, "CPU", "per request", base, "state", muted, muted)}
	out[0] = muted.Paint(stripInks(out[0]))
	for i := first; i < first+count; i++ {
		v := &p.st.Variants[i]
		l, _, ok := p.headline(v)
		ink := p.look.Text
		if !ok {
			ink = muted
		}
		mark := "  "
		if v.ID == p.set.focus {
			mark = "▸ "
		}
		p99 := p.sc.clock.number(l.P99)
		if l.P99 != nil && !l.Trusted["p99"] {
			p99 = "~" + p99
		}
		cost := dash
		if v.CPUPerRequest != nil {
			cost = three(*v.CPUPerRequest) + " µs"
		}
		diff, diffInk := p.tableDifference(v)
		state, stateInk := p.status(v)
		if short, ok := shortStatus[v.Status]; ok && !wide {
			state = strings.TrimSuffix(state, v.Status) + short
		}
		out = append(out, row(mark, letter(i), v.Label, p.inkOf(i), ink, perSecond(l.RPS)+" req/s", p.sc.clock.number(l.P50), p99,
			fmt.Sprintf("%.0f %%", v.CPU), cost, diff, state, diffInk, stateInk))
	}
	for len(out) < r.H {
		out = append(out, theme.Blank(r.W))
	}
	return out[:r.H]
}

// shortStatus are the states in the narrow table.
var shortStatus = map[string]string{lab.StatusLoad: "load", lab.StatusWarmup: "warm", lab.StatusStarting: "start", lab.StatusStopped: "stop"}

func (p *pen) tableDifference(v *lab.VariantState) (string, theme.Ink) {
	plan := p.st.Plan
	switch c := p.provisional(v.ID); {
	case plan == nil || plan.Free:
		return "", p.look.Muted
	case v.ID == plan.Baseline:
		return "baseline", p.look.Muted
	case c == nil || c.Pairs < 1:
		return dash, p.look.Muted
	default:
		ink, glyph := p.decided(c.Verdict, plan.Metric)
		if glyph != "" {
			glyph += " "
		}
		return glyph + change(c.Ratio.Ratio), ink
	}
}
