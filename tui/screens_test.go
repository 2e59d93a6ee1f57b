package tui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/muesli/termenv"

	"benchtop/lab"
	"benchtop/lab/progress"
	"benchtop/lab/stats"
	"benchtop/tui/fixture"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// stopped is a clock that tests turn by hand.
type stopped struct{ now time.Time }

func (s *stopped) Now() time.Time { return s.now }

func testModel(t testing.TB, themeName string, c Config) *model {
	t.Helper()
	look, err := theme.New(themeName, termenv.TrueColor) // the colour profile is pinned here
	if err != nil {
		t.Fatal(err)
	}
	if c.Now == nil {
		c.Now = (&stopped{now: time.Unix(1000, 0)}).Now
	}
	return newModel(context.Background(), c, look, theme.Block)
}

func cannotStart(context.Context, *lab.Plan, bool) (Session, error) {
	return newStill(fixture.Live(2, 0)), nil
}

// ownModel is a lab on files of one's own, one of which is broken.
func ownModel(t testing.TB, look string) *model {
	p := *fixture.Plan(2)
	p.ID, p.Title, p.Track = "my-service", "How slow is my service with a cold cache?", "data"
	mine := []Entry{
		{ID: p.ID, Title: p.Title, Track: OwnTrack, Own: true, Plan: &p, Running: p.Duration()},
		{
			ID: "slow/broken.yaml", Title: "broken.yaml", Track: OwnTrack, Own: true,
			Broken: "slow/broken.yaml:9:1: error: unknown key \"lode\" in the scenario\n    9 | lode: {model: closed}\n      | ^\n  hint: did you mean load? Allowed are benchtop, id, title, track, minutes, claims, requires, lesson, target, variants, load and plan",
		},
	}
	return testModel(t, look, Config{Entries: append(fixtureEntries(), mine...), Begin: p.ID, Start: cannotStart})
}

