package mystery

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"benchtop/targets"
)

type spec = targets.Spec

// object is a configuration of a target as JSON has it: its keys are those of the settings, a dot leads into a group.
type object map[string]any

func objectOf(s *spec) (object, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("writing a target: %w", err)
	}
	var o object
	return o, json.Unmarshal(text, &o)
}

func (o object) spec() (spec, error) {
	var s spec
	text, err := json.Marshal(o)
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return spec{}, fmt.Errorf("reading a target: %w", err)
	}
	return s, nil
}

// clone shares nothing with o.
func (o object) clone() object {
	out := object{}
	for key, value := range o {
		if inner, ok := value.(map[string]any); ok {
			value = map[string]any(object(inner).clone())
		}
		out[key] = value
	}
	return out
}

// get is the value of a key; nil: it is left out.
func (o object) get(key string) any {
	outer, rest, nested := strings.Cut(key, ".")
	if !nested {
		return o[outer]
	}
	inner, _ := o[outer].(map[string]any)
	return object(inner).get(rest)
}

// put sets a key, or with nil leaves it out. A group that has nothing more goes with it.
func (o object) put(key string, value any) {
	outer, rest, nested := strings.Cut(key, ".")
	if nested {
		inner, ok := o[outer].(map[string]any)
		if !ok {
			if value == nil {
				return
			}
			inner = map[string]any{}
		}
		if object(inner).put(rest, value); len(inner) > 0 {
			o[outer] = inner
			return
		}
		value = nil
	}
	if value == nil {
		delete(o, outer)
		return
	}
	o[outer] = value
}

// differing are the keys below a place whose values differ between two configurations, sorted.
func differing(a, b object, place string) []string {
	var out []string
	for _, o := range []object{a, b} {
		for key := range o {
			x, inA := a[key].(map[string]any)
			y, inB := b[key].(map[string]any)
			switch {
			case inA || inB:
				out = append(out, differing(x, y, place+key+".")...)
			case !reflect.DeepEqual(a[key], b[key]):
				out = append(out, place+key)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
