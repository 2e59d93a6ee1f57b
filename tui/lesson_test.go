package tui

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/progress"
	"benchtop/lab/stats"
	"benchtop/tui/fixture"
	"benchtop/tui/screen"
)

var (
	keyEnter     = tea.KeyMsg{Type: tea.KeyEnter}
	keyEsc       = tea.KeyMsg{Type: tea.KeyEsc}
	keyUp        = tea.KeyMsg{Type: tea.KeyUp}
	keyDown      = tea.KeyMsg{Type: tea.KeyDown}
	keyLeft      = tea.KeyMsg{Type: tea.KeyLeft}
	keyTab       = tea.KeyMsg{Type: tea.KeyTab}
	keyBackspace = tea.KeyMsg{Type: tea.KeyBackspace}
	keyCtrlX     = tea.KeyMsg{Type: tea.KeyCtrlX}
	keyCtrlU     = tea.KeyMsg{Type: tea.KeyCtrlU}
	keyBackTab   = tea.KeyMsg{Type: tea.KeyShiftTab}
	keyPageDown  = tea.KeyMsg{Type: tea.KeyPgDown}
)

// settle carries a message and everything that it leads to out, as the program would.
func settle(m *model, msg tea.Msg) {
	_, cmd := m.Update(msg)
	carry(m, cmd)
}

func carry(m *model, cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil, tea.QuitMsg:
	case tea.BatchMsg:
		for _, c := range msg {
			carry(m, c)
		}
	default:
		settle(m, msg)
	}
}

// lessonModel is a lab whose runs have ended at once with two variants, the second 14.8 % ahead.
func lessonModel(t testing.TB, store *progress.Store) (m *model, started *[]string) {
	t.Helper()
	started = &[]string{}
	clock := &stopped{now: time.Unix(1000, 0)}
	m = testModel(t, "dark", Config{
		Entries: fixtureEntries(), Progress: store, Now: clock.Now,
		Start: func(_ context.Context, p *lab.Plan, _ bool) (Session, error) {
			*started = append(*started, p.ID)
			st := close2(ended(3), 1.148, stats.Higher)
			plan := *st.Plan
			plan.ID, plan.Track = p.ID, p.Track
			st.Plan = &plan
			return newStill(st), nil
		},
	})
	m.w, m.h = 120, 34
	return m, started
}

func contains(t *testing.T, m *model, wants ...string) {
	t.Helper()
	view := strings.Join(strings.Fields(strings.NewReplacer("│", " ", "┃", " ").Replace(plainView(m, 120, 34))), " ")
	for _, want := range wants {
		if !strings.Contains(view, want) {
			t.Errorf("want %q in\n%s", want, plainView(m, 120, 34))
		}
	}
}

