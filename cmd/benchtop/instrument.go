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
	crosscheck "benchtop/lab/instrument/peers"
	"benchtop/lab/instrument/selftest"
	"benchtop/lab/load"
	"benchtop/lab/observe"
	"benchtop/tui"
)

// peersFlags are the flags of `peers`.
type peersFlags struct {
	connections    []int
	slices         int
	slice          time.Duration
	names          []string
	engine         string
	json, markdown string
	quick          bool
	syscalls       bool
	seed           uint64
	resolver       load.Resolver // of tests
}

// Limits of `peers`.
const (
	maxPeerSlices   = 200
	maxPeerSlice    = time.Minute
	minPeerSlice    = 500 * time.Millisecond // our connections are opened in half of it
	quickPeerSlices = 2
)

func peersCommand(env *Env) *cobra.Command {
	f := &peersFlags{resolver: net.DefaultResolver}
	cmd := &cobra.Command{
		Use:   "peers [URL]",
		Short: "Compare the generator with wrk, h2load, ab, hey and others that are installed",
		Long: "Peers drives one target with our own generator and with every other one that is installed, in interleaved slices\n" +
			"(A B B A), and prints CPU per request, requests per second, percentiles and memory as ratios with 95 % intervals.\n" +
			"Without a URL it starts the target itself: nginx with `return 200` when it is installed, else the built-in server.\n\n" +
			"Where a bar is still undecided after the planned slices, pairs are added up to twice as many.\n\n" +
			"Exit codes: 0 every bar is met, or none applies, 1 one is missed, 2 the command line is wrong, 3 one is inconclusive,\n" +
			"4 a generator or the target failed, 130 interrupted.",
		Example: "  benchtop peers\n  benchtop peers http://127.0.0.1:8080/hello --connections 64 --peers wrk,hey --slices 6",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("peers: expected at most one URL, got %d", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return peersRun(cmd.Context(), env, f, args) },
	}
	flags := cmd.Flags()
	flags.IntSliceVarP(&f.connections, "connections", "c", []int{64}, "numbers of connections, each with a table of its own")
	flags.IntVar(&f.slices, "slices", 20, "slices of each side, per peer and number of connections; even")
	flags.DurationVar(&f.slice, "slice", 1500*time.Millisecond, "length of a slice; wrk and ab, which take whole seconds, are interrupted in time and then report")
	flags.StringSliceVar(&f.names, "peers", nil, "which, of "+strings.Join(crosscheck.Names(), ", ")+" (default: the first four and what else is found)")
	flags.StringVar(&f.engine, "engine", "", "our engine: epoll or net (default: the best of this system)")
	flags.BoolVar(&f.syscalls, "syscalls", false, "count our system calls per request with strace as well")
	flags.BoolVar(&f.quick, "quick", false, "two slices of one second each: a look, which decides nothing")
	flags.Uint64Var(&f.seed, "seed", 1, "draws the order of the peers and who leads")
	flags.StringVar(&f.json, "json", "", "write the result as JSON to a file, or - for standard output")
	flags.StringVar(&f.markdown, "md", "", "write the table as Markdown to a file, or - for standard output")
	return cmd
}

