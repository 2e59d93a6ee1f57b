package report

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"benchtop/lab"
	"benchtop/lab/metric"
)

// Series writes the rows of load of a run over time as CSV, as its events come: one for each interval (250 ms) of a variant, the
// warm-up included. It keeps nothing of them. CPU and memory are those of all processes of the variant's target in the
// sample before the row's end. An empty field was not measured; a row without a rate is a drain or too short for one.
type Series struct {
	out      *csv.Writer
	scenario string
	thinned  bool
	targets  map[string]used // by variant
	rows     int
}

// used is what the processes of a target used: cores and bytes; nil: not known.
type used struct{ cpu, memory *float64 }

// NewSeries writes to w.
func NewSeries(w io.Writer) *Series { return &Series{out: csv.NewWriter(w)} }

// ErrNoSeries is the error of Close for a run file without rows.
var ErrNoSeries = errors.New("its file has no rows over time")

// Close writes what is left. The error wraps ErrNoSeries when there was no row.
func (s *Series) Close() error {
	s.out.Flush()
	switch {
	case s.out.Error() != nil:
		return fmt.Errorf("writing CSV: %w", s.out.Error())
	case s.rows == 0 && s.thinned:
		return fmt.Errorf("%w: they were left out when it was thinned; take the run that was saved first", ErrNoSeries)
	case s.rows == 0:
		return fmt.Errorf("%w: the run ended before its first one", ErrNoSeries)
	}
	return nil
}

// Event takes the next event of the run.
func (s *Series) Event(e *lab.Event) error {
	switch {
	case e.Run != nil:
		s.scenario, s.thinned = e.Run.Plan.ID, e.Run.Thinned != ""
		header := []string{"scenario", "variant", "time_s", "seconds", "phase", "slice", metric.Named("rps").Column(), "offered"}
		for _, name := range []string{"p50", "p99", "errors"} {
			header = append(header, metric.Named(name).Column())
		}
		return s.write(append(header, "target_cpu_cores", "target_rss_bytes"))
	case e.Sample != nil:
		s.sample(e.Sample)
	case e.Interval != nil:
		s.rows++
		return s.write(s.row(e.Interval))
	}
	return nil
}

func (s *Series) write(row []string) error {
	if err := s.out.Write(row); err != nil {
		return fmt.Errorf("writing CSV: %w", err)
	}
	return nil
}

// sample adds the processes of each target up.
func (s *Series) sample(e *lab.SampleEvent) {
	s.targets = map[string]used{}
	add := func(to *float64, v float64) *float64 {
		if to != nil {
			v += *to
		}
		return &v
	}
	for i := range e.Procs {
		p := &e.Procs[i]
		if p.Variant == "" || p.Gone {
			continue
		}
		u := s.targets[p.Variant]
		u.cpu = add(u.cpu, p.Percent/100)
		if p.RSS != nil {
			u.memory = add(u.memory, float64(*p.RSS))
		}
		s.targets[p.Variant] = u
	}
}

func (s *Series) row(i *lab.Interval) []string {
	phase, slice := i.Phase, ""
	if i.Warmup {
		phase = lab.PhaseWarmup
	} else {
		slice = strconv.Itoa(i.Index)
	}
	var rps, offered, p50, p99 *float64
	if v, ok := i.Rate(); ok {
		rps = &v
	}
	if i.Offered > 0 {
		offered = &i.Offered
	}
	if i.Counts.Requests > 0 {
		p50, p99 = &i.P50, &i.P99
	}
	u := s.targets[i.Variant]
	out := []string{
		textCell(s.scenario), textCell(i.Variant), strconv.FormatFloat(time.Duration(i.To).Seconds(), 'f', 3, 64),
		strconv.FormatFloat(time.Duration(i.To-i.From).Seconds(), 'f', 3, 64), phase, slice,
	}
	for _, v := range []*float64{rps, offered, p50, p99} {
		out = append(out, cell([]*float64{v}, 0))
	}
	return append(out, strconv.FormatUint(i.Counts.Requests-i.Counts.OK, 10), cell([]*float64{u.cpu}, 0), cell([]*float64{u.memory}, 0))
}
