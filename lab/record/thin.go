package record

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/load/histogram"
	"benchtop/lab/metric"
	"benchtop/lab/observe"
	"benchtop/targets"
)

// ThinLimit is how large a thinned run file of so many variants may be, packed, in bytes: 60 kB, and with more than five
// variants 12 kB for each.
func ThinLimit(variants int) int { return 12_000 * max(5, variants) }

// thinned is how much a thinned run leaves out, the least first.
var thinned = []struct {
	samples time.Duration // apart
	every   int           // row of a slice
}{{250 * time.Millisecond, 1}, {time.Second, 1}, {2 * time.Second, 1}, {5 * time.Second, 1}, {5 * time.Second, 2}, {5 * time.Second, 4}, {time.Hour, 8}, {time.Hour, 16}}

// Thin writes a run as a file of at most ThinLimit that gives the same Result, figure by figure. It leaves out what
// only the picture of the run on its way needs: samples of the processes, rows, digits of both, and the histograms of the slices. What those
// said stays: their figures at the slice, and all of them, merged, at the last slice of each variant. The run
// says of itself what was left out. A run that does not come to the same Result, or not below the limit, is an error.
func Thin(w io.Writer, events []lab.Event) error {
	whole := lab.FoldAll(events)
	if whole.Result == nil || whole.Plan.Free {
		return errors.New("only a run with an end can be thinned, and no free run")
	}
	bare, err := bareSlices(events, whole)
	if err != nil {
		return err
	}
	size, limit := 0, ThinLimit(len(whole.Variants))
	for _, level := range thinned {
		thin := sparse(bare, level.samples, level.every)
		thin[0].Run.Thinned = "samples of the processes " + level.samples.String() + " apart, digits of samples and rows, and the histograms of single slices are left out"
		if level.every > 1 {
			thin[0].Run.Thinned = fmt.Sprintf("one row of a slice in %d, ", level.every) + thin[0].Run.Thinned
		}
		if err := sameResult(whole.Result, thin); err != nil {
			return err
		}
		file, err := pack(thin)
		if err != nil {
			return err
		}
		if size = len(file); size <= limit {
			_, err = w.Write(file)
			return err
		}
	}
	return fmt.Errorf("the run is still %d bytes when it is thinned, more than %d", size, limit)
}

