package record

import (
	"slices"
	"testing"

	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
)

func TestRecorderWindow(t *testing.T) {
	var (
		none     = load.Edge{}
		answered = load.Edge{Ended: 1, Answered: 1, OK: 1}
	)
	for _, tt := range []struct {
		name           string
		model          load.Model
		o              Outcome
		counts         bool // in the window's population
		samples        int64
		latency, inFly int64
		edge           load.Edge // what the window's own time saw
	}{
		{"ends before", load.Closed, Outcome{Started: 50, Ended: 99}, false, 0, 0, 0, none},
		{"sent before, ends in the first instant", load.Closed, Outcome{Started: 90, Ended: 100}, false, 0, 0, 0, answered},
		{"sent before, ends in it", load.Closed, Outcome{Started: 90, Ended: 150}, false, 0, 0, 50, answered},
		{"sent before, breaks in it", load.Closed, Outcome{Class: load.ResetBody, Started: 90, Ended: 150}, true, 0, 0, 50, load.Edge{Ended: 1}},
		{"sent before, fails in it", load.Closed, Outcome{Class: load.Status4xx, Started: 90, Ended: 150}, false, 0, 0, 50, load.Edge{Ended: 1, Answered: 1}},
		{"sent before, ends after", load.Closed, Outcome{Started: 90, Ended: 230}, true, 1, 140, 100, load.Edge{InFlight: 1, Oldest: 110}},
		{"sent before, silent to the timeout", load.Closed, Outcome{Class: load.ReadTimeout, Started: 90, Ended: 201}, true, 1, 77, 100, load.Edge{InFlight: 1, Oldest: 110}},
		{"sent in it, ends in it", load.Closed, Outcome{Started: 150, Ended: 199}, true, 1, 49, 49, answered},
		{"sent in it, ends at its end", load.Closed, Outcome{Started: 150, Ended: 200}, true, 1, 50, 50, load.Edge{InFlight: 1, Oldest: 50}},
		{"sent in it, ends after", load.Closed, Outcome{Started: 150, Ended: 1200}, true, 1, 1050, 50, load.Edge{InFlight: 1, Oldest: 50}},
		{"due before, ends in it", load.Open, Outcome{Scheduled: 90, Started: 95, Ended: 150}, false, 0, 0, 50, answered},
		{"due before, ends after", load.Open, Outcome{Scheduled: 90, Started: 95, Ended: 250}, false, 0, 0, 100, load.Edge{InFlight: 1, Oldest: 110}},
		{"due in it, ends after", load.Open, Outcome{Scheduled: 110, Started: 120, Ended: 260}, true, 1, 150, 90, load.Edge{InFlight: 1, Oldest: 90}},
		{"a status", load.Closed, Outcome{Class: load.Status5xx, Started: 110, Ended: 150}, true, 0, 0, 40, load.Edge{Ended: 1, Answered: 1}},
		{"a timeout", load.Closed, Outcome{Class: load.ReadTimeout, Started: 100, Ended: 190}, true, 1, 77, 90, load.Edge{Ended: 1}},
	} {
		if tt.model == load.Closed {
			tt.o.Scheduled = tt.o.Started
		}
		rec := New(0, Window{From: 100, To: 200, Open: tt.model == load.Open, Timeout: 77})
		rec.Ended(&tt.o)
		if rec.edge != tt.edge {
			t.Errorf("%s: the window saw %+v, want %+v", tt.name, rec.edge, tt.edge)
		}
		if got := rec.window.requests == 1; got != tt.counts || rec.total.requests != 1 || rec.overlap != tt.inFly {
			t.Errorf("%s: counted %v, in flight %d", tt.name, got, rec.overlap)
		}
		if h := rec.latency.Histogram(); h.TotalCount() != tt.samples || tt.samples > 0 && h.Max() != tt.latency {
			t.Errorf("%s: %d samples, latency %d", tt.name, h.TotalCount(), h.Max())
		}
	}
}

func TestCollectWaitsForEveryRecorder(t *testing.T) {
	rows := make(chan *Row, 10)
	send := func(owner int, to int64, n uint64, last bool) {
		rows <- &Row{owner: owner, to: to, tally: tally{ok: n, requests: n}, latency: histogram.NewSamples(), last: last, gauges: load.Gauges{Open: 1}}
	}
	send(0, 5, 1, false)
	send(0, 15, 1, true) // done early
	send(1, 6, 1, false)
	send(1, 16, 2, false)
	send(1, 26, 4, true)
	close(rows)
	var got []uint64
	from := int64(0)
	tick := func(a, b int64) load.Tick {
		if a != from {
			t.Errorf("a tick from %d, the one before ended at %d", a, from)
		}
		from = b
		return load.Tick{}
	}
	Collect(rows, 2, 0, &histogram.Encoder{}, tick, func(k load.Tick) {
		got = append(got, k.Counts.OK)
		if k.Open != 2 {
			t.Errorf("%d open", k.Open)
		}
	})
	if !slices.Equal(got, []uint64{3, 2, 4}) {
		t.Errorf("ticks %v", got)
	}
}

// A row that was stamped before the one that ended the last tick, and sent after it, makes no tick that ends before it begins.
func TestCollectGoesForward(t *testing.T) {
	rows := make(chan *Row, 10)
	for _, r := range []*Row{{owner: 0, to: 5}, {owner: 1, to: 9, last: true}, {owner: 0, to: 8, last: true}} {
		rows <- r
	}
	close(rows)
	var got [][2]int64
	tick := func(a, b int64) load.Tick {
		got = append(got, [2]int64{a, b})
		return load.Tick{}
	}
	Collect(rows, 2, 0, &histogram.Encoder{}, tick, func(load.Tick) {})
	if !slices.Equal(got, [][2]int64{{0, 9}, {9, 9}}) {
		t.Errorf("ticks %v", got)
	}
}
