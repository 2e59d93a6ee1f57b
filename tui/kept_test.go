package tui

import (
	"testing"
	"time"

	"benchtop/tui/fixture"
)

// written is a run whose file has trouble.
type written struct {
	*still
	text string
	lost bool
}

func (w *written) Trouble() (string, bool) { return w.text, w.lost }

// What is wrong with the run file is said once; that the run is not kept stays to be seen, and nothing else changes.
func TestTroubleWithTheRunFileIsSaid(t *testing.T) {
	clock := &stopped{now: time.Unix(1000, 0)}
	s := &written{still: newStill(fixture.Live(2, 1))}
	m := testModel(t, "mono", Config{Session: s, Now: clock.Now})
	m.w, m.h = 120, 34
	before := canvas(m)
	s.text = "the run is saved in /tmp/x, because the state folder cannot take it: no space left on device"
	m.Update(tickMsg{})
	contains(t, m, "! "+s.text)
	clock.now = clock.now.Add(time.Minute)
	m.Update(tickMsg{})
	if canvas(m) != before {
		t.Error("it is said for ever")
	}
	s.text, s.lost = "the run is not saved any more: no space left on device", true
	m.Update(tickMsg{})
	contains(t, m, "! "+s.text, "NOT SAVED")
	clock.now = clock.now.Add(time.Minute)
	m.Update(tickMsg{})
	contains(t, m, "NOT SAVED", "block 4/10")
	s.text, s.lost = "", false
	m.Update(tickMsg{})
	if canvas(m) != before {
		t.Error("the badge stays")
	}
}
