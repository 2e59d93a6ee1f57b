package tui

import (
	"fmt"
	"strings"
	"testing"

	"benchtop/scenarios"
	"benchtop/tui/screen"
)

// Whoever is asked sees all that there is to choose from, on a terminal of 80 by 24 too: of a prediction in each of its
// fields, and of each question of a quiz.
func TestAllOptionsAreSeen(t *testing.T) {
	for _, e := range scenarios.List() {
		file, err := scenarios.Load(e.ID)
		if err != nil {
			t.Fatal(err)
		}
		p := file.Plan
		m := testModel(t, "mono", Config{Entries: []Entry{{ID: p.ID, Title: p.Title, Track: p.Track, Plan: p}}, Start: cannotStart, Cores: 2})
		m.w, m.h = 80, 24
		m.Open(screen.Predict{Plan: p})
		begins := strings.Join(strings.Fields(strings.ReplaceAll(p.Predict.Ask, "`", ""))[:3], " ")
		for field := range 4 {
			if field == 1 {
				press(m, runes("1"))
			}
			if field > 0 {
				press(m, keyTab)
			}
			m.notice = notice{}
			view := plainView(m, 80, 24)
			for i := range len(p.Variants) + 1 {
				if !strings.Contains(view, fmt.Sprintf("● %d  ", i+1)) && !strings.Contains(view, fmt.Sprintf("○ %d  ", i+1)) {
					t.Errorf("%s, field %d: option %d of %d is not in\n%s", p.ID, field, i+1, len(p.Variants)+1, view)
					break
				}
			}
			if !strings.Contains(view, begins) {
				t.Errorf("%s, field %d: the question is not in\n%s", p.ID, field, view)
			}
		}
		m.Open(screen.Quiz{Plan: p})
		for q := range p.Quiz {
			view := plainView(m, 80, 24)
			for i := range p.Quiz[q].Options {
				if !strings.Contains(view, fmt.Sprintf(" %d  ", i+1)) {
					t.Errorf("%s, question %d: option %d is not in\n%s", p.ID, q+1, i+1, view)
				}
			}
			press(m, runes("1"))
			press(m, keyEnter)
		}
	}
}