// The whole way with nothing but the keys that the screens name.
func TestTheWayThroughALesson(t *testing.T) {
	path := filepath.Join(t.TempDir(), "progress.json")
	m, started := lessonModel(t, progress.Open(path, time.Now))
	choose(m, "workers")
	settle(m, keyEnter)
	contains(t, m, "[read] → predict → run → why → quiz", "enter predict")
	settle(m, keyEnter)
	contains(t, m, "Which has the most throughput?", "enter next", "tab field", "S skip", "under 2.0 %")
	settle(m, runes("r"))
	if contains(t, m, "lock your prediction first"); len(*started) != 0 {
		t.Fatal("it ran without a prediction")
	}
	settle(m, keyEnter)
	contains(t, m, "choose first")
	settle(m, runes("2"))
	settle(m, keyEnter)
	contains(t, m, "▸ from the same", "to +40 %", "enter next", "←→ nudge")
	settle(m, runes("5"))
	settle(m, keyTab)
	settle(m, runes("25%"))
	contains(t, m, "two's throughput is between 5 % above and 25 % above one's")
	settle(m, keyEnter)
	contains(t, m, "▸ Lock this? two is best, +5 to +25 % for two against one.", "enter lock")
	settle(m, keyEnter)
	contains(t, m, "LOCKED at", "enter run")
	if len(*started) != 0 {
		t.Fatal("locking runs")
	}
	for _, key := range []tea.KeyMsg{keyDown, keyLeft, keyTab, runes("3"), runes("9"), runes("s"), keyBackspace} {
		settle(m, key)
	}
	if p := m.course.Kept.Scenarios["workers"].Prediction; p == nil || p.Winner != "two" || p.Low != 1.05 || p.High != 1.25 {
		t.Errorf("locked, and changed: %+v", p)
	}
	settle(m, keyEnter)
	if len(*started) != 1 || at(m) != "verdict" {
		t.Fatalf("started %v, screen %s", *started, at(m))
	}
	contains(t, m, "four serves 2.88 times as much as one.", "you: +5 to +25 % ✓ inside", "you predicted that two is best in throughput:", "you predicted +5 to +25 % for two against one; measured +14.8 %: inside, a good range (score 0.17; 0 best, over 1 poor)", "enter quiz")
	settle(m, keyEnter)
	contains(t, m, "question 1 of 3", "enter answer")
	settle(m, runes("p"))
	contains(t, m, "the proof would give it away")
	settle(m, runes("2"))
	settle(m, keyEnter)
	contains(t, m, "✓ right", "One worker keeps one core busy", "enter next question")
	settle(m, keyEnter)
	settle(m, keyEnter)
	contains(t, m, "✗ wrong, it is 2", "Little's law")
	settle(m, keyEnter)
	settle(m, keyEnter)
	contains(t, m, "✓ right", "p opens the lesson of noise, which answer 1 rests on", "enter score")
	settle(m, runes("p"))
	if at(m) != "lesson" || m.below().Export().About != "noise" {
		t.Fatal("the proof does not open its lesson")
	}
	settle(m, keyEsc)
	contains(t, m, "question 3 of 3", "✓ right")
	if selected(m) != "workers" {
		t.Error("the way back selects another scenario")
	}
	settle(m, keyEnter)
	contains(t, m, "2 of 3 right", "next, in Async: blocking-loop", "enter next scenario", "inside, a good range")
	settle(m, keyEnter)
	if at(m) != "lesson" || selected(m) != "blocking-loop" {
		t.Errorf("next is %s", selected(m))
	}

	// After a restart it is all there, and the selection is where it goes on.
	again, _ := lessonModel(t, progress.Open(path, time.Now))
	if selected(again) != "blocking-loop" {
		t.Errorf("resumes at %s", selected(again))
	}
	kept := again.course.Kept.Scenarios["workers"]
	if kept.Done == nil || kept.Right() != 2 || len(kept.Quiz) != 3 || kept.Prediction.Outcome == nil || !kept.Prediction.Outcome.Covered || len(kept.Verdicts) != 2 {
		t.Errorf("%+v", kept)
	}
	choose(again, "workers")
	again.w, again.h = 120, 34
	contains(t, again, "points (the bar)", "prediction inside", "quiz 2 of 3")
}

func TestSkippedIsSaid(t *testing.T) {
	m, started := lessonModel(t, nil)
	choose(m, "workers")
	settle(m, runes("r"))
	settle(m, runes("s")) // ends a run: pressed twice it must not begin one
	if len(*started) != 0 || at(m) != "predict" {
		t.Fatal("s skips, and a second one would stop the run")
	}
	settle(m, runes("S"))
	if len(*started) != 1 || at(m) != "verdict" {
		t.Fatal("S does not run")
	}
	contains(t, m, "you predicted nothing: skipped")
	if p := m.course.Kept.Scenarios["workers"].Prediction; p == nil || !p.Skipped {
		t.Errorf("%+v", p)
	}
}

// Skipping does not make a prediction forgotten that was made before.
func TestSkippingKeepsAnEarlierPrediction(t *testing.T) {
	store := progress.Memory()
	said := predicted("two", 1.1, 1.2)
	said.Outcome = &progress.Outcome{Measured: ptr(1.15), Covered: true, Score: ptr(0.1)}
	store.Change(func(p *progress.Progress) {
		p.Change("workers", "workers", func(s *progress.Scenario) { s.Prediction = said })
	})
	m, _ := lessonModel(t, store)
	choose(m, "workers")
	settle(m, runes("r"))
	contains(t, m, "Last time you predicted +10 to +20 % for two against one; measured +15.0 %: inside")
	settle(m, runes("S"))
	if p := m.course.Kept.Scenarios["workers"].Prediction; p != said {
		t.Errorf("%+v", p)
	}
}

// A prediction that was locked before a restart stays locked, until it was measured.
func TestLockedSurvivesARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "progress.json")
	m, _ := lessonModel(t, progress.Open(path, time.Now))
	choose(m, "engines")
	for _, key := range []tea.KeyMsg{runes("r"), runes("2"), keyTab, runes("10"), keyEnter, keyEnter, keyEnter} {
		settle(m, key)
	}
	m, _ = lessonModel(t, progress.Open(path, time.Now))
	if selected(m) != "engines" {
		t.Errorf("resumes at %s", selected(m))
	}
	contains(t, m, "your prediction is locked; the run is to come")
	settle(m, runes("r"))
	contains(t, m, "LOCKED", "enter run")
	settle(m, runes("r"))
	contains(t, m, "you predicted +10 to +40 % for two")
	settle(m, keyEsc)
	settle(m, runes("r"))
	contains(t, m, "enter next") // a prediction that was measured is not locked any more
}

