package requests

import "math/rand/v2"

// alias draws from a discrete distribution in constant time (Vose, "A linear algorithm for generating random numbers with
// a given distribution", IEEE Transactions on Software Engineering 17, 1991): a cell is drawn evenly, and from it either
// its own value or the one other value that it was filled up with.
type alias []cell

type cell struct {
	own   uint32 // the share of the cell that is its own value's, of 2^32
	other uint32
}

// newAlias prepares drawing i with the probability weights[i] / their sum. Weights are above 0.
func newAlias(weights []float64) alias {
	n, sum := len(weights), 0.0
	for _, w := range weights {
		sum += w
	}
	share := make([]float64, n) // of a cell; the mean is 1
	var small, large []int
	for i, w := range weights {
		share[i] = w / sum * float64(n)
		if share[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	out := make(alias, n)
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		out[s] = cell{own: uint32(share[s] * (1 << 32)), other: uint32(l)} //nolint:gosec // below 1, and at most MaxKeys
		if share[l] -= 1 - share[s]; share[l] < 1 {
			small, large = append(small, l), large[:len(large)-1]
		}
	}
	for _, i := range append(small, large...) { // full, but for rounding
		out[i] = cell{own: 1<<32 - 1, other: uint32(i)} //nolint:gosec // at most MaxKeys
	}
	return out
}

// draw takes 64 random bits: one half chooses the cell, the other its side. With n cells a cell's probability is off by
// at most n/2^32 of itself.
func (a alias) draw(rng *rand.PCG) int {
	x := rng.Uint64()
	i := x >> 32 * uint64(len(a)) >> 32
	if c := a[i]; uint32(x) >= c.own { //nolint:gosec // its lower half
		return int(c.other)
	}
	return int(i) //nolint:gosec // below len(a)
}
