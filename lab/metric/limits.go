package metric

import "benchtop/lab/observe"

// limits are the metrics of a server with limits.
var limits = []Metric{
	{
		Name: "throttled_periods", Unit: Share, Lower: true,
		Doc:   "share of the periods of limits.cpu (100 ms) in which the server's processes wanted more than the limit and stood still until the next one",
		Words: "periods throttled by limits.cpu",
		Scope: Server, Kind: Mechanism, Why: 57, Of: grouped(func(g *observe.GroupUsage, _ *Slice) (float64, bool) {
			return per(uint64(max(g.Short, 0)), uint64(max(g.Periods, 0))) // #nosec G115 -- counts
		}),
	},
	{
		Name: "throttled_per_second", Unit: Plain, Lower: true,
		Doc:   "seconds for which limits.cpu made the server's cores stand still, summed over them, per second",
		Words: "seconds throttled per second",
		Scope: Server, Kind: Mechanism, Of: grouped(func(g *observe.GroupUsage, s *Slice) (float64, bool) {
			wall := s.Usage.To - s.Usage.From
			return float64(g.Throttled) / float64(wall), wall > 0 && g.Periods > 0
		}),
	},
}

// grouped is a metric of the control group of the server.
func grouped(of func(*observe.GroupUsage, *Slice) (float64, bool)) func(*Slice) (float64, bool) {
	return func(s *Slice) (float64, bool) {
		for i := range s.Usage.Groups {
			if g := &s.Usage.Groups[i]; g.Variant == s.Variant {
				return of(g, s)
			}
		}
		return 0, false
	}
}
