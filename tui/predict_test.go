package tui

import (
	"math"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

func TestPredictionKeys(t *testing.T) {
	m, _ := lessonModel(t, nil)
	m.selected = "workers"
	settle(m, runes("r"))
	d := m.draft
	step := func(what string, ok bool) {
		t.Helper()
		if !ok {
			t.Errorf("%s: %+v", what, *d)
		}
	}
	press := func(keys ...tea.KeyMsg) {
		for _, k := range keys {
			settle(m, k)
		}
	}
	press(keyDown, keyDown)
	step("down chooses", d.winner == 1)
	press(keyUp, keyUp, keyUp)
	step("up stops at the first", d.winner == 0)
	press(keyRight, keyRight, keyRight, keyRight, keyRight)
	step("right stops at no difference", d.winner == 3)
	press(keyDown)
	step("down goes on to the range", d.field == fieldLow)
	press(keyRight)
	step("right nudges up", d.ends[0] == 0.55)
	press(keyLeft, keyLeft)
	step("left nudges down", d.ends[0] == 0.45)
	press(runes("3x"))
	low, high, problem := d.interval()
	step("typed above the other end, in order", low == 2 && high == 3 && problem == "")
	press(keyBackspace)
	step("backspace", d.text == "3")
	press(keyDown)
	step("down takes it over", d.field == fieldHigh && d.ends[0] == 1.03 && d.text == "")
	for range 40 {
		press(keyLeft)
	}
	step("the end pushes the other one along", d.ends[0] == d.ends[1] && d.ends[1] < 0.9)
	press(runes("1-2"), keyTab)
	step("nonsense stays where it is", d.field == fieldHigh && d.text == "1-2")
	contains(t, m, `! "1-2" is no change`)
	press(keyEnter)
	step("nonsense is not locked", d.locked == nil)
	press(keyBackspace, keyBackspace, keyBackspace, runes("123456789"))
	step("no end of typing", len(d.text) == maxTyped)
	for range 10 {
		press(keyBackspace)
	}
	press(runes("q")) // still leaves
	if !m.leaving && !quitsWith(m.leave()) {
		t.Error("q does not leave")
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
		got, problem := parseRatio(c.s)
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
	plan := fixturePlan(2)
	for i := range 14 {
		v := plan.Variants[1]
		v.ID, v.Label = "more-"+string(rune('a'+i)), "more workers"
		plan.Variants = append(plan.Variants, v)
	}
	for _, size := range sizes {
		m := testModel(t, "mono", Config{Entries: []Entry{{ID: plan.ID, Title: plan.Title, Plan: plan}}, Start: cannotStart})
		m.openPredict()
		for range 18 {
			press(m, keyDown)
			view := plainView(m, size[0], size[1])
			fits(t, view, size[0], size[1])
			if m.draft.field == fieldWinner && strings.Count(view, "▸ ●") != 1 || !strings.Contains(view, "B's throughput is between") {
				t.Fatalf("%v at %d:\n%s", size, m.draft.winner, view)
			}
		}
		if m.draft.field != fieldLow || m.draft.winner != 16 {
			t.Errorf("%v: %+v", size, m.draft)
		}
	}
}
