package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/observe"
	"benchtop/lab/observe/counters"
	"benchtop/lab/profile/take"
	"benchtop/lab/resolution"
	"benchtop/scenarios"
	"benchtop/targets"
	"benchtop/targets/posix"
	"benchtop/targets/procfs"
	"benchtop/tui"
)

// peers are programs that people like to cross-check with, and the line that installs each on Debian.
var peers = []struct{ name, install string }{
	{"wrk", "apt-get install wrk"},
	{"ab", "apt-get install apache2-utils"},
	{"h2load", "apt-get install nghttp2-client"},
	{"hey", "apt-get install hey"},
	{"curl", "apt-get install curl"},
	{"psql", "apt-get install postgresql-client"},
	{"redis-cli", "apt-get install redis-tools"},
}

func doctorCommand(env *Env) *cobra.Command {
	var asJSON, quick bool
	cmd := &cobra.Command{
		Use: "doctor", Short: "What this machine can run and decide, its limits, and what is missing", Args: noArgs("doctor"),
		Long: "Doctor looks at the machine, the terminal and what is installed, measures two equal servers against each other for some\n" +
			"seconds, and ends in one sentence: which differences a run of a minute can decide here, and what cannot run.",
		RunE: func(cmd *cobra.Command, _ []string) error { return doctor(cmd.Context(), env, asJSON, quick) },
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	cmd.Flags().BoolVar(&quick, "quick", false, "measure nothing: which differences the machine can decide stays unknown")
	return cmd
}

// diagnosis is what the doctor found, row by row.
type diagnosis struct {
	Rows     []diagnosed            `json:"rows"`
	Decides  *resolution.Resolution `json:"decides"`           // nil: not known
	Unknown  string                 `json:"unknown,omitempty"` // why not
	Lacking  []string               `json:"cannot_run"`        // scenarios
	Sentence string                 `json:"sentence"`

	machine observe.Machine
	tasks   observe.TaskLimit
	missing []string // components
}

type diagnosed struct {
	Name string `json:"name"`
	Is   string `json:"is"`
}

func (d *diagnosis) row(name, format string, args ...any) {
	d.Rows = append(d.Rows, diagnosed{name, fmt.Sprintf(format, args...)})
}

func doctor(ctx context.Context, env *Env, asJSON, quick bool) error {
	ctx, letGo := env.heed(ctx)
	defer letGo()
	d := &diagnosis{machine: observe.Describe(version()), tasks: observe.Tasks(), Lacking: []string{}}
	d.system()
	d.terminal(env)
	runs, err := env.runsDir()
	if err != nil {
		runs = err.Error()
	}
	d.row("run files", "%s", runs)
	found := newFinder(ctx)
	d.components(found)
	d.profilers(ctx)
	tooLow, err := d.scenarios(found)
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
	if !asJSON { // at once: the measurement takes some seconds
		if err := d.writeRows(env.text()); err != nil {
			return environment("%w", err)
		}
	}
	if d.Unknown = "nothing was measured"; !quick {
		d.measure(ctx)
	}
	if code := signalled(ctx); code != exitOK {
		return &exitError{code: code}
	}
	d.sum()
	if asJSON {
		err = writeJSON(env.Stdout, d)
	} else {
		err = env.wrapped(env.text(), func(out io.Writer) error {
			_, err := fmt.Fprintf(out, "\n%s\n", d.Sentence)
			return err
		})
	}
	if err != nil {
		return environment("%w", err)
	}
	if len(tooLow) > 0 {
		return environment("the limits are too low for %s", strings.Join(tooLow, ", "))
	}
	return nil
}

func (d *diagnosis) writeRows(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, r := range d.Rows {
		fmt.Fprintf(w, "%s\t%s\n", r.Name, r.Is)
	}
	return w.Flush()
}

// terminal says what a screen would have to draw with.
func (d *diagnosis) terminal(env *Env) {
	if env.plain() {
		d.row("terminal", "none here: plain lines instead of the screen")
		return
	}
	colours, utf8 := tui.Looks(env.screen, env.Getenv("NO_COLOR") != "")
	glyphs := "no UTF-8 locale: charts of ASCII (LC_ALL=C.UTF-8 has better ones)"
	if utf8 {
		glyphs = "UTF-8"
	}
	size := "of unknown size"
	if f, ok := env.screen.(*os.File); ok {
		if columns, rows := posix.TerminalSize(f); columns > 0 {
			size = fmt.Sprintf("%dx%d", columns, rows)
			if columns < tui.LeastWidth || rows < tui.LeastHeight {
				size += fmt.Sprintf(" is too small: the screen needs %dx%d", tui.LeastWidth, tui.LeastHeight)
			}
		}
	}
	d.row("terminal", "%s, %s, %s", size, colours, glyphs)
}

// measure runs two equal servers for some seconds.
func (d *diagnosis) measure(ctx context.Context) {
	found, err := func() (found resolution.Resolution, err error) {
		file, err := scenarios.Load("noise")
		if err != nil {
			return found, err
		}
		plan := *file.Plan
		resolution.Shorten(&plan)
		fold := lab.NewFold()
		if err := lab.Run(ctx, plan, lab.Options{Sink: fold.Apply, Version: version(), Apply: scenarios.Turn}); err != nil {
			return found, err
		}
		return resolution.Of(fold.Result(), plan.Slice)
	}()
	if d.Unknown = ""; err != nil {
		d.Unknown = err.Error()
		return
	}
	d.Decides = &found
}

// sum says in one sentence what the machine can do, and what that rests on.
func (d *diagnosis) sum() {
	runs := "runs everything"
	if n := len(d.Lacking); n > 0 {
		runs = fmt.Sprintf("runs everything but %d scenarios", n)
		if n == 1 {
			runs = "runs everything but " + d.Lacking[0]
		}
		if len(d.missing) > 0 {
			runs += " (missing: " + strings.Join(d.missing, ", ") + ")"
		}
	}
	if d.Decides == nil {
		d.Sentence = fmt.Sprintf("This machine %s; which differences it can decide is not known: %s.", runs, d.Unknown)
		return
	}
	much := figure.Whole(d.Decides.Difference)
	if d.Decides.Difference < 0.01 {
		much = "1 %"
	}
	d.Sentence = fmt.Sprintf("This machine can decide differences of about %s in a minute (from %d pairs of slices of %d ms of two equal servers, just measured); it %s.",
		much, d.Decides.Pairs, d.Decides.WindowMS, runs)
}

// system says what the machine is, and its limits.
func (d *diagnosis) system() {
	m := d.machine
	d.row("system", "%s/%s, %s %s", m.OS, m.Arch, m.Kernel, m.Virtual)
	d.row("processor", "%s, %s", m.Model, figure.Lines.Counted(m.CPUs, "core"))
	if m.CPUQuota > 0 {
		d.row("CPU quota", "%.1f cores: runs may be throttled; a run says so when it is", m.CPUQuota)
	}
	d.row("memory", "%s", figure.Bytes(float64(m.Memory)))
	d.row("CPU clock", "%s", m.Clock)
	d.row("open files", "%d, up to %d", m.Files, m.FilesHard)
	have := counters.System().Here()
	if events := counters.Available(have); len(events) > 0 {
		d.row("counters", "%s: counted with --counters", counters.Words(events))
	}
	for _, line := range counters.Limits(have) {
		d.row("counters", "%s", line)
	}
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
func (d *diagnosis) components(f *finder) {
	var lines []string
	for _, c := range targets.Components() {
		found, err := f.find(c.Name)
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
		d.missing = append(d.missing, c.Name)
		lines = append(lines, c.Install)
	}
	if install := targets.InstallAll(lines); install != "" {
		d.row("to install", "%s", install)
	}
}

// profilers says what --profile would see by.
func (d *diagnosis) profilers(ctx context.Context) {
	tools, nowhere := take.Tools(ctx)
	if nowhere != "" {
		d.row("profilers", "%s", nowhere)
	}
	for _, t := range tools {
		switch {
		case t.Path == "":
			d.row("profiler "+t.Name, "optional, for --profile: %s", t.Lacks)
		case t.Lacks != "":
			d.row("profiler "+t.Name, "%s, not usable: %s", t.Path, t.Lacks)
		default:
			d.row("profiler "+t.Name, "%s: %s (--profile)", t.Path, t.Gives)
		}
	}
}

// scenarios says of every shipped scenario whether it runs here, and gives those for which the limits are too low.
func (d *diagnosis) scenarios(f *finder) (tooLow []string, err error) {
	for _, e := range scenarios.List() {
		file, err := scenarios.Load(e.ID)
		if err != nil {
			return nil, err
		}
		lacks := f.lacking(file.Plan)
		if lacks != "" {
			d.Lacking = append(d.Lacking, e.ID)
		}
		verdict := cmp.Or(lacks, "runs here")
		if err := errors.Join(lab.CheckBudget(file.Plan, d.machine), lab.CheckTasks(file.Plan.Tasks(), d.tasks)); err != nil {
			verdict = err.Error()
			tooLow = append(tooLow, e.ID)
		}
		d.row("scenario "+e.ID, "%s, about %s", verdict, figure.Duration(file.Plan.Duration()))
	}
	return tooLow, nil
}

// finder looks for each component once: there are many scenarios, and looking starts programs.
type finder struct {
	ctx   context.Context
	found map[string]sought
}

type sought struct {
	where string
	err   error
}

func newFinder(ctx context.Context) *finder { return &finder{ctx, map[string]sought{}} }

// find gives the version and the place of a component, or a *targets.Lack or *targets.Unusable.
func (f *finder) find(name string) (where string, err error) {
	s, looked := f.found[name]
	if !looked {
		s.where, s.err = targets.Find(f.ctx, name)
		f.found[name] = s
	}
	return s.where, s.err
}

// missing are the components that a plan needs and that are not there, and what is wrong with those that do not work.
func (f *finder) missing(p *lab.Plan) (lacks targets.Lacks, broken []string) {
	for _, name := range lab.Components(p) {
		_, err := f.find(name)
		var lack *targets.Lack
		switch {
		case errors.As(err, &lack):
			lacks = append(lacks, lack)
		case err != nil && !slices.Contains(broken, err.Error()): // several may share a failure
			broken = append(broken, err.Error())
		}
	}
	return lacks, broken
}

// install names what a plan lacks, and the line that installs it; empty when all is there.
func (f *finder) install(p *lab.Plan) string {
	lacks, _ := f.missing(p)
	if len(lacks) == 0 {
		return ""
	}
	return strings.Join(lacks.Components(), ", ") + ": " + lacks.Install()
}

// lacking is what a plan cannot do without here, in words; empty when all is there. Where it was looked for stands with the
// components.
func (f *finder) lacking(p *lab.Plan) string {
	lacks, broken := f.missing(p)
	switch len(lacks) {
	case 0:
	case 1:
		broken = append(broken, lacks[0].Component+" is missing")
	default:
		broken = append(broken, strings.Join(lacks.Components(), ", ")+" are missing")
	}
	if len(broken) == 0 {
		return ""
	}
	return "cannot run: " + strings.ReplaceAll(strings.Join(broken, "; "), "\n", "; ")
}
