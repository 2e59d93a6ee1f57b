package notes

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/muesli/termenv"

	"benchtop/lab"
	"benchtop/lab/follow"
	"benchtop/tui/fixture"
	"benchtop/tui/theme"
)

const fixtureNotes = `
Something for any time.

## Before

Ask for the number of cores.

## During

Look at the *share* column.

## After

Workers beyond the cores add memory.
`

// labsAt are labs that show the fixture at the given places, the last started first.
func labsAt(places ...follow.Where) []follow.Lab {
	var out []follow.Lab
	for i, w := range places {
		where := w
		out = append(out, follow.Lab{
			Path:  "/run/r" + string(rune('a'+i)) + "/workers.lab",
			Hello: follow.Hello{PID: 100 + i, Command: "run", Started: time.Unix(int64(1000-i), 0).UTC()}, Where: &where,
		})
	}
	return out
}

func testNotes(t *testing.T, w, h int, labs func() []follow.Lab) *notes {
	t.Helper()
	look, err := theme.New("dark", termenv.TrueColor)
	if err != nil {
		t.Fatal(err)
	}
	plan := fixture.Plan(2)
	plan.Notes = fixtureNotes
	n := newScreen(Config{Plan: plan, Name: "workers", Labs: labs, Now: func() time.Time { return time.Unix(1010, 0) }}, look, theme.Block)
	n.Update(tea.WindowSizeMsg{Width: w, Height: h})
	return n
}

func running(phase, variant string) follow.Where {
	return follow.Where{
		At: time.Unix(1005, 0), Place: follow.Run, Scenario: "workers", Phase: phase, Variant: variant, Letter: "B", Block: 3, Blocks: 6, Slice: 10, Attempt: 1,
		Left: int64(30 * time.Second), Total: int64(60 * time.Second),
	}
}

func TestNotesFollow(t *testing.T) {
	ended := running(lab.PhaseStopping, "")
	ended.Ended, ended.Left, ended.Verdicts = lab.EndComplete, 0, []string{"two serves 14.8 % more (95 % CI 12.9 to 16.6)"}
	for name, test := range map[string]struct {
		labs  []follow.Lab
		wants []string // in this order
	}{
		"nobody":    {nil, []string{"waiting for a lab at workers: start `benchtop run workers`", "NOW", "Before", "number of cores", "Any time", "During"}},
		"elsewhere": {labsAt(follow.Where{Place: follow.Read, Scenario: "noise"}, follow.Where{Place: follow.Catalogue}), []string{"waiting", "process 100 is at noise", "process 101 is at its catalogue"}},
		"read":      {labsAt(follow.Where{Place: follow.Read, Scenario: "workers"}), []string{"following process 100", "READ", "reading the lesson", "Ask: How much more", "number of cores"}},
		"locked":    {labsAt(follow.Where{Place: follow.Predict, Scenario: "workers", Predicted: "+5 to +25 % for two"}), []string{"PREDICT", "prediction locked: +5 to +25 %", "The prediction is locked"}},
		"run":       {labsAt(running(lab.PhaseSlice, "two")), []string{"RUN", "block 3 of 6, slice 10 on B two", "0:25 left of 1:00", "No verdict before the last slice", "During", "share column"}},
		"two labs":  {labsAt(running(lab.PhaseSlice, "two"), running(lab.PhaseWarmup, "one")), []string{"2 labs show it: following process 100", "not process 101"}},
		"ended":     {labsAt(ended), []string{"RUN ENDED", "the run is complete", "two serves 14.8 % more", "After", "Workers beyond the cores"}},
		"quiz": {labsAt(follow.Where{Place: follow.Quiz, Scenario: "workers", Question: 2, Chosen: 1}), []string{
			"QUIZ", "question 2 of 3, answered 1: wrong", "Quiz, with the answers", "✓ 2 More worker processes (workers shows it)", "▸ 2 64 closed connections", "✓ 2 32 ms",
		}},
	} {
		n := testNotes(t, 120, 60, func() []follow.Lab { return test.labs })
		text := ansi.Strip(n.View())
		rest := text
		for _, want := range test.wants {
			at := strings.Index(rest, want)
			if at < 0 {
				t.Errorf("%s: no %q, in this order, in\n%s", name, want, text)
				break
			}
			rest = rest[at:]
		}
	}
}

