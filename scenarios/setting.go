package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/metric"
	"benchtop/targets/printable"
	"benchtop/targets/setting"
)

// fields are the keys of rows: what stands there is read into the struct that owns the settings.
func (d *decoder) fields(rows []setting.Setting, owner any) []field {
	out := make([]field, len(rows))
	for i := range rows {
		s := &rows[i]
		out[i] = field{s.Key, func(n *node, at string) { d.setting(s, owner, n, at) }}
	}
	return out
}

// mapping reads the keys of rows, and reports those that are missing. It gives the keys that were there.
func (d *decoder) mapping(n *node, at, what string, rows []setting.Setting, owner any) map[string]bool {
	given := d.object(n, at, what, d.fields(rows, owner))
	var needed []string
	for i := range rows {
		if rows[i].Needed {
			needed = append(needed, rows[i].Key)
		}
	}
	d.required(n, what, given, needed...)
	return given
}

// setting reads the value of one setting by its type.
func (d *decoder) setting(s *setting.Setting, owner any, n *node, at string) {
	take := func(value any, ok bool) {
		if ok {
			s.Set(owner, value)
		}
	}
	switch s.Form() {
	case setting.Int:
		least, most := int64(s.Min), int64(s.Max)
		if !s.Bounded() {
			least, most = 0, 1_000_000
		}
		take(d.whole(n, at, least, most))
	case setting.Text:
		take(d.wordOrText(s, n, at))
	case setting.Version:
		if n.kind == number { // 1.1 without quotes
			plain := *n
			plain.kind = text
			n = &plain
		}
		take(d.wordOrText(s, n, at))
	case setting.Lines:
		take(d.markdown(n, at, longest(s)))
	case setting.Name:
		take(d.word(n, at))
	case setting.Path:
		take(d.pathOf(n, at))
	case setting.Bool:
		take(d.bool(n, at))
	case setting.Duration:
		least, most := time.Duration(s.Min), time.Duration(s.Max)
		if !s.Bounded() {
			least, most = time.Millisecond, time.Hour
		}
		take(d.duration(n, at, least, most))
	case setting.Bytes:
		take(d.bytes(n, at, int64(s.Min), int64(s.Max)))
	case setting.BitRate:
		take(d.bitRate(s, n, at))
	case setting.Share:
		take(d.share(n, at, s.Min, s.Max))
	case setting.Number:
		take(d.number(n, at, s))
	case setting.Texts:
		var out []string
		for i, item := range d.list(n, at, 1, items(s)) {
			if v, ok := d.text(item, fmt.Sprintf("%s[%d]", at, i), longest(s)); ok {
				out = append(out, v)
			}
		}
		s.Set(owner, out)
	case setting.Ints:
		s.Set(owner, d.ints(s, n, at))
	case setting.Group:
		d.group(s, owner, n, at)
	default:
		d.special(s, owner, n, at)
	}
}

// special reads the value of a setting of a type that only scenarios or loads have.
func (d *decoder) special(s *setting.Setting, owner any, n *node, at string) {
	take := func(value any, ok bool) {
		if ok {
			s.Set(owner, value)
		}
	}
	switch s.Form() {
	case lab.TypeMetric:
		if v, ok := d.choice(n, at, metricNames()); ok {
			s.Set(owner, v)
		}
	case lab.TypeRate:
		if rate, share, ok := d.rate(n, at); ok {
			l := owner.(*lab.Load)
			l.Rate, l.RateShare = rate, share
		}
	case lab.TypeStages:
		d.stages(s, owner, n, at)
	case lab.TypeAgents:
		take(d.agents(n, at))
	case lab.TypeHeader:
		s.Set(owner, d.header(n, at))
	case lab.TypeHeaderEnv:
		s.Set(owner, d.headerEnv(n, at))
	case typeProxy:
		d.proxy(n, at, owner)
	case typeServices:
		d.services(n, at, owner)
	case typeFormat: // read before everything else
	case typeClaims:
		d.claims(s, owner, n, at)
	case typeRequires:
		s.Set(owner, d.requires(n, at))
	case typeNames:
		s.Set(owner, d.names(s, n, at))
	case typeSentences, typeWhen:
		s.Set(owner, d.sentences(s, n, at))
	case typeSet:
		s.Set(owner, d.settings(n, at, "of settings (a.workers: 2)"))
	case typeSignal:
		s.Set(owner, d.settings(n, at, "of signals (a.worker: TERM)"))
	case typeSteps:
		d.steps(s, owner, n, at)
	case typeObject:
		d.mapping(n, at, s.Key, s.Rows, s.Open(owner))
	case setting.Objects:
		d.objects(s, owner, n, at)
	case typePlan:
		d.mapping(n, at, s.Key, s.Rows, owner)
	case typeLoad:
		if v, ok := owner.(*lab.Variant); ok {
			d.loadOver(n, at, &v.Load)
		}
	case typeTarget, typeVariants, typeMatrix, typeExclude: // with the load, when all of them are known
	default:
		panic("a setting of a type that files do not have: " + s.Key) // a test reads every row
	}
}

