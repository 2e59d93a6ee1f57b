package screen

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/progress"
)

// Desk is the root as a screen knows it: what it may ask for.
type Desk interface {
	// Open shows the screen that a request is for, over what is shown now; Back leads back.
	Open(request any)
	// Switch shows it instead of what is shown now.
	Switch(request any)
	// Home goes back to the first screen, and opens the requests over it.
	Home(requests ...any)
	// Back closes an overlay, or goes back to the screen below.
	Back()
	// Shows reports whether a screen is shown now, perhaps below an overlay.
	Shows(s Screen) bool

	// Say shows why something did not work, Tell what was done, Point what is to be seen here; each for a while.
	Say(text string)
	Tell(text string)
	Point(text string)

	// Start starts a run of a plan before which the person has said something, or nothing.
	Start(plan *lab.Plan, free bool, said *progress.Prediction) tea.Cmd
	// Reference shows the recorded run of a scenario at its end, in the place of the run that is watched; asked again it
	// brings that back.
	Reference(id string)
	// Proof shows the recorded run of a scenario at its end, over what is shown now; Back leads back to that.
	Proof(id string)
	// WhyNoReference is why none of a scenario can be shown.
	WhyNoReference(id string) string
	// WhyNoHome is why Home leads nowhere now: there is nothing to choose from, or a run is going on.
	WhyNoHome() string
	// WhyNoRun is why no run can be started now, whatever its plan.
	WhyNoRun() string
	// Running reports whether a run is going on; a replay is none.
	Running() bool
	// Pull takes a new snapshot of the run.
	Pull()
	// Now is the time of day.
	Now() time.Time
}

// Table is the table of keys, for the screens that show it.
type Table interface {
	// All are the sections of all screens, each once.
	All() []Section
	// Below are those that work below the overlay, the nearest first.
	Below() []Section
	// Commands are the commands that are no keys.
	Commands() []Command
}

// Requests: what can be shown.
type (
	// Lesson is the lesson of a scenario. Aside, the person comes back to where they were.
	Lesson struct {
		ID    string
		Aside bool
	}
	// Select is a scenario that is to be selected where one is chosen; nothing is shown for it.
	Select struct{ ID string }
	// Predict is the prediction of what a plan will show.
	Predict struct{ Plan *lab.Plan }
	// Quiz is the questions of a plan.
	Quiz struct{ Plan *lab.Plan }
	// Watch is the run that the screen has; New: it has just come.
	Watch struct{ New bool }
	// Verdict is the end of that run.
	Verdict struct{}
	// Events is everything that happened in that run.
	Events struct{}
	// Counters is every counter that explains that run.
	Counters struct{}
	// Class is the class that this lab is the trainer's of, or a seat in.
	Class struct{}
	// Runs is the list of the saved runs.
	Runs struct{}
	// Help is the table of keys.
	Help struct{}
	// Palette is the list of commands.
	Palette struct{}
)

// Done is a message that the root carries out where screens may be changed: what a command of a screen came to.
type Done func()

// What has happened.
type (
	// Snapshot is a new snapshot of the run. Turned: the run has come to its end, or is before it again.
	Snapshot struct{ Turned bool }
	// Finished is the end of a run as it was planned.
	Finished struct{ Plan *lab.Plan }
)

// Stopping is said when a run is stopped before its end.
const Stopping = "stopping; what was measured is kept"
