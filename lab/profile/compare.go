package profile

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// Side is one of two variants: what was seen of it, and what a request costs it.
type Side struct {
	Variant string
	Profile *Profile
	CPU     *float64 // microseconds per request, of the slices that count; nil: not known
}

// Difference is where the CPU of a request differs between two variants. Pairs are of the variant and of the baseline.
type Difference struct {
	Variant   string      `json:"variant"`
	Baseline  string      `json:"baseline"`
	CPU       *[2]float64 `json:"cpu_us_per_request"`  // of the slices that count; nil: not known
	Functions []Function  `json:"functions,omitempty"` // the clear changes first, what grew before what shrank; at most mostFunctions
	Reason    string      `json:"reason,omitempty"`    // why nothing is compared
}

// Function is one function of both. What it costs is the CPU of a request by the slices that count, times its share of the samples.
type Function struct {
	Name    string     `json:"name"`
	Total   [2]float64 `json:"total_us"` // per request, with what it calls
	Self    [2]float64 `json:"self_us"`  // without
	Samples [2]int64   `json:"samples"`  // of Total
	Change  float64    `json:"change_us"`
	Caller  string     `json:"caller,omitempty"` // what calls it in more than half of its samples, of the side where it costs more
	// CI95 is the 95 % interval of Change: binomial on the shares, and the interval of the ratio of the two costs; nil where that is not known.
	CI95  *[2]float64 `json:"ci95"`
	Clear bool        `json:"clear"` // 99.9 % of it excludes 0; so strict because hundreds of functions are looked at
}

// Bounds of a Difference.
const (
	mostFunctions = 20
	z95           = 1.959964
	z999          = 3.290527
)

// counts is how many samples a function is in, and in how many of these each other one calls it; of one that calls itself it is
// what called it first.
type counts struct {
	total, self int64
	by          map[string]int64
}

// caller is what calls a function in more than half of its samples; empty: nothing does, or nothing so often.
func (c counts) caller() string {
	for f, n := range c.by {
		if 2*n > c.total {
			return f
		}
	}
	return ""
}

func (p *Profile) functions() map[string]counts {
	out := map[string]counts{}
	for _, line := range p.Stacks {
		frames, n, err := unfold(line)
		if err != nil { // Check refuses those
			continue
		}
		seen := map[string]bool{}
		for i, f := range frames {
			c := out[f]
			if !seen[f] { // one that calls itself counts once
				c.total += n
				if c.by == nil {
					c.by = map[string]int64{}
				}
				if i > 0 {
					c.by[frames[i-1]] += n
				}
			}
			if i == len(frames)-1 {
				c.self += n
			}
			out[f], seen[f] = c, true
		}
	}
	return out
}

// Compare gives what differs. ratio is the 95 % interval of the variant's cost over the baseline's; nil: not known.
//
// The order is that of change²/(before + after), as a chi-square test weighs counts: growth of a function that hardly had any
// CPU before comes before the same growth of those that only call it.
func Compare(variant, baseline Side, ratio *[2]float64) *Difference {
	d := &Difference{Variant: variant.Variant, Baseline: baseline.Variant}
	a, b := variant.Profile, baseline.Profile
	switch {
	case !a.Seen() || !b.Seen():
		d.Reason = "not both variants were profiled"
	case a.Tool != b.Tool:
		d.Reason = fmt.Sprintf("%s was profiled by %s and %s by %s, which do not see the same", variant.Variant, a.Tool, baseline.Variant, b.Tool)
	case variant.CPU == nil || baseline.CPU == nil:
		d.Reason = "the CPU of a request is not known"
	}
	if d.Reason != "" {
		return d
	}
	d.CPU = &[2]float64{*variant.CPU, *baseline.CPU}
	of := [2]map[string]counts{a.functions(), b.functions()}
	names := map[string]bool{}
	for _, side := range of {
		for f := range side {
			names[f] = true
		}
	}
	n := [2]int64{a.Samples, b.Samples}
	for f := range names {
		d.Functions = append(d.Functions, d.function(f, [2]counts{of[0][f], of[1][f]}, n, ratio))
	}
	slices.SortFunc(d.Functions, func(x, y Function) int {
		return cmp.Or(cmp.Compare(x.rank(), y.rank()), cmp.Compare(y.score(), x.score()), cmp.Compare(x.Name, y.Name))
	})
	d.Functions = d.Functions[:min(len(d.Functions), mostFunctions)]
	for i := range d.Functions {
		f, side := &d.Functions[i], 0
		if f.Change < 0 {
			side = 1
		}
		f.Caller = of[side][f.Name].caller()
	}
	return d
}

