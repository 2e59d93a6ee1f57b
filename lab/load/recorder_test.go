package load

import (
	"context"
	"math"
	"net"
	"runtime"
	"slices"
	"testing"
	"time"

	"benchtop/targets/proc"
)

func TestScheduleConstant(t *testing.T) {
	for _, parts := range []int{1, 2, 3} {
		s := &Task{Rate: 3000}
		var got []int64
		for p := range parts {
			for sc := newSchedule(s, 5, p, parts); sc.next() < 5+2e9; sc.advance() {
				got = append(got, sc.next())
			}
		}
		slices.Sort(got)
		if len(got) != 6000 {
			t.Fatalf("%d parts: %d arrivals in two seconds", parts, len(got))
		}
		for i, at := range got {
			if want := 5 + float64(i)*1e9/3000; math.Abs(float64(at)-want) > 1 {
				t.Fatalf("%d parts: arrival %d at %d, want %v", parts, i, at, want)
			}
		}
	}
}

// The gaps of Poisson arrivals are exponential (Kolmogorov-Smirnov at 1 %), also where threads share the rate, and
// the same seed gives the same times.
func TestSchedulePoisson(t *testing.T) {
	const rate, seconds = 10_000, 2
	for _, parts := range []int{1, 3} {
		times := func(seed uint64) (at []int64) {
			for p := range parts {
				for sc := newSchedule(&Task{Rate: rate, Arrivals: "poisson", Seed: seed}, 0, p, parts); sc.next() < seconds*1e9; sc.advance() {
					at = append(at, sc.next())
				}
			}
			slices.Sort(at)
			return at
		}
		at := times(7)
		if !slices.Equal(at, times(7)) || slices.Equal(at, times(8)) {
			t.Error("the seed does not decide the times")
		}
		gaps := make([]float64, len(at)-1)
		for i := range gaps {
			gaps[i] = float64(at[i+1]-at[i]) / 1e9
		}
		slices.Sort(gaps)
		worst := 0.0
		for i, g := range gaps {
			f := 1 - math.Exp(-rate*g)
			worst = max(worst, math.Abs(f-float64(i)/float64(len(gaps))), math.Abs(f-float64(i+1)/float64(len(gaps))))
		}
		if limit := 1.63 / math.Sqrt(float64(len(gaps))); worst > limit {
			t.Errorf("%d parts: distance %v, at most %v", parts, worst, limit)
		}
	}
}

func TestArrivalsBacklog(t *testing.T) {
	r := &run{Task: Task{Rate: 1000}, to: 10e6}
	a := newArrivals(r, 0, 1)
	a.take()
	if n := a.backlog(4.5e6); n != 4 {
		t.Errorf("%d waiting, want 4", n)
	}
	if n := a.backlog(1e9); n != 9 {
		t.Errorf("%d waiting after the end, want 9", n)
	}
}

func TestNextTick(t *testing.T) {
	ms := int64(time.Millisecond)
	r := &run{from: 1000 * ms, to: 1600 * ms}
	at := 600 * ms
	for _, want := range []int64{750, 1000, 1250, 1500, 1600, 1750, 2000} {
		if at = r.nextTick(at); at != want*ms {
			t.Fatalf("tick at %d ms, want %d", at/ms, want)
		}
	}
}

func TestRecorderWindow(t *testing.T) {
	var (
		none     = Edge{}
		answered = Edge{Ended: 1, Answered: 1, OK: 1}
	)
	for _, tt := range []struct {
		name           string
		model          Model
		o              outcome
		counts         bool // in the window's population
		samples        int64
		latency, inFly int64
		edge           Edge // what the window's own time saw
	}{
		{"ends before", Closed, outcome{started: 50, ended: 99}, false, 0, 0, 0, none},
		{"sent before, ends in the first instant", Closed, outcome{started: 90, ended: 100}, false, 0, 0, 0, answered},
		{"sent before, ends in it", Closed, outcome{started: 90, ended: 150}, false, 0, 0, 50, answered},
		{"sent before, breaks in it", Closed, outcome{class: classResetBody, started: 90, ended: 150}, true, 0, 0, 50, Edge{Ended: 1}},
		{"sent before, fails in it", Closed, outcome{class: classStatus4xx, started: 90, ended: 150}, false, 0, 0, 50, Edge{Ended: 1, Answered: 1}},
		{"sent before, ends after", Closed, outcome{started: 90, ended: 230}, true, 1, 140, 100, Edge{InFlight: 1, Oldest: 110}},
		{"sent before, silent to the timeout", Closed, outcome{class: classReadTimeout, started: 90, ended: 201}, true, 1, 77, 100, Edge{InFlight: 1, Oldest: 110}},
		{"sent in it, ends in it", Closed, outcome{started: 150, ended: 199}, true, 1, 49, 49, answered},
		{"sent in it, ends at its end", Closed, outcome{started: 150, ended: 200}, true, 1, 50, 50, Edge{InFlight: 1, Oldest: 50}},
		{"sent in it, ends after", Closed, outcome{started: 150, ended: 1200}, true, 1, 1050, 50, Edge{InFlight: 1, Oldest: 50}},
		{"due before, ends in it", Open, outcome{scheduled: 90, started: 95, ended: 150}, false, 0, 0, 50, answered},
		{"due before, ends after", Open, outcome{scheduled: 90, started: 95, ended: 250}, false, 0, 0, 100, Edge{InFlight: 1, Oldest: 110}},
		{"due in it, ends after", Open, outcome{scheduled: 110, started: 120, ended: 260}, true, 1, 150, 90, Edge{InFlight: 1, Oldest: 90}},
		{"a status", Closed, outcome{class: classStatus5xx, started: 110, ended: 150}, true, 0, 0, 40, Edge{Ended: 1, Answered: 1}},
		{"a timeout", Closed, outcome{class: classReadTimeout, started: 100, ended: 190}, true, 1, 77, 90, Edge{Ended: 1}},
	} {
		if tt.model == Closed {
			tt.o.scheduled = tt.o.started
		}
		rec := newRecorder(0, &run{Task: Task{Model: tt.model, Timeout: 77}, from: 100, to: 200})
		rec.ended(&tt.o)
		if rec.edge != tt.edge {
			t.Errorf("%s: the window saw %+v, want %+v", tt.name, rec.edge, tt.edge)
		}
		if got := rec.window.requests == 1; got != tt.counts || rec.total.requests != 1 || rec.overlap != tt.inFly {
			t.Errorf("%s: counted %v, in flight %d", tt.name, got, rec.overlap)
		}
		if h := rec.latency.histogram(); h.TotalCount() != tt.samples || tt.samples > 0 && h.Max() != tt.latency {
			t.Errorf("%s: %d samples, latency %d", tt.name, h.TotalCount(), h.Max())
		}
	}
}

