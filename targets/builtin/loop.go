package builtin

import (
	"sync/atomic"
	"time"

	"benchtop/targets/gauge"
	"benchtop/targets/pause"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// probeEvery is how often the loop's lag is measured. While nobody uses the loop, whose lag is none then, it is measured
// every idleProbe only: a hundred wake-ups a second cost an idle worker about 1 % of a core, which would disturb the
// variant that is being measured beside it. maxProbes is how many measurements may be waiting at once.
const (
	probeEvery = 10 * time.Millisecond
	idleProbe  = 100 * time.Millisecond
	maxProbes  = 1024
)

// loop decides which request handlers may run. There is one token per worker, as there is one event loop, or one
// interpreter lock, in a worker of an interpreted language. Handlers get it in the order of their arrival: Go
// hands a value of a channel to the goroutine that has waited longest, and a receive that finds others waiting finds
// the channel empty and queues behind them.
type loop struct {
	model string        // async | threadpool | blocking
	token chan struct{} // holds one value while nobody runs
	slots chan struct{} // threadpool only: holds a value per free slot

	used      atomic.Bool  // since the probe last looked
	queueWait *gauge.Gauge // of requests, for a slot and the token, nanoseconds
	lag       *gauge.Gauge // of the probe, for the token, nanoseconds
}

func newLoop(model string, threads int) *loop {
	l := &loop{model: model, token: make(chan struct{}, 1), queueWait: gauge.New(), lag: gauge.New()}
	l.token <- struct{}{}
	if model == threadpool {
		l.slots = make(chan struct{}, threads)
		for range threads {
			l.slots <- struct{}{}
		}
	}
	return l
}

// use notes for the probe that somebody wants the token.
func (l *loop) use() {
	if !l.used.Load() { // cheaper than a store that is not needed
		l.used.Store(true)
	}
}

// enter waits until the handler of a request may run its first instruction.
func (l *loop) enter() { l.queueWait.Record(l.turn()) }

// turn waits for a slot and the token, and gives the time that it waited, in nanoseconds.
func (l *loop) turn() int64 {
	l.use()
	var since int64 // 0 while it did not have to wait
	if l.slots != nil {
		select {
		case <-l.slots:
		default:
			since = proc.Now()
			<-l.slots
		}
	}
	select {
	case <-l.token:
	default:
		if since == 0 {
			since = proc.Now()
		}
		<-l.token
	}
	if since != 0 {
		return proc.Now() - since
	}
	return 0
}

// leave ends what enter or turn began.
func (l *loop) leave() {
	l.token <- struct{}{}
	if l.slots != nil {
		l.slots <- struct{}{}
	}
}

// wait is a declared wait of a handler that has entered: for a database, for another service.
func (l *loop) wait(d time.Duration) {
	l.await(func() { pause.Sleep(d) })
}

// await runs what waits for a driver, in a handler that has entered. What the driver computes meanwhile is computed
// besides the token.
func (l *loop) await(call func()) {
	if l.model == blocking {
		call()
		return
	}
	l.token <- struct{}{}
	call()
	l.use()
	<-l.token
}

// together begins calls of a handler that has entered, as one does that asks several services. Only async can have them
// in flight at the same time; code that blocks, with or without a pool of threads, makes one after the other. next waits
// until one more is over and gives its number: each response is taken in on the loop.
func (l *loop) together(calls int, call func(i int)) (next func() int) {
	if l.model != async {
		i := -1
		return func() int {
			i++
			l.await(func() { call(i) })
			return i
		}
	}
	over := make(chan int, calls)
	for i := range calls {
		routine.Go(func() {
			call(i)
			over <- i
		})
	}
	return func() (i int) {
		l.await(func() { i = <-over })
		return i
	}
}

// probe measures the loop's lag until done is closed. Each measurement waits on its own: one that waited for the one
// before it would miss exactly the times when the loop is slow.
func (l *loop) probe(done <-chan struct{}) {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	every := probeEvery
	waiting := make(chan struct{}, maxProbes)
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		next, free := probeEvery, false
		used := l.used.Swap(false)
		select {
		case <-l.token:
			l.token <- struct{}{}
			l.lag.Record(0)
			free = true
			if !used {
				next = idleProbe
			}
		default:
		}
		if next != every {
			every = next
			tick.Reset(every)
		}
		if free {
			continue
		}
		since := proc.Now()
		select {
		case waiting <- struct{}{}:
			routine.Go(func() {
				<-l.token
				l.token <- struct{}{}
				l.lag.Record(proc.Now() - since)
				<-waiting
			})
		default: // over ten seconds of lag are recorded by those that wait already
		}
	}
}
