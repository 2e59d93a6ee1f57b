// Package lab plans and runs a comparison and folds what happened into a State and a Result. It knows no YAML and
// no screen: a Plan comes in, Events go out, and everything that anybody sees is a fold over those events, so that a
// live run and the replay of its run file are the same to every reader.
package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"benchtop/lab/ablation"
	"benchtop/lab/observe"
	"benchtop/lab/profile"
	"benchtop/targets"
)

// Order says in which order the slices of the variants follow each other.
type Order string

// Interleaved: A B B A in every block. Sequential: A..A B..B, and Together: all variants under load at the same time, a
// race in which they share the machine; workshops use both to show why they mislead.
const (
	Interleaved Order = "interleaved"
	Sequential  Order = "sequential"
	Together    Order = "together"
)

// Plan is one run, complete: nothing is read from anywhere else while it runs. Durations are nanoseconds in JSON.
type Plan struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Track    string   `json:"track,omitempty"`
	Minutes  int      `json:"minutes,omitempty"`
	Claims   []Claim  `json:"claims,omitempty"`
	Requires []string `json:"requires,omitempty"`
	Lesson   string   `json:"lesson,omitempty"` // Markdown
	Look     string   `json:"look,omitempty"`   // Markdown that a prediction is not to be made with: what to look at, what explains it
	Notes    string   `json:"notes,omitempty"`  // for the trainer
	Twin     string   `json:"twin,omitempty"`   // id of the scenario that asks the same of other components
	Source   string   `json:"source,omitempty"` // file that it came from, base name only
	SHA256   string   `json:"sha256,omitempty"` // of the scenario file
	Again    string   `json:"again,omitempty"`  // command line that does the run again, where it is not that of its scenario

	Variants []Variant `json:"variants"`
	Baseline string    `json:"baseline"` // id of a variant

	Warmup         time.Duration `json:"warmup"`
	Slice          time.Duration `json:"slice"`  // the counted window of a slice; where a load has stages, their total
	Settle         time.Duration `json:"settle"` // before the window, excluded
	Blocks         int           `json:"blocks"` // each variant twice per block
	Order          Order         `json:"order"`
	Metric         string        `json:"metric"`                  // the primary metric: it alone decides
	SmallestEffect float64       `json:"smallest_effect"`         // 0.02 is 2 %
	ErrorLimit     float64       `json:"error_limit"`             // share of errors over which every verdict is refused; 0.01 is 1 %
	Restarts       int           `json:"restarts,omitempty"`      // times that every target is started again, evenly over the blocks
	FailIfWorse    float64       `json:"fail_if_worse,omitempty"` // threshold of the gate (lab/gate), 0.05 is 5 %; 0: there is none
	Seed           uint64        `json:"seed"`
	Counters       bool          `json:"counters,omitempty"` // the server's processes are counted by the kernel's and the processor's counters

	Ablation *ablation.Plan `json:"ablation,omitempty"` // which variants lack which fix

	Profile *profile.Plan `json:"profile,omitempty"` // of every variant, after its last slice; nil: none. The command line sets it

	Steps []Step `json:"steps,omitempty"` // what changes in the run, in the order of time

	Expect    []string `json:"expect,omitempty"`
	Mechanism []string `json:"mechanism,omitempty"`
	Signs     []string `json:"signs,omitempty"` // counters that come first while it is looked at, and decide nothing
	Predict   *Predict `json:"predict,omitempty"`
	Quiz      []Quiz   `json:"quiz,omitempty"`

	Conclusions []Conclusion `json:"conclusions,omitempty"` // the first that holds is the one of the run

	Quick bool `json:"quick,omitempty"` // shortened by the person who ran it
	Free  bool `json:"free,omitempty"`  // no fixed number of blocks: runs until it is stopped, settings may be turned, nothing is decided

	// Unseal gives the target of a variant with sealed settings as it is started. A plan that was read from a file has none.
	Unseal func(*Variant) (targets.Spec, error) `json:"-"`
}

// Variant is one column: a configuration of a target and of the load on it.
type Variant struct {
	ID     string       `json:"id"`
	Label  string       `json:"label"`
	Target targets.Spec `json:"target"`
	Load   Load         `json:"load"`

	// Sealed are the keys of settings of the target that somebody is to find out, such as db.pool: they are left out of it, and
	// so of every event. Plan.Unseal gives the target as it is started.
	Sealed []string `json:"sealed,omitempty"`
}

