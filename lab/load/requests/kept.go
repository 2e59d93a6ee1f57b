package requests

import (
	"encoding/json"
	"slices"

	"benchtop/lab/load"
)

// maxKept is as many sets as a run has variants, at most.
const maxKept = 16

// Kept are the sets that were used last: the slices of a run send the same requests again and again. The zero value is empty.
// It is for one goroutine at a time.
type Kept struct {
	sets []keptSet // the one that was used last stands last
}

type keptSet struct {
	of  string
	set *Set
}

// Set gives the requests of a task, as New does.
func (k *Kept) Set(t *load.Task) (*Set, error) {
	if !t.Varies() || t.Keys != nil && t.Keys.From != "" && t.Keys.Hash == "" { // nothing to save; a file that may change
		return New(t)
	}
	of, err := json.Marshal(struct {
		Entries   []load.Entry
		Keys      *load.Keys
		KeepAlive bool
	}{t.Entries(), t.Keys, t.KeepAlive})
	if err != nil {
		return New(t)
	}
	i := slices.IndexFunc(k.sets, func(s keptSet) bool { return s.of == string(of) })
	if i < 0 {
		set, err := New(t)
		if err != nil {
			return nil, err
		}
		k.sets = append(k.sets, keptSet{string(of), set})
		i = len(k.sets) - 1
	}
	used := k.sets[i]
	k.sets = append(slices.Delete(k.sets, i, i+1), used)
	if len(k.sets) > maxKept {
		k.sets = slices.Delete(k.sets, 0, 1)
	}
	return used.set, nil
}
