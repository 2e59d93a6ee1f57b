package tui

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"benchtop/lab/progress"
	"benchtop/tui/screen"
)

// The README's pictures are drawn from the recorded runs: `go test ./tui -run TestPictures -update` makes them again.
func TestPictures(t *testing.T) {
	for name, p := range map[string]struct {
		w, h int
		shot func() *model
	}{
		"live": {120, 34, func() *model { return recordedModel(t, "dark", runOfTwo, 47*time.Second) }},
		"four": {120, 34, func() *model { return recordedModel(t, "dark", runOfFour, 40*time.Second) }},
		"wide": {200, 50, func() *model { return recordedModel(t, "dark", runOfTwo, 47*time.Second) }},
		"predict": {100, 28, func() *model {
			m := recordedLab(t, "dark", runOfTwo)
			press(m, runes("r"))
			pressAll(m, runes("1"), keyTab, runes("50"), keyTab, runes("8x"), keyTab, keyBackTab)
			return m
		}},
		"verdict": {120, 34, func() *model {
			plan := recorded(t, runOfTwo, 0).Plan
			said := &progress.Prediction{
				Metric: plan.Predict.Metric, Variant: plan.Predict.Variant, Baseline: plan.Baseline, Winner: plan.Baseline, Low: 1.5, High: 8,
				Locked: time.Unix(900, 0).UTC(),
			}
			return recordedEnd(t, "dark", runOfTwo, 0, said)
		}},
		"latency": {120, 34, func() *model { return recordedEnd(t, "dark", runOfFour, 3, nil) }},
		"quiz": {100, 28, func() *model {
			m := recordedLab(t, "dark", runOfTwo)
			m.Open(screen.Quiz{Plan: m.course.Find(selected(m)).Plan})
			pressAll(m, runes("2"), keyEnter)
			return m
		}},
	} {
		m := p.shot()
		m.w, m.h = p.w, p.h
		m.View() // the screen as it is laid out: pages are turned to after it
		file := filepath.Join("pictures", name+".svg")
		want := []byte(m.picture())
		if flag.Lookup("update").Value.String() == "true" {
			if err := os.WriteFile(file, want, 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(file) //nolint:gosec // one of the names above
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s is not what the screen shows now: `go test ./tui -run TestPictures -update`", file)
		}
	}
}
