package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/targets"
)

// knobs are the keys of a target that a file may set, whichever server it is. A server documents which of them it has.
var knobNames = []string{
	"workers", "engine", "concurrency", "threads", "keepalive", "keepalive_timeout", "accept", "gomaxprocs",
	"access_log", "heartbeat", "endpoint",
}

// knobFields reads the knobs that the server has into its Spec.
func (d *decoder) knobFields(s *targets.Spec, server targets.Descriptor) []field {
	documented := map[string]targets.Knob{}
	for _, k := range server.Knobs {
		documented[k.Name] = k
	}
	whole := func(into *int) func(*node, string) {
		return func(n *node, at string) {
			k := documented[lastOf(at)]
			least, most := int64(k.Min), int64(k.Max)
			if least == 0 && most == 0 {
				least, most = 1, 1_000_000
			}
			v, ok := d.whole(n, at, max(1, least), most) // 0 means the default, and nobody who writes 0 means that
			if ok {
				*into = int(v)
			}
		}
	}
	word := func(into *string) func(*node, string) {
		return func(n *node, at string) {
			if k := documented[lastOf(at)]; len(k.Enum) > 0 {
				if v, ok := d.choice(n, at, k.Enum, nil); ok {
					*into = v
				}
			} else if v, ok := d.text(n, at, maxEndpoint); ok {
				*into = v
			}
		}
	}
	span := func(into *time.Duration) func(*node, string) {
		return func(n *node, at string) {
			if v, ok := d.duration(n, at, time.Millisecond, time.Hour); ok {
				*into = v
			}
		}
	}
	readers := map[string]func(*node, string){
		"workers":     whole(&s.Workers),
		"engine":      word(&s.Engine),
		"concurrency": word(&s.Concurrency),
		"threads":     whole(&s.Threads),
		"keepalive": func(n *node, at string) {
			if v, ok := d.bool(n, at); ok {
				s.Keepalive = &v
			}
		},
		"keepalive_timeout": span(&s.KeepaliveTimeout),
		"accept":            word(&s.Accept),
		"gomaxprocs":        whole(&s.GOMAXPROCS),
		"access_log": func(n *node, at string) {
			if v, ok := d.bool(n, at); ok {
				s.AccessLog = v
			}
		},
		"heartbeat": span(&s.Heartbeat),
		"endpoint": func(n *node, at string) {
			if v, ok := d.text(n, at, maxEndpoint); ok {
				if msg := endpointProblem(v); msg != "" {
					d.problem(n, at, msg, "write a path such as /hello or /work?units=400")
					return
				}
				s.Endpoint = v
			}
		},
	}
	var out []field
	for _, name := range knobNames {
		if _, ok := documented[name]; ok {
			out = append(out, field{name, readers[name]})
		}
	}
	return out
}

// endpointProblem says why a text is not a path and query; empty if it is one.
func endpointProblem(s string) string {
	if !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") {
		return fmt.Sprintf("endpoint %s is not a path on the target; it begins with one /", short(s))
	}
	for _, r := range s {
		if r <= ' ' || r > '~' || r == '#' || r == '\\' || r == '"' || r == '<' || r == '>' {
			return fmt.Sprintf("endpoint %s holds %q; write it percent-encoded", short(s), printable(string(r)))
		}
	}
	pathOnly, _, _ := strings.Cut(s, "?")
	for _, part := range strings.Split(pathOnly, "/") {
		if p := strings.ReplaceAll(strings.ToLower(part), "%2e", "."); p == ".." || p == "." {
			return fmt.Sprintf("endpoint %s holds a %s segment", short(s), p)
		}
	}
	return ""
}

func serverNames() []string {
	var out []string
	for _, s := range targets.All() {
		out = append(out, s.Name)
	}
	return out
}

func (d *decoder) serverField(s *targets.Spec) field {
	return field{"server", func(n *node, at string) {
		names := serverNames()
		later := slices.DeleteFunc(slices.Clone(laterServers), func(l string) bool { return slices.Contains(names, l) })
		if v, ok := d.choice(n, at, names, later); ok {
			s.Server = v
		}
	}}
}

// serverOf peeks at the server, because it decides which other keys there are.
func serverOf(n *node, otherwise string) string {
	if n != nil && n.kind == mapping {
		if s := n.get("server"); s != nil && s.kind == text {
			if _, ok := targets.Lookup(s.value); ok {
				return s.value
			}
		}
	}
	return otherwise
}

// builtinServer is the server of a target that names none.
const builtinServer = "builtin"

// variants reads target, load and variants, each variant over the defaults of the other two.
func (d *decoder) variants(p *lab.Plan, t *targetPart) {
	base := lab.Variant{
		Target: targets.Spec{Server: serverOf(t.target, builtinServer)},
		Load:   lab.Load{Model: load.Closed, KeepAlive: true, Timeout: defaultTimeout},
	}
	descriptor, _ := targets.Lookup(base.Target.Server)
	if t.target != nil {
		fields := append([]field{d.serverField(&base.Target)}, d.knobFields(&base.Target, descriptor)...)
		d.object(t.target, "target", "target", fields, laterTarget)
	}
	if t.load != nil {
		d.object(t.load, "load", "load", d.loadFields(&base.Load), laterLoad)
	}
	if t.variants == nil {
		return
	}
	for i, n := range d.list(t.variants, "variants", 1, MaxVariants) {
		at := fmt.Sprintf("variants[%d]", i)
		v := base
		if server := serverOf(n, base.Target.Server); server != v.Target.Server {
			v.Target = targets.Spec{Server: server, Endpoint: base.Target.Endpoint} // another server has other knobs
			descriptor, _ = targets.Lookup(server)
		} else {
			descriptor, _ = targets.Lookup(base.Target.Server)
		}
		given := d.object(n, at, "the variant", d.variantFields(&v, descriptor), laterTarget)
		d.required(n, "the variant", given, "id")
		if v.Label == "" {
			v.Label = v.ID
		}
		completeLoad(&v.Load)
		p.Variants = append(p.Variants, v) // unreadable ones too, so that places and indexes agree
	}
}

func (d *decoder) variantFields(v *lab.Variant, server targets.Descriptor) []field {
	fields := []field{
		{"id", func(n *node, at string) { v.ID, _ = d.word(n, at) }},
		{"label", func(n *node, at string) { v.Label, _ = d.text(n, at, maxLabel) }},
		d.serverField(&v.Target),
	}
	fields = append(fields, d.knobFields(&v.Target, server)...)
	return append(fields, field{"load", func(n *node, at string) {
		d.loadOver(n, at, &v.Load)
	}})
}
