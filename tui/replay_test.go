package tui

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/progress"
	"benchtop/lab/record"
	"benchtop/lab/rehearsal"
	"benchtop/tui/fixture"
	"benchtop/tui/screen"
)

// follower is a live run as a Session: a fold that gets its events one after the other.
type follower struct {
	*still
	fold *lab.Fold
}

func (f *follower) State() *lab.State { return f.fold.State() }

// canvas is the screen without its last line, which in a replay says that it is one.
func canvas(m *model) string {
	view := m.View()
	return view[:strings.LastIndex(view, "\n")]
}

// Wherever one scrubs to, and from wherever, the screen is the one that was to be seen live at that time.
func TestAScrubShowsTheScreenOfThatTime(t *testing.T) {
	events := rehearsal.Script{Blocks: 3, Slice: 750 * time.Millisecond, Trouble: true}.Events()
	total := time.Duration(events[len(events)-1].At)
	const points = 30
	at := func(i int) time.Duration { return total * time.Duration(i) / (points - 1) }
	for _, size := range sizes {
		f := &follower{still: newStill(nil), fold: lab.NewFold()}
		f.fold.Apply(events[0])
		live := testModel(t, "dark", Config{Session: f})
		live.w, live.h = size[0], size[1]
		var want []string
		next := 1
		for i := range points {
			for next < len(events) && events[next].At <= int64(at(i)) {
				f.fold.Apply(events[next])
				next++
			}
			live.Update(tickMsg{})
			want = append(want, canvas(live))
		}
		if want[0] == want[points/2] || live.below().Name() != "verdict" {
			t.Fatal("the run stands still, or does not come to its end")
		}

		clock := &stopped{now: time.Unix(1000, 0)}
		m := testModel(t, "dark", Config{Session: record.NewPlayer(&record.Run{Events: events}, clock.Now), Now: clock.Now})
		m.w, m.h = size[0], size[1]
		m.run.Replay.Pause(true)
		draw := rand.New(rand.NewPCG(11, uint64(size[0])))
		for _, i := range append(draw.Perm(points), draw.Perm(points)...) {
			seek(m, at(i))
			m.Update(tickMsg{})
			if got := canvas(m); got != want[i] {
				t.Fatalf("%v at %v, live\n%s\nscrubbed to\n%s", size, at(i), want[i], got)
			}
			if !strings.Contains(m.View(), "REPLAY") {
				t.Fatal("no REPLAY")
			}
		}
	}
}

func replayOf(t *testing.T, s rehearsal.Script) (*model, *stopped) {
	t.Helper()
	clock := &stopped{now: time.Unix(1000, 0)}
	m := testModel(t, "mono", Config{Session: record.NewPlayer(&record.Run{Events: s.Events()}, clock.Now), Now: clock.Now})
	m.w, m.h = 120, 34
	return m, clock
}

func where(m *model) time.Duration {
	at, _ := m.run.Replay.Position()
	return at
}

// Every event is reached with ] in order and with [ in reverse, and the screen says what it is.
func TestJumpsToEvents(t *testing.T) {
	m, _ := replayOf(t, rehearsal.Script{Blocks: 2, Slice: 500 * time.Millisecond, Trouble: true})
	press(m, tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}})
	press(m, tea.KeyMsg{Type: tea.KeyHome})
	var there []time.Duration
	var said []string
	for range 20 {
		before := where(m)
		press(m, runes("]"))
		if where(m) == before {
			break
		}
		there = append(there, where(m))
		said = append(said, m.notice.text)
		contains(t, m, "REPLAY")
	}
	all := strings.Join(said, "\n")
	for _, want := range []string{"0:00  warm-up of one", "two: worker 1100: killed", "block 1 runs again: a worker died", "run complete"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
	press(m, runes("]"))
	contains(t, m, "there is no event after this")
	for i := len(there) - 2; i >= 0; i-- {
		press(m, runes("["))
		if where(m) != there[i] {
			t.Fatalf("back at %v, expected %v", where(m), there[i])
		}
	}
	press(m, runes("["))
	contains(t, m, "there is no event before this")

	press(m, runes("}"))
	press(m, runes("}"))
	if m.run.State.Phase.Index != 3 || m.run.State.Phase.Phase != lab.PhaseSlice {
		t.Errorf("%+v", m.run.State.Phase)
	}
	press(m, runes("{"))
	if m.run.State.Phase.Index != 2 {
		t.Errorf("%+v", m.run.State.Phase)
	}
}

