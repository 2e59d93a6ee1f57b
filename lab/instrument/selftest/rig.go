package selftest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"benchtop/lab"
	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/lab/load/histogram"
	"benchtop/lab/observe"
	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/targets/proc"
)

// fast is the server that takes least of the machine.
var fast = targets.Spec{Own: &builtin.Settings{Engine: "fasthttp"}}

// rig is a built-in server and a generator, each in processes of its own.
type rig struct {
	target    targets.Target
	generator *generator.Generator
	slices    int
}

const nonce = "selftest"

// assemble starts a rig; the error tells what could not be started.
func assemble(ctx context.Context, spec targets.Spec) (*rig, error) {
	spec.Server, spec.Nonce, spec.Variant = "builtin", nonce, "target"
	t, err := targets.Start(ctx, spec, targets.Hooks{})
	if err != nil {
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	r := &rig{target: t}
	if r.generator, err = generator.Start(ctx, generator.Config{}); err != nil {
		r.dismantle()
		return nil, fmt.Errorf("starting the generator: %w", err)
	}
	return r, nil
}

// dismantleGrace is how long the processes of a rig get to stop.
const dismantleGrace = 5 * time.Second

func (r *rig) dismantle() {
	ctx, cancel := context.WithTimeout(context.Background(), dismantleGrace)
	defer cancel()
	if r.generator != nil {
		_ = r.generator.Stop(ctx) // that it had to be killed is no figure of the row
	}
	_ = r.target.Stop(ctx)
}

// slice is a slice at the rig's server: closed with these connections, or open when the rate is above 0.
func (r *rig) slice(path string, connections int, rate float64, settle, window time.Duration) load.Task {
	r.slices++
	s := load.Task{
		ID: r.slices, Addr: r.target.Addr(), Request: load.Request{Path: path, Host: r.target.Addr()},
		Model: load.Closed, Connections: connections, KeepAlive: true, Timeout: 10 * time.Second,
		Settle: settle, Window: window, ExpectRun: r.target.Spec().RunHeader(), Seed: uint64(r.slices), //nolint:gosec // counts up
	}
	if rate > 0 {
		s.Model, s.Rate = load.Open, rate
	}
	return s
}

// saturation is what a result says against a slice, by the rules that every result uses; nil when it says nothing.
func saturation(s load.Task, sum *load.Summary) []string {
	run := lab.LoadRun{
		Settings: lab.Load{Model: s.Model, Connections: s.Connections, Rate: s.Rate, KeepAlive: s.KeepAlive, Timeout: s.Timeout},
		Summary:  *sum, Ended: lab.EndComplete,
	}
	r := run.Result()
	return append(r.Generator.Reasons, r.Flags...)
}

// watch gives an observer of everything that the rig consists of.
func (r *rig) watch(self int) *observe.Observer {
	o := observe.New(proc.Now)
	procs := []observe.Proc{{PID: self, Role: "lab"}, {PID: r.generator.PID(), Role: generator.Role}}
	for _, p := range r.target.Processes() {
		procs = append(procs, observe.Proc{PID: p.PID, Role: p.Role, Variant: "target"})
	}
	o.Watch(procs)
	return o
}

// quantile of an encoded histogram in seconds.
func quantile(encoded string, q float64) (float64, error) {
	h, err := histogram.Decode(encoded)
	if err != nil {
		return 0, err
	}
	if h.TotalCount() == 0 {
		return math.NaN(), errors.New("no samples")
	}
	return float64(h.ValueAtQuantile(100*q)) / 1e9, nil
}
