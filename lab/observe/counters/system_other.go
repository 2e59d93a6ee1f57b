//go:build !linux

package counters

import "errors"

var errLinux = errors.New("counters need Linux")

// System has nothing: counters are read by perf_event_open.
func System() Source { return none{} }

type none struct{}

func (none) Here() []Have {
	var out []Have
	for _, event := range Events() {
		out = append(out, Have{Event: event, Lacks: errLinux.Error()})
	}
	return out
}

func (none) Threads(int) ([]int, error)        { return nil, errLinux }
func (none) Open(string, int) (Counter, error) { return nil, errLinux }
