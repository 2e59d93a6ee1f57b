package live

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/load"
	"benchtop/scenarios"
)

// Settings that have a key of their own.
const (
	keyConnections = "load.connections"
	keyRate        = "load.rate"
	keyModel       = "load.model"
	keyKeepAlive   = "load.keepalive"
	keyWorkers     = "workers"
	keyEngine      = "engine"
)

// turned is a setting that was turned and has not happened yet: its value, and which turn of the run it was.
type turned struct {
	value string
	turn  int
}

// mostWaiting is how many turns may wait for the next slice.
const mostWaiting = 48

// waiting are the settings of a variant that were turned and have not happened yet, as key=value in the order of their turns.
func (m *monitor) waiting(of string) []string {
	var waiting []string
	for name := range m.pending {
		if id, _, ok := strings.Cut(name, "."); ok && id == of {
			waiting = append(waiting, name)
		}
	}
	slices.SortFunc(waiting, func(a, b string) int {
		if m.pending[a].turn != m.pending[b].turn {
			return m.pending[a].turn - m.pending[b].turn
		}
		return strings.Compare(a, b)
	})
	for i, name := range waiting {
		waiting[i] = strings.TrimPrefix(name, of+".") + "=" + m.pending[name].value
	}
	return waiting
}

// ahead is a variant as it will be when what was turned has happened.
func (m *monitor) ahead(v *lab.VariantState) lab.Variant {
	p := lab.Plan{Free: true, Variants: []lab.Variant{v.Variant}, Slice: v.Load.Stages.Total()}
	for _, set := range m.waiting(v.ID) {
		_ = scenarios.Turn(&p, []string{v.ID + "." + set}) // what is refused is refused again in the run, and said
	}
	return p.Variants[0]
}

// turnableOf is the setting of a variant by its key, as it will be; nil where the variant has none.
func turnableOf(v *lab.Variant, key string) *scenarios.Turnable {
	all := scenarios.Turnables(v)
	for i := range all {
		if all[i].Key == key {
			return &all[i]
		}
	}
	return nil
}

// turns gives the settings that turn a setting of a variant one step further, nil and the reason where there is none.
func (m *monitor) turns(v *lab.VariantState, key string, up bool) (set []string, why string) {
	ahead := m.ahead(v)
	k := turnableOf(&ahead, key)
	switch {
	case k == nil:
		return nil, ahead.Target.Server + " has no " + key
	case k.Why != "":
		return nil, k.Why
	}
	why = k.Name + " ends at " + k.Value
	for _, value := range k.Next(up) {
		p := lab.Plan{Free: true, Variants: []lab.Variant{ahead}, Slice: ahead.Load.Stages.Total()}
		set := []string{v.ID + "." + key + "=" + value}
		if key == keyModel && value == string(load.Open) {
			set = append(set, v.ID+"."+keyRate+"="+firstRate(v))
		}
		err := scenarios.Turn(&p, set)
		if err == nil {
			return set, ""
		}
		why = err.Error()
	}
	return nil, why
}

// firstRate is what an open model begins with: about half of what was served.
func firstRate(v *lab.VariantState) string {
	served := 2000.0
	if v.Settled.RPS != nil && *v.Settled.RPS > 0 {
		served = *v.Settled.RPS
	}
	k := scenarios.Turnable{Value: strconv.FormatFloat(math.Max(served/2, 10), 'f', 0, 64)}
	if open := turnableOf(&lab.Variant{Load: lab.Load{Model: load.Open}}, keyRate); open != nil {
		k.Values = open.Values
	}
	if slices.Contains(k.Values, k.Value) {
		return k.Value
	}
	if lower := k.Next(false); len(lower) > 0 {
		return lower[0]
	}
	return "1000"
}

// scope is whose settings the keys turn.
func (m *monitor) scope() string {
	if m.all {
		return "all"
	}
	return m.run.View.Focus
}

func (m *monitor) scopeWord() string {
	if m.all {
		return "turns all"
	}
	return "turns " + m.scope()
}

// turn turns a setting of the selected variant one step further. With all of them selected, every one gets the value that
// the selected one comes to; one that cannot take it stays, and that is said.
func (m *monitor) turn(key string, up bool) {
	lead, values, why := m.lead(key, up)
	if lead == nil {
		if why != "" {
			m.desk.Say(why)
		}
		return
	}
	var set, stay []string
	for i := range m.run.State.Variants {
		v := &m.run.State.Variants[i]
		if v != lead && !m.all {
			continue
		}
		own := make([]string, len(values))
		for k, value := range values {
			own[k] = v.ID + "." + value
		}
		if v != lead && m.refuses(v, own) {
			stay = append(stay, v.ID)
			continue
		}
		set = append(set, own...)
	}
	m.sent++
	for _, s := range set {
		name, value, _ := strings.Cut(s, "=")
		m.pending[name] = turned{value, m.sent}
	}
	if len(stay) > 0 {
		m.desk.Say(strings.Join(stay, " and ") + " cannot have " + strings.Join(values, " and ") + ", and stays as it is")
	} else if m.all && len(m.run.State.Variants) > 1 && m.run.Index(lab.AllVariants) < 0 {
		set = set[:0]
		for _, value := range values {
			set = append(set, lab.AllVariants+"."+value)
		}
	}
	m.run.Session.Turn(lab.Turn{Set: set})
}

