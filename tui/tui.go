// Package tui is the screen: catalogue, lesson, prediction, live run, verdict and quiz. It draws lab.State snapshots of a
// run or of a replay, and knows no server. All Charm code of the program lies in it and in cmd.
package tui

import (
	"context"
	"fmt"
	"io"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"benchtop/lab"
	"benchtop/lab/exports"
	"benchtop/lab/follow"
	"benchtop/lab/progress"
	"benchtop/lab/saved"
	"benchtop/targets/routine"
	"benchtop/tui/course"
	"benchtop/tui/mystery"
	"benchtop/tui/room"
	"benchtop/tui/screen"
	"benchtop/tui/seat"
	"benchtop/tui/terminal"
	"benchtop/tui/theme"
	"benchtop/tui/watch"
)

// Session is a live run, a free run or a replay.
type Session = watch.Session

// Replayer is a Session that plays a run file.
type Replayer = watch.Replayer

// Pair is two runs to be shown side by side.
type Pair = watch.Pair

// Game is a service whose fault is to be named.
type Game = mystery.Game

// Fault is one that it may have.
type Fault = mystery.Fault

// Class is a class that this lab is the trainer's of.
type Class = room.Class

// Seat is the seat in a class that this lab is.
type Seat = seat.Seat

// Entry is one scenario of the catalogue.
type Entry = course.Entry

// OwnTrack is the track of a person's own files.
const OwnTrack = course.OwnTrack

// ExportFile is one file of an export.
type ExportFile = screen.File

// Config is what the screen needs.
type Config struct {
	In      io.Reader // a terminal
	Out     io.Writer // a terminal
	Entries []Entry   // the catalogue
	Begin   string    // id of the scenario that is selected first; empty: where the last session ended
	Read    bool      // with its lesson open

	// Missing says which components a plan needs that are not installed, with the line that installs them; empty: none. It is
	// asked beside the screen, since it takes time. nil: nobody knows.
	Missing func(*lab.Plan) string
	// Reference opens the recorded run of a shipped scenario; nil: there are none.
	Reference func(id string) (Replayer, error)
	Recorded  func(id string) bool // reports whether Reference has one; nil: of every scenario

	// Start starts a run that was chosen in the catalogue. It must return soon; targets start while the screen shows it.
	Start   func(ctx context.Context, p *lab.Plan, free bool) (Session, error)
	Session Session // set: begin on the live screen with it
	Pair    *Pair   // set: two runs side by side, and nothing else
	Mystery *Game   // set: the fault of the service that the session runs is to be named
	Class   *Class  // set: the lab is the trainer's of it, and begins on its screen
	Seat    *Seat   // set: the lab is a seat in a class, and begins on its screen

	Runs     *saved.Shelf           // the saved runs; nil: they are not shown
	Progress *progress.Store        // what was done in the lessons; nil: kept in memory only
	Claim    func(id string) string // the text of a claim, empty if it is not known; nil: none is
	// Claimants are those who claim it, in words.
	Claimants string
	// Placed is told where the person is whenever that changes. It must return at once. nil: nobody follows.
	Placed func(follow.Where)
	// Remarks are shown as they come; nil: there are none. The screen takes them until it is left.
	Remarks <-chan Remark

	// Exports is the folder of exports, which is asked for before the first one. nil: Export needs none.
	Exports *exports.Place
	// Export writes files of one export and tells the folder; the names have no folder. nil: nothing can be exported.
	Export func(files []ExportFile) (folder string, err error)

	Cores   int    // logical cores that this machine lets benchtop use; 0: not known, and nothing is said of them
	Present bool   // begin in large type, for a room
	Still   bool   // nothing moves but what is measured
	Notice  string // said once when the screen opens; empty: nothing

	// Save writes a scenario file of a free run into the folder for exports, beside what is there, and tells its path. nil: nothing
	// can be saved.
	Save func(name string, content []byte) (path string, err error)

	Theme   string // auto | dark | light | high-contrast | mono; empty is auto
	Glyphs  string // braille | block | ascii; empty chooses by the locale
	NoColor bool
	Mouse   bool             // take the mouse: the terminal cannot select text with it then
	Now     func() time.Time // nil: time.Now
	Gone    func()           // told that the terminal is gone, perhaps more than once; ctx should end then. nil: nobody asks
}

// Outcome is how the person left the screen.
type Outcome struct {
	State       *lab.State           // of the last run, nil if there was none
	Interrupted bool                 // it was stopped before its end
	Prediction  *progress.Prediction // made before that run, nil: there was none to make
}

const (
	tick     = 100 * time.Millisecond // one snapshot
	patience = 5 * time.Second        // that a stopped run gets to end
)

// Run shows the screen until the person leaves it, or ctx ends; the run that is going on is stopped then. The terminal is as
// it was found afterwards.
func Run(ctx context.Context, c Config) (Outcome, error) {
	look, err := theme.Detect(c.Out, c.Theme, c.NoColor)
	if err != nil {
		return Outcome{}, fmt.Errorf("opening the screen: %w", err)
	}
	tier, err := theme.ParseTier(c.Glyphs)
	if err != nil {
		return Outcome{}, fmt.Errorf("opening the screen: %w", err)
	}
	runs, end := context.WithCancel(ctx)
	defer end() // also a run that was still starting
	m := newModel(runs, c, look, tier)
	over := make(chan struct{})
	watched := make(chan struct{})
	err = terminal.Show(m, terminal.Surface{In: c.In, Out: c.Out, Mouse: c.Mouse, Look: look, Gone: c.Gone}, func(p *tea.Program) {
		routine.Go(func() {
			defer close(watched)
			for remarks := c.Remarks; ; {
				select {
				case <-ctx.Done():
					p.Send(leaveMsg{})
					return
				case r, more := <-remarks:
					if !more {
						remarks = nil
						continue
					}
					p.Send(remarkMsg(r))
				case <-over:
					return
				}
			}
		})
	})
	close(over)
	<-watched
	if m.Running() {
		m.run.Session.Stop()
		m.interrupted = true
	}
	return Outcome{State: m.run.Latest(), Interrupted: m.interrupted, Prediction: m.run.Said}, err
}

// The smallest terminal that is drawn on.
const (
	LeastWidth  = screen.LeastWidth
	LeastHeight = screen.LeastHeight
)

// Looks says what a terminal can show: its colours in words, and whether the locale is one of UTF-8.
func Looks(out io.Writer, noColor bool) (colours string, utf8 bool) {
	tier, _ := theme.ParseTier("")
	colours = map[termenv.Profile]string{
		termenv.TrueColor: "16 million colours", termenv.ANSI256: "256 colours", termenv.ANSI: "16 colours", termenv.Ascii: "no colours",
	}[termenv.NewOutput(out).EnvColorProfile()]
	if noColor {
		colours = "no colours, as NO_COLOR asks"
	}
	return colours, tier != theme.ASCII
}

// Restore gives the terminal back as it was before the screen that is on it; see terminal.Restore.
func Restore() { terminal.Restore() }
