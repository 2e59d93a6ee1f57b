package python

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"benchtop/targets"
	"benchtop/targets/proc"
)

// The file that a worker counts in; app/benchtop_counts.py writes it.
const (
	countsMagic   = "BTCOUNT1"
	nameBytes     = 24
	headBytes     = 16 + 2*nameBytes
	lagBuckets    = 448
	countsBytes   = headBytes + 8*(lagAt+lagBuckets)
	servedAt      = 0
	startedAt     = 1
	finishedAt    = 2
	acceptedAt    = 3
	closedAt      = 4
	rejectedAt    = 5
	lagAt         = 6
	finestLag     = 16 // microseconds, up to which there is one bucket for each
	lagPerOctave  = 16
	lagOctaveBits = 4
)

// counts are what a worker counted since its start.
type counts struct {
	pid        int
	loop, http string
	numbers    [lagAt + lagBuckets]uint64
}

// readCounts reads the counts of a worker. The file is written by the worker in its mapped memory; each number is read
// whole, the numbers among each other may be some microseconds apart.
func readCounts(folder string, pid int) (*counts, error) {
	name := filepath.Join(folder, countsFolder, strconv.Itoa(pid)+".counts")
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading the counts of worker %d: %w", pid, err)
	}
	if len(b) != countsBytes || string(b[:len(countsMagic)]) != countsMagic {
		return nil, fmt.Errorf("reading the counts of worker %d: %s is not such a file (%d bytes)", pid, name, len(b))
	}
	c := &counts{
		pid:  int(binary.NativeEndian.Uint64(b[8:])),
		loop: text(b[16 : 16+nameBytes]), http: text(b[16+nameBytes : headBytes]),
	}
	if c.pid != pid {
		return nil, fmt.Errorf("reading the counts of worker %d: they are those of %d", pid, c.pid)
	}
	for i := range c.numbers {
		c.numbers[i] = binary.NativeEndian.Uint64(b[headBytes+8*i:])
	}
	return c, nil
}

func text(b []byte) string { return string(bytes.TrimRight(b, "\x00")) }

// lags are the loop's lags since an earlier reading, which may be nil.
func (c *counts) lags(since *counts) *hdrhistogram.Histogram {
	h := hdrhistogram.New(1, int64(10*time.Minute), 2)
	for i := range lagBuckets {
		n := c.numbers[lagAt+i]
		if since != nil {
			n -= since.numbers[lagAt+i]
		}
		if n > 0 {
			_ = h.RecordValues(min(lagOf(i), h.HighestTrackableValue()), int64(n)) // cannot fail inside of the range
		}
	}
	return h
}

// lagOf is the middle of a bucket, in nanoseconds.
func lagOf(bucket int) int64 {
	us, width := int64(bucket), int64(1)
	if bucket >= finestLag {
		octave := bucket/lagPerOctave - 1
		us, width = int64(lagPerOctave+bucket%lagPerOctave)<<octave, int64(1)<<octave
	}
	return us*1000 + width*500
}

// status puts the counts into the form of the other servers' workers.
func (c *counts) status() targets.WorkerStatus {
	n := &c.numbers
	return targets.WorkerStatus{
		PID: c.pid, At: proc.Now(), Served: n[servedAt], Accepted: n[acceptedAt], Rejected: n[rejectedAt],
		InFlight: below(n[startedAt], n[finishedAt]), Open: below(n[acceptedAt], n[closedAt]),
	}
}

// below is how many there are of what began and ended. The two numbers are not read at the same time.
func below(began, ended uint64) int64 { return max(0, int64(began)-int64(ended)) }

// ledger keeps what was read of each worker before.
type ledger struct {
	marked, periodic map[int]*counts
}

func newLedger() *ledger {
	return &ledger{marked: map[int]*counts{}, periodic: map[int]*counts{}}
}

// period gives the status of a worker with its lag since the previous periodic one.
func (l *ledger) period(c *counts) targets.WorkerStatus {
	st := c.status()
	h := c.lags(l.periodic[c.pid])
	st.LoopLagP99, st.LoopLagMax = h.ValueAtQuantile(99), h.Max()
	l.periodic[c.pid] = c
	return st
}

// mark gives the status of a worker with its lag since the previous mark.
func (l *ledger) mark(c *counts) (targets.WorkerStatus, error) {
	st := c.status()
	h := c.lags(l.marked[c.pid])
	l.marked[c.pid] = c
	if h.TotalCount() == 0 {
		return st, nil
	}
	st.LoopLagP99, st.LoopLagMax = h.ValueAtQuantile(99), h.Max()
	b, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		return st, fmt.Errorf("encoding the loop lag of worker %d: %w", c.pid, err)
	}
	st.LoopLag = string(b)
	return st, nil
}

// forget drops a worker that is gone.
func (l *ledger) forget(pid int) {
	delete(l.marked, pid)
	delete(l.periodic, pid)
}
