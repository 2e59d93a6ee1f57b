package engine

import (
	"context"
	"math/rand/v2"
	"sync"

	"benchtop/lab/load"
	"benchtop/lab/load/http1"
	"benchtop/lab/load/record"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// netEngine drives a slice with a goroutine per connection, of HTTP/2 per stream, over package net. It works everywhere; it
// needs more CPU per request than the epoll engine.
type netEngine struct{}

func (netEngine) Name() string { return load.NetEngine }

// netShards is over how many recorders, each with a lock, the connections are spread.
const netShards = 4

func (netEngine) recorders(r *run) int { return min(netShards, r.InFlight()) }

// netSlice is a slice on this engine.
type netSlice struct {
	*run
	ctx     context.Context
	dialer  netDialer
	shards  []*netShard
	bufSize int
	pool    *netPool       // nil: every user keeps its connection
	queue   *netQueue      // open model
	wg      sync.WaitGroup // goroutines of users
	loops   sync.WaitGroup // goroutines of connections of HTTP/2

	mu          sync.Mutex
	conns       []*netConn
	muxes       []*mux         // of HTTP/2
	links       map[*link]bool // of them, that are open
	connWorkers record.ByWorker
}

// netShard is a recorder with its lock.
type netShard struct {
	mu       sync.Mutex
	rec      *record.Recorder
	open     int
	inFlight int
}

func (e netEngine) drive(ctx context.Context, r *run) (*harvest, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &netSlice{run: r, ctx: ctx, bufSize: min(max(16<<20/r.InFlight(), 2<<10), 64<<10)}
	s.dialer.run = r
	if r.Multiplexed() {
		s.links = map[*link]bool{}
	}
	if r.Pool > 0 {
		s.pool = &netPool{most: r.Pool}
	}
	for i := range e.recorders(r) {
		s.shards = append(s.shards, &netShard{rec: r.newRecorder(i, true)})
	}
	stop := routine.OnDone(ctx, s.abort)

	var ticking sync.WaitGroup
	if r.Model == load.Open {
		s.queue = &netQueue{netSlice: s, arrivals: r.arrivals(0, 1), drained: make(chan struct{})}
	}
	ticks, stopTicks := context.WithCancel(ctx)
	ticking.Add(1)
	routine.Go(func() {
		defer ticking.Done()
		s.tick(ticks)
	})
	if r.Model == load.Open {
		s.queue.drive()
	} else {
		s.driveClosed()
	}
	s.wg.Wait()
	stopTicks()
	ticking.Wait()
	stop()
	for _, c := range s.conns {
		c.hangUp()
	}
	s.hangUpAll()
	s.loops.Wait()
	s.pool.close()
	h := &harvest{busy: -1, connWorkers: s.connWorkers}
	now := proc.Now()
	for _, sh := range s.shards {
		h.recorders = append(h.recorders, sh.rec)
		r.rows <- sh.rec.Swap(now, 0, 0, true)
	}
	return h, nil
}

// abort makes every connection return soon.
func (s *netSlice) abort() {
	s.aborted.Store(true)
	s.hangUpAll()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		c.interrupt()
	}
}

func (s *netSlice) newConn() *netConn {
	s.mu.Lock()
	defer s.mu.Unlock()
	user := len(s.conns)
	c := &netConn{
		netSlice: s, shard: s.shards[user%len(s.shards)], user: user, buf: make([]byte, s.bufSize),
		reader: s.newReader(http1.NewShapes(2)), asksBody: true, work: make(chan int64, 1),
		rng:   *rand.NewPCG(s.Seed, uint64(user)), //nolint:gosec // not negative, and not a secret
		draws: *drawing(s.Seed, user), room: s.requests.Room(),
	}
	if m := s.muxOf(user); m != nil {
		c.stream, c.buf = newStream(c, m), nil
	}
	s.conns = append(s.conns, c)
	return c
}

func (s *netSlice) driveClosed() {
	for i := range s.InFlight() {
		c := s.newConn()
		s.wg.Add(1)
		routine.Go(func() {
			defer s.wg.Done()
			c.loop(i)
		})
	}
}

// tick hands the rows over at every edge and looks at the connections at the window's end.
func (s *netSlice) tick(ctx context.Context) {
	counted := false
	for at := s.start; SleepUntil(ctx, s.nextTick(at)); {
		at = proc.Now()
		if at >= s.to && !counted {
			counted = true
			s.countWorkers()
		}
		waiting := s.queue.backlog(at)
		for _, sh := range s.shards {
			sh.mu.Lock()
			row := sh.rec.Swap(at, sh.open, sh.inFlight+waiting, false)
			waiting = 0
			sh.mu.Unlock()
			if row != nil {
				s.rows <- row
			}
		}
	}
	if !counted {
		s.countWorkers()
	}
}

func (s *netSlice) countWorkers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connWorkers = make(record.ByWorker, 64)
	for _, m := range s.muxes {
		s.connWorkers.Count(m.worker.Load())
	}
	for _, c := range s.conns {
		if c.stream == nil {
			c.shard.mu.Lock()
			s.connWorkers.Count(c.worker)
			c.shard.mu.Unlock()
		}
	}
	s.pool.countWorkers(&s.connWorkers)
}
