// Package mystery is the game of the scenario mystery: one of its faults is in a service, drawn by a seed, and somebody finds
// out which. What a run says of the service has the settings sealed that any of the faults changes; the target alone is
// started with what they are. A guess is judged by its repair, measured against the service as it is.
package mystery

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/expect"
	"benchtop/lab/metric"
	"benchtop/lab/stats"
	"benchtop/scenarios"
	"benchtop/targets/printable"
	"benchtop/targets/spelling"
)

// Scenario is the one whose variants are the faults, and whose baseline has none.
const Scenario = "mystery"

// Ids of the plans and the variants of the game.
const (
	LookID    = Scenario + "-look"
	HealthyID = Scenario + "-healthy"
	TrialID   = Scenario + "-trial"
	Service   = "service"  // as it is
	Healthy   = "healthy"  // without a fault
	Repaired  = "repaired" // with the fault repaired that was named
)

// Fault is one that may be in the service.
type Fault struct {
	ID     string
	Label  string
	Metric string // in which its repair shows
	Sign   string // the counter that it moves, of a service with that behind a dot
	keys   []string
}

// Better is the verdict of a repair that shows.
func (f *Fault) Better() stats.Verdict {
	if metric.Named(f.Metric).Lower {
		return stats.Lower
	}
	return stats.Higher
}

func (f *Fault) worse() stats.Verdict {
	if f.Better() == stats.Lower {
		return stats.Higher
	}
	return stats.Lower
}

// Case is a service with a fault.
type Case struct {
	Seed   uint64
	Faults []Fault

	scenario *lab.Plan
	fault    int         // that it has
	sealed   []string    // keys that any fault changes
	faulty   object      // the target with the fault
	healthy  object      // and without one
	known    lab.Variant // what is said of it
}

// Open draws the fault of a seed. The error is one of this program.
func Open(seed uint64) (*Case, error) {
	file, err := scenarios.Load(Scenario)
	if err != nil {
		return nil, err
	}
	p := file.Plan
	c := &Case{Seed: seed, scenario: p}
	healthy := p.Variant(p.Baseline)
	if c.healthy, err = objectOf(&healthy.Target); err != nil {
		return nil, err
	}
	var faulty []object
	for i := range p.Variants {
		v := &p.Variants[i]
		if v.ID == healthy.ID {
			continue
		}
		o, err := objectOf(&v.Target)
		if err != nil {
			return nil, err
		}
		f := Fault{ID: v.ID, Label: v.Label, keys: differing(c.healthy, o, "")}
		if f.Metric, f.Sign = compared(p.Expect, v.ID, p.Baseline), first(p.Mechanism, v.ID); f.Metric == "" || f.Sign == "" || len(f.keys) == 0 {
			return nil, fmt.Errorf("%s: the fault %s needs a setting of its own, a comparison with %s in expect and a line in mechanism", Scenario, v.ID, p.Baseline)
		}
		c.Faults, faulty = append(c.Faults, f), append(faulty, o)
		c.sealed = append(c.sealed, f.keys...)
	}
	slices.Sort(c.sealed)
	c.sealed = slices.Compact(c.sealed)
	c.fault = drawn(seed, len(c.Faults))
	c.faulty = faulty[c.fault]
	c.known = *healthy
	c.known.Sealed = c.sealed
	masked := c.healthy.clone()
	for _, key := range c.sealed {
		masked.put(key, nil)
	}
	c.known.Target, err = masked.spec()
	return c, err
}

// drawn is the place of the fault of a seed: of n seeds in a row, from a multiple of n on, each has another one.
func drawn(seed uint64, n int) int {
	count := uint64(n)                                        //nolint:gosec // some faults
	order := rand.New(rand.NewPCG(seed/count, count)).Perm(n) //nolint:gosec // a game, and everybody is to have the same
	return order[seed%count]
}

// compared is the metric of the first expectation that compares a fault with the baseline.
func compared(lines []string, fault, baseline string) string {
	for _, line := range lines {
		e, err := expect.Parse(line)
		if err != nil {
			continue
		}
		if refs := e.Refs(); len(refs) == 2 && refs[0].Variant == fault && refs[1].Variant == baseline {
			return refs[0].Metric
		}
	}
	return ""
}

// first is the metric of the first line that names a variant, with its service.
func first(lines []string, variant string) string {
	for _, line := range lines {
		if e, err := expect.Parse(line); err == nil {
			for _, ref := range e.Refs() {
				if ref.Variant == variant {
					return metric.Key(ref.Metric, ref.Service)
				}
			}
		}
	}
	return ""
}

// ErrNoFault is wrapped by the error of Named.
var ErrNoFault = errors.New("no such fault")

