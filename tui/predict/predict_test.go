package predict

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"

	"benchtop/lab"
	"benchtop/lab/progress"
	"benchtop/tui/course"
	"benchtop/tui/fixture"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// form is the screen at the question of a plan.
func form(plan *lab.Plan) (*predict, *fixture.Desk) {
	d := &fixture.Desk{Clock: time.Unix(1000, 0)}
	p := New(d, course.New([]course.Entry{{ID: plan.ID, Title: plan.Title, Plan: plan}}, nil), func(*lab.Plan) string { return "" }, 4).(*predict)
	p.Hear(screen.Predict{Plan: plan})
	return p, d
}

func frame(t *testing.T, w, h int) screen.Frame {
	t.Helper()
	look, err := theme.New("mono", termenv.Ascii)
	if err != nil {
		t.Fatal(err)
	}
	return screen.Frame{W: w, H: h - 1, Look: look, Tier: theme.Block}
}

func view(t *testing.T, p *predict, w, h int) string {
	t.Helper()
	text := ansi.Strip(strings.Join(p.View(frame(t, w, h)), "\n"))
	fixture.Fits(t, text, w, h-1)
	return text
}

func TestPredictionKeys(t *testing.T) {
	p, desk := form(fixture.Plan(3))
	d := p.draft
	step := func(what string, ok bool) {
		t.Helper()
		if !ok {
			t.Errorf("%s: %+v", what, *d)
		}
	}
	press := func(keys ...string) { fixture.Press(desk, p, keys...) }
	press("down", "down")
	step("down chooses", d.winner == 1)
	press("up", "up", "up")
	step("up stops at the first", d.winner == 0)
	press("down", "down", "down", "down", "down")
	step("down stops at no difference", d.winner == 3 && d.field == fieldWinner)
	press("right")
	step("the arrows of the range are none of the choice", d.winner == 3 && d.ends[0] == 0.98)
	press("enter")
	step("enter goes on to the range", d.field == fieldLow)
	press("right")
	step("right nudges up", d.ends[0] == 0.99)
	press("left", "left")
	step("left nudges down", d.ends[0] == 0.97)
	press("3x")
	low, high, problem := d.interval()
	step("typed above the other end, in order", low == 1.02 && high == 3 && problem == "")
	press("backspace")
	step("backspace", d.text == "3")
	press("down")
	step("down takes it over", d.field == fieldHigh && d.ends[0] == 1.03 && d.text == "")
	for range 40 {
		press("left")
	}
	step("the end pushes the other one along", d.ends[0] == d.ends[1] && d.ends[1] < 0.9)
	press("1-2", "tab")
	step("nonsense stays where it is", d.field == fieldHigh && d.text == "1-2")
	if text := view(t, p, 120, 34); len(desk.Said) == 0 || !strings.Contains(text, `! "1-2" is no change`) {
		t.Errorf("said %q\n%s", desk.Said, text)
	}
	press("enter")
	step("nonsense is not locked", d.locked == nil)
	press("backspace", "backspace", "backspace", "123456789")
	step("no end of typing", len(d.text) == maxTyped)
	press("ctrl+u")
	for range 10 {
		press("backspace")
	}
	step("everything is taken away", d.text == "")
	press("50", "enter")
	step("enter leads to what is locked", d.locked == nil && d.field == fieldLock)
	if text := view(t, p, 80, 24); !strings.Contains(text, "▸ Lock this? no difference that counts, ") || !strings.Contains(text, "enter locks it") {
		t.Error(text)
	}
	press("up", "down")
	step("back, and there again", d.locked == nil && d.field == fieldLock)
	press("tab")
	step("tab goes round", d.field == fieldWinner)
	press("tab", "tab", "tab")
	press("enter")
	step("it is locked", d.locked != nil && d.locked.Low <= d.locked.High)
	locked := *d
	press("down", "left", "tab", "3", "9", "s", "backspace")
	step("what is locked does not change", *d == locked && len(desk.Started) == 0)
	press("enter")
	if len(desk.Started) != 1 {
		t.Error("it does not run")
	}
}

