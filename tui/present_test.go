package tui

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/stats"
	"benchtop/tui/chart"
	"benchtop/tui/fixture"
	"benchtop/tui/theme"
)

func presented(t testing.TB, st *lab.State, w, h int) (*model, string) {
	t.Helper()
	m := testModel(t, "mono", Config{Session: newStill(st), Present: true})
	m.w, m.h = w, h
	return m, ansi.Strip(m.View())
}

// holdsLarge reports whether the rows of a large number stand below each other in the text.
func holdsLarge(text, number string, scale int, tier theme.Tier) bool {
	lines := strings.Split(text, "\n")
	rows := chart.Large(number, scale, tier)
	for first := 0; first+len(rows) <= len(lines); first++ {
		found := true
		for k, row := range rows {
			found = found && strings.Contains(lines[first+k], row)
		}
		if found {
			return true
		}
	}
	return false
}

// Each variant has its req/s and its ratio in large digits, a chart and a line of why; small things are not there.
func TestPresent(t *testing.T) {
	higher := close2(ended(2), 1.148, stats.Higher)
	for name, test := range map[string]struct {
		st    *lab.State
		w, h  int
		large map[string]int // number: scale
		wants []string
	}{
		"80x24":    {fixture.Live(2, 1), 80, 24, map[string]int{"8\u202f412": 1, "15\u202f843": 1, "+14.8%": 1, "51.0%": 1}, []string{"0:25 left", "15\u202f843 req/s now", "throughput vs one, provisional", "0┼", "why  largest worker's share"}},
		"120x36":   {fixture.Live(2, 1), 120, 36, map[string]int{"8\u202f412": 2, "15\u202f843": 2, "+14.8%": 2}, []string{"● under load", "baseline"}},
		"200x50":   {fixture.Live(2, 1), 200, 50, map[string]int{"8\u202f412": 4, "15\u202f843": 4, "+14.8%": 4}, nil},
		"three":    {fixture.Live(3, 1), 80, 24, map[string]int{"8\u202f412": 1, "24\u202f190": 1, "2.88x": 1, "26.0%": 1}, []string{"why  largest worker's"}},
		"four":     {fixture.Live(4, 1), 80, 24, map[string]int{"8\u202f412": 1, "25\u202f204": 1, "3.00x": 1}, []string{"D  eight  eight workers"}},
		"smallest": {fixture.Live(2, 1), 60, 16, map[string]int{"8\u202f412": 1, "15\u202f843": 1}, []string{"vs one, provisional", "51.0 %"}},
		"verdict":  {higher, 120, 36, map[string]int{"+14.8%": 4, "DECIDED": 1}, []string{"✓ complete", "two serves 14.8 % more than"}},
		"refused":  {refused(), 120, 36, map[string]int{"x": 6, "REFUSED": 1}, []string{"the generator was the bottleneck"}},
		"free":     {free(), 80, 24, map[string]int{"15\u202f843": 1}, []string{"nothing is decided in a free run"}},
		"warm-up":  {warming(), 80, 24, map[string]int{"8\u202f513": 2}, []string{"◐ warm-up", "compared from the second pair on"}},
	} {
		m, text := presented(t, test.st, test.w, test.h)
		for number, scale := range test.large {
			if !holdsLarge(text, number, scale, m.tier) {
				t.Errorf("%s: no %s at scale %d in\n%s", name, number, scale, text)
			}
		}
		for _, want := range append(test.wants, test.st.Plan.Title) {
			if !strings.Contains(text, want) {
				t.Errorf("%s: no %q in\n%s", name, want, text)
			}
		}
		for _, small := range []string{"PID", "p99", "noise floor", "generator 38"} {
			if strings.Contains(text, small) {
				t.Errorf("%s: %q is small print:\n%s", name, small, text)
			}
		}
	}
}

