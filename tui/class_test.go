package tui

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"benchtop/lab"
	"benchtop/lab/answer"
	"benchtop/lab/class"
	"benchtop/lab/figure"
	"benchtop/lab/pooled"
	"benchtop/lab/progress"
	"benchtop/lab/stats"
	"benchtop/tui/fixture"
	"benchtop/tui/room"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// classModel is the lab of a trainer.
func classModel(t testing.TB, look string, is *class.Room, keys ...string) (*model, *fixture.Trainer) {
	t.Helper()
	trainer := &fixture.Trainer{Is: is}
	m := testModel(t, look, Config{Entries: fixtureEntries(), Start: cannotStart, Class: &Class{Trainer: trainer}})
	m.w, m.h = 120, 36
	for _, k := range keys {
		press(m, runes(k))
	}
	return m, trainer
}

// seatModel is the lab of a seat, whose prediction and result are those of one in the room.
func seatModel(t testing.TB, look string, is *class.Room, keys ...string) (*model, *fixture.Guest) {
	t.Helper()
	g := &fixture.Guest{On: fixture.StageOf(is), How: class.Link{Connected: true}}
	p := fixture.Plan(2)
	if rd := is.Now(); rd != nil {
		g.Is = &class.Offer{Lesson: rd.Lesson, Plan: p}
		g.Did.Lesson = rd.Lesson.Number
		if e := rd.Entry("s0"); e != nil && e.Result != nil {
			g.Did.Finished, g.Did.Prediction, g.Did.Answers = true, e.Prediction, e.Answers
		}
	}
	mine := own(is, p)
	m := testModel(t, look, Config{Entries: fixtureEntries(), Start: cannotStart, Progress: mine, Seat: &Seat{Guest: g, Name: "Anna"}})
	m.w, m.h = 120, 36
	for _, k := range keys {
		press(m, runes(k))
	}
	return m, g
}

// own is what the first seat of a room has kept of its lesson.
func own(is *class.Room, p *lab.Plan) *progress.Store {
	kept := progress.Memory()
	if rd := is.Now(); rd != nil && rd.Entry("s0") != nil && rd.Entry("s0").Main() != nil {
		c := rd.Entry("s0").Main()
		kept.Change(func(all *progress.Progress) {
			all.Change(p.ID, p.Track, func(s *progress.Scenario) {
				s.Verdicts = []progress.Verdict{{Metric: c.Metric, Variant: c.Variant, Baseline: c.Baseline, Verdict: c.Verdict, Ratio: c.Ratio, CI95: c.CI95}}
			})
		})
	}
	return kept
}

// classShots are the stages of a class, as its trainer and as a seat sees them.
func classShots() map[string]func(t testing.TB, look string) *model {
	of := func(n int, stage fixture.ClassStage, spread float64, keys ...string) func(t testing.TB, look string) *model {
		return func(t testing.TB, look string) *model {
			m, _ := classModel(t, look, fixture.Room(n, stage, spread), keys...)
			return m
		}
	}
	at := func(n int, stage fixture.ClassStage, keys ...string) func(t testing.TB, look string) *model {
		return func(t testing.TB, look string) *model {
			m, _ := seatModel(t, look, fixture.Room(n, stage, 0.08), keys...)
			return m
		}
	}
	return map[string]func(t testing.TB, look string) *model{
		"join":               of(12, fixture.Gathering, 0, "1"),
		"here":               of(20, fixture.Opened, 0.08, "2"),
		"predictions sealed": of(20, fixture.Predicting, 0.08, "3"),
		"predictions open":   of(20, fixture.Measured, 0.08, "3"),
		"results":            of(20, fixture.Measured, 0.08, "4"),
		"results agree":      of(12, fixture.Measured, 0, "4"),
		"results large":      of(20, fixture.Measured, 0.08, "4", "P"),
		"results of one":     of(2, fixture.Measured, 0, "4"),
		"beside":             of(20, fixture.Measured, 0.08, "5", "b"),
		"quiz sealed":        of(20, fixture.Quizzed, 0.08, "6"),
		"quiz open":          of(20, fixture.Revealed, 0.08, "6"),
		"lessons":            of(12, fixture.Gathering, 0, "l"),
		"seat waiting":       at(12, fixture.Gathering),
		"seat offered":       at(12, fixture.Predicting),
		"seat predictions":   at(20, fixture.Measured, "2"),
		"seat results":       at(20, fixture.Measured, "3"),
		"seat quiz":          at(20, fixture.Revealed, "4"),
	}
}