func TestHistogramRange(t *testing.T) {
	h := NewHistogram()
	for _, v := range []int64{-5, 0, 1, 2047, 501_000_000, histogramMax, histogramMax * 2} {
		record(h, v)
	}
	if h.TotalCount() != 7 {
		t.Errorf("%d of 7 values", h.TotalCount())
	}
	text, err := Encode(h)
	if err != nil {
		t.Fatal(err)
	}
	back, err := Decode(text)
	if err != nil || !back.Equals(h) {
		t.Errorf("decoded: %v", err)
	}
	if _, err := Decode("nonsense"); err == nil {
		t.Error("nonsense was decoded")
	}
	if empty, err := Encode(nil); empty != "" || err != nil {
		t.Error(empty, err)
	}
}

func TestBudget(t *testing.T) {
	if n := Budget(Task{Model: Open}); n != DefaultOpen+ownDescriptors {
		t.Error(n)
	}
	if err := CheckBudget(10); err != nil {
		t.Error(err)
	}
	if err := raiseDescriptors(); err != nil {
		t.Error(err)
	}
}

// The bytes of the requests are built once, answers are read into one buffer, and counting is additions: a request
// allocates nothing. What is allocated is per slice and per connection. (Encoding a tick's histogram allocates too;
// that is the collector's, not the engine's.)
func TestNoAllocationPerRequest(t *testing.T) {
	each(t, func(t *testing.T, e engine) {
		s := base(silentServer(t))
		s.Connections, s.Window = 16, 600*time.Millisecond
		allocatesNothing(t, e, s)
	})
}

func allocatesNothing(t *testing.T, e engine, s Task) {
	t.Helper()
	r, err := newRun(s, proc.Now(), 1)
	if err != nil {
		t.Fatal(err)
	}
	r.rows = make(chan *row, 16)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for p := range r.rows {
			p.recycle()
		}
	}()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	h, err := e.drive(context.Background(), r)
	runtime.ReadMemStats(&after)
	close(r.rows)
	<-drained
	if err != nil {
		t.Fatal(err)
	}
	var n uint64
	for _, rec := range h.recorders {
		n += rec.total.ok
	}
	allocs := after.Mallocs - before.Mallocs
	if allocs > 2000+n/200 {
		t.Errorf("%d allocations over %d requests", allocs, n)
	}
	t.Logf("%d allocations over %d requests", allocs, n)
}

// silentServer answers without allocating.
func silentServer(t *testing.T) string {
	t.Helper()
	f := newFaultServer(t, func(_ *faultServer, c *net.TCPConn, _ func() bool) {
		buf, answer := make([]byte, 4096), []byte("HTTP/1.1 200 OK\r\nX-Benchtop-Worker: 1\r\nContent-Length: 2\r\n\r\nok")
		for {
			if _, err := c.Read(buf); err != nil {
				return
			}
			if _, err := c.Write(answer); err != nil {
				return
			}
		}
	})
	return f.addr()
}

func TestCollectWaitsForEveryRecorder(t *testing.T) {
	r := &run{Task: Task{ID: 3}, start: 0, from: 10, to: 20, rows: make(chan *row, 10)}
	send := func(owner int, to int64, n uint64, last bool) {
		r.rows <- &row{owner: owner, to: to, tally: tally{ok: n, requests: n}, latency: newSamples(), last: last, open: 1}
	}
	send(0, 5, 1, false)
	send(0, 15, 1, true) // done early
	send(1, 6, 1, false)
	send(1, 16, 2, false)
	send(1, 26, 4, true)
	close(r.rows)
	var got []uint64
	collect(r, 2, &encoder{}, func(k Tick) {
		got = append(got, k.Counts.OK)
		if k.Open != 2 {
			t.Errorf("%d open", k.Open)
		}
	})
	if !slices.Equal(got, []uint64{3, 2, 4}) {
		t.Errorf("ticks %v", got)
	}
}

func TestSleepUntil(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if sleepUntil(ctx, math.MaxInt64) {
		t.Error("slept through the end of the context")
	}
}
