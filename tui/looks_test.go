package tui

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"

	"benchtop/tui/theme"
)

// telling are screens that together show every state: of a variant, a process, a slice, a run, a replay, a verdict, a
// prediction, an answer, a lesson.
var telling = []string{
	"live", "live of four", "live warm-up", "live troubled", "live free", "live of replay", "live refused", "recorded live of four", "recorded frozen",
	"events", "help", "catalogue with progress", "lesson", "predict range", "predict locked", "predict wrong typing", "verdict predicted",
	"verdict refused", "verdict skipped", "verdict disturbed", "verdict undecided", "why metrics", "why mechanism", "why latency", "why slices", "why claims", "why basis", "quiz", "quiz wrong",
	"quiz right", "quiz score", "live turned", "commands", "compare ratios", "compare side by side", "presented", "presented verdict",
}

// Every state can be read in every look: in dark, light and high-contrast colours, in ASCII and in braille. TestScreens has them
// without colours (mono, which is also what NO_COLOR gives).
func TestLooks(t *testing.T) {
	for _, look := range []string{"dark", "light", "high-contrast", "ascii", "braille"} {
		t.Run(look, func(t *testing.T) {
			var all strings.Builder
			for _, name := range telling {
				m := lookAt(t, name, look)
				m.w, m.h = 80, 24
				view := m.View()
				fits(t, view, 80, 24)
				fmt.Fprintf(&all, "%s\n%s\n", name, view)
			}
			golden.RequireEqual(t, all.String())
		})
	}
}

// Without any colour, attribute or glyph that is not ASCII every state still stands there as a word or a sign.
func TestStatesAreWords(t *testing.T) {
	for name, words := range map[string][]string{
		"live":                    {"o idle", "* under load", "provisional", "baseline", "> A  one  one worker", "own scale", "(v verdict)"},
		"live warm-up":            {"% warm-up", "warm-up of one", "none yet"},
		"live troubled":           {"x gone", "repeated", "! 15 (", "reset_header 12", "7 of 8 count", "x"},
		"live of replay":          {"REPLAY", "4x"},
		"live free":               {"free run", "nothing is decided", "connections 128"},
		"live refused":            {"refused: the generator was the bottleneck"},
		"recorded frozen":         {"FROZEN 12 s"},
		"events":                  {"x two: worker 20541 died", "! two: worker 20541 replaced"},
		"catalogue with progress": {"+ Does another worker", "x Does upstream keep", "needs nginx"},
		"predict locked":          {"LOCKED"},
		"verdict predicted":       {"DECIDED", "two serves 14.8 % more than one.", "] you"},
		"verdict refused":         {"REFUSED", "! 4 of 40 slices"},
		"verdict skipped":         {"NO DIFFERENCE", "skipped", "do not differ in throughput"},
		"quiz right":              {"right"},
		"quiz wrong":              {"wrong"},
		"why slices":              {"x does not count", "o disturbed, counts"},
	} {
		m := lookAt(t, name, "ascii")
		if name == "catalogue with progress" {
			choose(m, "upstream-keepalive")
		}
		view := plainView(m, 120, 34)
		for _, word := range words {
			if !strings.Contains(view, word) {
				t.Errorf("%s: %q is not there\n%s", name, word, view)
			}
		}
	}
}

func lookAt(t testing.TB, name, look string) *model {
	switch look {
	case "ascii", "braille":
		m := shots[name](t, "mono")
		m.tier = map[string]theme.Tier{"ascii": theme.ASCII, "braille": theme.Braille}[look]
		return m
	}
	return shots[name](t, look)
}
