package tui

import (
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/compare"
	"benchtop/lab/observe"
	"benchtop/lab/record"
	"benchtop/lab/rehearsal"
	"benchtop/tui/watch"
)

// pairOf is two rehearsed runs on the screen; the second has other workers, and another kernel where it is told.
func pairOf(t testing.TB, look string, second rehearsal.Script, c Config) (*model, *stopped) {
	t.Helper()
	second.Slice = 500 * time.Millisecond
	return pairOfRuns(t, look, second.Events(), c)
}

func pairOfRuns(t testing.TB, look string, second []lab.Event, c Config) (*model, *stopped) {
	t.Helper()
	clock := &stopped{now: time.Unix(1000, 0)}
	runs := [2]*record.Run{{Events: monday()}, {Events: second}}
	v := compare.Runs(runs[0].State(), runs[1].State())
	v.Runs[0].File, v.Runs[1].File = "monday.jsonl", "friday.jsonl"
	v.Runs[1].Started = v.Runs[0].Started.Add(26 * time.Hour)
	c.Now = clock.Now
	c.Pair = &Pair{Versus: v, First: record.NewPlayer(runs[0], clock.Now), Second: record.NewPlayer(runs[1], clock.Now)}
	m := testModel(t, look, c)
	m.w, m.h = 120, 34
	return m, clock
}

// monday and fridays are the events of two runs, made once.
var monday = sync.OnceValue(rehearsal.Script{Blocks: 6, Slice: 500 * time.Millisecond, Ratio: 1.15, Trouble: true}.Events)

var fridays = sync.OnceValue(friday().Events)

func friday() rehearsal.Script {
	return rehearsal.Script{
		Blocks: 8, Ratio: 1.4, Slice: 500 * time.Millisecond,
		Machine: func(m *observe.Machine) { m.Kernel, m.Model = "6.2.0", "Another CPU with a long name" },
	}
}

func init() {
	page := func(n int) func(testing.TB, string) *model {
		return func(t testing.TB, look string) *model {
			m, _ := pairOfRuns(t, look, fridays(), Config{})
			press(m, runes(string(rune('1'+n))))
			return m
		}
	}
	shots["compare ratios"] = page(0)
	shots["compare what differs"] = page(1)
	shots["compare figures"] = page(2)
	shots["compare side by side"] = func(t testing.TB, look string) *model {
		m := page(3)(t, look)
		seek(m, 9*time.Second)
		return m
	}
}

func TestTwoRunsOnTheScreen(t *testing.T) {
	m, clock := pairOfRuns(t, "mono", fridays(), Config{})
	contains(t, m, "throughput of two over one, which decides", "2 over 1", "! the runs differ: the 99 % interval excludes 1", "not interleaved")
	press(m, runes("2"))
	contains(t, m, "machine: kernel 6.1.0 6.2.0", "Run 2 began 1 d 2 h after run 1.", "plan: blocks 6 8", "monday.jsonl", "noise floor")
	press(m, tea.KeyMsg{Type: tea.KeyRight})
	contains(t, m, "decide nothing here", "CPU per request")
	if strings.Contains(plainView(m, 120, 34), "%") {
		t.Error("a difference stands beside absolute figures")
	}
	press(m, tea.KeyMsg{Type: tea.KeyTab})
	contains(t, m, "run 1 ✓ complete", "run 2 ✓ complete", "REPLAY end", "╭ run 1 one worker", "╭ run 2 one worker")

	// Both run at the same time since their beginning; the shorter one waits at its end.
	press(m, tea.KeyMsg{Type: tea.KeyDown})
	press(m, tea.KeyMsg{Type: tea.KeyHome})
	press(m, tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}})
	clock.now = clock.now.Add(8 * time.Second)
	m.Update(tickMsg{})
	a, b := m.run.Session.(*watch.Duo).Runs[0].State(), m.run.Session.(*watch.Duo).Runs[1].State()
	if a.At > int64(8*time.Second) || b.At > int64(8*time.Second) || a.At < int64(7*time.Second) || b.At < int64(7*time.Second) {
		t.Errorf("the first at %v, the second at %v", time.Duration(a.At), time.Duration(b.At))
	}
	contains(t, m, "run 1 two workers", "run 2 two workers", "under load", "block")
	clock.now = clock.now.Add(time.Hour)
	m.Update(tickMsg{})
	if a, b := m.run.Session.(*watch.Duo).Runs[0].State(), m.run.Session.(*watch.Duo).Runs[1].State(); a.End == nil || b.End == nil || at(m) != "compare" {
		t.Error("the runs do not come to their end, or the screen changes")
	}
	press(m, runes("["))
	contains(t, m, "run 1: run complete")
	if !press(m, runes("q")) || m.interrupted {
		t.Error("q does not leave")
	}
	for _, r := range m.run.Session.(*watch.Duo).Runs {
		select {
		case <-r.Done():
		default:
			t.Error("a replay goes on")
		}
	}
}

