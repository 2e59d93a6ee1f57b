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

	"benchtop/lab/load"
	"benchtop/lab/observe"
	crosscheck "benchtop/lab/peers"
	"benchtop/targets"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
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
func (f *peersFlags) plan() (crosscheck.Plan, error) {
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
	case f.json == stdoutPath && f.markdown == stdoutPath:
		return p, usage("--json - and --md - both want standard output; name a file for one of them")
	}
	for i, n := range f.connections {
		if n < 1 || n > maxConnections {
			return p, usage("--connections has %d; allowed: 1 to %d", n, maxConnections)
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

// peersRig is what the generators are held against, and where everything runs.
type peersRig struct {
	addr, path string
	words      string // the target
	nginx      bool
	ours       bool // the target was started here
	target     int  // core of the target; -1: any
	generator  int  // core of the generators; -1: any
	pids       []observe.Proc
	done       <-chan struct{} // closed when the target is gone; nil: it is not ours
	stop       func() error
}

// pinning says which cores are used.
func (r *peersRig) pinning() string {
	switch {
	case r.generator < 0:
		return "nothing is pinned: the generators, the target and everything else share the cores"
	case r.ours:
		return fmt.Sprintf("the target is on core %d, every generator on core %d, ours as well", r.target, r.generator)
	}
	return fmt.Sprintf("every generator is on core %d, ours as well; the target is where it is", r.generator)
}

// newPeersRig resolves the URL, or starts a target where there is none. dir is for what the target writes.
func newPeersRig(ctx context.Context, f *peersFlags, args []string, dir string) (*peersRig, error) {
	r := &peersRig{target: -1, generator: -1, stop: func() error { return nil }}
	if cores := crosscheck.Cores(); len(cores) > 1 {
		r.target, r.generator = cores[0], cores[1]
	}
	most := slices.Max(f.connections)
	if err := load.CheckBudget(load.Budget(load.Task{Connections: most})); err != nil {
		return nil, environment("%w", err)
	}
	if len(args) == 1 {
		pinned, err := load.Resolve(ctx, f.resolver, args[0], nil)
		if err != nil {
			return nil, &exitError{exitUsage, err}
		}
		if _, _, err := net.SplitHostPort(pinned.Addr); err != nil || !strings.HasPrefix(strings.ToLower(args[0]), "http://") {
			return nil, usage("peers drives http://HOST:PORT/PATH only: that is what every peer knows")
		}
		r.addr, r.path, r.words = pinned.Addr, pinned.Path, "not started here"
		return r, nil
	}
	r.ours = true
	if path, ok := crosscheck.HaveNginx(); ok {
		return r, r.startNginx(ctx, path, dir, most)
	}
	return r, r.startBuiltin(ctx)
}

func (r *peersRig) startNginx(ctx context.Context, path, dir string, connections int) error {
	n, err := crosscheck.StartNginx(ctx, path, dir, r.target, connections)
	if err != nil {
		return environment("%w", err)
	}
	r.addr, r.path, r.nginx = n.Addr(), "/", true
	r.words = "nginx `return 200`, one process"
	r.pids = []observe.Proc{{PID: n.PID(), Role: "nginx"}}
	r.done, r.stop = n.Done(), n.Stop
	return nil
}

func (r *peersRig) startBuiltin(ctx context.Context) error {
	t, err := targets.Start(ctx, targets.Spec{Server: "builtin", Engine: "fasthttp", Variant: "peers", Nonce: "peers"}, targets.Hooks{})
	if err != nil {
		return environment("starting the server: %w", err)
	}
	r.addr, r.path = t.Addr(), "/hello"
	r.words = "the built-in server, fasthttp, one worker; nginx is not installed"
	r.done = t.Done()
	r.stop = func() error {
		stop, cancel := context.WithTimeout(context.Background(), stopWait)
		defer cancel()
		return t.Stop(stop)
	}
	for _, p := range t.Processes() {
		r.pids = append(r.pids, observe.Proc{PID: p.PID, Role: p.Role})
		if err := crosscheck.Bind(p.PID, r.target); err != nil {
			return environment("%w", errors.Join(err, r.stop()))
		}
	}
	return nil
}

// errTargetGone ends a comparison whose target ended.
var errTargetGone = errors.New("the target ended")

func peersRun(ctx context.Context, env *Env, f *peersFlags, args []string) (err error) {
	plan, err := f.plan()
	if err != nil {
		return err
	}
	sweep(env)
	ctx, letGo := env.heed(ctx)
	defer letGo()
	dir, err := os.MkdirTemp("", "benchtop-peers-")
	if err != nil {
		return environment("making a folder for the peers: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // a leftover in the temporary folder harms nobody
	r, err := newPeersRig(ctx, f, args, dir)
	if err != nil {
		return err
	}
	defer func() {
		if stopErr := r.stop(); stopErr != nil && err == nil {
			err = environment("stopping the target: %w", stopErr)
		}
	}()
	plan.Addr, plan.Path = r.addr, r.path
	others, err := crosscheck.Find(ctx, f.names, dir, r.generator)
	if err != nil {
		return environment("looking for the peers: %w", err)
	}
	result, err := comparePeers(ctx, env, f, plan, r, others, dir)
	if err != nil && result == nil {
		return err
	}
	return errors.Join(err, finishPeers(ctx, env, f, result))
}

// comparePeers runs the plan, and counts system calls when that is asked for.
func comparePeers(ctx context.Context, env *Env, f *peersFlags, plan crosscheck.Plan, r *peersRig, others []crosscheck.Peer, dir string) (*crosscheck.Result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if r.done != nil {
		routine.Go(func() {
			select {
			case <-r.done:
				cancel(errTargetGone)
			case <-ctx.Done():
			}
		})
	}
	active := 0
	for _, p := range others {
		if p.NotRun == "" {
			active++
		}
	}
	// A slice costs a start and an end beside its seconds.
	each := plan.Slice + 300*time.Millisecond
	expected := time.Duration(active*len(plan.Connections)*2*plan.Pairs) * each
	fmt.Fprintf(env.Stderr, "%d peers at %s, about %v, up to twice that where a bar stays undecided\n", active, plan.Addr, expected.Round(time.Second))
	host := observe.New(proc.Now)
	host.Watch(r.pids)
	ours := &crosscheck.Ours{Engine: f.engine, Core: r.generator}
	result, err := crosscheck.Compare(ctx, plan, ours, others, host, func(line string) { fmt.Fprintln(env.Stderr, line) })
	if err == nil && f.syscalls && ctx.Err() == nil {
		l := crosscheck.Load{Addr: plan.Addr, Path: plan.Path, For: plan.Slice}
		result.Syscalls, err = crosscheck.CountSyscalls(ctx, ours, l, dir)
	}
	machine := observe.Describe(version())
	result.Target, result.Stated, result.Pinning = r.words, r.nginx && r.target >= 0, r.pinning()
	result.Machine = fmt.Sprintf("%s, %d cores, %s %s", machine.Model, machine.CPUs, machine.OS, machine.Kernel)
	result.Engine = ours.Used
	if errors.Is(context.Cause(ctx), errTargetGone) {
		result.Complete, result.Reason, err = false, errTargetGone.Error(), errTargetGone
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		return result, environment("comparing: %w", err)
	}
	return result, nil
}

// finishPeers writes the result and gives the exit code.
func finishPeers(ctx context.Context, env *Env, f *peersFlags, r *crosscheck.Result) error {
	out := env.text()
	if f.json == stdoutPath || f.markdown == stdoutPath {
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
	measured := r.Syscalls != nil && r.Syscalls.NotRun == ""
	for _, t := range r.Tables {
		for _, row := range t.Rows {
			measured = measured || len(row.Ours) > 0
		}
	}
	switch {
	case !measured:
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
