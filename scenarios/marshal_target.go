package scenarios

import (
	"cmp"
	"reflect"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/targets"
)

// targetNode writes a target: its server, and whatever else is not a default.
func targetNode(s *targets.Spec) *node {
	least := leastSpec(*s)
	n := mapNode()
	n.put("server", textNode(least.Server))
	documented := map[string]bool{}
	if server, ok := targets.Lookup(s.Server); ok {
		for _, k := range server.Knobs {
			documented[k.Name] = true
		}
	}
	fieldsOf(reflect.ValueOf(least), func(name string, v reflect.Value) {
		if documented[name] && !v.IsZero() {
			n.put(name, valueNode(name, v))
		}
	})
	if least.TLS != nil {
		n.put("tls", switchedNode(reflect.ValueOf(*least.TLS)))
	}
	if least.Proxy != nil {
		n.put("proxy", switchedNode(reflect.ValueOf(*least.Proxy)))
	}
	return n
}

// leastSpec drops every setting without which the target is the same.
func leastSpec(s targets.Spec) targets.Spec {
	s.Listen, s.Nonce, s.Variant, s.AllowExec = "", "", "", false
	want, problems := targets.Check(s)
	if len(problems) > 0 {
		return s
	}
	same := func() bool {
		got, problems := targets.Check(s)
		return len(problems) == 0 && reflect.DeepEqual(got, want)
	}
	s.Proxy, s.TLS = cloneProxy(s.Proxy), cloneTLS(s.TLS)
	drop := func(of reflect.Value) {
		for i := range of.NumField() {
			f := of.Field(i)
			if f.IsZero() || f.Kind() == reflect.Pointer && f.Elem().Kind() == reflect.Struct {
				continue
			}
			before := reflect.ValueOf(f.Interface())
			f.SetZero()
			if !same() {
				f.Set(before)
			}
		}
	}
	server := s.Server
	drop(reflect.ValueOf(&s).Elem())
	s.Server = server
	if s.TLS != nil {
		drop(reflect.ValueOf(s.TLS).Elem())
	}
	if s.Proxy != nil {
		kind := s.Proxy.Kind
		if s.Proxy.Gzip != nil {
			drop(reflect.ValueOf(s.Proxy.Gzip).Elem())
		}
		drop(reflect.ValueOf(s.Proxy).Elem())
		if kind != builtinProxy {
			s.Proxy.Kind = kind
		}
	}
	return s
}

// fieldsOf calls f for each field that a file has a key for; the key is its name in JSON.
func fieldsOf(v reflect.Value, f func(name string, v reflect.Value)) {
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" && name != "server" {
			f(name, v.Field(i))
		}
	}
}

// switchedNode writes a part that is a mapping, or on where nothing of it has to be said.
func switchedNode(v reflect.Value) *node {
	n := mapNode()
	fieldsOf(v, func(name string, v reflect.Value) {
		switch {
		case v.IsZero() || name == "certificate":
		case v.Kind() == reflect.Pointer && v.Elem().Kind() == reflect.Struct:
			n.put(name, switchedNode(v.Elem()))
		default:
			n.put(name, valueNode(name, v))
		}
	})
	if len(n.pairs) == 0 {
		return textNode("on")
	}
	return n
}

// valueNode writes one setting as a file has it.
func valueNode(name string, v reflect.Value) *node {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch x := v.Interface().(type) {
	case time.Duration:
		return textNode(span(x))
	case bool:
		return truthNode(x)
	case int:
		return intNode(x)
	case int64: // an amount of bytes
		return textNode(intNode(int(x)).value + "B")
	case string:
		return textNode(x)
	case []string:
		return textsNode(x)
	}
	panic("a setting of a kind that files do not have: " + name + " is a " + v.Type().String()) // a test writes every one of them
}

// loadNode writes a load: model and connections, and whatever else is not a default.
func loadNode(l *lab.Load) *node {
	n := mapNode()
	n.put("model", textNode(string(l.Model)))
	n.put("connections", intNode(l.Connections))
	switch {
	case l.RateShare > 0:
		n.put("rate", textNode(percent(l.RateShare)))
	case len(l.Stages) > 0:
		n.put("stages", loadStages(l.Stages))
	case l.Rate > 0:
		n.put("rate", floatNode(l.Rate))
	}
	if l.Arrivals != "" && l.Arrivals != load.Constant {
		n.put("arrivals", textNode(l.Arrivals))
	}
	if !l.KeepAlive {
		n.put("keepalive", truthNode(false))
	}
	if l.Timeout != defaultTimeout {
		n.put("timeout", textNode(span(l.Timeout)))
	}
	if l.Method != "" {
		n.put("method", textNode(l.Method))
	}
	if len(l.Header) > 0 {
		header := mapNode()
		for _, h := range l.Header {
			header.put(h[0], textNode(h[1]))
		}
		n.put("header", header)
	}
	if l.Body != "" {
		n.put("body", textNode(l.Body))
	}
	n.put("expect_status", numbers(l.ExpectStatus))
	if l.Think > 0 {
		n.put("think", textNode(span(l.Think)))
	}
	if l.Pool > 0 {
		n.put("pool", intNode(l.Pool))
	}
	if l.Retry != nil {
		n.put("retry", retryNode(l.Retry))
	}
	if t := l.Timeouts; t != nil {
		n.put("timeouts", spans(map[string]time.Duration{"connect": t.Connect, "first_byte": t.FirstByte}, "connect", "first_byte"))
	}
	if l.Resume != nil {
		n.put("resume", truthNode(*l.Resume))
	}
	return n
}

func loadStages(stages load.Stages) *node {
	out := listNode()
	for _, s := range stages {
		n := mapNode()
		n.put("for", textNode(span(s.For)))
		n.put("rate", floatNode(s.Rate))
		if s.To != s.Rate {
			n.put("to", floatNode(s.To))
		}
		out.items = append(out.items, n)
	}
	return out
}

func retryNode(r *load.Retry) *node {
	n := mapNode()
	n.put("max", intNode(r.Max))
	for _, w := range []struct {
		key string
		is  time.Duration
	}{{"backoff", r.Backoff}, {"max_backoff", r.MaxBackoff}} {
		if w.is > 0 {
			n.put(w.key, textNode(span(w.is)))
		}
	}
	if r.Jitter {
		n.put("jitter", truthNode(true))
	}
	if r.Budget > 0 {
		n.put("budget", textNode(percent(r.Budget)))
	}
	n.put("on", numbers(r.On))
	if r.RetryAfter {
		n.put("retry_after", truthNode(true))
	}
	return n
}

// spans writes the durations that are set; on where none is.
func spans(all map[string]time.Duration, order ...string) *node {
	n := mapNode()
	for _, key := range order {
		if all[key] > 0 {
			n.put(key, textNode(span(all[key])))
		}
	}
	return cmp.Or(map[bool]*node{true: textNode("on")}[len(n.pairs) == 0], n)
}

func numbers(all []int) *node {
	if len(all) == 0 {
		return nil
	}
	out := listNode()
	for _, x := range all {
		out.items = append(out.items, intNode(x))
	}
	return out
}