// plan checks the flags and gives the plan, without the target.
func (f *peersFlags) plan(env *Env) (crosscheck.Plan, error) {
	if f.quick {
		f.slices, f.slice = quickPeerSlices, time.Second
	}
	p := crosscheck.Plan{Connections: f.connections, Pairs: f.slices, MostPairs: 2 * f.slices, Slice: f.slice, Seed: f.seed}
	switch {
	case f.slices < 2 || f.slices > maxPeerSlices || f.slices%2 != 0:
		return p, usage("--slices is %d; allowed: an even number, 2 to %d", f.slices, maxPeerSlices)
	case f.slice < minPeerSlice || f.slice > maxPeerSlice || f.slice%time.Millisecond != 0:
		return p, usage("--slice is %v; allowed: %v to %v, in milliseconds", f.slice, minPeerSlice, maxPeerSlice)
	case len(f.connections) == 0:
		return p, usage("--connections is empty; for example 64,512")
	case env.isStdout(f.json) && env.isStdout(f.markdown):
		return p, usage("--json - and --md - both want standard output; name a file for one of them")
	}
	for i, n := range f.connections {
		if n < 1 || n > load.MaxConnections {
			return p, usage("--connections has %d; allowed: 1 to %d", n, load.MaxConnections)
		}
		if slices.Contains(f.connections[:i], n) {
			return p, usage("--connections has %d twice", n)
		}
	}
	for i, name := range f.names {
		if err := oneOf("--peers", name, crosscheck.Names()...); err != nil {
			return p, err
		}
		if slices.Contains(f.names[:i], name) {
			return p, usage("--peers has %s twice", name)
		}
	}
	if f.names == nil {
		f.names = crosscheck.DefaultNames()
	}
	if f.quick {
		p.MostPairs = p.Pairs
	}
	if err := oneOf("--engine", f.engine, "", "epoll", "net"); err != nil {
		return p, err
	}
	if err := checkOutput("--json", f.json); err != nil {
		return p, err
	}
	return p, checkOutput("--md", f.markdown)
}

func peersRun(ctx context.Context, env *Env, f *peersFlags, args []string) (err error) {
	plan, err := f.plan(env)
	if err != nil {
		return err
	}
	sweep(env)
	ctx, letGo := env.heed(ctx)
	defer letGo()
	rig, err := f.rig(ctx, args)
	if err != nil {
		return err
	}
	defer func() {
		if stopErr := rig.Stop(); stopErr != nil && err == nil {
			err = environment("stopping the target: %w", stopErr)
		}
	}()
	result, err := rig.Compare(ctx, plan, crosscheck.Options{Names: f.names, Engine: f.engine, Syscalls: f.syscalls, Version: version()},
		func(line string) { fmt.Fprintln(env.Stderr, line) })
	if err != nil {
		err = environment("%w", err)
	}
	if result == nil {
		return err
	}
	return errors.Join(err, finishPeers(ctx, env, f, result))
}

// rig is at the target of the URL, or at one of its own where there is none.
func (f *peersFlags) rig(ctx context.Context, args []string) (*crosscheck.Rig, error) {
	most := slices.Max(f.connections)
	if err := load.CheckBudget(load.Budget(load.Task{Connections: most})); err != nil {
		return nil, environment("%w", err)
	}
	if len(args) == 0 {
		rig, err := crosscheck.Start(ctx, most)
		if err != nil {
			return nil, environment("%w", err)
		}
		return rig, nil
	}
	pinned, err := load.Resolve(ctx, f.resolver, args[0], nil)
	if err != nil {
		return nil, &exitError{exitUsage, err}
	}
	if _, _, err := net.SplitHostPort(pinned.Addr); err != nil || !strings.HasPrefix(strings.ToLower(args[0]), "http://") {
		return nil, usage("peers drives http://HOST:PORT/PATH only: that is what every peer knows")
	}
	return crosscheck.At(pinned.Addr, pinned.Path), nil
}

// finishPeers writes the result and gives the exit code.
func finishPeers(ctx context.Context, env *Env, f *peersFlags, r *crosscheck.Result) error {
	out := env.text()
	if env.isStdout(f.json) || env.isStdout(f.markdown) {
		out = env.Stderr
	}
	err := crosscheck.Text(out, r)
	for _, o := range []struct {
		path  string
		write func(io.Writer, *crosscheck.Result) error
	}{{f.json, crosscheck.JSON}, {f.markdown, crosscheck.Markdown}} {
		if o.path != "" {
			err = errors.Join(err, writeOutput(env, o.path, func(w io.Writer) error { return o.write(w, r) }))
		}
	}
	if err != nil {
		return environment("%w", err)
	}
	if code := signalled(ctx); code != 0 {
		return &exitError{code: code}
	}
	if failed := r.Failures(); len(failed) > 0 {
		return environment("%d peer(s) failed", len(failed))
	}
	return peersVerdict(r)
}

