package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"benchtop/lab"
	"benchtop/targets"
)

// checkComponents refuses before the start what needs components that this machine does not have: those of the targets,
// and what a scenario requires beside them.
func checkComponents(specs []targets.Spec, required ...string) error {
	names := slices.Clone(required)
	for _, s := range specs {
		for _, name := range targets.Needs(s) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return targets.Missing(context.Background(), names)
}

// checkPlan is checkComponents for a plan.
func checkPlan(p *lab.Plan) error {
	var specs []targets.Spec
	for i := range p.Variants {
		specs = append(specs, p.Variants[i].Target)
	}
	return checkComponents(specs, p.Requires...)
}

// componentRows says of every component where it is, or that it is missing or does not work, and gives the one line that installs what
// is missing; empty when nothing is.
func componentRows(row func(name, format string, args ...any)) (install string) {
	var lines []string
	for _, c := range targets.Components() {
		found, err := c.Find(context.Background())
		if err == nil {
			row("component "+c.Name, "%s", found)
			continue
		}
		var unusable *targets.Unusable
		if errors.As(err, &unusable) { // installing it is no help
			row("component "+c.Name, "not usable: %v", err)
			continue
		}
		row("component "+c.Name, "missing: %v", err)
		lines = append(lines, c.Install)
	}
	return targets.InstallAll(lines)
}

// lacking is what a scenario cannot do without here, in words; empty when all is there.
func lacking(p *lab.Plan) string {
	err := checkPlan(p)
	if err == nil {
		return ""
	}
	var several targets.Lacks
	var one *targets.Lack
	switch {
	case errors.As(err, &several): // where they were looked for stands with the components
		return fmt.Sprintf("cannot run: %s are missing", strings.Join(several.Components(), ", "))
	case errors.As(err, &one):
		return fmt.Sprintf("cannot run: %s is missing", one.Component)
	}
	return fmt.Sprintf("cannot run: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
}