// rank is 0 for clear growth, 1 for a clear decrease, 2 for what may be chance.
func (f *Function) rank() int {
	switch {
	case !f.Clear:
		return 2
	case f.Change < 0:
		return 1
	}
	return 0
}

func (f *Function) score() float64 {
	if f.Total[0]+f.Total[1] == 0 {
		return 0
	}
	return f.Change * f.Change / (f.Total[0] + f.Total[1])
}

func (d *Difference) function(name string, c [2]counts, n [2]int64, ratio *[2]float64) Function {
	f := Function{Name: name}
	variance := 0.0
	for i := range c {
		f.Samples[i] = c[i].total
		f.Total[i] = d.CPU[i] * float64(c[i].total) / float64(n[i])
		f.Self[i] = d.CPU[i] * float64(c[i].self) / float64(n[i])
		share := (float64(c[i].total) + 1) / (float64(n[i]) + 2) // Agresti and Caffo: no function is without doubt because it was never seen
		variance += d.CPU[i] * d.CPU[i] * share * (1 - share) / (float64(n[i]) + 2)
	}
	f.Change = f.Total[0] - f.Total[1]
	if ratio == nil || ratio[0] <= 0 || ratio[1] < ratio[0] {
		return f
	}
	spread := f.Total[0] * math.Log(ratio[1]/ratio[0]) / (2 * z95)
	deviation := math.Sqrt(variance + spread*spread)
	f.CI95 = &[2]float64{f.Change - z95*deviation, f.Change + z95*deviation}
	f.Clear = math.Abs(f.Change) > z999*deviation
	return f
}

// Clear are the functions whose change is beyond chance.
func (d *Difference) Clear() []Function {
	end := slices.IndexFunc(d.Functions, func(f Function) bool { return !f.Clear })
	if end < 0 {
		end = len(d.Functions)
	}
	return d.Functions[:end]
}

// Node is a function at one place of the call tree of both variants.
type Node struct {
	Name     string
	Samples  [2]int64   // of the variant and of the baseline
	Cost     [2]float64 // microseconds per request
	Children []*Node    // by name, so that both variants' stand beside each other
}

// Tree merges the stacks of two profiles that were compared.
func Tree(d *Difference, variant, baseline *Profile) *Node {
	root := &Node{}
	for side, p := range []*Profile{variant, baseline} {
		for _, line := range p.Stacks {
			frames, n, err := unfold(line)
			if err != nil {
				continue
			}
			at := root
			at.Samples[side] += n
			for _, f := range frames {
				at = at.child(f)
				at.Samples[side] += n
			}
		}
	}
	root.price([2]float64{d.CPU[0] / float64(variant.Samples), d.CPU[1] / float64(baseline.Samples)})
	return root
}

func (n *Node) child(name string) *Node {
	i, found := slices.BinarySearchFunc(n.Children, name, func(c *Node, name string) int { return cmp.Compare(c.Name, name) })
	if !found {
		n.Children = slices.Insert(n.Children, i, &Node{Name: name})
	}
	return n.Children[i]
}

func (n *Node) price(each [2]float64) {
	for i := range each {
		n.Cost[i] = each[i] * float64(n.Samples[i])
	}
	for _, c := range n.Children {
		c.price(each)
	}
}
