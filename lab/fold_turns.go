package lab

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/lab/figure"
)

// join adds a variant to the columns; one that was there before goes on with what it has.
func (f *Fold) join(v Variant) {
	if old, _ := f.variant(v.ID); old != nil {
		old.Variant, old.Status = v, StatusStarting
		return
	}
	f.st.Variants = append(slices.Clip(f.st.Variants), VariantState{Variant: v, Status: StatusStarting, CPU: math.NaN(), Errors: map[string]uint64{}})
	f.acc = append(f.acc, newAccumulator())
	f.regrouped()
}

// regrouped notes that others are compared with each other now.
func (f *Fold) regrouped() {
	if len(f.all) > 0 { // nothing is compared before
		f.outdated(&f.st.Variants[len(f.st.Variants)-1])
	}
}

// leave takes a variant out of a free run. In a run of fixed length it stays with what was measured of it.
func (f *Fold) leave(id string) {
	i := slices.IndexFunc(f.st.Variants, func(v VariantState) bool { return v.ID == id })
	if i < 0 || len(f.st.Variants) == 1 {
		return
	}
	if !f.st.Plan.Free {
		f.st.Variants[i].Status = StatusStopped
		return
	}
	f.st.Variants = slices.Delete(slices.Clone(f.st.Variants), i, i+1)
	f.acc = slices.Delete(f.acc, i, i+1)
	if f.st.Plan.Baseline == id {
		plan := *f.st.Plan // snapshots share it
		plan.Baseline = f.st.Variants[0].ID
		f.st.Plan = &plan
	}
	f.regrouped()
}

func (f *Fold) turn(at int64, k *Turn) {
	if k.Undone == "" {
		f.st.Turned += k.turns()
	}
	if k.Refused != "" {
		f.log(at, "warning", "", "not turned: "+k.Words()+": "+k.Refused)
		return
	}
	taken := *k
	taken.At = at
	if n := len(f.all); k.Slice == 0 && f.rested == 0 && n > 0 {
		f.rested = f.all[n-1].To
	}
	f.st.Turns = append(f.st.Turns, taken)
	switch {
	case k.Rename != "":
		f.log(at, "info", k.Rename, k.Words())
		if v, _ := f.variant(k.Rename); v != nil {
			v.Label, v.Turned = k.Label, nil
		}
	case k.Order != "":
		f.log(at, "info", "", "turn: "+k.Words())
		f.reordered(k)
	case len(k.Signal) > 0:
		f.signalled(at, k)
	case k.Add != nil:
		f.join(*k.Add)
		f.log(at, "info", k.Add.ID, k.Words())
	case k.Undone != "":
		f.leave(k.Remove)
		f.log(at, "error", "", k.Remove+": "+k.Undone)
	case k.Remove != "":
		f.log(at, "info", "", k.Words())
		f.leave(k.Remove)
	default:
		f.turned(at, k)
	}
}

// reordered has the slices come in another order. What a variant did alone does not compare with what it did beside others.
func (f *Fold) reordered(k *Turn) {
	plan := *f.st.Plan // snapshots share it
	plan.Order = k.Order
	f.st.Plan = &plan
	for i := range f.st.Variants {
		f.outdate(&f.st.Variants[i], f.acc[i])
	}
}

// signalled notes what processes were told. Between two slices it makes another one of their variants; in a slice it is a part
// of what each of them is.
func (f *Fold) signalled(at int64, k *Turn) {
	where := ""
	if len(k.Signal) == 1 {
		if where, _, _ = ParseSignal(k.Signal[0]); where == AllVariants {
			where = ""
		}
	}
	f.log(at, "info", where, k.Words())
	for i := range f.st.Variants {
		if v := &f.st.Variants[i]; k.Slice == 0 && k.Changes(v.ID) {
			f.outdate(v, f.acc[i])
			past := f.past[v.ID]
			past.told = true
			f.past[v.ID] = past
		}
	}
}

// turned takes changed settings over. What was measured under the old ones does not belong to the new ones.
func (f *Fold) turned(at int64, k *Turn) {
	now := k.Now
	if k.Key != "" { // of an older run file: it has no Now, and the load alone could be turned
		p := Plan{}
		for i := range f.st.Variants {
			if v := &f.st.Variants[i]; k.Variant == "" || k.Variant == v.ID {
				p.Variants = append(p.Variants, v.Variant)
			}
		}
		if TurnLoad(&p, k.settings()) == nil {
			now = p.Variants
		}
	}
	text := "turn: " + k.Words()
	if len(k.Restart) > 0 {
		text += " (" + strings.Join(k.Restart, ", ") + " started again for it)"
	}
	where := ""
	if len(now) == 1 {
		where = now[0].ID
	}
	f.log(at, "info", where, text)
	for i := range now {
		if v, acc := f.variant(now[i].ID); v != nil {
			v.Variant, v.Turned = now[i], f.turnedOf(v, &now[i], k)
			f.outdate(v, acc)
		}
	}
}