// counted is how many have come how far, in the head, and how many machines are joined.
var counted = regexp.MustCompile(`(\d+) (here|predicted|done|machines together|of \d+ rows together)(?: ·| *$)`)

var classSizes = [][2]int{{80, 24}, {120, 36}, {200, 50}}

func TestClassScreens(t *testing.T) {
	for name, make := range classShots() {
		for _, size := range classSizes {
			t.Run(fmt.Sprintf("%s/%dx%d", strings.ReplaceAll(name, " ", "-"), size[0], size[1]), func(t *testing.T) {
				m := make(t, "mono")
				m.w, m.h = size[0], size[1]
				view := m.View()
				fixture.Fits(t, view, size[0], size[1])
				golden.RequireEqual(t, []byte(ansi.Strip(view)))
			})
		}
	}
}

// Any room at any size, with any glyphs and keys: no panic, and exactly the size of the screen.
func TestClassAtAnySize(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 9)) //nolint:gosec // a reproducible walk, no secret
	keys := []string{"1", "2", "3", "4", "5", "6", "b", "P", "g", "l"}
	for range 600 {
		is := fixture.Room(rng.IntN(40), fixture.ClassStage(rng.IntN(6)), 0.3*rng.Float64())
		var m *model
		if rng.IntN(2) == 0 {
			m, _ = classModel(t, "mono", is, keys[rng.IntN(len(keys))], keys[rng.IntN(len(keys))])
		} else {
			m, _ = seatModel(t, "mono", is, keys[rng.IntN(6)], keys[6+rng.IntN(3)])
		}
		m.w, m.h = 60+rng.IntN(200), 16+rng.IntN(60)
		view := m.View()
		fixture.Fits(t, view, m.w, m.h)
		if got := strings.Count(view, "\n") + 1; got != m.h {
			t.Fatalf("%dx%d: %d lines", m.w, m.h, got)
		}
	}
}

// Every ratio and every interval that stands on the screens of a class is one of its room, or what its machines say together.
func TestEveryNumberOfAClassIsTheRooms(t *testing.T) {
	read := 0
	for _, n := range []int{2, 5, 20, 33} {
		for _, spread := range []float64{0, 0.08, 0.6} {
			is := fixture.Room(n, fixture.Revealed, spread)
			said, count := saidOfRoom(is)
			for page := range 5 {
				m, _ := classModel(t, "mono", is, fmt.Sprint(page+2), "b")
				for _, size := range classSizes {
					m.w, m.h = size[0], size[1]
					for _, line := range strings.Split(strings.ReplaceAll(ansi.Strip(m.View()), "\u00a0", " "), "\n") {
						if strings.Contains(line, "same") { // the labels of an axis
							continue
						}
						for _, text := range append(intervals.FindAllString(line, -1), ratios.FindAllString(intervals.ReplaceAllString(line, ""), -1)...) {
							if read++; !said[strings.TrimSpace(text)] {
								t.Errorf("page %d of %d seats at %v: %q is none of the room's: %s", page+2, n, size, text, line)
							}
						}
						for _, found := range counted.FindAllStringSubmatch(line, -1) {
							if read++; page > 0 && found[1] != fmt.Sprint(count[found[2]]) {
								t.Errorf("page %d of %d seats at %v: %q, counted %d", page+2, n, size, found[0], count[found[2]])
							}
						}
					}
				}
			}
		}
	}
	if read < 1000 {
		t.Errorf("%d numbers were read", read)
	}
}

