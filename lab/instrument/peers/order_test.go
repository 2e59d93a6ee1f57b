package peers

import (
	"slices"
	"testing"
)

func TestOrder(t *testing.T) {
	for peers := 1; peers <= 6; peers++ {
		for seed := range uint64(20) {
			o := newOrder(seed, peers)
			leads := make([]int, peers)
			firsts := map[int]bool{}
			for block := range 2 * peers {
				turns := o.block(block)
				seen := []int{}
				for _, turn := range turns {
					seen = append(seen, turn.peer)
					if turn.oursFirst {
						leads[turn.peer]++
					}
				}
				firsts[seen[0]] = true
				slices.Sort(seen)
				for i, p := range seen {
					if p != i {
						t.Fatalf("block %d has the peers %v, not each once", block, seen)
					}
				}
			}
			for p, n := range leads {
				if n != peers {
					t.Errorf("seed %d: ours leads %d of %d blocks with peer %d", seed, n, 2*peers, p)
				}
			}
			if len(firsts) != peers {
				t.Errorf("seed %d: only %v begin a round", seed, firsts)
			}
			if again := newOrder(seed, peers); !slices.Equal(again.block(3), o.block(3)) {
				t.Errorf("seed %d gives two orders", seed)
			}
		}
	}
	if turns := newOrder(1, 0).block(0); len(turns) != 0 {
		t.Errorf("without peers: %v", turns)
	}
	drawn := map[bool]bool{}
	for seed := range uint64(64) {
		drawn[newOrder(seed, 1).block(0)[0].oursFirst] = true
	}
	if len(drawn) != 2 {
		t.Error("the seed does not draw who leads")
	}
}