// shots are the screens that have a golden file.
var shots = map[string]func(t testing.TB, look string) *model{
	"catalogue": func(t testing.TB, look string) *model {
		return testModel(t, look, Config{Entries: fixtureEntries(), Start: cannotStart})
	},
	"lesson": func(t testing.TB, look string) *model {
		m := testModel(t, look, Config{Entries: fixtureEntries(), Start: cannotStart})
		press(m, keyEnter)
		return m
	},
	"live": func(t testing.TB, look string) *model {
		return testModel(t, look, Config{Session: newStill(close2(fixture.Live(2, 1), 1.148, ""))})
	},
	"live of three": func(t testing.TB, look string) *model {
		return testModel(t, look, Config{Session: newStill(fixture.Live(3, 1))})
	},
	"live of four": func(t testing.TB, look string) *model {
		return testModel(t, look, Config{Session: newStill(fixture.Live(4, 1))})
	},
	"live of sixteen": func(t testing.TB, look string) *model {
		m := testModel(t, look, Config{Session: newStill(fixture.Live(16, 11))})
		m.run.View.Focus = m.run.State.Variants[11].ID
		return m
	},
	"live warm-up": func(t testing.TB, look string) *model {
		return testModel(t, look, Config{Session: newStill(warming())})
	},
	"live troubled": func(t testing.TB, look string) *model {
		return testModel(t, look, Config{Session: newStill(troubled())})
	},
	"live turned": func(t testing.TB, look string) *model {
		m := testModel(t, look, Config{Session: newStill(freely("a", "b"))})
		press(m, runes("o"))
		mark(m, "workers")
		press(m, runes("w"))
		return m
	},
	"live free": func(t testing.TB, look string) *model { return testModel(t, look, Config{Session: newStill(free())}) },
	"live of replay": func(t testing.TB, look string) *model {
		return testModel(t, look, Config{Session: newTape(fixture.Live(2, 1))})
	},
	"live zoomed": func(t testing.TB, look string) *model {
		m := testModel(t, look, Config{Session: newStill(fixture.Live(3, 1))})
		m.run.MoveFocus(1)
		m.run.View.Zoom = true
		return m
	},
	"live shop": func(t testing.TB, look string) *model {
		return testModel(t, look, Config{Session: newStill(fixture.Shop())})
	},
	"live shop zoomed": func(t testing.TB, look string) *model {
		m := testModel(t, look, Config{Session: newStill(fixture.Shop())})
		m.run.MoveFocus(1)
		m.run.View.Zoom = true
		return m
	},
	"why mechanism of a shop": func(t testing.TB, look string) *model { return whyOf(t, look, fixture.ShopEnded(), nil, 2) },
	"live refused": func(t testing.TB, look string) *model {
		m := testModel(t, look, Config{Session: newStill(refused())})
		m.Home(screen.Watch{})
		return m
	},
	"verdict": func(t testing.TB, look string) *model {
		return testModel(t, look, Config{Session: newStill(close2(ended(2), 1.148, stats.Higher))})
	},
	"verdict predicted": func(t testing.TB, look string) *model {
		return whyOf(t, look, close2(ended(2), 1.148, stats.Higher), predicted("two", 1.05, 1.4), 0)
	},
	"verdict mispredicted": func(t testing.TB, look string) *model {
		return whyOf(t, look, ended(3), predicted("four", 0.5, 0.8), 0)
	},
	"verdict skipped": func(t testing.TB, look string) *model {
		return whyOf(t, look, close2(ended(2), 1.004, stats.NoDifference), &progress.Prediction{Skipped: true}, 0)
	},
	"verdict disturbed": func(t testing.TB, look string) *model {
		return whyOf(t, look, fixture.Disturbed(), predicted("two", 0.9, 1.1), 0)
	},
	"verdict undecided": func(t testing.TB, look string) *model { return whyOf(t, look, fixture.Undecided(), nil, 0) },
	"why metrics": func(t testing.TB, look string) *model {
		return whyOf(t, look, ended(3), predicted("two", 1.05, 3), 1)
	},
	"why mechanism": func(t testing.TB, look string) *model { return whyOf(t, look, ended(4), nil, 2) },
	"why latency":   func(t testing.TB, look string) *model { return whyOf(t, look, ended(2), nil, 3) },
	"why slices":    func(t testing.TB, look string) *model { return whyOf(t, look, endedTroubled(), nil, 4) },
	"why claims":    func(t testing.TB, look string) *model { return whyOf(t, look, ended(2), nil, 5) },
	"why basis":     func(t testing.TB, look string) *model { return whyOf(t, look, refused(), nil, 6) },
	"predict": func(t testing.TB, look string) *model {
		m := testModel(t, look, Config{Entries: fixtureEntries(), Start: cannotStart})
		press(m, runes("r"))
		return m
	},
	"predict range": func(t testing.TB, look string) *model {
		m := testModel(t, look, Config{Entries: fixtureEntries(), Start: cannotStart})
		press(m, runes("r"))
		pressAll(m, runes("2"), keyTab, runes("20"), keyTab, runes("150"))
		return m
	},
	"predict wrong typing": func(t testing.TB, look string) *model {
		m := testModel(t, look, Config{Entries: fixtureEntries(), Start: cannotStart})
		press(m, runes("r"))
		pressAll(m, keyTab, runes("1-2"))
		return m
	},
	"predict locking": func(t testing.TB, look string) *model {
		m := testModel(t, look, Config{Entries: fixtureEntries(), Start: cannotStart})
		press(m, runes("r"))
		pressAll(m, runes("2"), keyTab, runes("20"), keyTab, runes("2.5x"), keyEnter)
		return m
	},
	"predict locked": func(t testing.TB, look string) *model {
		m := testModel(t, look, Config{Entries: fixtureEntries(), Start: cannotStart})
		press(m, runes("r"))
		pressAll(m, runes("2"), keyTab, runes("20"), keyTab, runes("2.5x"), keyEnter, keyEnter)
		return m
	},
	"quiz": func(t testing.TB, look string) *model { return quizOf(t, look, -1) },
	"quiz right": func(t testing.TB, look string) *model {
		return quizOf(t, look, 1)
	},
	"quiz wrong": func(t testing.TB, look string) *model {
		return quizOf(t, look, 2)
	},
	"quiz score": func(t testing.TB, look string) *model {
		m := quizOf(t, look, 1)
		pressAll(m, keyEnter, runes("1"), keyEnter, keyEnter, runes("1"), keyEnter, keyEnter, keyPageDown, keyPageDown)
		return m
	},
	"catalogue of own files": func(t testing.TB, look string) *model { return ownModel(t, look) },
	"errors of a file": func(t testing.TB, look string) *model {
		m := ownModel(t, look)
		choose(m, "slow/broken.yaml")
		press(m, keyEnter)
		return m
	},
	"catalogue with progress": func(t testing.TB, look string) *model {
		store := progress.Memory()
		store.Change(func(p *progress.Progress) {
			p.Change("engines", "payload", func(s *progress.Scenario) { s.Done = ptr(time.Unix(800, 0)) })
			p.Change("client-keepalive", "connections", func(s *progress.Scenario) {
				s.Done = ptr(time.Unix(900, 0))
				s.Prediction = predicted("two", 1.1, 1.5)
				s.Prediction.Outcome = &progress.Outcome{Measured: ptr(1.2), Covered: true, Score: ptr(0.31), Winner: progress.GuessRight}
				s.Quiz = []progress.Answer{{Option: 1, Correct: true}, {}, {Correct: true}}
			})
		})
		m := testModel(t, look, Config{Entries: fixtureEntries(), Start: cannotStart, Progress: store})
		choose(m, "client-keepalive")
		return m
	},
	"verdict refused": func(t testing.TB, look string) *model {
		return testModel(t, look, Config{Session: newStill(refused())})
	},
	"presented": func(t testing.TB, look string) *model {
		return testModel(t, look, Config{Session: newStill(fixture.Live(2, 1)), Present: true})
	},
	"presented verdict": func(t testing.TB, look string) *model {
		return testModel(t, look, Config{Session: newStill(close2(ended(2), 1.148, stats.Higher)), Present: true})
	},
	"help": func(t testing.TB, look string) *model {
		m := testModel(t, look, Config{Session: newStill(fixture.Live(2, 1))})
		m.Open(screen.Help{})
		return m
	},
	"commands": func(t testing.TB, look string) *model {
		m := testModel(t, look, Config{Session: newStill(fixture.Live(2, 1))})
		pressAll(m, runes(":e"), keyDown, keyDown)
		return m
	},
	"events": func(t testing.TB, look string) *model {
		m := testModel(t, look, Config{Session: newStill(troubled())})
		m.Open(screen.Events{})
		return m
	},
}

