package telemetry

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime/pprof"
	"strings"
	"sync/atomic"
)

// profile is the CPU profile of a worker, which goes on all the time. At each mark what it has is read and counted, and it
// begins again.
type profile struct {
	out                bytes.Buffer // compressed, in the format of github.com/google/pprof/proto/profile.proto
	samples, inHandler atomic.Int64
}

// handlers is in the name of the function below which every handler runs.
const handlers = "/endpoint.(*Exchange).Respond"

func (p *profile) begin() error {
	p.out.Reset()
	if err := pprof.StartCPUProfile(&p.out); err != nil {
		return fmt.Errorf("beginning the CPU profile: %w", err)
	}
	return nil
}

// end waits until all of it is written.
func (p *profile) end() { pprof.StopCPUProfile() }

func (p *profile) rotate() error {
	p.end()
	z, err := gzip.NewReader(&p.out)
	if err != nil {
		return fmt.Errorf("reading the CPU profile: %w", err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		return fmt.Errorf("reading the CPU profile: %w", err)
	}
	all, some, err := samplesIn(b, handlers)
	if err != nil {
		return fmt.Errorf("reading the CPU profile: %w", err)
	}
	p.samples.Add(all)
	p.inHandler.Add(some)
	return p.begin()
}

// samplesIn counts the samples of a profile, and those with a function whose name holds a text on their stack.
func samplesIn(profile []byte, name string) (all, some int64, err error) {
	var names []string
	var samples, locations, functions []message
	for f := range fields(profile, &err) {
		switch f.number {
		case 2:
			samples = append(samples, f.bytes)
		case 4:
			locations = append(locations, f.bytes)
		case 5:
			functions = append(functions, f.bytes)
		case 6:
			names = append(names, string(f.bytes))
		}
	}
	called := map[uint64]bool{} // by the number of a function: it has the name
	for _, m := range functions {
		id, at := m.number(1, &err), m.number(2, &err)
		called[id] = at < uint64(len(names)) && strings.Contains(names[at], name)
	}
	within := map[uint64]bool{} // by the number of a location: one of its lines is in such a function
	for _, m := range locations {
		id := m.number(1, &err)
		for f := range fields(m, &err) {
			if f.number == 4 {
				within[id] = within[id] || called[message(f.bytes).number(1, &err)]
			}
		}
	}
	for _, m := range samples {
		values, found := m.numbers(2, &err), false
		if len(values) == 0 {
			continue
		}
		for _, id := range m.numbers(1, &err) {
			found = found || within[id]
		}
		all += int64(values[0]) // #nosec G115 -- a number of samples
		if found {
			some += int64(values[0]) // #nosec G115
		}
	}
	return all, some, err
}

// message is one of protocol buffers (protobuf.dev/programming-guides/encoding).
type message []byte

// field is one of a message: a number, or bytes.
type field struct {
	number uint64
	value  uint64
	bytes  []byte
}

var errShort = errors.New("it ends in the middle, or has a field of an unknown type")

// fields are those of a message, until one cannot be read.
func fields(m message, err *error) func(yield func(field) bool) {
	return func(yield func(field) bool) {
		for len(m) > 0 && *err == nil {
			key, n := binary.Uvarint(m)
			if n <= 0 {
				*err = errShort
				return
			}
			m = m[n:]
			f := field{number: key >> 3}
			if f.value, n = binary.Uvarint(m); n <= 0 {
				*err = errShort
				return
			}
			m = m[n:]
			switch key & 7 {
			case 0:
			case 2:
				if f.value > uint64(len(m)) {
					*err = errShort
					return
				}
				f.bytes, m = m[:f.value], m[f.value:]
			default: // this format has none
				*err = errShort
				return
			}
			if !yield(f) {
				return
			}
		}
	}
}

// number is the value of a field with one; 0 where it is left out.
func (m message) number(number uint64, err *error) (v uint64) {
	for f := range fields(m, err) {
		if f.number == number {
			v = f.value
		}
	}
	return v
}

// numbers are the values of a field with several, packed or one by one.
func (m message) numbers(number uint64, err *error) (out []uint64) {
	for f := range fields(m, err) {
		if f.number != number {
			continue
		}
		if f.bytes == nil {
			out = append(out, f.value)
			continue
		}
		for b := f.bytes; len(b) > 0; {
			v, n := binary.Uvarint(b)
			if n <= 0 {
				*err = errShort
				return out
			}
			out, b = append(out, v), b[n:]
		}
	}
	return out
}
