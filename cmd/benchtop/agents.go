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
		Long: "Agent lends the load generator of this machine to who holds the other end of the code: `benchtop load URL --agents N` prints it. It\n" +
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
		Hello: agents.Hello{Name: name, Machine: fmt.Sprintf("%d CPUs, %s/%s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH), Allow: f.allow},
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
	agents, listen string
	wait           time.Duration
	wanted         agents.Wanted
}

// waitForAll is how long agents are waited for when nobody says that all are there.
const waitForAll = 10 * time.Second

func (f *crewFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.agents, "agents", "", "have other machines drive it (benchtop agent): all that join, a number of them, or names with commas")
	flags.StringVar(&f.listen, "listen", "", "--agents: HOST:PORT that agents reach (default 127.0.0.1 and a free port)")
	flags.DurationVar(&f.wait, "wait", 0, "--agents: wait so long for them (default: as long as it takes; all: until enter, or 10s without a terminal)")
}

// check refuses what agents cannot drive.
func (f *crewFlags) check(of *loadFlags, t *load.Task) error {
	if f.agents == "" {
		if f.listen != "" || f.wait != 0 {
			return usage("--listen and --wait are for a load that agents drive; add --agents")
		}
		return nil
	}
	var err error
	if f.wanted, err = agents.ParseWanted(f.agents); err != nil {
		return usage("--agents: %w", err)
	}
	if f.wait < 0 || f.wait > time.Hour {
		return usage("--wait is %v; allowed: 0s to 1h", f.wait)
	}
	var bad *load.TaskError
	if errors.As(agents.Portable(t), &bad) {
		return usage("--agents with --%s: %s", of.settings.flagOf(bad.Field), bad.Msg)
	}
	_, err = agents.Split(*t, max(1, f.wanted.Count, len(f.wanted.Names)))
	if err != nil {
		return usage("--agents: %w", err)
	}
	return nil
}

// drive has agents drive the task, and gives what they came to together and each.
func (f *crewFlags) drive(ctx context.Context, env *Env, s load.Task, config generator.Config, tick func(load.Tick), run *lab.LoadRun) error {
	out := env.Stderr
	state, err := env.stateDir()
	if err != nil {
		return environment("%w", err)
	}
	lead := agents.Lead{
		Crew: agents.CrewConfig{Dir: filepath.Join(state, "agents"), Listen: f.listen, Now: env.Now, Trouble: func(text string) { fmt.Fprintln(out, text) }},
		Wait: f.wait, Wanted: f.wanted, Out: out,
	}
	switch {
	case f.wanted.All && env.InTTY:
		fmt.Fprintln(out, "press enter when all agents are here")
		lead.Enough = entered(env)
	case f.wanted.All:
		lead.Wait = cmp.Or(f.wait, waitForAll)
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
		part := run.Settings
		part.Connections, part.Pool, part.Rate, part.Stages = o.Task.Connections, o.Task.Pool, o.Task.Rate, o.Task.Stages
		run.Agents = append(run.Agents, lab.AgentRun{Name: o.Agent.Name, Settings: part, Summary: o.Summary, Offset: o.Clock.Offset, Trip: o.Clock.Trip, Void: o.Void})
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