// Going back from event to event gets on although the replay plays.
func TestJumpingBackWhilePlaying(t *testing.T) {
	m, clock := replayOf(t, rehearsal.Script{Blocks: 2, Slice: 500 * time.Millisecond, Trouble: true})
	press(m, runes("++"))
	press(m, tea.KeyMsg{Type: tea.KeyEnd})
	seen := []time.Duration{}
	for range 4 {
		press(m, runes("["))
		if slices.Contains(seen, where(m)) {
			t.Fatalf("%v again after %v", where(m), seen)
		}
		seen = append(seen, where(m))
		clock.now = clock.now.Add(200 * time.Millisecond)
		m.Update(tickMsg{})
	}
}

func TestTransport(t *testing.T) {
	m, clock := replayOf(t, rehearsal.Script{Blocks: 2, Slice: 500 * time.Millisecond})
	_, total := m.run.Replay.Position()
	m.w, m.h = 80, 24
	contains(t, m, "REPLAY ▶ 1x 0:00 / ")
	press(m, runes("++++++"))
	contains(t, m, "16x")
	press(m, runes("-"))
	if m.run.Replay.CurrentSpeed() != 8 {
		t.Error(m.run.Replay.CurrentSpeed())
	}
	clock.now = clock.now.Add(125 * time.Millisecond)
	m.Update(tickMsg{})
	if where(m) != time.Second {
		t.Error(where(m))
	}
	press(m, tea.KeyMsg{Type: tea.KeyEnd})
	if where(m) != total || at(m) != "verdict" {
		t.Errorf("%v of %v on screen %s", where(m), total, at(m))
	}
	contains(t, m, "end")
	contains(t, m, "space again")
	press(m, tea.KeyMsg{Type: tea.KeyLeft})
	if where(m) != total-2*time.Second || at(m) != "run" {
		t.Errorf("%v of %v on screen %s", where(m), total, at(m))
	}
	press(m, tea.KeyMsg{Type: tea.KeyEnd})
	press(m, tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}})
	if where(m) != 0 || m.run.Replay.Paused() || at(m) != "run" {
		t.Error("space at the end does not begin again")
	}
	press(m, tea.KeyMsg{Type: tea.KeyShiftRight})
	if got, want := where(m), max(total/10, 2*time.Second).Round(time.Second); got != want {
		t.Errorf("%v, want %v", got, want)
	}
	press(m, runes("<"))
	if where(m) != 0 {
		t.Error(where(m))
	}

	// A frozen moment gives way to the one that is sought.
	press(m, runes("f"))
	press(m, tea.KeyMsg{Type: tea.KeyRight})
	if m.run.Frozen != nil {
		t.Error("the scrub is not to be seen")
	}
}

func TestANoticeAtTheStart(t *testing.T) {
	m := testModel(t, "mono", Config{Session: newTape(fixture.Live(2, 1)), Notice: "the run file is cut at line 7"})
	m.w, m.h = 80, 24
	contains(t, m, "the run file is cut at line 7")
	contains(t, m, "REPLAY")
}

// elsewhere is a run that was recorded on another machine.
type elsewhere struct{ *record.Player }

func (elsewhere) Origin() string { return "recorded 2025-05-01 on A processor, 8 cores" }

