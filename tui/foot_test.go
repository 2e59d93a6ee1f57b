package tui

import (
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/tui/fixture"
	"benchtop/tui/screen"
)

// foot is the last line of the screen at a size, without what was said before.
func foot(m *model, w, h int) string {
	m.notice = notice{}
	view := plainView(m, w, h)
	return view[strings.LastIndexByte(view, '\n')+1:]
}

// inCourse are the screens of a lab that has a catalogue to go back to, and states that no golden file shows.
func inCourse() map[string]func(t testing.TB) *model {
	with := func(t testing.TB, s Session) *model {
		c := Config{Entries: fixtureEntries(), Start: cannotStart, Session: s, Reference: func(string) (Replayer, error) { return nil, errors.New("none") }}
		return testModel(t, "mono", c)
	}
	two := func(page string) func(t testing.TB) *model {
		return func(t testing.TB) *model {
			m, _ := pairOfRuns(t, "mono", fridays(), Config{Entries: fixtureEntries()})
			press(m, runes(page))
			return m
		}
	}
	out := map[string]func(t testing.TB) *model{
		"the verdict": func(t testing.TB) *model { return with(t, newStill(ended(2))) },
		"a run":       func(t testing.TB) *model { return with(t, newStill(fixture.Live(2, 1))) },
		"a replay":    func(t testing.TB) *model { return with(t, newTape(fixture.Live(2, 1))) },
		"two runs, 1": two("1"),
		"two runs, 2": two("2"),
		"two runs, 3": two("3"),
		"two runs, 4": two("4"),
		"a run that ran": func(t testing.TB) *model {
			m := with(t, newStill(ended(2)))
			press(m, runes("v"))
			return m
		},
		"a zoomed replay": func(t testing.TB) *model {
			m := with(t, newTape(fixture.Live(2, 1)))
			press(m, runes("z"))
			return m
		},
		"a label": func(t testing.TB) *model {
			m := with(t, newStill(fixture.Free()))
			press(m, runes("n"))
			return m
		},
		"a filter": func(t testing.TB) *model {
			m := testModel(t, "mono", Config{Entries: fixtureEntries(), Start: cannotStart})
			pressAll(m, runes("/"), runes("wo"))
			return m
		},
		"a filtered catalogue": func(t testing.TB) *model {
			m := testModel(t, "mono", Config{Entries: fixtureEntries(), Start: cannotStart})
			pressAll(m, runes("/"), runes("wo"), keyEnter)
			return m
		},
		"a command": func(t testing.TB) *model {
			m := with(t, newStill(fixture.Live(2, 1)))
			m.Open(screen.Palette{})
			return m
		},
	}
	for name, shot := range maps.All(shots) {
		out[name] = func(t testing.TB) *model { return shot(t, "mono") }
	}
	return out
}

// A foot offers what does something: to scroll where there is more than is seen, and the way back wherever there is one, at
// every size. Where esc leads nowhere the foot is silent.
func TestTheFootOffersWhatMoves(t *testing.T) {
	scrolled := 0
	for name, shot := range inCourse() {
		m := shot(t)
		small, line := foot(m, 60, 16), foot(m, 80, 24)
		before := m.View()
		moves := func(keys ...tea.Msg) bool {
			pressAll(m, keys...)
			m.notice = notice{}
			return m.View() != before
		}
		if strings.Contains(line, "↑↓ scroll") {
			scrolled++
			if !moves(keyUp) && !moves(keyDown) {
				t.Errorf("%s: the foot offers to scroll, and nothing moves: %q", name, line)
			}
		}
		before = m.View()
		leads := moves(keyEsc)
		for _, line := range []string{small, line} {
			if says := strings.Contains(line, "esc ") || strings.Contains(line, "every other key"); says != leads {
				t.Errorf("%s: esc leads back: %v; the foot says %q", name, leads, line)
			}
			if strings.Contains(line, "help") && !strings.HasSuffix(strings.TrimRight(line, " "), "q quit") {
				t.Errorf("%s: the foot is cut: %q", name, line)
			}
		}
	}
	if scrolled == 0 {
		t.Error("no screen is longer than its size")
	}
}

