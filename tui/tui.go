// Package tui is the screen: catalogue, lesson, prediction, live run,
// verdict and quiz. It draws lab.State snapshots, whoever makes
// them (a run or a replay), and knows no server. All Charm code of the program lies in it and in cmd.
package tui

import (
	"context"
	"fmt"
	"io"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"benchtop/lab"
	"benchtop/lab/follow"
	"benchtop/lab/progress"
	"benchtop/targets/routine"
	"benchtop/tui/theme"
)

// Session is a live run, a free run or a replay.
type Session interface {
	// State is the newest snapshot, never nil once the session exists; it is asked for ten times a second and must be cheap.
	State() *lab.State
	// Turn turns a knob. It does something in free runs only.
	Turn(lab.Knob)
	// Stop asks the run to end; State().End appears later. It may be called more than once and does not wait.
	Stop()
	// Done is closed when the run has ended and everything that it started is gone.
	Done() <-chan struct{}
}

// Replayer is a Session that plays a run file.
type Replayer interface {
	Session
	Pause(bool)
	Paused() bool
	Seek(at time.Duration)
	Position() (at, total time.Duration)
	Speed(x float64) // 1 to 16
	CurrentSpeed() float64
	Marks() []lab.Mark // moments to jump to, in order
}

// Entry is one scenario of the catalogue.
type Entry struct {
	ID, Title, Track string
	Minutes          int
	Plan             *lab.Plan
	Missing          string // what is not installed, and the line that installs it; empty: it can run
	Done             bool
}

// Config is what the screen needs.
type Config struct {
	In      io.Reader // a terminal
	Out     io.Writer // a terminal
	Entries []Entry   // the catalogue

	// Start starts a run that was chosen in the catalogue. It must return soon; targets start while the screen shows it.
	Start   func(ctx context.Context, p *lab.Plan, free bool) (Session, error)
	Session Session // set: begin on the live screen with it
	Pair    *Pair   // set: two runs side by side, and nothing else

	Progress *progress.Store        // what was done in the lessons; nil: kept in memory only
	Claim    func(id string) string // the text of a claim, empty if it is not known; nil: none is
	// Placed is told where the person is whenever that changes. It must return at once. nil: nobody follows.
	Placed func(follow.Where)
	// Remarks are shown as they come; nil: there are none. The screen takes them until it is left.
	Remarks <-chan Remark

	// Export writes files of one export and tells the folder; the names have no folder. nil: nothing can be exported.
	Export func(files []ExportFile) (folder string, err error)

	Present bool   // begin in large type, for a room
	Notice  string // said once when the screen opens; empty: nothing

	// Save writes a scenario file of a free run beside what is there, and tells its path. nil: nothing can be saved.
	Save func(name string, content []byte) (path string, err error)

	Theme   string // auto | dark | light | high-contrast | mono; empty is auto
	Glyphs  string // braille | block | ascii; empty chooses by the locale
	NoColor bool
	Mouse   bool             // take the mouse: the terminal cannot select text with it then
	Now     func() time.Time // nil: time.Now
	Gone    func()           // told that the terminal is gone, perhaps more than once; ctx should end then. nil: nobody asks
}

// ExportFile is one file of an export.
type ExportFile struct {
	Name    string
	Content []byte
}

// Outcome is how the person left the screen.
type Outcome struct {
	State       *lab.State           // of the last run, nil if there was none
	Interrupted bool                 // it was stopped before its end
	Prediction  *progress.Prediction // made before that run, nil: there was none to make
}

const (
	tick      = 100 * time.Millisecond // one snapshot
	patience  = 5 * time.Second        // that a stopped run gets to end
	frameRate = 20                     // frames per second at most
)

// Run shows the screen until the person leaves it, or ctx ends; the run under way is stopped then. The terminal is as
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
	err = show(m, surface{in: c.In, out: c.Out, mouse: c.Mouse, look: look, gone: c.Gone}, func(p *tea.Program) {
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
	if m.running() {
		m.session.Stop()
		m.interrupted = true
	}
	out := Outcome{State: m.latest(), Interrupted: m.interrupted, Prediction: m.said}
	if err != nil {
		return out, fmt.Errorf("running the screen: %w", err)
	}
	return out, nil
}
