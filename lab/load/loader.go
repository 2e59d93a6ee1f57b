package load

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"sync"

	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// order is what the lab sends to the generator's process.
type order struct {
	Run   *Task `json:"run,omitempty"`
	Abort *int  `json:"abort,omitempty"` // id of the slice to end at once
}

// report is what the generator's process sends.
type report struct {
	Beat    *int     `json:"beat,omitempty"` // a slice was taken on, or waits for its start
	Tick    *Tick    `json:"tick,omitempty"`
	Summary *Summary `json:"summary,omitempty"` // ends the slice
	Err     *failure `json:"err,omitempty"`     // with a summary: the slice failed or was aborted
}

// failure is an error that keeps its kind across the processes.
type failure struct {
	Msg        string           `json:"msg"`
	Aborted    bool             `json:"aborted,omitempty"`
	Task       *TaskError       `json:"task,omitempty"`
	Descriptor *DescriptorError `json:"descriptor,omitempty"`
}

// ready is the first line of the generator's process.
type ready struct {
	Engine  string   `json:"engine"`
	Engines []string `json:"engines"`
	Threads int      `json:"threads"`
}

// Loader is the role of the generator's process: it runs the slices that it is sent, one at a time, until its context
// ends.
func Loader(ctx context.Context, c *proc.Child) error { return loader(ctx, c, nil) }

func loader(ctx context.Context, c *proc.Child, onDial func(netip.AddrPort)) error {
	var cfg Config
	if err := c.Spec(&cfg); err != nil {
		return fmt.Errorf("generator: %w", err)
	}
	e, err := pick(cfg.Engine)
	if err != nil {
		return fmt.Errorf("generator: %w", err)
	}
	if err := raiseDescriptors(); err != nil {
		return fmt.Errorf("generator: %w", err)
	}
	if err := c.Ready(ready{Engine: e.name(), Engines: Engines(), Threads: max(cfg.Threads, 1)}); err != nil {
		return fmt.Errorf("generator: %w", err)
	}
	var (
		wg     sync.WaitGroup
		cancel context.CancelFunc
		active int
		busy   = make(chan struct{}, 1)
	)
	defer func() {
		if cancel != nil {
			cancel()
		}
		wg.Wait()
	}()
	for {
		var m json.RawMessage
		var ok bool
		select {
		case <-ctx.Done():
			return nil
		case m, ok = <-c.Messages():
			if !ok {
				return nil
			}
		}
		var o order
		if err := json.Unmarshal(m, &o); err != nil {
			return fmt.Errorf("generator: an order that is not understood: %w", err)
		}
		switch {
		case o.Abort != nil:
			if cancel != nil && active == *o.Abort {
				cancel()
			}
		case o.Run != nil:
			busy <- struct{}{} // the slice before has ended, or is about to
			if cancel != nil {
				cancel()
			}
			sliceCtx, sliceCancel := context.WithCancel(ctx)
			cancel, active = sliceCancel, o.Run.ID
			wg.Add(1)
			routine.Go(func() {
				defer wg.Done()
				defer sliceCancel()
				runSlice(sliceCtx, c, cfg, *o.Run, onDial)
				<-busy
			})
		}
	}
}

// collectRows is after how many rows what they left behind is collected. They are the only thing in a slice that leaves
// anything, so little that the runtime would begin after minutes, and memory would have grown by megabytes until then.
const collectRows = 20

// runSlice runs a slice and reports it.
func runSlice(ctx context.Context, c *proc.Child, cfg Config, s Task, onDial func(netip.AddrPort)) {
	send := func(r report) {
		// A lab that does not read loses rows; one that is gone ends the context.
		_ = c.Send(r)
	}
	send(report{Beat: &s.ID})
	e, err := engineFor(cfg.Engine, &s)
	if err == nil {
		err = CheckBudget(Budget(s))
	}
	if err != nil {
		send(report{Summary: &Summary{Slice: s.ID}, Err: pack(err)})
		return
	}
	// A slice that is to begin later is waited for here, with signs of life.
	for s.Start-proc.Now() > int64(2*TickEvery) && sleepUntil(ctx, min(proc.Now()+int64(TickEvery), s.Start-int64(TickEvery))) {
		send(report{Beat: &s.ID})
	}
	sum, err := execute(ctx, e, cfg.Threads, s, func(t Tick) {
		send(report{Tick: &t})
		if t.Seq%collectRows == collectRows-1 {
			runtime.GC()
		}
	}, onDial)
	send(report{Summary: &sum, Err: pack(err)})
}

func pack(err error) *failure {
	if err == nil {
		return nil
	}
	f := &failure{Msg: err.Error(), Aborted: errors.Is(err, context.Canceled)}
	errors.As(err, &f.Task)
	errors.As(err, &f.Descriptor)
	return f
}

func (f *failure) unpack() error {
	switch {
	case f.Task != nil:
		return f.Task
	case f.Descriptor != nil:
		return f.Descriptor
	}
	return errors.New(f.Msg)
}