// lead is the variant whose next value counts, the selected one unless only another one can be turned, and the values as
// key=value; nil and the reason where there is none.
func (m *monitor) lead(key string, up bool) (lead *lab.VariantState, values []string, why string) {
	st := m.run.State
	focus := max(m.run.Index(m.run.View.Focus), 0)
	for n := range st.Variants {
		v := &st.Variants[(focus+n)%len(st.Variants)]
		set, reason := m.turns(v, key, up)
		if len(set) > 0 {
			for i, s := range set {
				set[i] = strings.TrimPrefix(s, v.ID+".")
			}
			return v, set, ""
		}
		if n == 0 {
			why = reason
		}
		if !m.all {
			break
		}
	}
	return nil, nil, why
}

// refuses reports whether a variant, as it will be, cannot be turned so.
func (m *monitor) refuses(v *lab.VariantState, set []string) bool {
	p := lab.Plan{Free: true, Variants: []lab.Variant{m.ahead(v)}, Slice: v.Load.Stages.Total()}
	return scenarios.Turn(&p, set) != nil
}

func (m *monitor) turnConnections(n int) { m.turn(keyConnections, n > 0) }
func (m *monitor) turnRate(n int)        { m.turn(keyRate, n > 0) }
func (m *monitor) turnKeepAlive()        { m.turn(keyKeepAlive, true) }
func (m *monitor) turnWorkers(n int)     { m.turn(keyWorkers, n > 0) }
func (m *monitor) turnEngine()           { m.turn(keyEngine, true) }

func (m *monitor) whyNoTurns() string {
	switch {
	case m.run.Replay != nil:
		return "a replay cannot be turned"
	case m.run.Ended || !m.run.Running():
		return "the run has ended"
	case m.run.State == nil || len(m.run.State.Variants) == 0:
		return "the targets are starting"
	case m.sent-m.run.State.Turned >= mostWaiting:
		return "the turns before this one are still waiting for the next slice"
	}
	return ""
}

// whyNot says why a setting can be turned of none of the variants that the keys turn.
func whyNot(key string) func(*monitor) string {
	return func(m *monitor) string {
		why := m.whyNoTurns()
		if why != "" {
			return why
		}
		for i := range m.run.State.Variants {
			v := &m.run.State.Variants[i]
			if !m.all && v.ID != m.run.View.Focus {
				continue
			}
			k := turnableOf(&v.Variant, key)
			switch {
			case k == nil:
				why = v.Target.Server + " has no " + key
			case k.Why != "":
				why = k.Why
			default:
				return ""
			}
		}
		return why
	}
}

// settleTurns forgets turned settings that have happened, or were refused: the run has taken their turn.
func (m *monitor) settleTurns() {
	if m.run.State == nil {
		return
	}
	m.sent = max(m.sent, m.run.State.Turned)
	for name, p := range m.pending {
		if p.turn <= m.run.State.Turned {
			delete(m.pending, name)
		}
	}
	if m.orderSent <= m.run.State.Turned {
		m.orderSent = 0
	}
}

// turnsText shows what the settings that the keys turn stand at, and what was turned and has not happened yet.
func (m *monitor) turnsText(st *lab.State) string {
	if len(st.Variants) == 0 {
		return ""
	}
	focus := max(m.run.Index(m.run.View.Focus), 0)
	var parts []string
	add := func(key, name string, text func(*lab.VariantState) string, after func(string) string) {
		seen := map[string]bool{}
		s := ""
		for i := range st.Variants {
			if !m.all && i != focus {
				continue
			}
			v := &st.Variants[i]
			t := text(v)
			if p, ok := m.pending[v.ID+"."+key]; ok {
				t += " → " + after(p.value)
			}
			if t == "" || seen[t] {
				continue
			}
			seen[t] = true
			if s != "" {
				s += " / "
			}
			s += t
		}
		if s != "" {
			parts = append(parts, name+" "+s)
		}
	}
	add(keyConnections, "connections", func(v *lab.VariantState) string { return figure.Screen.Count(float64(v.Load.Connections)) }, numberText)
	if st.Variants[focus].Load.Model == load.Open {
		add(keyRate, "rate", func(v *lab.VariantState) string { return figure.Screen.Count(v.Load.Rate) + "/s" }, func(s string) string { return numberText(s) + "/s" })
	}
	add(keyKeepAlive, "keep-alive", func(v *lab.VariantState) string { return onOff(v.Load.KeepAlive) }, func(s string) string { return onOff(s == "true") })
	add(keyWorkers, "workers", func(v *lab.VariantState) string {
		if v.Target.Workers == 0 {
			return ""
		}
		return strconv.Itoa(v.Target.Workers)
	}, numberText)
	return strings.Join(parts, " · ")
}

func numberText(s string) string {
	x, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return s
	}
	return figure.Screen.Count(x)
}

func onOff(b bool) string {
	if b {
		return "on"
	}
	return "off"
}
