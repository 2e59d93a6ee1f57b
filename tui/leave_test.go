package tui

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/tui/fixture"
	"benchtop/tui/screen"
)

var keyCtrlC = tea.KeyMsg{Type: tea.KeyCtrlC}

// A run that is going on is not lost by one key: the foot asks, a second q or y ends it, every other key goes on and does
// nothing else.
func TestLeavingARunAsks(t *testing.T) {
	for _, end := range []tea.Msg{runes("q"), runes("y"), keyCtrlC} {
		s := newStill(fixture.Live(2, 1))
		m := testModel(t, "dark", Config{Session: s})
		if press(m, runes("q")); s.Stops != 0 || m.leaving() {
			t.Fatal("one q ends the run")
		}
		for _, size := range sizes {
			view := plainView(m, size[0], size[1])
			fits(t, view, size[0], size[1])
			for _, want := range []string{"Leave benchtop?", "q or y leave", "s stop, see the verdict"} {
				if !strings.Contains(view[strings.LastIndexByte(view, '\n'):], want) {
					t.Errorf("%v: %q is missing\n%s", size, want, view)
				}
			}
		}
		for _, other := range []tea.Msg{runes("?"), runes("z"), keyEsc, keyEnter} {
			press(m, other)
			if s.Stops != 0 || m.leaving() || m.overlay != nil || m.run.View.Zoom || strings.Contains(plainView(m, 80, 24), "Leave benchtop?") {
				t.Fatalf("%v is no answer that goes on", other)
			}
			press(m, runes("q"))
		}
		if press(m, end); s.Stops != 1 || !m.interrupted || !m.leaving() {
			t.Errorf("%v: stops %d, interrupted %v, leaving %v", end, s.Stops, m.interrupted, m.leaving())
		}
	}
}

// Whoever expects the verdict is told at 80 columns which key gives it, and stays.
func TestTheQuestionStopsInstead(t *testing.T) {
	s := newStill(fixture.Live(2, 1))
	m := testModel(t, "dark", Config{Session: s})
	press(m, runes("q"))
	if view := plainView(m, 80, 24); !strings.Contains(view, "other keys go on") {
		t.Error(view)
	}
	if press(m, runes("s")); s.Stops != 1 || m.leaving() || m.asking {
		t.Errorf("stops %d, leaving %v, asking %v", s.Stops, m.leaving(), m.asking)
	}
}

// It is asked wherever q leaves, in a free run and below an overlay too, and ctrl+c never asks.
func TestWhereLeavingAsks(t *testing.T) {
	for name, where := range map[string]func(*model){
		"events": func(m *model) { m.Open(screen.Events{}) }, "counters": func(m *model) { m.Open(screen.Counters{}) },
		"zoomed": func(m *model) { m.run.View.Zoom = true }, "frozen": func(m *model) { press(m, runes("f")) },
	} {
		m := testModel(t, "dark", Config{Session: newStill(fixture.Free())})
		m.w, m.h = 80, 24
		where(m)
		press(m, runes("q"))
		contains(t, m, "Leave benchtop?")
		m = testModel(t, "dark", Config{Session: newStill(fixture.Live(2, 1))})
		where(m)
		if press(m, keyCtrlC); !m.leaving() {
			t.Errorf("%s: ctrl+c asks", name)
		}
	}
	m := testModel(t, "dark", Config{Session: newStill(fixture.Live(2, 1))})
	settle(m, runes(":"))
	settle(m, runes("quit"))
	settle(m, keyEnter)
	m.w, m.h = 80, 24
	contains(t, m, "Leave benchtop?")
}

// Where no run is lost nothing is asked, and a question whose run has ended meanwhile is withdrawn.
func TestLeavingWithoutARunAsksNothing(t *testing.T) {
	for name, c := range map[string]Config{
		"replay": {Session: newTape(fixture.Live(2, 1))}, "verdict": {Session: newStill(ended(2))}, "catalogue": {Entries: fixtureEntries()},
	} {
		if !press(testModel(t, "dark", c), runes("q")) {
			t.Errorf("%s: q does not leave", name)
		}
	}
	s := newStill(fixture.Live(2, 1))
	m := testModel(t, "dark", Config{Session: s})
	m.w, m.h = 40, 10
	if press(m, runes("q")); !m.leaving() {
		t.Error("a terminal that is too small for the question asks it")
	}
	m = testModel(t, "dark", Config{Session: s, Now: (&stopped{now: time.Unix(1000, 0)}).Now})
	press(m, runes("q"))
	s.Snapshot = ended(2)
	m.Update(tickMsg{})
	if view := plainView(m, 80, 24); strings.Contains(view, "Leave benchtop?") {
		t.Error(view)
	}
}