// saidOfRoom is every ratio that may be said of a room, and how many have come how far.
func saidOfRoom(is *class.Room) (said map[string]bool, count map[string]int) {
	said, count = map[string]bool{}, map[string]int{}
	rd := is.Now()
	for i := range is.Seats {
		if s := &is.Seats[i]; s.Here && !s.Watch {
			count["here"]++
		}
	}
	var joined []pooled.Ratio
	var ends []float64
	rows := 0
	besides := figure.ColumnOf(append(ratiosOf(rd), middlesOf(rd)...)...)
	for i := range rd.Entries {
		e := &rd.Entries[i]
		if e.Predicted {
			count["predicted"]++
		}
		if e.Result != nil {
			count["done"]++
		}
		if p := e.Prediction; p != nil && !p.Skipped {
			said[figure.Span(p.Low, p.High)], said[besides.Span(p.Low, p.High)] = true, true
			ends = append(ends, p.Low, p.High)
		}
		if c := e.Main(); c != nil {
			if rows++; c.Verdict == string(stats.Refused) {
				continue
			}
			joined = append(joined, pooled.Ratio{Ratio: *c.Ratio, CI95: *c.CI95, Pairs: c.Pairs})
			said[figure.Change(*c.Ratio)], said[figure.Changes(c.CI95)] = true, true
			column := figure.ColumnOf(ratiosOf(rd)...)
			said[column.Change(*c.Ratio)], said[column.Interval(c.CI95[0], c.CI95[1])], said[besides.Change(*c.Ratio)] = true, true, true
		}
	}
	for _, a := range ends { // where the most ranges overlap
		for _, b := range ends {
			if a <= b {
				said[figure.Span(a, b)] = true
			}
		}
	}
	if r := pooled.Of(joined, rd.Lesson.Smallest); r != nil {
		count["machines together"], count[fmt.Sprintf("of %d rows together", rows)] = r.Seats, r.Seats
		column := figure.ColumnOf(append(ratiosOf(rd), &r.Ratio)...)
		said[figure.Change(r.Ratio)], said[figure.Interval(r.CI95[0], r.CI95[1])] = true, true
		said[column.Change(r.Ratio)], said[column.Interval(r.CI95[0], r.CI95[1])] = true, true
		said[answer.Spread(r.Tau)], said[answer.Typically(r.Each)] = true, true
		if r.Next != nil {
			said[figure.Interval(r.Next[0], r.Next[1])] = true
			said[column.Interval(r.Next[0], r.Next[1])] = true
		}
	}
	return said, count
}

// middlesOf are those of the ranges that were predicted in a round.
func middlesOf(rd *class.Round) (out []*float64) {
	for i := range rd.Entries {
		if p := rd.Entries[i].Prediction; p != nil && !p.Skipped {
			middle := math.Sqrt(p.Low * p.High)
			out = append(out, &middle)
		}
	}
	return out
}

// ratiosOf are what the machines of a round measured that count.
func ratiosOf(rd *class.Round) (out []*float64) {
	for i := range rd.Entries {
		if c := rd.Entries[i].Main(); c != nil && c.Verdict != string(stats.Refused) {
			out = append(out, c.Ratio)
		}
	}
	return out
}

// What is sealed is on no page, whatever the trainer looks at; a key opens it, and asks first where somebody is still to come.
func TestSealedUntilOpened(t *testing.T) {
	sealed := fixture.Room(12, fixture.Predicting, 0.08)
	m, trainer := classModel(t, "mono", sealed)
	for _, page := range []int{3, 5, 6} {
		press(m, runes(fmt.Sprint(page)))
		if text := ansi.Strip(m.View()); strings.Contains(text, " %") || strings.Contains(text, "✓") || strings.Contains(text, "▕") || strings.Contains(text, "[═") {
			t.Errorf("page %d:\n%s", page, text)
		}
	}
	press(m, runes("3"))
	press(m, runes("o"))
	if len(trainer.Asked) != 0 || !strings.Contains(ansi.Strip(m.View()), "have predicted; open the predictions for all of them: o again") {
		t.Errorf("asked %v:\n%s", trainer.Asked, ansi.Strip(m.View()))
	}
	press(m, runes("o"))
	if len(trainer.Asked) != 1 || trainer.Asked[0] != "predictions" {
		t.Errorf("asked %v", trainer.Asked)
	}
	press(m, runes("6"))
	press(m, runes("o"))
	press(m, runes("o"))
	if len(trainer.Asked) != 2 || trainer.Asked[1] != "answers" {
		t.Errorf("asked %v", trainer.Asked)
	}
}

