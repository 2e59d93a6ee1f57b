package tui

import (
	"time"

	"benchtop/lab"
	"benchtop/tui/svg"
)

// A tape has so many moments of a run, and its verdict after them.
const (
	tapeMoments = 12
	momentTime  = time.Second
	verdictTime = 5 * time.Second
)

// Tape draws a run as a moving SVG: moments at equal distances, then the verdict. The rest is as in Picture.
func Tape(events []lab.Event, p Paper) (string, error) {
	var frames []svg.Frame
	shoot := func(s *lab.State, screen string, stays time.Duration) error {
		text, err := Picture(s, p, screen)
		frames = append(frames, svg.Frame{Text: text, For: stays})
		return err
	}
	fold := lab.NewFold()
	end := events[len(events)-1].At
	for i := range events {
		for len(frames) < tapeMoments && events[i].At > end*int64(len(frames)+1)/(tapeMoments+1) {
			if err := shoot(fold.State(), "live", momentTime); err != nil {
				return "", err
			}
		}
		fold.Apply(events[i])
	}
	if err := shoot(fold.State(), "verdict", verdictTime); err != nil {
		return "", err
	}
	front, back := svg.Paper(p.Theme)
	return svg.Tape(frames, front, back), nil
}
