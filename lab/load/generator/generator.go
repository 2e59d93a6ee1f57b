// Package generator is the load generator: a process of its own (Role, Main), so that its CPU is its own and nothing in the
// lab disturbs it. Start gives a handle to it.
package generator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"benchtop/lab/load"
	"benchtop/lab/load/engine"
	"benchtop/targets/proc"
)

// Role is the name under which the generator's process is dispatched.
const Role = "loader"

// Config configures the generator's process.
type Config struct {
	Engine  string `json:"engine,omitempty"`  // epoll | net; empty: for each slice the best of this system that can drive it
	Threads int    `json:"threads,omitempty"` // 0: 1
}

// Engines lists the engines of this system by name, the default first.
func Engines() []string { return engine.Names() }

// ErrDied is wrapped by Run when the generator's process ended, or was silent for so long that it was
// killed.
var ErrDied = errors.New("generator died")

// Times of the generator's process.
const (
	silence    = 2 * time.Second
	abortGrace = 2 * time.Second
	stopGrace  = 3 * time.Second
)

// Generator is a handle to the generator's process.
type Generator struct {
	p       *proc.Process
	engine  string        // as configured
	silence time.Duration // without a sign of life during a slice: it is frozen
	grace   time.Duration // for the partial summary after an abort
	running sync.Mutex    // one slice at a time

	mu  sync.Mutex
	now *listener // the slice that is running
}

// listener takes the reports of one slice.
type listener struct {
	reports chan report
	gone    chan struct{} // closed when nobody listens any more
}

// Start starts the generator's process and waits until it is ready; ctx bounds the start.
func Start(ctx context.Context, c Config) (*Generator, error) {
	if c.Threads < 0 || c.Threads > 64 {
		return nil, fmt.Errorf("generator: %d threads; allowed: 1 to 64", c.Threads)
	}
	if _, err := engine.Pick(c.Engine); err != nil {
		return nil, fmt.Errorf("generator: %w", err)
	}
	c.Threads = max(c.Threads, 1)
	g := &Generator{engine: c.Engine, silence: silence, grace: abortGrace}
	p, err := proc.Start(ctx, proc.Command{
		Role: Role, Spec: c, GOMAXPROCS: c.Threads + 1, Env: []string{"GODEBUG=" + wakeful(os.Getenv("GODEBUG"))}, OnMessage: g.receive,
	})
	if err != nil {
		return nil, fmt.Errorf("start the generator: %w", err)
	}
	g.p = p
	return g, nil
}

// wakeful adds to a GODEBUG what keeps the runtime's monitor thread from sleeping while no goroutine runs. A generator waits
// for responses some ten thousand times a second, and each time the first of them would have to wake that thread up: of HTTP/2
// a third of all CPU time. The thread does not sleep while there is a trace of the scheduler to write (sysmon in Go's
// runtime/proc.go); it writes a line as rarely as it can be told to, every 24 days.
func wakeful(godebug string) string {
	const trace = "schedtrace=2147483647" // ms
	if godebug == "" {
		return trace
	}
	return trace + "," + godebug // the last of equal names counts
}

// PID is the process id of the generator.
func (g *Generator) PID() int { return g.p.PID() }

// Done is closed when the generator's process is gone.
func (g *Generator) Done() <-chan struct{} { return g.p.Done() }

// Stop ends the process and waits until it is reaped. It is idempotent.
func (g *Generator) Stop(ctx context.Context) error {
	if err := g.p.Stop(ctx, stopGrace); err != nil {
		return fmt.Errorf("stop the generator: %w", err)
	}
	return nil
}

func (g *Generator) receive(m json.RawMessage) {
	var r report
	if json.Unmarshal(m, &r) != nil {
		return // not ours; the watchdog sees to a process that says nothing sensible
	}
	g.mu.Lock()
	l := g.now
	g.mu.Unlock()
	if l == nil {
		return
	}
	select {
	case l.reports <- r:
	case <-l.gone:
	}
}

func (g *Generator) listen(l *listener) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = l
}