// A picture of a page is what stands on the screen below its tabs.
func TestPicturesOfAClassAreItsPages(t *testing.T) {
	is := fixture.Room(20, fixture.Revealed, 0.08)
	m, _ := classModel(t, "mono", is, "4")
	lines := strings.Split(ansi.Strip(m.View()), "\n")
	picture := room.Picture(is, room.Results, 0, false, screen.Frame{W: 118, H: 32, Look: m.look, Tier: theme.Block})
	for i, line := range picture {
		if got := strings.TrimRight(lines[3+i], " "); got != strings.TrimRight(" "+ansi.Strip(line), " ") {
			t.Fatalf("line %d: %q, the screen has %q", i, line, got)
		}
	}
}

// A seat says what the person does: reading, predicting, the prediction, the result, the answers; each once.
func TestSeatTellsTheClass(t *testing.T) {
	is := fixture.Room(12, fixture.Predicting, 0.08)
	m, g := seatModel(t, "mono", is)
	press(m, keyEnter) // the lesson
	press(m, keyEnter) // the prediction
	m.Update(tickMsg{})
	want := []string{"reading 0/0", "predicting 0/0"}
	if fmt.Sprint(g.Said) != fmt.Sprint(want) {
		t.Errorf("said %q, want %q", g.Said, want)
	}
	for _, k := range []string{"2"} {
		press(m, runes(k))
	}
	press(m, keyEnter)
	press(m, keyEnter)
	press(m, keyEnter)
	press(m, keyEnter)
	m.Update(tickMsg{})
	if last := g.Said[len(g.Said)-1]; !strings.HasPrefix(last, "predict two ") {
		t.Errorf("said %q", g.Said)
	}
	st := ended(2)
	m.finishAtSeat(st)
	if last := g.Said[len(g.Said)-1]; !strings.HasPrefix(last, "finish") {
		t.Errorf("said %q", g.Said)
	}
}

// Before the own run a seat shows no question, no option, no recorded run; after it the questions, and which option is right only
// once the trainer has opened that.
func TestSeatIsSealed(t *testing.T) {
	is := fixture.Room(12, fixture.Predicting, 0.08)
	m, g := seatModel(t, "mono", is, "4")
	ask := fixture.Plan(2).Quiz[0]
	if text := ansi.Strip(m.View()); strings.Contains(text, ask.Options[0].Text) || !strings.Contains(text, "after the run") {
		t.Errorf("before the run:\n%s", text)
	}
	m.cfg.Reference = func(string) (Replayer, error) { t.Error("the recorded run was opened"); return nil, nil }
	m.Proof("workers")
	if text := ansi.Strip(m.View()); !strings.Contains(text, "after your own run") {
		t.Errorf("the recorded run:\n%s", text)
	}
	g.Did.Finished = true
	m.Update(tickMsg{})
	m.Open(screen.Quiz{Plan: g.Is.Plan})
	press(m, keyEnter)
	text := ansi.Strip(m.View())
	if !strings.Contains(text, "when the trainer opens the answers") || strings.Contains(text, "✓") || strings.Contains(text, ask.Why[:20]) {
		t.Errorf("answered:\n%s", text)
	}
	if last := g.Said[len(g.Said)-1]; last != "answer 0 0" {
		t.Errorf("said %q", g.Said)
	}
	g.On.AnswersOpen = true
	if text := ansi.Strip(m.View()); !strings.Contains(text, "✗ wrong, it is 2") {
		t.Errorf("opened:\n%s", text)
	}
}

// The foot of a seat says which class it is in, its name, and whether it is connected.
func TestSeatFoot(t *testing.T) {
	m, g := seatModel(t, "mono", fixture.Room(12, fixture.Predicting, 0))
	if text := ansi.Strip(m.View()); !strings.Contains(text, "class Performance, Monday · Anna · ● connected") {
		t.Errorf("connected:\n%s", text)
	}
	g.How = class.Link{Waiting: 2, Trouble: "the trainer's machine does not respond"}
	if text := ansi.Strip(m.View()); !strings.Contains(text, "Anna · ◌ not connected, trying again · 2 to send · the trainer's machine does not respond") {
		t.Errorf("not connected:\n%s", text)
	}
}
