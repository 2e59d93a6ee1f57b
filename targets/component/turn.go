package component

import (
	"context"
	"net"
	"time"

	"benchtop/targets/routine"
)

// Turn lets one at a time ask a component something; who waits for it waits no longer than his context.
type Turn struct{ taken chan struct{} }

// NewTurn is a turn that nobody has.
func NewTurn() Turn { return Turn{make(chan struct{}, 1)} }

// Do waits for the turn and calls do in it.
func (t Turn) Do(ctx context.Context, do func() error) error {
	select {
	case t.taken <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-t.taken }()
	return do()
}

// Within calls do, which uses a connection, and ends its waiting when the context ends. After an error the connection is
// good for nothing.
func Within(ctx context.Context, c net.Conn, do func() error) error {
	if err := c.SetDeadline(time.Time{}); err != nil {
		return err
	}
	stop := routine.OnDone(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	err := do()
	if !stop() {
		return context.Cause(ctx)
	}
	return err
}
