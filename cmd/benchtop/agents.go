package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"benchtop/lab"
	"benchtop/lab/class/joincode"
	"benchtop/lab/figure"
	"benchtop/lab/load"
	"benchtop/lab/load/agents"
	"benchtop/lab/load/generator"
	"benchtop/targets/routine"
)

// agentFlags are the flags of `agent`.
type agentFlags struct {
	name  string
	allow []string
}

func agentCommand(env *Env) *cobra.Command {
	f := &agentFlags{}
	cmd := &cobra.Command{
		Use:   "agent CODE",
		Short: "Lend this machine's generator to a load of many machines",
		Long: "Agent lends the load generator of this machine to who holds the other end of the code: `benchtop load URL --agents N` prints it, or\n" +
			"`benchtop run` of a scenario with load.agents. It\n" +
			"takes load tasks and nothing else, shows each in a line, and drives only loopback addresses of this machine and the hosts of\n" +
			"--allow-host, which must be yours. No file and no environment variable of this machine is read for a task, and no program\n" +
			"started but the generator. A task ends within 2 s when the other end is gone; the agent waits for the next load, which has the same\n" +
			"code for a day. ctrl+c ends the agent; nothing is left behind.",
		Example: "  benchtop agent 0410K-...\n  benchtop agent 0410K-... --allow-host 192.168.1.30 --name Ada",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("agent: expected the code that `benchtop load URL --agents N` prints")
			}
			return nil // groups of the code may be arguments of their own
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.lend(cmd.Context(), env, strings.Join(args, ""))
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.name, "name", "", "what this agent is called (default: the name of this machine's user)")
	flags.StringArrayVar(&f.allow, "allow-host", nil, "let this host be driven as well, which must be yours (repeatable)")
	return cmd
}

func (f *agentFlags) lend(ctx context.Context, env *Env, text string) error {
	code, err := joincode.Parse(text)
	if err != nil {
		return usage("agent: %w", err)
	}
	allow, err := agents.Allowed(ctx, nil, f.allow)
	if err != nil {
		return usage("agent: %w", err)
	}
	ctx, letGo := env.heed(ctx)
	defer letGo()
	name := cmp.Or(f.name, env.Getenv("USER"), env.Getenv("USERNAME"), "agent")
	out := env.text()
	fmt.Fprintf(out, "agent %s for %s; it drives loopback%s; ctrl+c ends it\n", name, code.Addresses[0], strings.Join(append([]string{""}, f.allow...), " and "))
	err = agents.Lend(ctx, agents.Config{
		Code: code, Allow: allow, Now: env.Now, Say: func(text string) { fmt.Fprintln(out, text) },
		Hello: agents.Hello{Name: name, Machine: fmt.Sprintf("%s, %s/%s", figure.Lines.Counted(runtime.NumCPU(), "core"), runtime.GOOS, runtime.GOARCH), Allow: f.allow},
	})
	if code := signalled(ctx); code != exitOK {
		return &exitError{code: code}
	}
	if err != nil {
		return environment("%w", err)
	}
	return nil
}

// crewFlags are those of a load that agents drive.
type crewFlags struct {
	listen string
	wait   time.Duration
}

// waitForAll is how long agents are waited for when nobody says that all are there.
const waitForAll = 10 * time.Second

// register makes the flags; of is what has agents drive it.
func (f *crewFlags) register(flags *pflag.FlagSet, of string) {
	flags.StringVar(&f.listen, "listen", "", of+": HOST:PORT that agents reach (default 127.0.0.1 and a free port)")
	flags.DurationVar(&f.wait, "wait", 0, of+": wait so long for them (default: as long as it takes; all: until enter, or 10s without a terminal)")
}

// check refuses what is wrong with the flags for the agents that are wanted; none: the flags are too much.
func (f *crewFlags) check(wanted, of string) error {
	switch {
	case wanted == "" && (f.listen != "" || f.wait != 0):
		return usage("--listen and --wait are for a load that agents drive; add %s", of)
	case f.wait < 0 || f.wait > time.Hour:
		return usage("--wait is %v; allowed: 0s to 1h", f.wait)
	}
	return nil
}

