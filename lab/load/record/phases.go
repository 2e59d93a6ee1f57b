package record

import "benchtop/lab/load/histogram"

// phases are samples of the parts that a request's time falls into, besides the connect: nanoseconds. The parts do
// not overlap: connect, TLS handshake, from the request written to the first byte of the response, from that to the
// last byte. A response that came in one piece has no body phase to speak of: it counts as the shortest there is, 1 ns.
type phases struct {
	tls       *histogram.Samples // handshakes that ended in the slice
	resumed   uint64             // of those
	firstByte *histogram.Samples // of the ok responses in the window
	body      *histogram.Samples // of the same
}

func newPhases(tls bool) *phases {
	p := &phases{firstByte: histogram.NewSamples(), body: histogram.NewSamples()}
	if tls {
		p.tls = histogram.NewSamples()
	}
	return p
}

// answered notes the phases of an ok response. A server that responds before it was asked has answered at once.
func (p *phases) answered(o *Outcome) {
	p.firstByte.Record(o.First - o.Written)
	p.body.Record(o.Ended - max(o.First, o.Written))
}

// handshake notes one that took so long, in nanoseconds.
func (p *phases) handshake(took int64, resumed bool) {
	p.tls.Record(took)
	if resumed {
		p.resumed++
	}
}

// handshakes is how many there were.
func (p *phases) handshakes() uint64 {
	if p.tls == nil {
		return 0
	}
	return uint64(p.tls.Total()) //nolint:gosec // a count
}

// add merges the phases of another recorder in; what a slice has no phase of stays nil.
func (p *phases) add(o *phases) {
	if o == nil {
		return
	}
	p.resumed += o.resumed
	for _, x := range []struct {
		into **histogram.Samples
		from *histogram.Samples
	}{{&p.tls, o.tls}, {&p.firstByte, o.firstByte}, {&p.body, o.body}} {
		if x.from == nil {
			continue
		}
		if *x.into == nil {
			*x.into = histogram.NewSamples()
		}
		(*x.into).Add(x.from)
	}
}