// The lab that is followed stays, its end is said, and a later one is followed.
func TestNotesOfALabThatEnds(t *testing.T) {
	var there []follow.Lab
	n := testNotes(t, 100, 30, func() []follow.Lab { return there })
	n.cfg.Once = true
	say := func(want string) {
		t.Helper()
		_, cmd := n.Update(tickMsg{})
		_ = cmd
		if text := strings.Join(strings.Fields(ansi.Strip(n.View())), " "); !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	say("waiting for a lab")
	there = labsAt(running(lab.PhaseSlice, "two"))
	say("following process 100")
	there = append(there, there[0])
	there[1].Path, there[1].Hello.PID = "/run/rz/workers.lab", 99
	there[0], there[1] = there[1], there[0] // it was started later
	say("2 labs show it: following process 100")
	there = there[:1]
	say("following process 99")
	there = nil
	say("the lab that was followed (process 99) has ended; waiting for a lab at workers")
	if _, cmd := n.Update(tickMsg{}); cmd == nil {
		t.Error("once the lab has ended the screen stays")
	} else if _, quits := cmd().(tea.QuitMsg); !quits {
		t.Error("once the lab has ended the screen stays")
	}
}

// Any size, any key, any place: no panic, no line that is too wide, never more lines than there are.
func TestNotesAtAnySize(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 42)) //nolint:gosec // a reproducible walk, no secret
	odd := []string{"", "\x1b[31mred", "日本語のラベル", "a\nb\tc", strings.Repeat("long ", 80)}
	pick := func() string { return odd[r.IntN(len(odd))] }
	var there []follow.Lab
	n := testNotes(t, 80, 24, func() []follow.Lab { return there })
	keys := []string{"up", "down", "pgup", "pgdown", "home", "end", "g"}
	for range 3000 {
		w, h := 20+r.IntN(200), 5+r.IntN(60)
		n.Update(tea.WindowSizeMsg{Width: w, Height: h})
		there = nil
		for range r.IntN(3) {
			p := follow.Where{
				At: time.Unix(int64(r.IntN(3000)), 0), Place: []string{follow.Catalogue, follow.Read, follow.Predict, follow.Run, follow.Why, follow.Quiz, pick()}[r.IntN(7)],
				Scenario: []string{"workers", "noise", pick()}[r.IntN(3)], Phase: []string{lab.PhaseWarmup, lab.PhaseSlice, pick()}[r.IntN(3)], Variant: pick(), Letter: pick(),
				Block: r.IntN(9) - 1, Left: r.Int64N(1e12) - 1e11, Total: r.Int64N(1e12), Ended: []string{"", lab.EndComplete, pick()}[r.IntN(3)], Reason: pick(),
				Verdicts: []string{pick()}, Predicted: pick(), Question: r.IntN(9) - 2, Chosen: r.IntN(9) - 2, Free: r.IntN(4) == 0, Replay: r.IntN(4) == 0,
			}
			there = append(there, labsAt(p)...)
			there[len(there)-1].Events = []lab.Event{{Kind: lab.KindNote, Note: &lab.NoteEvent{Level: "warning", Text: pick()}}, {Kind: lab.KindProcess, Process: &lab.ProcessEvent{Event: pick()}}}
		}
		n.Update(tickMsg{})
		msg := tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(keys[r.IntN(len(keys))])}
		n.Update(msg)
		lines := strings.Split(n.View(), "\n")
		if len(lines) > h {
			t.Fatalf("%d lines at %dx%d", len(lines), w, h)
		}
		for _, line := range lines {
			if got := ansi.StringWidth(line); got > w {
				t.Fatalf("a line of %d cells at %dx%d: %q", got, w, h, line)
			}
		}
	}
}

// The trainer's screen as it looks, at each step of the way.
func TestNotesScreens(t *testing.T) {
	ended := running(lab.PhaseStopping, "")
	ended.Ended, ended.Left, ended.Verdicts = lab.EndComplete, 0, []string{"two serves 14.8 % more (95 % CI +12.9 to +16.6 %, 20 pairs, noise floor 1.3 %) - generator 38 % busy, fine"}
	died := labsAt(running(lab.PhaseSlice, "two"))
	died[0].Events = []lab.Event{{At: 12 * fixture.Second, Kind: lab.KindProcess, Process: &lab.ProcessEvent{Variant: "two", Role: "worker", PID: 20541, Event: "gone", Text: "killed by signal 9"}}}
	steps := []struct {
		name string
		labs []follow.Lab
	}{
		{"waiting", nil},
		{"predict", labsAt(follow.Where{Place: follow.Predict, Scenario: "workers"})},
		{"run", died},
		{"ended", labsAt(ended)},
		{"quiz", labsAt(follow.Where{Place: follow.Quiz, Scenario: "workers", Question: 1})},
	}
	for look, sizes := range map[string][][2]int{"mono": fixture.Sizes, "dark": {{120, 34}}} {
		t.Run(look, func(t *testing.T) {
			var all strings.Builder
			for _, size := range sizes {
				for _, step := range steps {
					n := testNotes(t, size[0], size[1], func() []follow.Lab { return step.labs })
					if look == "mono" {
						n.look, _ = theme.New("mono", termenv.Ascii)
					}
					view := n.View()
					fixture.Fits(t, view, size[0], size[1])
					fmt.Fprintf(&all, "%s %dx%d\n%s\n", step.name, size[0], size[1], view)
				}
			}
			golden.RequireEqual(t, all.String())
		})
	}
}
