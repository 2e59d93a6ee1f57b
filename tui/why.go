package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/tui/course"
	"benchtop/tui/draw"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// The why screen: chapters that say what was decided and on what it rests. They are laid on pages, as many on one as
// the screen has room for; a number leads to a chapter wherever it lies.

// chapter is one box of the why screen: lines of text, or a picture that takes the rows that it gets.
type chapter struct {
	name  string // in the bar of chapters
	title string
	lines []string
	least int // rows of the picture
	most  int
	grow  func(w, rows int) []string
}

// rows is the height of a chapter's box.
func (c *chapter) rows() int {
	if c.grow != nil {
		return c.least + 2
	}
	return len(c.lines) + 2
}

// wideWhy is the width from which two chapters of text stand side by side.
const wideWhy = 110

// chapters are the why screen, w cells wide, in the order of the questions that a reader has.
func (p *pen) chapters(w int) []chapter {
	inner, _ := theme.Inner(w, 0)
	half := inner
	if w >= wideWhy {
		half, _ = theme.Inner(w/2, 0)
	}
	return []chapter{
		{name: "verdict", title: "verdict", lines: p.sentences(inner)},
		{name: "metrics", title: "every metric against the baseline", lines: p.forest(inner)},
		{name: "mechanism", title: "what explains it", lines: p.mechanism(inner)},
		p.latencyChapter(),
		p.slicesChapter(),
		{name: "claims", title: "was it expected?", lines: p.claims(half)},
		{name: "basis", title: "what it rests on", lines: p.remarks(half)},
	}
}

// numbered is how many chapters a key leads to.
const numbered = 7

// leaf is the chapters that are on the screen together: the first one and how many.
type leaf struct{ first, n int }

// pages divides the chapters among pages of h rows: as many to a page as fit. On a wide screen the last two stand side
// by side and count as one.
func pages(all []chapter, w, h int) []leaf {
	var out []leaf
	used := 0
	for i := range all {
		rows := all[i].rows()
		if w >= wideWhy && i == len(all)-2 {
			rows = max(rows, all[i+1].rows())
		}
		beside := w >= wideWhy && i == len(all)-1
		if n := len(out); n > 0 && (beside || used+rows <= h) {
			out[n-1].n++
			if !beside {
				used += rows
			}
			continue
		}
		out = append(out, leaf{i, 1})
		used = rows
	}
	return out
}

// pageOf is the page that shows a chapter.
func pageOf(all []leaf, chapter int) int {
	for i, p := range all {
		if chapter < p.first+p.n {
			return i
		}
	}
	return len(all) - 1
}

// whyPage is one page, drawn: the lines of its chapters.
func (p *pen) whyPage(all []chapter, on leaf, w, h int) []string {
	rest := h
	shown := all[on.first : on.first+on.n]
	side := w >= wideWhy && on.first+on.n == len(all) && on.n >= 2
	if side {
		last := len(shown) - 2
		rest -= max(shown[last].rows(), shown[last+1].rows())
		shown = shown[:last]
	}
	for i := range shown {
		rest -= shown[i].rows()
	}
	var out []string
	for i := range shown {
		c := &shown[i]
		lines := c.lines
		if c.grow != nil {
			rows := c.least
			if extra := min(max(rest, 0), c.most-c.least); extra > 0 {
				rows, rest = rows+extra, rest-extra
			}
			inner, _ := theme.Inner(w, 0)
			lines = c.grow(inner, rows)
		}
		out = append(out, p.titled(fmt.Sprintf("%d  %s", on.first+i+1, c.title), lines, w, len(lines)+2)...)
	}
	if !side {
		return out
	}
	left, right := &all[len(all)-2], &all[len(all)-1]
	rows := max(left.rows(), right.rows())
	a := p.titled(fmt.Sprintf("%d  %s", len(all)-1, left.title), left.lines, w/2, rows)
	b := p.titled(fmt.Sprintf("%d  %s", len(all), right.title), right.lines, w-w/2, rows)
	for k := range a {
		out = append(out, a[k]+b[k])
	}
	return out
}

func (p *pen) titled(title string, lines []string, w, h int) []string {
	return theme.Box{Width: w, Height: h, Left: theme.NewLine(w).Put(p.look.Strong, title), Border: p.look.Faint}.Draw(lines)
}