// Named finds a fault by its id.
func (c *Case) Named(id string) (*Fault, error) {
	ids := make([]string, len(c.Faults))
	for i := range c.Faults {
		if ids[i] = c.Faults[i].ID; ids[i] == id {
			return &c.Faults[i], nil
		}
	}
	return nil, fmt.Errorf("%w: %s; %sallowed: %s", ErrNoFault, printable.Line(id), spelling.DidYouMean(id, ids), strings.Join(ids, ", "))
}

// Answer is the fault that the service has.
func (c *Case) Answer() *Fault { return &c.Faults[c.fault] }

// Look is a run of the service alone, of about the given length.
func (c *Case) Look(length time.Duration) *lab.Plan {
	return c.alone(length, LookID, "What is wrong with this service?", c.variant(Service, "the service as it is"))
}

// Healthy is such a run of the same service without a fault, for its figures. It is the same for all cases.
func (c *Case) Healthy(length time.Duration) *lab.Plan {
	return c.alone(length, HealthyID, "What does a healthy service count?", c.variant(Healthy, "the same without a fault"))
}

func (c *Case) alone(length time.Duration, id, title string, v lab.Variant) *lab.Plan {
	p := c.plan(nil, id, title, v)
	p.Blocks = max(1, int(length/(2*(p.Slice+p.Settle))))
	return p
}

// Times of the run that measures a repair: the warm-up is long enough for a pool to run empty.
const (
	trialWarmup = 2500 * time.Millisecond
	trialSlice  = time.Second
	trialBlocks = 4
)

// Trial is the run that measures the repair of a fault against the service as it is. Of a fault that it does not have the
// repair changes nothing. The plan is the same whether it has it or not, and so are its conclusions: they say of the repair alone
// what holds in both cases.
func (c *Case) Trial(f *Fault) *lab.Plan {
	p := c.plan(f, TrialID, "What does the repair of "+f.ID+" change?", c.variant(Service, "as it is"), c.variant(Repaired, "without: "+f.Label))
	p.Metric, p.Warmup, p.Slice, p.Blocks = f.Metric, trialWarmup, trialSlice, trialBlocks
	words := metric.Named(f.Metric).Words
	p.Conclusions = []lab.Conclusion{
		{
			When:  []string{"verdict(" + Repaired + ") == " + string(f.Better())},
			Means: "The repair shows: " + words + " is better without this fault, and all else is the same.",
			Do:    "Look at the counter that moved, to know it again.",
		},
		{
			When:  []string{"verdict(" + Repaired + ") == " + string(f.worse())},
			Means: "With the repair " + words + " is worse, and this fault cannot better it: something else differs in this run.",
			Do:    "Look at the errors of both columns, and run it again.",
		},
		{
			When:  []string{"verdict(" + Repaired + ") == no_difference"},
			Means: "The repair changes nothing in " + words + ", which this fault moves.",
			Do:    "Read what the guess came to. If the service has another fault, look again: where does somebody wait, and what is done that need not be?",
		},
		{
			Means: "This run cannot tell whether the repair changes anything in " + words + ", which this fault moves. Whether the guess is right does not hang on that.",
			Do:    "Read what the guess came to, and compare the counters of both columns.",
		},
	}
	return p
}

func (c *Case) variant(id, label string) lab.Variant {
	v := c.known
	v.ID, v.Label = id, label
	return v
}

// plan is one in which Repaired is without a fault, and Healthy without any.
func (c *Case) plan(without *Fault, id, title string, variants ...lab.Variant) *lab.Plan {
	s := c.scenario
	var signs []string
	for i := range c.Faults {
		signs = append(signs, row(c.Faults[i].Sign).Name)
	}
	return &lab.Plan{
		ID: id, Title: title, Track: s.Track, Variants: variants, Baseline: variants[0].ID, Seed: c.Seed,
		Warmup: s.Warmup, Slice: s.Slice, Settle: s.Settle, Blocks: s.Blocks, Order: lab.Interleaved,
		Metric: s.Metric, SmallestEffect: s.SmallestEffect, ErrorLimit: s.ErrorLimit, Signs: signs,
		Unseal: func(v *lab.Variant) (spec, error) { return c.unseal(v, without) },
	}
}

// unseal is the target of a variant with everything that is sealed: the fault, unless it is the one that Repaired is without.
func (c *Case) unseal(v *lab.Variant, without *Fault) (spec, error) {
	o, err := objectOf(&v.Target)
	if err != nil {
		return spec{}, err
	}
	for _, key := range c.sealed {
		from := c.faulty
		if v.ID == Healthy || v.ID == Repaired && without != nil && slices.Contains(without.keys, key) {
			from = c.healthy
		}
		o.put(key, from.get(key))
	}
	return o.spec()
}
