package compare

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/metric"
)

// Difference is one thing that is not the same in two runs, in words.
type Difference struct {
	Area   string `json:"area"` // machine | versions | scenario | plan | a variant's id
	What   string `json:"what"`
	First  string `json:"first"`
	Second string `json:"second"`
}

// none stands for what is not set.
const none = "-"

// differences lists what is not the same: the machine first, because it explains most.
func differences(a, b *lab.State) []Difference {
	out := []Difference{}
	put := func(area, what string, first, second any) {
		x, y := worded(reflect.ValueOf(first)), worded(reflect.ValueOf(second))
		if x != y {
			out = append(out, Difference{area, what, x, y})
		}
	}
	m, n := &a.Machine, &b.Machine
	put("machine", "host", m.Hostname, n.Hostname)
	put("machine", "system", m.OS+"/"+m.Arch, n.OS+"/"+n.Arch)
	put("machine", "kernel", m.Kernel, n.Kernel)
	put("machine", "CPU", m.Model, n.Model)
	put("machine", "cores", m.CPUs, n.CPUs)
	put("machine", "CPU quota, cores", m.CPUQuota, n.CPUQuota)
	put("machine", "memory", fmt.Sprintf("%.1f GB", float64(m.Memory)/1e9), fmt.Sprintf("%.1f GB", float64(n.Memory)/1e9))
	put("machine", "virtual", m.Virtual, n.Virtual)
	put("versions", "benchtop", m.Benchtop, n.Benchtop)
	put("versions", "Go", m.Go, n.Go)
	put("versions", "engine of the generator", a.Generator.Engine, b.Generator.Engine)
	p, q := a.Plan, b.Plan
	put("scenario", "id", p.ID, q.ID)
	put("scenario", "file, SHA-256", short12(p.SHA256), short12(q.SHA256))
	put("plan", "baseline", p.Baseline, q.Baseline)
	put("plan", "primary metric", metric.Words(p.Metric), metric.Words(q.Metric))
	put("plan", "order", string(p.Order), string(q.Order))
	put("plan", "blocks", p.Blocks, q.Blocks)
	put("plan", "warm-up", p.Warmup, q.Warmup)
	put("plan", "settle", p.Settle, q.Settle)
	put("plan", "window of a slice", p.Slice, q.Slice)
	put("plan", "smallest effect that counts", figure.Declared(p.SmallestEffect), figure.Declared(q.SmallestEffect))
	put("plan", "limit of errors", figure.Declared(p.ErrorLimit), figure.Declared(q.ErrorLimit))
	put("plan", "fails if worse by", figure.Declared(p.FailIfWorse), figure.Declared(q.FailIfWorse))
	put("plan", "restarts", p.Restarts, q.Restarts)
	put("plan", "seed", p.Seed, q.Seed)
	put("plan", "quick", p.Quick, q.Quick)
	put("plan", "free run", p.Free, q.Free)
	return append(out, variantDifferences(p, q)...)
}

// variantDifferences lists, variant by variant in the order of the first plan, what is not the same.
func variantDifferences(p, q *lab.Plan) []Difference {
	var out []Difference
	for i := range p.Variants {
		v := &p.Variants[i]
		w := q.Variant(v.ID)
		if w == nil {
			out = append(out, Difference{v.ID, "the variant", "there", none})
			continue
		}
		out = append(out, settings(v, w)...)
	}
	for i := range q.Variants {
		if id := q.Variants[i].ID; p.Variant(id) == nil {
			out = append(out, Difference{id, "the variant", none, "there"})
		}
	}
	return out
}

// set are the settings of a variant that are set, by their names in the files.
func set(v *lab.Variant) map[string]string {
	out := map[string]string{}
	flatten(reflect.ValueOf(v.Target), "", out)
	flatten(reflect.ValueOf(v.Load), "load.", out)
	return out
}

// Differing lists for each variant the settings in which the variants of the plan differ, with their values, as
// "load.timeout 1s"; every setting that the files know is looked at.
func Differing(p *lab.Plan) [][]string {
	all := make([]map[string]string, len(p.Variants))
	names := map[string]bool{}
	for i := range p.Variants {
		all[i] = set(&p.Variants[i])
		for name := range all[i] {
			names[name] = true
		}
	}
	out := make([][]string, len(all))
	for _, name := range slices.Sorted(maps.Keys(names)) {
		differs := false
		for i := range all {
			differs = differs || all[i][name] != all[0][name]
		}
		for i := 0; differs && i < len(all); i++ {
			text := name + " " + all[i][name]
			if all[i][name] == "" {
				text = unset(all[i], name) + " not set"
			}
			if !slices.Contains(out[i], text) {
				out[i] = append(out[i], text)
			}
		}
	}
	return out
}

