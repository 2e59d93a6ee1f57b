package tui

import (
	"testing"

	"benchtop/tui/fixture"
	"benchtop/tui/terminal"
	"benchtop/tui/theme"
)

func TestTheScreenFollowsItsBackground(t *testing.T) {
	look, err := theme.New("dark", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, auto := range []bool{true, false} {
		look.Auto = auto
		m := newModel(t.Context(), Config{Session: newStill(fixture.Live(2, 1))}, look, theme.Block)
		m.Update(terminal.Background{Light: true})
		if want := map[bool]string{true: "light", false: "dark"}[auto]; m.look.Name != want {
			t.Errorf("auto %v: %s, expected %s", auto, m.look.Name, want)
		}
	}
}