func TestParseRatio(t *testing.T) {
	for _, c := range []struct {
		s    string
		want float64 // 0: refused
	}{
		{"50", 1.5},
		{"+50", 1.5},
		{"50%", 1.5},
		{" 50 % ", 1.5},
		{"-20", 0.8},
		{"-20.5", 0.795},
		{"0", 1},
		{"2x", 2},
		{"0.3x", 0.3},
		{"1,5x", 1.5},
		{"-99", 0.01},
		{"100x", 100},
		{"9900", 100},
		{"", 0},
		{"x", 0},
		{"-", 0},
		{"-100", 0},
		{"101x", 0},
		{"-2x", 0},
		{"0x", 0},
		{"1-2", 0},
		{"NaN", 0},
		{"Inf", 0},
		{"1e9", 0},
		{"50%x", 0},
		{"9999999", 0},
	} {
		got, problem := progress.ParseRatio(c.s)
		if (problem == "") != (c.want > 0) || math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%q: %v, %q; want %v", c.s, got, problem, c.want)
		}
	}
}

func TestNudge(t *testing.T) {
	v, seen := 0.01, 0
	for v < 100 {
		next := nudge(v, 1)
		if next <= v {
			t.Fatalf("up from %v is %v", v, next)
		}
		if back := nudge(next, -1); math.Abs(back/v-1) > 1e-9 {
			t.Errorf("down from %v is %v, not %v", next, back, v)
		}
		v = next
		seen++
	}
	if nudge(100, 1) != 100 || nudge(0.01, -1) != 0.01 || seen < 50 {
		t.Errorf("the ends: %v, %v after %d", nudge(100, 1), nudge(0.01, -1), seen)
	}
}

// However many variants there are, the one that the cursor is on and the range stay on the screen.
func TestPredictionOfManyVariants(t *testing.T) {
	plan := fixture.Plan(2)
	for i := range 14 {
		v := plan.Variants[1]
		v.ID, v.Label = "more-"+string(rune('a'+i)), "more workers"
		plan.Variants = append(plan.Variants, v)
	}
	for _, size := range fixture.Sizes {
		p, desk := form(plan)
		for n := range 18 {
			fixture.Press(desk, p, "down")
			if n == 17 {
				fixture.Press(desk, p, "tab")
			}
			text := view(t, p, size[0], size[1])
			if p.draft.field == fieldWinner && strings.Count(text, "▸ ●") != 1 || !strings.Contains(text, "two's throughput is ") {
				t.Fatalf("%v at %d:\n%s", size, p.draft.winner, text)
			}
		}
		if p.draft.field != fieldLow || p.draft.winner != 16 {
			t.Errorf("%v: %+v", size, p.draft)
		}
	}
}

// The range begins at the same and moves with the choice, until the person moves it.
func TestTheRangeMovesWithTheChoice(t *testing.T) {
	for metricName, ranges := range map[string][4][2]float64{
		"rps": {{below, 1}, {1, above}, {below, above}, {0.98, 1.02}},
		"p99": {{1, above}, {below, 1}, {below, above}, {0.98, 1.02}},
	} {
		plan := fixture.Plan(3)
		plan.Predict.Metric = metricName
		p, desk := form(plan)
		if p.draft.ends != [2]float64{1, 1} {
			t.Errorf("it begins at %v", p.draft.ends)
		}
		for i, want := range ranges {
			fixture.Press(desk, p, string(rune('1'+i)))
			if p.draft.ends != want || p.draft.contradiction() != "" {
				t.Errorf("%s, choice %d: %v, want %v; %q", metricName, i+1, p.draft.ends, want, p.draft.contradiction())
			}
		}
		fixture.Press(desk, p, "tab", "5", "tab", "7", "tab", "3")
		if p.draft.ends != [2]float64{1.05, 1.07} {
			t.Errorf("%s: what the person moved follows a choice that it can stand beside: %v", metricName, p.draft.ends)
		}
	}
}

// What contradicts itself is not locked, and the key says why.
func TestAContradictionIsNotLocked(t *testing.T) {
	for _, c := range []struct {
		metric, choice, low, high string
		ok                        bool
	}{
		{"rps", "2", "5", "40", true},
		{"rps", "2", "-20", "40", true},
		{"rps", "2", "-40", "-5", false},
		{"rps", "2", "0", "1", false},
		{"rps", "1", "5", "40", false},
		{"rps", "1", "-40", "-5", true},
		{"rps", "3", "5", "40", true},
		{"rps", "4", "5", "40", false},
		{"rps", "4", "-1", "1", true},
		{"rps", "4", "-50", "2x", true},
		{"p99", "2", "5", "40", false},
		{"p99", "2", "-40", "-5", true},
		{"p99", "1", "-40", "-5", false},
	} {
		plan := fixture.Plan(3)
		plan.Predict.Metric = c.metric
		p, desk := form(plan)
		fixture.Press(desk, p, c.choice, "tab", c.low, "tab", c.high, "enter", "enter")
		if (p.draft.locked != nil) != c.ok {
			t.Errorf("%+v: locked %v, said %q", c, p.draft.locked, desk.Said)
		}
		if text := view(t, p, 120, 34); !c.ok && (len(desk.Said) == 0 || !strings.Contains(desk.Said[len(desk.Said)-1], "choose again") || !strings.Contains(text, "! you chose")) {
			t.Errorf("%+v: said %q\n%s", c, desk.Said, text)
		}
	}
}

