package tui

import (
	"context"
	"strings"
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
)

type overlay int

const (
	overlayNone overlay = iota
	overlayHelp
	overlayLog
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
	session  Session
	replay   Replayer
	plan     *lab.Plan  // of the run, for starting it again
	state    *lab.State // newest snapshot
	frozen   *lab.State
	frozenAt time.Time
	ended    bool // the newest snapshot has an end
	finished bool // Done is closed
	starting bool
	pending  map[string]float64 // knobs that were turned and have not taken effect: key -> value

	// Settings of the picture.
	focus string // id of the selected variant
	zoom  bool
	own   bool // every variant on its own scale
	span  span3
	cache map[string]panel
	text  map[string][]string // rendered lessons

	// The catalogue.
	selected   string // id of an entry
	filter     string
	filtering  bool
	helpFilter string

	// The way through a lesson.
	store   *progress.Store
	kept    progress.Progress // what the store holds
	unsaved bool              // it was changed and is to be written
	unkept  string            // why it cannot be written
	warned  string            // what was said about the file
	draft   *draft
	said    *progress.Prediction // before the run on screen, nil: there was nothing to predict
	chapter int                  // of the why screen
	laid    []leaf               // its pages as they were last drawn
	quiz    *quiz
	detour  *detour // from a quiz to the lesson that proves an option

	notice     string // why a key did nothing, what went wrong, or what was done
	noticeGood bool
	noticeAt   time.Time

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

type panelKey struct {
	seq     uint64
	rect    Rect
	focused bool
	theme   string
	tier    theme.Tier
	own     bool
	span    span3
	extra   string
}

type (
	tickMsg  time.Time
	leaveMsg struct{}
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
		cache: map[string]panel{}, text: map[string][]string{}, pending: map[string]float64{},
	}
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
	return m
}

// attach puts a session on the live screen, with what was said before it.
func (m *model) attach(s Session, said *progress.Prediction) {
	m.session, m.said = s, said
	m.replay, _ = s.(Replayer)
	m.state, m.frozen, m.ended, m.finished, m.zoom, m.focus = nil, nil, false, false, false, ""
	m.pending = map[string]float64{}
	clear(m.cache)
	m.screen, m.overlay, m.scrolled[screenVerdict], m.chapter = screenLive, overlayNone, 0, 0
	m.detour = nil
	m.pull()
	if m.state != nil && m.state.Plan != nil {
		m.plan = m.state.Plan
	}
}

// Init starts the clock of the snapshots.
func (m *model) Init() tea.Cmd { return nextTick() }

func nextTick() tea.Cmd { return tea.Tick(tick, func(t time.Time) tea.Msg { return tickMsg(t) }) }

// Update routes one message, and has written what it changed in the progress.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.route(msg)
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
		}
	case savedMsg:
		m.saved(msg)
	case exportedMsg:
		m.exported(msg)
	case tea.KeyMsg:
		return m.keys(msg)
	}
	return nil
}

// keys takes what the terminal sent: several keys typed at once arrive as one message and are split, unless an input
// has the focus.
func (m *model) keys(msg tea.KeyMsg) tea.Cmd {
	if msg.Type == tea.KeyRunes && !msg.Alt {
		if m.inputFocused(msg.Runes) {
			m.typed(string(msg.Runes))
			return nil
		}
		if msg.Paste {
			return nil // a pasted text is no command
		}
		var cmds []tea.Cmd
		for _, r := range msg.Runes {
			if m.inputFocused([]rune{r}) { // the key before it has led to an input
				m.typed(string(r))
				continue
			}
			if cmd := m.key(string(r)); cmd != nil {
				cmds = append(cmds, cmd)
			}
		}
		if len(cmds) == 1 {
			return cmds[0]
		}
		return tea.Batch(cmds...)
	}
	return m.key(msg.String())
}

// inputFocused tells whether what is typed is text. In the help it is, but q leaves as long as nothing was typed.
func (m *model) inputFocused(r []rune) bool {
	switch {
	case m.overlay == overlayHelp:
		return m.helpFilter != "" || strings.Trim(string(r), "q") != ""
	case m.overlay == overlayNone && m.screen == screenCatalogue:
		return m.filtering
	case m.overlay == overlayNone:
		return m.typesPrediction(r)
	}
	return false
}

func (m *model) typed(s string) {
	s = theme.Clean(s)
	if m.overlay == overlayHelp {
		m.helpFilter, m.over = m.helpFilter+s, 0
		return
	}
	if m.screen == screenPredict {
		text := m.draft.text + s
		m.draft.text = text[:min(len(text), maxTyped)]
		return
	}
	m.filter += s
	m.keepSelection()
}

// maxTyped is the longest number that is taken.
const maxTyped = 8