// whyOf is the why screen of an ended run at a chapter.
func whyOf(t testing.TB, look string, st *lab.State, said *progress.Prediction, chapter int) *model {
	m := testModel(t, look, Config{Session: newStill(st), Claim: fixtureClaim, Claimants: "five pages"})
	m.run.Said = said
	press(m, runes(string(rune('1'+chapter))))
	return m
}

// quizOf is the first question of a quiz, with an answer or, if that is negative, without.
func quizOf(t testing.TB, look string, answer int) *model {
	m := testModel(t, look, Config{Entries: fixtureEntries(), Start: cannotStart})
	choose(m, "workers")
	press(m, runes("u"))
	if answer >= 0 {
		pressAll(m, runes(string(rune('1'+answer))), keyEnter)
	}
	return m
}

// endedTroubled is an ended run with slices that do not count and slices that were disturbed.
func endedTroubled() *lab.State {
	st := ended(2)
	st.Seq = 9200
	one, two := st.Variants[0].Slices, st.Variants[1].Slices
	two[2].Discarded, two[2].Void = true, "a worker died"
	one[4].Dirty = []string{"steal 8 %"}
	one[5].Value = nil
	return st
}

// Every screen at every size, without colours; TestLooks has those.
func TestScreens(t *testing.T) {
	for name, shot := range shots {
		t.Run(name, func(t *testing.T) {
			var all strings.Builder
			m := shot(t, "mono")
			for _, size := range sizes { // as a terminal that grows
				m.w, m.h = size[0], size[1]
				view := m.View()
				fits(t, view, size[0], size[1])
				fmt.Fprintf(&all, "%dx%d\n%s\n", size[0], size[1], view)
			}
			golden.RequireEqual(t, all.String())
		})
	}
}

func plainView(m *model, w, h int) string {
	m.w, m.h = w, h
	return ansi.Strip(m.View())
}

func TestThroughputOncePerVariant(t *testing.T) {
	for n := 1; n <= 4; n++ {
		for _, size := range sizes {
			m := testModel(t, "dark", Config{Session: newStill(fixture.Live(n, 0))})
			view := plainView(m, size[0], size[1])
			if got := strings.Count(strings.ReplaceAll(view, "µs/req", ""), "req/s"); got != n {
				t.Errorf("%v, %d variants: req/s stands there %d times\n%s", size, n, got, view)
			}
		}
	}
}

