package peers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"benchtop/lab/observe"
	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/targets/nginx"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// Rig is the target that the generators are compared at, and the cores of it and of them.
type Rig struct {
	addr, path string
	words      string         // what the target is
	server     targets.Target // nil: it was not started here
	nginx      bool
	target     int // core of the target; -1: any
	generator  int // core of the generators; -1: any
}

// Options are what a comparison takes besides its plan.
type Options struct {
	Names    []string // of the peers
	Engine   string   // of our generator; empty: the best of this system
	Syscalls bool     // count our system calls as well
	Version  string   // of this program
}

func newRig() *Rig {
	r := &Rig{target: -1, generator: -1}
	if cores := Cores(); len(cores) > 1 {
		r.target, r.generator = cores[0], cores[1]
	}
	return r
}

// At is the rig at a target that serves already: a literal host:port, and a path.
func At(addr, path string) *Rig {
	r := newRig()
	r.addr, r.path, r.words = addr, path, "not started here"
	return r
}

// Start starts the target, for up to so many connections: nginx with `return 200` where it is installed, the bars' own
// target, else the built-in server.
func Start(ctx context.Context, connections int) (r *Rig, err error) {
	r = newRig()
	if _, missing := nginx.Component().Find(ctx); missing == nil {
		r.path, r.words, r.nginx = "/", "nginx `return 200`, one process", true
		r.server, err = nginx.StartBar(ctx, connections)
	} else {
		r.path, r.words = "/hello", "the built-in server, fasthttp, one worker; nginx is not installed"
		r.server, err = targets.Start(ctx, targets.Spec{Server: "builtin", Variant: "peers", Nonce: "peers", Own: &builtin.Settings{Engine: "fasthttp"}}, targets.Hooks{})
	}
	if err != nil {
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	r.addr = r.server.Addr()
	for _, p := range r.server.Processes() {
		if err := Bind(p.PID, r.target); err != nil {
			return nil, errors.Join(err, r.Stop())
		}
	}
	return r, nil
}

// Stop ends the target if it was started here, and waits until it is gone.
func (r *Rig) Stop() error {
	if r.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopWait)
	defer cancel()
	return r.server.Stop(ctx)
}

// pinning says which cores are used.
func (r *Rig) pinning() string {
	switch {
	case r.generator < 0:
		return "nothing is pinned: the generators, the target and everything else share the cores"
	case r.server != nil:
		return fmt.Sprintf("the target is on core %d, every generator on core %d, ours as well", r.target, r.generator)
	}
	return fmt.Sprintf("every generator is on core %d, ours as well; the target is where it is", r.generator)
}

// errTargetGone ends a comparison whose target ended.
var errTargetGone = errors.New("the target ended")

// perSlice is what a slice costs besides its seconds: a start and an end.
const perSlice = 300 * time.Millisecond

// Compare runs the plan at the rig, whose address it takes, and counts system calls when that is asked for. progress
// gets a line now and then. An interrupted comparison gives what it has, without an error.
func (r *Rig) Compare(ctx context.Context, plan Plan, o Options, progress func(string)) (*Result, error) {
	dir, err := os.MkdirTemp("", "benchtop-peers-")
	if err != nil {
		return nil, fmt.Errorf("making a folder for the peers: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // a leftover in the temporary folder harms nobody
	others, err := Find(ctx, o.Names, dir, r.generator)
	if err != nil {
		return nil, fmt.Errorf("looking for the peers: %w", err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	host := observe.New(proc.Now)
	if r.server != nil {
		routine.Go(func() {
			select {
			case <-r.server.Done():
				cancel(errTargetGone)
			case <-ctx.Done():
			}
		})
		var watched []observe.Proc
		for _, p := range r.server.Processes() {
			watched = append(watched, observe.Proc{PID: p.PID, Role: p.Role})
		}
		host.Watch(watched)
	}
	plan.Addr, plan.Path = r.addr, r.path
	progress(announced(plan, others))
	ours := &Ours{Engine: o.Engine, Core: r.generator}
	result, err := Compare(ctx, plan, ours, others, host, progress)
	if err == nil && o.Syscalls && ctx.Err() == nil {
		result.Syscalls, err = CountSyscalls(ctx, ours, Load{Addr: plan.Addr, Path: plan.Path, For: plan.Slice}, dir)
	}
	machine := observe.Describe(o.Version)
	result.Target, result.Stated, result.Pinning = r.words, r.nginx && r.target >= 0, r.pinning()
	result.Machine = fmt.Sprintf("%s, %d cores, %s %s", machine.Model, machine.CPUs, machine.OS, machine.Kernel)
	result.Engine = ours.Used
	if errors.Is(context.Cause(ctx), errTargetGone) {
		result.Complete, result.Reason, err = false, errTargetGone.Error(), errTargetGone
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		return result, fmt.Errorf("comparing: %w", err)
	}
	return result, nil
}

// announced says how long a plan takes.
func announced(plan Plan, others []Peer) string {
	active := 0
	for _, p := range others {
		if p.NotRun == "" {
			active++
		}
	}
	expected := time.Duration(active*len(plan.Connections)*2*plan.Pairs) * (plan.Slice + perSlice)
	return fmt.Sprintf("%d peers at %s, about %v, up to twice that where a bar stays undecided", active, plan.Addr, expected.Round(time.Second))
}
