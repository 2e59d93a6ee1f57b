// Package payload is what becomes of the body of a response on its way out of a worker: whether it is compressed, and where
// that is done.
package payload

import "benchtop/targets"

// Payload is what one worker does with its bodies, and what it counts of that.
type Payload struct {
	gzip *Compressor // nil: it compresses none
}

// Open gives the payload of a worker with these settings.
func Open(gzip *Gzip) *Payload {
	return &Payload{gzip: newCompressor(gzip.Filled())}
}

// Gzip compresses the worker's responses; nil: they go as they are.
func (p *Payload) Gzip() *Compressor { return p.gzip }

// Status adds to what a worker says about itself.
func (p *Payload) Status(st *targets.WorkerStatus) {
	for i := range Counts {
		if n, has := p.value(&Counts[i]); has {
			if st.Counters == nil {
				st.Counters = map[string]uint64{}
			}
			st.Counters[Counts[i].Name] = n
		}
	}
}
