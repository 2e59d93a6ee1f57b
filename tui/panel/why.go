package panel

import (
	"fmt"
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
	"benchtop/tui/theme"
)

// Reasons names the mechanism counters of a variant: those that the plan's mechanism and expectations name first. One that
// says that nothing happened is left out, unless the plan asks for it. The next call reuses the list.
func (p *Pen) Reasons(v *lab.VariantState) []string {
	if p.counters == nil {
		p.counters = metric.Explaining()
	}
	p.ids = p.ids[:0]
	for _, first := range []bool{true, false} {
		for i := range p.counters {
			m := &p.counters[i]
			value, ok := v.Mechanism[m.Name]
			if !ok || p.Asked(m.Name) != first || !first && (m.Asked || m.Usual != nil && *m.Usual == value) || silent(v, m, value) {
				continue
			}
			p.ids = append(p.ids, m.Name)
		}
	}
	return p.ids
}

// silent reports whether a counter says nothing: the share of the only worker, a wait of zero.
func silent(v *lab.VariantState, m *metric.Metric, value float64) bool {
	return m.Name == "worker_share_max" && value == 1 && v.Target.Workers <= 1 || m.Unit == metric.Duration && value == 0
}

// Asked reports whether the plan's signs, its mechanism or its expectations name a metric.
func (p *Pen) Asked(name string) bool {
	if p.named == "" && p.State.Plan != nil {
		p.named = strings.Join(slices.Concat(p.State.Plan.Signs, p.State.Plan.Mechanism, p.State.Plan.Expect), " ")
	}
	return strings.Contains(p.named, name)
}

// ReasonText is a mechanism counter of a variant in words.
func ReasonText(v *lab.VariantState, id string) string {
	m := metric.Named(id)
	return m.PerSlice() + " " + FigureOf(v, id)
}

// FigureOf is a mechanism counter of a variant with its unit.
func FigureOf(v *lab.VariantState, id string) string {
	value := v.Mechanism[id]
	return metric.Named(id).Write(figure.Screen, &value)
}

// whyLabel stands before the counters that explain.
func whyLabel(w int) string {
	if w < WideFigures {
		return "why  "
	}
	return "why     "
}

// WhyLines are the counters that explain, at most rows of lines; one that is too long for a line takes two. The last line says how
// many there are besides.
func (p *Pen) WhyLines(v *lab.VariantState, w, rows int) []string {
	label := whyLabel(w)
	room, ids := w-len(label), p.Reasons(v)
	out := make([]string, 0, rows)
	put := func(text string, left int) {
		l, more := p.Line(w), moreText(left, room-theme.Width(text)-1)
		switch {
		case len(out) == 0:
			l.Put(p.Look.Muted, label)
		case left > 0 && more == "":
			l.Put(p.Look.Muted, fmt.Sprintf("+%d", left))
		}
		l.To(len(label)).Put(p.Look.Text, text)
		out = append(out, l.Right(p.Line(w).Put(p.Look.Muted, more)).Done())
	}
	for k, id := range ids {
		if len(out) >= rows {
			break
		}
		left := func() int { // counters, behind the last line
			if len(out) < rows-1 {
				return 0
			}
			return len(ids) - 1 - k
		}
		m, value := metric.Named(id), FigureOf(v, id)
		text := m.PerSlice() + " " + value
		if theme.Width(text) > room {
			if first, second := broken(text, room); second != "" && len(out)+2 <= rows {
				put(first, 0)
				put(second, left())
				continue
			}
			text = theme.Fit(m.PerSlice(), room-theme.Width(value)-1) + " " + value // the figure is worth more than its name
		}
		put(text, left())
	}
	if len(out) == 0 {
		out = append(out, p.Line(w).Put(p.Look.Muted, label+"after the first slice").Done())
	}
	return out
}

// moreText says on at most room cells that n counters are left out, and which key shows all; in fewer letters where the room is
// short, and nothing where it is too short for that.
func moreText(n, room int) string {
	if n > 0 {
		for _, text := range [...]string{fmt.Sprintf("%d more: %s", n, CountersKey), fmt.Sprintf("+%d", n)} {
			if theme.Width(text) <= room {
				return text
			}
		}
	}
	return ""
}

// broken is a text on two lines of room cells, second empty where that is not enough. It is theme.Wrap without its memory.
func broken(text string, room int) (first, second string) {
	for at := len(text) - 1; at > 0; at-- {
		if text[at] == ' ' && theme.Width(text[:at]) <= room {
			if theme.Width(text[at+1:]) > room {
				return text, ""
			}
			return text[:at], text[at+1:]
		}
	}
	return text, ""
}

// figureWidth is how many cells most figures take, with the blank before them.
const figureWidth = 8

// whyRows is how many lines the counters of a variant take in a column of w cells, those of them that the plan names, and the first
// of them alone.
func (p *Pen) whyRows(v *lab.VariantState, w int) (all, asked, first int) {
	for k, id := range p.Reasons(v) {
		all++
		if m := metric.Named(id); len(whyLabel(w))+theme.Width(m.PerSlice())+figureWidth > w {
			all++
		}
		if k == 0 {
			first = all
		}
		if p.Asked(id) {
			asked = all
		}
	}
	return max(all, 1), max(asked, 1), max(first, 1)
}
