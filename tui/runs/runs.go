// Package runs is the screen of the saved runs: to replay them, compare two, read their reports, and delete them.
package runs

import (
	"bytes"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/follow"
	"benchtop/lab/report"
	"benchtop/lab/saved"
	"benchtop/tui/draw"
	"benchtop/tui/screen"
	"benchtop/tui/watch"
)

// shelf is the list of the saved runs, or the report of one.
type shelf struct {
	screen.Plain
	desk     screen.Desk
	saved    *saved.Shelf // nil: nothing is saved
	sections []screen.Section

	selected string    // path
	newest   time.Time // when the newest run began that the list has had
	picked   []string  // paths of at most two runs to be compared
	shown    []string  // paths of the rows that were drawn last
	first    int       // row of the list
	page     int       // rows that fit
	deleting bool      // it is asked whether the selected one is to go
	opening  bool      // a file is being read

	report *lab.Result // on the screen instead of the list; nil: the list
	text   []string    // of the report
	scroll draw.Scroll // of the report
}

// New is the screen of the runs of a shelf.
func New(desk screen.Desk, kept *saved.Shelf) screen.Screen {
	s := &shelf{desk: desk, saved: kept}
	listed := func() bool { return s.report == nil }
	s.sections = []screen.Section{
		{Name: "my runs", On: listed, Keys: []screen.Key{
			screen.Bind("enter", "replay", "play the selected run again; nothing is started", s.replay, s.whyNone, "enter"),
			screen.Bind("space", "pick", "pick the selected run, to compare two of them; again: let it go", screen.Plainly(s.pick), s.whyNone, " "),
			screen.Bind("c", "compare", "the two picked runs side by side", s.compare, s.whyNotTwo, "c"),
			screen.Bind("r", "report", "what the selected run came to, in lines; x writes it as Markdown and HTML", s.read, s.whyNone, "r"),
			screen.Bind("d", "delete", "delete the file of the selected run; you are asked once", screen.Plainly(s.ask), s.whyNone, "d"),
			screen.Pair("↑↓", "select", "select a run", s.Wheel, 1, nil, "up", "k", "down", "j"),
			screen.Pair("pgup pgdn", "", "select a run a page further up or down", s.turn, 1, nil, "pgup", "pgdown"),
			screen.Pair("home end", "", "select the newest run, or the oldest one", s.Wheel, draw.Farthest, nil, "home", "end"),
			screen.Bind("esc", "back", "back to the catalogue", screen.Plainly(desk.Back), nil, "esc"),
		}},
		{Name: "report of a run", On: func() bool { return s.report != nil }, Keys: append(s.scroll.Keys("the report"), s.scroll.Reading(),
			screen.Bind("esc", "back", "back to the list", screen.Plainly(s.closeReport), nil, "esc"))},
	}
	return s
}

func (s *shelf) Name() string {
	if s.report != nil {
		return "report"
	}
	return "runs"
}

func (s *shelf) Sections() []screen.Section { return s.sections }

// Hear opens the list, and has what is seen of it read while nothing is measured.
func (s *shelf) Hear(what any) bool {
	switch what.(type) {
	case screen.Runs:
		if s.saved == nil {
			return false
		}
		s.closeReport()
		s.deleting, s.picked = false, nil
		s.saved.Refresh()
		if all := s.saved.Runs(); len(all) > 0 && (s.index() < 0 || all[0].At.After(s.newest)) {
			s.selected, s.newest = all[0].Path, all[0].At
		}
		return true
	case screen.Snapshot:
		if s.saved != nil && s.desk.Shows(s) && s.report == nil && !s.desk.Running() {
			s.saved.Look(s.shown)
		}
	}
	return false
}

// Place implements screen.Placer.
func (s *shelf) Place() (what any, where func() follow.Where) {
	return nil, func() follow.Where { return screen.PlaceOf(follow.Catalogue, nil) }
}

// Export has the report of the run that is read.
func (s *shelf) Export() screen.Export {
	if s.report == nil {
		return screen.Export{}
	}
	return screen.Export{About: s.report.Scenario.ID, Files: func(stem string) []screen.File {
		var md, html bytes.Buffer
		if report.Markdown(&md, s.report) != nil || report.HTML(&html, s.report) != nil {
			return nil
		}
		return []screen.File{{Name: stem + ".md", Content: md.Bytes()}, {Name: stem + ".html", Content: html.Bytes()}}
	}}
}

// index is the row of the selected run, -1 when it is not there.
func (s *shelf) index() int {
	return slices.IndexFunc(s.saved.Runs(), func(r saved.Run) bool { return r.Path == s.selected })
}

