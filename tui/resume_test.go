package tui

import (
	"path/filepath"
	"testing"
	"time"

	"benchtop/lab/progress"
)

// A quiz that was left in the middle goes on there after a restart, and the catalogue leads to it.
func TestAQuizGoesOnAfterARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "progress.json")
	m, _ := lessonModel(t, progress.Open(path, time.Now))
	choose(m, "workers")
	settle(m, runes("r"))
	settle(m, runes("S"))
	settle(m, keyEnter)
	settle(m, runes("2"))
	settle(m, keyEnter)
	contains(t, m, "question 1 of 3", "right")

	m, _ = lessonModel(t, progress.Open(path, time.Now))
	if selected(m) != "workers" {
		t.Fatalf("resumes at %s", selected(m))
	}
	m.w, m.h = 120, 34
	contains(t, m, "1 of 3 answered, u goes on")
	settle(m, runes("u"))
	contains(t, m, "question 2 of 3", "enter answer")
	for range 4 {
		settle(m, keyEnter)
	}
	if got := m.course.Kept.Scenarios["workers"]; len(got.Quiz) != 3 || !got.Quiz[0].Correct {
		t.Errorf("%+v", got.Quiz)
	}

	// Once it is whole it can be taken again, from the first question.
	m, _ = lessonModel(t, progress.Open(path, time.Now))
	if selected(m) == "workers" {
		t.Error("what is done is selected again")
	}
	choose(m, "workers")
	settle(m, runes("u"))
	contains(t, m, "question 1 of 3", "enter answer")
}
