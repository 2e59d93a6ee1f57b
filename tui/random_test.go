package tui

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/progress"
	"benchtop/lab/stats"
	"benchtop/tui/fixture"
)

// distort changes a State into something odd: unknown figures, no variants, texts that try to steer the terminal.
func distort(r *rand.Rand, st *lab.State) *lab.State {
	st.Seq = r.Uint64()
	odd := []string{"", "\x1b[31mred\x1b[2J", "日本語のラベル", "a\nb\tc", "\u202eesrever", strings.Repeat("long ", 80), "é̂́", "👩‍👩‍👧 family"}
	pick := func() string { return odd[r.IntN(len(odd))] }
	for i := range st.Variants {
		v := &st.Variants[i]
		switch r.IntN(8) {
		case 0:
			v.Label = pick()
		case 1:
			v.Now, v.Settled = lab.Live{}, lab.Live{}
		case 2:
			v.Points, v.Bins, v.Procs, v.Mechanism = nil, nil, nil, nil
		case 3:
			v.Now.RPS = ptr([]float64{0, 1e12, -1, math.NaN(), math.Inf(1)}[r.IntN(5)])
			v.CPU = []float64{0, 1e6, math.NaN()}[r.IntN(3)]
		case 4:
			v.Errors = map[string]uint64{pick(): r.Uint64()}
		case 5:
			for k := range v.Bins {
				v.Bins[k].Count = int64(r.IntN(3))
			}
		case 6:
			v.Status = pick()
		}
	}
	for i := range st.Compare {
		if r.IntN(3) == 0 {
			nan := math.NaN()
			st.Compare[i].Ratio = stats.Ratio{Ratio: []float64{nan, 0, 1e9, 1}[r.IntN(4)], CI95: stats.Interval{nan, nan}, Pairs: r.IntN(4)}
		}
	}
	switch r.IntN(10) {
	case 0:
		st.Variants = nil
	case 1:
		st.Plan.Title = pick()
		st.Log = append(st.Log, lab.LogLine{At: st.At, Level: "warning", Variant: "nobody", Text: pick()})
	case 2:
		st.NoiseFloor = ptr(math.NaN())
		st.Phase = lab.PhaseEvent{Phase: pick(), Variant: pick(), Block: -1}
	case 3:
		st.At = []int64{0, math.MaxInt64 / 2}[r.IntN(2)]
	case 4:
		if st.Result != nil {
			st.Result.Comparisons, st.Result.Variants = nil, nil
		}
	case 5:
		if st.Result != nil {
			st.Result.Expectations = append(st.Result.Expectations, lab.Expectation{Expr: pick(), Verdict: pick(), Reason: pick()})
			st.Result.Flags = []string{pick(), pick()}
		}
	case 6:
		st.End, st.Result = &lab.EndEvent{How: lab.EndFailed, Reason: pick()}, nil
	}
	return st
}

func randomState(r *rand.Rand) *lab.State {
	switch r.IntN(8) {
	case 0:
		return distort(r, ended(1+r.IntN(4)))
	case 1:
		return distort(r, troubled())
	case 2:
		return distort(r, warming())
	case 3:
		return distort(r, refused())
	case 4:
		return distort(r, free())
	case 5:
		return &lab.State{Seq: r.Uint64()}
	}
	n := 1 + r.IntN(4)
	if r.IntN(6) == 0 {
		n = 5 + r.IntN(12)
	}
	return distort(r, fixture.Live(n, r.IntN(n)))
}

