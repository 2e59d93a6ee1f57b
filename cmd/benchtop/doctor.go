package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/observe"
	"benchtop/lab/report"
	"benchtop/scenarios"
	"benchtop/targets/proc"
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

func doctor(env *Env) error {
	m := observe.Describe(version())
	w := tabwriter.NewWriter(env.text(), 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(w, "%s\t%s\n", name, fmt.Sprintf(format, args...)) }
	row("system", "%s/%s, %s %s", m.OS, m.Arch, m.Kernel, m.Virtual)
	row("processor", "%s, %d cores", m.Model, m.CPUs)
	if m.CPUQuota > 0 {
		row("CPU quota", "%.1f cores: runs may be throttled; a run says so when it is", m.CPUQuota)
	}
	memory := float64(m.Memory)
	row("memory", "%s", report.Bytes(&memory))
	row("CPU clock", "%s", m.Clock)
	row("open files", "%d, up to %d", m.Files, m.FilesHard)
	tasks := observe.Tasks()
	if tasks.Name != "" {
		row("tasks", "%d of %d processes and threads are left, by %s", tasks.Left(), tasks.Max, tasks.Name)
	}
	if err := proc.OwnProc(); err != nil {
		row("processes", "only their CPU is measured, and nothing that an earlier run left is ended: %v", err)
	}
	if m.PortHigh > 0 {
		row("ports", "%d to %d: %d connections per address pair without keep-alive", m.PortLow, m.PortHigh, m.PortHigh-m.PortLow+1)
	}
	speed := observe.MachineSpeed()
	texts := []string{}
	for _, ns := range speed {
		texts = append(texts, fmt.Sprintf("%.2f", float64(ns)/1e6))
	}
	row("machine speed", "%s ms per core for the fixed piece of work", strings.Join(texts, " "))
	if m.CPUs < 4 {
		row("cores", "%d: generator and target share them, so requests per second depend on both; CPU per request is the steadier figure", m.CPUs)
	}
	runs, err := env.runsDir()
	if err != nil {
		runs = err.Error()
	}
	row("run files", "%s", runs)
	if install := componentRows(row); install != "" {
		row("to install", "%s", install)
	}
	tooLow := []string{}
	for _, e := range scenarios.List() {
		file, err := scenarios.Load(e.ID)
		if err != nil {
			return &exitError{exitInternal, err}
		}
		verdict := "runs here"
		if lacks := lacking(file.Plan); lacks != "" {
			verdict = lacks
		}
		if err := errors.Join(lab.CheckBudget(file.Plan, m), lab.CheckTasks(file.Plan.Tasks(), tasks)); err != nil {
			verdict = err.Error()
			tooLow = append(tooLow, e.ID)
		}
		row("scenario "+e.ID, "%s, about %s", verdict, report.Short(file.Plan.Duration()))
	}
	for _, p := range peers {
		if path, err := exec.LookPath(p.name); err == nil {
			row("cross-check "+p.name, "%s", path)
		} else {
			row("cross-check "+p.name, "not installed (optional): %s", p.install)
		}
	}
	if err := w.Flush(); err != nil {
		return environment("%w", err)
	}
	if len(tooLow) > 0 {
		return environment("the limits are too low for %s", strings.Join(tooLow, ", "))
	}
	return nil
}