// turnedOf are the settings of a variant that were turned so far, each once. One that stands as the plan has it was not
// turned.
func (f *Fold) turnedOf(v *VariantState, now *Variant, k *Turn) []string {
	if began := f.st.Plan.Variant(v.ID); began != nil {
		same := *began
		if same.Label = now.Label; reflect.DeepEqual(&same, now) {
			return nil
		}
	}
	out := slices.Clone(v.Turned)
	for _, set := range k.settings() {
		id, set, _ := strings.Cut(set, ".")
		if id != v.ID && id != AllVariants {
			continue
		}
		key, _, _ := strings.Cut(set, "=")
		out = slices.DeleteFunc(out, func(old string) bool { return strings.HasPrefix(old, key+"=") })
		out = append(out, set)
	}
	return out
}

// turnsOf are the turns that made another one of a variant, or gave it another label.
func (f *Fold) turnsOf(id string) []TurnResult {
	var out []TurnResult
	for i := range f.st.Turns {
		k := &f.st.Turns[i]
		after := k.After.Seconds()
		if k.Rename == id {
			out = append(out, TurnResult{After: after, Label: k.Label})
		}
		out = addSignals(out, k, id)
		if !k.Plain() || k.Key == "" && !k.Changes(id) { // turns of older run files have no Now
			continue
		}
		for _, set := range k.settings() {
			if whose, set, _ := strings.Cut(set, "."); whose == id || whose == AllVariants {
				out = append(out, TurnResult{After: after, Set: set})
			}
		}
	}
	return out
}

// addSignals adds what a variant was told: what comes in every slice once, with how often it was.
func addSignals(out []TurnResult, k *Turn, id string) []TurnResult {
	for _, s := range k.Signal {
		if !Addresses(s, id) {
			continue
		}
		_, part, name := ParseSignal(s)
		told := TurnResult{After: k.After.Seconds(), Signal: part + "=" + name}
		if k.Slice > 0 {
			told.After, told.Slices = k.In.Seconds(), 1
		}
		same := func(o TurnResult) bool { return o.Slices > 0 && o.Signal == told.Signal && o.After == told.After }
		if i := slices.IndexFunc(out, same); i >= 0 && k.Slice > 0 {
			out[i].Slices++
			continue
		}
		out = append(out, told)
	}
	return out
}

// pastSlices are the slices of a variant that do not count because its settings changed after them, or it was told a signal.
type pastSlices struct {
	n     int
	until time.Duration // since the run began, as is every time on its screens
	told  bool          // it was a signal
}

// outdate marks every slice of a variant as past.
func (f *Fold) outdate(v *VariantState, acc *accumulator) {
	n := f.past[v.ID].n
	for ; acc.past < len(v.Slices); acc.past++ {
		d := &v.Slices[acc.past]
		d.Past, d.Discarded = true, true
		if d.Index > 0 {
			f.discard[d.Index] = true
			n++
		}
	}
	f.past[v.ID] = pastSlices{n: n, until: time.Duration(f.st.At)}
	acc.reset()
	f.outdated(v)
}

// align puts placeholders before a slice of a variant that was not there all the time: pairs are slices of the same place
// in the same block, and stand at the same index.
func (f *Fold) align(v *VariantState, block int) {
	if len(f.st.Plan.Timed()) == 0 {
		return
	}
	if n := len(v.Slices); n > 0 && v.Slices[n-1].Block == block {
		return
	}
	before := 2 * min(block-1, len(f.all)) // a block has slices of some variant
	for len(v.Slices) < before {
		v.Slices = append(v.Slices, SliceDot{Block: len(v.Slices)/2 + 1, Discarded: true, Past: true})
	}
}

// pastLines say which slices of a run of fixed length do not count because settings changed.
func (f *Fold) pastLines() []string {
	var out []string
	for i := range f.st.Variants {
		v := &f.st.Variants[i]
		if p := f.past[v.ID]; p.n > 0 && !f.st.Plan.Free {
			what := "its settings changed"
			if p.told {
				what = "it was told a signal"
			}
			slices := "the " + strconv.Itoa(p.n) + " slices before do not count"
			if p.n == 1 {
				slices = "the slice before does not count"
			}
			out = append(out, fmt.Sprintf("%s: %s at %s of the run; %s", v.ID, what, figure.Countdown(p.until), slices))
		}
	}
	return out
}

func (f *Fold) rate(at int64, r *RateEvent) {
	f.st.Rate = r
	for i := range f.st.Variants {
		if l := &f.st.Variants[i].Load; l.RateShare > 0 {
			l.Rate = r.Rate
		}
	}
	f.log(at, "info", "", "rate set to "+figure.Lines.Rate(r.Rate)+" req/s: "+figure.Whole(r.Share)+
		" of the slowest variant's capacity")
}
