package engine

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"

	"benchtop/lab/load"
	"benchtop/lab/load/http1"
	"benchtop/lab/load/record"
	"benchtop/lab/load/schedule"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// epollEngine drives a slice with a few locked OS threads, each with an epoll set of its own. What costs time in a
// load generator is system calls and wake-ups, so there is one read and one write per request and, under load, a
// fraction of an epoll_pwait.
type epollEngine struct{}

func (epollEngine) Name() string { return "epoll" }

func (epollEngine) recorders(r *run) int { return r.threads }

// Sizes of a thread.
const (
	pollEvents  = 512
	readBuffer  = 256 << 10
	knownShapes = 16 // heads remembered: one per worker of the target, as a rule
)

func (e epollEngine) drive(ctx context.Context, r *run) (*harvest, error) {
	if field := r.NetOnly(); field != "" {
		return nil, errNetOnly(field, e.Name())
	}
	threads := make([]*thread, r.threads)
	for i := range threads {
		t, err := newThread(r, i)
		if err != nil {
			for _, t := range threads[:i] {
				_ = unix.Close(t.epfd)
			}
			return nil, err
		}
		threads[i] = t
	}
	stop := routine.OnDone(ctx, func() { r.aborted.Store(true) })
	defer stop()
	var wg sync.WaitGroup
	for _, t := range threads {
		wg.Add(1)
		routine.Go(func() {
			defer wg.Done()
			// Not unlocked: the thread ends with the goroutine, and its timer slack with it.
			runtime.LockOSThread()
			t.loop()
		})
	}
	wg.Wait()
	h := &harvest{}
	for _, t := range threads {
		h.recorders = append(h.recorders, t.rec)
		h.connWorkers.Add(t.connWorkers)
		h.busy = max(h.busy, t.busy)
	}
	return h, nil
}

// thread is one OS thread's part of a slice. Nothing in it is shared while it runs.
type thread struct {
	*run
	index int
	epfd  int
	rec   *record.Recorder
	poller
	buf     []byte
	shapes  *http1.Shapes
	conns   []epollConn
	readers []http1.Reader // of conns
	now     int64          // of the batch, or of the last completion
	rng     *rand.PCG      // of the draws
	room    []byte         // of a request

	unopened int // closed: index of the next connection to open
	resting  []*epollConn
	arrivals schedule.Arrivals // open
	free     ring              // open: connections without a request, and slots without a connection
	opened   int               // connections open
	flying   int               // requests without a response
	sourceNo uint32
	target   unix.Sockaddr
	family   int

	tickAt, checkAt int64
	dueAt           int64 // no request's time is up before
	lookedAt        int64 // when all were looked at for theirs
	cpuAt           int64 // when cpuFrom was taken; 0: not yet
	cpuFrom         int64
	busy            float64
	atEnd           bool // the window's end was seen
	connWorkers     record.ByWorker
}

func newThread(r *run, index int) (*thread, error) {
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("create an epoll set: %w", err)
	}
	share := r.Connections / r.threads
	if index < r.Connections%r.threads {
		share++
	}
	t := &thread{
		run: r, index: index, epfd: epfd, rec: r.newRecorder(index, false), shapes: http1.NewShapes(knownShapes),
		buf: make([]byte, readBuffer), conns: make([]epollConn, share), readers: make([]http1.Reader, share), sourceNo: uint32(index) * 7, //nolint:gosec // small
		rng: drawing(r.Seed, index), room: r.requests.Room(),
		poller: poller{events: make([]unix.EpollEvent, pollEvents), most: longestWait(r.Model), alone: runtime.GOMAXPROCS(0) <= r.threads},
	}
	for i := range t.conns {
		c := &t.conns[i]
		c.index, c.fd, c.asksBody = int32(i), -1, true //nolint:gosec // at most MaxConnections
		t.readers[i] = *r.newReader(t.shapes)
	}
	if a := r.addr.Addr(); r.socket != "" {
		t.family, t.target = unix.AF_UNIX, &unix.SockaddrUnix{Name: r.socket}
	} else if a.Is4() {
		t.family, t.target = unix.AF_INET, &unix.SockaddrInet4{Addr: a.As4(), Port: int(r.addr.Port())}
	} else {
		t.family, t.target = unix.AF_INET6, &unix.SockaddrInet6{Addr: a.As16(), Port: int(r.addr.Port())}
	}
	if r.Model == load.Open {
		t.arrivals = r.arrivals(index, r.threads)
		t.free = newRing(t.conns)
		t.unopened = share
	} else {
		t.resting = make([]*epollConn, 0, share)
	}
	t.tickAt, t.dueAt = r.nextTick(r.start), math.MaxInt64
	return t, nil
}

// draw chooses the next request.
func (t *thread) draw() (row int32, entry uint8) {
	if t.varies {
		return t.requests.Draw(t.rng)
	}
	return 0, 0
}

// loop runs the slice to its end.
func (t *thread) loop() {
	sharpTimers()
	if t.Model == load.Open {
		shortTurns()
	}
	for {
		n := t.poll(t.epfd)
		t.now = proc.Now()
		if n == 0 {
			t.check()
			if t.finished() {
				break
			}
			if wait := t.checkAt - t.now; wait > 0 {
				n = t.wait(t.epfd, wait)
				t.now = proc.Now()
			}
		}
		for i := range n {
			ev := &t.events[i]
			if c := &t.conns[ev.Fd]; c.generation == ev.Pad {
				t.handle(c, ev.Events)
			}
		}
		if t.now >= t.checkAt {
			t.check()
		}
		if t.aborted.Load() {
			break
		}
	}
	t.finish()
}