// Both runs are drawn on the same scales, or side by side would mislead.
func TestBesideOnTheSameScales(t *testing.T) {
	m, _ := pairOf(t, "mono", rehearsal.Script{Blocks: 6, Ratio: 4}, Config{})
	press(m, runes("4"))
	press(m, tea.KeyMsg{Type: tea.KeyDown})
	if n := strings.Count(plainView(m, 120, 34), "40k/s┤"); n != 2 {
		t.Errorf("%d axes to 40k\n%s", n, plainView(m, 120, 34))
	}
	press(m, runes("y"))
	if n := strings.Count(plainView(m, 120, 34), "40k/s┤"); n != 1 {
		t.Errorf("%d axes to 40k after y\n%s", n, plainView(m, 120, 34))
	}
	press(m, runes("1y"))
	contains(t, m, "this is for the runs side by side, on page 4")
}

func TestRunsThatShareNothingOnTheScreen(t *testing.T) {
	other := rehearsal.Script{Blocks: 6, Change: func(p *lab.Plan) {
		p.ID, p.Baseline = "other", "x"
		p.Variants[0].ID, p.Variants[1].ID = "x", "y"
		p.Expect = nil
	}}
	for _, size := range sizes {
		m, _ := pairOf(t, "mono", other, Config{})
		for page := range 4 {
			press(m, runes(string(rune('1'+page))))
			m.w, m.h = size[0], size[1]
			fits(t, m.View(), size[0], size[1])
		}
		contains(t, m, "no one in this run")
		press(m, runes("1"))
		contains(t, m, "The runs share no comparison", "rehearsal and other")
		press(m, runes("3"))
		contains(t, m, "share no variant")
	}
}

func TestExportOfTwoRuns(t *testing.T) {
	var got []ExportFile
	m, _ := pairOfRuns(t, "dark", fridays(), Config{Export: func(files []ExportFile) (string, error) {
		got = files
		return "/somewhere", nil
	}})
	settle(m, runes("x"))
	if len(got) != 3 || !strings.HasSuffix(got[2].Name, "-comparison.txt") || !strings.Contains(string(got[2].Content), "2 over 1") {
		t.Fatalf("%d files", len(got))
	}
	if !strings.Contains(string(got[0].Content), "which decides") || !strings.HasPrefix(string(got[1].Content), "<svg") {
		t.Error("the screen is not in the files")
	}
}

// Whatever is pressed on the comparison of two runs, the screen holds.
func TestCompareHoldsUnderEveryKey(t *testing.T) {
	for _, size := range [][2]int{{20, 5}, {61, 17}, {90, 20}, {120, 34}} {
		m, clock := pairOfRuns(t, "mono", fridays(), Config{})
		m.w, m.h = size[0], size[1]
		for _, row := range Keys() {
			for _, key := range row.Keys {
				if key == "q" || key == "ctrl+c" || key == "ctrl+z" {
					continue
				}
				m.key(key)
				if over(m) == "keys" {
					m.overlay = nil
				}
				clock.now = clock.now.Add(tick)
				m.Update(tickMsg{})
				fits(t, m.View(), size[0], size[1])
				if at(m) != "compare" {
					t.Fatalf("%s leads away", key)
				}
			}
		}
	}
}
