package lab

import (
	"fmt"

	"benchtop/lab/load"
	"benchtop/lab/observe"
)

// openConnections is how many connections the generator may open for a slice of an open model that names no number.
const openConnections = 1000

// Descriptors is how many open descriptors the hungriest process of a plan may need: two per connection, 32 per
// process, and 128 for the rest.
func (p *Plan) Descriptors() uint64 {
	connections, processes := 0, 2
	if p.Order == Together { // a generator for each
		processes += len(p.Variants) - 1
	}
	for i := range p.Variants {
		n := p.Variants[i].Load.Connections
		if n == 0 && p.Variants[i].Load.Model == load.Open {
			n = openConnections
		}
		connections = max(connections, n)
		processes += max(1, p.Variants[i].Target.Workers)
	}
	return uint64(2*connections + 32*processes + 128) //nolint:gosec // capped far below by validation
}

// CheckBudget refuses a plan that the machine's limits cannot carry, naming the number that it needs.
func CheckBudget(p *Plan, m observe.Machine) error {
	need := p.Descriptors()
	limit := max(m.Files, m.FilesHard) // soft limits are raised to the hard one where they are needed
	if limit > 0 && limit < need {
		return fmt.Errorf("it needs %d open descriptors and the limit is %d: raise it (`ulimit -n %d`) or use fewer connections",
			need, limit, need)
	}
	return nil
}
