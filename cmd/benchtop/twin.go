package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/lab/report"
	"benchtop/scenarios"
)

// Kinds of twins: one that needs components beside benchtop, and one that does not.
const (
	twinReal    = "real"
	twinBuiltin = "builtin"
)

// withTwin gives the scenario and its twin, by the names under which they are found.
func withTwin(kind string, names []string) ([]string, error) {
	if err := oneOf("--twin", kind, twinReal, twinBuiltin); err != nil {
		return nil, err
	}
	if len(names) != 1 {
		return nil, usage("--twin takes one scenario, found %d; its twin is run after it", len(names))
	}
	file, err := scenarios.Find(names[0])
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	twin, err := scenarios.Twin(file)
	switch {
	case err != nil:
		return nil, &exitError{exitUsage, err}
	case twin == nil:
		return nil, usage("--twin %s: %s names no twin; those that do: %s", kind, file.Plan.ID, withTwins())
	case len(twin.Plan.Requires) == 0 && kind == twinReal:
		return nil, usage("--twin real: %s, the twin of %s, needs nothing besides benchtop; write --twin builtin", twin.Plan.ID, file.Plan.ID)
	case len(twin.Plan.Requires) > 0 && kind == twinBuiltin:
		return nil, usage("--twin builtin: %s, the twin of %s, needs %s; write --twin real", twin.Plan.ID, file.Plan.ID, strings.Join(twin.Plan.Requires, ", "))
	}
	if slices.Contains(scenarioIDs(), twin.Plan.ID) {
		return []string{names[0], twin.Plan.ID}, nil
	}
	return []string{names[0], twin.Name}, nil
}

// withTwins are the shipped scenarios that name a twin.
func withTwins() string {
	var out []string
	for _, e := range scenarios.List() {
		if file, err := scenarios.Load(e.ID); err == nil && file.Plan.Twin != "" {
			out = append(out, e.ID)
		}
	}
	if len(out) == 0 {
		return "none"
	}
	return strings.Join(out, ", ")
}

// shareComparison refuses before the start what could not be compared afterwards.
func shareComparison(a, b *lab.Plan) error {
	switch {
	case a.Metric != b.Metric:
		return usage("--twin: %s is decided by %s and %s by %s; name one for both with --metric", a.ID, a.Metric, b.ID, b.Metric)
	case a.Baseline != b.Baseline:
		return usage("--twin: the baseline of %s is %s and that of %s is %s; twins have the same ids", a.ID, a.Baseline, b.ID, b.Baseline)
	}
	for i := range a.Variants {
		if id := a.Variants[i].ID; id != a.Baseline && b.Variant(id) != nil {
			return nil
		}
	}
	return usage("--twin: %s and %s share no variant besides the baseline; twins have the same ids", a.ID, b.ID)
}

func compareTwins(out io.Writer, first, second *lab.Result) error {
	fmt.Fprintln(out)
	if err := report.Twins(out, first, second); err != nil {
		return environment("%w", err)
	}
	return nil
}