// The key changes between both, the zoom shows one variant alone, and the pages behind the verdict stay as they are.
func TestPresentIsOneKeyAway(t *testing.T) {
	m := testModel(t, "mono", Config{Session: newStill(fixture.Live(3, 1))})
	m.w, m.h = 120, 36
	large := func() bool {
		text := ansi.Strip(m.View())
		return holdsLarge(text, "2.88x", 1, m.tier) && !strings.Contains(text, "PID")
	}
	if large() {
		t.Error("it begins in large type")
	}
	m.keys(runes("P"))
	if !large() {
		t.Errorf("after P:\n%s", ansi.Strip(m.View()))
	}
	m.keys(runes("z"))
	if text := ansi.Strip(m.View()); !holdsLarge(text, "8\u202f412", 6, m.tier) || !strings.Contains(text, "0┼") || strings.Contains(text, "four workers") {
		t.Errorf("zoomed:\n%s", text)
	}
	m.keys(runes("P"))
	if text := ansi.Strip(m.View()); !strings.Contains(text, "PID") {
		t.Errorf("after the second P:\n%s", text)
	}
	m, _ = presented(t, ended(2), 120, 36)
	m.keys(runes("2"))
	if text := ansi.Strip(m.View()); !strings.Contains(text, figure.OverPairs) {
		t.Errorf("the second chapter:\n%s", text)
	}
}

// Sixteen variants, any size, any state, any glyphs: no panic, and exactly the screen's size.
func TestPresentAtAnySize(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 42)) //nolint:gosec // a reproducible walk, no secret
	for k := range 1500 {
		st := randomState(r)
		if k%5 == 0 && len(st.Variants) > 0 {
			for i := len(st.Variants); i < 16; i++ {
				v := st.Variants[0]
				v.ID = fmt.Sprint("v", i)
				st.Variants = append(st.Variants, v)
			}
		}
		m := testModel(t, "dark", Config{Session: newStill(st), Present: true})
		m.w, m.h, m.tier, m.run.View.Zoom = 60+r.IntN(160), 16+r.IntN(50), theme.Tier(r.IntN(3)), r.IntN(4) == 0
		m.cfg.Now = func() time.Time { return time.Unix(1000, 0) }
		lines := strings.Split(m.View(), "\n")
		if len(lines) != m.h {
			t.Fatalf("%d lines at %dx%d", len(lines), m.w, m.h)
		}
		for _, line := range lines {
			if got := ansi.StringWidth(line); got != m.w {
				t.Fatalf("a line of %d cells at %dx%d: %q", got, m.w, m.h, line)
			}
		}
	}
}

// The presentation as it looks: running and decided, without colours, and in ASCII.
func TestPresentScreens(t *testing.T) {
	for _, look := range []string{"mono", "ascii"} {
		t.Run(look, func(t *testing.T) {
			var all strings.Builder
			for _, size := range sizes {
				for _, st := range []*lab.State{fixture.Live(2, 1), close2(ended(2), 1.148, stats.Higher), fixture.Live(4, 0), refused()} {
					name, tier := look, theme.Block
					if look == "ascii" {
						name, tier = "mono", theme.ASCII
					}
					m := testModel(t, name, Config{Session: newStill(st), Present: true})
					m.w, m.h, m.tier = size[0], size[1], tier
					view := m.View()
					fits(t, view, size[0], size[1])
					fmt.Fprintf(&all, "%dx%d\n%s\n", size[0], size[1], view)
				}
			}
			golden.RequireEqual(t, all.String())
		})
	}
}

// What is opened over the presentation is seen there.
func TestPresentShowsTheTurns(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 50}, {60, 16}} {
		st := fixture.Live(2, 1)
		st.Plan.Free = true
		m, _ := presented(t, st, size[0], size[1])
		press(m, runes("o"))
		view := plainView(m, size[0], size[1])
		fits(t, view, size[0], size[1])
		if !strings.Contains(view, "settings of A  one") || m.h >= 24 && !strings.Contains(view, "req/s") {
			t.Errorf("%v:\n%s", size, view)
		}
		press(m, runes("e"))
		contains(t, m, "the targets are ready")
	}
}