func TestWithoutAQuestionItRunsAtOnce(t *testing.T) {
	m, started := lessonModel(t, nil)
	for i := range m.course.Entries {
		p := *m.course.Entries[i].Plan
		p.Predict = nil
		m.course.Entries[i].Plan = &p
	}
	choose(m, "workers")
	settle(m, keyEnter)
	contains(t, m, "enter run")
	settle(m, keyEnter)
	if len(*started) != 1 || strings.Contains(plainView(m, 120, 34), "you predicted") {
		t.Errorf("started %v", *started)
	}
}

func TestNext(t *testing.T) {
	m, _ := lessonModel(t, nil)
	for _, c := range []struct {
		after, want string
		done        []string
	}{
		{"client-keepalive", "blocking-loop", nil}, // upstream-keepalive cannot run, workers is done
		{"workers", "blocking-loop", nil},
		{"noise", "client-keepalive", nil},
		{"noise", "engines", []string{"client-keepalive", "blocking-loop"}},
		{"nothing", "client-keepalive", nil},
		{"engines", "", []string{"client-keepalive", "blocking-loop", "noise"}},
	} {
		m.course.Kept = progress.Progress{Scenarios: map[string]progress.Scenario{}}
		for _, id := range c.done {
			m.course.Kept.Scenarios[id] = progress.Scenario{Done: ptr(time.Unix(1, 0))}
		}
		got := ""
		if e := m.course.Next(c.after); e != nil {
			got = e.ID
		}
		if got != c.want {
			t.Errorf("after %s with %v done: %q, want %q", c.after, c.done, got, c.want)
		}
	}
	// The rest of its own track comes before all others.
	m.course.Entries = append(m.course.Entries, Entry{ID: "workers-2", Track: "workers", Plan: fixturePlan(2)})
	if e := m.course.Next("workers"); e == nil || e.ID != "workers-2" {
		t.Errorf("%+v", e)
	}
}

// What cannot be kept is said, and the lesson goes on.
func TestProgressThatCannotBeKept(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	m, _ := lessonModel(t, progress.Open(filepath.Join(file, "progress.json"), time.Now))
	choose(m, "workers")
	settle(m, runes("r"))
	settle(m, runes("S"))
	contains(t, m, "your progress is not kept", "not a directory")
	settle(m, keyEsc)
	contains(t, m, "✓ Does another worker serve more?", "! progress is not kept")
	if m.course.Kept.Scenarios["workers"].Done == nil {
		t.Error("what was done is forgotten")
	}
}

func TestDamagedProgressIsSaid(t *testing.T) {
	path := filepath.Join(t.TempDir(), "progress.json")
	if err := os.WriteFile(path, []byte(`{"benchtop": 1, "scen`), 0o600); err != nil {
		t.Fatal(err)
	}
	m, _ := lessonModel(t, progress.Open(path, func() time.Time { return time.Unix(0, 0) }))
	contains(t, m, "is damaged", "it is kept as progress.json.damaged-19700101T000000Z")
}

// Odd contents of a progress file do no harm.
func TestOddProgress(t *testing.T) {
	store := progress.Memory()
	store.Change(func(p *progress.Progress) {
		p.Last, p.Track = "gone", "nowhere"
		p.Scenarios = map[string]progress.Scenario{
			"workers":          {Prediction: &progress.Prediction{Metric: "rps", Variant: "two", Baseline: "one", Winner: "five", Low: -1, High: math.Inf(1)}},
			"client-keepalive": {Prediction: &progress.Prediction{Outcome: &progress.Outcome{Winner: "perhaps"}}, Quiz: []progress.Answer{{Option: -7}, {Option: 99}}},
		}
	})
	m, _ := lessonModel(t, store)
	for _, id := range []string{"workers", "client-keepalive"} {
		m.Home()
		choose(m, id)
		plainView(m, 120, 34)
		settle(m, runes("r"))
		plainView(m, 120, 34)
		contains(t, m, "enter next") // a prediction that fits no plan is not taken
	}
}

func TestQuizGoesOnWhereItWasLeft(t *testing.T) {
	m, _ := lessonModel(t, nil)
	choose(m, "workers")
	settle(m, runes("u"))
	settle(m, keyEnter)
	settle(m, keyEnter)
	settle(m, keyEsc)
	if at(m) != "catalogue" {
		t.Fatal("esc does not lead back")
	}
	settle(m, runes("u"))
	contains(t, m, "question 2 of 3")
	m.Home()
	choose(m, "noise")
	settle(m, runes("u"))
	contains(t, m, "run it first")
}

