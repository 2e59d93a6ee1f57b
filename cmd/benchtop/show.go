package main

import (
	"fmt"
	"strings"

	"benchtop/lab"
	"benchtop/lab/report"
	"benchtop/targets"
)

// TargetWords says in a few words what a variant's target is.
func TargetWords(v *lab.Variant) string {
	t := &v.Target
	words := []string{t.Server}
	switch {
	case t.URL != "":
		words = append(words, t.URL)
	case len(t.Command) > 0:
		words = append(words, strings.Join(t.Command, " "), "with your environment")
	default:
		words = append(words, fmt.Sprintf("workers %d", max(1, t.Workers)))
	}
	for _, w := range []string{t.Engine, t.Concurrency, t.Loop, t.HTTP, t.Accept, t.Endpoint} {
		if w != "" {
			words = append(words, w)
		}
	}
	if !t.KeepaliveOn() {
		words = append(words, "keep-alive off")
	}
	if t.NoDelay != nil && !*t.NoDelay {
		words = append(words, "Nagle on")
	}
	for _, n := range []struct {
		what string
		n    int
	}{{"at most %d requests at once", t.LimitConcurrency}, {"replaced after %d requests", t.MaxRequests}} {
		if n.n > 0 {
			words = append(words, fmt.Sprintf(n.what, n.n))
		}
	}
	if t.AccessLog {
		words = append(words, "access log")
	}
	if t.TLS != nil {
		words = append(words, tlsWords(t.TLS))
	}
	if t.Proxy != nil {
		words = append(words, "behind "+proxyWords(t.Proxy))
	}
	return strings.Join(words, ", ")
}

func tlsWords(t *targets.TLS) string {
	if t.Resumption != nil && !*t.Resumption {
		return "TLS without resumption"
	}
	return "TLS"
}

// proxyWords names the proxy and what a lesson turns in it.
func proxyWords(p *targets.Proxy) string {
	words := []string{"a proxy (" + p.Kind}
	if p.Upstreams > 1 {
		words = append(words, fmt.Sprintf("%d upstreams by %s", p.Upstreams, strings.ReplaceAll(p.Balance, "_", " ")))
	}
	if p.Upstream != "" {
		words = append(words, "over "+p.Upstream)
	}
	if p.Keepalive != nil {
		words = append(words, fmt.Sprintf("keeping %d", *p.Keepalive))
	}
	if p.HTTPVersion == "1.0" {
		words = append(words, "HTTP/1.0")
	}
	if p.Gzip != nil {
		words = append(words, fmt.Sprintf("gzip %d", p.Gzip.Level))
	}
	if p.Buffering != nil && !*p.Buffering {
		words = append(words, "unbuffered")
	}
	if p.AccessLog != "" && p.AccessLog != "off" {
		words = append(words, "access log "+p.AccessLog)
	}
	if p.Workers > 1 {
		words = append(words, fmt.Sprintf("%d workers", p.Workers))
	}
	return strings.Join(words, ", ") + ")"
}

// stepLines say what changes in the run, and when.
func stepLines(p *lab.Plan) []string {
	var out []string
	for i := range p.Steps {
		s := &p.Steps[i]
		var words []string
		if len(s.Start) > 0 {
			words = append(words, "start "+strings.Join(s.Start, ", "))
		}
		for _, set := range s.Set {
			words = append(words, strings.Replace(set, "=", " = ", 1))
		}
		if len(s.Stop) > 0 {
			words = append(words, "stop "+strings.Join(s.Stop, ", "))
		}
		out = append(out, fmt.Sprintf("%8s  %s", report.Short(s.At), strings.Join(words, ", ")))
	}
	return out
}

// placeOfTarget is where the shown configurations listen. The real one is chosen at the start of a run.
const placeOfTarget = "127.0.0.1:8080"

// showConfigurations writes the configuration files that the proxies of a plan get, with addresses that stand for those
// that a run chooses. One that is the same for several variants is written once.
func showConfigurations(b *strings.Builder, p *lab.Plan) {
	shown := map[string]string{} // configuration -> variant
	for i := range p.Variants {
		v := &p.Variants[i]
		text := configurationOf(v)
		switch first, again := shown[text]; {
		case text == "":
		case again:
			fmt.Fprintf(b, "\nthe proxy configuration of %s is that of %s\n", v.ID, first)
		default:
			shown[text] = v.ID
			fmt.Fprintf(b, "\nproxy configuration of %s (%s; its addresses are chosen at the start)\n%s\n", v.ID, v.Target.Proxy.Kind, indented(text))
		}
	}
}

// configurationOf is empty for a target without a proxy, and for a proxy without a configuration file.
func configurationOf(v *lab.Variant) string {
	if v.Target.Proxy == nil {
		return ""
	}
	kind, ok := targets.LookupProxy(v.Target.Proxy.Kind)
	if !ok || kind.Config == nil {
		return ""
	}
	spec := v.Target
	spec.Listen = placeOfTarget
	upstreams := make([]string, max(1, spec.Proxy.Upstreams))
	for i := range upstreams {
		if spec.Proxy.Upstream == "tcp" {
			upstreams[i] = fmt.Sprintf("127.0.0.1:%d", 8081+i)
		} else {
			upstreams[i] = fmt.Sprintf("unix:/run/benchtop/server-%d.sock", i+1)
		}
	}
	return kind.Config(spec, upstreams)
}

func indented(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = "  " + line
		}
	}
	return strings.Join(lines, "\n")
}
