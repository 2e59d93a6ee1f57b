// Package format writes variants, loads and predictions for people: the same on every screen.
package format

import (
	"slices"
	"strings"

	"benchtop/lab"
)

// Letter is the name of the i-th variant on the screen.
func Letter(i int) string {
	if i < 0 || i > 25 {
		return "?"
	}
	return string(rune('A' + i))
}

// Letters names the variants of a plan as the screen does.
func Letters(plan *lab.Plan) func(id string) string {
	return func(id string) string {
		return Letter(slices.IndexFunc(plan.Variants, func(v lab.Variant) bool { return v.ID == id }))
	}
}

// Listed writes names in a row: "A, B and C".
func Listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// Plural is a word for n of them.
func Plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}
