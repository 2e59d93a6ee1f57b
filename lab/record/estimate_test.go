package record

import (
	"testing"
	"time"

	"benchtop/lab"
)

// What is said before a run is of the size of what a run of that shape took, grows with it, and is said where it matters.
func TestEstimate(t *testing.T) {
	p := lab.Plan{Variants: make([]lab.Variant, 2), Warmup: 2 * time.Second, Slice: 1500 * time.Millisecond, Settle: 250 * time.Millisecond, Blocks: 6}
	const took = 201_354
	said := Estimate(&p)
	if said < took/2 || said > 2*took {
		t.Errorf("said %d, and it took %d", said, took)
	}
	p.Blocks = 60
	if more := Estimate(&p); more < 5*said {
		t.Errorf("ten times as many blocks: %d and %d", said, more)
	}
	p.Free = true
	if hour := Estimate(&p); hour < 10*said || Noticeable(said) || !Noticeable(hour) {
		t.Errorf("an hour of a free run: %d", hour)
	}
}
