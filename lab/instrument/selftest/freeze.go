package selftest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"benchtop/targets/posix"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// frozenQuantile is the quantile q of the latency from the schedule, in seconds, when a server that is otherwise fast
// stands still for freeze seconds of a window: requests scheduled t into the freeze wait freeze - t(1 - rate/drain), so
// that a share f = freeze / (window (1 - rate/drain)) of them is affected, evenly spread from 0 to freeze. Quantiles
// below 1 - f do not see it; they are 0 here.
func frozenQuantile(q, rate, window, freeze, drain float64) float64 {
	f := freeze / (window * (1 - rate/drain))
	return max(freeze*(q-(1-f))/f, 0)
}

// frozen is one run with a freeze.
type frozen struct {
	freeze, drain float64 // seconds; requests per second
	latency       [3]float64
	service       [3]float64
	formula       [3]float64
}

var freezeShares = [3]float64{0.95, 0.99, 0.999}

const freezeRate = 1000

// freezeConnections are used for measuring the drain rate as well, because the backlog is drained through them.
const freezeConnections = 64

// freeze stops the server's process in the middle of an open slice: what coordinated omission would hide.
func freeze(ctx context.Context, b *bench) error {
	window, stop, repeats := 20*time.Second, 2*time.Second, 3
	if b.Quick {
		window, stop, repeats = 6*time.Second, time.Second, 1
	}
	r, err := assemble(ctx, fast)
	if err != nil {
		return err
	}
	defer r.dismantle()
	var off [3][]float64
	var last frozen
	for range repeats {
		if last, err = r.freezeOnce(ctx, window, stop); err != nil {
			return err
		}
		for i := range off {
			off[i] = append(off[i], last.latency[i]/last.formula[i]-1)
		}
	}
	var states []State
	var texts, service []string
	values := map[string]float64{"freeze_s": last.freeze, "drain_rps": last.drain}
	for i, q := range freezeShares {
		s := spanOf(off[i], 0)
		states = append(states, s.judge(-0.03, 0.03))
		name := strings.ReplaceAll(fmt.Sprintf("p%g", 100*q), ".", "")
		texts = append(texts, fmt.Sprintf("%s %.3f s of %.3f (%+.1f %%)", name, last.latency[i], last.formula[i], 100*s.mean))
		service = append(service, fmt.Sprintf("%s %.1f ms", name, 1e3*last.service[i]))
		values[name+"_off"] = s.mean
	}
	b.row(Row{
		Name: "frozen server (coordinated omission)", Figure: strings.Join(texts, ", "), Bar: "within 3 % of the formula", State: worst(states...),
		Note: fmt.Sprintf("%d x %v at %d/s, frozen %.3f s, drain %.0f/s; service times, from the send, would say %s", repeats, window,
			freezeRate, last.freeze, last.drain, strings.Join(service, ", ")),
		Values: values,
	})
	return nil
}

func (r *rig) freezeOnce(ctx context.Context, window, stop time.Duration) (frozen, error) {
	var f frozen
	closed := r.slice("/hello", freezeConnections, 0, 200*time.Millisecond, time.Second)
	before, err := r.generator.Run(ctx, closed, nil)
	if err != nil {
		return f, err
	}
	f.drain, _ = before.Throughput()
	if f.drain < 2*freezeRate {
		return f, fmt.Errorf("the server drains only %.0f requests a second here; the formula needs far more than %d", f.drain, freezeRate)
	}
	s := r.slice("/hello", freezeConnections, freezeRate, 300*time.Millisecond, window)
	s.Start = proc.Now() + int64(20*time.Millisecond)
	from := s.Start + int64(s.Settle)
	pid := r.target.Processes()[0].PID
	stopped := make(chan error, 1)
	routine.Go(func() {
		var err error
		f.freeze, err = freezeProcess(ctx, pid, from+int64(window)/4, stop)
		stopped <- err
	})
	sum, err := r.generator.Run(ctx, s, nil)
	if stopErr := <-stopped; err == nil {
		err = stopErr
	}
	if err != nil {
		return f, err
	}
	if bad := sum.Counts.Requests - sum.Counts.OK; bad > 0 {
		return f, fmt.Errorf("%d requests failed: %v", bad, sum.Counts.Errors)
	}
	for i, q := range freezeShares {
		if f.latency[i], err = quantile(sum.Latency, q); err != nil {
			return f, err
		}
		if f.service[i], err = quantile(sum.Service, q); err != nil {
			return f, err
		}
		f.formula[i] = frozenQuantile(q, freezeRate, window.Seconds(), f.freeze, f.drain)
	}
	return f, nil
}

// freezeProcess stops a process at a time of proc.Now for a while and gives for how long it stood still, in seconds. It
// continues the process in any case.
func freezeProcess(ctx context.Context, pid int, at int64, d time.Duration) (float64, error) {
	if err := sleep(ctx, time.Duration(at-proc.Now())); err != nil {
		return 0, err
	}
	a := proc.Now()
	if err := posix.Kill(pid, posix.SIGSTOP); err != nil {
		return 0, fmt.Errorf("stopping process %d: %w", pid, err)
	}
	b := proc.Now()
	waited := sleep(ctx, d)
	c := proc.Now()
	if err := posix.Kill(pid, posix.SIGCONT); err != nil {
		return 0, fmt.Errorf("continuing process %d: %w", pid, err)
	}
	e := proc.Now()
	if waited != nil {
		return 0, waited
	}
	return (float64(c+e) - float64(a+b)) / 2e9, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
