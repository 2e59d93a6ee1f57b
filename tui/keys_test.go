package tui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/tui/fixture"
	"benchtop/tui/screen"
)

func runes(s string) tea.KeyMsg { return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(s)} }

// press sends one message and reports whether the program would quit now.
func press(m *model, msg tea.Msg) (quits bool) {
	_, cmd := m.Update(msg)
	return quitsWith(cmd)
}

func quitsWith(cmd tea.Cmd) bool {
	if cmd == nil {
		return false
	}
	switch msg := cmd().(type) {
	case tea.QuitMsg:
		return true
	case tea.BatchMsg:
		return slices.ContainsFunc(msg, quitsWith)
	}
	return false
}

func TestQuit(t *testing.T) {
	running := newStill(fixture.Live(2, 1))
	m := testModel(t, "dark", Config{Session: running})
	if press(m, runes("qq")) {
		t.Error("a run under way is left without waiting for its end")
	}
	if running.Stops != 1 || !m.interrupted || !m.leaving() {
		t.Errorf("stops %d, interrupted %v, leaving %v", running.Stops, m.interrupted, m.leaving())
	}
	if !press(m, runes("q")) {
		t.Error("another q does not leave")
	}

	over := newStill(ended(2))
	m = testModel(t, "dark", Config{Session: over})
	if !press(m, tea.KeyMsg{Type: tea.KeyCtrlC}) || m.interrupted {
		t.Error("after the end ctrl+c leaves, and nothing was interrupted")
	}

	m = testModel(t, "dark", Config{Session: newStill(fixture.Live(2, 1))})
	if !press(m, runes("qqq")) {
		t.Error("qqq typed at once does not leave")
	}

	for _, where := range []func(*model){func(m *model) { m.Open(screen.Events{}) }, func(m *model) { m.run.View.Zoom = true }, func(m *model) { press(m, runes("f")) }, func(m *model) { m.w, m.h = 5, 3 }} {
		m = testModel(t, "dark", Config{Session: newStill(ended(2))})
		where(m)
		if !press(m, runes("q")) {
			t.Error("q does not leave from somewhere")
		}
	}
	for _, opens := range []string{"/", "?", ":"} {
		m = testModel(t, "dark", Config{Entries: fixtureEntries()})
		m.w, m.h = 80, 24
		press(m, runes(opens))
		for _, r := range "quiz" {
			if press(m, runes(string(r))) {
				t.Errorf("%s: typing leaves", opens)
			}
		}
		contains(t, m, "quiz▏")
		m.w, m.h = 80, 24
		if !press(m, tea.KeyMsg{Type: tea.KeyCtrlC}) {
			t.Errorf("%s: ctrl+c does not leave", opens)
		}
		m.w, m.h = 50, 10
		if !press(m, runes("q")) {
			t.Errorf("%s: q does not leave from a screen that is too small", opens)
		}
	}
}

func TestStoppedRunLeavesAtItsEnd(t *testing.T) {
	s := newStill(fixture.Live(2, 1))
	clock := &stopped{now: time.Unix(1000, 0)}
	m := testModel(t, "dark", Config{Session: s, Now: clock.Now})
	press(m, keyCtrlC)
	if _, cmd := m.Update(tickMsg{}); cmd == nil {
		t.Fatal("no next tick")
	}
	if view := plainView(m, 80, 24); !strings.Contains(view, "STOPPING") {
		t.Error(view)
	}
	close(s.Ended)
	if _, cmd := m.Update(tickMsg{}); !quitsWith(cmd) {
		t.Error("the end of the run does not leave")
	}
	m = testModel(t, "dark", Config{Session: newStill(fixture.Live(2, 1)), Now: clock.Now})
	press(m, keyCtrlC)
	clock.now = clock.now.Add(patience + time.Second)
	if _, cmd := m.Update(tickMsg{}); !quitsWith(cmd) {
		t.Error("a run that does not end keeps the screen")
	}
}

func TestFreeze(t *testing.T) {
	s := newStill(fixture.Live(2, 1))
	clock := &stopped{now: time.Unix(1000, 0)}
	m := testModel(t, "dark", Config{Session: s, Now: clock.Now})
	before := plainView(m, 120, 34)
	press(m, runes("f"))
	next := *s.Snapshot
	next.Seq++
	next.Progress = 0.9
	s.Snapshot = &next
	clock.now = clock.now.Add(12 * time.Second)
	m.Update(tickMsg{})
	view := plainView(m, 120, 34)
	if !strings.Contains(view, "FROZEN 12 s") || !strings.Contains(view, "42 %") {
		t.Errorf("before\n%s\nfrozen\n%s", before, view)
	}
	press(m, runes("f"))
	if view := plainView(m, 120, 34); !strings.Contains(view, "90 %") {
		t.Error(view)
	}
}

