package agents

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"benchtop/lab/class/bus"
	"benchtop/lab/class/joincode"
	"benchtop/lab/figure"
	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// Times of an agent.
const (
	pulse     = 250 * time.Millisecond // of what both ends say to be known as there
	silent    = 6                      // pulses without a word of the other end, then the task ends
	helloEach = 4                      // pulses between two hellos
	farthest  = time.Minute            // into the future that a task may start
	stopWait  = 5 * time.Second        // for the generator's process
	startWait = 10 * time.Second       // for the generator's process
)

// Config is what an agent is made of.
type Config struct {
	Code  *joincode.Code
	Hello Hello
	Allow []string // IP addresses besides loopback, of Allowed
	// Now is the wall clock.
	Now func() time.Time
	// Say shows a line to the person at this machine. It must not block.
	Say func(text string)
}

// agent is the machine that lends its generator.
type agent struct {
	config Config
	id     string
	link   *bus.Link
	states chan bus.State
	work   routine.Group

	mu    sync.Mutex // of what the work says and is told
	task  *task      // nil: there is none
	quiet int        // pulses without a word of the other end
}

// task is what an agent is doing.
type task struct {
	prepare Prepare
	leave   chan Departure // one value at most
	cancel  context.CancelCauseFunc
}

// Why a task is broken off.
var (
	errGone    = errors.New("the other end is gone")
	errAborted = errors.New("the other end stopped it")
	errEnded   = errors.New("the owner of the machine ended the agent")
)

// errBusy is why a task is not taken now.
var errBusy = errors.New("it has another task")

// Lend lends this machine's generator to who holds the other end of the code, until ctx ends. The error says why nobody can have it.
func Lend(ctx context.Context, c Config) error {
	a := &agent{config: c, id: draw(), states: make(chan bus.State, 64)}
	link, err := bus.DialAgent(c.Code, a.id, draw()+draw(), func(s bus.State) {
		select {
		case a.states <- s:
		default: // more than anybody reads
		}
	})
	if err != nil {
		return err
	}
	a.link = link
	defer link.Close()
	orders, err := link.Orders(a.id)
	if err != nil {
		return err
	}
	defer a.leave()
	return a.serve(ctx, orders)
}

// draw draws an id.
func draw() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails, it ends the program instead
	return hex.EncodeToString(b[:])
}

// leave ends what is going on, and says so.
func (a *agent) leave() {
	a.end(errEnded)
	a.work.Wait()
	a.say(&Report{Bye: true})
	_ = a.link.Flush(time.Second) // who is not there any more learns it by the silence
}

func (a *agent) serve(ctx context.Context, orders <-chan bus.Said) error {
	beat := time.NewTicker(pulse)
	defer beat.Stop()
	connected, waits := false, false
	for n := 0; ; {
		select {
		case <-ctx.Done():
			return nil
		case s := <-a.states:
			switch {
			case s.Over:
				return fmt.Errorf("the agent is not let in: %w", s.Err)
			case s.Connected && !connected:
				a.config.Say("connected")
				a.greet()
			case !s.Connected:
				a.end(errGone)
				if !waits {
					a.config.Say("the other end is gone or not there yet; it is waited for (ctrl+c ends)")
				}
			}
			waits = !s.Connected
			connected = s.Connected
		case said, open := <-orders:
			if !open {
				return errors.New("the connection is closed")
			}
			a.take(ctx, said.Data)
		case <-beat.C:
			if n++; n%helloEach == 0 && !a.busy() {
				a.greet()
			}
			a.listenFor()
		}
	}
}

func (a *agent) busy() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.task != nil
}

func (a *agent) greet() { a.say(&Report{Hello: &a.config.Hello}) }

// listenFor says that it is there, and ends a task whose other end is silent. Whole pulses are counted, not the time since the last
// word: after this process itself was stopped for a while, one has passed.
func (a *agent) listenFor() {
	a.mu.Lock()
	t := a.task
	a.quiet++
	gone := a.quiet > silent
	a.mu.Unlock()
	switch {
	case t == nil:
	case gone:
		a.end(errGone)
	default:
		a.say(&Report{Beat: t.prepare.Task.ID})
	}
}

// end breaks off what is going on.
func (a *agent) end(why error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.task != nil {
		a.task.cancel(why)
	}
}

// take carries an order out.
func (a *agent) take(ctx context.Context, data []byte) {
	now := a.config.Now()
	o, err := decodeOrder(data)
	if err != nil {
		a.refuse(0, err)
		return
	}
	a.mu.Lock()
	a.quiet = 0
	t := a.task
	a.mu.Unlock()
	switch {
	case o.Ping > 0:
		a.say(&Report{Pong: &Pong{N: o.Ping, At: now.UnixNano()}})
	case o.Abort > 0 && t != nil && t.prepare.Task.ID == o.Abort:
		t.cancel(errAborted)
	case o.Go != nil && t != nil && t.prepare.Task.ID == o.Go.ID:
		select {
		case t.leave <- *o.Go:
		default: // it was told before
		}
	case o.Prepare != nil && t != nil:
		a.refuse(o.Prepare.Task.ID, errBusy)
	case o.Prepare != nil:
		a.prepare(ctx, o.Prepare)
	}
}

