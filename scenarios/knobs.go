package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"benchtop/targets"
	"benchtop/targets/printable"
)

// knobNames are the keys of a target that a file may set, whichever server it is. A server documents which of them it
// has.
var knobNames = []string{
	"workers", "engine", "concurrency", "threads", "keepalive", "keepalive_timeout", "accept", "gomaxprocs",
	"access_log", "heartbeat", "endpoint", "nodelay", "backlog", "limit_concurrency", "loop", "http", "max_requests",
	"max_requests_jitter", "url", "command", "ready", "work_factor",
}

// knobReader reads keys that a registry documents: ranges and words come from there, so that a file, the schema and
// the server agree.
type knobReader struct {
	d          *decoder
	documented map[string]targets.Knob
}

func (d *decoder) knobs(documented []targets.Knob) knobReader {
	r := knobReader{d: d, documented: map[string]targets.Knob{}}
	for _, k := range documented {
		r.documented[k.Name] = k
	}
	return r
}

// whole reads a number. 0 is allowed only where the documentation says so: elsewhere it would mean the default, and
// nobody who writes 0 means that.
func (r knobReader) whole(name string, into func(int)) field {
	return field{name, func(n *node, at string) {
		k := r.documented[name]
		least, most := int64(k.Min), int64(k.Max)
		if least == 0 && most == 0 {
			least, most = 1, 1_000_000
		}
		if v, ok := r.d.whole(n, at, least, most); ok {
			into(int(v))
		}
	}}
}

// word reads one of the documented words, or any text where there is no closed set.
func (r knobReader) word(name string, into *string) field {
	return field{name, func(n *node, at string) {
		if k := r.documented[name]; len(k.Enum) > 0 {
			if v, ok := r.d.choice(n, at, k.Enum, nil); ok {
				*into = v
			}
		} else if v, ok := r.d.text(n, at, maxEndpoint); ok {
			*into = v
		}
	}}
}

// version reads a word that looks like a number: 1.1 in quotes or without.
func (r knobReader) version(name string, into *string) field {
	read := r.word(name, into).read
	return field{name, func(n *node, at string) {
		if n.kind == number {
			plain := *n
			plain.kind = text
			n = &plain
		}
		read(n, at)
	}}
}

func (r knobReader) span(name string, into *time.Duration) field {
	return field{name, func(n *node, at string) {
		if v, ok := r.d.duration(n, at, time.Millisecond, time.Hour); ok {
			*into = v
		}
	}}
}

func (r knobReader) truth(name string, into func(bool)) field {
	return field{name, func(n *node, at string) {
		if v, ok := r.d.bool(n, at); ok {
			into(v)
		}
	}}
}

// size reads an amount of bytes.
func (r knobReader) size(name string, into *int64) field {
	return field{name, func(n *node, at string) {
		k := r.documented[name]
		least, most := int64(k.Min), int64(k.Max)
		if least == 0 && most == 0 {
			least, most = 1, maxBodyLimit
		}
		if v, ok := r.d.bytes(n, at, least, most); ok {
			*into = v
		}
	}}
}

// words reads a list of texts.
func (r knobReader) words(name string, most, longest int, into *[]string) field {
	return field{name, func(n *node, at string) {
		var out []string
		for i, item := range r.d.list(n, at, 1, most) {
			if v, ok := r.d.text(item, fmt.Sprintf("%s[%d]", at, i), longest); ok {
				out = append(out, v)
			}
		}
		*into = out
	}}
}

// only gives the fields that are documented, by their name or by a part of them (gzip by gzip.level).
func (r knobReader) only(fields []field) []field {
	var out []field
	for _, f := range fields {
		if r.has(f.name) {
			out = append(out, f)
		}
	}
	return out
}

func (r knobReader) has(name string) bool {
	if _, ok := r.documented[name]; ok {
		return true
	}
	for documented := range r.documented {
		if strings.HasPrefix(documented, name+".") {
			return true
		}
	}
	return false
}

// knobFields reads the knobs that the server has into its Spec.
func (d *decoder) knobFields(s *targets.Spec, server targets.Descriptor) []field {
	r := d.knobs(server.Knobs)
	whole := func(name string, into *int) field { return r.whole(name, func(v int) { *into = v }) }
	return r.only([]field{
		whole("workers", &s.Workers),
		r.word("engine", &s.Engine),
		r.word("concurrency", &s.Concurrency),
		whole("threads", &s.Threads),
		r.truth("keepalive", func(v bool) { s.Keepalive = &v }),
		r.span("keepalive_timeout", &s.KeepaliveTimeout),
		r.word("accept", &s.Accept),
		whole("gomaxprocs", &s.GOMAXPROCS),
		r.truth("access_log", func(v bool) { s.AccessLog = v }),
		r.span("heartbeat", &s.Heartbeat),
		{"endpoint", func(n *node, at string) { d.pathOf(n, at, &s.Endpoint) }},
		r.truth("nodelay", func(v bool) { s.NoDelay = &v }),
		whole("backlog", &s.Backlog),
		whole("limit_concurrency", &s.LimitConcurrency),
		r.word("loop", &s.Loop),
		r.word("http", &s.HTTP),
		whole("max_requests", &s.MaxRequests),
		whole("max_requests_jitter", &s.MaxRequestsJitter),
		r.word("url", &s.URL),
		r.words("command", maxArguments, maxEndpoint, &s.Command),
		{"ready", func(n *node, at string) { d.pathOf(n, at, &s.Ready) }},
		whole("work_factor", &s.WorkFactor),
	})
}

// pathOf reads a path with its query.
func (d *decoder) pathOf(n *node, at string, into *string) {
	v, ok := d.text(n, at, maxEndpoint)
	if !ok {
		return
	}
	if msg := pathProblem(lastOf(at), v); msg != "" {
		d.problem(n, at, msg, "write a path such as /hello or /work?units=400")
		return
	}
	*into = v
}

// pathProblem says why a text is not a path and query; empty if it is one.
func pathProblem(key, s string) string {
	if !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") {
		return fmt.Sprintf("%s %s is not a path on the target; it begins with one /", key, short(s))
	}
	for _, r := range s {
		if r <= ' ' || r > '~' || r == '#' || r == '\\' || r == '"' || r == '<' || r == '>' {
			return fmt.Sprintf("%s %s holds %q; write it percent-encoded", key, short(s), printable.Line(string(r)))
		}
	}
	pathOnly, _, _ := strings.Cut(s, "?")
	for _, part := range strings.Split(pathOnly, "/") {
		if p := strings.ReplaceAll(strings.ToLower(part), "%2e", "."); p == ".." || p == "." {
			return fmt.Sprintf("%s %s holds a %s segment", key, short(s), p)
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

// serversWith are the servers that have a key.
func serversWith(key string) []string {
	var out []string
	for _, s := range targets.All() {
		if slices.ContainsFunc(s.Knobs, func(k targets.Knob) bool { return k.Name == key }) {
			out = append(out, s.Name)
		}
	}
	return out
}