// run is the selected one, nil for none.
func (s *shelf) run() *saved.Run {
	if s.saved == nil {
		return nil
	}
	if i := s.index(); i >= 0 {
		return &s.saved.Runs()[i]
	}
	return nil
}

// Wheel selects n runs further down, or up.
func (s *shelf) Wheel(n int) {
	if s.report != nil {
		s.scroll.By(3 * n)
		return
	}
	if all := s.saved.Runs(); len(all) > 0 {
		s.selected = all[min(max(s.index()+n, 0), len(all)-1)].Path
	}
}

// turn selects n pages further.
func (s *shelf) turn(n int) { s.Wheel(n * max(s.page, 1)) }

// Click selects the run of a row.
func (s *shelf) Click(_ screen.Frame, _, y int) {
	if row := y - headRows; s.report == nil && row >= 0 && row < len(s.shown) {
		s.selected = s.shown[row]
	}
}

func (s *shelf) whyNone() string {
	switch {
	case s.run() == nil:
		return "no run is saved yet"
	case s.opening:
		return "a run is being opened"
	}
	return ""
}

func (s *shelf) whyNotTwo() string {
	if len(s.picked) < 2 {
		return "pick two runs with space first"
	}
	return s.whyNone()
}

// pick takes the selected run for the comparison, instead of the one that was picked first when there are two.
func (s *shelf) pick() {
	if i := slices.Index(s.picked, s.selected); i >= 0 {
		s.picked = slices.Delete(s.picked, i, i+1)
		return
	}
	s.picked = append(s.picked, s.selected)
	s.picked = slices.Clone(s.picked[max(len(s.picked)-2, 0):])
}

// opened gives a message for the root, once a file was read.
func (s *shelf) opened(read func() watch.Opened) tea.Cmd {
	s.opening = true
	return func() tea.Msg {
		o := read()
		o.Done = func() { s.opening = false }
		return o
	}
}

func (s *shelf) replay() tea.Cmd {
	path := s.selected
	return s.opened(func() watch.Opened {
		p, notice, err := saved.Replay(path)
		if err != nil {
			return watch.Opened{Err: err}
		}
		return watch.Opened{Session: p, Show: []any{screen.Runs{}, screen.Watch{}}, Notice: notice}
	})
}

// compare puts the older of the picked runs first.
func (s *shelf) compare() tea.Cmd {
	var pair []string
	for _, r := range slices.Backward(s.saved.Runs()) {
		if slices.Contains(s.picked, r.Path) {
			pair = append(pair, r.Path)
		}
	}
	if len(pair) != 2 {
		return nil
	}
	return s.opened(func() watch.Opened {
		versus, players, err := saved.Both(pair[0], pair[1])
		if err != nil {
			return watch.Opened{Err: err}
		}
		duo := watch.NewDuo(&watch.Pair{Versus: versus, First: players[0], Second: players[1]})
		return watch.Opened{Session: duo, Show: []any{screen.Runs{}, duo}}
	})
}

// read opens the report.
func (s *shelf) read() tea.Cmd {
	s.opening = true
	path := s.selected
	return func() tea.Msg {
		r, notice, err := saved.Result(path)
		var text bytes.Buffer
		if err == nil {
			err = report.Plain(&text, r)
		}
		return screen.Done(func() {
			s.opening = false
			if err != nil {
				s.desk.Say(err.Error())
				return
			}
			if notice != "" {
				s.desk.Say(notice)
			}
			s.report = r
			s.scroll.Top()
			s.text = lines(text.String())
		})
	}
}

func (s *shelf) closeReport() { s.report, s.text = nil, nil }

func (s *shelf) ask() { s.deleting = true }

// Typing implements screen.Typist: while it is asked whether to delete, every key is the answer.
func (s *shelf) Typing([]rune) bool { return s.deleting }

// Type takes the answer.
func (s *shelf) Type(text string) {
	s.deleting = false
	if text != "y" {
		s.desk.Tell("it stays")
		return
	}
	at := s.index()
	if err := s.saved.Delete(s.selected); err != nil {
		s.desk.Say("it is not deleted: " + err.Error())
		return
	}
	s.picked = slices.DeleteFunc(s.picked, func(path string) bool { return path == s.selected })
	s.desk.Tell("deleted " + s.selected)
	s.selected = ""
	if all := s.saved.Runs(); len(all) > 0 {
		s.selected = all[min(max(at, 0), len(all)-1)].Path
	}
}

// Edit implements screen.Typist: every other key keeps the file.
func (s *shelf) Edit(key string) bool {
	if !s.deleting || key == "ctrl+c" || key == "ctrl+x" {
		return false
	}
	if len(key) > 1 {
		s.Type(key)
	}
	return len(key) > 1
}
