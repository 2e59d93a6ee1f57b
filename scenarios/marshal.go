package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/targets/setting"
)

// Marshal writes a plan as a scenario file that Parse reads as the same plan, its name and hash aside. What all variants
// share stands in target and load, what is a default is left out.
func Marshal(p *lab.Plan) ([]byte, error) {
	root := mapNode()
	target, load, variants := variantsNode(p)
	for _, row := range fileKeys() {
		switch row.Form() {
		case typeFormat:
			root.put(row.Key, intNode(FormatVersion))
		case typeTarget:
			root.put(row.Key, target)
		case typeVariants:
			root.put(row.Key, variants)
		case typeLoad:
			root.put(row.Key, load)
		case typePlan:
			root.put(row.Key, planNode(p))
		case typeMatrix, typeExclude: // its variants are written out
		default:
			first := len(p.Variants) > 0 && row.Key == "baseline" && p.Baseline == p.Variants[0].ID
			if !first && (row.Needed || !row.IsDefault(p)) {
				root.put(row.Key, settingNode(&row, p))
			}
		}
	}
	var b strings.Builder
	root.write(&b)
	out := []byte(b.String())
	if _, err := Parse(p.ID+".yaml", out); err != nil {
		return nil, fmt.Errorf("writing %s as a scenario: %w", p.ID, err)
	}
	return out, nil
}

func claimsNode(claims []lab.Claim) *node {
	if len(claims) == 0 {
		return nil
	}
	out := listNode()
	for _, c := range claims {
		item := textNode(c.ID)
		if c.Part != "" {
			item = mapNode()
			item.put("id", textNode(c.ID))
			item.put("part", textNode(c.Part))
		}
		out.items = append(out.items, item)
	}
	return out
}

func planNode(p *lab.Plan) *node {
	rows := slices.DeleteFunc(lab.PlanSettings(), func(s setting.Setting) bool { return s.Key == "slice" && p.Staged() })
	return mapNode().putAll(rows, p)
}

// setNode writes settings by variant.key, numbers and truths as they are.
func setNode(all []string) *node {
	if len(all) == 0 {
		return nil
	}
	set := mapNode()
	for _, name := range all {
		key, value, _ := strings.Cut(name, "=")
		n := scalar(value)
		if n.kind == number && !anyNumber.MatchString(value) {
			n = textNode(value)
		}
		set.put(key, n)
	}
	return set
}

// variantsNode writes the variants, with what all of them share in target and load.
func variantsNode(p *lab.Plan) (target, load, variants *node) {
	var targets, loads []*node
	for i := range p.Variants {
		targets = append(targets, targetNode(&p.Variants[i].Target))
		loads = append(loads, loadNode(p.Variants[i].Load))
	}
	target, load, variants = shared(targets), shared(loads), listNode()
	for i := range p.Variants {
		v := &p.Variants[i]
		n := mapNode()
		n.put("id", textNode(v.ID))
		if v.Label != v.ID {
			n.put("label", textNode(v.Label))
		}
		n.pairs = append(n.pairs, targets[i].pairs...)
		if len(loads[i].pairs) > 0 {
			n.put("load", loads[i])
		}
		variants.items = append(variants.items, n)
	}
	return target, load, variants
}

// shared moves the keys that all mappings have with the same value into one of its own.
func shared(all []*node) *node {
	out := mapNode()
	if len(all) == 0 {
		return out
	}
	for _, p := range slices.Clone(all[0].pairs) {
		key := p.key.value
		everywhere := !slices.ContainsFunc(all, func(n *node) bool { v := n.get(key); return v == nil || !v.same(p.value) })
		if !everywhere {
			continue
		}
		out.pairs = append(out.pairs, p)
		for _, n := range all {
			n.pairs = slices.DeleteFunc(n.pairs, func(p pair) bool { return p.key.value == key })
		}
	}
	return out
}
