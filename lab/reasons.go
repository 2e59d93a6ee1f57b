package lab

import (
	"maps"
	"slices"

	"benchtop/lab/load"
)

// addReasons adds to have why requests of the slice failed, as far as it is not known yet.
func addReasons(have map[string]load.Reason, s *load.Summary) map[string]load.Reason {
	for class, why := range s.Why() {
		if _, known := have[class]; known {
			continue
		}
		if have == nil {
			have = map[string]load.Reason{}
		}
		have[class] = why
	}
	return have
}

// ErrorWords lists error classes with how often each occurred and, where it is known, why: the most frequent first.
func ErrorWords(errors map[string]uint64, why map[string]load.Reason) string {
	return load.ErrorWords(errors, why)
}

// reasonLines say why requests failed, a line for each variant and class.
func reasonLines(variants []VariantResult) []string {
	var out []string
	for i := range variants {
		v := &variants[i]
		for _, class := range slices.Sorted(maps.Keys(v.Reasons)) {
			out = append(out, v.ID+": "+class+": "+v.Reasons[class].String())
		}
	}
	return out
}
