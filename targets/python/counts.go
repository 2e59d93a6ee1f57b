package python

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"benchtop/targets"
	"benchtop/targets/calls"
	"benchtop/targets/count"
	"benchtop/targets/payload"
	"benchtop/targets/proc"
	"benchtop/targets/shop"
	"benchtop/targets/tasks"
)

// The file that a worker counts in; app/benchtop_counts.py writes it, all but the number at markAt. Behind these stands what
// the target's services and settings add.
const (
	countsMagic = "BTCOUNT2"
	nameBytes   = 24
	headBytes   = 16 + 2*nameBytes
	buckets     = 448 // of a histogram
	servedAt    = 0
	startedAt   = 1
	finishedAt  = 2
	acceptedAt  = 3
	closedAt    = 4
	rejectedAt  = 5
	markAt      = 6
	lagAt       = 7
	namedAt     = lagAt + buckets
	finest      = 16 // microseconds, up to which there is one bucket for each
	perOctave   = 16
)

// named lists what workers count besides, in the order of their places.
type named struct {
	Counters   []string `json:"counters"`   // since the start
	Levels     []string `json:"levels"`     // now
	Peaks      []string `json:"peaks"`      // the greatest since the last mark: two numbers each, the second is the mark
	Histograms []string `json:"histograms"` // of nanoseconds
}

// countsOf are the counts of a target's workers: those of what they compress and observe, of a service that the target has, and of a cache that
// needs none.
func countsOf(s targets.Spec) []count.Named {
	cache := own(&s).Cache.Filled()
	has := map[string]bool{
		"db": s.HasService(shop.Database), "cache": s.HasService(shop.Service) || cache.Where == shop.InProcess || cache.Where == shop.Off,
		"calls": s.HasService(targets.ServiceUpstream),
	}
	out := slices.DeleteFunc(slices.Concat(count.Names(shop.Counts), count.Names(calls.Counts)), func(c count.Named) bool {
		of, _, _ := strings.Cut(c.Name, "_")
		return !has[of]
	})
	out = append(out, count.Names(tasks.Counts)...)
	if own(&s).Gzip.Filled().Where != payload.Off {
		out = append(out, count.Names(payload.Counts)...)
	}
	return append(out, slices.DeleteFunc(observed(s).Counts(), func(c count.Named) bool { return c.Name == "telemetry_samples_handler" })...) // all are
}

func namedOf(s targets.Spec) *named {
	n := &named{Counters: []string{}, Levels: []string{}, Peaks: []string{}, Histograms: []string{}}
	for _, c := range countsOf(s) {
		switch c.Kind {
		case count.KindCounter:
			n.Counters = append(n.Counters, c.Name)
		case count.KindLevel:
			n.Levels = append(n.Levels, c.Name)
		case count.KindPeak:
			n.Peaks = append(n.Peaks, c.Name)
		case count.KindHistogram:
			n.Histograms = append(n.Histograms, c.Name)
		}
	}
	return n
}

// metric is a count as /metrics has it.
type metric struct {
	Count string `json:"count"` // its name in named
	Name  string `json:"name"`
	Kind  string `json:"kind"`
	Doc   string `json:"doc"`
}

func metricsOf(s targets.Spec) []metric {
	out := []metric{}
	for _, c := range countsOf(s) {
		if c.Kind != count.KindHistogram {
			name, kind := c.Metric()
			out = append(out, metric{c.Name, name, kind, c.Doc})
		}
	}
	return out
}

func (n *named) peaksAt() int      { return namedAt + len(n.Counters) + len(n.Levels) }
func (n *named) histogramsAt() int { return n.peaksAt() + 2*len(n.Peaks) }
func (n *named) length() int       { return n.histogramsAt() + buckets*len(n.Histograms) }

// counts are what a worker counted since its start.
type counts struct {
	pid        int
	loop, http string
	named      *named
	numbers    []uint64
}

func countsFile(folder string, pid int) string {
	return filepath.Join(folder, countsFolder, strconv.Itoa(pid)+".counts")
}

// readCounts reads the counts of a worker. The file is written by the worker in its mapped memory; each number is read
// whole, the numbers among each other may be some microseconds apart.
func readCounts(folder string, pid int, n *named) (*counts, error) {
	name := countsFile(folder, pid)
	b, err := os.ReadFile(name) // #nosec G304 -- in the folder of the target
	if err != nil {
		return nil, fmt.Errorf("reading the counts of worker %d: %w", pid, err)
	}
	if len(b) != headBytes+8*n.length() || string(b[:len(countsMagic)]) != countsMagic {
		return nil, fmt.Errorf("reading the counts of worker %d: %s is not such a file (%d bytes)", pid, name, len(b))
	}
	c := &counts{
		pid:  int(binary.NativeEndian.Uint64(b[8:])),
		loop: text(b[16 : 16+nameBytes]), http: text(b[16+nameBytes : headBytes]),
		named: n, numbers: make([]uint64, n.length()),
	}
	if c.pid != pid {
		return nil, fmt.Errorf("reading the counts of worker %d: they are those of %d", pid, c.pid)
	}
	for i := range c.numbers {
		c.numbers[i] = binary.NativeEndian.Uint64(b[headBytes+8*i:])
	}
	return c, nil
}