// unset is the name of what is not set: of the whole group, proxy or load.retry, where nothing of it is.
func unset(all map[string]string, name string) string {
	at := strings.LastIndex(name, ".")
	if at < 0 {
		return name
	}
	for other := range all {
		if strings.HasPrefix(other, name[:at+1]) {
			return name
		}
	}
	return unset(all, name[:at])
}

// settings are the settings of a variant that are not the same; its label is only a name.
func settings(v, w *lab.Variant) []Difference {
	x, y := set(v), set(w)
	var names []string
	for name := range x {
		names = append(names, name)
	}
	for name := range y {
		if _, ok := x[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var out []Difference
	for _, name := range names {
		if x[name] == y[name] {
			continue
		}
		d := Difference{v.ID, name, x[name], y[name]}
		if d.First == "" {
			d.First = none
		}
		if d.Second == "" {
			d.Second = none
		}
		out = append(out, d)
	}
	return out
}

// unlikeVariants says why the ratio of a variant to the baseline is not of the same things in both plans; empty when it
// is.
func unlikeVariants(p, q *lab.Plan, ids ...string) string {
	for _, id := range ids {
		v, w := p.Variant(id), q.Variant(id)
		if v == nil || w == nil {
			continue
		}
		if found := settings(v, w); len(found) > 0 {
			d := found[0]
			text := fmt.Sprintf("%s is not the same in both runs: %s is %s in %s and %s in %s", id, d.What, d.First, Name(0), d.Second, Name(1))
			if len(found) > 1 {
				text += fmt.Sprintf(", and %d more", len(found)-1)
			}
			return text
		}
	}
	return ""
}

// made is what the start of a run fills in, which no plan sets.
var made = []string{"nonce", "variant", "listen", "addresses"}

// flatten writes the settings of a struct under their names in the files, those that are set.
func flatten(v reflect.Value, prefix string, into map[string]string) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if own := v.Field(i); own.Kind() == reflect.Interface && own.Elem().Kind() == reflect.Pointer { // what only one kind has
			flatten(own.Elem().Elem(), prefix, into)
			continue
		}
		if !field.IsExported() || name == "-" || slices.Contains(made, prefix+name) {
			continue
		}
		value := v.Field(i)
		if field.Anonymous {
			flatten(value, prefix, into)
			continue
		}
		for value.Kind() == reflect.Pointer && !value.IsNil() {
			value = value.Elem()
			if value.Kind() != reflect.Struct { // a pointer that is set says something, also false and 0
				into[prefix+name] = worded(value)
			}
		}
		switch {
		case value.Kind() == reflect.Map && value.Type().Elem().Kind() == reflect.Struct:
			for _, key := range value.MapKeys() {
				flatten(value.MapIndex(key), prefix+name+"."+key.String()+".", into)
			}
		case value.Kind() == reflect.Struct:
			before := len(into)
			if flatten(value, prefix+name+".", into); len(into) == before && field.Type.Kind() == reflect.Pointer {
				into[prefix+name] = "yes" // it is there, with nothing but defaults
			}
		case !value.IsZero() || value.Kind() == reflect.Bool: // false is a setting, a zero is none
			into[prefix+name] = worded(value)
		}
	}
}

// worded writes one value.
func worded(v reflect.Value) string {
	if d, ok := v.Interface().(time.Duration); ok {
		return d.String()
	}
	switch v.Kind() {
	case reflect.Bool:
		if v.Bool() {
			return "yes"
		}
		return "no"
	case reflect.String:
		if v.Len() == 0 {
			return none
		}
		return v.String()
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = worded(v.Index(i))
		}
		return strings.Join(parts, " ")
	case reflect.Struct, reflect.Pointer, reflect.Map, reflect.Array:
		return fmt.Sprintf("%+v", v.Interface())
	}
	return fmt.Sprint(v.Interface())
}

// short12 is the beginning of a hash, enough to tell two apart by eye.
func short12(hash string) string { return hash[:min(len(hash), 12)] }
