package format

import (
	"fmt"
	"slices"
	"strings"

	"benchtop/lab"
)

// Title is what a variant is called: its id, and a label.
type Title struct {
	ID     string
	Bare   bool     // no letter stands before it: it is not one of the variants
	Labels []string // the same in fewer and fewer words; the first that has room is shown. None: the id says it all
}

// Called is a variant as its plan calls it.
func Called(v *lab.Variant) Title {
	t := Title{ID: v.ID}
	if v.Label != "" && v.Label != v.ID {
		t.Labels = []string{v.Label}
	}
	return t
}

// Titled is a variant of a run. A label says what a variant was when it got it: what was turned since comes first, the last
// turn before the others. Where room is short the label goes, then the older turns, of which their number stays.
func Titled(v *lab.VariantState) Title {
	t := Called(&v.Variant)
	if len(v.Turned) == 0 {
		return t
	}
	now := settings(v.Turned)
	all := "now " + strings.Join(now, ", ")
	labels := []string{all}
	if len(t.Labels) > 0 {
		labels = []string{all + "; first: " + t.Labels[0], all}
	}
	for n := len(now) - 1; n > 0; n-- {
		labels = append(labels, fmt.Sprintf("now %s +%d", strings.Join(now[:n], ", "), len(now)-n))
	}
	t.Labels = append(labels, strings.TrimPrefix(labels[len(labels)-1], "now "))
	return t
}

// Settings are those that were turned, in words, the last one first; empty for none.
func Settings(turned []string) string { return strings.Join(settings(turned), ", ") }

func settings(turned []string) []string {
	out := make([]string, len(turned))
	for i, set := range turned {
		out[i] = Setting(set)
	}
	slices.Reverse(out)
	return out
}