// A click selects the variant that is drawn there in large type, side by side or below each other.
func TestAClickInThePresentation(t *testing.T) {
	m, _ := presented(t, fixture.Live(3, 1), 120, 36)
	for _, at := range []struct {
		x, y int
		want string
	}{{100, 10, "four"}, {60, 30, "two"}, {3, 2, "one"}, {60, 0, "one"}} {
		settle(m, clickAt(tea.MouseButtonLeft, at.x, at.y))
		if m.run.View.Focus != at.want {
			t.Errorf("a click at %d, %d selects %q, want %q", at.x, at.y, m.run.View.Focus, at.want)
		}
	}
	m, text := presented(t, fixture.Live(16, 1), 80, 24)
	for row, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(strings.TrimLeft(line, " "), "C ") {
			settle(m, clickAt(tea.MouseButtonLeft, 10, row))
		}
	}
	if m.run.View.Focus != "four" {
		t.Errorf("a click on C selects %q\n%s", m.run.View.Focus, text)
	}
}

// What lies over the run lies over it in large type too: the settings beside the large figures, and the event log.
func TestPresentHasTheOverlays(t *testing.T) {
	for _, size := range [][2]int{{80, 24}, {120, 36}, {200, 50}} {
		m, _ := presented(t, fixture.Free(), size[0], size[1])
		press(m, runes("o"))
		text := plainView(m, size[0], size[1])
		fits(t, text, size[0], size[1])
		for _, want := range []string{"settings of A", "▸ connections", "one: connections 128"} {
			if !strings.Contains(text, want) {
				t.Errorf("%v: no %q in\n%s", size, want, text)
			}
		}
		if !holdsLarge(text, "15\u202f843", 1, m.tier) && !holdsLarge(text, "15\u202f843", 2, m.tier) && !holdsLarge(text, "15\u202f843", 4, m.tier) {
			t.Errorf("%v: the figures are not large\n%s", size, text)
		}
		press(m, runes("e"))
		if text := plainView(m, size[0], size[1]); !strings.Contains(text, "events") || !strings.Contains(text, "the targets are ready") {
			t.Errorf("%v: no event log\n%s", size, text)
		}
	}
}

// What is under load glows in the ink of its variant, what waits for its turn is dim.
func TestWhatRunsGlows(t *testing.T) {
	m := testModel(t, "dark", Config{Session: newStill(fixture.Live(2, 1))})
	for _, size := range [][2]int{{80, 24}, {120, 36}} {
		m.w, m.h = size[0], size[1]
		view := m.View()
		for _, want := range []string{m.look.Muted.Paint("8\u202f412 req/s"), m.look.Glow(1).Paint("15\u202f843"), m.look.Variant(1).Paint("╭")} {
			if !strings.Contains(view, want) {
				t.Errorf("%v: no %q in\n%s", size, want, view)
			}
		}
	}
}

// In large type too the answer has its interval in figures.
func TestAPresentedVerdictHasItsInterval(t *testing.T) {
	for _, size := range sizes {
		m := testModel(t, "mono", Config{Session: newStill(close2(ended(2), 1.148, stats.Higher)), Present: true})
		if view := plainView(m, size[0], size[1]); !strings.Contains(strings.Join(strings.Fields(view), " "), "95 % CI +12.8 to +16.6 %") {
			t.Errorf("%v\n%s", size, view)
		}
	}
}

// Where large type changes nothing that is seen, the key says what it did.
func TestPresentationIsSaid(t *testing.T) {
	m := testModel(t, "mono", Config{Entries: fixtureEntries()})
	press(m, keyEnter)
	press(m, runes("P"))
	contains(t, m, "presentation on")
	press(m, runes("P"))
	contains(t, m, "presentation off")
	m = testModel(t, "mono", Config{Session: newStill(ended(2))})
	if press(m, runes("P")); m.notice.text != "" {
		t.Error(m.notice.text)
	}
}
