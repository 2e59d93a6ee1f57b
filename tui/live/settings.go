package live

import (
	"fmt"
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/scenarios"
	"benchtop/tui/draw"
	"benchtop/tui/format"
	"benchtop/tui/panel"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// settingsPanel is the list of all settings of the selected variant, below the picture of the run.
type settingsPanel struct {
	open bool
	key  string // of the selected setting
}

// Size of the panel: the picture keeps at least the smallest screen; where that is not to be had, the panel has all.
const (
	panelLeast   = 8
	panelMost    = 14
	settingWidth = 36
)

func (m *monitor) panelHeight(rows int) int {
	if !m.list.open || !m.run.Free() || m.run.Replay != nil {
		return 0
	}
	h := min(rows+1-screen.LeastHeight, panelMost)
	if h < panelLeast {
		return rows
	}
	return h
}

func (m *monitor) openPanel() { m.list.open = true }

func (m *monitor) closePanel() { m.list.open = false }

// panelSettings are the settings of the selected variant, and which of them is selected.
func (m *monitor) panelSettings(st *lab.State) (all []scenarios.Turnable, at int, v *lab.VariantState) {
	if st == nil || len(st.Variants) == 0 {
		return nil, 0, nil
	}
	v = &st.Variants[min(max(m.run.Index(m.run.View.Focus), 0), len(st.Variants)-1)] // st may be older than what is shown
	all = scenarios.Turnables(&v.Variant)
	for i := range all {
		if all[i].Key == m.list.key {
			at = i
		}
	}
	return all, at, v
}

func (m *monitor) moveSetting(n int) {
	all, at, _ := m.panelSettings(m.run.State)
	if len(all) == 0 {
		return
	}
	m.list.key = all[((at+n)%len(all)+len(all))%len(all)].Key
}

func (m *monitor) turnPanel(n int) {
	all, at, _ := m.panelSettings(m.run.State)
	if len(all) == 0 {
		return
	}
	m.turn(all[at].Key, n > 0)
}

func (m *monitor) whyNoTurn() string {
	if why := m.whyNoTurns(); why != "" {
		return why
	}
	all, at, _ := m.panelSettings(m.run.State)
	if len(all) == 0 {
		return "this variant has no settings"
	}
	return whyNot(all[at].Key)(m)
}

// panelLines draws the panel.
func (m *monitor) panelLines(f screen.Frame, st *lab.State, h int) []string {
	if h < 3 {
		return nil
	}
	all, at, v := m.panelSettings(st)
	if v == nil {
		return nil
	}
	p := panel.Pen{Look: f.Look, Tier: f.Tier, State: st}
	i := p.IndexOf(v.ID)
	left, right := theme.NewLine(f.W), theme.NewLine(f.W)
	scope := "turns this variant"
	if m.all {
		scope = "turns all to the same value"
	}
	right.Put(f.Look.Strong, scope)
	w, rows := theme.Inner(f.W, h)
	columns := max(1, (w+2)/(settingWidth+2))
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
				l.Join(m.settingCell(f, &all[k], v, k == at, width))
			} else {
				l.Space(width)
			}
		}
		lines = append(lines, l.Done())
	}
	if len(all) > page {
		right.Put(f.Look.Muted, fmt.Sprintf("  %d-%d/%d", first+1, min(first+page, len(all)), len(all)))
	}
	lines = append(lines, m.settingDoc(f, &all[at], w))
	if m.all {
		left.Put(f.Look.Strong, "settings of all")
	} else {
		draw.Name(left.Put(f.Look.Strong, "settings of "), f.Look, i, format.Titled(v), f.W-8-left.Used()-right.Used())
	}
	return theme.Box{Width: f.W, Height: h, Left: left, Right: right, Border: f.Look.Faint}.Draw(lines)
}

// settingCell is one setting: its name, its value, and what it was turned to.
func (m *monitor) settingCell(f screen.Frame, k *scenarios.Turnable, v *lab.VariantState, selected bool, w int) *theme.Line {
	l := theme.NewLine(w)
	name, value, mark := f.Look.Muted, f.Look.Text, "  "
	if selected {
		name, value, mark = f.Look.Accent, f.Look.Strong, "▸ "
	}
	if k.Why != "" {
		value = f.Look.Muted
	}
	text := m.settingText(k, v)
	if k.Why != "" && !selected {
		text = "(" + text + ")"
	}
	l.Put(name, mark+theme.PadRight(theme.Fit(k.Name, w/2-3), w/2-2))
	l.Put(value, theme.Fit(text, max(l.Free(), 0)))
	return l.Space(max(l.Free(), 0))
}

// settingText is the value of a setting and what it was turned to; with all variants selected each value that one has.
func (m *monitor) settingText(k *scenarios.Turnable, v *lab.VariantState) string {
	of := func(value string, v *lab.VariantState) string {
		if value == "" {
			value = figure.Screen.Dash
		}
		if p, ok := m.pending[v.ID+"."+k.Key]; ok {
			value += " → " + p.value
		}
		return value
	}
	said := []string{of(k.Value, v)}
	for i := range m.run.State.Variants {
		if other := &m.run.State.Variants[i]; m.all && other.ID != v.ID {
			if t := turnableOf(&other.Variant, k.Key); t != nil && !slices.Contains(said, of(t.Value, other)) {
				said = append(said, of(t.Value, other))
			}
		}
	}
	return strings.Join(said, " / ")
}

// settingDoc says what a setting is, that it starts the target again, or why it does nothing.
func (m *monitor) settingDoc(f screen.Frame, k *scenarios.Turnable, w int) string {
	l := theme.NewLine(w)
	switch {
	case k.Why != "":
		l.Put(f.Look.Warn, theme.Fit("not now: "+k.Why, w))
	case k.Restarts:
		l.Put(f.Look.Strong, "starts the target again").Put(f.Look.Muted, theme.Fit(" · "+k.Doc, max(l.Free(), 0)))
	default:
		l.Put(f.Look.Muted, theme.Fit(k.Doc, w))
	}
	return l.Done()
}