func TestEndShowsTheVerdict(t *testing.T) {
	s := newStill(fixture.Live(2, 1))
	clock := &stopped{now: time.Unix(1000, 0)}
	m := testModel(t, "dark", Config{Session: s, Entries: fixtureEntries(), Now: clock.Now})
	if press(m, runes("v")); at(m) != "run" || !strings.Contains(plainView(m, 120, 34), "v: the verdict comes after the last slice") {
		t.Error("v before the end does something, or says nothing")
	}
	s.Snapshot = ended(2)
	m.Update(tickMsg{})
	if at(m) != "verdict" {
		t.Fatal("no verdict after the end")
	}
	// A key that was meant for the picture of the run does not leave it.
	for _, key := range []tea.Msg{keyEsc, runes("v"), runes("q"), keyEnter} {
		m.ending.came = clock.now
		if quits := press(m, key); quits || at(m) != "verdict" {
			t.Fatalf("%v leads to %s, leaves %v", key, at(m), quits)
		}
	}
	contains(t, m, "the run has just ended")
	clock.now = clock.now.Add(grace)
	if press(m, runes("v")); at(m) != "run" {
		t.Error("the picture of the run cannot be reached")
	}
	if !strings.Contains(plainView(m, 120, 34), "whole run") {
		t.Error("after the end the charts do not show the whole run")
	}
}

func TestReplayKeys(t *testing.T) {
	tape := newTape(fixture.Live(2, 1))
	m := testModel(t, "dark", Config{Session: tape})
	press(m, tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}})
	press(m, tea.KeyMsg{Type: tea.KeyRight})
	press(m, runes("+"))
	press(m, runes("++"))
	if !tape.Stands || tape.At != 14*time.Second || tape.X != 16 {
		t.Errorf("paused %v at %v with %v", tape.Stands, tape.At, tape.X)
	}
	if !press(m, runes("q")) || m.interrupted {
		t.Error("a replay is left at once and is never interrupted")
	}
}

func TestCatalogueToRun(t *testing.T) {
	var got []string
	var free []bool
	fails := errors.New("starting the targets: no descriptor left")
	var err error
	c := Config{Entries: fixtureEntries(), Start: func(_ context.Context, p *lab.Plan, f bool) (Session, error) {
		got, free = append(got, p.ID), append(free, f)
		if err != nil {
			return nil, err
		}
		return newStill(ended(2)), nil
	}}
	m := testModel(t, "dark", c)
	down := tea.KeyMsg{Type: tea.KeyDown}
	press(m, down)
	press(m, runes("r"))
	if len(got) != 0 || !strings.Contains(plainView(m, 120, 34), "apt-get install nginx-light") {
		t.Error("a scenario with a missing part was started, or nothing was said")
	}
	press(m, down)
	if selected(m) != "workers" {
		t.Fatal(selected(m))
	}
	press(m, tea.KeyMsg{Type: tea.KeyEnter})
	if at(m) != "lesson" {
		t.Fatal("enter does not open the lesson")
	}
	press(m, runes("r"))
	if at(m) != "predict" || len(got) != 0 {
		t.Fatal("the run starts before the prediction")
	}
	err = fails
	_, cmd := m.Update(runes("S"))
	m.Update(cmd())
	if view := plainView(m, 120, 34); !strings.Contains(view, fails.Error()) {
		t.Error(view)
	}
	err = nil
	press(m, tea.KeyMsg{Type: tea.KeyEsc})
	_, cmd = m.Update(runes("F"))
	m.Update(cmd())
	if !slices.Equal(got, []string{"workers", "workers"}) || !slices.Equal(free, []bool{false, true}) || at(m) != "verdict" {
		t.Errorf("started %v, free %v, screen %v", got, free, at(m))
	}
	press(m, tea.KeyMsg{Type: tea.KeyEsc})
	if at(m) != "catalogue" || !m.course.Done(&Entry{ID: "workers"}) {
		t.Error("esc does not lead back, or the scenario is not marked")
	}
	press(m, runes("/"))
	press(m, runes("noi"))
	if view := plainView(m, 80, 24); selected(m) != "noise" || strings.Contains(view, "engines") {
		t.Errorf("the filter does not filter\n%s", view)
	}
	press(m, tea.KeyMsg{Type: tea.KeyEsc})
	contains(t, m, "✓ Does another worker serve more?")
}