// peersVerdict turns the bars into an exit code, where the rig is the one that they are stated for.
func peersVerdict(r *crosscheck.Result) error {
	switch {
	case !r.Measured():
		return environment("no peer could be run; `benchtop doctor` tells how to install them")
	case !r.Stated:
		return nil
	case r.Worst() == crosscheck.Missed:
		return &exitError{code: exitRefuted}
	case r.Worst() == crosscheck.Inconclusive:
		return &exitError{code: exitInconclusive}
	}
	return nil
}

// selftestFlags are the flags of `selftest`.
type selftestFlags struct {
	quick bool
	only  []string
	json  string
}

func selftestCommand(env *Env) *cobra.Command {
	f := &selftestFlags{}
	cmd := &cobra.Command{
		Use:   "selftest",
		Short: "Hold the generator and the verdicts against what they promise, on this machine",
		Long: "Selftest runs the instrument against servers of which the truth is known, and prints a line per promise: the figure,\n" +
			"its bar, and whether it is met. Met: the figure's 95 % interval lies inside the bar; missed: outside; inconclusive:\n" +
			"neither, which is no pass and no defect. What cannot be run here is `not run`, with the reason.\n\n" +
			"All of it takes about 45 minutes, --quick under one. Do nothing else on the machine meanwhile.\n\n" +
			"Exit codes: 0 nothing is missed or inconclusive, 1 something is missed, 2 the command line is wrong, 3 something is\n" +
			"inconclusive, 130 interrupted.",
		Example: "  benchtop selftest --quick\n  benchtop selftest --only freeze,pacing --json -",
		Args:    noArgs("selftest"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return selftestRun(cmd.Context(), env, f) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.quick, "quick", false, "shorter and fewer runs, under a minute")
	flags.StringSliceVar(&f.only, "only", nil, "only these rows: "+strings.Join(selftest.Groups(), ","))
	flags.StringVar(&f.json, "json", "", "write the result as JSON to a file, or - for standard output")
	return cmd
}

// selftestResult is what --json writes.
type selftestResult struct {
	Benchtop int             `json:"benchtop"`
	Started  time.Time       `json:"started"`
	Machine  observe.Machine `json:"machine"`
	*selftest.Report
}

func selftestRun(ctx context.Context, env *Env, f *selftestFlags) error {
	if err := selftest.CheckOnly(f.only); err != nil {
		return usage("--only: %v", err)
	}
	if err := checkOutput("--json", f.json); err != nil {
		return err
	}
	sweep(env)
	ctx, letGo := env.heed(ctx)
	defer letGo()
	out := env.text()
	if env.isStdout(f.json) {
		out = env.Stderr
	}
	result := selftestResult{Benchtop: lab.FormatVersion, Started: env.Now().Round(0), Machine: observe.Describe(version())}
	program, err := os.Executable()
	if err != nil {
		program = "" // the rows that need it say so
	}
	var runErr error
	result.Report, runErr = selftest.Run(ctx, selftest.Options{
		Quick: f.quick, Only: f.only, Program: program, Version: version(), Show: showRun,
		Progress: func(what string) {
			if !f.quick {
				fmt.Fprintf(env.Stderr, "... %s\n", what)
			}
		},
	}, func(r selftest.Row) { fmt.Fprintln(out, selftest.Line(r)) })
	fmt.Fprintln(out, selftest.Closing(result.Report))
	if f.json != "" {
		if err := writeOutput(env, f.json, func(w io.Writer) error { return writeJSON(w, result) }); err != nil {
			return environment("%w", err)
		}
	}
	switch {
	case runErr != nil:
		code := signalled(ctx)
		if code == 0 {
			code = exitInterrupt
		}
		return &exitError{code: code}
	case result.Count(selftest.Missed) > 0:
		return &exitError{code: exitRefuted}
	case result.Count(selftest.Inconclusive) > 0:
		return &exitError{code: exitInconclusive}
	}
	return nil
}

// showRun shows a run of the self-test.
func showRun(ctx context.Context, term *os.File, run *selftest.Shown) error {
	_, err := tui.Run(ctx, tui.Config{In: term, Out: term, Session: run, Theme: "dark"})
	return err
}