// Predict is the question that a lesson asks before the run.
type Predict struct {
	Ask     string `json:"ask"`
	Metric  string `json:"metric"`
	Variant string `json:"variant"`
}

// Quiz is one question after the run.
type Quiz struct {
	Ask     string   `json:"ask"`
	Options []Option `json:"options"`
	Why     string   `json:"why,omitempty"`
}

// Option is one answer of a quiz question; Proof names a scenario whose run shows it.
type Option struct {
	Text    string `json:"text"`
	Correct bool   `json:"correct,omitempty"`
	Proof   string `json:"proof,omitempty"`
}

// Conclusion says what a run means and what to do, each in two or three sentences. It holds where every one of its cases
// (expect.Case) is confirmed, and always where it has none.
type Conclusion struct {
	When  []string `json:"when,omitempty"`
	Means string   `json:"means"`
	Do    string   `json:"do"`
}

// told is the plan as the events have it: what opens a seal is no part of it.
func (p Plan) told() Plan {
	p.Unseal = nil
	return p
}

// Variant finds a variant by its id, nil if there is none.
func (p *Plan) Variant(id string) *Variant {
	for i := range p.Variants {
		if p.Variants[i].ID == id {
			return &p.Variants[i]
		}
	}
	return nil
}

// Measures reports whether a run of the other plan, on whatever system, measures what one of this plan does: texts,
// expectations and the seed may differ, and what this plan leaves to the system. What is nil and what is empty are the same,
// as a run file would keep them.
func (p *Plan) Measures(other *Plan) bool {
	a, b := p.measured(), other.measured()
	for i := range min(len(a.Variants), len(b.Variants)) {
		of, its := &a.Variants[i].Target, &b.Variants[i].Target
		for _, row := range of.LeftToSystem() {
			row.Clear(of)
			row.Clear(its)
		}
	}
	this, errA := json.Marshal(a)
	that, errB := json.Marshal(b)
	return errA == nil && errB == nil && string(this) == string(that)
}

// check is Check for the plan of the first event.
func (p *Plan) check() error {
	switch {
	case len(p.Variants) == 0:
		return errors.New("its plan has no variants")
	case len(p.Variants) > mostVariants:
		return fmt.Errorf("its plan has %d variants: expected at most %d", len(p.Variants), mostVariants)
	case p.Blocks < 0 || p.Blocks > mostIndex:
		return fmt.Errorf("its plan has %d blocks", p.Blocks)
	}
	for _, d := range []time.Duration{p.Warmup, p.Slice, p.Settle} {
		if d < 0 || d > time.Hour {
			return fmt.Errorf("its plan has a slice, a settle time or a warm-up of %s: expected 0 to an hour", d)
		}
	}
	if f := p.Profile; f != nil && (f.For < profile.Shortest || f.For > profile.Longest) {
		return fmt.Errorf("its plan profiles for %s: expected %s to %s", f.For, profile.Shortest, profile.Longest)
	}
	for _, part := range []any{p.Variants, p.Steps, p.SmallestEffect, p.ErrorLimit} {
		if err := bounded(reflect.ValueOf(part)); err != nil {
			return fmt.Errorf("its plan: %w", err)
		}
	}
	return nil
}

// measured is what of a plan decides its figures.
func (p *Plan) measured() Plan {
	m := Plan{
		ID: p.ID, Baseline: p.Baseline, Warmup: p.Warmup, Slice: p.Slice, Settle: p.Settle, Blocks: p.Blocks, Order: p.Order, Restarts: p.Restarts,
		Metric: p.Metric, SmallestEffect: p.SmallestEffect, ErrorLimit: p.ErrorLimit, Steps: p.Steps, Counters: p.Counters, Variants: slices.Clone(p.Variants),
	}
	for i := range m.Variants {
		m.Variants[i].Label = ""
	}
	return m
}

// Staged reports whether a variant has a load in stages. Stages are the window: Slice must be their total then.
func (p *Plan) Staged() bool {
	return slices.ContainsFunc(p.Variants, func(v Variant) bool { return len(v.Load.Stages) > 0 })
}

// SlicesPerVariant is how many counted slices each variant gets when no block is repeated.
func (p *Plan) SlicesPerVariant() int { return 2 * p.Blocks }

// sliceOverhead is what a slice costs besides settle and window: hand-over, machine speed, drain. It only feeds the
// first estimate of the remaining time; measured slices replace it.
const sliceOverhead = 60 * time.Millisecond

// agentsOverhead is what a slice costs besides that when machines drive it together: they agree on when it starts.
const agentsOverhead = 1200 * time.Millisecond

