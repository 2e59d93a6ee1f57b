package tui

import (
	"fmt"

	"benchtop/lab"
	"benchtop/scenarios"
	"benchtop/tui/theme"
)

// knobPanel is the list of all knobs of the selected variant, below the picture of the run.
type knobPanel struct {
	open bool
	key  string // of the selected knob
	all  bool   // turn it for all variants
}

// Size of the panel: the picture keeps at least the smallest screen; where that is not to be had, the panel has all.
const (
	panelLeast = 8
	panelMost  = 14
	knobWidth  = 36
)

func (m *model) panelHeight() int {
	if !m.panel.open || !m.freeRun() || m.replay != nil {
		return 0
	}
	h := min(m.h-minHeight, panelMost)
	if h < panelLeast {
		return m.h - 1
	}
	return h
}

func (m *model) openPanel() { m.panel.open = true }

func (m *model) closePanel() { m.panel.open = false }

func (m *model) panelScope() { m.panel.all = !m.panel.all }

func (m *model) scopeWord() string {
	if m.panel.all {
		return "for one"
	}
	return "for all"
}

// panelKnobs are the knobs of the selected variant, and which of them is selected.
func (m *model) panelKnobs(st *lab.State) (all []scenarios.Turnable, at int, v *lab.VariantState) {
	if st == nil || len(st.Variants) == 0 {
		return nil, 0, nil
	}
	v = &st.Variants[max(m.index(m.focus), 0)]
	all = scenarios.Turnables(&v.Variant)
	for i := range all {
		if all[i].Key == m.panel.key {
			at = i
		}
	}
	return all, at, v
}

func (m *model) moveKnob(n int) {
	all, at, _ := m.panelKnobs(m.state)
	if len(all) == 0 {
		return
	}
	m.panel.key = all[((at+n)%len(all)+len(all))%len(all)].Key
}

func (m *model) turnPanel(n int) {
	all, at, _ := m.panelKnobs(m.state)
	if len(all) == 0 {
		return
	}
	m.turn(all[at].Key, n > 0, m.panel.all)
}

func (m *model) whyNoTurn() string {
	if why := m.whyNoKnobs(); why != "" {
		return why
	}
	all, at, _ := m.panelKnobs(m.state)
	if len(all) == 0 {
		return "this variant has no settings"
	}
	return all[at].Why
}

// panelLines draws the panel.
func (m *model) panelLines(st *lab.State, h int) []string {
	if h < 3 {
		return nil
	}
	all, at, v := m.panelKnobs(st)
	if v == nil {
		return nil
	}
	p := pen{look: m.look, tier: m.tier, st: st}
	i := p.indexOf(v.ID)
	left, right := theme.NewLine(m.w), theme.NewLine(m.w)
	left.Put(m.look.Strong, "settings of ").Put(p.inkOf(i), letter(i)).Put(m.look.Muted, "  "+theme.Fit(v.Label, max(m.w-60, 8)))
	scope := "turns this variant"
	if m.panel.all {
		scope = "turns all variants"
	}
	right.Put(m.look.Strong, scope)
	w, rows := theme.Inner(m.w, h)
	columns := max(1, (w+2)/(knobWidth+2))
	width := (w - 2*(columns-1)) / columns
	rows-- // the last line says what the selected one is
	page := max(rows*columns, 1)
	first := at / page * page
	lines := make([]string, 0, rows+1)
	for r := range rows {
		l := theme.NewLine(w)
		for c := range columns {
			if c > 0 {
				l.Space(2)
			}
			if k := first + c*rows + r; k < len(all) {
				l.Join(m.knobCell(&all[k], v, k == at, width))
			} else {
				l.Space(width)
			}
		}
		lines = append(lines, l.Done())
	}
	if len(all) > page {
		right.Put(m.look.Muted, fmt.Sprintf("  %d-%d/%d", first+1, min(first+page, len(all)), len(all)))
	}
	lines = append(lines, m.knobDoc(&all[at], w))
	return theme.Box{Width: m.w, Height: h, Left: left, Right: right, Border: m.look.Faint}.Draw(lines)
}

// knobCell is one knob: its name, its value, and what it was turned to.
func (m *model) knobCell(k *scenarios.Turnable, v *lab.VariantState, selected bool, w int) *theme.Line {
	l := theme.NewLine(w)
	name, value, mark := m.look.Muted, m.look.Text, "  "
	if selected {
		name, value, mark = m.look.Accent, m.look.Strong, "▸ "
	}
	if k.Why != "" {
		value = m.look.Muted
	}
	text := k.Value
	if text == "" {
		text = dash
	}
	if k.Why != "" && !selected {
		text = "(" + text + ")"
	}
	if p, ok := m.pending[v.ID+"."+k.Key]; ok {
		text += " → " + p.value
	}
	l.Put(name, mark+theme.PadRight(theme.Fit(k.Name, w/2-3), w/2-2))
	l.Put(value, theme.Fit(text, max(l.Free(), 0)))
	return l.Space(max(l.Free(), 0))
}

// knobDoc says what a knob is, that it starts the target anew, or why it does nothing.
func (m *model) knobDoc(k *scenarios.Turnable, w int) string {
	l := theme.NewLine(w)
	switch {
	case k.Why != "":
		l.Put(m.look.Warn, theme.Fit("not now: "+k.Why, w))
	case k.Restarts:
		l.Put(m.look.Strong, "starts the target again").Put(m.look.Muted, theme.Fit(" · "+k.Doc, max(l.Free(), 0)))
	default:
		l.Put(m.look.Muted, theme.Fit(k.Doc, w))
	}
	return l.Done()
}
