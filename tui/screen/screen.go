// Package screen is what the root of the program's screen and its rooms have in common: what a screen is, the rows of the
// table of keys, and what a screen may ask of the root. Screens do not know each other.
package screen

import (
	"benchtop/lab/follow"
	"benchtop/tui/theme"
)

// The smallest terminal that is drawn on.
const (
	LeastWidth  = 60
	LeastHeight = 16
)

// Frame is what a screen draws on and how.
type Frame struct {
	W, H  int // cells: all of the terminal but its last line, which has the keys
	Look  *theme.Theme
	Tier  theme.Tier
	Large bool // in large type, for a room
	Still bool // nothing moves but what is measured
}

// Screen is one screen, or one overlay that lies over any of them.
type Screen interface {
	// Name is the screen in the names of exported files.
	Name() string
	// Hear takes what is said to all screens: a request to be shown, or what has happened. It reports whether the request
	// is for this one.
	Hear(what any) bool
	// Sections are its keys, in the order of the table of keys.
	Sections() []Section
	// View draws it: exactly f.H lines, none wider than f.W.
	View(f Frame) []string
	// Wheel takes a turn of the mouse wheel: 1 is down, -1 up.
	Wheel(n int)
	// Click takes a click on a cell of what View drew last.
	Click(f Frame, x, y int)
	// Export is what an export of it has, besides its picture.
	Export() Export
	// Status is what stands at the foot, in front of the keys.
	Status(f Frame) Status
	// Presents reports whether it can be shown in large type now.
	Presents() bool
}

// Plain is a screen that does nothing with the mouse, has nothing to export but its picture, and no status. Others embed it.
type Plain struct{}

// Hear hears nothing.
func (Plain) Hear(any) bool { return false }

// Wheel does nothing.
func (Plain) Wheel(int) {}

// Click does nothing.
func (Plain) Click(Frame, int, int) {}

// Export has nothing more.
func (Plain) Export() Export { return Export{} }

// Status has none.
func (Plain) Status(Frame) Status { return Status{} }

// Presents does not.
func (Plain) Presents() bool { return false }

// Status is the foot of a screen.
type Status struct {
	Line  *theme.Line // nil: none
	Alone bool        // instead of the keys; else before them
}

// File is one file of an export.
type File struct {
	Name    string
	Content []byte
}

// Export is what an export of a screen has, besides its picture as text and SVG.
type Export struct {
	About string                   // id of the scenario, which begins the names of the files; empty: of none
	Page  int                      // from 1; 0: it has no pages
	Files func(stem string) []File // nil: none
	Note  string                   // said with what was written
}

// Typist is a screen on which text is typed.
type Typist interface {
	// Typing reports whether runes are text now, and no keys.
	Typing(r []rune) bool
	// Type takes text.
	Type(text string)
	// Edit takes a key that edits the text, and reports whether it is one.
	Edit(key string) bool
}

// Placer is a screen that those who follow a lab are told of.
type Placer interface {
	// Place gives what tells this place from another, comparable, and a function that describes it.
	Place() (what any, where func() follow.Where)
}

// Opener is a screen that keys of its own open from every other one.
type Opener interface{ Opens() []Key }

// Commander is a screen that has commands which are no keys.
type Commander interface {
	Commands() []Command
}