// longest is the number of characters that a text may have.
func longest(s *setting.Setting) int {
	if s.Longest > 0 {
		return s.Longest
	}
	return 2048
}

// items is the number of items that a list may have.
func items(s *setting.Setting) int {
	if s.Most > 0 {
		return s.Most
	}
	return 100
}

func (d *decoder) wordOrText(s *setting.Setting, n *node, at string) (string, bool) {
	if len(s.Values) > 0 {
		return d.choice(n, at, s.Values)
	}
	return d.text(n, at, longest(s))
}

// ints reads a list of whole numbers, each once.
func (d *decoder) ints(s *setting.Setting, n *node, at string) []int {
	var out []int
	for i, item := range d.list(n, at, 1, items(s)) {
		in := fmt.Sprintf("%s[%d]", at, i)
		v, ok := d.whole(item, in, int64(s.Min), int64(s.Max))
		switch {
		case !ok:
		case slices.Contains(out, int(v)):
			d.problem(item, in, fmt.Sprintf("%s %d stands twice", s.Noun, v), "remove one of them")
		default:
			out = append(out, int(v))
		}
	}
	return out
}

// group reads a mapping key by key over the one that is there: off removes it, on leaves it as it is and puts one with the
// defaults where there is none.
func (d *decoder) group(s *setting.Setting, owner any, n *node, at string) {
	on, off, ok := d.switched(n, at, s.Example)
	if off || !ok {
		s.Clear(owner)
		return
	}
	inner := s.Open(owner)
	if !on {
		d.mapping(n, at, s.Key, s.Rows, inner)
	}
}

// switched reports whether the value is one of the words on and off; what else it may be is said in the message when it
// is neither that nor a mapping.
func (d *decoder) switched(n *node, at, otherwise string) (on, off, ok bool) {
	d.places[at] = n
	switch {
	case n.kind == mapping:
		return false, false, true
	case n.kind == text && n.value == "on":
		return true, false, true
	case n.kind == text && n.value == "off":
		return false, true, true
	}
	hint := ""
	if n.kind == truth {
		hint = "write " + map[string]string{"true": "on", "false": "off"}[n.value]
	}
	d.wants(n, at, fmt.Sprintf("a mapping (%s), on or off", otherwise), hint)
	return false, false, false
}

// objects reads a list of mappings. One that could not be read stays in it, so that places and indexes agree.
func (d *decoder) objects(s *setting.Setting, owner any, n *node, at string) {
	s.Begin(owner)
	for i, item := range d.list(n, at, s.Least, s.Most) {
		one := s.Append(owner)
		setting.Fill(s.Rows, one)
		d.mapping(item, fmt.Sprintf("%s[%d]", at, i), s.Noun, s.Rows, one)
	}
}

// pathOf reads a path with its query.
func (d *decoder) pathOf(n *node, at string) (string, bool) {
	v, ok := d.text(n, at, maxEndpoint)
	if !ok {
		return "", false
	}
	if msg := pathProblem(lastOf(at), v); msg != "" {
		d.problem(n, at, msg, "write a path such as /hello or /work?units=400")
		return "", false
	}
	return v, true
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

// metricNames are the names of the expectation grammar.
func metricNames() []string {
	return metric.Names(metric.All())
}
