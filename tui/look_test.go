package tui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"benchtop/lab"
	"benchtop/lab/progress"
	"benchtop/scenarios"
	"benchtop/tui/draw"
	"benchtop/tui/screen"
)

// What to look at is kept back until the prediction is locked, and is whole on a terminal of 80 by 24 then.
func TestWhatToLookAtComesAfterTheLock(t *testing.T) {
	for _, e := range scenarios.List() {
		file, err := scenarios.Load(e.ID)
		if err != nil {
			t.Fatal(err)
		}
		p := file.Plan
		m := testModel(t, "mono", Config{Entries: []Entry{{ID: p.ID, Title: p.Title, Track: p.Track, Plan: p}}, Start: cannotStart})
		lesson := func() string {
			m.Open(screen.Lesson{ID: p.ID})
			m.w, m.h = 120, 400
			return plainView(m, 120, 400)
		}
		if strings.Contains(lesson(), "What to look at") {
			t.Errorf("%s: the lesson says what to look at before the prediction", p.ID)
		}
		lock(m, p)
		if !strings.Contains(lesson(), "What to look at") {
			t.Errorf("%s: the lesson says nothing of what to look at after the lock", p.ID)
		}
		m.Open(screen.Predict{Plan: p})
		m.w, m.h = 80, 24
		view := plainView(m, 80, 24)
		what := strings.Split(strings.TrimSpace(ansi.Strip(strings.Join(draw.Look(m.look, p, 80-4), "\n"))), "\n")
		last := strings.TrimSpace(what[len(what)-1])
		if !strings.Contains(view, "What to look at") || !strings.Contains(view, last) || !strings.Contains(view, "LOCKED") {
			t.Errorf("%s: on 80x24 the last line, %q, is not in\n%s", p.ID, last, view)
		}
	}
}

// lock keeps a prediction of a plan.
func lock(m *model, p *lab.Plan) {
	q := p.Predict
	m.course.Keep(p, func(s *progress.Scenario) {
		s.Prediction = &progress.Prediction{Metric: q.Metric, Variant: q.Variant, Baseline: p.Baseline, Winner: q.Variant, Low: 1.1, High: 1.5}
	})
}