// What a foot offers does something: it changes what is seen, starts something, turns the run, or says what it did or wants.
func TestTheFootOffersWhatDoesSomething(t *testing.T) {
	offered := func(m *model) (out []screen.Key) {
		for _, s := range m.sections() {
			for _, k := range s.Keys {
				if s.Name == screen.Everywhere || m.top().Status(m.frame()).Alone {
					continue
				}
				if k.Word() != "" && k.Reason() == "" && (k.Quiet == nil || !k.Quiet()) {
					out = append(out, k)
				}
			}
		}
		return out
	}
	for name, shot := range inCourse() {
		for _, size := range [][2]int{{80, 24}, {120, 36}} {
			first := shot(t)
			first.w, first.h = size[0], size[1]
			_ = first.View()
			for _, k := range offered(first) {
				does := false
				for _, key := range []string{k.Keys[len(k.Keys)-1], k.Keys[0]} {
					if does {
						break
					}
					m := shot(t)
					m.w, m.h = size[0], size[1]
					m.notice = notice{}
					before := m.View()
					cmd := m.key(key)
					told := m.notice
					if m.notice = (notice{}); cmd == nil && m.View() == before { // of three choices the second may look like the first
						cmd = m.key(key)
						m.notice = notice{}
					}
					s, still := m.run.Session.(*still)
					does = does || cmd != nil || m.View() != before || told.text != "" || still && len(s.Turns)+s.Stops > 0
				}
				if !does {
					t.Errorf("%s, %v: %s %s is offered and does nothing", name, size, k.Show, k.Word())
				}
			}
		}
	}
}

// The foot of a screen of 80 cells names the keys that matter, the way back, and help.
func TestTheFootOfASmallScreen(t *testing.T) {
	all := inCourse()
	for name, wants := range map[string][]string{
		"a run":       {"s stop", "f freeze", "z zoom", "←→ variant", "e events", "t time"},
		"live free":   {"s stop", "T race", "space turns one", "k keep-alive", "o settings"},
		"the verdict": {"enter quiz", "n next", "r again", "R reference", "e events", "esc back"},
		"two runs, 4": {"space again", "esc page 1"},
	} {
		line := foot(all[name](t), 80, 24)
		for _, want := range append(wants, "? help", "q quit") {
			if !strings.Contains(line, want) {
				t.Errorf("%s: %q is missing in %q", name, want, line)
			}
		}
	}
}

// Keys that do something stand before those that do nothing now, on every screen.
func TestTheFootBeginsWithWhatWorks(t *testing.T) {
	for name, shot := range inCourse() {
		m := shot(t)
		for _, w := range []int{60, 80, 120, 200} {
			line := foot(m, w, 36)
			keys, off := strings.Split(strings.TrimSpace(line), "  "), false
			for _, key := range keys {
				lasts := strings.HasPrefix(key, "esc ") || strings.HasPrefix(key, "x ") || strings.HasPrefix(key, "? ") || strings.HasPrefix(key, "q ")
				if strings.HasPrefix(key, "(") {
					off = true
				} else if off && !lasts {
					t.Errorf("%s, %d cells: %q stands behind keys that do nothing: %q", name, w, key, line)
					break
				}
			}
		}
	}
}

// The one action of a mystery leads the foot at every size, while the service is looked at and afterwards.
func TestTheFootOfAMystery(t *testing.T) {
	look := fixture.Free()
	game := &Game{
		Seed: 7, Faults: []Fault{{ID: "pool", Label: "one connection"}}, Look: func() *lab.Plan { return look.Plan },
		Healthy: func() *lab.Plan { return &lab.Plan{ID: "healthy", Variants: []lab.Variant{{ID: "healthy"}}} },
		Trial:   func(string) *lab.Plan { return &lab.Plan{ID: "trial"} },
	}
	still := newStill(look)
	m := testModel(t, "mono", Config{Start: cannotStart, Session: still, Mystery: game})
	leads := func(when string) {
		t.Helper()
		for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 36}, {200, 50}} {
			if line := foot(m, size[0], size[1]); !strings.HasPrefix(line, " G name the fault  ") {
				t.Errorf("%s, %v: %q", when, size, line)
			}
		}
	}
	leads("looking")
	ended := *look
	ended.End = &lab.EndEvent{How: lab.EndInterrupted}
	still.Snapshot = &ended
	m.Pull()
	if over(m) != "mystery" {
		t.Errorf("at the end of the look %q is open", over(m))
	}
	m.ending.came = time.Time{}
	settle(m, keyEsc)
	leads("the look has ended")
}

// The words of a filter are looked for each by itself.
func TestAFilterOfWords(t *testing.T) {
	m := testModel(t, "mono", Config{Entries: fixtureEntries(), Start: cannotStart})
	m.w, m.h = 80, 24
	all := fixtureEntries()
	words := strings.Fields(all[1].Title)
	settle(m, runes("/"))
	settle(m, runes(words[len(words)-1]+" "+words[0]))
	contains(t, m, all[1].ID)
}
