package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"benchtop/lab"
	"benchtop/targets"
	"benchtop/targets/setting"
)

// Apply changes a plan as `--set variant.key=value` asks for: the key is a setting of the variant's target (workers,
// engine, keepalive ...), proxy.KEY or tls.KEY, or load.KEY for a key of its load (load.connections, load.retry.max
// ...); proxy and tls themselves are on or off, and the variant all is every one of them. Values are written and checked as in a file, and what the variants need
// besides benchtop afterwards is added to Requires. The plan stays as it was when any of them is wrong; the error is an
// *Errors.
func Apply(p *lab.Plan, set []string) error {
	changed := *p
	changed.Variants = slices.Clone(p.Variants)
	var problems []Problem
	for _, s := range modelsFirst(set) {
		for _, problem := range override(&changed, s) {
			problem.File, problem.Line, problem.Col = "--set "+s, 0, 0
			problems = append(problems, problem)
		}
	}
	if len(problems) == 0 {
		changed.Requires = required(&changed)
		before := Validate(p) // a plan that was wrong before is not the override's fault
		for _, problem := range Validate(&changed) {
			if !slices.Contains(before, problem) {
				problem.File = "--set"
				problems = append(problems, problem)
			}
		}
	}
	if len(problems) > 0 {
		return asErrors(problems, nil)
	}
	*p = changed
	return nil
}

// modelsFirst moves load.model before the other keys, because changing the model drops what belongs to the other one.
func modelsFirst(set []string) []string {
	out := slices.Clone(set)
	slices.SortStableFunc(out, func(a, b string) int {
		return cmp.Compare(modelRank(a), modelRank(b))
	})
	return out
}

func modelRank(s string) int {
	if name, _, _ := strings.Cut(s, "="); strings.HasSuffix(name, ".load.model") {
		return 0
	}
	return 1
}

func override(p *lab.Plan, s string) []Problem {
	name, value, ok := strings.Cut(s, "=")
	id, key, dotted := strings.Cut(name, ".")
	if !ok || !dotted || id == "" || key == "" {
		return []Problem{{Msg: "wants variant.key=value", Hint: "for example --set " + firstID(p) + ".workers=2"}}
	}
	v := p.Variant(id)
	if v == nil && id == lab.AllVariants {
		var problems []Problem
		for i := range p.Variants {
			problems = append(problems, overrideOne(&p.Variants[i], key, value)...)
		}
		return slices.Compact(problems)
	}
	if v == nil {
		ids := []string{lab.AllVariants}
		for _, v := range p.Variants {
			ids = append(ids, v.ID)
		}
		return []Problem{{Msg: fmt.Sprintf("there is no variant %s", short(id)), Hint: didYouMean(id, ids)}}
	}
	return overrideOne(v, key, value)
}

// overrideOne changes one variant. A problem with the name of the key has no Path, one with its value has.
func overrideOne(v *lab.Variant, key, value string) []Problem {
	if isSealed(v, key) {
		return []Problem{{Path: key, Msg: key + " is " + whySealed}}
	}
	d := newDecoder("")
	if key == "load.model" {
		v.Load.Rate, v.Load.RateShare, v.Load.Stages, v.Load.Arrivals = 0, 0, nil, "" // those of the other model
	}
	if key == "load.rate" {
		v.Load.Stages = nil // a rate replaces them
	}
	all := settable(v)
	names := make([]string, len(all))
	for i, o := range all {
		names[i] = o.name
		inner, within := strings.CutPrefix(key, o.name+".")
		if o.name != key && (!within || !nests(o.row)) {
			continue
		}
		n := scalar(value)
		if within {
			n = nested(strings.Split(inner, "."), n)
		}
		before := v.Target
		d.setting(o.row, o.owner, n, o.name)
		if key == "proxy.kind" && before.Proxy != nil {
			dropOthers(v.Target.Proxy, before.Proxy.Kind)
		}
		if o.name == "proxy" || o.name == targets.PartLink {
			followSystem(&v.Target, before)
		}
		completeLoad(&v.Load)
		return d.problems
	}
	hint := didYouMean(key, names)
	for _, place := range []string{"load.", "proxy.", "tls."} {
		if slices.Contains(names, place+key) || place == "proxy." && setting.Find(proxyKeys(targets.ProxySettings()), key) != nil {
			hint = fmt.Sprintf("did you mean %q? allowed: %s", place+key, strings.Join(names, ", "))
			break
		}
	}
	return []Problem{{Msg: fmt.Sprintf("unknown key %s", short(key)), Hint: hint}}
}

const whySealed = "sealed until the fault is named"

// isSealed reports whether a key is sealed, or a group with a key that is.
func isSealed(v *lab.Variant, key string) bool {
	return slices.ContainsFunc(v.Sealed, func(s string) bool {
		return s == key || strings.HasPrefix(s, key+".") || strings.HasPrefix(key, s+".")
	})
}

// option is a setting of a variant that is one value, or holds settings that --set reaches with a dot.
type option struct {
	name  string
	row   *setting.Setting
	owner any
}

func nests(s *setting.Setting) bool {
	return s.Form() == setting.Group || s.Form() == typeProxy || s.Form() == typeServices
}

func settable(v *lab.Variant) []option {
	var out []option
	add := func(prefix string, rows []setting.Setting, owner any) {
		for i := range rows {
			switch s := &rows[i]; s.Form() {
			case setting.Texts, setting.Ints, lab.TypeHeader, lab.TypeHeaderEnv, lab.TypeStages, setting.Objects:
			default:
				if s.Key != "server" {
					out = append(out, option{prefix + s.Key, s, owner})
				}
			}
		}
	}
	add("", ofServer(v.Target.Server), &v.Target)
	add("load.", lab.LoadSettings(), &v.Load)
	return out
}

// nested is the mapping that holds a value under a path of keys.
func nested(path []string, value *node) *node {
	for _, key := range slices.Backward(path) {
		value = &node{kind: mapping, pairs: []pair{{&node{kind: text, value: key}, value}}}
	}
	return value
}

// followSystem forgets settings whose default differs between systems where that was in force, such as accept: with another
// way to the server, such as a unix socket behind a proxy that was put in front of it, the default is another one.
func followSystem(s *targets.Spec, before targets.Spec) {
	for _, row := range before.LeftToSystem() {
		if row.Shown(s) == row.Shown(&before) {
			row.Clear(s)
		}
	}
}

// dropOthers clears the settings that the proxy's kind does not have: those of the kind that it was before.
func dropOthers(p *targets.Proxy, before string) {
	if p == nil {
		return
	}
	kind, known := targets.LookupProxy(p.Kind)
	old, _ := targets.LookupProxy(before)
	for i := range old.Settings {
		if s := &old.Settings[i]; known && setting.Find(kind.Settings, s.Key) == nil {
			s.Clear(p)
		}
	}
	if p.Kind != before {
		p.Own = nil
	}
}

func firstID(p *lab.Plan) string {
	if len(p.Variants) > 0 {
		return p.Variants[0].ID
	}
	return "a"
}

// scalar is a value of the command line as YAML would read it.
func scalar(value string) *node {
	n := &node{kind: text, value: value}
	if value == "true" || value == "false" {
		n.kind = truth
	} else if _, err := strconv.ParseFloat(value, 64); err == nil {
		n.kind = number
	}
	return n
}
