// Package watch is the run that is watched: a session, its newest snapshot, how it is looked at, and the keys of a replay.
package watch

import (
	"time"

	"benchtop/lab"
	"benchtop/lab/marks"
)

// Session is a live run, a free run or a replay.
type Session interface {
	// State is the newest snapshot, never nil once the session exists; it is asked for ten times a second and must be cheap.
	State() *lab.State
	// Turn turns a setting. It does something in free runs only.
	Turn(lab.Turn)
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
	Marks() []marks.Mark // moments to jump to, in order
}

// Opened is a message: a run file that was opened, or why it was not.
type Opened struct {
	Session Session
	Show    []any // requests for the screens on which it is shown, the last one on top
	Notice  string
	Err     error
	Done    func() // called first, nil: nobody waits
}

// Kept is a Session that is written to a file.
type Kept interface {
	// Trouble says why the file is not where it should be, empty while it is; lost tells that not all of the run is kept.
	// It is asked with every snapshot.
	Trouble() (text string, lost bool)
}

// Foreign is a Session that shows a run of another machine.
type Foreign interface {
	// Origin says where and when it was recorded.
	Origin() string
}
