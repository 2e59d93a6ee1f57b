package tui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/progress"
	"benchtop/tui/theme"
)

type screen int

const (
	screenCatalogue screen = iota
	screenLesson
	screenPredict
	screenLive
	screenVerdict
	screenQuiz
	screenCompare
)

type overlay int

const (
	overlayNone overlay = iota
	overlayHelp
	overlayLog
	overlayPalette
)

// model is the one Bubble Tea model: it routes keys and ticks. What is drawn is made by the screens from the State
// and the settings below; panels are plain functions.
type model struct {
	ctx   context.Context //nolint:containedctx // Start of a run chosen later needs it, and Bubble Tea's methods take none
	cfg   Config
	look  *theme.Theme
	tier  theme.Tier
	table []action
	w, h  int

	screen   screen
	overlay  overlay
	scrolled map[screen]int
	over     int // scroll of the overlay

	// The run.
	session     Session
	replay      Replayer
	pair        *Pair // two runs side by side; replay and session are the duo then
	duo         *duo
	comparePage int
	plan        *lab.Plan  // of the run, for starting it again
	state       *lab.State // newest snapshot
	frozen      *lab.State
	frozenAt    time.Time
	ended       bool // the newest snapshot has an end
	finished    bool // Done is closed
	starting    bool
	pending     map[string]turned // settings that were turned and have not happened yet, by variant.key
	sent        int               // turns of this run
	named       map[string]bool   // ids that were given to copies
	panel       knobPanel

	// Settings of the picture.
	focus string // id of the selected variant
	zoom  bool
	own   bool // every variant on its own scale
	heat  bool // latency over time comes before its distribution
	span  span3
	sheet theme.Sheet // what panels are drawn on
	rows  theme.Sheet // what they are put together on
	pen   pen
	cache map[panelName]panel
	text  map[string][]string // rendered lessons

	// The catalogue.
	selected   string // id of an entry
	filter     string
	filtering  bool
	helpFilter string
	listed     []string // ids of the rows of the list as it was last drawn, empty for headings
	palette    palette

	// The way through a lesson.
	store   *progress.Store
	kept    progress.Progress // what the store holds
	unsaved bool              // it was changed and is to be written
	unkept  string            // why it cannot be written
	trouble string            // with the file of the run
	lost    bool              // the run is not kept
	warned  string            // what was said about the file
	draft   *draft
	said    *progress.Prediction // before the run on screen, nil: there was nothing to predict
	chapter int                  // of the why screen
	laid    []leaf               // its pages as they were last drawn
	quiz    *quiz
	detour  *detour // from a quiz to the lesson that proves an option

	stems map[string]int // exports by their names

	notice       string // why a key did nothing, what went wrong, or what was done
	noticeGood   bool
	noticePoints bool // it says what is to be seen
	noticeAt     time.Time
	placed       placeKey // that those who follow were told of last
	present      bool     // large type
	wrong        bool     // the file of the run was edited into an error

	leaving     bool
	leftAt      time.Time
	interrupted bool
}

// span3 is how much time the charts show.
type span3 int

const (
	spanShort span3 = iota // about 20 s
	spanMinute
	spanAll
)

// panel is a drawn panel and the key of what it was drawn from.
type panel struct {
	key   panelKey
	lines []string
}

// panelName tells the panels of a screen apart.
type panelName struct{ what, id string }

type panelKey struct {
	seq     uint64
	rect    Rect
	focused bool
	theme   string
	tier    theme.Tier
	own     bool
	zoom    bool
	heat    bool
	below   bool // there is a table above it
	span    span3
	extra   string
}

type (
	tickMsg  time.Time
	leaveMsg struct{}
	endedMsg struct{ session Session }
	runMsg   struct {
		session Session
		plan    *lab.Plan
		said    *progress.Prediction
		err     error
	}
)

func newModel(ctx context.Context, c Config, look *theme.Theme, tier theme.Tier) *model {
	if c.Now == nil {
		c.Now = time.Now
	}
	m := &model{
		ctx: ctx, cfg: c, look: look, tier: tier, table: actions(), scrolled: map[screen]int{},
		cache: map[panelName]panel{}, text: map[string][]string{}, pending: map[string]turned{}, named: map[string]bool{}, stems: map[string]int{},
	}
	m.present = c.Present
	if m.store = c.Progress; m.store == nil {
		m.store = progress.Memory()
	}
	m.kept = m.store.Progress()
	if len(c.Entries) > 0 {
		m.selected = m.visible()[0].ID
		m.resume()
	}
	if m.warned = m.store.Warning(); m.warned != "" {
		m.say(m.warned)
	}
	if c.Session != nil {
		m.attach(c.Session, nil)
	}
	if c.Pair != nil {
		m.openPair(c.Pair)
	}
	if c.Notice != "" {
		m.say(c.Notice)
	}
	return m
}

// attach puts a session on the live screen, with what was said before it.
func (m *model) attach(s Session, said *progress.Prediction) {
	m.session, m.said = s, said
	m.replay, _ = s.(Replayer)
	m.state, m.frozen, m.ended, m.finished, m.zoom, m.focus = nil, nil, false, false, false, ""
	m.pending, m.sent, m.named, m.panel = map[string]turned{}, 0, map[string]bool{}, knobPanel{}
	clear(m.cache)
	m.screen, m.overlay, m.scrolled[screenVerdict], m.chapter = screenLive, overlayNone, 0, 0
	m.detour, m.trouble, m.lost = nil, "", false
	m.plan = nil // comes with the first event
	m.pull()
}

// Init starts the clock of the snapshots.
func (m *model) Init() tea.Cmd {
	if m.session != nil {
		return tea.Batch(nextTick(), m.awaitEnd())
	}
	return nextTick()
}

// awaitEnd tells when the session has ended: the verdict need not wait for the next tick.
func (m *model) awaitEnd() tea.Cmd {
	session, ctx := m.session, m.ctx
	return func() tea.Msg {
		select {
		case <-session.Done():
		case <-ctx.Done():
		}
		return endedMsg{session}
	}
}

func nextTick() tea.Cmd { return tea.Tick(tick, func(t time.Time) tea.Msg { return tickMsg(t) }) }

// Update routes one message, and has written what it changed in the progress.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.route(msg)
	m.tellPlace()
	if m.unsaved {
		if save := m.save(); save != nil {
			cmd = tea.Batch(cmd, save)
		}
	}
	return m, cmd
}

func (m *model) route(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
	case tickMsg:
		m.pull()
		if m.leaving && (!m.running() && !m.starting || m.cfg.Now().Sub(m.leftAt) > patience) {
			return tea.Quit
		}
		return nextTick()
	case leaveMsg:
		return m.leave()
	case backgroundMsg:
		m.look = m.look.On(msg.light)
	case endedMsg:
		if msg.session == m.session {
			m.pull()
		}
	case runMsg:
		m.starting = false
		switch {
		case msg.err != nil:
			m.say(msg.err.Error())
		default:
			m.attach(msg.session, msg.said)
			m.plan = msg.plan
			if m.leaving {
				m.session.Stop()
				m.interrupted = true
			}
			return m.awaitEnd()
		}
	case remarkMsg:
		m.remark(Remark(msg))
	case savedMsg:
		m.saved(msg)
	case writtenMsg:
		m.written(msg)
	case exportedMsg:
		m.exported(msg)
	case tea.KeyMsg:
		return m.keys(msg)
	case tea.MouseMsg:
		m.mouse(tea.MouseEvent(msg))
	}
	return nil
}
