package tui

import tea "github.com/charmbracelet/bubbletea"

// Binding is one row of the table of keys. The help line, the help screen, `benchtop keys` and the README are made
// from it.
type Binding struct {
	Keys   []string // as a terminal sends them, in Bubble Tea's names
	Show   string   // as they are written for people
	Screen string   // where they work
	Short  string   // in the help line; empty: not there
	What   string   // one sentence
}

// Where bindings work.
const (
	onCatalogue = "catalogue"
	onLesson    = "lesson"
	onLive      = "live run"
	onFree      = "free run"
	onReplay    = "replay"
	onVerdict   = "verdict"
	onLog       = "event log"
	onHelp      = "help"
	everywhere  = "everywhere"
)

// action is a binding with what it does, and why it does nothing now.
type action struct {
	Binding
	do  func(m *model, key string) tea.Cmd
	why func(*model) string // nil, or empty: it works
}

// Keys lists every key, screen by screen.
func Keys() []Binding {
	table := actions()
	out := make([]Binding, len(table))
	for i, a := range table {
		out[i] = a.Binding
	}
	return out
}

func bind(screen, show, short, what string, do func(*model) tea.Cmd, why func(*model) string, keys ...string) action {
	return action{
		Binding{Keys: keys, Show: show, Screen: screen, Short: short, What: what},
		func(m *model, _ string) tea.Cmd { return do(m) }, why,
	}
}

// plainly wraps what needs no command.
func plainly(do func(*model)) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd { do(m); return nil }
}

// pair binds keys that do the same in two directions: the first half of the keys by -n, the second half by n.
func pair(screen, show, short, what string, do func(*model, int), n int, why func(*model) string, keys ...string) action {
	return action{Binding{Keys: keys, Show: show, Screen: screen, Short: short, What: what}, func(m *model, key string) tea.Cmd {
		for i, k := range keys {
			if k != key {
				continue
			}
			if i < len(keys)/2 {
				do(m, -n)
			} else {
				do(m, n)
			}
			break
		}
		return nil
	}, why}
}

func scrolling(screen, what string) []action {
	return []action{
		pair(screen, "↑↓", "scroll", "scroll "+what, (*model).scroll, 1, nil, "up", "down"),
		pair(screen, "pgup pgdn", "", "scroll by ten lines", (*model).scroll, 10, nil, "pgup", "pgdown"),
	}
}

