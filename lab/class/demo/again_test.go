package demo_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"go.uber.org/goleak"

	"benchtop/lab"
	"benchtop/lab/class"
	"benchtop/lab/class/demo"
	"benchtop/lab/class/host"
	"benchtop/lab/class/joincode"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A rehearsal that goes on has the seats of before, and those whose names have a number come behind the first ones.
func TestARehearsalGoesOnWithItsSeats(t *testing.T) {
	dir, below := t.TempDir(), t.TempDir()
	const seats = 15
	for round := range 2 {
		h, err := host.Open(host.Config{Dir: dir, Now: time.Now, Trouble: func(text string) { t.Log(text) }})
		if err != nil {
			t.Fatal(err)
		}
		code, err := joincode.Parse(h.Code())
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		filled := demo.Fill(ctx, demo.Config{
			Code: code, Seats: seats, Below: below, Now: time.Now, Hurry: 8, Trouble: func(text string) { t.Error(text) },
			Read:     func(l *class.Lesson) *class.Offer { return &class.Offer{Lesson: *l} },
			Recorded: func(string) ([]lab.Event, string, error) { return nil, "", errors.New("none") },
		})
		here := 0
		for late := time.After(time.Minute); here < seats; {
			select {
			case <-late:
				t.Fatalf("%d are here", here)
			case <-h.Changed():
			}
			here = 0
			for _, s := range h.Room().Seats {
				if s.Here {
					here++
				}
			}
		}
		names := []string{}
		for _, s := range h.Room().Seats {
			names = append(names, s.Name)
		}
		if len(names) != seats || slices.Index(names, "Ada 2") < slices.Index(names, "Ada") || slices.Index(names, "Edsger 2") < 0 {
			t.Errorf("round %d: %q", round, names)
		}
		stop()
		filled.Wait()
		h.Close()
	}
}
