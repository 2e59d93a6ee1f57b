package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

func TestPalette(t *testing.T) {
	m := testModel(t, "mono", Config{Entries: fixtureEntries(), Start: cannotStart})
	m.w, m.h = 80, 24
	settle(m, runes(":"))
	contains(t, m, "open workers")
	contains(t, m, "theme light")
	settle(m, runes("open noi"))
	contains(t, m, "▸ open noise")
	if view := m.View(); strings.Contains(view, "open workers") {
		t.Errorf("what was typed does not filter\n%s", view)
	}
	settle(m, keyEnter)
	if m.overlay != overlayNone || m.screen != screenLesson || m.selected != "noise" {
		t.Errorf("overlay %v, screen %v, scenario %q", m.overlay, m.screen, m.selected)
	}

	settle(m, runes(":glyphs ascii"))
	settle(m, keyEnter)
	if m.tier.String() != "ascii" {
		t.Errorf("the glyphs are %v", m.tier)
	}
	settle(m, runes(":theme high"))
	settle(m, keyEnter)
	if m.look.Name != "high-contrast" {
		t.Errorf("the theme is %s", m.look.Name)
	}

	// A quit typed is a letter; esc clears, then closes.
	settle(m, runes(":q"))
	if m.palette.typed != "q" || m.leaving {
		t.Errorf("typed %q, leaving %v", m.palette.typed, m.leaving)
	}
	settle(m, keyEsc)
	if m.overlay != overlayPalette || m.palette.typed != "" {
		t.Error("esc does not clear what was typed")
	}
	settle(m, keyEsc)
	if m.overlay != overlayNone {
		t.Error("esc does not close the palette")
	}
	settle(m, runes(":zzz"))
	contains(t, m, "no command has this text")
	settle(m, keyEnter)
	if m.overlay != overlayPalette {
		t.Error("nothing was obeyed, and the palette is closed")
	}
}

// The palette of a run has its keys, in both directions, and says what does nothing now.
func TestPaletteOfARun(t *testing.T) {
	m := testModel(t, "mono", Config{Session: newStill(live(3, 1))})
	m.w, m.h = 120, 34
	settle(m, runes(":verdict"))
	contains(t, m, "not now: the verdict comes after the last slice")
	settle(m, keyEnter)
	if m.screen != screenLive || m.overlay != overlayPalette {
		t.Error("a command that does nothing now was done")
	}
	contains(t, m, "the verdict comes after the last slice")
	m.closeOverlay()
	m.closeOverlay()
	before := m.focus
	settle(m, runes(":variant: on"))
	settle(m, keyEnter)
	if m.focus == before {
		t.Error("the next variant is not selected")
	}
	settle(m, runes(":variant: back"))
	settle(m, keyEnter)
	if m.focus != before {
		t.Errorf("%q is selected, not %q", m.focus, before)
	}
}

// Every command of every screen can be done.
func TestEveryCommand(t *testing.T) {
	for _, name := range []string{"catalogue", "lesson", "predict", "live", "live zoomed", "live free", "live of replay", "verdict", "quiz", "quiz right"} {
		shot := shots[name]
		m := shot(t, "mono")
		m.overlay, m.w, m.h = overlayNone, 80, 24
		m.openPalette()
		for i, c := range m.commands() {
			if c.name == "" || c.what == "" || c.do == nil {
				t.Errorf("%s: command %d is %+v", name, i, c)
			}
			if c.why != "" || c.key == "ctrl+z" || c.key == "q" {
				continue
			}
			n := shot(t, "mono")
			n.overlay, n.w, n.h = overlayNone, 80, 24
			n.openPalette()
			n.palette.at = i
			n.obey()
			fits(t, n.View(), 80, 24)
		}
	}
}

func clickAt(button tea.MouseButton, x, y int) tea.MouseMsg {
	return tea.MouseMsg{Action: tea.MouseActionPress, Button: button, X: x, Y: y}
}

func TestMouse(t *testing.T) {
	m := testModel(t, "mono", Config{Session: newStill(live(3, 1))})
	m.w, m.h = 120, 34
	for _, at := range []struct {
		x, y int
		want string
	}{{50, 10, "two"}, {119, 2, "four"}, {0, 20, "one"}, {50, 33, "one"}, {119, 29, "one"}} {
		settle(m, clickAt(tea.MouseButtonLeft, at.x, at.y))
		if m.focus != at.want {
			t.Errorf("a click at %d, %d selects %q, want %q", at.x, at.y, m.focus, at.want)
		}
	}
	settle(m, clickAt(tea.MouseButtonWheelDown, 5, 5))
	if m.focus != "two" {
		t.Errorf("the wheel selects %q", m.focus)
	}

	m = testModel(t, "mono", Config{Session: newStill(live(16, 1))})
	m.w, m.h = 80, 24
	settle(m, clickAt(tea.MouseButtonLeft, 5, 2+10)) // the tenth row of the table
	if want := m.state.Variants[9].ID; m.focus != want {
		t.Errorf("a click in the table selects %q, want %q", m.focus, want)
	}
	contains(t, m, "▸ "+letter(9))

	m = testModel(t, "mono", Config{Entries: fixtureEntries(), Start: cannotStart})
	m.w, m.h = 80, 24
	for row, line := range strings.Split(plainView(m, 80, 24), "\n") {
		for _, e := range fixtureEntries() {
			if name, _, _ := strings.Cut(line, "││"); !strings.Contains(name, " "+e.ID+" ") {
				continue
			}
			settle(m, clickAt(tea.MouseButtonLeft, 10, row))
			if m.selected != e.ID {
				t.Errorf("a click on row %d selects %q, want %q", row, m.selected, e.ID)
			}
		}
	}
	settle(m, clickAt(tea.MouseButtonLeft, 10, 2)) // a heading
	settle(m, clickAt(tea.MouseButtonLeft, 70, 5)) // the preview
	settle(m, clickAt(tea.MouseButtonWheelUp, 70, 5))
	m.openHelp()
	settle(m, clickAt(tea.MouseButtonWheelDown, 5, 5))
	if m.over != 3 {
		t.Errorf("the wheel scrolls the help to %d", m.over)
	}
}

// The mouse leads to every page of two runs, scrolls them, and selects the variant that both are shown of.
func TestMouseOnTwoRuns(t *testing.T) {
	m, _ := pairOfRuns(t, "mono", fridays(), Config{})
	m.w, m.h = 80, 24
	bar := strings.Split(plainView(m, 80, 24), "\n")[1]
	for i := range comparePages {
		page := (i + 1) % comparePages
		before, _, _ := strings.Cut(bar, comparePageNames[page])
		settle(m, clickAt(tea.MouseButtonLeft, len(before)+2, 1))
		if m.comparePage != page {
			t.Errorf("a click on %s leads to %s", comparePageNames[page], comparePageNames[m.comparePage])
		}
	}
	settle(m, clickAt(tea.MouseButtonWheelDown, 5, 5))
	m.View() // it clamps
	if m.scrolled[screenCompare] == 0 {
		t.Error("the wheel does not scroll the ratios")
	}
	m.showComparePage(pageBeside)
	first := m.focus
	settle(m, clickAt(tea.MouseButtonWheelDown, 5, 5))
	if m.focus == first {
		t.Error("the wheel selects no variant")
	}
}
