package peers

import "math/rand/v2"

// order says in which order the peers have their turns, and who leads. The seed draws where the round begins and who
// leads in the first block; from block to block the round begins one peer later and the lead changes, so that neither the
// place in the round nor the lead favours anyone.
type order struct {
	first int
	leads []bool // ours leads in even blocks
}

// turn is four slices of one peer and ourselves.
type turn struct {
	peer      int
	oursFirst bool // ours, theirs, theirs, ours; else the other way round
}

func newOrder(seed uint64, peers int) order {
	random := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	o := order{leads: make([]bool, peers)}
	if peers > 0 {
		o.first = random.IntN(peers)
	}
	for i := range o.leads {
		o.leads[i] = random.IntN(2) == 0
	}
	return o
}

// block gives the turns of the n-th block, every peer once.
func (o order) block(n int) []turn {
	turns := make([]turn, len(o.leads))
	for i := range turns {
		peer := (o.first + n + i) % len(o.leads)
		turns[i] = turn{peer: peer, oursFirst: o.leads[peer] == (n%2 == 0)}
	}
	return turns
}
