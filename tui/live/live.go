// Package live is the screen of a run: its picture, and the settings of a free one.
package live

import (
	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/follow"
	"benchtop/tui/board"
	"benchtop/tui/screen"
	"benchtop/tui/watch"
)

// monitor is the screen of the run that is watched.
type monitor struct {
	screen.Plain
	desk     screen.Desk
	run      *watch.Run
	player   *watch.Player
	save     Saver
	sections []screen.Section
	board    board.Board

	pending map[string]turned // settings that were turned and have not happened yet, by variant.key
	sent    int               // turns of this run
	named   map[string]bool   // ids that were given to copies
	list    settingsPanel
	all     bool // the keys turn all variants, not the selected one alone

	order     lab.Order // that was turned to
	orderSent int       // the turn of the run that it was, 0: it has happened

	naming string // id of the variant whose label is typed, empty: none
	label  screen.Input
}

// Saver keeps scenario files of free runs.
type Saver struct {
	Write func(name string, content []byte) (path string, err error) // nil: nothing can be saved
	Place func(write func() tea.Msg) tea.Cmd                         // what writes, once it is known into which folder
}

// New is the screen of a run.
func New(desk screen.Desk, run *watch.Run, save Saver) screen.Screen {
	m := &monitor{desk: desk, run: run, player: watch.NewPlayer(desk, run), save: save}
	m.forget()
	m.sections = []screen.Section{m.player.Keys(), m.freeKeys(), m.panelKeys(), m.liveKeys()}
	return m
}

// forget begins with another run.
func (m *monitor) forget() {
	m.pending, m.sent, m.named, m.list = map[string]turned{}, 0, map[string]bool{}, settingsPanel{}
	m.all, m.orderSent, m.naming = false, 0, ""
}

func (m *monitor) Name() string                      { return "run" }
func (m *monitor) Sections() []screen.Section        { return m.sections }
func (m *monitor) Presents() bool                    { return true }
func (m *monitor) Place() (any, func() follow.Where) { return m.run.Place(follow.Run) }

// Export has the report once there is one.
func (m *monitor) Export() screen.Export {
	e := screen.Export{About: m.run.ID(), Files: func(stem string) []screen.File { return m.run.Report(stem, nil) }}
	if st := m.run.Shown(); st != nil && st.Result == nil && !m.run.Free() {
		e.Note = "; the report comes with the end of the run"
	}
	return e
}

// Hear follows the run: to its verdict, once it has come to its end.
func (m *monitor) Hear(what any) bool {
	switch what := what.(type) {
	case screen.Watch:
		if what.New {
			m.forget()
		}
		return true
	case screen.Snapshot:
		m.settleTurns()
		if what.Turned && m.run.Ended && m.run.Frozen == nil && !m.run.Free() && m.desk.Shows(m) {
			m.run.View.Zoom = false
			m.desk.Switch(screen.Verdict{})
		}
	}
	return false
}

// View is the picture, over the list of settings while that is open.
func (m *monitor) View(f screen.Frame) []string {
	st := m.run.Shown()
	list := m.panelHeight(f.H)
	if st == nil || len(st.Variants) == 0 {
		list = 0
	}
	if list >= f.H {
		return m.panelLines(f, st, list)
	}
	told := board.Told{Badge: m.run.Badge(m.desk.Now()), Banner: banner(m.run)}
	if m.run.Free() && st != nil {
		told.Scope, told.Settings = m.scope(), m.turnsText(st)
	}
	picture := f
	picture.H -= list
	lines := m.board.View(picture, m.run, told)
	return append(lines, m.panelLines(f, st, list)...)
}

// Wheel selects another variant.
func (m *monitor) Wheel(n int) { m.run.MoveFocus(n) }

// Click selects a variant.
func (m *monitor) Click(f screen.Frame, x, y int) {
	f.H -= m.panelHeight(f.H)
	if id := m.board.At(f, m.run, x, y); id != "" {
		m.run.View.Focus = id
	}
}