func TestHelpFilters(t *testing.T) {
	m := testModel(t, "dark", Config{Session: newStill(fixture.Live(2, 1))})
	press(m, runes("?"))
	press(m, runes("freeze"))
	view := plainView(m, 80, 24)
	if !strings.Contains(view, "measuring goes on") || strings.Contains(view, "other glyphs") {
		t.Error(view)
	}
	press(m, tea.KeyMsg{Type: tea.KeyEsc})
	if over(m) != "keys" || strings.Contains(plainView(m, 80, 24), "freeze▏") {
		t.Error("esc does not clear the filter first")
	}
	press(m, tea.KeyMsg{Type: tea.KeyEsc})
	if m.overlay != nil {
		t.Error("esc does not close the help")
	}
}

func TestKeysTable(t *testing.T) {
	seen := map[string]string{}
	for _, b := range Keys() {
		if b.What == "" || b.Show == "" || b.Screen == "" || len(b.Keys) == 0 {
			t.Errorf("incomplete: %+v", b)
		}
		for _, k := range b.Keys {
			id := b.Screen + " " + k
			if was, ok := seen[id]; ok {
				t.Errorf("%s is bound twice on %s: %s, %s", k, b.Screen, was, b.What)
			}
			seen[id] = b.What
		}
	}
}

// A run is looked at as every run is at first: what was turned on the screen of one is not carried to the next.
func TestTheNextRunIsLookedAtAfresh(t *testing.T) {
	m := testModel(t, "dark", Config{Entries: fixtureEntries(), Session: newStill(fixture.Live(2, 1)), Start: cannotStart})
	press(m, runes("ythz"))
	if v := m.run.View; !v.Own || !v.Heat || !v.Zoom || v.Span == 0 {
		t.Fatalf("nothing was turned: %+v", v)
	}
	m.attach(newStill(fixture.Live(2, 1)), nil)
	if v := m.run.View; v.Own || v.Heat || v.Zoom || v.Span != 0 {
		t.Errorf("the next run is looked at with %+v", v)
	}
}

// Where a run could not tell, a key takes more blocks for the next one, and what to do says which.
func TestARunAgainWithMoreBlocks(t *testing.T) {
	var got []lab.Plan
	m := testModel(t, "dark", Config{Entries: fixtureEntries(), Session: newStill(fixture.Undecided()), Start: func(_ context.Context, p *lab.Plan, _ bool) (Session, error) {
		got = append(got, *p)
		return newStill(fixture.Undecided()), nil
	}})
	m.w, m.h = 120, 34
	contains(t, m, "blocks. Here b doubles them, and r runs it.", "r again", "B b -/+ blocks")
	settle(m, runes("b"))
	contains(t, m, "r runs it again with 20 blocks, in about")
	m.notice = notice{}
	contains(t, m, "r again, 20 blocks")
	settle(m, runes("bBBB"))
	settle(m, runes("r"))
	settle(m, runes("r"))
	if len(got) != 2 || got[0].Blocks != 5 || got[1].Blocks != 5 {
		t.Errorf("%d runs, %+v", len(got), got)
	}
	settle(m, runes("BBB"))
	contains(t, m, "r runs it again with 3 blocks", "fewer cannot decide anything")
	if m := testModel(t, "dark", Config{Session: newStill(fixture.Undecided())}); strings.Contains(plainView(m, 120, 34), "doubles them") {
		t.Error("a run that cannot be run again from here has a key for it")
	}
}

// From the catalogue v leads to the verdict of the last run of this sitting, with what was predicted, whatever was watched since.
func TestTheLastVerdictIsThereAgain(t *testing.T) {
	clock := &stopped{now: time.Unix(1000, 0)}
	m := testModel(t, "dark", Config{Entries: fixtureEntries(), Start: cannotStart, Now: clock.Now})
	if press(m, runes("v")); at(m) != "catalogue" || !strings.Contains(plainView(m, 120, 34), "v: no run has ended since benchtop was started") {
		t.Errorf("v without a run leads to %s", at(m))
	}
	s := newStill(fixture.Live(2, 1))
	m.attach(s, predicted("two", 1.05, 1.4))
	s.Snapshot = ended(2)
	close(s.Ended)
	m.Update(tickMsg{})
	clock.now = clock.now.Add(grace)
	number := m.run.Number
	for _, since := range []func(){func() {}, func() { m.attach(newTape(fixture.Live(3, 1)), nil) }} {
		since()
		m.Home()
		if press(m, runes("v")); at(m) != "verdict" || m.run.Said == nil || m.run.Number <= number {
			t.Fatalf("v leads to %s, said %v", at(m), m.run.Said)
		}
		contains(t, m, "you predicted that two is best")
		number = m.run.Number
	}
}
