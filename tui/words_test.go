package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/tui/fixture"
)

// The help finds a key by what people call it, and says what the words on the screens mean.
func TestHelpFindsKeysAndWords(t *testing.T) {
	m := testModel(t, "mono", Config{Session: newStill(fixture.Free())})
	m.w, m.h = 120, 34
	for typed, want := range map[string]string{
		"rename": "give the selected variant another label", "label another": "give the selected variant another label",
		"void": "A void slice does not count", "loop lag": "Loop lag is how late", "███▍": "its score",
	} {
		press(m, runes("?"))
		press(m, runes(typed))
		contains(t, m, want)
		if view := plainView(m, 120, 34); !strings.Contains(view, "esc clear ") {
			t.Errorf("the foot does not say what esc does first\n%s", view)
		}
		press(m, keyEsc)
		if view := plainView(m, 120, 34); !strings.Contains(view, "esc close ") || strings.Contains(view, "esc clear ") {
			t.Errorf("without a text esc closes\n%s", view)
		}
		press(m, keyEsc)
	}
}

// The first and the last row of the catalogue are one key away.
func TestTheEndsOfTheCatalogue(t *testing.T) {
	m := testModel(t, "mono", Config{Entries: fixtureEntries(), Start: cannotStart})
	m.w, m.h = 80, 24
	first := selected(m)
	press(m, tea.KeyMsg{Type: tea.KeyEnd})
	if selected(m) == first {
		t.Error("end selects nothing else")
	}
	last := selected(m)
	press(m, tea.KeyMsg{Type: tea.KeyDown})
	if selected(m) != last {
		t.Errorf("%q comes after the last row, %q", selected(m), last)
	}
	press(m, tea.KeyMsg{Type: tea.KeyHome})
	if selected(m) != first {
		t.Errorf("home selects %q, not %q", selected(m), first)
	}
}

// A large change of another metric than the throughput that it stands below names its metric, in every size.
func TestALargeChangeNamesItsMetric(t *testing.T) {
	for _, size := range [][2]int{{60, 16}, {80, 24}, {120, 36}} {
		for n := 2; n <= 4; n++ {
			st := fixture.Live(n, 1)
			st.Plan.Metric = "target_cpu_us_per_request"
			if _, text := presented(t, st, size[0], size[1]); !strings.Contains(text, "CPU/req") && !strings.Contains(text, "CPU per request vs") {
				t.Errorf("%v with %d:\n%s", size, n, text)
			}
		}
	}
}

// Where another throughput of the baseline stands over its column than a change rests on, the change says its own.
func TestAChangeSaysItsBaseline(t *testing.T) {
	st := fixture.Ended(3)
	st.Result, st.End = nil, nil
	for i := range st.Variants {
		st.Variants[i].Status = "idle"
	}
	st.Compare[1].Means = [2]float64{2320, 2399}
	m := testModel(t, "mono", Config{Session: newStill(st)})
	if view := plainView(m, 200, 50); strings.Count(view, "vs one at ") != 1 || !strings.Contains(view, "vs one at 2\u202f399") {
		t.Error(view)
	}
	st = fixture.Ended(3)
	m = testModel(t, "mono", Config{Session: newStill(st)})
	press(m, runes("v"))
	if view := plainView(m, 200, 50); strings.Contains(view, "vs one at ") {
		t.Errorf("all rest on the same\n%s", view)
	}
}