// overhead is what a slice costs besides settle and window.
func (p *Plan) overhead() time.Duration {
	if p.Agents() != "" {
		return sliceOverhead + agentsOverhead
	}
	return sliceOverhead
}

// StartOf is which start of the targets a block belongs to, from 0 on.
func (p *Plan) StartOf(block int) int {
	if p.Blocks == 0 {
		return 0
	}
	return min((block-1)*(p.Restarts+1)/p.Blocks, p.Restarts)
}

// Events is about how many slices the run has, and how many times its rows and samples are taken; of a free run in an hour.
func (p *Plan) Events() (slices, rows int64) {
	if p.Free {
		return int64(time.Hour / (p.Settle + p.Slice)), int64(time.Hour / observe.Every)
	}
	return int64(len(p.Variants) * (1 + p.SlicesPerVariant())), int64(p.Duration() / observe.Every)
}

// Duration estimates how long the run takes, start and stop of the targets included.
func (p *Plan) Duration() time.Duration {
	starts := time.Duration(1 + p.Restarts)
	n := time.Duration(len(p.Variants))
	return starts*(n*(p.Warmup+p.Settle+p.overhead())+500*time.Millisecond) + p.Counted() + n*p.profiled()
}

// profiled is how long the profile of one variant takes.
func (p *Plan) profiled() time.Duration {
	if p.Profile == nil {
		return 0
	}
	return p.Settle + p.Profile.For + profileMore
}

// Counted estimates how long the counted slices take, without the warm-up before them. A variant that is there for a part
// of the run only counts as if it were there all the time.
func (p *Plan) Counted() time.Duration { return p.counted(func(int) time.Duration { return p.Settle }) }

// counted is Counted with the settle time of each variant. Those that are under load together wait for the longest.
func (p *Plan) counted(settle func(variant int) time.Duration) time.Duration {
	var sum, longest time.Duration
	for i := range p.Variants {
		per := settle(i) + p.Slice + p.overhead()
		sum, longest = sum+per, max(longest, per)
	}
	if p.Order == Together {
		sum = longest
	}
	return time.Duration(p.SlicesPerVariant()) * sum
}

// OrderOf gives the variants of one block in the order of their slices: each once, then once more in reverse; the
// seed and the block's number draw which variant leads (A B B A, then B A A B ...). For Sequential there is one block
// that holds everything.
func (p *Plan) OrderOf(block int) []string {
	n := len(p.Variants)
	if p.Order == Sequential {
		out := make([]string, 0, n*p.SlicesPerVariant())
		for _, v := range p.Variants {
			for range p.SlicesPerVariant() {
				out = append(out, v.ID)
			}
		}
		return out
	}
	lead := int((p.Seed + uint64(block)) % uint64(n)) //nolint:gosec // n is at most 16
	out := make([]string, 0, 2*n)
	for i := range n {
		out = append(out, p.Variants[(lead+i)%n].ID)
	}
	for i := n - 1; i >= 0; i-- {
		out = append(out, out[i])
	}
	return out
}

// roundsOf is OrderOf with those that are under load at the same time together.
func (p *Plan) roundsOf(block int) [][]string {
	if p.Order == Together {
		var all []string
		for i := range p.Variants {
			all = append(all, p.Variants[i].ID)
		}
		return [][]string{all, all}
	}
	var out [][]string
	for _, id := range p.OrderOf(block) {
		out = append(out, []string{id})
	}
	return out
}

// Claim is a row of the claim ledger that a run answers, all of it or in part.
type Claim struct {
	ID   string
	Part string // what of the row the run answers; empty: all of it
}

// MarshalJSON writes what a scenario file has: "C10", or {"id": "C15", "part": "..."}.
func (c Claim) MarshalJSON() ([]byte, error) {
	if c.Part == "" {
		return json.Marshal(c.ID)
	}
	return json.Marshal(claimInPart(c))
}

// UnmarshalJSON reads both forms; run files of before rows could be answered in part have the first alone.
func (c *Claim) UnmarshalJSON(text []byte) error {
	*c = Claim{}
	if json.Unmarshal(text, &c.ID) == nil {
		return nil
	}
	var part claimInPart
	if err := json.Unmarshal(text, &part); err != nil {
		return fmt.Errorf("a claim is a row's number or {id, part}: %w", err)
	}
	*c = Claim(part)
	return nil
}

type claimInPart struct {
	ID   string `json:"id"`
	Part string `json:"part"`
}
