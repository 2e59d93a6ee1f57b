package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/tui/fixture"
	"benchtop/tui/format"
	"benchtop/tui/screen"
)

func TestPalette(t *testing.T) {
	m := testModel(t, "mono", Config{Entries: fixtureEntries(), Start: cannotStart})
	m.w, m.h = 80, 24
	settle(m, runes(":"))
	contains(t, m, "open workers")
	if view := plainView(m, 120, 60); !strings.Contains(view, "theme light") {
		t.Error(view)
	}
	m.w, m.h = 80, 24
	settle(m, runes("open noi"))
	contains(t, m, "▸ open noise")
	if view := m.View(); strings.Contains(view, "open workers") {
		t.Errorf("what was typed does not filter\n%s", view)
	}
	settle(m, keyEnter)
	if m.overlay != nil || at(m) != "lesson" || selected(m) != "noise" {
		t.Errorf("overlay %q, screen %v, scenario %q", over(m), at(m), selected(m))
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
	if contains(t, m, ":q]"); m.leaving() {
		t.Error("a q that is typed leaves")
	}
	m.w, m.h = 80, 24
	settle(m, keyEsc)
	if contains(t, m, ":]"); over(m) != "commands" {
		t.Error("esc does not clear what was typed")
	}
	settle(m, keyEsc)
	if m.overlay != nil {
		t.Error("esc does not close the palette")
	}
	settle(m, runes(":zzz"))
	contains(t, m, "no command has this text")
	settle(m, keyEnter)
	if over(m) != "commands" {
		t.Error("nothing was obeyed, and the palette is closed")
	}
}

// The palette of a run has its keys, in both directions, and says what does nothing now.
func TestPaletteOfARun(t *testing.T) {
	m := testModel(t, "mono", Config{Session: newStill(fixture.Live(3, 1))})
	m.w, m.h = 120, 34
	settle(m, runes(":verdict"))
	contains(t, m, "not now: the verdict comes after the last slice")
	settle(m, keyEnter)
	if at(m) != "run" || over(m) != "commands" {
		t.Error("a command that does nothing now was done")
	}
	contains(t, m, "the verdict comes after the last slice")
	settle(m, keyEsc)
	settle(m, keyEsc)
	before := m.run.View.Focus
	settle(m, runes(":variant: on"))
	settle(m, keyEnter)
	if m.run.View.Focus == before {
		t.Error("the next variant is not selected")
	}
	settle(m, runes(":variant: back"))
	settle(m, keyEnter)
	if m.run.View.Focus != before {
		t.Errorf("%q is selected, not %q", m.run.View.Focus, before)
	}
}

// Every command of every screen can be done.
func TestEveryCommand(t *testing.T) {
	for _, name := range []string{"catalogue", "lesson", "predict", "live", "live zoomed", "live free", "live of replay", "verdict", "quiz", "quiz right"} {
		shot := shots[name]
		commands := func() (m *model, all []screen.Command) {
			m = shot(t, "mono")
			m.w, m.h = 80, 24
			for _, s := range m.Below() {
				for i := range s.Keys {
					all = append(all, s.Keys[i].Commands()...)
				}
			}
			return m, append(all, m.Commands()...)
		}
		_, all := commands()
		for i, c := range all {
			if c.Name == "" || c.What == "" || c.Do == nil {
				t.Errorf("%s: command %d is %+v", name, i, c)
			}
			if c.Why != "" || c.Key == "ctrl+z" || c.Key == "q" || c.Key == "ctrl+c" {
				continue
			}
			m, all := commands()
			all[i].Do()
			fits(t, m.View(), 80, 24)
		}
	}
}

// The marked command is told whole on a small screen too, and a name is not cut where there is room.
func TestTheMarkedCommandIsToldWhole(t *testing.T) {
	m := testModel(t, "mono", Config{Session: newStill(fixture.Live(2, 1))})
	for _, size := range [][2]int{{80, 24}, {120, 36}} {
		press(m, runes(":"))
		for range 30 {
			view := plainView(m, size[0], size[1])
			fits(t, view, size[0], size[1])
			if strings.Count(view, "▸ ") != 1 {
				t.Fatalf("%v\n%s", size, view)
			}
			press(m, keyDown)
		}
		press(m, runes("verdict"))
		text := strings.Join(strings.Fields(strings.NewReplacer("│", " ").Replace(plainView(m, size[0], size[1]))), " ")
		if !strings.Contains(text, "not now: the verdict comes after the last slice") {
			t.Errorf("%v: %s", size, text)
		}
		pressAll(m, keyEsc, keyEsc)
	}
}

func clickAt(button tea.MouseButton, x, y int) tea.MouseMsg {
	return tea.MouseMsg{Action: tea.MouseActionPress, Button: button, X: x, Y: y}
}

func TestMouse(t *testing.T) {
	m := testModel(t, "mono", Config{Session: newStill(fixture.Live(3, 1))})
	m.w, m.h = 120, 34
	for _, at := range []struct {
		x, y int
		want string
	}{{50, 10, "two"}, {119, 2, "four"}, {0, 20, "one"}, {50, 33, "one"}, {119, 29, "one"}} {
		settle(m, clickAt(tea.MouseButtonLeft, at.x, at.y))
		if m.run.View.Focus != at.want {
			t.Errorf("a click at %d, %d selects %q, want %q", at.x, at.y, m.run.View.Focus, at.want)
		}
	}
	settle(m, clickAt(tea.MouseButtonWheelDown, 5, 5))
	if m.run.View.Focus != "two" {
		t.Errorf("the wheel selects %q", m.run.View.Focus)
	}

	m = testModel(t, "mono", Config{Session: newStill(fixture.Live(16, 1))})
	m.w, m.h = 80, 24
	settle(m, clickAt(tea.MouseButtonLeft, 5, 2+10)) // the tenth row of the table
	if want := m.run.State.Variants[9].ID; m.run.View.Focus != want {
		t.Errorf("a click in the table selects %q, want %q", m.run.View.Focus, want)
	}
	contains(t, m, "▸ "+format.Letter(9))

	m = testModel(t, "mono", Config{Entries: fixtureEntries(), Start: cannotStart})
	m.w, m.h = 80, 24
	for row, line := range strings.Split(plainView(m, 80, 24), "\n") {
		for _, e := range fixtureEntries() {
			if name, _, _ := strings.Cut(line, "││"); !strings.Contains(name, " "+e.ID+" ") {
				continue
			}
			settle(m, clickAt(tea.MouseButtonLeft, 10, row))
			if selected(m) != e.ID {
				t.Errorf("a click on row %d selects %q, want %q", row, selected(m), e.ID)
			}
		}
	}
	settle(m, clickAt(tea.MouseButtonLeft, 10, 2)) // a heading
	settle(m, clickAt(tea.MouseButtonLeft, 70, 5)) // the preview
	settle(m, clickAt(tea.MouseButtonWheelUp, 70, 5))
	m.Open(screen.Help{})
	settle(m, clickAt(tea.MouseButtonWheelDown, 5, 5))
	contains(t, m, "4 to ") // of the lines
}

// The mouse leads to every page of two runs, scrolls them, and selects the variant that both are shown of.
func TestMouseOnTwoRuns(t *testing.T) {
	m, _ := pairOfRuns(t, "mono", fridays(), Config{})
	m.w, m.h = 80, 24
	bar := strings.Split(plainView(m, 80, 24), "\n")[1]
	names := []string{"ratios", "what differs", "figures", "side by side"}
	for i := range 4 {
		page := (i + 1) % 4
		before, _, _ := strings.Cut(bar, names[page])
		settle(m, clickAt(tea.MouseButtonLeft, len(before)+2, 1))
		if got := m.below().Export().Page; got != page+1 {
			t.Errorf("a click on %s leads to page %d", names[page], got)
		}
	}
	settle(m, clickAt(tea.MouseButtonWheelDown, 5, 5))
	m.View() // it clamps
	if !strings.Contains(plainView(m, 80, 24), "4 to ") {
		t.Error("the wheel does not scroll the ratios")
	}
	settle(m, runes("4"))
	first := m.run.View.Focus
	settle(m, clickAt(tea.MouseButtonWheelDown, 5, 5))
	if m.run.View.Focus == first {
		t.Error("the wheel selects no variant")
	}
}

// The arrows go through all commands, not to the second one alone.
func TestArrowsInThePalette(t *testing.T) {
	m := testModel(t, "mono", Config{Entries: fixtureEntries(), Start: cannotStart})
	pressAll(m, runes(":open"), keyDown, keyDown, keyDown)
	contains(t, m, "▸ open blocking-loop")
}
