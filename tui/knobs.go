package tui

import (
	"math"
	"strings"

	"benchtop/lab"
	"benchtop/lab/load"
)

// Keys of lab.Knob.
const (
	knobConnections = "connections"
	knobRate        = "rate"
	knobKeepAlive   = "keepalive"
)

// Limits of the knobs, those of a scenario file.
const (
	maxConnections = 20000
	maxRate        = 1e6
)

// loadOf is the load on a variant now: the plan's, and what was turned since.
func loadOf(st *lab.State, v *lab.VariantState) lab.Load {
	l := v.Load
	if st.Rate != nil && l.Model == load.Open && l.Rate == 0 {
		l.Rate = st.Rate.Rate
	}
	for _, k := range st.Knobs {
		if k.Variant != "" && k.Variant != v.ID {
			continue
		}
		switch k.Key {
		case knobConnections:
			l.Connections = int(k.Value)
		case knobRate:
			l.Rate = k.Value
		case knobKeepAlive:
			l.KeepAlive = k.Value != 0
		}
	}
	return l
}

// loads are the loads of all variants now.
func loads(st *lab.State) []lab.Load {
	out := make([]lab.Load, len(st.Variants))
	for i := range st.Variants {
		out[i] = loadOf(st, &st.Variants[i])
	}
	return out
}

// turn sends a knob to every variant: once where they agree, variant by variant where each has its own value.
func (m *model) turn(key string, value func(lab.Load) float64, next func(float64) float64) {
	st := m.state
	now := loads(st)
	values := make([]float64, len(now))
	same := true
	for i, l := range now {
		v := value(l)
		if p, ok := m.pending[key+"."+st.Variants[i].ID]; ok {
			v = p
		}
		values[i] = next(v)
		m.pending[key+"."+st.Variants[i].ID] = values[i]
		same = same && values[i] == values[0]
	}
	if same && len(values) > 0 {
		m.session.Turn(lab.Knob{Key: key, Value: values[0]})
		return
	}
	for i, v := range values {
		m.session.Turn(lab.Knob{Variant: st.Variants[i].ID, Key: key, Value: v})
	}
}

func (m *model) turnConnections(n int) {
	m.turn(knobConnections, func(l lab.Load) float64 { return float64(l.Connections) }, func(v float64) float64 {
		if n > 0 {
			return math.Min(math.Max(v*2, 1), maxConnections)
		}
		return math.Max(math.Floor(v/2), 1)
	})
}

func (m *model) turnRate(n int) {
	m.turn(knobRate, func(l lab.Load) float64 { return l.Rate }, func(v float64) float64 { return niceStep(v, n) })
}

// niceStep is the next rate up or down in 1, 1.5, 2, 3, 5, 7, 10.
func niceStep(v float64, n int) float64 {
	v = math.Max(v, 1)
	steps := []float64{1, 1.5, 2, 3, 5, 7, 10}
	base := math.Pow(10, math.Floor(math.Log10(v)))
	if n > 0 {
		for _, s := range steps {
			if s*base > v*1.01 {
				return math.Min(s*base, maxRate)
			}
		}
		return math.Min(15*base, maxRate)
	}
	for i := len(steps) - 1; i >= 0; i-- {
		if steps[i]*base < v*0.99 {
			return math.Max(steps[i]*base, 1)
		}
	}
	return math.Max(0.7*base, 1)
}

func (m *model) turnKeepAlive() {
	m.turn(knobKeepAlive, func(l lab.Load) float64 {
		if l.KeepAlive {
			return 1
		}
		return 0
	}, func(v float64) float64 { return 1 - v })
}

func (m *model) whyNoKnobs() string {
	switch {
	case m.replay != nil:
		return "a replay cannot be turned"
	case m.ended || !m.running():
		return "the run has ended"
	case m.state == nil || len(m.state.Variants) == 0:
		return "the targets are starting"
	}
	return ""
}

func (m *model) whyNoRate() string {
	if why := m.whyNoKnobs(); why != "" {
		return why
	}
	for i := range m.state.Variants {
		if m.state.Variants[i].Load.Model != load.Open {
			return "a closed model has no rate; connections decide"
		}
	}
	return ""
}

// settleKnobs forgets turned knobs that have taken effect.
func (m *model) settleKnobs() {
	if len(m.pending) == 0 {
		return
	}
	for i := range m.state.Variants {
		v := &m.state.Variants[i]
		l := loadOf(m.state, v)
		kept := 0.0
		if l.KeepAlive {
			kept = 1
		}
		for key, value := range map[string]float64{knobConnections: float64(l.Connections), knobRate: l.Rate, knobKeepAlive: kept} {
			if p, ok := m.pending[key+"."+v.ID]; ok && p == value {
				delete(m.pending, key+"."+v.ID)
			}
		}
	}
}

// knobText shows what the knobs stand at, and what was turned and has not happened yet.
func (m *model) knobText(st *lab.State) string {
	if len(st.Variants) == 0 {
		return ""
	}
	now := loads(st)
	var parts []string
	add := func(key, name string, text func(lab.Load) string, after func(float64) string) {
		values := map[string]bool{}
		s := ""
		for i, l := range now {
			t := text(l)
			if p, ok := m.pending[key+"."+st.Variants[i].ID]; ok {
				t += " → " + after(p)
			}
			if values[t] {
				continue
			}
			values[t] = true
			if s != "" {
				s += " / "
			}
			s += t
		}
		parts = append(parts, name+" "+s)
	}
	add(knobConnections, "connections", func(l lab.Load) string { return thousands(float64(l.Connections)) }, thousands)
	if now[0].Model == load.Open {
		add(knobRate, "rate", func(l lab.Load) string { return thousands(l.Rate) + "/s" }, func(v float64) string { return thousands(v) + "/s" })
	}
	add(knobKeepAlive, "keep-alive", func(l lab.Load) string { return onOff(l.KeepAlive) }, func(v float64) string { return onOff(v != 0) })
	return strings.Join(parts, " · ")
}

func onOff(b bool) string {
	if b {
		return "on"
	}
	return "off"
}
