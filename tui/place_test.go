package tui

import (
	"strings"
	"testing"
	"time"

	"benchtop/lab"
	"benchtop/lab/follow"
	"benchtop/lab/progress"
	"benchtop/tui/fixture"
	"benchtop/tui/screen"
)

// The screen tells where the person is at each step of the way, and nothing while nothing changes.
func TestTheScreenTellsItsPlace(t *testing.T) {
	var told []follow.Where
	clock := &stopped{now: time.Unix(1000, 0)}
	source := newStill(fixture.Live(2, 1))
	m := testModel(t, "mono", Config{
		Now: clock.Now, Entries: fixtureEntries(), Placed: func(w follow.Where) { told = append(told, w) }, Progress: progress.Memory(),
	})
	at := func(place, scenario string) {
		t.Helper()
		m.Update(tickMsg{})
		m.Update(tickMsg{})
		if len(told) != 1 || told[0].Place != place || told[0].Scenario != scenario {
			t.Errorf("told %+v, want %s of %s once", told, place, scenario)
		}
		told = nil
	}
	at(follow.Catalogue, "")
	press(m, keyEnter)
	at(follow.Read, "client-keepalive")
	m.cfg.Start = cannotStart
	press(m, runes("r"))
	at(follow.Predict, "client-keepalive")
	pressAll(m, runes("1"), keyEnter, keyEnter, keyEnter, keyEnter)
	m.Update(tickMsg{})
	if len(told) != 1 || !strings.Contains(told[0].Predicted, "for two") {
		t.Errorf("told of the prediction: %+v", told)
	}
	told = nil
	m.attach(source, m.course.Kept.Scenarios["client-keepalive"].Prediction)
	m.Update(tickMsg{})
	if len(told) != 1 || told[0].Block != 4 || told[0].Letter != "B" || told[0].Predicted == "" || told[0].Left == 0 {
		t.Errorf("told of the run: %+v", told)
	}
	told = nil
	source.Snapshot = ended(2)
	m.Update(tickMsg{})
	if len(told) != 1 || told[0].Place != follow.Why || told[0].Ended != lab.EndComplete || len(told[0].Verdicts) != 1 {
		t.Errorf("told of the end: %+v", told)
	}
	told, m.ending.came = nil, time.Time{}
	m.Open(screen.Quiz{Plan: m.run.State.Plan})
	press(m, keyEnter)
	m.Update(tickMsg{})
	if len(told) != 1 || told[0].Place != follow.Quiz || told[0].Question != 1 || told[0].Chosen != 1 {
		t.Errorf("told of the quiz: %+v", told)
	}
}
