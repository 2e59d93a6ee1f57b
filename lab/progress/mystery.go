package progress

import (
	"math"
	"slices"
	"time"
)

// Mystery is what was done to find the fault of a service. Values are replaced, never changed in place.
type Mystery struct {
	Begun time.Time `json:"begun"` // when it was first looked at
	Tries []Try     `json:"tries,omitempty"`
}

// Try is a fault that was named, and what its repair came to.
type Try struct {
	Fault   string      `json:"fault"`
	At      time.Time   `json:"at"`
	Right   bool        `json:"right"`
	Metric  string      `json:"metric"` // in which the repair was measured
	Ratio   *float64    `json:"ratio"`  // of the repaired service over the one as it is
	CI95    *[2]float64 `json:"ci95"`
	Verdict string      `json:"verdict"`
	Shows   bool        `json:"shows,omitempty"` // the verdict is that it is better
}

// Solved is the try that was right, nil while there is none.
func (m *Mystery) Solved() *Try {
	for i := range m.Tries {
		if m.Tries[i].Right {
			return &m.Tries[i]
		}
	}
	return nil
}

// freeTime is how long a mystery may take before its time counts.
const freeTime = 5 * time.Minute

// Points are 100 for a fault that is found with the first try, in five minutes, and whose repair shows in what is measured. They
// are divided by the number of tries; half is left where the machine did not let the repair show, and in proportion where it took
// longer. 0: it is not found.
func (m *Mystery) Points() int {
	solved := m.Solved()
	if solved == nil {
		return 0
	}
	tries, points := 0, 100.0
	for i := range m.Tries {
		if tries++; m.Tries[i].Right {
			break
		}
	}
	if took := solved.At.Sub(m.Begun); took > freeTime {
		points *= freeTime.Seconds() / took.Seconds()
	}
	if !solved.Shows {
		points /= 2
	}
	return int(math.Round(points / float64(tries)))
}

// BeginMystery notes when the mystery of a seed is first looked at.
func (p *Progress) BeginMystery(seed string, at time.Time) {
	p.changeMystery(seed, at, func(*Mystery) {})
}

// TryMystery adds a try to the mystery of a seed, and begins it where nobody has looked at it.
func (p *Progress) TryMystery(seed string, begun time.Time, t Try) {
	p.changeMystery(seed, begun, func(m *Mystery) { m.Tries = append(slices.Clone(m.Tries), t) })
}

func (p *Progress) changeMystery(seed string, at time.Time, change func(*Mystery)) {
	m, known := p.Mysteries[seed]
	if !known {
		m.Begun = at
	}
	change(&m)
	if p.Mysteries == nil {
		p.Mysteries = map[string]Mystery{}
	}
	p.Mysteries[seed] = m
}
