package selftest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"strings"
	"time"

	"benchtop/lab"
	"benchtop/lab/load/generator"
	"benchtop/lab/stats"
	"benchtop/targets/posix"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// The run in which somebody stands still: two variants that are the same, with a declared wait, so that the machine's
// speed does not matter.
const (
	stallSlice  = 500 * time.Millisecond
	stallBlocks = 4 // 8 pairs
	stallStop   = 350 * time.Millisecond
	treeStop    = time.Second
)

// stalls holds verdicts against processes that are stopped in the middle of a run: none may come of it.
func stalls(ctx context.Context, b *bench) error {
	for _, c := range []struct {
		name, bar string
		run       func(context.Context) (State, string, error)
	}{
		{"a variant that answers nothing in some slices", "refused, and says so", silentSlices},
		{"a generator that stands still in each slice of one variant", "no verdict, and says so", stalledGenerator},
		{"a run that is stopped as a whole", "its slice does not count", func(ctx context.Context) (State, string, error) { return stoppedTree(ctx, b.Program) }},
	} {
		b.Progress("stalls: " + c.name)
		state, figure, err := c.run(ctx)
		row := Row{Name: "stalls: " + c.name, Bar: c.bar, State: state, Figure: figure}
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			row = failed(row, err)
		}
		b.row(row)
	}
	return nil
}

// errTooSlow is a run that the lab itself refused on this machine.
var errTooSlow = errors.New("the machine is too slow for slices this short")

// stallRun runs the plan and calls stop with every slice of a variant before it begins, which block it is of and the time
// at which its window begins and ends; what stop does goes on beside the run.
func stallRun(ctx context.Context, variant string, stop func(pids map[string]int, block int, from, to time.Time)) (*lab.Comparison, *lab.Result, error) {
	p := plan("/wait?for=2ms", "/wait?for=2ms", 8, stallBlocks, stallSlice, 1)
	for i := range p.Variants {
		p.Variants[i].Load.Timeout = 2 * time.Second
	}
	fold := lab.NewFold()
	pids := map[string]int{} // by variant; the generator's under "loader"
	var beside routine.Group
	err := lab.Run(ctx, p, lab.Options{Version: "selftest", Sink: func(e lab.Event) {
		fold.Apply(e)
		switch {
		case e.Process != nil && e.Process.Event == "serving" && e.Process.Role == generator.Role:
			pids[generator.Role] = e.Process.PID
		case e.Process != nil && e.Process.Event == "serving":
			pids[e.Process.Variant] = e.Process.PID
		case e.Phase != nil && e.Phase.Phase == lab.PhaseSlice && e.Phase.Variant == variant:
			began := time.Now().Add(-time.Duration(e.At))
			from, to := began.Add(time.Duration(e.Phase.From)), began.Add(time.Duration(e.Phase.To))
			known := maps.Clone(pids)
			beside.Go(func() { stop(known, e.Phase.Block, from, to) })
		}
	}})
	beside.Wait()
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, nil, err
	}
	r := fold.Result()
	switch r.Ended {
	case lab.EndComplete:
	case lab.EndRefused:
		return nil, r, fmt.Errorf("%w: %s", errTooSlow, r.Reason)
	default:
		if strings.Contains(r.Reason, "no sign of life") { // it had no core even when it was not stopped
			return nil, r, fmt.Errorf("%w: %s", errTooSlow, r.Reason)
		}
		return nil, r, fmt.Errorf("the run ended %s: %s", r.Ended, r.Reason)
	}
	for i := range r.Comparisons {
		if r.Comparisons[i].Primary {
			return &r.Comparisons[i], r, nil
		}
	}
	return nil, r, errors.New("the run has no comparison")
}

// stopBetween stops a process from one time to another.
func stopBetween(pid int, from, to time.Time) {
	time.Sleep(time.Until(from))
	if posix.Kill(pid, posix.SIGSTOP) == nil {
		time.Sleep(time.Until(to))
		_ = posix.Kill(pid, posix.SIGCONT) // it was there, and its parent still waits for it
	}
}

// silentSlices: the server of b is stopped over the whole window in every second block, and answers what is left after it.
func silentSlices(ctx context.Context) (State, string, error) {
	c, _, err := stallRun(ctx, "b", func(pids map[string]int, block int, from, to time.Time) {
		if block%2 == 0 {
			stopBetween(pids["b"], from.Add(-50*time.Millisecond), to.Add(50*time.Millisecond))
		}
	})
	if err != nil {
		return NotRun, "", err
	}
	return verdictless(c, c.Verdict == stats.Refused && strings.Contains(c.Reason, "answered nothing in"))
}

// stalledGenerator: the generator is stopped for a third of a second in each window of a; b is the same as a.
func stalledGenerator(ctx context.Context) (State, string, error) {
	c, r, err := stallRun(ctx, "a", func(pids map[string]int, _ int, from, _ time.Time) {
		at := from.Add(stallSlice / 5)
		stopBetween(pids[generator.Role], at, at.Add(stallStop))
	})
	if err != nil {
		return NotRun, "", err
	}
	return verdictless(c, r.Generator.Saturated && r.Generator.Stalled != nil && *r.Generator.Stalled >= float64(stallStop.Microseconds())*0.9)
}

// verdictless judges a run that must not claim a difference and has to say why it does not.
func verdictless(c *lab.Comparison, said bool) (State, string, error) {
	figure := string(c.Verdict) + ": " + c.Reason
	switch {
	case decided(c.Verdict):
		return Missed, figure, nil
	case said:
		return Met, figure, nil
	}
	return Inconclusive, figure, nil
}

// stoppedTree: a run of this program is stopped with everything that it started, as a machine is that sleeps.
func stoppedTree(ctx context.Context, program string) (State, string, error) {
	if program == "" {
		return NotRun, "", notHere("the program's own file is not known")
	}
	cmd := exec.CommandContext(ctx, program, "run", "noise", "--plain", "--quick", "--slice", "2s", "--json", "-")
	cmd.Env = proc.Environ()
	cmd.WaitDelay = dismantleGrace
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	lines, err := cmd.StderrPipe()
	if err != nil {
		return NotRun, "", err
	}
	if err := cmd.Start(); err != nil {
		return NotRun, "", notHere("starting %s: %w", program, err)
	}
	stopped := false
	err = eachLine(lines, func(line string) error {
		if stopped || !strings.Contains(line, "block 1/") {
			return nil
		}
		stopped = true
		return stopTree(cmd.Process.Pid, treeStop)
	})
	_ = cmd.Wait() // a run that decides nothing ends with 3
	var r lab.Result
	if err := errors.Join(err, json.Unmarshal(stdout.Bytes(), &r)); err != nil {
		return NotRun, "", err
	}
	for _, flag := range r.Flags {
		if strings.Contains(flag, "stood still") {
			return Met, flag, nil
		}
	}
	if !stopped {
		return NotRun, "", errors.New("the run was over before it could be stopped")
	}
	return Missed, "no slice was set aside", nil
}

// eachLine hands every line to take until there is no more; the first error of take is given at the end.
func eachLine(r io.Reader, take func(string) error) error {
	var first error
	for lines := bufio.NewScanner(r); lines.Scan(); {
		if first == nil {
			first = take(lines.Text())
		}
	}
	return first
}