// checkTask refuses what agents cannot drive of a task.
func (f *crewFlags) checkTask(of *loadFlags, wanted string, t *load.Task) error {
	if err := f.check(wanted, "--agents"); err != nil || wanted == "" {
		return err
	}
	all, err := load.ParseAgents(wanted)
	if err != nil {
		return usage("--agents: %w", err)
	}
	var bad *load.TaskError
	if errors.As(t.Portable(), &bad) {
		return usage("--agents with --%s: %s", of.settings.flagOf(bad.Field), bad.Msg)
	}
	if _, err = t.Split(all.Least()); err != nil {
		return usage("--agents: %w", err)
	}
	return nil
}

// lead says how the agents that are wanted are gathered.
func (f *crewFlags) lead(env *Env, wanted string) (*agents.Lead, error) {
	out := env.Stderr
	state, err := env.stateDir()
	if err != nil {
		return nil, environment("%w", err)
	}
	all, err := load.ParseAgents(wanted)
	if err != nil {
		return nil, usage("agents: %w", err)
	}
	lead := &agents.Lead{
		Crew: agents.CrewConfig{Dir: filepath.Join(state, "agents"), Listen: f.listen, Now: env.Now, Trouble: func(text string) { fmt.Fprintln(out, text) }},
		Wait: f.wait, Wanted: all, Out: out,
	}
	switch {
	case all.All && f.wait == 0 && env.InTTY:
		fmt.Fprintln(out, "press enter when all agents are here")
		lead.Enough = entered(env)
	case all.All:
		lead.Wait = cmp.Or(f.wait, waitForAll)
	}
	return lead, nil
}

// drive has agents drive the task, and gives what they came to together and each.
func (f *crewFlags) drive(ctx context.Context, env *Env, s load.Task, config generator.Config, tick func(load.Tick), run *lab.LoadRun) error {
	lead, err := f.lead(env, run.Settings.Agents)
	if err != nil {
		return err
	}
	outcomes, err := lead.Drive(ctx, s, config, tick)
	if err != nil {
		return environment("%w", err)
	}
	if run.Summary, err = agents.Merge(outcomes); err != nil {
		return environment("%w", err)
	}
	run.Ticks = agents.Rows(outcomes) // without what was told of parts that are void now
	void, broken := 0, false
	for _, o := range outcomes {
		broken = broken || o.Problem != ""
		if o.Void != "" {
			void++
		}
	}
	switch {
	case ctx.Err() != nil && broken:
		return ctx.Err()
	case void > 0:
		run.Ended, run.Reason = lab.EndFailed, fmt.Sprintf("%d of %d agents did not drive their part to its end, so the others were stopped", void, len(outcomes))
	}
	return nil
}

// team gathers the agents that are to drive a plan; nil: this machine does.
func (f *crewFlags) team(ctx context.Context, env *Env, plan *lab.Plan, config generator.Config) (*agents.Team, error) {
	wanted := plan.Agents()
	if wanted == "" {
		return nil, nil //nolint:nilnil // there is none
	}
	lead, err := f.lead(env, wanted)
	if err != nil {
		return nil, err
	}
	team, err := lead.Gather(ctx)
	if code := signalled(ctx); code != exitOK {
		return nil, &exitError{code: code}
	}
	if err != nil {
		return nil, environment("%s: %w", plan.ID, err)
	}
	team.Config = config
	for i := range plan.Variants {
		v := &plan.Variants[i]
		s := v.Load.Task(v.Target.Endpoint, "127.0.0.1:1")
		s.Addr, s.Settle, s.Window = "127.0.0.1:1", plan.Settle, plan.Slice
		if s.Model == load.Open && s.Rate == 0 { // a share of what is measured first
			s.Rate = 1
		}
		if err := team.Fits(s); err != nil {
			return nil, errors.Join(usage("%s: load.agents of %s: %w", plan.ID, v.ID, err), team.Stop(ctx))
		}
	}
	return team, nil
}

// startTeam gives a team as what drives a load; nil for none.
func startTeam(t *agents.Team) func(context.Context, generator.Config) (lab.Generator, error) {
	if t == nil {
		return nil
	}
	return func(context.Context, generator.Config) (lab.Generator, error) { return t, nil }
}

// entered is closed when the person presses enter.
func entered(env *Env) <-chan struct{} {
	pressed := make(chan struct{})
	routine.Go(func() { // it ends with the program: nothing else reads a terminal that nobody types at
		if _, err := bufio.NewReader(env.Stdin).ReadString('\n'); err == nil {
			close(pressed)
		}
	})
	return pressed
}
