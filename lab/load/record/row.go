package record

import (
	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
)

// Row is what one recorder contributes to a tick.
type Row struct {
	owner   int // index of the recorder
	to      int64
	tally   tally
	latency *histogram.Samples // nil: nobody looks at it
	gauges  load.Gauges
	last    bool
	home    chan *Row
}

// Recycle gives an emptied row back to its recorder.
func (r *Row) Recycle() {
	r.tally = tally{}
	if r.latency != nil {
		r.latency.Reset()
	}
	select {
	case r.home <- r:
	default:
	}
}

// Swap hands the current row over and goes on with a fresh one. When the collector has not given one back it does
// nothing: the row goes on and is handed over at the next tick.
func (rec *Recorder) Swap(at int64, open, inFlight int, last bool) *Row {
	var fresh *Row
	if !last {
		select {
		case fresh = <-rec.spare:
		default:
			return nil
		}
	}
	full := rec.row
	full.to, full.gauges, full.last = at, load.Gauges{Open: open, InFlight: inFlight}, last
	rec.row = fresh
	return full
}

// Collect merges the rows of so many recorders into ticks: one as soon as every recorder has sent a row since the last.
// tick begins one that lasts from one time to another. The rows of a terse slice have no histograms.
func Collect(rows <-chan *Row, recorders int, start int64, enc *histogram.Encoder, tick func(from, to int64) load.Tick, emit func(load.Tick)) {
	c := collector{seen: make([]bool, recorders), done: make([]bool, recorders), gauges: make([]load.Gauges, recorders), missing: recorders}
	from := start
	for p := range rows {
		to := max(from, p.to) // recorders stamp their rows before they send them: another one's may be later and have come first
		c.take(p)
		p.Recycle()
		if c.missing > 0 {
			continue
		}
		t := tick(from, to)
		t.Counts = c.sum.counts()
		for _, g := range c.gauges {
			t.Open += g.Open
			t.InFlight += g.InFlight
		}
		// Compressing into memory does not fail.
		t.Latency, _ = enc.Encode(c.latency)
		emit(t)
		from = to
		c.next()
	}
}

// collector is the tick in progress.
type collector struct {
	sum        tally
	latency    *histogram.Samples // nil: the rows have none
	seen, done []bool             // by recorder: it has sent a row since the last tick; its last one
	gauges     []load.Gauges      // by recorder
	missing    int                // recorders that have not
}

func (c *collector) take(p *Row) {
	c.sum.add(&p.tally)
	if p.latency != nil {
		if c.latency == nil {
			c.latency = histogram.NewSamples()
		}
		c.latency.Add(p.latency)
	}
	c.gauges[p.owner] = p.gauges
	if !c.seen[p.owner] {
		c.seen[p.owner] = true
		c.missing--
	}
	c.done[p.owner] = p.last
}

// next begins another tick, for which the recorders that go on have to send a row.
func (c *collector) next() {
	c.sum, c.missing = tally{}, 0
	if c.latency != nil {
		c.latency.Reset()
	}
	for i := range c.seen {
		if c.seen[i] = c.done[i]; !c.done[i] {
			c.missing++
		}
	}
}