// bareSlices are the events with their slices without histograms.
func bareSlices(events []lab.Event, whole *lab.State) ([]lab.Event, error) {
	sums, last := map[string][]histogram.Sum{}, map[string]int{} // by variant; last: Index of its last slice that counts
	counts, idle := map[int]bool{}, map[int]float64{}
	for i := range whole.Variants {
		v := &whole.Variants[i]
		sums[v.ID] = make([]histogram.Sum, single+load.MaxEntries)
		for k := range v.Slices {
			d := &v.Slices[k]
			if !d.Discarded && d.Index > 0 {
				counts[d.Index], last[v.ID] = true, d.Index
			}
			if !math.IsNaN(d.Idle) {
				idle[d.Index] = d.Idle
			}
		}
	}
	out := slices.Clone(events)
	for i := range out {
		if out[i].Slice == nil {
			continue
		}
		s := out[i].Slice
		full := metric.Decode(s.Variant, &s.Load, s.Usage, s.Workers)
		if counts[s.Index] && !s.Warmup {
			for k, h := range full.All() {
				sums[s.Variant][k].Add(h)
			}
		}
		bare := stripped(s)
		if out[i].Slice = bare; s.Warmup {
			continue
		}
		bare.Figures = lost(full.Values().With(s.Figures), metric.Decode(s.Variant, &bare.Load, bare.Usage, bare.Workers).Values())
		if x, known := idle[s.Index]; known {
			bare.Idle = &x
		}
		if last[s.Variant] != s.Index {
			continue
		}
		for k, h := range histogramsOf(&bare.Load) {
			var err error
			if *h, err = merged(&sums[s.Variant][k], k > 0 && k < single); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// stripped is a slice without histograms, and with those processes only that its own figures are made of.
func stripped(s *lab.Slice) *lab.Slice {
	bare := *s
	bare.Load.Entries = slices.Clone(s.Load.Entries)
	for _, h := range histogramsOf(&bare.Load) {
		*h = ""
	}
	bare.Workers = slices.Clone(s.Workers)
	for k := range bare.Workers {
		w := &bare.Workers[k]
		w.WorkerStatus = targets.WorkerStatus{PID: w.PID, Role: w.Role, Upstream: w.Upstream, Levels: w.Levels}
	}
	bare.Usage.Procs = nil
	for _, p := range s.Usage.Procs {
		if p.Variant == s.Variant || p.Role == "lab" {
			p.Switches, p.FDs = nil, nil
			bare.Usage.Procs = append(bare.Usage.Procs, p)
		}
	}
	return &bare
}

// single is how many histograms a slice has besides those of the entries of a mix.
const single = 6

// histogramsOf are the histograms of a slice, in the order of metric.Histograms.
func histogramsOf(l *load.Summary) []*string {
	out := append(make([]*string, 0, single+len(l.Entries)), &l.Latency, &l.Service, &l.Connect, &l.TLS, &l.FirstByte, &l.Body)
	for i := range l.Entries {
		out = append(out, &l.Entries[i].Latency)
	}
	return out
}

// merged is a histogram of all slices that count. short, it has the median, the p99 and the longest of a hundred values: no
// result says more of connecting, handshakes, first bytes, bodies and service times.
func merged(sum *histogram.Sum, short bool) (string, error) {
	all := sum.Sparse()
	if all.TotalCount() == 0 {
		return "", nil
	}
	if !short {
		return histogram.Encode(sum.Histogram())
	}
	h := histogram.New()
	for _, v := range []struct{ ns, n int64 }{{all.ValueAtQuantile(50), 50}, {all.ValueAtQuantile(99), 49}, {all.Max(), 1}} {
		if err := h.RecordValues(v.ns, v.n); err != nil {
			return "", err
		}
	}
	return histogram.Encode(h)
}

// lost are the figures of a slice that it has no more, or others, without its histograms.
func lost(full, bare metric.Values) map[string]float64 {
	out := map[string]float64{}
	for _, m := range metric.All() {
		was, known := full.Of(m.Name)
		if is, still := bare.Of(m.Name); known && (!still || is != was) {
			out[m.Name] = was
		}
	}
	return out
}

// sparse leaves out rows, and samples but those so far apart, and the first and the last one of each process.
func sparse(events []lab.Event, apart time.Duration, every int) []lab.Event {
	edge := edges(events)
	out := make([]lab.Event, 0, len(events))
	next, row := int64(0), map[string]int{}
	for i := range events {
		e := events[i]
		switch {
		case e.Run != nil:
			run := *e.Run
			run.Machine.Hostname = ""
			e.Run = &run
		case e.Sample != nil && e.At >= next:
			next = e.At + int64(apart)
			e.Sample = rounded(e.Sample, nil)
		case e.Sample != nil && edge[i] != nil:
			e.Sample = rounded(e.Sample, edge[i])
		case e.Sample != nil:
			continue
		case e.Interval != nil:
			who := fmt.Sprint(e.Interval.Variant, e.Interval.Index)
			row[who]++
			if row[who]%every != 0 {
				continue
			}
			e.Interval = roundedRow(e.Interval)
		}
		e.Seq, e.At = uint64(len(out)+1), e.At/1e6*1e6
		out = append(out, e)
	}
	return out
}

// edges are the samples, by their places, in which processes are first and last seen: what those came to stands there.
func edges(events []lab.Event) map[int][]int {
	out, last := map[int][]int{}, map[int]int{}
	for i := range events {
		if events[i].Sample == nil {
			continue
		}
		for _, p := range events[i].Sample.Procs {
			if _, seen := last[p.PID]; !seen {
				out[i] = append(out[i], p.PID)
			}
			last[p.PID] = i
		}
	}
	for pid, i := range last {
		out[i] = append(out[i], pid)
	}
	return out
}

// rounded is a sample of some processes, nil: of all, with what a picture of it needs.
func rounded(s *lab.SampleEvent, of []int) *lab.SampleEvent {
	out := &lab.SampleEvent{Usage: observe.HostUsage{
		Busy: digits(s.Usage.Busy), Foreign: digits(s.Usage.Foreign), Steal: s.Usage.Steal, Throttled: s.Usage.Throttled, Unknown: s.Usage.Unknown,
	}}
	out.At = s.At / 1e6 * 1e6
	for _, p := range s.Procs {
		if of != nil && !slices.Contains(of, p.PID) {
			continue
		}
		p.Percent, p.At, p.CPU, p.Born, p.Switches = digits(p.Percent), 0, 0, 0, nil
		out.Procs = append(out.Procs, p)
	}
	return out
}

// roundedRow is a row with times in milliseconds and three digits of its latencies.
func roundedRow(r *lab.Interval) *lab.Interval {
	out := *r
	out.From, out.To = r.From/1e6*1e6, r.To/1e6*1e6
	for _, us := range []*float64{&out.P50, &out.P90, &out.P95, &out.P99, &out.Max} {
		*us = digits(*us)
	}
	out.Counts.BytesIn, out.Counts.Attempts = 0, 0
	return &out
}

// digits rounds to three significant ones.
func digits(x float64) float64 {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	scale := math.Pow(10, 2-math.Floor(math.Log10(math.Abs(x))))
	return math.Round(x*scale) / scale
}

// sameResult holds the Result of a thinned run against that of the whole one.
func sameResult(want *lab.Result, events []lab.Event) error {
	got := *lab.FoldAll(events).Result
	got.Thinned = want.Thinned
	a, errA := json.Marshal(want)
	b, errB := json.Marshal(&got)
	if err := errors.Join(errA, errB); err != nil {
		return err
	}
	if bytes.Equal(a, b) {
		return nil
	}
	var fields []string
	for i := range reflect.TypeFor[lab.Result]().NumField() {
		x, y := reflect.ValueOf(*want).Field(i).Interface(), reflect.ValueOf(got).Field(i).Interface()
		if !reflect.DeepEqual(x, y) {
			fields = append(fields, reflect.TypeFor[lab.Result]().Field(i).Name)
		}
	}
	return fmt.Errorf("the thinned run comes to another result than the whole one: %v", fields)
}

func pack(events []lab.Event) ([]byte, error) {
	var b bytes.Buffer
	zip, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	lines := json.NewEncoder(zip)
	for i := range events {
		if err := lines.Encode(&events[i]); err != nil {
			return nil, fmt.Errorf("writing event %d: %w", events[i].Seq, err)
		}
	}
	if err := zip.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
