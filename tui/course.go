package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/progress"
	"benchtop/tui/theme"
)

// The way through the lessons: what is done, what comes next, and keeping it.

// steps of a lesson, as the screens name them.
var steps = []string{"read", "predict", "run", "why", "quiz"}

// lessonHead is the first line of a lesson's screens: the question, and where on the way one is.
func (m *model) lessonHead(title, step string) string {
	l := theme.NewLine(m.w)
	l.Space(1).Put(m.look.Accent, "benchtop").Put(m.look.Faint, " · ")
	right := theme.NewLine(m.w)
	at := slices.Index(steps, step)
	all := 5 + 4*(len(steps)-1) // cells of all steps, beside their words
	for _, s := range steps {
		all += theme.Width(s)
	}
	if theme.Width(title) > l.Free()-all { // the question is worth more
		right.Put(m.look.Strong, "["+step+"]").Put(m.look.Muted, fmt.Sprintf(" %d of %d", at+1, len(steps))).Space(1)
	} else {
		for i, s := range steps {
			if i > 0 {
				right.Put(m.look.Faint, " → ")
			}
			ink := m.look.Muted
			if i == at {
				s, ink = "["+s+"]", m.look.Strong
			}
			right.Put(ink, s)
		}
		right.Space(1)
	}
	return l.Put(m.look.Strong, theme.Fit(title, l.Free()-right.Used()-2)).Right(right).Done()
}

// keep changes what is kept of a scenario, at once in memory; Update writes it.
func (m *model) keep(p *lab.Plan, change func(*progress.Scenario)) {
	id, track := p.ID, p.Track
	m.store.Change(func(all *progress.Progress) { all.Change(id, track, change) })
	m.kept = m.store.Progress()
	m.unsaved = true
}

// savedMsg is the outcome of writing the progress file.
type savedMsg struct {
	err     error
	warning string
}

// save writes the progress file, outside of Update.
func (m *model) save() tea.Cmd {
	m.unsaved = false
	store := m.store
	if store.Path() == "" {
		return nil
	}
	return func() tea.Msg {
		err := store.Save()
		return savedMsg{err: err, warning: store.Warning()}
	}
}

// saved remembers whether what was done could be kept; the lesson goes on either way.
func (m *model) saved(msg savedMsg) {
	m.unkept = ""
	switch {
	case msg.err != nil:
		m.unkept = msg.err.Error()
		m.say("your progress is not kept: " + m.unkept)
	case msg.warning != m.warned:
		m.warned = msg.warning
		m.say(msg.warning)
	}
}

// isDone tells whether a scenario ran to its end, now or in an earlier session.
func (m *model) isDone(e *Entry) bool { return e.Done || m.kept.Scenarios[e.ID].Done != nil }

// ordered are all entries, track by track.
func (m *model) ordered() []Entry {
	out := slices.Clone(m.cfg.Entries)
	slices.SortStableFunc(out, func(a, b Entry) int {
		if d := trackRank(a.Track) - trackRank(b.Track); d != 0 {
			return d
		}
		return strings.Compare(strings.ToLower(a.Track), strings.ToLower(b.Track))
	})
	return out
}

// next is the scenario to go on with after the given one: the next of its track that is not done and can run, else
// one of the following tracks, nil when all are done.
func (m *model) next(id string) *Entry {
	all := m.ordered()
	at := slices.IndexFunc(all, func(e Entry) bool { return e.ID == id })
	track := m.kept.Track
	if at >= 0 {
		track = all[at].Track
	}
	for _, inTrack := range []bool{true, false} {
		for i := range all {
			e := &all[(max(at, 0)+i)%len(all)]
			if e.ID != id && e.Missing == "" && !m.isDone(e) && (e.Track == track || !inTrack) {
				return e
			}
		}
	}
	return nil
}

// finish keeps what a run came to, once it has ended as planned.
func (m *model) finish(st *lab.State) {
	if m.replay != nil || st.Plan == nil || st.Plan.Free || st.End.How != lab.EndComplete || st.Result == nil {
		return
	}
	now := m.cfg.Now()
	verdicts := progress.Verdicts(st.Result)
	if m.said != nil && !m.said.Skipped {
		said := *m.said
		outcome := progress.Judge(st.Result, &said)
		said.Outcome = &outcome
		m.said = &said
	}
	said := m.said
	m.keep(st.Plan, func(s *progress.Scenario) {
		s.Done, s.Verdicts = &now, verdicts
		keepPrediction(s, said)
	})
	if m.draft != nil && m.draft.plan.ID == st.Plan.ID && m.screen != screenPredict {
		m.draft = nil // the next run is another question
	}
}

// keepPrediction keeps a prediction; a run without one does not make an earlier one forgotten.
func keepPrediction(s *progress.Scenario, said *progress.Prediction) {
	if said != nil && (!said.Skipped || s.Prediction == nil || s.Prediction.Skipped) {
		s.Prediction = said
	}
}

// goOn opens the lesson of the next scenario, or the catalogue when all are done.
func (m *model) goOn() {
	from := ""
	switch {
	case m.screen == screenQuiz && m.quiz != nil:
		from = m.quiz.plan.ID
	case m.plan != nil:
		from = m.plan.ID
	}
	e := m.next(from)
	m.clearFilter()
	m.detour, m.frozen = nil, nil
	if e == nil {
		m.screen = screenCatalogue
		return
	}
	m.selected = e.ID
	m.openLesson()
}

func (m *model) whyNoNext() string {
	switch {
	case len(m.cfg.Entries) == 0:
		return "this screen shows one run only"
	case m.running():
		return "a run is going on"
	case m.next(m.doing()) == nil:
		return "every scenario that can run here is done"
	}
	return ""
}

// doing is the id of the scenario that the screen is about.
func (m *model) doing() string {
	switch {
	case m.screen == screenQuiz && m.quiz != nil:
		return m.quiz.plan.ID
	case (m.screen == screenLive || m.screen == screenVerdict || m.screen == screenCompare) && m.plan != nil:
		return m.plan.ID
	}
	return m.selected
}

// when writes a time of day, or the date too if it is not today's.
func (m *model) when(t time.Time) string {
	now := m.cfg.Now()
	t = t.In(now.Location())
	if now.Format(time.DateOnly) == t.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}
