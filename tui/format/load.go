package format

import (
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/load"
)

// Load says how the load of the variants is driven, what all of them share.
func Load(all []lab.Load) string {
	l := all[0]
	same := func(f func(lab.Load) bool) bool {
		for _, o := range all {
			if !f(o) {
				return false
			}
		}
		return true
	}
	parts := []string{string(l.Model)}
	if l.Model == load.Open {
		switch {
		case !same(func(o lab.Load) bool {
			return o.Rate == l.Rate && o.RateShare == l.RateShare && slices.Equal(o.Stages, l.Stages)
		}):
		case l.Rate > 0:
			parts[0] += ", " + figure.Screen.Count(l.Rate) + "/s"
		case l.RateShare > 0:
			parts[0] += ", " + figure.Declared(l.RateShare) + " of capacity"
		case len(l.Stages) > 0:
			lowest, highest := l.Stages.Range()
			parts[0] += ", stages of " + figure.Screen.Count(lowest) + " to " + figure.Screen.Count(highest) + "/s"
		}
	}
	if l.Connections > 0 && same(func(o lab.Load) bool { return o.Connections == l.Connections }) {
		parts = append(parts, figure.Screen.Counted(l.Connections, "connection"))
	}
	if l.Multiplexed() && same(func(o lab.Load) bool { return o.Multiplexed() && o.PerConnection() == l.PerConnection() }) {
		return strings.Join(append(parts, "HTTP/2, "+figure.Screen.Counted(l.PerConnection(), "stream")+" each"), ", ")
	}
	switch {
	case !same(func(o lab.Load) bool { return o.KeepAlive == l.KeepAlive }):
	case l.KeepAlive:
		parts = append(parts, "kept alive")
	default:
		parts = append(parts, "a new one per request")
	}
	return strings.Join(parts, ", ")
}

// Loads are the loads of a plan's variants.
func Loads(p *lab.Plan) []lab.Load {
	out := make([]lab.Load, len(p.Variants))
	for i := range p.Variants {
		out[i] = p.Variants[i].Load
	}
	if len(out) == 0 {
		out = append(out, lab.Load{Model: load.Closed})
	}
	return out
}

// Endpoint is what every variant is asked for, empty if that differs.
func Endpoint(p *lab.Plan) string {
	out := ""
	for i, v := range p.Variants {
		if i > 0 && v.Target.Endpoint != out {
			return ""
		}
		out = v.Target.Endpoint
	}
	return out
}