func TestNothingIsColouredBeforeTheDecision(t *testing.T) {
	m := testModel(t, "dark", Config{Session: newStill(close2(fixture.Live(2, 1), 1.148, ""))})
	m.w, m.h = 120, 34
	good, done := strings.TrimSuffix(m.look.Good.Paint("x"), "x\x1b[0m"), strings.TrimSuffix(m.look.Done.Paint("x"), "x\x1b[0m")
	if view := m.View(); strings.Contains(view, good) || strings.Contains(view, done) {
		t.Error("a provisional difference is coloured")
	}
	if !strings.Contains(m.View(), "provisional") {
		t.Error("a provisional interval does not say so")
	}
	m = testModel(t, "dark", Config{Session: newStill(close2(ended(2), 1.148, stats.Higher))})
	m.w, m.h = 120, 34
	if !strings.Contains(m.View(), done) {
		t.Error("a decided difference is not coloured")
	}
	m = testModel(t, "dark", Config{Session: newStill(close2(ended(2), 1.004, stats.NoDifference))})
	view := plainView(m, 120, 34)
	if !strings.Contains(view, "two and one do not differ in throughput by 2 % or more.") {
		t.Errorf("no difference is not said:\n%s", view)
	}
}

// The sample line of the measuring rules.
func TestVerdictLine(t *testing.T) {
	st := close2(ended(2), 1.124, stats.Higher)
	st.Result.Comparisons[0].CI95 = &[2]float64{1.109, 1.138}
	view := plainView(testModel(t, "mono", Config{Session: newStill(st)}), 120, 34)
	for _, want := range []string{"two serves 12.4 % more than one.", "95 % CI +10.9 to +13.8 % · 20 pairs · noise floor 1.3 %", "generator 61 % busy, fine"} {
		if !strings.Contains(view, want) {
			t.Errorf("want %q in\n%s", want, view)
		}
	}
}

func TestUntrustedAndUnknown(t *testing.T) {
	view := plainView(testModel(t, "mono", Config{Session: newStill(troubled())}), 120, 34)
	for _, want := range []string{"p99 ~8.24", "✕ gone", "repeated", "worker 20541 replaced by 20588", "reset_header 12"} {
		if !strings.Contains(view, want) {
			t.Errorf("want %q in\n%s", want, view)
		}
	}
	view = plainView(testModel(t, "mono", Config{Session: newStill(warming())}), 80, 24)
	for _, want := range []string{"warm-up", "p50     —", "0:41 left of 0:43", "closed, 64 connections"} {
		if !strings.Contains(view, want) {
			t.Errorf("want %q in\n%s", want, view)
		}
	}
}

func TestTooSmall(t *testing.T) {
	m := testModel(t, "dark", Config{Session: newStill(fixture.Live(2, 1))})
	if view := plainView(m, 52, 14); !strings.Contains(view, "too small: 52x14, needs 60x16") {
		t.Error(view)
	}
}

// A replay shows what the run showed: everything but the line with its own keys.
func TestReplayShowsTheSame(t *testing.T) {
	for _, size := range sizes {
		for _, st := range []*lab.State{close2(ended(2), 1.148, stats.Higher), fixture.Live(2, 1), troubled()} {
			cut := func(s Session) string {
				m := testModel(t, "dark", Config{Session: s})
				m.w, m.h = size[0], size[1]
				view := m.View()
				return view[:strings.LastIndex(view, "\n")]
			}
			if a, b := cut(newStill(st)), cut(newTape(st)); a != b {
				t.Errorf("%v: the replay differs:\n%s\n%s", size, a, b)
			}
		}
	}
	m := testModel(t, "dark", Config{Session: newTape(fixture.Live(2, 1))})
	if view := plainView(m, 80, 24); !strings.Contains(view, "REPLAY") || !strings.Contains(view, "4x") {
		t.Error(view)
	}
}

func TestASCIITier(t *testing.T) {
	for name, shot := range shots {
		m := shot(t, "mono")
		m.tier = theme.ASCII
		for i, r := range plainView(m, 120, 34) {
			if r >= 0x80 {
				t.Errorf("%s: %q at %d", name, r, i)
				break
			}
		}
	}
}

func TestMonoHasNoColour(t *testing.T) {
	for name, shot := range shots {
		m := shot(t, "mono")
		m.w, m.h = 120, 34
		if view := m.View(); strings.Contains(view, "[38;") || strings.Contains(view, "[48;") || strings.Contains(view, ";38;") {
			t.Errorf("%s has colours", name)
		}
	}
}
