package tui

import (
	"fmt"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/progress"
	"benchtop/scenarios"
)

// What a free run can do beside turning knobs: begin from nothing, add and remove variants, and be saved.

// startBlank begins a free run of one built-in server with plain defaults.
func (m *model) startBlank() tea.Cmd { return m.startPlan(scenarios.Blank(), true, nil) }

// whyNoBlank is why no run can be started now, whatever its plan.
func (m *model) whyNoBlank() string {
	switch {
	case m.cfg.Start == nil:
		return "this screen shows one run only"
	case m.starting:
		return "a run is starting"
	case m.running():
		return "a run is going on"
	}
	return ""
}

// startPlan starts a run of a plan before which the person has said something, or nothing.
func (m *model) startPlan(plan *lab.Plan, free bool, said *progress.Prediction) tea.Cmd {
	m.starting = true
	ctx, start := m.ctx, m.cfg.Start
	return func() tea.Msg {
		s, err := start(ctx, plan, free)
		return runMsg{session: s, plan: plan, said: said, err: err}
	}
}

// addVariant adds a copy of the selected variant, whose knobs can then be turned.
func (m *model) addVariant() {
	i := max(m.index(m.focus), 0)
	if i >= len(m.state.Variants) {
		return
	}
	v := m.state.Variants[i].Variant
	v.ID, v.Label = m.nameCopy(&v)
	m.sent++
	m.session.Turn(lab.Knob{Add: &v})
	m.tell(v.ID + " comes with the next slice, as a copy of " + letter(i) + ": turn its settings")
}

// nameCopy gives a copy an id that nobody in this run has or had, and a label.
func (m *model) nameCopy(v *lab.Variant) (id, label string) {
	taken := map[string]bool{lab.AllVariants: true}
	for i := range m.state.Variants {
		taken[m.state.Variants[i].ID] = true
	}
	for _, k := range m.state.Knobs {
		if k.Add != nil {
			taken[k.Add.ID] = true
		}
	}
	if m.state.Plan != nil {
		for i := range m.state.Plan.Variants {
			taken[m.state.Plan.Variants[i].ID] = true
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

func (m *model) whyNoAdd() string {
	if why := m.whyNoKnobs(); why != "" {
		return why
	}
	if len(m.state.Variants) >= scenarios.MaxVariants {
		return fmt.Sprintf("a run has at most %d variants", scenarios.MaxVariants)
	}
	return ""
}

// dropVariant takes the selected variant out of the run.
func (m *model) dropVariant() {
	m.sent++
	m.session.Turn(lab.Knob{Remove: m.focus})
	m.tell(m.focus + " goes with the next slice")
}

func (m *model) whyNoDrop() string {
	if why := m.whyNoKnobs(); why != "" {
		return why
	}
	if len(m.state.Variants) < 2 {
		return "the last variant stays: a run without one measures nothing"
	}
	return ""
}

// writtenMsg tells what came of saving a free run.
type writtenMsg struct {
	path string
	err  error
}

// saveFree writes what was done so far as a scenario file.
func (m *model) saveFree() tea.Cmd {
	st, write := m.state, m.cfg.Save
	return func() tea.Msg {
		name, content, err := scenarios.Redo(st)
		if err != nil {
			return writtenMsg{err: err}
		}
		path, err := write(name, content)
		return writtenMsg{path: path, err: err}
	}
}

func (m *model) whyNoSave() string {
	switch {
	case m.cfg.Save == nil:
		return "this screen cannot write files"
	case m.state == nil || len(m.state.Variants) == 0:
		return "the targets are starting"
	}
	return ""
}

func (m *model) written(msg writtenMsg) {
	if msg.err != nil {
		m.say("nothing was saved: " + msg.err.Error())
		return
	}
	m.tell("saved as " + msg.path + "; this does it again: benchtop run " + msg.path)
}
