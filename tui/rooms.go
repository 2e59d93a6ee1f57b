package tui

import (
	"benchtop/tui/catalogue"
	"benchtop/tui/help"
	"benchtop/tui/lesson"
	"benchtop/tui/palette"
	"benchtop/tui/predict"
	"benchtop/tui/quiz"
	"benchtop/tui/screen"
)

// room is how a screen comes to the model.
type room struct {
	over bool // it lies over the others
	make func(*model) screen.Screen
}

// made is a screen of the model.
type made struct {
	screen.Screen
	over bool
}

// rooms are all screens, in the order of the table of keys. The first one is where the program begins.
var rooms = []room{
	{make: func(m *model) screen.Screen { return catalogue.New(m, m.course) }},
	{make: func(m *model) screen.Screen { return lesson.New(m, m.course) }},
	{make: func(m *model) screen.Screen { return predict.New(m, m.course) }},
	{make: func(m *model) screen.Screen { return newLive(m) }},
	{make: func(m *model) screen.Screen { return newVerdict(m) }},
	{make: func(m *model) screen.Screen { return quiz.New(m, m.course, m.reportOf) }},
	{make: func(m *model) screen.Screen { return newCompare(m) }},
	{over: true, make: func(m *model) screen.Screen { return newEvents(m) }},
	{over: true, make: func(m *model) screen.Screen { return help.New(m, m) }},
	{over: true, make: func(m *model) screen.Screen { return palette.New(m, m) }},
}