// key does what one key does.
func (m *model) key(key string) tea.Cmd {
	if m.overlay == overlayHelp || (m.filtering && m.overlay == overlayNone && m.screen == screenCatalogue) {
		if cmd, done := m.edit(key); done {
			return cmd
		}
	}
	if key == "backspace" && m.overlay == overlayNone && m.screen == screenPredict {
		m.erasePrediction()
		return nil
	}
	a := m.find(key)
	if a == nil {
		return nil
	}
	if why := m.reason(a); why != "" {
		m.say(a.Show + ": " + why)
		return nil
	}
	m.notice = ""
	return a.do(m, key)
}

// edit handles the keys of an input that has the focus.
func (m *model) edit(key string) (tea.Cmd, bool) {
	text := &m.filter
	if m.overlay == overlayHelp {
		text = &m.helpFilter
	}
	switch key {
	case "backspace":
		if r := []rune(*text); len(r) > 0 {
			*text = string(r[:len(r)-1])
		}
	case "ctrl+u":
		*text = ""
	case " ":
		m.typed(" ")
	case "enter":
		m.filtering = false
		return nil, true
	case "esc":
		if m.overlay == overlayHelp {
			return nil, false
		}
		m.clearFilter()
		return nil, true
	default:
		return nil, false
	}
	m.keepSelection()
	return nil, true
}

// pull takes one snapshot and follows the run to its end.
func (m *model) pull() {
	if m.session == nil {
		return
	}
	st := m.session.State()
	if st == nil {
		return
	}
	m.state = st
	if m.focus == "" || m.index(m.focus) < 0 {
		if len(st.Variants) > 0 {
			m.focus = st.Variants[0].ID
		}
	}
	select {
	case <-m.session.Done():
		m.finished = true
	default:
	}
	m.settleKnobs()
	ended := st.End != nil
	if ended == m.ended {
		return
	}
	m.ended = ended
	switch {
	case ended && m.frozen == nil && m.screen == screenLive && !m.freeRun():
		m.screen, m.zoom = screenVerdict, false
	case !ended && m.screen == screenVerdict:
		m.screen = screenLive // scrubbed back before the end
	}
	if ended {
		m.finish(st)
	}
}

// shown is the snapshot on the screen: the frozen one, or the newest.
func (m *model) shown() *lab.State {
	if m.frozen != nil {
		return m.frozen
	}
	return m.state
}

// latest is the newest snapshot of the last run.
func (m *model) latest() *lab.State {
	if m.session == nil {
		return nil
	}
	if st := m.session.State(); st != nil {
		return st
	}
	return m.state
}

// running tells whether a run is under way; a replay is none.
func (m *model) running() bool {
	if m.session == nil || m.replay != nil || m.finished {
		return false
	}
	select {
	case <-m.session.Done():
		return false
	default:
		return true
	}
}

func (m *model) freeRun() bool {
	return m.state != nil && m.state.Plan != nil && m.state.Plan.Free
}

// index is the place of a variant in the snapshot on screen, -1 if it is not there.
func (m *model) index(id string) int {
	st := m.shown()
	if st == nil {
		return -1
	}
	for i := range st.Variants {
		if st.Variants[i].ID == id {
			return i
		}
	}
	return -1
}

// say shows a remark in the help line for a while.
func (m *model) say(s string) { m.notice, m.noticeGood, m.noticeAt = s, false, m.cfg.Now() }

// tell shows what was done, in the same place.
func (m *model) tell(s string) {
	m.say(s)
	m.noticeGood = true
}

// noticeFor is how long a remark stands; a long one, which takes more than a line, twice as long.
const noticeFor = 4 * time.Second

func (m *model) noticeNow() string {
	stands := noticeFor
	if theme.Width(m.notice) > m.w-4 {
		stands *= 2
	}
	if m.notice != "" && m.cfg.Now().Sub(m.noticeAt) < stands {
		return m.notice
	}
	return ""
}

// View draws the screen: exactly h lines, none wider than w.
func (m *model) View() string {
	if m.w <= 0 || m.h <= 0 {
		return ""
	}
	s := strings.Join(m.frame(), "\n")
	if m.tier == theme.ASCII {
		s = theme.ToASCII(s)
	}
	return s
}

// frame gives the lines of the screen.
func (m *model) frame() []string {
	if m.w < minWidth || m.h < minHeight {
		return m.tooSmall()
	}
	var lines []string
	switch {
	case m.overlay == overlayHelp:
		lines = m.helpScreen()
	case m.overlay == overlayLog:
		lines = m.logScreen()
	case m.screen == screenLesson:
		lines = m.lessonScreen()
	case m.screen == screenPredict:
		lines = m.predictScreen()
	case m.screen == screenLive:
		lines = m.liveScreen()
	case m.screen == screenVerdict:
		lines = m.whyScreen()
	case m.screen == screenQuiz:
		lines = m.quizScreen()
	default:
		lines = m.catalogueScreen()
	}
	for len(lines) < m.h-1 {
		lines = append(lines, theme.Blank(m.w))
	}
	if said := m.notices(); len(said) > 0 {
		return append(lines[:m.h-len(said)], said...)
	}
	return append(lines[:m.h-1], m.keyLine())
}
