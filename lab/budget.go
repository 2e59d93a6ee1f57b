package lab

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"benchtop/lab/expect"
	"benchtop/lab/load"
	"benchtop/lab/metric"
	"benchtop/lab/observe"
	"benchtop/lab/observe/counters"
	"benchtop/targets"
)

// Descriptors is how many open descriptors the hungriest process of a plan may need: two per connection, 32 per
// process, and 128 for the rest.
func (p *Plan) Descriptors() uint64 {
	connections, processes := 0, 2
	if p.Order == Together { // a generator for each
		processes += len(p.Variants) - 1
	}
	for i := range p.Variants {
		n := p.Variants[i].Load.Connections
		if n == 0 && p.Variants[i].Load.Model == load.Open {
			n = p.Variants[i].Load.OpenConnections()
		}
		connections = max(connections, n)
		processes += max(1, p.Variants[i].Target.Workers)
	}
	return uint64(2*connections + 32*processes + 128) //nolint:gosec // capped far below by validation
}

// CheckBudget refuses a plan that the machine's limits of descriptors and ports cannot carry, naming the number that it
// needs.
func CheckBudget(p *Plan, m observe.Machine) error {
	need := p.Descriptors()
	limit := max(m.Files, m.FilesHard) // soft limits are raised to the hard one where they are needed
	if limit > 0 && limit < need {
		return fmt.Errorf("it needs %d open descriptors and the limit is %d: raise it (`ulimit -n %d`) or use fewer connections",
			need, limit, need)
	}
	for i := range p.Variants {
		v := &p.Variants[i]
		s := v.Load.Task(v.Target.Endpoint, "127.0.0.1:1")
		s.Addr, s.Settle, s.Window = "127.0.0.1:1", p.Settle, p.Slice
		held := time.Duration(0) // our servers and the known ones close first, when they are asked to close
		if d, known := targets.Lookup(v.Target.Server); known && d.Unmarked {
			held = time.Duration(m.PortsHeld * float64(time.Second))
		}
		if err := load.CheckPorts(s, m.PortLow, m.PortHigh, held); err != nil {
			return fmt.Errorf("variant %s: %w", v.ID, err)
		}
	}
	return nil
}

// tasksPerProcess is how many threads a process of this program has at most when it is busy: 7 or 8 were counted.
const tasksPerProcess = 10

// Tasks is how many processes and threads a plan may need at once besides the lab's own: a generator, or one for each
// variant that is under load at the same time, and every target.
func (p *Plan) Tasks() int {
	n, generators := 0, 1
	if p.Order == Together {
		generators = len(p.Variants)
	}
	for i := range p.Variants {
		n += TargetTasks(&p.Variants[i].Target)
	}
	return n + generators*GeneratorTasks()
}

// GeneratorTasks is how many processes and threads one generator may need.
func GeneratorTasks() int { return tasksPerProcess + runtime.GOMAXPROCS(0) }

// TargetTasks is how many processes and threads a target may need. A component has a guard and its watcher; what a
// command starts is not known and counted as one process.
func TargetTasks(s *targets.Spec) int {
	component := func(name string) int {
		if name == "" || name == builtin {
			return 0
		}
		return 2 * tasksPerProcess
	}
	if d, known := targets.Lookup(s.Server); known && d.Found {
		return 0
	}
	n := component(s.Server) + max(1, s.Workers)*tasksPerProcess
	if s.Proxy != nil {
		n = max(1, s.Proxy.Upstreams)*n + component(s.Proxy.Kind) + max(1, s.Proxy.Workers)*tasksPerProcess
	}
	if s.Limits != nil {
		n += 2 * tasksPerProcess // a keeper and its watcher
	}
	if s.Link != nil {
		n += tasksPerProcess
	}
	for _, part := range s.Services {
		kind, known := targets.LookupService(part.Kind)
		if !known || kind.Tasks == nil {
			n += tasksPerProcess
			continue
		}
		n += component(part.Kind) + kind.Tasks(kind.Owned(part))
	}
	return n
}

// builtin is the kind of server and of proxy that needs no component.
const builtin = "builtin"

// CheckTasks refuses a number of processes and threads that a limit does not leave.
func CheckTasks(need int, limit observe.TaskLimit) error {
	if limit.Name == "" || int64(need) <= limit.Left() {
		return nil
	}
	return fmt.Errorf("it may need %d processes and threads, and %s leaves %d (%d of %d are in use): raise it (%s), end other programs, or use fewer workers",
		need, limit.Name, limit.Left(), limit.Used, limit.Max, limit.Raise)
}

// Check refuses before the start what the machine's limits cannot carry, and what needs components that are missing.
func Check(p *Plan, m observe.Machine, limit observe.TaskLimit) error {
	if err := errors.Join(CheckBudget(p, m), CheckTasks(p.Tasks(), limit)); err != nil {
		return err
	}
	if p.Counters {
		if err := CheckCounters(p, counters.System().Here()); err != nil {
			return err
		}
	}
	return CheckComponents(p)
}

// CheckCounters refuses a plan that asks for counters where there are none, or that rests on one that is not there: what it
// says could never be judged.
func CheckCounters(p *Plan, have []counters.Have) error {
	if len(counters.Available(have)) == 0 {
		return fmt.Errorf("it asks for counters, and there are none: %s", strings.Join(counters.Limits(have), "; "))
	}
	for _, u := range p.uses() {
		for _, h := range have {
			if event := metric.Named(u.metric).Counter; event != "" && h.Event == event && h.Lacks != "" {
				return fmt.Errorf("%s, and %s are not available here: %s", u.says, counters.Words([]string{event}), h.Lacks)
			}
		}
	}
	return nil
}

// use is a metric that something of a plan rests on.
type use struct{ says, metric string }

// uses are the metrics that a plan rests on: the one that decides, and those of everything that a run judges.
func (p *Plan) uses() []use {
	out := []use{{p.Metric + " is to decide", p.Metric}}
	if p.Predict != nil {
		out = append(out, use{p.Predict.Metric + " is to be predicted", p.Predict.Metric})
	}
	add := func(what, line string, e *expect.Expr) {
		for _, ref := range e.Refs() {
			out = append(out, use{what + ": " + line, ref.Metric})
		}
	}
	for _, part := range []struct {
		what  string
		lines []string
	}{{"it expects", p.Expect}, {"its mechanism is", p.Mechanism}} {
		for _, line := range part.lines {
			if e, err := expect.Parse(line); err == nil { // else the run says so
				add(part.what, line, e)
			}
		}
	}
	for i := range p.Conclusions {
		for _, line := range p.Conclusions[i].When {
			if c, err := expect.ParseCase(line); err == nil && c.Expr != nil {
				add("a conclusion rests on", line, c.Expr)
			}
		}
	}
	return out
}

// counters are those of this machine, unless a test has others.
func (o *Options) counters() counters.Source {
	if o.Counters == nil {
		return counters.System()
	}
	return o.Counters
}

// describe is the machine of a run, with what it counts where the plan asks for that.
func (p *Plan) describe(opt *Options) observe.Machine {
	m := opt.Describe(opt.Version)
	if p.Counters {
		m.Counters = opt.counters().Here()
	}
	return m
}

// CheckComponents refuses what needs components that this machine does not have: those of the targets, and what the
// scenario requires besides.
func CheckComponents(p *Plan) error { return targets.Missing(context.Background(), Components(p)) }

// Components are the names of the components that a plan needs.
func Components(p *Plan) []string {
	names := slices.Clone(p.Requires)
	for i := range p.Variants {
		for _, name := range targets.Needs(p.Variants[i].Target) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}