// beginMark lets the peaks of a worker begin again. It sees the number when it next reaches for one.
func (c *counts) beginMark(folder string) error {
	if len(c.named.Peaks) == 0 {
		return nil
	}
	f, err := os.OpenFile(countsFile(folder, c.pid), os.O_WRONLY, 0) // #nosec G304 -- in the folder of the target
	if err != nil {
		return fmt.Errorf("marking the counts of worker %d: %w", c.pid, err)
	}
	_, err = f.WriteAt(binary.NativeEndian.AppendUint64(nil, c.numbers[markAt]+1), headBytes+8*markAt)
	return errors.Join(err, f.Close())
}

func text(b []byte) string { return string(bytes.TrimRight(b, "\x00")) }

// since gives the histogram at a place since an earlier reading, which may be nil.
func (c *counts) since(earlier *counts, at int) *hdrhistogram.Histogram {
	h := hdrhistogram.New(1, int64(10*time.Minute), 2)
	for i := range buckets {
		n := c.numbers[at+i]
		if earlier != nil {
			n -= earlier.numbers[at+i]
		}
		if n > 0 {
			_ = h.RecordValues(min(middleOf(i), h.HighestTrackableValue()), int64(n)) // cannot fail inside of the range
		}
	}
	return h
}

// middleOf is the middle of a bucket, in nanoseconds.
func middleOf(bucket int) int64 {
	us, width := int64(bucket), int64(1)
	if bucket >= finest {
		octave := bucket/perOctave - 1
		us, width = int64(perOctave+bucket%perOctave)<<octave, int64(1)<<octave
	}
	return us*1000 + width*500
}

// status puts the counts into the form of the other servers' workers.
func (c *counts) status() targets.WorkerStatus {
	n := c.numbers
	st := targets.WorkerStatus{
		PID: c.pid, At: proc.Now(), Served: n[servedAt], Accepted: n[acceptedAt], Rejected: n[rejectedAt],
		InFlight: below(n[startedAt], n[finishedAt]), Open: below(n[acceptedAt], n[closedAt]),
	}
	if c.named.length() == namedAt {
		return st
	}
	st.Counters, st.Levels = map[string]uint64{}, map[string]int64{}
	for i, name := range c.named.Counters {
		st.Counters[name] = n[namedAt+i]
	}
	for i, name := range c.named.Levels {
		st.Levels[name] = int64(n[namedAt+len(c.named.Counters)+i])
	}
	for i, name := range c.named.Peaks {
		st.Levels[name] = 0
		if peak := n[c.named.peaksAt()+2*i:]; peak[1] == n[markAt] {
			st.Levels[name] = int64(peak[0])
		}
	}
	return st
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
	h := c.since(l.periodic[c.pid], lagAt)
	st.LoopLagP99, st.LoopLagMax = h.ValueAtQuantile(99), h.Max()
	l.periodic[c.pid] = c
	return st
}

// mark gives the status of a worker with its histograms since the previous mark.
func (l *ledger) mark(c *counts) (targets.WorkerStatus, error) {
	st, earlier := c.status(), l.marked[c.pid]
	l.marked[c.pid] = c
	h := c.since(earlier, lagAt)
	var err error
	if st.LoopLag, err = encoded(h); err != nil {
		return st, fmt.Errorf("encoding the loop lag of worker %d: %w", c.pid, err)
	}
	st.LoopLagP99, st.LoopLagMax = h.ValueAtQuantile(99), h.Max()
	for i, name := range c.named.Histograms {
		text, err := encoded(c.since(earlier, c.named.histogramsAt()+buckets*i))
		if err != nil {
			return st, fmt.Errorf("encoding %s of worker %d: %w", name, c.pid, err)
		}
		if text != "" {
			if st.Histograms == nil {
				st.Histograms = map[string]string{}
			}
			st.Histograms[name] = text
		}
	}
	return st, nil
}

// encoded is a histogram as text, empty where nothing was recorded.
func encoded(h *hdrhistogram.Histogram) (string, error) {
	if h.TotalCount() == 0 {
		return "", nil
	}
	b, err := h.Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	return string(b), err
}

// forget drops a worker that is gone.
func (l *ledger) forget(pid int) {
	delete(l.marked, pid)
	delete(l.periodic, pid)
}
