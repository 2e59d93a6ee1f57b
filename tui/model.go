package tui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/progress"
	"benchtop/tui/course"
	"benchtop/tui/screen"
	"benchtop/tui/terminal"
	"benchtop/tui/theme"
	"benchtop/tui/watch"
)

// model is the one Bubble Tea model: it routes keys, the mouse, ticks and sizes to a stack of screens with at most one
// overlay over them, and is the desk that they ask.
type model struct {
	ctx     context.Context //nolint:containedctx // Start of a run chosen later needs it, and Bubble Tea's methods take none
	cfg     Config
	course  *course.Course
	look    *theme.Theme
	tier    theme.Tier
	w, h    int
	present bool // in large type

	screens    []made          // all of them, as rooms lists them
	stack      []screen.Screen // what is shown is the last one
	overlay    screen.Screen   // nil: none
	everywhere screen.Section
	doors      []screen.Key // those of them that open a screen from every other one

	run       *watch.Run // that the screens of a run share
	proofOver int        // how many screens lie below a proof, 0: none is shown

	notice notice
	stems  map[string]int // exports by their names
	placed placed         // that those who follow were told of last
	seated seated         // what the class was told of this seat

	ending lastEnd // of a run

	starting    bool // a run
	asking      bool // whether to leave, which would lose a run
	leftAt      time.Time
	interrupted bool
}

// lastEnd is what is remembered of the end of a run.
type lastEnd struct {
	came time.Time  // when its verdict came by itself
	last *watch.Run // of this lab that ended last, nil: none yet
}

type (
	tickMsg  time.Time
	leaveMsg struct{}
	endedMsg struct{ session Session }
	runMsg   struct {
		session Session
		plan    *lab.Plan
		free    bool
		said    *progress.Prediction
		err     error
	}
)

func newModel(ctx context.Context, c Config, look *theme.Theme, tier theme.Tier) *model {
	if c.Now == nil {
		c.Now = time.Now
	}
	m := &model{ctx: ctx, cfg: c, look: look, tier: tier, course: course.New(c.Entries, c.Progress), run: &watch.Run{}, stems: map[string]int{}, present: c.Present}
	m.everywhere = m.rootKeys()
	for _, r := range rooms {
		s := r.make(m)
		m.screens = append(m.screens, made{s, r.over})
		if o, ok := s.(screen.Opener); ok {
			for _, k := range o.Opens() {
				m.doors = append(m.doors, k.Unless(func() bool { return m.below() == s }))
			}
		}
	}
	m.everywhere.Keys = append(m.everywhere.Keys, m.doors...)
	m.stack = []screen.Screen{m.screens[0].Screen}
	if c.Begin != "" {
		first := screen.Lesson{ID: c.Begin}
		m.ask(first)
		if c.Read {
			m.Open(first)
		}
	}
	if c.Class != nil || c.Seat != nil {
		m.Open(screen.Class{})
	}
	if text := m.course.Warning(); text != "" {
		m.Say(text)
	}
	if c.Session != nil {
		m.attach(c.Session, nil)
	}
	if c.Pair != nil {
		duo := watch.NewDuo(c.Pair)
		m.attach(duo, nil)
		m.Home(duo)
	}
	if c.Notice != "" {
		m.Say(c.Notice)
	}
	return m
}

// Init starts the clock of the snapshots.
func (m *model) Init() tea.Cmd {
	begin := []tea.Cmd{nextTick()}
	if m.run.Session != nil {
		begin = append(begin, m.awaitEnd())
	}
	if m.cfg.Missing != nil {
		begin = append(begin, m.lookForMissing)
	}
	return tea.Batch(begin...)
}

// lookForMissing finds out, beside the screen, what the scenarios of the catalogue need that is not there.
func (m *model) lookForMissing() tea.Msg {
	missing := make([]string, len(m.cfg.Entries))
	for i := range m.cfg.Entries {
		if p := m.cfg.Entries[i].Plan; p != nil {
			missing[i] = m.cfg.Missing(p)
		}
	}
	return screen.Done(func() {
		for i := range missing {
			m.course.Entries[i].Missing = missing[i]
		}
	})
}

func nextTick() tea.Cmd { return tea.Tick(tick, func(t time.Time) tea.Msg { return tickMsg(t) }) }

// Update routes one message, and has written what it changed in the progress.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.route(msg)
	m.tellPlace()
	m.tellClass()
	if save := m.course.Save(); save != nil {
		cmd = tea.Batch(cmd, func() tea.Msg { return save() })
	}
	return m, cmd
}

func (m *model) route(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
	case tickMsg:
		m.Pull()
		if m.leaving() && (!m.Running() && !m.starting || m.cfg.Now().Sub(m.leftAt) > patience) {
			return tea.Quit
		}
		return nextTick()
	case leaveMsg:
		return m.leave()
	case terminal.Background:
		m.look = m.look.On(msg.Light)
	case endedMsg:
		if msg.session == m.run.Session {
			m.Pull()
		}
	case runMsg:
		return m.begun(msg)
	case remarkMsg:
		m.remark(Remark(msg))
	case course.Saved:
		if text := m.course.Wrote(msg); text != "" {
			m.Say(text)
		}
	case screen.Done:
		msg()
	case watch.Opened:
		m.opened(msg)
	case exportedMsg:
		m.exported(msg)
	case tea.KeyMsg:
		return m.keys(msg)
	case tea.MouseMsg:
		m.mouse(tea.MouseEvent(msg))
	}
	return nil
}