// whyScreen draws the end of a run: all but the key line. It depends on the State, the prediction and the settings
// alone, so a replay of the same events shows the same.
func (m *model) whyScreen(at *int) []string {
	st := m.state
	if st == nil || st.Result == nil {
		return m.liveScreen()
	}
	p := pen{look: m.look, tier: m.tier, st: st, set: m.settings(), said: m.said, claim: m.cfg.Claim}
	rows := m.h - 4
	badge := m.fileBadge()
	lines := m.cached(panelName{what: "header"}, Rect{W: m.w}, false, false, "verdict"+badge, func() []string { return p.header(m.w, badge) })
	lines = append([]string{}, lines...)
	said := ""
	if m.said != nil {
		said = fmt.Sprint(m.said.Locked, m.said.Skipped)
	}
	body := m.cached(panelName{what: "why"}, Rect{W: m.w, H: m.h}, false, false, fmt.Sprint(m.chapter, said), func() []string {
		all := p.chapters(m.w)
		laid := pages(all, m.w, rows)
		m.laid = laid
		return p.whyPage(all, laid[pageOf(laid, m.chapter)], m.w, rows)
	})
	cut, mark := draw.Window(body, rows, at)
	lines = append(lines, p.chapterBar(m.w, m.laid, m.chapter, mark))
	return append(lines, cut...)
}

// chapterBar names the chapters; those that are on the screen stand out.
func (p *pen) chapterBar(w int, laid []leaf, chapter int, mark string) string {
	l := theme.NewLine(w).Space(1)
	on := laid[pageOf(laid, chapter)]
	right := theme.NewLine(w).Put(p.look.Muted, mark).Space(1)
	names := []string{"verdict", "metrics", "mechanism", "latency", "slices", "claims", "basis"}
	long := theme.Width(strings.Join(names, "")) + 4*len(names) + 2
	for i, name := range names {
		text, ink := fmt.Sprintf(" %d ", i+1), p.look.Muted
		here := i >= on.first && i < on.first+on.n
		if here || w-right.Used() >= long {
			text += name + " "
		}
		if here {
			ink = p.look.Select
		}
		l.Put(ink, text)
	}
	return l.Right(right).Done()
}

// show leads to a chapter.
func (s *verdictScreen) show(n int) { s.m.chapter, s.at = min(max(n, 0), numbered-1), 0 }

// turnPage leads to the page before or after.
func (s *verdictScreen) turnPage(n int) {
	laid := s.m.laid
	if len(laid) == 0 {
		return
	}
	at := (pageOf(laid, s.m.chapter) + n + len(laid)) % len(laid)
	s.show(laid[at].first)
}

func (m *model) verdictKeys(s *verdictScreen) screen.Section {
	keys := []screen.Key{
		screen.Bind("enter", "quiz", "the questions about this run", screen.Plainly(func() { m.Open(screen.Quiz{Plan: m.state.Plan}) }), m.whyNoQuiz, "enter"),
		screen.Digits("chapter", "verdict, metrics, mechanism, latency, slices, claims, basis", numbered, func(n int) { s.show(n - 1) }, nil),
		screen.Pair("←→", "page", "the page before or after (tab does too, also in a replay)", s.turnPage, 1, nil, "left", "shift+tab", "right", "tab").Unless(m.replays),
		screen.Bind("n", "next", "the next scenario of the track that is not done", screen.Plainly(m.goOn), m.whyNoNext, "n"),
		screen.Bind("v", "the run", "the picture of the run, and back to the verdict", screen.Plainly(func() { m.Switch(screen.Watch{}) }), nil, "v"),
		screen.Bind("r", "again", "run the same scenario again", m.startAgain, m.whyNoStart, "r"),
		screen.Bind("esc", "back", "back to the catalogue", screen.Plainly(m.toCatalogue), m.whyNoBack, "esc"),
		screen.Bind("e", "events", "everything that happened in this run", m.opening(screen.Events{}), nil, "e"),
	}
	return screen.Section{Name: "verdict", Keys: append(keys, screen.Scrolling("the page", s.scroll)...)}
}

// goOn opens the lesson of the next scenario, or the catalogue when all are done.
func (m *model) goOn() {
	m.frozen = nil
	m.Home(m.course.GoOn(m.planID())...)
}

func (m *model) whyNoNext() string { return m.course.WhyNoNext(m.planID(), m.Running()) }

func (m *model) whyNoQuiz() string {
	switch p := m.state.Plan; {
	case p == nil || len(p.Quiz) == 0:
		return course.NoQuiz
	case p.Free:
		return "a free run has no quiz"
	case m.state.End == nil || m.state.End.How != lab.EndComplete:
		return "the run did not come to its end; the quiz is about what it shows"
	}
	return ""
}

// startAgain runs the same plan again; what was predicted for it stands.
func (m *model) startAgain() tea.Cmd { return m.Start(m.plan, false, m.said) }

func (m *model) whyNoStart() string {
	if why := m.WhyNoRun(); why != "" {
		return why
	}
	if m.plan == nil {
		return "there is no plan to run again"
	}
	return ""
}

func (m *model) toCatalogue() {
	m.frozen = nil
	m.Home()
}
