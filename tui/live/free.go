package live

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/scenarios"
	"benchtop/tui/format"
	"benchtop/tui/screen"
)

// What a free run can do besides turning settings: begin from nothing, add and remove variants, and be saved.

func (m *monitor) freeKeys() screen.Section {
	whyNot := func(key string) func() string {
		return func() string { return whyNot(key)(m) }
	}
	return screen.Section{Name: "free run", On: m.run.Free, Keys: []screen.Key{
		screen.Bind("s", "stop", "end the run and keep what was measured", screen.Plainly(m.stop), m.whyNoStop, "s").Unless(m.player.Replays),
		screen.Bind("T", "race", "a race: all variants at the same time, sharing the machine; pressed again it ends the race, and they run one after the other",
			screen.Plainly(m.toggleRace), m.whyNoRace, "T").Saying(m.raceWord),
		screen.Bind("space", "turns all", "whether the keys of settings turn the selected variant alone (tab selects another), or all of them to the same value",
			screen.Plainly(func() { m.all = !m.all }), m.run.WhyNoFocus, " ").Saying(m.scopeWord).Unless(m.player.Replays),
		screen.Bind("k", "keep-alive", "keep connections, or open a new one per request", screen.Plainly(m.turnKeepAlive), whyNot(keyKeepAlive), "k"),
		screen.Bind("o", "settings", "all settings of the selected variant", screen.Plainly(m.openPanel), m.whyNoTurns, "o"),
		screen.Bind("n", "name", "give the selected variant another label", screen.Plainly(m.startNaming), m.whyNoTurns, "n"),
		screen.Pair("C c", "connections", "fewer connections (C) or more (c), from the next slice on", m.turnConnections, 1, whyNot(keyConnections), "C", "c"),
		screen.Bind("a", "add", "add a copy of the selected variant, to turn its settings", screen.Plainly(m.addVariant), m.whyNoAdd, "a"),
		screen.Bind("d", "drop", "take the selected variant out of the run", screen.Plainly(m.dropVariant), m.whyNoDrop, "d"),
		screen.Bind("S", "save", "save what was done as a scenario file in the folder for exports; benchtop run FILE does it again", m.saveFree, m.whyNoSave, "S"),
		screen.Pair("W w", "workers", "fewer workers (W) or more (w); the target starts again", m.turnWorkers, 1, whyNot(keyWorkers), "W", "w"),
		screen.Pair("R r", "rate", "a lower rate (R) or a higher one (r), in an open model", m.turnRate, 1, whyNot(keyRate), "R", "r"),
		screen.Bind("l", "engine", "another engine; the target starts again", screen.Plainly(m.turnEngine), whyNot(keyEngine), "l"),
	}}
}

func (m *monitor) panelKeys() screen.Section {
	return screen.Section{Name: "settings of a free run", First: true, On: func() bool { return m.panelHeight(screen.LeastHeight) > 0 }, Keys: []screen.Key{
		screen.Pair("↑↓", "select", "select a setting", m.moveSetting, 1, nil, "up", "down"),
		screen.Pair("←→", "turn", "turn the selected setting down or up", m.turnPanel, 1, m.whyNoTurn, "left", "right"),
		screen.Bind("esc", "close", "close the list of settings (o does too)", screen.Plainly(m.closePanel), nil, "esc", "o"),
	}}
}

// addVariant adds a copy of the selected variant, whose settings can then be turned.
func (m *monitor) addVariant() {
	i := max(m.run.Index(m.run.View.Focus), 0)
	if i >= len(m.run.State.Variants) {
		return
	}
	of := &m.run.State.Variants[i]
	v := m.ahead(of)                                       // with what was turned and waits for the next slice
	if now := format.Settings(m.turnedOf(of)); now != "" { // its label is of what it was before
		v.Label = now
	}
	v.ID, v.Label = m.nameCopy(&v)
	m.sent++
	m.run.Session.Turn(lab.Turn{Add: &v})
	m.desk.Tell(v.ID + " comes with the next slice, as a copy of " + of.ID + ": turn its settings")
}

// turnedOf are the settings of a variant that were turned since it got its label, each with its last value, those that wait for the
// next slice included.
func (m *monitor) turnedOf(v *lab.VariantState) []string {
	waiting := m.waiting(v.ID)
	out := slices.DeleteFunc(slices.Clone(v.Turned), func(set string) bool {
		key, _, _ := strings.Cut(set, "=")
		return slices.ContainsFunc(waiting, func(w string) bool { return strings.HasPrefix(w, key+"=") })
	})
	return append(out, waiting...)
}

// nameCopy gives a copy an id that nobody in this run has or had, and a label.
func (m *monitor) nameCopy(v *lab.Variant) (id, label string) {
	taken := map[string]bool{lab.AllVariants: true}
	for i := range m.run.State.Variants {
		taken[m.run.State.Variants[i].ID] = true
	}
	for _, k := range m.run.State.Turns {
		if k.Add != nil {
			taken[k.Add.ID] = true
		}
	}
	if m.run.State.Plan != nil {
		for i := range m.run.State.Plan.Variants {
			taken[m.run.State.Plan.Variants[i].ID] = true
		}
	}
	stem, name := v.ID, v.Label
	if at := strings.LastIndexByte(stem, '-'); at > 0 {
		if _, err := strconv.Atoi(stem[at+1:]); err == nil {
			stem = stem[:at]
		}
	}
	name, _, _ = strings.Cut(name, ", copy ")
	const longestID, longestLabel = 36, 50
	stem = strings.Trim(stem[:min(len(stem), longestID)], "-")
	if r := []rune(name); len(r) > longestLabel {
		name = strings.TrimSpace(string(r[:longestLabel]))
	}
	for n := 2; ; n++ {
		id := fmt.Sprintf("%s-%d", stem, n)
		if !taken[id] && !m.named[id] {
			m.named[id] = true
			return id, fmt.Sprintf("%s, copy %d", name, n)
		}
	}
}

func (m *monitor) whyNoAdd() string {
	if why := m.whyNoTurns(); why != "" {
		return why
	}
	if len(m.run.State.Variants) >= scenarios.MaxVariants {
		return fmt.Sprintf("a run has at most %d variants", scenarios.MaxVariants)
	}
	return ""
}

// dropVariant takes the selected variant out of the run.
func (m *monitor) dropVariant() {
	m.sent++
	m.run.Session.Turn(lab.Turn{Remove: m.run.View.Focus})
	m.desk.Tell(m.run.View.Focus + " goes with the next slice")
}

func (m *monitor) whyNoDrop() string {
	if why := m.whyNoTurns(); why != "" {
		return why
	}
	if len(m.run.State.Variants) < 2 {
		return "the last variant stays: a run without one measures nothing"
	}
	return ""
}

// saveFree writes what was done so far as a scenario file.
func (m *monitor) saveFree() tea.Cmd {
	st := m.run.State
	return m.save.Place(func() tea.Msg {
		name, content, err := scenarios.Redo(st)
		path := ""
		if err == nil {
			path, err = m.save.Write(name, content)
		}
		return screen.Done(func() {
			if err != nil {
				m.desk.Say("nothing was saved: " + err.Error())
				return
			}
			m.desk.Tell("saved as " + path + "; this does it again: benchtop run " + path)
		})
	})
}

func (m *monitor) whyNoSave() string {
	switch {
	case m.save.Write == nil:
		return "this screen cannot write files"
	case m.run.State == nil || len(m.run.State.Variants) == 0:
		return "the targets are starting"
	}
	return ""
}
