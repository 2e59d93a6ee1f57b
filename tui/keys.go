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
	onPredict   = "prediction"
	onLive      = "live run"
	onFree      = "free run"
	onKnobs     = "settings of a free run"
	onReplay    = "replay"
	onVerdict   = "verdict"
	onQuiz      = "quiz"
	onCompare   = "two runs"
	onLog       = "event log"
	onHelp      = "help"
	onPalette   = "command"
	everywhere  = "everywhere"
)

// action is a binding with what it does, and why it does nothing now.
type action struct {
	Binding
	do  func(m *model, key string) tea.Cmd
	why func(*model) string // nil, or empty: it works
	// says is what the key does now, in the help line instead of Short; nil: always the same.
	says func(*model) string
	both bool // its first keys do the contrary of its last ones
}

func (a action) saying(says func(*model) string) action {
	a.says = says
	return a
}

// digits binds the numbers 1 to n.
func digits(screen, short, what string, n int, do func(*model, int), why func(*model) string) action {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = string(rune('1' + i))
	}
	return action{Binding: Binding{Keys: keys, Show: "1-" + keys[n-1], Screen: screen, Short: short, What: what}, do: func(m *model, key string) tea.Cmd {
		do(m, int(key[0]-'0'))
		return nil
	}, why: why}
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
		Binding: Binding{Keys: keys, Show: show, Screen: screen, Short: short, What: what},
		do:      func(m *model, _ string) tea.Cmd { return do(m) }, why: why,
	}
}

// plainly wraps what needs no command.
func plainly(do func(*model)) func(*model) tea.Cmd {
	return func(m *model) tea.Cmd { do(m); return nil }
}

