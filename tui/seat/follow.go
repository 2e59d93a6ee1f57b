package seat

import (
	"sync"

	"benchtop/lab"
)

// followed is the run of the trainer as a session: it is looked at, and cannot be turned.
type followed struct {
	fold *lab.Fold
	done chan struct{}
	once sync.Once
}

// follow is the run of the trainer that a fold fills with.
func follow(fold *lab.Fold) *followed { return &followed{fold: fold, done: make(chan struct{})} }

// State implements watch.Session. The end of the run is the end of watching it.
func (f *followed) State() *lab.State {
	st := f.fold.State()
	if st.End != nil {
		f.Stop()
	}
	return st
}

// Turn does nothing: it is somebody else's.
func (f *followed) Turn(lab.Turn) {}

// Stop ends watching it.
func (f *followed) Stop() { f.once.Do(func() { close(f.done) }) }

// Done implements watch.Session.
func (f *followed) Done() <-chan struct{} { return f.done }

// Origin implements watch.Foreign.
func (f *followed) Origin() string { return "the run of the trainer, on the trainer's machine" }