func (a *agent) refuse(id int, why error) {
	a.config.Say("refused: " + line(why.Error(), maxText))
	a.say(&Report{Refused: &Refusal{ID: id, Why: line(why.Error(), maxText), Busy: errors.Is(why, errBusy)}})
}

// prepare checks a task, and works on it apart.
func (a *agent) prepare(ctx context.Context, p *Prepare) {
	checked, err := check(p.Task, a.config.Allow)
	if err != nil {
		a.refuse(p.Task.ID, err)
		return
	}
	ctx, cancel := context.WithCancelCause(ctx)
	t := &task{prepare: Prepare{Task: checked, Generator: p.Generator}, leave: make(chan Departure, 1), cancel: cancel}
	a.mu.Lock()
	a.task = t
	a.mu.Unlock()
	a.work.Go(func() {
		defer cancel(nil)
		done, err := a.drive(ctx, t)
		a.mu.Lock()
		a.task = nil
		a.mu.Unlock()
		if err != nil {
			a.refuse(checked.ID, err)
			return
		}
		a.config.Say(ended(done))
		a.say(&Report{Done: done})
	})
}

// ended says in a line what a task came to.
func ended(d *Done) string {
	requests := figure.Lines.Counted(int(d.Summary.Total.Requests), "request") //nolint:gosec // far fewer than overflow
	text := fmt.Sprintf("task %d is done: %s", d.Summary.Slice, requests)
	if d.Problem != "" {
		text = fmt.Sprintf("task %d was ended: %s; %s", d.Summary.Slice, d.Problem, requests)
	}
	return text
}

// drive runs a task by a generator of its own. An error is one of before its start.
func (a *agent) drive(ctx context.Context, t *task) (*Done, error) {
	task := &t.prepare.Task
	starting, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	g, err := generator.Start(starting, t.prepare.Generator)
	if err != nil {
		return nil, err
	}
	defer func() {
		stop, cancel := context.WithTimeout(context.Background(), stopWait)
		defer cancel()
		if err := g.Stop(stop); err != nil {
			a.config.Say(err.Error())
		}
	}()
	a.say(&Report{Ready: task.ID})
	var at Departure
	select {
	case at = <-t.leave:
	case <-ctx.Done():
		return nil, fmt.Errorf("nothing was driven: %w", context.Cause(ctx))
	}
	wall := a.config.Now().UnixNano() - proc.Now() // of this machine's wall clock over the clock of its processes
	task.Start = at.At - wall
	early := time.Duration(task.Start - proc.Now())
	if early > farthest || early < 0 {
		return nil, fmt.Errorf("it was to start in %v: 0s to %v are allowed; the clocks of the two machines are apart", early.Round(time.Millisecond), farthest)
	}
	a.config.Say(starts(task, early))
	sum, err := g.Run(ctx, *task, func(k load.Tick) {
		k.From, k.To = k.From+wall, k.To+wall
		a.say(&Report{Tick: &k})
	})
	sum.From, sum.To, sum.Ended = sum.From+wall, sum.To+wall, sum.Ended+wall
	done := &Done{Summary: sum}
	if err != nil {
		done.Problem, done.Aborted = line(err.Error(), maxText), errors.Is(context.Cause(ctx), errAborted)
		if ctx.Err() != nil {
			done.Problem = context.Cause(ctx).Error()
		}
	}
	return done, nil
}

// starts says in a line what is driven.
func starts(t *load.Task, early time.Duration) string {
	what := figure.Lines.Counted(t.Connections, "connection")
	switch {
	case len(t.Stages) > 0:
		what = fmt.Sprintf("%s, on at most %s", figure.Lines.Counted(len(t.Stages), "stage"), what)
	case t.Model == load.Open:
		what = fmt.Sprintf("%.6g req/s, on at most %s", t.Rate, what)
	}
	e := t.Entries()
	request := e[0].Method + " " + e[0].Path
	if len(e) > 1 {
		request = fmt.Sprintf("%d requests", len(e))
	}
	return line(fmt.Sprintf("task %d: %s model, %s, %s at %s for %v, starts in %v", t.ID, t.Model, what, request, t.Addr, t.Window, early.Round(time.Millisecond)), maxText)
}

// say says something, if the other end is there: what it does not hear now it does not need later.
func (a *agent) say(r *Report) {
	r.Benchtop = Version
	data, err := json.Marshal(r)
	if err != nil || len(data) > MaxReport {
		data, _ = json.Marshal(&Report{Benchtop: Version, Refused: &Refusal{Why: fmt.Sprintf("its report of %d bytes is too large: %v", len(data), err)}})
	}
	_ = a.link.Report(a.id, data)
}
