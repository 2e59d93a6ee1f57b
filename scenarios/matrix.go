package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// idRule says how the ids of a matrix are made. It stands in the schema, and in the message when two ids are the same.
const idRule = "an id is made of the values in the order of the keys: numbers behind the initials of their key " +
	"(proxy.keepalive: 8 is k8; the name where two keys have the same initials), true and on as the key's name, " +
	"false and off as no- and the name, other words as they are"

// axis is one key of a matrix with its values.
type axis struct {
	path   []string // the key, parted at its dots
	key    *node
	values []*node
	short  string // stands before a number in an id
}

var matrixKey = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$`)

// matrix writes out the product of the lists, the last key changing fastest, without the combinations that exclude
// names. The variants hold the nodes of the file, so that a mistake in a value has the place at which it stands.
func (d *decoder) matrix(n, exclude *node) []*node {
	d.places["matrix"], d.places["variants"] = n, n
	before := len(d.problems)
	axes := d.axes(n)
	if len(d.problems) > before {
		return nil
	}
	entries := d.exclusions(exclude, axes)
	if len(d.problems) > before {
		return nil
	}
	total := 1
	for _, a := range axes {
		total *= len(a.values)
	}
	if total > maxCombinations {
		d.problem(n, "matrix", fmt.Sprintf("the matrix has %d combinations; it may have %d before exclude", total, maxCombinations), "give it fewer keys or shorter lists")
		return nil
	}
	var out []*node
	seen := map[string]string{}
	kept := 0
	for i := range total {
		combination := make([]*node, len(axes))
		for rest, k := i, len(axes)-1; k >= 0; k-- {
			combination[k] = axes[k].values[rest%len(axes[k].values)]
			rest /= len(axes[k].values)
		}
		if excluded(combination, entries) {
			continue
		}
		if kept++; kept > MaxVariants {
			continue
		}
		id, label := called(axes, combination)
		switch other, twice := seen[id]; {
		case twice:
			d.problem(n, "matrix", fmt.Sprintf("two combinations of the matrix are called %s: %s, and %s", short(id), other, label), idRule+"; write these out under variants")
			return nil
		case utf8.RuneCountInString(id) > maxID:
			d.problem(n, "matrix", fmt.Sprintf("the id of a combination is %q, with %d characters; at most %d are allowed", id, utf8.RuneCountInString(id), maxID), "write these out under variants")
			return nil
		}
		seen[id] = label
		out = append(out, written(n, axes, combination, id, label))
	}
	switch {
	case kept > MaxVariants:
		d.problem(n, "matrix", fmt.Sprintf("the matrix gives %d variants; at most %d are allowed", kept, MaxVariants), "shorten its lists, or leave combinations out with exclude")
		return nil
	case kept == 0:
		d.problem(exclude, "exclude", "exclude leaves no variant of the matrix", "")
	}
	return out
}

// axes reads the keys and lists.
func (d *decoder) axes(n *node) []axis {
	if n.kind != mapping || len(n.pairs) == 0 {
		d.wants(n, "matrix", "a mapping of keys to lists (proxy.keepalive: [0, 8])", "")
		return nil
	}
	if len(n.pairs) > maxAxes {
		d.problem(n, "matrix", fmt.Sprintf("matrix has %d keys; at most %d are allowed", len(n.pairs), maxAxes), "")
		return nil
	}
	var out []axis
	for _, p := range n.pairs {
		key := p.key.value
		switch {
		case p.key.kind != text || !matrixKey.MatchString(key):
			d.problem(p.key, "matrix", fmt.Sprintf("%s is not a key of a matrix: the path of a key of a variant, such as workers or proxy.keepalive", short(key)), "")
			continue
		case key == "id" || key == "label":
			d.problem(p.key, "matrix", fmt.Sprintf("%s cannot be in a matrix", key), idRule)
			continue
		}
		clash := ""
		for _, a := range out {
			other := strings.Join(a.path, ".")
			if key == other || strings.HasPrefix(key, other+".") || strings.HasPrefix(other, key+".") {
				clash = other
			}
		}
		if clash != "" {
			d.problem(p.key, "matrix", fmt.Sprintf("key %s of the matrix sets what %s sets", short(key), short(clash)), "remove one of them")
			continue
		}
		out = append(out, axis{path: strings.Split(key, "."), key: p.key, values: d.axisValues(p.value, key)})
	}
	shorten(out)
	return out
}

func (d *decoder) axisValues(n *node, key string) []*node {
	at := "matrix." + key
	if n.kind != sequence {
		d.wants(n, at, "a list of values", fmt.Sprintf("write %s: [%s]", key, strings.TrimSpace(n.value)))
		return nil
	}
	values := d.list(n, at, 1, MaxVariants)
	seen := map[string]bool{}
	for _, v := range values {
		switch {
		case v.kind == mapping || v.kind == sequence || v.kind == nothing:
			d.problem(v, at, fmt.Sprintf("a value of %s is %s; a matrix has single values", key, v.found()), "write a key for each setting: proxy.keepalive: [0, 8]")
		case seen[v.value]:
			d.problem(v, at, fmt.Sprintf("%s stands twice in %s", short(v.value), key), "remove one of them")
		}
		seen[v.value] = true
	}
	return values
}

// exclusions reads the combinations to leave out: per entry the value of each key that it names.
func (d *decoder) exclusions(n *node, axes []axis) []map[int]string {
	if n == nil {
		return nil
	}
	names := make([]string, len(axes))
	for i, a := range axes {
		names[i] = strings.Join(a.path, ".")
	}
	var out []map[int]string
	for i, item := range d.list(n, "exclude", 1, maxExclude) {
		at := fmt.Sprintf("exclude[%d]", i)
		if item.kind != mapping || len(item.pairs) == 0 {
			d.wants(item, at, "a mapping of keys of the matrix to one value each (workers: 1)", "")
			continue
		}
		entry := map[int]string{}
		for _, p := range item.pairs {
			k := slices.Index(names, p.key.value)
			if k < 0 {
				d.problem(p.key, at, fmt.Sprintf("%s is not a key of the matrix", short(p.key.value)), didYouMean(p.key.value, names))
				continue
			}
			var values []string
			for _, v := range axes[k].values {
				values = append(values, v.value)
			}
			if !slices.Contains(values, p.value.value) || p.value.kind == mapping || p.value.kind == sequence {
				d.problem(p.value, at, fmt.Sprintf("%s has no value %s in the matrix", names[k], p.value.found()), "allowed: "+strings.Join(values, ", "))
				continue
			}
			entry[k] = p.value.value
		}
		out = append(out, entry)
	}
	return out
}

func excluded(combination []*node, entries []map[int]string) bool {
	for _, e := range entries {
		all := true
		for k, value := range e {
			all = all && combination[k].value == value
		}
		if all {
			return true
		}
	}
	return false
}

// shorten finds what stands before the numbers of each key in an id: initials (keepalive_timeout: kt), or where two
// keys with numbers have the same ones the last word of both, or the whole of both.
func shorten(axes []axis) {
	forms := []func([]string) string{
		func(path []string) string {
			out := ""
			for _, word := range strings.Split(path[len(path)-1], "_") {
				if word != "" {
					out += word[:1]
				}
			}
			return out
		},
		func(path []string) string { return hyphened(path[len(path)-1]) },
		func(path []string) string { return hyphened(strings.Join(path, "-")) },
	}
	for i := range axes {
		for _, form := range forms {
			axes[i].short = form(axes[i].path)
			alone := true
			for k := range axes {
				alone = alone && (k == i || !numeric(axes[k]) || form(axes[k].path) != axes[i].short)
			}
			if alone {
				break
			}
		}
	}
}

// numeric reports whether any of the values stands behind the key in an id.
func numeric(a axis) bool {
	return slices.ContainsFunc(a.values, func(v *node) bool { return startsWithDigit(hyphened(v.value)) })
}

func startsWithDigit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

// called gives a combination its id and its label.
func called(axes []axis, combination []*node) (id, label string) {
	var ids, labels []string
	for k, v := range combination {
		path := axes[k].path
		last := path[len(path)-1]
		name, value := hyphened(last), hyphened(v.value)
		switch {
		case v.value == "true" || v.value == "on":
			value = name
		case v.value == "false" || v.value == "off":
			value = "no-" + name
		case startsWithDigit(value):
			value = axes[k].short + value
		}
		ids = append(ids, value)
		labels = append(labels, strings.ReplaceAll(last, "_", " ")+" "+v.value)
	}
	id = strings.Trim(strings.Join(ids, "-"), "-")
	label = strings.Join(labels, ", ")
	if r := []rune(label); len(r) > maxLabel {
		label = string(r[:maxLabel-3]) + "..."
	}
	return id, label
}

// hyphened is a text in small letters and digits, with one hyphen for everything between them.
func hyphened(s string) string {
	words := strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return strings.Join(words, "-")
}

// written is a combination as the variant that a person would have written.
func written(n *node, axes []axis, combination []*node, id, label string) *node {
	word := func(s string) *node { return &node{kind: text, line: n.line, col: n.col, value: s, quoted: true} }
	out := &node{kind: mapping, line: n.line, col: n.col}
	out.pairs = []pair{{word("id"), word(id)}, {word("label"), word(label)}}
	for k, v := range combination {
		into := out
		col := axes[k].key.col
		if axes[k].key.quoted {
			col++
		}
		for i, name := range axes[k].path {
			key := &node{kind: text, line: axes[k].key.line, col: col, value: name}
			col += len(name) + 1
			if i == len(axes[k].path)-1 {
				into.pairs = append(into.pairs, pair{key, v})
				break
			}
			inner := into.get(name)
			if inner == nil {
				inner = &node{kind: mapping, line: key.line, col: key.col}
				into.pairs = append(into.pairs, pair{key, inner})
			}
			into = inner
		}
	}
	return out
}