// pair binds keys that do the same in two directions: the first half of the keys by -n, the second half by n.
func pair(screen, show, short, what string, do func(*model, int), n int, why func(*model) string, keys ...string) action {
	return action{Binding: Binding{Keys: keys, Show: show, Screen: screen, Short: short, What: what}, both: true, do: func(m *model, key string) tea.Cmd {
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
	}, why: why}
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
		bind(onCatalogue, "r", "run", "predict what the selected scenario will show, then run it", (*model).openPredict, (*model).whyNoStart, "r"),
		bind(onCatalogue, "F", "free run", "run it without an end and turn its settings; nothing is decided", (*model).startFree, (*model).whyNoStart, "F"),
		bind(onCatalogue, "N", "new", "a free run from nothing: one built-in server with plain defaults, to which you add", (*model).startBlank, (*model).whyNoBlank, "N"),
		bind(onCatalogue, "/", "filter", "show only scenarios whose name or title contains what you type; esc shows all again", plainly((*model).beginFilter), nil, "/"),
		pair(onCatalogue, "↑↓", "select", "select a scenario", (*model).moveSelection, 1, nil, "up", "k", "down", "j"),
		pair(onCatalogue, "pgup pgdn", "", "select five further up or down", (*model).moveSelection, 5, nil, "pgup", "pgdown"),
		bind(onCatalogue, "u", "", "the quiz of a scenario that has been run", plainly((*model).openQuiz), (*model).whyNoQuiz, "u"),
		bind(onCatalogue, "esc", "", "show all scenarios again", plainly((*model).clearFilter), (*model).whyNoFilter, "esc"),

		bind(onLesson, "enter", "predict", "predict what the run will show, then run it (r does too)", (*model).openPredict, (*model).whyNoStart, "enter", "r").
			saying((*model).predictWord),
		bind(onLesson, "F", "free run", "run it without an end and turn its settings; nothing is decided", (*model).startFree, (*model).whyNoStart, "F"),
		bind(onLesson, "u", "quiz", "the quiz of a scenario that has been run", plainly((*model).openQuiz), (*model).whyNoQuiz, "u"),
		bind(onLesson, "esc", "back", "back to the catalogue, or to the question that led here", plainly((*model).back), nil, "esc"),
	}
	out = append(out, scrolling(onLesson, "the text")...)
	out = append(out,
		bind(onPredict, "enter", "lock", "lock the prediction; once it is locked, run", (*model).lockPrediction, (*model).whyNotEnter, "enter").
			saying((*model).enterPrediction),
		pair(onPredict, "↑↓", "choose", "choose the best variant, then go on to the ends of the range", (*model).movePrediction, 1, (*model).whyLocked, "up", "down"),
		pair(onPredict, "←→", "nudge", "move the end of the range that is marked; or type it: 50, -20, 2x", (*model).nudgePrediction, 1, (*model).whyLocked, "left", "right"),
		pair(onPredict, "tab", "", "the next field; shift+tab the one before", (*model).nextField, 1, (*model).whyLocked, "shift+tab", "tab"),
		bind(onPredict, "s", "skip", "run without a prediction; the result says so", (*model).skipPrediction, (*model).whyNoSkip, "s"),
		bind(onPredict, "r", "run", "run, once the prediction is locked", (*model).runLocked, (*model).whyNotLocked, "r"),
		bind(onPredict, "esc", "back", "back to the lesson", plainly((*model).back), nil, "esc"),
		digits(onPredict, "", "choose the best variant by its number", 9, (*model).chooseWinner, (*model).whyLocked),
	)
	out = append(out, replayKeys()...)
	out = append(out,
		pair(onFree, "C c", "connections", "fewer connections (C) or more (c), from the next slice on", (*model).turnConnections, 1, (*model).whyNoKnobs, "C", "c"),
		bind(onFree, "o", "settings", "all settings of the selected variant", plainly((*model).openPanel), (*model).whyNoKnobs, "o"),
		bind(onFree, "a", "add", "add a copy of the selected variant, to turn its settings", plainly((*model).addVariant), (*model).whyNoAdd, "a"),
		bind(onFree, "d", "drop", "take the selected variant out of the run", plainly((*model).dropVariant), (*model).whyNoDrop, "d"),
		bind(onFree, "S", "save", "save what was done as a scenario file in the current folder; benchtop run FILE does it again", (*model).saveFree, (*model).whyNoSave, "S"),
		pair(onFree, "W w", "workers", "fewer workers (W) or more (w) of the selected variant; its target starts again", (*model).turnWorkers, 1, whyNot(knobWorkers), "W", "w"),
		bind(onFree, "k", "keep-alive", "keep connections, or open a new one per request", plainly((*model).turnKeepAlive), (*model).whyNoKnobs, "k"),
		pair(onFree, "R r", "rate", "a lower rate (R) or a higher one (r), in an open model", (*model).turnRate, 1, (*model).whyNoRate, "R", "r"),
		bind(onFree, "l", "engine", "another engine of the selected variant; its target starts again", plainly((*model).turnEngine), whyNot(knobEngine), "l"),

		pair(onKnobs, "↑↓", "select", "select a setting", (*model).moveKnob, 1, nil, "up", "down"),
		pair(onKnobs, "←→", "turn", "turn the selected setting down or up (tab selects another variant)", (*model).turnPanel, 1, (*model).whyNoTurn, "left", "right"),
		bind(onKnobs, "space", "for all", "turn settings of this variant alone, or of all of them", plainly((*model).panelScope), nil, " ").saying((*model).scopeWord),
		bind(onKnobs, "esc", "close", "close the list of settings (o does too)", plainly((*model).closePanel), nil, "esc", "o"),

		bind(onLive, "f", "freeze", "freeze the picture; measuring goes on", plainly((*model).freeze), nil, "f"),
		bind(onLive, "z", "zoom", "show the selected variant alone, and all of them again", plainly((*model).toggleZoom), (*model).whyNoZoom, "z"),
		pair(onLive, "←→", "variant", "select a variant (tab does too, also in a replay)", (*model).moveFocus, 1, (*model).whyNoFocus, "left", "shift+tab", "right", "tab"),
		bind(onLive, "v", "verdict", "the verdict, and back to the picture of the run", plainly((*model).toggleVerdict), (*model).whyNoVerdict, "v"),
		bind(onLive, "y", "own scale", "every variant on a scale of its own, or all on the same one", plainly((*model).toggleScale), (*model).whyNoScale, "y"),
		bind(onLive, "h", "heat map", "where one picture of latency has room: its distribution, or latency over time", plainly((*model).toggleHeat), nil, "h"),
		bind(onLive, "t", "time", "the last 20 s, the last minute, or the whole run in the charts", plainly((*model).nextSpan), nil, "t"),
		bind(onLive, "e", "events", "everything that happened in this run", plainly((*model).openLog), nil, "e"),
		bind(onLive, "s", "stop", "end the run and keep what was measured", plainly((*model).stopRun), (*model).whyNoStop, "s"),
		bind(onLive, "esc", "", "out of the zoom; after the end back to the catalogue", plainly((*model).back), (*model).whyNoBack, "esc"),

		bind(onVerdict, "enter", "quiz", "the questions about this run", plainly((*model).openQuiz), (*model).whyNoQuiz, "enter"),
		digits(onVerdict, "chapter", "verdict, metrics, mechanism, latency, slices, claims, basis", numbered, func(m *model, n int) { m.showChapter(n - 1) }, nil),
		pair(onVerdict, "←→", "page", "the page before or after (tab does too, also in a replay)", (*model).turnPage, 1, nil, "left", "shift+tab", "right", "tab"),
		bind(onVerdict, "n", "next", "the next scenario of the track that is not done", plainly((*model).goOn), (*model).whyNoNext, "n"),
		bind(onVerdict, "v", "the run", "the picture of the run, and back to the verdict", plainly((*model).toggleVerdict), nil, "v"),
		bind(onVerdict, "r", "again", "run the same scenario again", (*model).startAgain, (*model).whyNoStart, "r"),
		bind(onVerdict, "esc", "back", "back to the catalogue", plainly((*model).back), (*model).whyNoBack, "esc"),
	)
	out = append(out, bind(onVerdict, "e", "events", "everything that happened in this run", plainly((*model).openLog), nil, "e"))
	out = append(out, scrolling(onVerdict, "the page")...)
	out = append(out,
		bind(onQuiz, "enter", "answer", "answer; then the next question; after the score the next scenario", plainly((*model).answer), (*model).whyNoAnswer, "enter").
			saying((*model).answerWord),
		pair(onQuiz, "↑↓", "select", "select an option", (*model).moveOption, 1, (*model).whyNoOption, "up", "down"),
		digits(onQuiz, "", "select an option by its number", 6, (*model).chooseOption, (*model).whyNoOption),
		bind(onQuiz, "p", "proof", "the lesson of the scenario whose run shows the answer; esc leads back", plainly((*model).openProof), (*model).whyNoProof, "p"),
		bind(onQuiz, "esc", "back", "back to where the quiz was opened", plainly((*model).back), nil, "esc"),
		pair(onQuiz, "pgup pgdn", "", "scroll", (*model).scroll, 10, nil, "pgup", "pgdown"),
	)
	out = append(out, compareKeys()...)
	out = append(out, scrolling(onLog, "the log")...)
	out = append(out, bind(onLog, "esc", "close", "close the event log (e does too)", plainly((*model).closeOverlay), nil, "esc", "e"))
	out = append(out, scrolling(onHelp, "the keys")...)
	return append(out,
		bind(onHelp, "esc", "close", "clear the filter, then close the help", plainly((*model).closeOverlay), nil, "esc"),

		bind(onPalette, "enter", "do it", "do the command that is marked", (*model).obey, (*model).whyNoCommand, "enter"),
		pair(onPalette, "↑↓", "select", "mark another command", (*model).moveCommand, 1, nil, "up", "down"),
		bind(onPalette, "esc", "close", "clear what was typed, then close", plainly((*model).closeOverlay), nil, "esc"),

		bind(everywhere, ":", "", "a command by its name: every key, scenarios, themes, glyphs", plainly((*model).openPalette), nil, ":"),
		bind(everywhere, "x", "export", "write this screen as text and SVG, and the report once there is a result; ctrl+x also where text is typed", (*model).export, (*model).whyNoExport, "x", "ctrl+x"),
		bind(everywhere, "P", "", "large type for a room, on the run and its verdict; and back", plainly((*model).togglePresent), nil, "P"),
		bind(everywhere, "g", "", "other glyphs: braille, block, ascii", plainly((*model).nextTier), nil, "g"),
		bind(everywhere, "?", "help", "all keys; type to filter them", plainly((*model).openHelp), nil, "?"),
		bind(everywhere, "q", "quit", "leave; a run that is going on is stopped, and what it measured is kept. Twice: at once. Where text is typed q is a letter: ctrl+c", (*model).leave, nil, "q", "ctrl+c"),
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
	case overlayPalette:
		return []string{onPalette, everywhere}
	}
	switch m.screen {
	case screenLesson:
		return []string{onLesson, everywhere}
	case screenPredict:
		return []string{onPredict, everywhere}
	case screenQuiz:
		return []string{onQuiz, everywhere}
	case screenCompare:
		if m.beside() {
			return []string{onReplay, onCompare, everywhere}
		}
		return []string{onCompare, everywhere}
	case screenLive, screenVerdict:
		var p []string
		if m.replay != nil {
			p = append(p, onReplay)
		}
		if m.screen == screenVerdict {
			return append(p, onVerdict, everywhere)
		}
		if m.panelHeight() > 0 {
			p = append(p, onKnobs)
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
