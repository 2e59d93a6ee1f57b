package watch

import (
	"slices"

	"benchtop/lab"
)

// rename is a label that a variant was given, and which turn of the run that was.
type rename struct {
	id, label string
	turn      int
}

// Rename gives a variant another label: on the screen at once, in the run from its next slice on. turn is which turn of the
// run that is.
func (r *Run) Rename(id, label string, turn int) {
	r.Session.Turn(lab.Turn{Rename: id, Label: label})
	r.renames = append(r.renames, rename{id, label, turn})
	r.State = r.called(r.State)
	if r.Frozen != nil {
		r.Frozen = r.called(r.Frozen)
	}
}

// called is a snapshot with the labels that the run has not taken yet. What was turned before is part of what such a label says.
func (r *Run) called(st *lab.State) *lab.State {
	r.renames = slices.DeleteFunc(r.renames, func(n rename) bool { return n.turn <= st.Turned || st.End != nil })
	if len(r.renames) == 0 {
		return st
	}
	out := *st
	out.Variants = slices.Clone(st.Variants) // the snapshot is shared
	for _, n := range r.renames {
		for i := range out.Variants {
			if v := &out.Variants[i]; v.ID == n.id {
				v.Label, v.Turned = n.label, nil
			}
		}
	}
	return &out
}