// Sizes, keys and snapshots at random: no panic, no line wider than the terminal, never more lines than it has.
func TestRandomWalk(t *testing.T) {
	for seed := range uint64(5) {
		r := rand.New(rand.NewPCG(seed, 42)) //nolint:gosec // a reproducible walk, no secret
		clock := &stopped{now: time.Unix(1000, 0)}
		c := Config{Now: clock.Now, Start: cannotStart, Claim: fixtureClaim, Export: func([]ExportFile) (string, error) { return "/tmp", nil }}
		if seed%2 == 0 {
			c.Entries = fixtureEntries()
		}
		var source *still
		switch seed {
		case 1:
			source = newStill(fixture.Live(2, 1))
			c.Session = source
		case 3:
			tape := newTape(fixture.Live(2, 1))
			source, c.Session = &tape.Still, tape
		}
		m := testModel(t, []string{"dark", "mono", "light", "high-contrast", "dark"}[seed], c)
		var keys []string
		for _, b := range Keys() {
			keys = append(keys, b.Keys...)
		}
		keys = append(keys, "enter", "enter", "enter", "5", "-", "%", "x")
		seen := map[string]int{}
		for range 2000 {
			switch r.IntN(10) {
			case 0, 1:
				size := [][2]int{{1, 1}, {20, 5}, {60, 16}, {80, 24}, {120, 34}, {61 + r.IntN(150), 16 + r.IntN(45)}, {r.IntN(80), r.IntN(30)}}[r.IntN(7)]
				if r.IntN(100) == 0 {
					size = [2]int{500, 200}
				}
				m.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			case 2, 3, 4:
				if source != nil {
					source.Snapshot = randomState(r)
				}
				clock.now = clock.now.Add(tick)
				m.Update(tickMsg{})
			case 5:
				buttons := []tea.MouseButton{tea.MouseButtonLeft, tea.MouseButtonLeft, tea.MouseButtonWheelUp, tea.MouseButtonWheelDown}
				m.Update(tea.MouseMsg{Action: tea.MouseActionPress, Button: buttons[r.IntN(4)], X: r.IntN(max(m.w, 1)), Y: r.IntN(max(m.h, 1))})
			default:
				walk(m, r, keys)
			}
			if m.leaving() {
				m.run.Stopping = false
			}
			if m.starting {
				_, _ = m.Update(runMsg{session: newStill(randomState(r)), plan: fixturePlan(2), said: saids(r)})
			}
			if seed == 4 && r.IntN(30) == 0 {
				jump(m, r)
			}
			seen[at(m)]++
			if w, h := m.w, m.h; w > 0 && h > 0 {
				fits(t, m.View(), w, h)
			}
		}
		if seed == 4 {
			for _, name := range []string{"predict", "verdict", "quiz", "lesson"} {
				if seen[name] < 20 {
					t.Errorf("the walk was on the %s screen %d times only", name, seen[name])
				}
			}
		}
	}
}

// jump goes to a screen that a walk would take long to reach.
func jump(m *model, r *rand.Rand) {
	m.overlay = nil
	switch r.IntN(4) {
	case 0, 1: // the end of a run
		st := distort(r, ended(1+r.IntN(4)))
		m.Update(runMsg{session: newStill(st), plan: st.Plan, said: saids(r)})
	case 2:
		m.Home()
		choose(m, "workers")
		press(m, runes("u"))
	default:
		m.Home()
		choose(m, "workers")
		press(m, runes("r"))
	}
}

// saids are predictions as a file may hold them.
func saids(r *rand.Rand) *progress.Prediction {
	return []*progress.Prediction{nil, {Skipped: true}, predicted("two", 1.1, 1.3), predicted("gone", 0.02, 90), {}}[r.IntN(5)]
}

func walk(m *model, r *rand.Rand, keys []string) {
	key := keys[r.IntN(len(keys))]
	special := map[string]tea.KeyType{
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "enter": tea.KeyEnter, "esc": tea.KeyEsc, "tab": tea.KeyTab,
		"shift+tab": tea.KeyShiftTab, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "ctrl+c": tea.KeyCtrlC, "ctrl+z": tea.KeyCtrlZ, "ctrl+x": tea.KeyCtrlX, " ": tea.KeySpace,
	}
	if k, ok := special[key]; ok {
		m.Update(tea.KeyMsg{Type: k, Runes: map[bool][]rune{true: {' '}}[key == " "]})
		return
	}
	if r.IntN(4) == 0 {
		key += keys[r.IntN(len(keys))]
	}
	m.Update(runes(key))
}

// What comes from elsewhere never reaches the terminal as a control character.
func TestTextsFromElsewhere(t *testing.T) {
	st := fixture.Live(2, 1)
	st.Plan.Title = "evil\x1b]0;title\x07\x1b[2J"
	st.Variants[0].Label = "x\x1b[31m\u202ey"
	m := testModel(t, "mono", Config{Session: newStill(st)})
	m.w, m.h = 120, 34
	view := m.View()
	for _, bad := range []string{"\x1b]", "\x07", "\x1b[2J", "\x1b[31m", "\u202e"} {
		if strings.Contains(view, bad) {
			t.Errorf("%q reached the terminal", bad)
		}
	}
	if !strings.Contains(view, "evil\ufffd") {
		t.Error("the title is gone")
	}
}