// actions is the one table of keys. Within a screen the order is that of the help line.
func actions() []action {
	out := []action{
		bind(onCatalogue, "enter", "read", "read the lesson of the selected scenario", plainly((*model).openLesson), (*model).whyNoEntry, "enter"),
		bind(onCatalogue, "r", "run", "run the selected scenario at once", (*model).startRun, (*model).whyNoStart, "r"),
		bind(onCatalogue, "F", "free run", "run it without an end and turn its knobs; nothing is decided", (*model).startFree, (*model).whyNoStart, "F"),
		bind(onCatalogue, "/", "filter", "show only scenarios whose name or title holds what you type; esc shows all again", plainly((*model).beginFilter), nil, "/"),
		pair(onCatalogue, "↑↓", "select", "select a scenario", (*model).moveSelection, 1, nil, "up", "k", "down", "j"),
		pair(onCatalogue, "pgup pgdn", "", "select five further up or down", (*model).moveSelection, 5, nil, "pgup", "pgdown"),
		bind(onCatalogue, "esc", "", "show all scenarios again", plainly((*model).clearFilter), (*model).whyNoFilter, "esc"),

		bind(onLesson, "r", "run", "run the scenario (enter does too)", (*model).startRun, (*model).whyNoStart, "r", "enter"),
		bind(onLesson, "F", "free run", "run it without an end and turn its knobs; nothing is decided", (*model).startFree, (*model).whyNoStart, "F"),
		bind(onLesson, "esc", "back", "back to the catalogue", plainly((*model).back), nil, "esc"),
	}
	out = append(out, scrolling(onLesson, "the text")...)
	out = append(out,
		bind(onReplay, "space", "pause", "pause the replay, and go on", plainly((*model).pause), nil, " "),
		pair(onReplay, "←→", "scrub", "back or on by two seconds", (*model).scrub, 2, nil, "left", "right"),
		pair(onReplay, "- +", "speed", "slower or faster, 1x to 16x", (*model).speed, 1, nil, "-", "_", "+", "="),

		pair(onFree, "C c", "connections", "fewer connections (C) or more (c), from the next slice on", (*model).turnConnections, 1, (*model).whyNoKnobs, "C", "c"),
		pair(onFree, "R r", "rate", "a lower rate (R) or a higher one (r), in an open model", (*model).turnRate, 1, (*model).whyNoRate, "R", "r"),
		bind(onFree, "k", "keep-alive", "keep connections, or open a new one per request", plainly((*model).turnKeepAlive), (*model).whyNoKnobs, "k"),

		bind(onLive, "f", "freeze", "freeze the picture; measuring goes on", plainly((*model).freeze), nil, "f"),
		bind(onLive, "z", "zoom", "show the selected variant alone, and all of them again", plainly((*model).toggleZoom), (*model).whyNoZoom, "z"),
		pair(onLive, "←→", "variant", "select a variant (tab does too, also in a replay)", (*model).moveFocus, 1, (*model).whyNoFocus, "left", "shift+tab", "right", "tab"),
		bind(onLive, "v", "verdict", "the verdict, and back to the picture of the run", plainly((*model).toggleVerdict), (*model).whyNoVerdict, "v"),
		bind(onLive, "y", "own scale", "every variant on a scale of its own, or all on the same one", plainly((*model).toggleScale), (*model).whyNoScale, "y"),
		bind(onLive, "t", "time", "the last 20 s, the last minute, or the whole run in the charts", plainly((*model).nextSpan), nil, "t"),
		bind(onLive, "e", "events", "everything that happened in this run", plainly((*model).openLog), nil, "e"),
		bind(onLive, "s", "stop", "end the run and keep what was measured", plainly((*model).stopRun), (*model).whyNoStop, "s"),
		bind(onLive, "esc", "", "out of the zoom; after the end back to the catalogue", plainly((*model).back), (*model).whyNoBack, "esc"),

		bind(onVerdict, "v", "the run", "the picture of the run, and back to the verdict", plainly((*model).toggleVerdict), nil, "v"),
		bind(onVerdict, "e", "events", "everything that happened in this run", plainly((*model).openLog), nil, "e"),
		bind(onVerdict, "r", "again", "run the same scenario again", (*model).startRun, (*model).whyNoStart, "r"),
		bind(onVerdict, "esc", "back", "back to the catalogue", plainly((*model).back), (*model).whyNoBack, "esc"),
	)
	out = append(out, scrolling(onVerdict, "the verdict")...)
	out = append(out, scrolling(onLog, "the log")...)
	out = append(out, bind(onLog, "esc", "close", "close the event log (e does too)", plainly((*model).closeOverlay), nil, "esc", "e"))
	out = append(out, scrolling(onHelp, "the keys")...)
	return append(out,
		bind(onHelp, "esc", "close", "clear the filter, then close the help", plainly((*model).closeOverlay), nil, "esc"),

		bind(everywhere, "g", "", "other glyphs: braille, block, ascii", plainly((*model).nextTier), nil, "g"),
		bind(everywhere, "?", "help", "all keys; type to filter them", plainly((*model).openHelp), nil, "?"),
		bind(everywhere, "q", "quit", "leave; a run under way is stopped, and what it measured is kept. Twice: at once", (*model).leave, nil, "q", "ctrl+c"),
		bind(everywhere, "ctrl+z", "", "suspend the lab", func(*model) tea.Cmd { return tea.Suspend }, nil, "ctrl+z"),
	)
}

// places are the screens whose keys work now, the nearest first.
func (m *model) places() []string {
	switch m.overlay {
	case overlayHelp:
		return []string{onHelp, everywhere}
	case overlayLog:
		return []string{onLog, everywhere}
	}
	switch m.screen {
	case screenLesson:
		return []string{onLesson, everywhere}
	case screenLive, screenVerdict:
		var p []string
		if m.replay != nil {
			p = append(p, onReplay)
		}
		if m.screen == screenVerdict {
			return append(p, onVerdict, everywhere)
		}
		if m.freeRun() {
			p = append(p, onFree)
		}
		return append(p, onLive, everywhere)
	}
	return []string{onCatalogue, everywhere}
}

// find gives the action of a key where the person is now.
func (m *model) find(key string) *action {
	for _, place := range m.places() {
		for i := range m.table {
			a := &m.table[i]
			if a.Screen != place {
				continue
			}
			for _, k := range a.Keys {
				if k == key {
					return a
				}
			}
		}
	}
	return nil
}

// reason says why a key does nothing now, empty when it works.
func (m *model) reason(a *action) string {
	if a.why == nil {
		return ""
	}
	return a.why(m)
}