// A range that the person moved stays while both can be true, and moves with another choice.
func TestAMovedRangeMovesWithAnotherChoice(t *testing.T) {
	p, desk := form(fixture.Plan(2))
	d := p.draft
	press := func(keys ...string) { fixture.Press(desk, p, keys...) }
	for _, step := range []struct {
		keys []string
		want [2]float64
	}{
		{nil, [2]float64{1, 1}},
		{[]string{"2"}, [2]float64{1, above}},
		{[]string{"1"}, [2]float64{below, 1}},
		{[]string{"2", "tab", "20", "tab", "tab"}, [2]float64{1.2, above}},
		{[]string{"2"}, [2]float64{1.2, above}},
		{[]string{"1"}, [2]float64{below, 1}},
		{[]string{"2"}, [2]float64{1, above}},
	} {
		press(step.keys...)
		if d.ends != step.want || d.contradiction() != "" && d.winner >= 0 {
			t.Errorf("after %q the range is %v, want %v", step.keys, d.ends, step.want)
		}
	}
}

// A race says what of it is predicted.
func TestAPredictionOfARaceSaysWhatItIsAbout(t *testing.T) {
	plan := fixture.Plan(2)
	plan.Order, plan.Steps = lab.Together, []lab.Step{{At: 15 * time.Second}}
	if got := raceWords(plan); !strings.Contains(got, "will not be scored") {
		t.Error(got)
	}
	plan.Predict.Metric = "target_cpu_us_per_request"
	for _, want := range []string{"what it decides is CPU per request.", "after the last change, 0:15"} {
		if got := raceWords(plan); !strings.Contains(got, want) {
			t.Errorf("no %q in %q", want, got)
		}
	}
	p, _ := form(plan)
	if text := view(t, p, 120, 36); !strings.Contains(text, "A race: all variants run at the same time") {
		t.Error(text)
	}
}

// A number alone is shown as it was understood while it is typed, and how three times is written.
func TestANumberAloneIsShownAsUnderstood(t *testing.T) {
	p, desk := form(fixture.Plan(2))
	fixture.Press(desk, p, "2", "enter", "3")
	if text := view(t, p, 120, 34); !strings.Contains(text, "3 is +3.0 %; times is 3x") {
		t.Error(text)
	}
	fixture.Press(desk, p, "x")
	if text := view(t, p, 120, 34); strings.Contains(text, "times is") {
		t.Error(text)
	}
}

// The question says how many cores this machine has, at every size.
func TestTheQuestionSaysTheCores(t *testing.T) {
	p, _ := form(fixture.Plan(3))
	for _, size := range fixture.Sizes {
		if text := strings.Join(strings.Fields(view(t, p, size[0], size[1])), " "); !strings.Contains(text, "This machine has 4 cores.") {
			t.Errorf("%v:\n%s", size, text)
		}
	}
	p.cores = 1
	if text := view(t, p, 120, 34); !strings.Contains(text, "This machine has 1 core.") {
		t.Error(text)
	}
	p.cores = 0
	if text := view(t, p, 120, 34); strings.Contains(text, "This machine") {
		t.Error(text)
	}
}

// Ends in the wrong order are shown as they are read, while they are typed and after.
func TestEndsInTheWrongOrderAreShownAsRead(t *testing.T) {
	p, desk := form(fixture.Plan(2))
	fixture.Press(desk, p, "2", "enter", "3x")
	for _, key := range []string{"", "enter"} {
		fixture.Press(desk, p, key)
		if text := view(t, p, 80, 24); !strings.Contains(text, "read as from 1.4x to 3x") || !strings.Contains(text, "between ") {
			t.Errorf("after %q:\n%s", key, text)
		}
	}
	fixture.Press(desk, p, "enter")
	if text := view(t, p, 80, 24); strings.Contains(text, "read as") || !strings.Contains(text, "from 1.4x ") {
		t.Error(text)
	}
	fixture.Press(desk, p, "up", "5x")
	if text := view(t, p, 80, 24); strings.Contains(text, "read as") {
		t.Error(text)
	}
}