// What a scenario needs that is not there is looked for beside the screen, and stands in the catalogue then.
func TestMissingIsLookedFor(t *testing.T) {
	entries := fixture.Entries()
	m := testModel(t, "dark", Config{Entries: entries, Missing: func(p *lab.Plan) string {
		if p == entries[0].Plan {
			return "nginx: apt-get install nginx-light"
		}
		return ""
	}})
	m.Update(m.lookForMissing())
	if got := m.course.Entries[0].Missing; got != "nginx: apt-get install nginx-light" {
		t.Errorf("%q", got)
	}
}

// A file of the person's own is read again when its lesson is opened or it is run, whatever has become of it.
func TestAnEditedFileIsReadAgain(t *testing.T) {
	entry := func(id, title, broken string) Entry {
		e := Entry{ID: id, Title: title, Track: OwnTrack, Own: true, Broken: broken}
		if broken == "" {
			p := *fixture.Plan(2)
			p.ID, p.Title, p.Predict = id, title, nil
			e.Plan = &p
		}
		return e
	}
	now := entry("mine", "the first question", "")
	var again func() Entry
	again = func() Entry {
		e := now
		e.Again = again
		return e
	}
	var started []string
	m := testModel(t, "dark", Config{Entries: append(fixtureEntries(), again()), Begin: "mine", Start: func(_ context.Context, p *lab.Plan, _ bool) (Session, error) {
		started = append(started, p.Title)
		return newStill(ended(2)), nil
	}})
	m.w, m.h = 120, 34
	now = entry("mine", "the second question", "")
	press(m, keyEnter)
	contains(t, m, "the second question")
	press(m, keyEsc)
	now = entry("mine.yaml", "mine.yaml", "mine.yaml:1:1: error: no plan")
	settle(m, runes("r"))
	contains(t, m, "its file has errors; enter shows them")
	settle(m, runes("F"))
	press(m, keyEnter)
	contains(t, m, "mine.yaml:1:1: error: no plan")
	press(m, keyEsc)
	now = entry("workers", "the name of another", "")
	press(m, keyEnter)
	contains(t, m, "its id workers is that of another scenario here")
	press(m, keyEsc)
	now = entry("renamed", "the third question", "")
	press(m, keyEnter)
	settle(m, runes("F"))
	if selected(m) != "renamed" || len(started) != 1 || started[0] != "the third question" {
		t.Errorf("selected %s, started %v", selected(m), started)
	}
}

// home and g lead to the first line of a text, end and G to its last.
func TestTheEndsOfAText(t *testing.T) {
	m, _ := lessonModel(t, nil)
	for name, open := range map[string]func(){
		"lesson": func() { choose(m, "workers"); m.Open(screen.Lesson{ID: "workers"}) },
		"events": func() {
			m.Home()
			long := *recorded(t, runOfFour, 0)
			long.Log = slices.Concat(long.Log, long.Log, long.Log)
			m.run.Attach(newStill(&long), nil)
			m.Pull()
			m.Open(screen.Events{})
		},
	} {
		open()
		m.w, m.h = 60, 16
		for _, keys := range [][2]tea.Msg{{tea.KeyMsg{Type: tea.KeyEnd}, tea.KeyMsg{Type: tea.KeyHome}}, {runes("G"), runes("g")}} {
			for i, mark := range []string{" ↑", " ↓"} {
				press(m, keys[i])
				view := plainView(m, 60, 16)
				view = view[:strings.LastIndex(view, "\n")] // the foot has both arrows
				if !strings.Contains(view, mark) || strings.Contains(view, " ↑↓") {
					t.Errorf("%s: no %q after %v in\n%s", name, mark, keys[i], view)
				}
			}
		}
	}
}

// What a question has in backquotes is drawn as code, in the preview of a lesson and where one predicts.
func TestAQuestionWithCode(t *testing.T) {
	m, _ := lessonModel(t, nil)
	plan := m.course.Find("workers").Plan
	plan.Predict.Ask = "What is left of `two`?"
	m.ask(screen.Lesson{ID: "workers"})
	for _, what := range []any{nil, screen.Predict{Plan: plan}} {
		if what != nil {
			m.Open(what)
		}
		if contains(t, m, "What is left of two?"); strings.Contains(m.View(), "`") {
			t.Errorf("backquotes on the screen %s", at(m))
		}
	}
}
