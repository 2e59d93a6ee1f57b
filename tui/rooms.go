package tui

import (
	"benchtop/tui/catalogue"
	"benchtop/tui/compare"
	"benchtop/tui/counters"
	"benchtop/tui/events"
	"benchtop/tui/folder"
	"benchtop/tui/help"
	"benchtop/tui/lesson"
	"benchtop/tui/live"
	"benchtop/tui/mystery"
	"benchtop/tui/palette"
	"benchtop/tui/predict"
	"benchtop/tui/quiz"
	"benchtop/tui/room"
	"benchtop/tui/runs"
	"benchtop/tui/screen"
	"benchtop/tui/seat"
	"benchtop/tui/verdict"
)

// listed is how a screen comes to the model.
type listed struct {
	over bool // it lies over the others
	make func(*model) screen.Screen
}

// made is a screen of the model.
type made struct {
	screen.Screen
	over bool
}

// rooms are all screens, in the order of the table of keys. The first one is where the program begins.
var rooms = []listed{
	{make: func(m *model) screen.Screen {
		return catalogue.New(m, m.course, m.cfg.Runs, catalogue.Last{Open: m.lastVerdict, WhyNot: m.whyNoLast})
	}},
	{make: func(m *model) screen.Screen { return lesson.New(m, m.course) }},
	{make: func(m *model) screen.Screen { return predict.New(m, m.course, m.apart, m.cfg.Cores) }},
	{make: func(m *model) screen.Screen {
		return live.New(m, m.run, live.Saver{Write: m.cfg.Save, Place: m.placing})
	}},
	{make: func(m *model) screen.Screen {
		return verdict.New(m, m.course, m.run, verdict.Claims{Text: m.cfg.Claim, Of: m.cfg.Claimants})
	}},
	{make: func(m *model) screen.Screen {
		return quiz.New(m, m.course, m.run.Report, quiz.Class{In: m.inClass, Sealed: m.sealed})
	}},
	{make: func(m *model) screen.Screen { return compare.New(m, m.run) }},
	{make: func(m *model) screen.Screen { return runs.New(m, m.cfg.Runs) }},
	{make: func(m *model) screen.Screen { return room.New(m, m.course, m.cfg.Class) }},
	{make: func(m *model) screen.Screen { return seat.New(m, m.course, m.cfg.Seat) }},
	{over: true, make: func(m *model) screen.Screen { return events.New(m, m.run) }},
	{over: true, make: func(m *model) screen.Screen { return counters.New(m, m.run) }},
	{over: true, make: func(m *model) screen.Screen { return mystery.New(m, m.run, m.cfg.Mystery) }},
	{over: true, make: func(m *model) screen.Screen { return folder.New(m, m.cfg.Exports) }},
	{over: true, make: func(m *model) screen.Screen { return help.New(m, m) }},
	{over: true, make: func(m *model) screen.Screen { return palette.New(m, m) }},
}
