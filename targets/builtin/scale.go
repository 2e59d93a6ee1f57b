package builtin

import (
	"time"

	"benchtop/targets"
	"benchtop/targets/prefork"
	"benchtop/targets/setting"
)

// Scale is a rule by which there are more workers, or fewer.
type Scale struct {
	Most     int            `json:"most,omitempty"`
	InFlight int            `json:"in_flight,omitempty"`
	Every    time.Duration  `json:"every,omitempty"`
	Hold     *time.Duration `json:"hold,omitempty"`
}

// Bounds of a rule.
const (
	shortestEvery = 50 * time.Millisecond
	mostInFlight  = 10_000
)

func scaleRows() []setting.Setting {
	return []setting.Setting{
		{
			Key: "most", Main: true, Said: "up to %s workers", Default: "4", Min: 1, Max: maxWorkers, At: setting.At(func(s *Scale) *int { return &s.Most }),
			Doc: "workers at most; the fewest are those that the target begins with",
		},
		{
			Key: "in_flight", Default: "1", Min: 1, Max: mostInFlight, At: setting.At(func(s *Scale) *int { return &s.InFlight }),
			Doc: "requests that each worker is to have in flight, by what the workers said last, which they do four times a second",
		},
		{
			Key: "every", Main: true, Said: "decided every %s", Default: "1s", Min: float64(shortestEvery), Max: float64(time.Minute), At: setting.At(func(s *Scale) *time.Duration { return &s.Every }),
			Doc: "time between two decisions",
		},
		{
			Key: "hold", Main: true, Said: "held for %s", Default: "5s", Max: float64(time.Hour), At: setting.At(func(s *Scale) **time.Duration { return &s.Hold }),
			Doc: "workers go when for so long there was no need of them; 0s: at once",
		},
	}
}

func scaleSetting() setting.Setting {
	return setting.Setting{
		Key: "scale", Flag: "-", Fixed: true, Default: "off", Said: "scaled", Noun: "rule for the number of workers", Example: "most: 4, every: 1s",
		Doc: "workers come and go with the requests in flight; off: there are as many all the time",
		At:  targets.OfServer(func(s *Settings) **Scale { return &s.Scale }), Rows: scaleRows(),
	}
}

// rule is what the keeper of the workers is told; nil: there is none.
func (s *Scale) rule() *prefork.Scale {
	if s == nil {
		return nil
	}
	full := setting.Filled(scaleRows(), s)
	return &prefork.Scale{Most: full.Most, InFlight: full.InFlight, Every: full.Every, Hold: *full.Hold}
}