// On a verdict R shows the recorded run of the scenario with where it comes from, and R again one's own.
func TestTheReferenceOfAVerdict(t *testing.T) {
	asked := ""
	m, clock := replayOf(t, rehearsal.Script{Blocks: 6})
	m.cfg.Reference = func(id string) (Replayer, error) {
		asked = id
		return elsewhere{record.NewPlayer(&record.Run{Events: rehearsal.Script{Blocks: 6, Ratio: 1.5}.Events()}, clock.Now)}, nil
	}
	_, total := m.run.Replay.Position()
	seek(m, total)
	m.Update(tickMsg{})
	own := m.run.Session
	for _, back := range []tea.KeyMsg{runes("R"), {Type: tea.KeyEsc}} {
		press(m, runes("R"))
		m.Update(tickMsg{})
		if asked != m.run.ID() || m.below().Name() != "verdict" {
			t.Fatalf("asked for %q, on the %s", asked, m.below().Name())
		}
		contains(t, m, "recorded 2025-05-01 on A processor, 8 cores", "NOT THIS MACHINE", "REFERENCE", "R: back to your own run")
		if view := plainView(m, 80, 24); strings.Contains(view, "▸ recorded") {
			t.Errorf("a notice covers what the run means\n%s", view)
		}
		press(m, back)
		m.Update(tickMsg{})
		if m.run.Session != own || m.below().Name() != "verdict" || strings.Contains(m.View(), "NOT THIS MACHINE") {
			t.Errorf("not back at one's own run with %s:\n%s", back, m.View())
		}
	}
	m.cfg.Reference = nil
	if press(m, runes("R")); m.run.Session != own {
		t.Error("a reference without any")
	}
}

// Where there is no recorded run of a scenario, R is offered neither on its verdict nor in its lesson.
func TestNoReferenceOfAScenario(t *testing.T) {
	m, _ := replayOf(t, rehearsal.Script{Blocks: 6})
	asked, has := "", false
	m.cfg.Reference = func(id string) (Replayer, error) {
		asked = id
		return nil, errors.New("none")
	}
	m.cfg.Recorded = func(string) bool { return has }
	_, total := m.run.Replay.Position()
	seek(m, total)
	m.Update(tickMsg{})
	lesson, _ := lessonModel(t, nil)
	lesson.cfg.Reference, lesson.cfg.Recorded = m.cfg.Reference, m.cfg.Recorded
	lesson.Open(screen.Lesson{ID: "workers"})
	for _, m := range []*model{m, lesson} {
		for _, has = range []bool{false, true} {
			asked = ""
			if line := foot(m, 200, 50); !strings.Contains(line, "R reference") || strings.Contains(line, "(R reference)") == has {
				t.Errorf("recorded: %v, the foot of the %s: %s", has, at(m), line)
			}
			if press(m, runes("R")); (asked != "") != has {
				t.Errorf("recorded: %v, asked for %q", has, asked)
			}
		}
	}
}

// The recorded run of a lesson is there before its own run is; the way back is the lesson.
func TestARecordedRunIsShownFromItsLesson(t *testing.T) {
	m, _ := lessonModel(t, nil)
	asked := ""
	m.cfg.Reference = func(id string) (Replayer, error) {
		asked = id
		return elsewhere{record.NewPlayer(&record.Run{Events: rehearsal.Script{Blocks: 6, Ratio: 1.5}.Events()}, m.cfg.Now)}, nil
	}
	m.Open(screen.Lesson{ID: "workers"})
	before := m.run.Session
	press(m, runes("R"))
	m.Update(tickMsg{})
	if asked != "workers" || at(m) != "verdict" {
		t.Fatalf("R leads to the %s of %q", at(m), asked)
	}
	contains(t, m, "esc: back.", "NOT THIS MACHINE")
	if press(m, keyEsc); at(m) != "lesson" || m.run.Session != before {
		t.Errorf("back from the recorded run is %s", at(m))
	}
}

// The proof of an answer is the recorded run, at its verdict; the way back is the question, and the run that was there before.
func TestTheProofOfAnAnswerIsARun(t *testing.T) {
	m, _ := lessonModel(t, nil)
	asked := ""
	m.cfg.Reference = func(id string) (Replayer, error) {
		asked = id
		return elsewhere{record.NewPlayer(&record.Run{Events: rehearsal.Script{Blocks: 6, Ratio: 1.5}.Events()}, m.cfg.Now)}, nil
	}
	choose(m, "workers")
	pressAll(m, runes("u"), runes("2"), keyEnter)
	before := m.run.Session
	contains(t, m, "p opens the recorded run of workers, which answer 2 rests on")
	for _, leave := range []tea.KeyMsg{keyEsc, runes("v"), runes("n")} {
		press(m, runes("p"))
		m.Update(tickMsg{})
		if asked != "workers" || at(m) != "verdict" {
			t.Fatalf("the proof is the %s of %q", at(m), asked)
		}
		contains(t, m, "esc: back.", "NOT THIS MACHINE")
		if press(m, keyEnter); at(m) != "verdict" {
			t.Error("a proof leads to another quiz")
		}
		press(m, leave)
		switch leave.String() {
		case "v":
			if press(m, keyEsc); at(m) != "quiz" {
				t.Errorf("back from the picture of a proof is %s", at(m))
			}
		case "esc":
			contains(t, m, "question 1 of 3", "✓ right")
		}
		if m.run.Session != before || m.run.Proof {
			t.Errorf("after %s the run is that of the proof", leave)
		}
	}
}

