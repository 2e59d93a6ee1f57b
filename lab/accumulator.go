package lab

import (
	"github.com/HdrHistogram/hdrhistogram-go"

	"benchtop/lab/load"
)

// accumulator is what the fold keeps of one variant beside its state.
type accumulator struct {
	latency, service, connect *hdrhistogram.Histogram
	tls, firstByte, body      *hdrhistogram.Histogram // nil until there is something in them
	cpuWindow, wallWindow     map[int]int64           // by PID
}

func newAccumulator() *accumulator {
	a := &accumulator{cpuWindow: map[int]int64{}, wallWindow: map[int]int64{}}
	a.reset()
	return a
}

// reset empties the histograms.
func (a *accumulator) reset() {
	a.latency, a.service, a.connect = load.NewHistogram(), load.NewHistogram(), load.NewHistogram()
	a.tls, a.firstByte, a.body = nil, nil, nil
}

// add merges what a slice measured in.
func (a *accumulator) add(s *load.Summary) {
	merge(a.latency, s.Latency)
	merge(a.service, s.Service)
	merge(a.connect, s.Connect)
	for _, x := range []struct {
		into **hdrhistogram.Histogram
		from string
	}{{&a.tls, s.TLS}, {&a.firstByte, s.FirstByte}, {&a.body, s.Body}} {
		if x.from == "" {
			continue
		}
		if *x.into == nil {
			*x.into = load.NewHistogram()
		}
		merge(*x.into, x.from)
	}
}
