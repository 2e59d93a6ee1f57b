package scenarios

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/targets"
	"benchtop/targets/endpoint"
)

// Knob is a setting of a variant that a person can turn in a free run.
type Knob struct {
	Key      string // as a setting has it behind the variant: load.connections, workers, proxy.keepalive
	Name     string // as it is shown
	Doc      string // one line
	Value    string // now, as a file writes it
	Values   []string
	Restarts bool   // the target is started again for it
	Why      string // why it does nothing now; empty: it does
}

// Next is the value that follows the present one in a direction, and those after it: a range ends, words go round.
func (k *Knob) Next(up bool) []string {
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

// Knobs are the settings of a variant that can be turned while it runs, those of the load first.
func Knobs(v *lab.Variant) []Knob {
	out := loadKnobs(&v.Load)
	server, _ := targets.Lookup(v.Target.Server)
	values := settingsOf(reflect.ValueOf(v.Target))
	for _, k := range server.Knobs {
		switch k.Name {
		case "url", "command", "ready":
			continue
		case "endpoint":
			if !server.Unmarked {
				out = append(out, Knob{Key: k.Name, Name: k.Name, Doc: k.Doc, Value: values[k.Name], Values: endpoint.Samples()})
			}
			continue
		}
		out = append(out, targetKnob(k, "", values[k.Name], targetWhy(k.Name, &v.Target)))
	}
	return append(append(out, proxyKnobs(&v.Target)...), tlsKnob(&v.Target))
}

func targetKnob(k targets.Knob, prefix, value, why string) Knob {
	name := strings.ReplaceAll(prefix+k.Name, "_", " ")
	if name == "keepalive" { // the client has one too
		name = "server keepalive"
	}
	return Knob{
		Key: prefix + k.Name, Name: name, Doc: k.Doc, Value: value,
		Values: valuesOf(k), Restarts: true, Why: why,
	}
}

// targetWhy says which setting another one waits for.
func targetWhy(name string, s *targets.Spec) string {
	switch {
	case name == "threads" && s.Concurrency != "" && s.Concurrency != "threadpool":
		return "threads are for concurrency: threadpool only"
	case name == "keepalive_timeout" && !s.KeepaliveOn():
		return "the server keeps no connection"
	case name == "accept" && s.Proxy != nil && s.Proxy.Upstream == "unix":
		return "the proxy reaches the server on one unix socket"
	}
	return ""
}

func proxyKnobs(s *targets.Spec) []Knob {
	on, kindName := "off", builtinProxy
	proxy := targets.Proxy{}
	if s.Proxy != nil {
		on, kindName, proxy = "on", s.Proxy.Kind, *s.Proxy
	}
	out := []Knob{{Key: "proxy", Name: "proxy", Doc: "a reverse proxy in front of the server", Value: on, Values: []string{"off", "on"}, Restarts: true}}
	why := ""
	if s.Proxy == nil {
		why = "there is no proxy; turn proxy on"
	}
	if kinds := proxyKinds(); len(kinds) > 1 {
		out = append(out, Knob{Key: "proxy.kind", Name: "proxy.kind", Doc: "which proxy it is", Value: kindName, Values: kinds, Restarts: true, Why: why})
	}
	kind, _ := targets.LookupProxy(kindName)
	values := settingsOf(reflect.ValueOf(proxy))
	for _, k := range kind.Knobs {
		if strings.Contains(k.Name, ".") || k.Name == "body_limit" {
			continue
		}
		reason := why
		if k.Name == "uneven" && why == "" && proxy.Upstreams < 2 {
			reason = "there is one copy of the server; turn proxy.upstreams"
		}
		out = append(out, targetKnob(k, "proxy.", values[k.Name], reason))
	}
	return out
}

func tlsKnob(s *targets.Spec) Knob {
	k := Knob{Key: "tls", Name: "tls", Doc: "the target speaks HTTPS", Value: "off", Values: []string{"off", "on"}, Restarts: true}
	if s.TLS != nil {
		k.Value = "on"
	}
	return k
}

func loadKnobs(l *lab.Load) []Knob {
	open := l.Model == load.Open
	why := func(unless bool, reason string) string {
		if unless {
			return ""
		}
		return reason
	}
	rate := ""
	if l.Rate > 0 {
		rate = strconv.FormatFloat(l.Rate, 'f', -1, 64)
	}
	arrivals := l.Arrivals
	if arrivals == "" {
		arrivals = load.Constant
	}
	return []Knob{
		{Key: "load.connections", Name: "connections", Doc: "of the client; in an open model at most so many", Value: strconv.Itoa(l.Connections), Values: ladder(1, MaxConnections)},
		{Key: "load.rate", Name: "rate", Doc: "requests per second that arrive, whether or not responses came", Value: rate, Values: rates(), Why: why(open, "a closed model has no rate; connections decide")},
		{Key: "load.model", Name: "model", Doc: "closed: each connection sends when it has its response; open: requests arrive at a rate", Value: string(l.Model), Values: []string{string(load.Closed), string(load.Open)}},
		{
			Key: "load.arrivals", Name: "arrivals", Doc: "constant: at equal distances; poisson: at random", Value: arrivals, Values: []string{load.Constant, load.Poisson},
			Why: why(open, "a closed model has no arrivals"),
		},
		{Key: "load.keepalive", Name: "keep-alive", Doc: "of the client; false: a new connection per request", Value: strconv.FormatBool(l.KeepAlive), Values: truths},
		{
			Key: "load.think", Name: "think time", Doc: "pause between a response and the next request", Value: span(l.Think), Values: append([]string{"0s"}, durations...),
			Why: why(!open, "an open load sends at its rate and has no users who think"),
		},
		{Key: "load.timeout", Name: "timeout", Doc: "of a request, connecting included", Value: span(l.Timeout), Values: durations},
	}
}

var (
	truths    = []string{"false", "true"}
	durations = []string{"1ms", "2ms", "5ms", "10ms", "20ms", "50ms", "100ms", "200ms", "500ms", "1s", "2s", "5s", "10s", "30s", "1m", "1m15s", "5m"}
)

// valuesOf are the values that a documented setting can be turned to. What a server does not take of them is left out
// when it is turned.
func valuesOf(k targets.Knob) []string {
	switch {
	case len(k.Enum) > 0:
		return k.Enum
	case k.Type == "bool":
		return truths
	case k.Type == "duration":
		return durations
	case k.Type == "int":
		most := k.Max
		if most == 0 {
			most = 1 << 16
		}
		return ladder(k.Min, most)
	}
	return nil
}

// ladder are whole numbers that grow by about a half to a doubling, with both ends.
func ladder(least, most int) []string {
	out := []string{strconv.Itoa(least)}
	last := least
	for _, base := range []int{1, 10, 100, 1000, 10000} {
		if most > 1000 {
			break
		}
		for _, step := range []int{1, 2, 3, 4, 6, 8} {
			if n := base * step; n > last && n < most {
				out, last = append(out, strconv.Itoa(n)), n
			}
		}
	}
	for n := 1; most > 1000 && n < most; n *= 2 {
		if n > last {
			out, last = append(out, strconv.Itoa(n)), n
		}
	}
	if most > last {
		out = append(out, strconv.Itoa(most))
	}
	return out
}

// rates are requests per second in steps of 1, 1.5, 2, 3, 5 and 7.
func rates() []string {
	var out []string
	for base := 10.0; base < MaxRate; base *= 10 {
		for _, step := range []float64{1, 1.5, 2, 3, 5, 7} {
			out = append(out, strconv.FormatFloat(base*step, 'f', -1, 64))
		}
	}
	return append(out, fmt.Sprintf("%.0f", math.Floor(MaxRate)))
}

// settingsOf are the values of a target's or proxy's keys, as a file writes them.
func settingsOf(v reflect.Value) map[string]string {
	out := map[string]string{}
	fieldsOf(v, func(name string, v reflect.Value) {
		if v.Kind() == reflect.Pointer {
			if v.IsNil() || v.Elem().Kind() == reflect.Struct {
				return
			}
		}
		if v.Kind() == reflect.Slice {
			return
		}
		out[name] = valueNode(name, v).value
	})
	return out
}
