package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/figure"
	"benchtop/lab/load/generator"
	"benchtop/lab/observe"
	"benchtop/lab/record"
	"benchtop/lab/report"
	"benchtop/lab/scrape"
	"benchtop/lab/session"
	"benchtop/scenarios"
	"benchtop/scenarios/watch"
	"benchtop/targets/printable"
	"benchtop/targets/routine"
	"benchtop/tui"
)

// runFlags are the flags of `run`.
type runFlags struct {
	ui           uiFlags
	out          outputs
	quick, plain bool
	plan         settingFlags
	profile      profileFlags
	set          []string
	engine       string
	threads      int
	twin         string
	metrics      string // loopback address at which Prometheus reads the run; empty: none
	scrape       *scrape.Server
	crew         crewFlags

	allowExec bool // start programs that files name

	files map[*lab.Plan]string // the paths of those plans that were read from files
}

// Short form of a run, for trying things out.
const (
	quickBlocks = 2
	quickSlice  = 700 * time.Millisecond
	quickWarmup = 700 * time.Millisecond
)

func runCommand(env *Env) *cobra.Command {
	f := &runFlags{}
	cmd := &cobra.Command{
		Use:   "run SCENARIO...",
		Short: "Run scenarios, shipped ones by id or files",
		Long: "Run starts at once: a live screen on a terminal, plain lines otherwise (--plain forces them). Settings of the plan\n" +
			"(" + flagsOf(lab.PlanSettings()) + ")\n" +
			"take the place of the scenario's.\n\n" +
			"Exit codes: 0 all expectations confirmed or none stated, 1 one refuted, 2 scenario or command line wrong\n" +
			"(nothing was started), 3 inconclusive or refused, 4 the environment failed, 129/130/143 hung up, interrupted,\n" +
			"terminated: the partial result is saved and labelled so.",
		Example: "  benchtop run workers\n  benchtop run noise --plain --json -\n  benchtop run client-keepalive --set new.load.connections=16\n" +
			"  benchtop run upstream-keepalive --set k8.proxy.keepalive=4",
		Args: atLeastOne("run", "SCENARIO"),
		RunE: func(cmd *cobra.Command, args []string) error { return runAll(cmd, env, f, args) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return scenarioIDs(), cobra.ShellCompDirectiveDefault
		},
	}
	f.register(cmd, nil)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.set, "set", nil, "change one setting: variant.key=value (repeatable)")
	flags.StringVar(&f.twin, "twin", "", "run the scenario's twin as well and compare both: real, builtin")
	flags.BoolVar(&f.allowExec, "allow-exec", false, "allow 'server: command' to start the program that a scenario file names, with your environment")
	return cmd
}

// register makes the flags of every command that runs a plan. defaults is a *lab.Plan with what holds where a flag is not
// given; nil: what the scenario says.
func (f *runFlags) register(cmd *cobra.Command, defaults any) {
	f.ui.register(cmd)
	f.ui.registerPresent(cmd)
	flags := cmd.Flags()
	f.out.register(cmd)
	rows := lab.PlanSettings()
	for i := range rows {
		rows[i].Default = ""
	}
	f.plan.add(flags, "", rows, defaults)
	f.profile.register(flags)
	flags.BoolVar(&f.quick, "quick", false, "2 blocks of 700 ms: a look, too short to decide")
	flags.BoolVar(&f.plain, "plain", false, "plain lines, no screen")
	flags.StringVar(&f.engine, "engine", "", "engine of the generator: epoll, net")
	flags.IntVar(&f.threads, "threads", 0, "threads of the generator (default 1)")
	f.crew.register(flags, "load.agents")
	flags.StringVar(&f.metrics, "metrics", "", "show the run to Prometheus while it goes on, at /metrics of this loopback address, such as 127.0.0.1:9464")
}

func atLeastOne(name, what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return usage("%s: no %s given; `benchtop list` shows the shipped ones", name, what)
		}
		return nil
	}
}

func runAll(cmd *cobra.Command, env *Env, f *runFlags, names []string) error {
	plans, err := f.ready(names)
	if err != nil {
		return err
	}
	return runPlans(cmd.Context(), env, f, plans)
}