func (t *thread) finished() bool {
	if t.aborted.Load() {
		return true
	}
	if t.now < t.to || t.flying > 0 {
		return false
	}
	if t.Model == load.Open {
		_, more := t.arrivals.Next()
		return !more
	}
	return true
}

// check does what is due by time, and sets checkAt to when something will be due again.
func (t *thread) check() {
	t.edges()
	if t.now >= t.tickAt {
		if row := t.rec.Swap(t.now, t.opened, t.waiting(), false); row != nil {
			t.rows <- row
		}
		t.tickAt = t.nextTick(t.now)
	}
	next := min(t.tickAt, t.expire())
	if t.now < t.to {
		next = min(next, t.open(), t.rested())
	}
	if t.Model == load.Open {
		next = min(next, t.dispatch())
	}
	t.checkAt = next
}

// lookEvery is the least time between two looks at all connections.
const lookEvery = int64(1e6)

// expire ends the requests whose time is up, and gives the time at which to look again. It looks at all connections, but
// not before the earliest deadline that it left behind: as long as responses come, that is once in a timeout. So the
// requests in flight need no list, whose neighbours every response would have to touch.
func (t *thread) expire() int64 {
	if at := max(t.dueAt, t.lookedAt+lookEvery); t.now < at {
		return at
	}
	now := t.now
	t.lookedAt, t.dueAt = now, math.MaxInt64
	for i := range t.conns {
		c := &t.conns[i]
		if !c.flying {
			continue
		}
		if due := c.scheduled + int64(t.Timeout); due > now {
			t.dueAt = min(t.dueAt, due)
			continue
		}
		cl := load.ReadTimeout
		if !c.connected {
			cl = load.ConnectTimeout
		}
		t.end(c, cl)
	}
	return max(t.dueAt, now+lookEvery)
}

// waiting is how many requests have no response: sent ones, and in the open model those that are due and wait.
func (t *thread) waiting() int {
	n := t.flying
	if t.Model == load.Open {
		n += t.arrivals.Backlog(t.now)
	}
	return n
}

// edges looks at the window's edges: the thread's CPU time, and which worker each connection is at.
func (t *thread) edges() {
	if t.cpuAt == 0 && t.now >= t.from {
		t.cpuFrom, t.cpuAt = threadCPU(), t.now
	}
	if !t.atEnd && t.now >= t.to {
		t.windowEnds()
	}
}

func (t *thread) windowEnds() {
	t.atEnd = true
	if span := t.now - t.cpuAt; t.cpuAt != 0 && span > 0 {
		t.busy = float64(threadCPU()-t.cpuFrom) / float64(span)
	}
	t.connWorkers = make(record.ByWorker, 64)
	for i := range t.conns {
		t.connWorkers.Count(t.conns[i].worker)
	}
}

// open opens the connections of a closed slice that are due, and gives the time of the next one.
func (t *thread) open() int64 {
	for t.unopened < len(t.conns) {
		if at := t.opening(t.index + t.unopened*t.threads); at > t.now {
			return at
		}
		c := &t.conns[t.unopened]
		t.unopened++
		t.again(c)
	}
	return t.to
}

// rested sends on the connections whose rest after a failure is over, and gives the time of the next one.
func (t *thread) rested() int64 {
	next := t.to
	for i := 0; i < len(t.resting); {
		c := t.resting[i]
		if c.restUntil > t.now {
			next = min(next, c.restUntil)
			i++
			continue
		}
		last := len(t.resting) - 1
		t.resting[i] = t.resting[last]
		t.resting = t.resting[:last]
		t.start(c, t.now, t.now)
	}
	return next
}

// dispatch sends what is due on free connections, and gives the time of the next arrival. While no connection is
// free the time is that of the next tick: a response comes first.
func (t *thread) dispatch() int64 {
	for {
		at, more := t.arrivals.Next()
		if !more {
			return t.tickAt
		}
		if at > t.now {
			return at
		}
		if t.free.count == 0 {
			return t.tickAt
		}
		t.arrivals.Take()
		if at+int64(t.Timeout) <= t.now {
			_, entry := t.draw()
			t.rec.Expired(at, entry)
			continue
		}
		t.start(t.free.pop(), at, proc.Now())
	}
}

// finish closes everything and hands the last row over.
func (t *thread) finish() {
	if !t.atEnd { // broken off
		t.windowEnds()
	}
	for i := range t.conns {
		t.hangUp(&t.conns[i])
	}
	_ = unix.Close(t.epfd)
	t.rows <- t.rec.Swap(proc.Now(), 0, 0, true)
}

// hangUp closes a connection, if there is one. Events of it that are still in the batch miss by their generation.
func (t *thread) hangUp(c *epollConn) {
	if c.fd < 0 {
		return
	}
	_ = unix.Close(int(c.fd))
	c.fd = -1
	c.generation++
	if c.counted {
		c.counted = false
		t.opened--
	}
}
