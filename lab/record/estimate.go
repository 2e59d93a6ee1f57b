package record

import (
	"time"

	"benchtop/lab"
	"benchtop/lab/observe"
)

// Packed bytes of events, measured in runs of two variants with four processes (BenchmarkRead's script is of that shape).
const (
	sliceBytes  = 1400 // a slice with its phase
	rowBytes    = 340  // an interval and a sample, both every observe.Every
	noticeable  = 10 << 20
	processesOf = 4 // of that run
)

// Estimate is about how many bytes the run file of a plan takes, and of a free run an hour of it. A sample names every
// process, so that more of them make longer rows.
func Estimate(p *lab.Plan) int64 {
	took, slices := p.Duration(), int64(len(p.Variants)*(1+p.SlicesPerVariant()))
	if p.Free {
		took, slices = time.Hour, int64(time.Hour/(p.Settle+p.Slice))
	}
	processes := 2
	for i := range p.Variants {
		processes += max(1, p.Variants[i].Target.Workers)
	}
	rows := int64(took / observe.Every)
	return slices*sliceBytes + rows*rowBytes*int64(max(processes, processesOf))/processesOf
}

// Noticeable reports whether a run file of so many bytes is worth a word before the run.
func Noticeable(bytes int64) bool { return bytes >= noticeable }
