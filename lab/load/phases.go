package load

import "github.com/HdrHistogram/hdrhistogram-go"

// phases are histograms of the parts that a request's time falls into, beside the connect: nanoseconds. The parts do
// not overlap: connect, TLS handshake, from the request written to the first byte of the answer, from that to the
// last byte. An answer that came in one piece has no body phase to speak of: it counts as the shortest there is, 1 ns.
type phases struct {
	tls       *hdrhistogram.Histogram // handshakes that ended in the slice
	resumed   uint64                  // of those
	firstByte *hdrhistogram.Histogram // of the ok answers in the window
	body      *hdrhistogram.Histogram // of the same
}

func newPhases(tls bool) *phases {
	p := &phases{firstByte: NewHistogram(), body: NewHistogram()}
	if tls {
		p.tls = NewHistogram()
	}
	return p
}

// answered notes the phases of an ok answer. A server that answers before it was asked has answered at once.
func (p *phases) answered(o *outcome) {
	record(p.firstByte, o.first-o.written)
	record(p.body, o.ended-max(o.first, o.written))
}

// handshake notes one that took so long, in nanoseconds.
func (p *phases) handshake(took int64, resumed bool) {
	record(p.tls, took)
	if resumed {
		p.resumed++
	}
}

// add merges the phases of another recorder in; what a slice has no phase of stays nil.
func (p *phases) add(o *phases) {
	if o == nil {
		return
	}
	p.resumed += o.resumed
	for _, x := range []struct {
		into **hdrhistogram.Histogram
		from *hdrhistogram.Histogram
	}{{&p.tls, o.tls}, {&p.firstByte, o.firstByte}, {&p.body, o.body}} {
		if x.from == nil {
			continue
		}
		if *x.into == nil {
			*x.into = NewHistogram()
		}
		(*x.into).Merge(x.from)
	}
}
