package main

import (
	"context"
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

// componentRows says of every component where it is, or that it is missing, and gives the one line that installs what
// is missing; empty when nothing is.
func componentRows(row func(name, format string, args ...any)) (install string) {
	var packages []string
	const manager = "apt-get install "
	for _, c := range targets.Components() {
		found, err := c.Find(context.Background())
		if err == nil {
			row("component "+c.Name, "%s", found)
			continue
		}
		row("component "+c.Name, "missing: %v", err)
		for _, name := range strings.Fields(strings.TrimPrefix(c.Install, manager)) {
			if !slices.Contains(packages, name) {
				packages = append(packages, name)
			}
		}
	}
	if len(packages) == 0 {
		return ""
	}
	return manager + strings.Join(packages, " ")
}

// lacking is what a scenario cannot do without here, in words; empty when all is there.
func lacking(p *lab.Plan) string {
	err := checkPlan(p)
	if err == nil {
		return ""
	}
	return fmt.Sprintf("cannot run: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
}