// Run sends a slice, with the values of the environment variables that its requests name, and waits for its end. onTick (may be nil) gets a row about every 250 ms, from Run's own
// goroutine, and should return quickly. When ctx ends first the slice is broken off and Run returns what there was
// with ctx's error. The error wraps ErrDied when the process ended or fell silent for two seconds (it is
// killed then); it is a *load.TaskError or a *load.DescriptorError when the slice cannot be run. Slices run one at a time;
// their ids must differ.
func (g *Generator) Run(ctx context.Context, t load.Task, onTick func(load.Tick)) (load.Summary, error) {
	t, secrets, err := t.Filled(os.LookupEnv)
	if err != nil {
		return load.Summary{Slice: t.ID}, err
	}
	if err := engine.Check(g.engine, &t); err != nil {
		return load.Summary{Slice: t.ID}, err
	}
	if err := load.CheckBudget(load.Budget(t)); err != nil {
		return load.Summary{Slice: t.ID}, err
	}
	g.running.Lock()
	defer g.running.Unlock()
	t.Terse = t.Terse || onTick == nil
	l := &listener{reports: make(chan report, 16), gone: make(chan struct{})}
	g.listen(l)
	defer func() {
		g.listen(nil)
		close(l.gone)
	}()
	if err := g.p.Send(order{Run: &t}); err != nil {
		return load.Summary{Slice: t.ID}, g.died(err.Error())
	}
	sum, err := g.follow(ctx, t.ID, l, onTick)
	secrets.HideIn(&sum)
	return sum, err
}

// follow takes the reports of a slice until its summary.
func (g *Generator) follow(ctx context.Context, id int, l *listener, onTick func(load.Tick)) (load.Summary, error) {
	var (
		ended  = ctx.Done()
		giveUp <-chan time.Time
		quiet  time.Duration
		watch  = time.NewTicker(load.TickEvery)
	)
	defer watch.Stop()
	for {
		select {
		case r := <-l.reports:
			quiet = 0
			switch {
			case r.Tick != nil && r.Tick.Slice == id:
				if onTick != nil {
					onTick(*r.Tick)
				}
			case r.Summary != nil && r.Summary.Slice == id:
				return result(ctx, r)
			}
		case <-ended:
			ended = nil
			giveUp = time.After(g.grace)
			if err := g.p.Send(order{Abort: &id}); err != nil {
				return load.Summary{Slice: id}, errors.Join(ctx.Err(), g.died(err.Error()))
			}
		case <-giveUp:
			return load.Summary{Slice: id}, errors.Join(ctx.Err(), g.kill(fmt.Sprintf("it did not break the slice off within %v", g.grace)))
		case <-watch.C:
			// Whole periods without a report are counted, not the time since the last one: after this process
			// itself was stopped for a while, a single period has passed.
			if quiet += load.TickEvery; quiet >= g.silence {
				return load.Summary{Slice: id}, g.kill(fmt.Sprintf("no sign of life for %v", g.silence))
			}
		case <-g.p.Done():
			return g.last(ctx, id, l)
		}
	}
}

// last looks for a summary that came before the end of the process.
func (g *Generator) last(ctx context.Context, id int, l *listener) (load.Summary, error) {
	for {
		select {
		case r := <-l.reports:
			if r.Summary != nil && r.Summary.Slice == id {
				return result(ctx, r)
			}
		default:
			why := "its process ended"
			if err := g.p.Err(); err != nil {
				why = err.Error()
			}
			return load.Summary{Slice: id}, g.died(why)
		}
	}
}

func result(ctx context.Context, r report) (load.Summary, error) {
	switch {
	case r.Err == nil:
		return *r.Summary, nil
	case r.Err.Aborted && ctx.Err() != nil:
		return *r.Summary, fmt.Errorf("slice %d: %w", r.Summary.Slice, ctx.Err())
	default:
		return *r.Summary, r.Err.unpack()
	}
}

func (g *Generator) died(why string) error {
	return fmt.Errorf("%w: process %d: %s", ErrDied, g.PID(), why)
}

// kill ends a process that does not answer.
func (g *Generator) kill(why string) error {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	_ = g.p.Stop(now, 0) // that it had to be killed is no news
	return g.died(why + "; it was killed")
}
