package lab

import (
	"maps"
	"slices"

	"benchtop/lab/load"
)

// addReasons adds to have why requests of the slice failed, as far as it is not known yet: of the classes that its window
// counts.
func addReasons(have map[string]load.Reason, s *load.Summary) map[string]load.Reason {
	for class, why := range s.Reasons {
		if _, known := have[class]; known || s.Counts.Errors[class]+s.Counts.AttemptErrors[class] == 0 {
			continue
		}
		if have == nil {
			have = map[string]load.Reason{}
		}
		have[class] = why
	}
	return have
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
