package generator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"benchtop/lab/load"
	"benchtop/lab/load/engine"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// order is what the lab sends to the generator's process.
type order struct {
	Run   *load.Task `json:"run,omitempty"`
	Abort *int       `json:"abort,omitempty"` // id of the slice to end at once
}

// report is what the generator's process sends.
type report struct {
	Beat    *int          `json:"beat,omitempty"` // a slice was taken on, or waits for its start
	Tick    *load.Tick    `json:"tick,omitempty"`
	Summary *load.Summary `json:"summary,omitempty"` // ends the slice
	Err     *failure      `json:"err,omitempty"`     // with a summary: the slice failed or was aborted
}

// failure is an error that keeps its kind across the processes.
type failure struct {
	Msg        string                `json:"msg"`
	Aborted    bool                  `json:"aborted,omitempty"`
	Task       *load.TaskError       `json:"task,omitempty"`
	Descriptor *load.DescriptorError `json:"descriptor,omitempty"`
}

// ready is the first line of the generator's process.
type ready struct {
	Engine  string   `json:"engine"`
	Engines []string `json:"engines"`
	Threads int      `json:"threads"`
}

// Main is the role of the generator's process: it runs the slices that it is sent, one at a time, until its context
// ends.
func Main(ctx context.Context, c *proc.Child) error {
	var cfg Config
	if err := c.Spec(&cfg); err != nil {
		return fmt.Errorf("generator: %w", err)
	}
	e, err := engine.Pick(cfg.Engine)
	if err != nil {
		return fmt.Errorf("generator: %w", err)
	}
	if err := raiseDescriptors(); err != nil {
		return fmt.Errorf("generator: %w", err)
	}
	if err := c.Ready(ready{Engine: e.Name(), Engines: engine.Names(), Threads: max(cfg.Threads, 1)}); err != nil {
		return fmt.Errorf("generator: %w", err)
	}
	l := loader{child: c, cfg: cfg, busy: make(chan struct{}, 1)}
	defer l.end()
	for {
		select {
		case <-ctx.Done():
			return nil
		case m, ok := <-c.Messages():
			if !ok {
				return nil
			}
			var o order
			if err := json.Unmarshal(m, &o); err != nil {
				return fmt.Errorf("generator: an order that is not understood: %w", err)
			}
			l.take(ctx, &o)
		}
	}
}

// loader is the process at work.
type loader struct {
	child  *proc.Child
	cfg    Config
	wg     sync.WaitGroup
	active int                // id of the slice that runs, or ran last
	cancel context.CancelFunc // breaks it off; nil: there was none
	busy   chan struct{}      // one slice at a time
	driver engine.Driver      // of the slice that runs
}

// take carries an order out. A slice runs meanwhile.
func (l *loader) take(ctx context.Context, o *order) {
	switch {
	case o.Abort != nil:
		if l.cancel != nil && l.active == *o.Abort {
			l.cancel()
		}
	case o.Run != nil:
		l.busy <- struct{}{} // the slice before has ended, or is about to
		if l.cancel != nil {
			l.cancel()
		}
		sliceCtx, cancel := context.WithCancel(ctx)
		l.cancel, l.active = cancel, o.Run.ID
		l.wg.Add(1)
		routine.Go(func() {
			defer l.wg.Done()
			defer cancel()
			l.run(sliceCtx, *o.Run)
			<-l.busy
		})
	}
}

// end breaks the slice off that runs, and waits for its end.
func (l *loader) end() {
	if l.cancel != nil {
		l.cancel()
	}
	l.wg.Wait()
}

// collectRows is after how many rows what they left behind is collected. They are the only thing in a slice that leaves
// anything, so little that the runtime would begin after minutes, and memory would have grown by megabytes until then.
const collectRows = 20

// run runs a slice and reports it.
func (l *loader) run(ctx context.Context, t load.Task) {
	send := func(r report) {
		// A lab that does not read loses rows; one that is gone ends the context.
		_ = l.child.Send(r)
	}
	send(report{Beat: &t.ID})
	e, err := engine.For(l.cfg.Engine, &t)
	if err == nil {
		err = load.CheckBudget(load.Budget(t))
	}
	if err != nil {
		send(report{Summary: &load.Summary{Slice: t.ID}, Err: pack(err)})
		return
	}
	// A slice that is to begin later is waited for here, with signs of life.
	for t.Start-proc.Now() > int64(2*load.TickEvery) && engine.SleepUntil(ctx, min(proc.Now()+int64(load.TickEvery), t.Start-int64(load.TickEvery))) {
		send(report{Beat: &t.ID})
	}
	sum, err := l.driver.Execute(ctx, e, l.cfg.Threads, t, func(tick load.Tick) {
		send(report{Tick: &tick})
		if tick.Seq%collectRows == collectRows-1 {
			runtime.GC()
		}
	}, nil)
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
