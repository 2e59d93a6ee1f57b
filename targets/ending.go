package targets

// Ending is the end of a target, for a kind of target to embed: it gives Done and Err.
type Ending struct {
	done chan struct{}
	err  error // written before done is closed, read after it
}

// NewEnding is the end of a target that runs.
func NewEnding() Ending { return Ending{done: make(chan struct{})} }

// Done is part of Target.
func (e *Ending) Done() <-chan struct{} { return e.done }

// Err is part of Target.
func (e *Ending) Err() error {
	select {
	case <-e.done:
		return e.err
	default:
		return nil
	}
}

// End tells that the target is gone, once; err is why, nil when it was asked to.
func (e *Ending) End(err error) {
	e.err = err
	close(e.done)
}
