package record

import "benchtop/lab"

// Packed bytes of events, from `benchtop run noise --blocks 4`: 26 slices, 213 rows and 201,354 bytes, of which the rows,
// with their four processes, are about a third. Most of a slice is its histograms.
const (
	sliceBytes  = 4600 // a slice with its phase
	rowBytes    = 340  // an interval and a sample, both four times a second
	processesOf = 4    // of that run
	noticeable  = 10 << 20
)

// Estimate is about how many bytes the run file of a plan takes, and of a free run an hour of it. A sample names every
// process, so that more of them make longer rows.
func Estimate(p *lab.Plan) int64 {
	slices, rows := p.Events()
	processes := 2 // lab and generator
	for i := range p.Variants {
		processes += max(1, p.Variants[i].Target.Workers)
	}
	return slices*sliceBytes + rows*rowBytes*int64(max(processes, processesOf))/processesOf
}

// Noticeable reports whether a run file of so many bytes is worth a word before the run.
func Noticeable(bytes int64) bool { return bytes >= noticeable }
