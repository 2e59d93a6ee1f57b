package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"benchtop/lab"
	"benchtop/lab/capacity"
	"benchtop/lab/figure"
	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/lab/observe"
	"benchtop/scenarios"
	"benchtop/targets"
	"benchtop/targets/setting"
)

// capacityFlags are the flags of `capacity`. The load flags that it shares with `load` keep their meaning.
type capacityFlags struct {
	load       loadFlags
	driven     lab.Load // by the flags
	slo        string
	budget     time.Duration
	start, max float64
}

// Bounds of a search.
const (
	minSearch = 10 * time.Second
	maxSearch = time.Hour
)

func capacityCommand(env *Env) *cobra.Command {
	f := &capacityFlags{load: loadFlags{resolver: net.DefaultResolver}}
	cmd := &cobra.Command{
		Use:   "capacity SCENARIO|URL",
		Short: "Find the highest rate that meets an objective",
		Long: "Capacity drives an open model, arrivals at a rate whether or not responses came, and looks for the highest rate that\n" +
			"meets the objective: steps up, bisection, then repeated slices at the candidate, which must hold, and 5 % above, which\n" +
			"must fail. A rate at which less than 98 % of what was offered gets a response in time never holds: its queue grows.\n" +
			"Of a scenario every variant is started in turn and searched, with its own load where --connections and --timeout are\n" +
			"not given.\n\n" +
			"Objectives: p50, p90, p95, p99, p999, max with us, ms or s, and errors with %, each with < or <=, separated by commas.\n\n" +
			"Exit codes: 0 a capacity was found for every variant, 2 the command line is wrong, 3 one was not found (the reason is\n" +
			"printed), 4 the environment failed, 130 interrupted.",
		Example: "  benchtop capacity workers --slo \"p99 < 50ms, errors < 0.1%\"\n  benchtop capacity http://127.0.0.1:8080/hello --slo \"p95 < 5ms\" --time 30s",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("capacity: expected one scenario or URL, got %d; for example http://127.0.0.1:8080/hello", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return capacityRun(cmd, env, f, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.slo, "slo", "p99 < 50ms, errors < 0.1%", "objective")
	flags.DurationVar(&f.budget, "time", time.Minute, "how long to search, per variant (10s to 1h)")
	flags.Float64Var(&f.start, "start-rate", 50, "first rate, requests per second")
	flags.Float64Var(&f.max, "max-rate", load.MaxRate, "highest rate that is tried")
	f.load.standard = standardLoad(load.DefaultOpen)
	f.load.standard.Timeout = 2 * time.Second
	f.load.register(env, flags, slices.DeleteFunc(settingsOfURL(), func(s setting.Setting) bool { return !slices.Contains(searched, s.Key) }))
	return cmd
}

// searched are the settings of a load that a search has too. A scenario says them itself; what is given takes their place.
var searched = []string{"connections", "keepalive", "timeout", "arrivals", "method", "header", "body"}

// capacityResult is what --json writes. Rates are requests per second.
type capacityResult struct {
	Benchtop int                 `json:"benchtop"`
	Started  time.Time           `json:"started"`
	Machine  observe.Machine     `json:"machine"`
	SLO      string              `json:"slo"`
	Scenario *lab.ScenarioRef    `json:"scenario,omitempty"`
	Variants []capacityOfVariant `json:"variants"`
}

type capacityOfVariant struct {
	ID     string        `json:"id"`
	Label  string        `json:"label,omitempty"`
	URL    string        `json:"url,omitempty"`
	Target *targets.Spec `json:"target,omitempty"`
	capacity.Result
}

// subject is one thing whose capacity is looked for: a URL, or the target of a variant, which start brings up.
type subject struct {
	id, label, url string
	template       load.Task
	driven         lab.Load      // what is driven at spec
	spec           *targets.Spec // nil for a URL
}

// name is what the report calls it.
func (s *subject) name() string {
	if s.label == "" || s.label == s.id {
		return s.id
	}
	return s.id + " (" + s.label + ")"
}

func capacityRun(cmd *cobra.Command, env *Env, f *capacityFlags, name string) error {
	objective, err := capacity.ParseObjective(f.slo)
	if err != nil {
		return usage("--slo: %v", err)
	}
	if err := f.check(); err != nil {
		return err
	}
	result := &capacityResult{Benchtop: lab.FormatVersion, Started: env.Now().Round(0), Machine: observe.Describe(version()), SLO: objective.String()}
	subjects, err := f.subjects(cmd, name, result)
	if err != nil {
		return err
	}
	if err := f.carried(subjects); err != nil {
		return err
	}
	if err := lab.CheckTasks(lab.GeneratorTasks(), observe.Tasks()); err != nil {
		return environment("%w", err)
	}
	sweep(env)
	ctx, letGo := env.heed(cmd.Context())
	defer letGo()
	out := env.text()
	if env.isStdout(f.load.out) {
		out = env.Stderr
	}
	found, err := f.searchAll(ctx, env, out, subjects, objective, result)
	if err != nil {
		return err
	}
	if f.load.out != "" {
		if err := writeOutput(env, f.load.out, func(w io.Writer) error { return writeJSON(w, result) }); err != nil {
			return environment("%w", err)
		}
	}
	if code := signalled(ctx); code != 0 {
		return &exitError{code: code}
	}
	if !found {
		return &exitError{code: exitInconclusive}
	}
	return nil
}

// carried refuses before the start what the generator, or a limit, cannot carry.
func (f *capacityFlags) carried(subjects []subject) error {
	for i := range subjects {
		if s := subjects[i].template; subjects[i].url != "" { // a scenario was checked as it was read
			s.Window = time.Second
			if err := f.load.check(&s); err != nil {
				return err
			}
		}
		if err := load.CheckBudget(load.Budget(subjects[i].template)); err != nil {
			return environment("%w", err)
		}
	}
	return nil
}

// searchAll searches one subject after the other, and reports whether a capacity was found for all of them.
func (f *capacityFlags) searchAll(ctx context.Context, env *Env, out io.Writer, subjects []subject, o capacity.Objective, into *capacityResult) (found bool, err error) {
	found = true
	for i := range subjects {
		v, err := f.search(ctx, env, &subjects[i], o)
		if err != nil && ctx.Err() == nil {
			return false, environment("%s: %w", subjects[i].id, err)
		}
		into.Variants = append(into.Variants, v)
		found = found && v.Capacity != nil
		if i > 0 {
			fmt.Fprintln(out)
		}
		if err := capacity.Write(out, subjects[i].name(), o, &v.Result); err != nil {
			return false, environment("%w", err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return found, nil
}

func (f *capacityFlags) check() error {
	switch {
	case f.budget < minSearch || f.budget > maxSearch:
		return usage("--time is %v; allowed: %v to %v", f.budget, minSearch, maxSearch)
	case !(f.start >= 1 && f.start <= load.MaxRate):
		return usage("--start-rate is %v; allowed: 1 to %d requests per second", f.start, load.MaxRate)
	case !(f.max >= f.start && f.max <= load.MaxRate):
		return usage("--max-rate is %v; allowed: from --start-rate, %v, to %d requests per second", f.max, f.start, load.MaxRate)
	}
	f.load.duration, f.load.standard.Model = time.Second, load.Open // of the slices, which the search sets
	var err error
	if f.driven, err = f.load.load(); err != nil {
		return err
	}
	return checkOutput("--json", f.load.out)
}

// subjects reads what is to be searched; nothing is started.
func (f *capacityFlags) subjects(cmd *cobra.Command, name string, result *capacityResult) ([]subject, error) {
	if strings.Contains(name, "://") {
		s, err := f.url(cmd.Context(), name)
		return []subject{s}, err
	}
	for _, flag := range []string{"method", "header", "body", "no-keepalive", "insecure", "allow-host"} {
		if cmd.Flags().Changed(flag) {
			return nil, usage("--%s is for a URL; a scenario says it itself (benchtop show %s)", flag, name)
		}
	}
	file, err := scenarios.Find(name)
	if err == nil {
		err = file.Secrets(os.LookupEnv)
	}
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	p := file.Plan
	if p.Agents() != "" {
		return nil, usage("capacity: agents are to drive the load of %s (load.agents), and a search is driven by this machine; leave load.agents out of it", p.ID)
	}
	if _, err := p.Secrets(os.LookupEnv); err != nil { // which keeps them from the targets
		return nil, &exitError{exitUsage, err}
	}
	result.Scenario = &lab.ScenarioRef{ID: p.ID, Title: p.Title, SHA256: p.SHA256}
	var out []subject
	for i := range p.Variants {
		v := &p.Variants[i]
		l := &v.Load
		s := subject{id: v.ID, label: v.Label, spec: &v.Target, driven: *l, template: f.template(l, v.Target.Endpoint, "")}
		s.template.Policy = load.Policy{HTTP: l.HTTP, Streams: l.Streams} // the rest is of its users; requests that arrive have none
		// The number of a closed model is how many requests are in flight at once; here the rate decides that.
		if cmd.Flags().Changed("connections") || l.Model != load.Open || l.Connections == 0 {
			s.template.Connections = f.driven.Connections
		}
		if cmd.Flags().Changed("timeout") {
			s.template.Timeout = f.driven.Timeout
		}
		out = append(out, s)
	}
	return out, nil
}

func (f *capacityFlags) url(ctx context.Context, rawURL string) (subject, error) {
	pinned, err := load.Resolve(ctx, f.load.resolver, rawURL, f.load.allow)
	if err != nil {
		return subject{}, &exitError{exitUsage, err}
	}
	if err := f.load.secure(&pinned); err != nil {
		return subject{}, err
	}
	return subject{id: rawURL, url: rawURL, template: pinned.Task(f.template(&f.driven, pinned.Path, pinned.Host))}, nil
}

// template is what a search makes its slices of: requests that arrive, as those of a load.
func (f *capacityFlags) template(l *lab.Load, path, host string) load.Task {
	s := l.Task(path, host)
	s.Model, s.Rate, s.Stages, s.Arrivals, s.Seed = load.Open, f.start, nil, f.driven.Arrivals, f.load.seed
	return s
}

// search looks for the capacity of one subject, and starts and stops its target.
func (f *capacityFlags) search(ctx context.Context, env *Env, s *subject, o capacity.Objective) (v capacityOfVariant, err error) {
	v = capacityOfVariant{ID: s.id, Label: s.label, URL: s.url, Target: s.spec}
	v.Result = capacity.Result{Ending: capacity.Broken, Points: []capacity.Point{}}
	stop := func(end func(context.Context) error) {
		ctx, cancel := context.WithTimeout(context.Background(), stopWait)
		defer cancel()
		if stopErr := end(ctx); stopErr != nil && err == nil {
			fmt.Fprintf(env.Stderr, "benchtop: stopping: %v\n", stopErr)
		}
	}
	if s.spec != nil {
		spec := *s.spec
		spec.Nonce, spec.Variant, spec.HTTP2 = "capacity", s.id, s.driven.Multiplexed()
		target, err := targets.Start(ctx, spec, targets.Hooks{})
		if err != nil {
			return v, fmt.Errorf("starting the target: %w", err)
		}
		defer stop(target.Stop)
		spec = target.Spec()
		v.Target = &spec
		on := s.driven.TaskOn(target, spec.Endpoint)
		s.template.Addr, s.template.TLS, s.template.Request, s.template.Mix = on.Addr, on.TLS, on.Request, on.Mix
		s.template.ExpectRun = spec.RunHeader()
	}
	g, err := generator.Start(ctx, generator.Config{Engine: f.load.engine, Threads: f.load.threads})
	if err != nil {
		return v, fmt.Errorf("starting the generator: %w", err)
	}
	defer stop(g.Stop)
	fmt.Fprintf(env.Stderr, "%s: searching for at most %s\n", s.id, figure.Duration(f.budget))
	prober := &capacity.Prober{Generator: g, Template: s.template, Budget: f.budget}
	v.Result, err = capacity.Search{
		Start: f.start, Max: f.max, Left: prober.Left,
		OnPoint: func(p capacity.Point) { fmt.Fprintln(env.Stderr, "  "+capacity.Line(&p)) },
	}.Run(ctx, o, prober.Probe)
	if errors.Is(err, context.Canceled) {
		v.Reason = "stopped before it was found"
	}
	return v, err
}
