package load

// phases are samples of the parts that a request's time falls into, beside the connect: nanoseconds. The parts do
// not overlap: connect, TLS handshake, from the request written to the first byte of the answer, from that to the
// last byte. An answer that came in one piece has no body phase to speak of: it counts as the shortest there is, 1 ns.
type phases struct {
	tls       *samples // handshakes that ended in the slice
	resumed   uint64   // of those
	firstByte *samples // of the ok answers in the window
	body      *samples // of the same
}

func newPhases(tls bool) *phases {
	p := &phases{firstByte: newSamples(), body: newSamples()}
	if tls {
		p.tls = newSamples()
	}
	return p
}

// answered notes the phases of an ok answer. A server that answers before it was asked has answered at once.
func (p *phases) answered(o *outcome) {
	p.firstByte.record(o.first - o.written)
	p.body.record(o.ended - max(o.first, o.written))
}

// handshake notes one that took so long, in nanoseconds.
func (p *phases) handshake(took int64, resumed bool) {
	p.tls.record(took)
	if resumed {
		p.resumed++
	}
}

// handshakes is how many there were.
func (p *phases) handshakes() uint64 {
	if p.tls == nil {
		return 0
	}
	return uint64(p.tls.total()) //nolint:gosec // a count
}

// add merges the phases of another recorder in; what a slice has no phase of stays nil.
func (p *phases) add(o *phases) {
	if o == nil {
		return
	}
	p.resumed += o.resumed
	for _, x := range []struct {
		into **samples
		from *samples
	}{{&p.tls, o.tls}, {&p.firstByte, o.firstByte}, {&p.body, o.body}} {
		if x.from == nil {
			continue
		}
		if *x.into == nil {
			*x.into = newSamples()
		}
		(*x.into).add(x.from)
	}
}
