package scenarios

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/targets"
	"benchtop/targets/setting"
)

// Turnable is a setting of a variant that a person can turn in a free run.
type Turnable struct {
	Key      string // as --set has it behind the variant: load.connections, workers, proxy.keepalive
	Name     string // as it is shown
	Doc      string // one line
	Value    string // now, as a file writes it
	Values   []string
	Restarts bool   // the target is started again for it
	Why      string // why it does nothing now; empty: it does
}

// Next is the value that follows the present one in a direction, and those after it: a range ends, words go round.
func (k *Turnable) Next(up bool) []string {
	i := slices.Index(k.Values, k.Value)
	_, ordered := amount(k.Value)
	if !ordered || slices.ContainsFunc(k.Values, func(v string) bool { _, ok := amount(v); return !ok }) {
		var out []string
		for n := 1; n < len(k.Values); n++ {
			if !up {
				out = append(out, k.Values[((i-n)%len(k.Values)+len(k.Values))%len(k.Values)])
				continue
			}
			out = append(out, k.Values[(i+n)%len(k.Values)])
		}
		if i < 0 && len(k.Values) > 0 {
			out = append([]string{k.Values[0]}, out...)
		}
		return out
	}
	now, _ := amount(k.Value)
	var out []string
	for _, v := range k.Values {
		switch x, _ := amount(v); {
		case up && x > now:
			out = append(out, v)
		case !up && x < now:
			out = append([]string{v}, out...)
		}
	}
	return out
}

// amount is a number or a duration, in order to compare.
func amount(s string) (float64, bool) {
	if x, err := strconv.ParseFloat(s, 64); err == nil {
		return x, true
	}
	d, err := time.ParseDuration(s)
	return float64(d), err == nil
}

// Turnables are the settings of a variant that can be turned while it runs, those of the load first.
func Turnables(v *lab.Variant) []Turnable {
	out := turnables("load", lab.LoadSettings(), &v.Load, "")
	for i := range out {
		out[i].Name = strings.TrimPrefix(out[i].Name, "load.")
	}
	server, _ := targets.Lookup(v.Target.Server)
	out = append(out, turnables("", server.Settings, &v.Target, "")...)
	out = append(out, proxyTurnables(&v.Target)...)
	out = append(out, turnables("", targets.AroundSettings(), &v.Target, "")...)
	link, why := v.Target.Link, ""
	if link == nil {
		link, why = &targets.Link{}, "there is no link; turn link on"
	}
	out = append(out, turnables(targets.PartLink, targets.LinkSetting().Rows, link, why)...)
	for i := range out {
		if k := &out[i]; isSealed(v, k.Key) {
			k.Value, k.Why = "sealed", whySealed
		}
	}
	return out
}

// turnables are those of the rows below a key; why is a reason why none of them does anything.
func turnables(group string, rows []setting.Setting, owner any, why string) []Turnable {
	var out []Turnable
	for i := range rows {
		s := &rows[i]
		values := s.Turns()
		if values == nil {
			continue
		}
		t := Turnable{Key: s.Key, Name: s.Label(group), Doc: s.Doc, Value: shown(s, owner), Values: values, Restarts: !s.Live, Why: why}
		if group != "" {
			t.Key = group + "." + s.Key
		}
		if s.Idle != nil && why == "" {
			t.Why = s.Idle(owner)
		}
		out = append(out, t)
	}
	for i := range rows {
		at := func(key string) int {
			return slices.IndexFunc(out, func(t Turnable) bool { return t.Key == group+"."+key })
		}
		if from := at(rows[i].Key); rows[i].Behind != "" && from >= 0 {
			moved := out[from]
			out = slices.Delete(out, from, from+1)
			out = slices.Insert(out, at(rows[i].Behind)+1, moved)
		}
	}
	return out
}

func shown(s *setting.Setting, owner any) string {
	if l, ok := owner.(*lab.Load); ok && s.Form() == lab.TypeRate {
		if l.Rate > 0 {
			return strconv.FormatFloat(l.Rate, 'f', -1, 64)
		}
		return ""
	}
	return s.Shown(owner)
}

func proxyTurnables(s *targets.Spec) []Turnable {
	on, proxy, why := "off", &targets.Proxy{Kind: builtinProxy}, "there is no proxy; turn proxy on"
	if s.Proxy != nil {
		on, proxy, why = "on", s.Proxy, ""
	}
	out := []Turnable{{Key: "proxy", Name: "proxy", Doc: "a reverse proxy in front of the server", Value: on, Values: []string{"off", "on"}, Restarts: true}}
	kind, _ := targets.LookupProxy(proxy.Kind)
	return append(out, turnables("proxy", proxyKeys(kind.Settings), proxy, why)...)
}
