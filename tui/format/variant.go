// Package format writes variants, loads and predictions for people: the same on every screen.
package format

import (
	"slices"
	"strconv"
	"strings"

	"benchtop/lab"
	"benchtop/lab/figure"
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

// Setting is key=value in words: load.keepalive=true is keep-alive on.
func Setting(set string) string {
	key, value, _ := strings.Cut(set, "=")
	key = strings.ReplaceAll(strings.ReplaceAll(strings.TrimPrefix(key, "load."), "keepalive", "keep-alive"), ".", " ")
	switch value {
	case "true":
		value = "on"
	case "false":
		value = "off"
	}
	if x, err := strconv.ParseFloat(value, 64); err == nil {
		value = figure.Screen.Count(x)
	}
	return key + " " + value
}