// runPlans carries out plans in which nothing is wrong.
func runPlans(ctx context.Context, env *Env, f *runFlags, plans []*lab.Plan) error {
	if f.metrics != "" {
		var err error
		if f.scrape, err = scrape.Start(f.metrics); err != nil {
			return usage("--metrics: %w", err)
		}
		defer func() { _ = f.scrape.Close() }() // the run is over
		fmt.Fprintf(env.Stderr, "benchtop: metrics at %s until the run ends\n", f.scrape.URL())
	}
	sweep(env)
	defer env.openFollowed("run", onlyOne(plans), !f.plain && !env.plain())()
	codes, results := []int{}, []*lab.Result{}
	for _, plan := range plans {
		result, code, err := runOne(ctx, env, f, plan, len(plans) > 1)
		if err != nil {
			return err
		}
		codes, results = append(codes, code), append(results, result)
		if code >= exitHangup || env.why() != nil {
			break
		}
	}
	if f.twin != "" && len(results) == 2 {
		out := f.out.progress(env)
		fmt.Fprintln(out)
		if err := report.Twins(out, results[0], results[1]); err != nil {
			return environment("%w", err)
		}
	}
	if code := worst(codes); code != exitOK {
		return &exitError{code: code}
	}
	return nil
}

// onlyOne is the id of the one scenario that is run, empty when there are several.
func onlyOne(plans []*lab.Plan) string {
	if len(plans) > 1 {
		return ""
	}
	return plans[0].ID
}

// ready gives the plans of everything that is to be run, once nothing stands in its way.
func (f *runFlags) ready(names []string) ([]*lab.Plan, error) {
	if f.twin != "" {
		if err := oneOf("--twin", f.twin, scenarios.TwinReal, scenarios.TwinBuiltin); err != nil {
			return nil, err
		}
		if len(names) != 1 {
			return nil, usage("--twin takes one scenario, found %d; its twin is run after it", len(names))
		}
		both, err := scenarios.WithTwin(f.twin, names[0])
		if err != nil {
			return nil, &exitError{exitUsage, err}
		}
		names = both
	}
	plans, err := f.plans(names)
	if err != nil {
		return nil, err
	}
	if f.twin != "" {
		if err := scenarios.ComparableTwins(plans[0], plans[1]); err != nil {
			return nil, &exitError{exitUsage, err}
		}
	}
	return plans, f.check(plans)
}

// check refuses what the flags, the system or the machine's limits do not allow of plans.
func (f *runFlags) check(plans []*lab.Plan) error {
	if err := f.out.check(len(plans)); err != nil {
		return err
	}
	wanted := ""
	for _, p := range plans {
		wanted = cmp.Or(wanted, p.Agents())
	}
	if err := f.crew.check(wanted, "load.agents to the scenario"); err != nil {
		return err
	}
	for _, p := range plans {
		if variant, field := p.NetOnly(); field != "" && f.engine == "epoll" {
			return usage("--engine epoll: %s of %s is only known to the net engine, which then drives all its variants; leave --engine out", field, variant)
		}
	}
	return checkPlans(plans)
}

// plans reads every scenario before anything starts and applies the flags; all that is wrong is told at once.
func (f *runFlags) plans(names []string) ([]*lab.Plan, error) {
	if err := f.ui.check(); err != nil {
		return nil, err
	}
	plans := []*lab.Plan{}
	var wrong []error
	for _, name := range names {
		file, err := scenarios.Find(name)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		if err := errors.Join(file.Secrets(os.LookupEnv), f.apply(file.Plan)); err != nil {
			wrong = append(wrong, err)
			continue
		}
		f.remember(file.Plan, name)
		plans = append(plans, file.Plan)
	}
	if len(wrong) > 0 {
		return nil, &exitError{exitUsage, errors.Join(wrong...)}
	}
	return plans, nil
}

func (f *runFlags) apply(p *lab.Plan) error {
	if err := f.timing(p); err != nil {
		return err
	}
	if err := scenarios.Apply(p, f.set); err != nil {
		return fmt.Errorf("%s: %w", p.ID, err)
	}
	var wrong []error
	for _, problem := range scenarios.Validate(p) {
		wrong = append(wrong, fmt.Errorf("%s: %s", p.ID, problem.Msg))
	}
	if err := permit(p, f.allowExec); err != nil {
		wrong = append(wrong, fmt.Errorf("%s: %w", p.ID, err))
	}
	return errors.Join(wrong...)
}

// timing lays the flags of a plan over it, and what --quick means.
func (f *runFlags) timing(p *lab.Plan) error {
	if f.quick {
		p.Quick, p.Warmup = true, quickWarmup
		slice := quickSlice
		if p.Staged() { // stages say themselves how long a slice is
			slice = p.Slice
		}
		p.Resize(quickBlocks, slice)
	}
	return errors.Join(f.profile.into(p), f.plan.into(lab.PlanSettings(), p, "a plan"))
}

