package prefork

import (
	"testing"
	"time"
)

// Workers come at once and go when the need has been lower for as long as the rule says; never more and never fewer than allowed.
func TestWanted(t *testing.T) {
	for hold, want := range map[time.Duration][]int{
		0:               {1, 2, 4, 1, 3, 1, 1},
		2 * time.Second: {1, 2, 4, 4, 4, 3, 3},
		time.Minute:     {1, 2, 4, 4, 4, 4, 4},
	} {
		s := scaler{Scale: Scale{Most: 4, InFlight: 10, Hold: hold}, least: 1}
		for i, inFlight := range []int64{0, 11, 1000, 3, 30, 0, 10} {
			if got := s.wanted(time.Unix(int64(i), 0), inFlight); got != want[i] {
				t.Errorf("hold %v, second %d, %d in flight: %d workers, want %d", hold, i, inFlight, got, want[i])
			}
		}
	}
}