// A run that was not begun here is run again with the prediction that was kept of its scenario; where that measures something
// else, or nothing was said, it is asked for.
func TestARerunOfAReplayKeepsThePrediction(t *testing.T) {
	script := rehearsal.Script{Blocks: 6, Slice: 500 * time.Millisecond, Change: func(p *lab.Plan) {
		p.Predict = &lab.Predict{Ask: "By how much?", Metric: "rps", Variant: "two"}
	}}
	for name, c := range map[string]struct {
		said    *progress.Prediction
		changed bool // the scenario was, since the run
		keeps   bool
	}{
		"as it was":         {fixture.Predicted("two", 1.2, 1.6), false, true},
		"another scenario":  {fixture.Predicted("two", 1.2, 1.6), true, false},
		"another question":  {fixture.Predicted("three", 1.2, 1.6), false, false},
		"skipped":           {&progress.Prediction{Skipped: true}, false, false},
		"nothing predicted": {nil, false, false},
	} {
		plan := script.Plan()
		if c.changed {
			plan.Blocks++
		}
		m := testModel(t, "mono", Config{Entries: []Entry{{ID: plan.ID, Title: plan.Title, Plan: &plan}}, Now: (&stopped{now: time.Unix(1000, 0)}).Now})
		m.cfg.Start = func(context.Context, *lab.Plan, bool) (Session, error) { return newStill(ended(2)), nil }
		m.cfg.Reference = func(string) (Replayer, error) {
			return elsewhere{record.NewPlayer(&record.Run{Events: script.Events()}, m.cfg.Now)}, nil
		}
		if c.said != nil {
			m.course.Keep(&plan, func(s *progress.Scenario) { s.Prediction = c.said })
		}
		m.Open(screen.Lesson{ID: plan.ID})
		press(m, runes("R"))
		m.Update(tickMsg{})
		if at(m) != "verdict" {
			t.Fatalf("%s: the recorded run is %s", name, at(m))
		}
		settle(m, runes("r"))
		switch {
		case c.keeps:
			if m.run.Said == nil || m.run.Said.Low != 1.2 || m.run.Replay != nil {
				t.Errorf("%s: %s, with %+v", name, at(m), m.run.Said)
			}
			contains(t, m, "your prediction stands: +20 to +60 % for two")
		case at(m) != "predict":
			t.Errorf("%s: r leads to %s", name, at(m))
		default:
			contains(t, m, "By how much?", "predict first, or skip it (S)")
		}
	}
}

// The replay of one's own run has the prediction that the run was judged by, and that of another run of the scenario has not.
func TestAReplayOfOnesOwnRunHasItsPrediction(t *testing.T) {
	for _, own := range []bool{true, false} {
		st := ended(2)
		st.Result.Scenario.ID = st.Plan.ID
		m := testModel(t, "mono", Config{Entries: fixtureEntries(), Session: newTape(st)})
		said := predicted("two", 1.1, 1.3)
		said.Locked = st.Result.Started.Add(-time.Minute)
		if !own {
			said.Locked = st.Result.Started.Add(time.Minute)
		}
		outcome := progress.Judge(st.Result, said)
		said.Outcome = &outcome
		m.run.Ended, m.run.Said = false, nil
		m.course.Keep(st.Plan, func(s *progress.Scenario) { s.Prediction = said })
		m.Pull()
		if (m.run.Said != nil) != own {
			t.Errorf("own %v: said %+v", own, m.run.Said)
		}
	}
}
