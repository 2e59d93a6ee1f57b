package tui

import (
	"math/rand/v2"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/compare"
	"benchtop/lab/record"
	"benchtop/lab/rehearsal"
)

// wild shows a replay of wild events at several moments and sizes, and presses keys on it.
func wild(t *testing.T, choices []byte) {
	clock := &stopped{now: time.Unix(1000, 0)}
	run := &record.Run{Events: rehearsal.Wild(choices)}
	player := record.NewPlayer(run, clock.Now)
	m := testModel(t, "mono", Config{Session: player, Now: clock.Now})
	_, total := player.Position()
	sizes := [][2]int{{80, 24}, {200, 50}, {60, 16}, {120, 34}, {20, 5}}
	letter := func(c rune) tea.KeyMsg { return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{c}} }
	keys := []tea.KeyMsg{
		{Type: tea.KeyEnter},
		{Type: tea.KeyTab},
		{Type: tea.KeyEsc},
		{Type: tea.KeyDown},
		{Type: tea.KeyRight},
		{Type: tea.KeyLeft},
		letter('d'), letter('v'), letter(']'), letter('}'), letter('2'), letter('['), letter('?'), letter('h'), letter('w'), letter('m'), letter('l'),
	}
	for i := range 6 {
		player.Seek(total / 5 * time.Duration((i*3)%6))
		size := sizes[i%len(sizes)]
		m.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
		m.Update(tickMsg{})
		_ = m.View()
		press(m, keys[(i+len(choices))%len(keys)])
		_ = m.View()
	}
	if st := player.State(); st.Result != nil {
		second := lab.FoldAll(rehearsal.Script{Blocks: 1}.Events())
		pair := testModel(t, "mono", Config{Now: clock.Now, Pair: &Pair{
			Versus: compare.Runs(st, second), First: player, Second: record.NewPlayer(&record.Run{Events: rehearsal.Script{Blocks: 1}.Events()}, clock.Now),
		}})
		pair.Update(tea.WindowSizeMsg{Width: 120, Height: 34})
		_ = pair.View()
	}
}

// The screen takes every sequence of events that can be read.
func TestTheScreenTakesWildEvents(t *testing.T) {
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 2)) //nolint:gosec // a reproducible sample, no secret
		choices := make([]byte, r.IntN(600))
		for i := range choices {
			choices[i] = byte(r.UintN(256)) //nolint:gosec // a byte
		}
		wild(t, choices)
	}
}

func FuzzWildEvents(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("the choices of which the events are made"))
	f.Fuzz(wild)
}
