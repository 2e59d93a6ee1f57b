package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/observe"
	"benchtop/scenarios"
	"benchtop/targets"
	"benchtop/targets/procfs"
)

// peers are programs that people like to cross-check with, and the line that installs each on Debian.
var peers = []struct{ name, install string }{
	{"wrk", "apt-get install wrk"},
	{"ab", "apt-get install apache2-utils"},
	{"h2load", "apt-get install nghttp2-client"},
	{"hey", "apt-get install hey"},
	{"curl", "apt-get install curl"},
}

func doctorCommand(env *Env) *cobra.Command {
	return &cobra.Command{
		Use: "doctor", Short: "What this machine can run, its limits, and what is missing", Args: noArgs("doctor"),
		RunE: func(*cobra.Command, []string) error { return doctor(env) },
	}
}

// diagnosis is what the doctor writes, row by row.
type diagnosis struct {
	*tabwriter.Writer
	machine observe.Machine
	tasks   observe.TaskLimit
}

func (d *diagnosis) row(name, format string, args ...any) {
	fmt.Fprintf(d, "%s\t%s\n", name, fmt.Sprintf(format, args...))
}

func doctor(env *Env) error {
	d := &diagnosis{tabwriter.NewWriter(env.text(), 0, 0, 2, ' ', 0), observe.Describe(version()), observe.Tasks()}
	d.system()
	runs, err := env.runsDir()
	if err != nil {
		runs = err.Error()
	}
	d.row("run files", "%s", runs)
	d.components()
	tooLow, err := d.scenarios()
	if err != nil {
		return &exitError{exitInternal, err}
	}
	for _, p := range peers {
		if path, err := exec.LookPath(p.name); err == nil {
			d.row("cross-check "+p.name, "%s", path)
		} else {
			d.row("cross-check "+p.name, "not installed (optional): %s", p.install)
		}
	}
	if err := d.Flush(); err != nil {
		return environment("%w", err)
	}
	if len(tooLow) > 0 {
		return environment("the limits are too low for %s", strings.Join(tooLow, ", "))
	}
	return nil
}

// system says what the machine is, and its limits.
func (d *diagnosis) system() {
	m := d.machine
	d.row("system", "%s/%s, %s %s", m.OS, m.Arch, m.Kernel, m.Virtual)
	d.row("processor", "%s, %d cores", m.Model, m.CPUs)
	if m.CPUQuota > 0 {
		d.row("CPU quota", "%.1f cores: runs may be throttled; a run says so when it is", m.CPUQuota)
	}
	d.row("memory", "%s", figure.Bytes(float64(m.Memory)))
	d.row("CPU clock", "%s", m.Clock)
	d.row("open files", "%d, up to %d", m.Files, m.FilesHard)
	if d.tasks.Name != "" {
		d.row("tasks", "%d of %d processes and threads are left, by %s", d.tasks.Left(), d.tasks.Max, d.tasks.Name)
	}
	if err := procfs.Own(); err != nil {
		d.row("processes", "only their CPU is measured, and nothing that an earlier run left is ended: %v", err)
	}
	if m.PortHigh > 0 {
		d.row("ports", "%d to %d: %d connections per address pair without keep-alive", m.PortLow, m.PortHigh, m.PortHigh-m.PortLow+1)
	}
	texts := []string{}
	for _, ns := range observe.MachineSpeed() {
		texts = append(texts, fmt.Sprintf("%.2f", float64(ns)/1e6))
	}
	d.row("machine speed", "%s ms per core for the fixed piece of work", strings.Join(texts, " "))
	if m.CPUs < 4 {
		d.row("cores", "%d: generator and target share them, so requests per second depend on both; CPU per request is the steadier figure", m.CPUs)
	}
}

// components says of every component where it is, or that it is missing or does not work, and gives the one line that
// installs what is missing.
func (d *diagnosis) components() {
	var lines []string
	for _, c := range targets.Components() {
		found, err := c.Find(context.Background())
		if err == nil {
			d.row("component "+c.Name, "%s", found)
			continue
		}
		var unusable *targets.Unusable
		if errors.As(err, &unusable) { // installing it is no help
			d.row("component "+c.Name, "not usable: %v", err)
			continue
		}
		d.row("component "+c.Name, "missing: %v", err)
		lines = append(lines, c.Install)
	}
	if install := targets.InstallAll(lines); install != "" {
		d.row("to install", "%s", install)
	}
}

// scenarios says of every shipped scenario whether it runs here, and gives those for which the limits are too low.
func (d *diagnosis) scenarios() (tooLow []string, err error) {
	for _, e := range scenarios.List() {
		file, err := scenarios.Load(e.ID)
		if err != nil {
			return nil, err
		}
		verdict := cmp.Or(lacking(file.Plan), "runs here")
		if err := errors.Join(lab.CheckBudget(file.Plan, d.machine), lab.CheckTasks(file.Plan.Tasks(), d.tasks)); err != nil {
			verdict = err.Error()
			tooLow = append(tooLow, e.ID)
		}
		d.row("scenario "+e.ID, "%s, about %s", verdict, figure.Duration(file.Plan.Duration()))
	}
	return tooLow, nil
}

// lacking is what a scenario cannot do without here, in words; empty when all is there.
func lacking(p *lab.Plan) string {
	err := lab.CheckComponents(p)
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