// permit gives the person's word for programs that files name, and refuses them without it.
func permit(p *lab.Plan, allowExec bool) error {
	for i := range p.Variants {
		target := &p.Variants[i].Target
		target.AllowExec = allowExec
		if refused := target.Permitted(); refused != nil {
			return refused
		}
	}
	return nil
}

// checkPlans refuses before the start what the system and the machine's limits cannot carry, and what needs components that
// are missing.
func checkPlans(plans []*lab.Plan) error {
	if err := possible(); err != nil {
		return err
	}
	machine, tasks := observe.Describe(version()), observe.Tasks()
	for _, p := range plans {
		if err := lab.Check(p, machine, tasks); err != nil {
			return environment("%s: %w", p.ID, err)
		}
	}
	return nil
}

// runOne carries one scenario out and gives its result and its exit code.
func runOne(ctx context.Context, env *Env, f *runFlags, plan *lab.Plan, several bool) (*lab.Result, int, error) {
	plain := f.plain || env.plain()
	progress := f.out.progress(env)
	live := func(fold *lab.Fold) lab.Sink {
		if f.scrape != nil {
			f.scrape.Watch(fold)
		}
		if plain {
			return report.NewLive(progress, fold).Event
		}
		return func(lab.Event) {}
	}
	if plain {
		f.ui.plainly(env)
	}
	ctx, letGo := env.heed(ctx)
	defer letGo()
	if bytes := record.Estimate(plan); plain && record.Noticeable(bytes) {
		fmt.Fprintf(progress, "its run file will take about %s\n", figure.Bytes(float64(bytes)))
	}
	config := generator.Config{Engine: f.engine, Threads: f.threads}
	team, err := f.crew.team(ctx, env, plan, config)
	if err != nil {
		return nil, 0, err
	}
	if team != nil {
		defer func() { _ = team.Stop(ctx) }() // the run has, if it came to that
	}
	s := env.startWith(ctx, plan, config, team, live)
	if !plain {
		config := f.ui.config(env, s)
		watching, enough := context.WithCancel(ctx)
		defer enough()
		config.Remarks = f.remarks(watching, plan)
		if _, err := tui.Run(ctx, config); err != nil {
			s.Stop()
			<-s.Done()
			return nil, 0, &exitError{exitInternal, fmt.Errorf("the screen failed: %w", err)}
		}
		s.Stop() // leaving the screen ends a run that is still going on
	}
	result, err := s.Result()
	if err != nil {
		return nil, 0, &exitError{exitInternal, err}
	}
	summary(env, progress, s, result)
	if err := f.out.write(env, plan, s, result, several); err != nil {
		return nil, 0, &exitError{exitEnvironment, err}
	}
	return result, exitOf(ctx, result.Outcome()), nil
}

// summary says what a run came to and where it is saved. What cannot be written does not keep the outputs from being
// written.
func summary(env *Env, out io.Writer, s *session.Session, result *lab.Result) {
	fmt.Fprintln(out)
	_ = env.wrapped(out, func(w io.Writer) error { return report.Plain(w, result) }) // standard output keeps the error, and standard error has nobody to tell it to
	path, _ := s.Saved()
	if trouble, _ := s.Trouble(); trouble != "" {
		fmt.Fprintf(env.Stderr, "benchtop: %s\n", trouble)
	}
	if path != "" {
		_ = env.wrapped(out, func(w io.Writer) error { // a long path stands on a line of its own
			_, err := fmt.Fprintf(w, "\nsaved %s\n", printable.Line(path))
			return err
		})
	}
}

// remember keeps the path of a plan that came from a file.
func (f *runFlags) remember(plan *lab.Plan, name string) {
	if f.files == nil {
		f.files = map[*lab.Plan]string{}
	}
	if !shipped(name) {
		f.files[plan] = name
	}
}

// remarks tell the screen of a plan's run what becomes of its file, until ctx ends; nil when it came from none.
func (f *runFlags) remarks(ctx context.Context, plan *lab.Plan) <-chan tui.Remark {
	path := f.files[plan]
	if path == "" {
		return nil
	}
	ticker := time.NewTicker(watch.Every)
	out := make(chan tui.Remark)
	routine.Go(func() {
		defer close(out)
		defer ticker.Stop()
		_ = watch.Follow(ctx, []*watch.File{watch.New(path)}, ticker.C, func(path string, there bool) error {
			text, wrong := watch.Remark(path, there)
			select {
			case out <- tui.Remark{Text: text, Wrong: wrong}:
			case <-ctx.Done():
			}
			return nil
		})
	})
	return out
}
