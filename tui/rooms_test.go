package tui

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// toy is a screen that nothing but this test names.
type toy struct {
	screen.Plain
	desk    screen.Desk
	wheeled int
	clicked [2]int
}

type askForToy struct{}

func (t *toy) Name() string                   { return "toy" }
func (t *toy) Hear(what any) bool             { _, asked := what.(askForToy); return asked }
func (t *toy) Wheel(n int)                    { t.wheeled += n }
func (t *toy) Click(_ screen.Frame, x, y int) { t.clicked = [2]int{x, y} }
func (t *toy) Export() screen.Export          { return screen.Export{About: "workers"} }
func (t *toy) View(f screen.Frame) []string {
	return []string{theme.NewLine(f.W).Put(f.Look.Text, "a toy").Done()}
}

func (t *toy) Opens() []screen.Key {
	return []screen.Key{screen.Bind("ctrl+t", "", "open the toy box", screen.Plainly(func() { t.desk.Open(askForToy{}) }), nil, "ctrl+t")}
}

func (t *toy) Sections() []screen.Section {
	return []screen.Section{{Name: "toy box", Keys: []screen.Key{
		screen.Bind("w", "wind", "wind the toy up", screen.Plainly(func() { t.desk.Tell("it runs") }), nil, "w"),
		screen.Bind("b", "break", "break the toy", screen.Plainly(func() {}), func() string { return "it is whole" }, "b"),
		screen.Bind("esc", "back", "put the toy away", screen.Plainly(t.desk.Back), nil, "esc"),
	}}}
}

// A screen that is registered, here in the test alone, is in the table of keys, the help line, the help, the list of
// commands, the names of exports and under the mouse.
func TestARegisteredScreenIsEverywhere(t *testing.T) {
	before := rooms
	defer func() { rooms = before }()
	rooms = append(append([]listed{}, rooms...), listed{make: func(m *model) screen.Screen { return &toy{desk: m} }})

	var rows []string
	for _, b := range Keys() {
		if b.Screen == "toy box" || slices.Contains(b.Keys, "ctrl+t") {
			rows = append(rows, b.What)
		}
	}
	if !reflect.DeepEqual(rows, []string{"wind the toy up", "break the toy", "put the toy away", "open the toy box"}) {
		t.Errorf("the table of keys has %q", rows)
	}

	var exported []string
	m := testModel(t, "mono", Config{Entries: fixtureEntries(), Export: func(files []ExportFile) (string, error) {
		for _, f := range files {
			exported = append(exported, f.Name)
		}
		return "/somewhere", nil
	}})
	m.w, m.h = 120, 34
	settle(m, runes("?wind"))
	contains(t, m, "toy box", "wind the toy up")
	pressAll(m, keyEsc, keyEsc)
	settle(m, tea.KeyMsg{Type: tea.KeyCtrlT})
	contains(t, m, "a toy", "w wind", "(b break)", "esc back")
	settle(m, runes("b"))
	contains(t, m, "b: it is whole")
	settle(m, runes("w"))
	contains(t, m, "✓ it runs")
	settle(m, runes("?break"))
	contains(t, m, "toy box · here", "not now: it is whole")
	pressAll(m, keyEsc, keyEsc, runes(":wind"))
	contains(t, m, "▸ wind")
	m.notice = notice{}
	settle(m, keyEnter)
	contains(t, m, "✓ it runs")
	settle(m, runes("x"))
	if len(exported) != 2 || !strings.HasPrefix(exported[0], "benchtop-workers-toy-") {
		t.Errorf("exported %q", exported)
	}
	settle(m, clickAt(tea.MouseButtonWheelDown, 5, 5))
	settle(m, clickAt(tea.MouseButtonLeft, 7, 3))
	if it := m.below().(*toy); it.wheeled != 1 || it.clicked != [2]int{7, 3} {
		t.Errorf("the mouse does %+v", it)
	}
	settle(m, keyEsc)
	if at(m) != "catalogue" {
		t.Errorf("back is %s", at(m))
	}
}

// The root is small: what belongs to a screen is that screen's.
func TestTheRootIsSmall(t *testing.T) {
	if n := reflect.TypeFor[model]().NumField(); n >= 25 {
		t.Errorf("%d fields", n)
	}
}
