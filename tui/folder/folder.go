// Package folder is the overlay that asks once into which folder exports go.
package folder

import (
	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab/exports"
	"benchtop/tui/draw"
	"benchtop/tui/screen"
	"benchtop/tui/theme"
)

// Ask asks for the folder. Then writes what waits for it, nil: nothing does.
type Ask struct{ Then func() tea.Msg }

// question is the overlay.
type question struct {
	screen.Plain
	desk     screen.Desk
	place    *exports.Place // nil: there is nothing to choose
	sections []screen.Section

	typed    screen.Input
	then     func() tea.Msg
	path     string // that Enter was pressed for, and that lies in a git checkout
	checkout string
}

// New asks for the folder of a place.
func New(desk screen.Desk, place *exports.Place) screen.Screen {
	q := &question{desk: desk, place: place}
	q.sections = []screen.Section{{Name: "folder for exports", Keys: []screen.Key{
		screen.Bind("enter", "use it", "make this the folder for exports, now and from now on", q.use, nil, "enter"),
		screen.Bind("ctrl+u", "clear", "clear what stands there", screen.Plainly(func() { q.set(screen.Input{}) }), nil, "ctrl+u"),
		screen.Bind("esc", "write nothing", "close, and write nothing", screen.Plainly(desk.Back), nil, "esc"),
	}}}
	return q
}

func (q *question) Name() string               { return "folder" }
func (q *question) Sections() []screen.Section { return q.sections }
func (q *question) Typing([]rune) bool         { return true }
func (q *question) Type(text string)           { q.typed.Type(text); q.changed() }

func (q *question) set(i screen.Input) { q.typed = i; q.changed() }

// changed forgets what was found about what was typed before.
func (q *question) changed() { q.path, q.checkout = "", "" }

// Edit implements screen.Typist.
func (q *question) Edit(key string) bool {
	done := key != "ctrl+u" && q.typed.Edit(key)
	if done {
		q.changed()
	}
	return done
}

func (q *question) Hear(what any) bool {
	asked, ok := what.(Ask)
	if ok {
		q.then = asked.Then
		q.set(screen.Begin(q.place.Proposed()))
	}
	return ok
}

// Commands is asking again.
func (q *question) Commands() []screen.Command {
	if q.place == nil {
		return nil
	}
	what := "choose the folder that x writes to"
	if now := q.place.Folder(); now != "" {
		what += "; now " + now
	}
	return []screen.Command{{Name: "export folder", What: what, Do: screen.Plainly(func() { q.desk.Open(Ask{}) })}}
}

// use takes the folder; one in a git checkout needs Enter twice.
func (q *question) use() tea.Cmd {
	path, err := q.place.Path(q.typed.Text)
	if err != nil {
		q.desk.Say(err.Error())
		return nil
	}
	if checkout := exports.Checkout(path); checkout != "" && q.path != path {
		q.path, q.checkout = path, checkout
		return nil
	}
	q.desk.Back()
	then := q.then
	return func() tea.Msg {
		kept, err := q.place.Choose(path)
		switch {
		case err != nil:
			return screen.Done(func() { q.desk.Say("nothing was exported: " + err.Error()) })
		case then != nil:
			return then()
		case kept != nil:
			return screen.Done(func() { q.desk.Say("the folder is not remembered: " + kept.Error()) })
		}
		return screen.Done(func() { q.desk.Tell("exports go to " + path) })
	}
}

// View asks, and warns of a git checkout.
func (q *question) View(f screen.Frame) []string {
	w, _ := theme.Inner(f.W, f.H)
	out := draw.Text{W: w}
	out.Put(f.Look.Text, "Pictures of the screen, reports and saved scenarios go into this folder. You are asked once; the command `export folder` behind : changes it.")
	out.Blank()
	out.Add(q.typed.Draw(theme.NewLine(w).Put(f.Look.Key, "> "), f.Look, w-2).Done())
	out.Blank()
	if q.checkout != "" {
		out.Put(f.Look.Warn, "! this folder lies in the git checkout "+q.checkout+". Enter again writes there all the same; or name another one.")
	}
	return draw.Framed(f, "export: into which folder?", out.Lines, &draw.Scroll{})
}
