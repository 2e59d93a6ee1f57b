package peers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"benchtop/targets/posix"
	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// Times of a peer's process.
const (
	grace     = 30 * time.Second       // beyond its slice, until it is ended
	waitDelay = time.Second            // for its output after its end
	peakEvery = 100 * time.Millisecond // between looks at its highest memory
	maxOutput = 4 << 20                // bytes kept of each stream
)

// Program runs a peer, a process per slice.
type Program struct {
	tool   Tool
	path   string
	dir    string // private, for what the tool writes
	core   int    // that it is bound to; -1: none
	probed string
}

// Find looks for the tools on the PATH and gives a Peer for each name, in this order. dir is a private folder for what they
// write, core is where they run (-1: anywhere).
func Find(ctx context.Context, names []string, dir string, core int) ([]Peer, error) {
	tools := map[string]Tool{}
	for _, t := range Tools() {
		tools[t.Name] = t
	}
	var out []Peer
	for _, name := range names {
		path, err := exec.LookPath(name)
		tool, driven := tools[name]
		switch why, known := Undriven()[name]; {
		case known:
			out = append(out, Peer{Name: name, NotRun: "not driven: " + why})
			continue
		case !driven:
			return nil, fmt.Errorf("the peer %q is not known; allowed: %s", name, strings.Join(Names(), ", "))
		case err != nil:
			out = append(out, Peer{Name: name, NotRun: "not installed (" + tool.Install + ")"})
			continue
		}
		p := &Program{tool: tool, path: path, dir: dir, core: core}
		peer := Peer{Name: name, Runner: p}
		if tool.Version != nil {
			peer.Version = firstLine(ask(ctx, path, tool.Version))
		}
		if tool.Probe != nil {
			p.probed = ask(ctx, path, tool.Probe)
		}
		out = append(out, peer)
	}
	return out, nil
}

// Names lists the peers that are known, those that are not driven last.
func Names() []string {
	var out []string
	for _, t := range Tools() {
		out = append(out, t.Name)
	}
	return append(out, slices.Sorted(maps.Keys(Undriven()))...)
}

// usual is how many of the tools are always in the table, installed or not.
const usual = 4

// DefaultNames are the usual peers, and of the others those that are found on the PATH.
func DefaultNames() []string {
	names := Names()
	out := names[:usual:usual]
	for _, name := range names[usual:] {
		if _, err := exec.LookPath(name); err == nil {
			out = append(out, name)
		}
	}
	return out
}

// ask gives what a program prints; nothing when it cannot be run. Some end with an error after their version.
func ask(ctx context.Context, path string, args []string) string {
	answer, _ := proc.Ask(ctx, path, args...)
	return string(answer.Stdout) + string(answer.Stderr)
}

// firstLine is the first line of a text, short and safe to print.
func firstLine(s string) string {
	for _, l := range strings.Split(s, "\n") {
		l = strings.TrimSpace(tail([]byte(l)))
		l, _, _ = strings.Cut(l, " Copyright")
		l = strings.TrimPrefix(l, "This is ")
		if l != "" {
			return l[:min(len(l), 60)]
		}
	}
	return ""
}

// Run drives one slice.
func (p *Program) Run(ctx context.Context, l Load) (Sample, error) {
	file := filepath.Join(p.dir, p.tool.Name+".out")
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return Sample{}, fmt.Errorf("clearing what it wrote before: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, l.For+grace, fmt.Errorf("it did not end within %v after its %v", grace, l.For))
	defer cancel()
	end, err := run(ctx, p.path, p.tool.Args(l, file, p.probed), p.core, p.tool.interrupt(l))
	if err != nil {
		return Sample{}, err
	}
	o := Output{Stdout: end.stdout}
	if content, err := readOutput(file); err == nil {
		o.File = content
	} else if !errors.Is(err, os.ErrNotExist) {
		return Sample{}, fmt.Errorf("reading what it wrote: %w", err)
	}
	f, err := p.tool.Parse(o)
	if err != nil {
		return Sample{}, err
	}
	return Sample{
		RPS: f.RPS, CPU: float64(end.cpu.Nanoseconds()) / 1e3 / float64(f.Requests), P50: f.P50, P99: f.P99,
		RSS: end.rss, Requests: f.Requests, Errors: f.Errors,
	}, nil
}

// readOutput reads what a tool wrote into a file, within the bounds of what it may print.
func readOutput(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, maxOutput+1))
	if err == nil && len(content) > maxOutput {
		err = fmt.Errorf("it wrote more than %d MiB", maxOutput>>20)
	}
	return content, err
}

// ending is what a process came to.
type ending struct {
	stdout []byte
	cpu    time.Duration // user and system, of the process and of the children that it waited for
	rss    int64         // highest resident memory, bytes
}

// run runs a program on a core (-1: anywhere) to its end.
func run(ctx context.Context, path string, args []string, core int, i interrupt) (ending, error) {
	stdout, stderr := &proc.Head{Limit: maxOutput}, &proc.Head{Limit: maxOutput}
	end, err := launch(ctx, path, args, core, i, stdout, stderr)
	if err != nil {
		if ctx.Err() == nil {
			err = fmt.Errorf("%w; its output ends with:\n%s", err, tail(append(stdout.Bytes(), stderr.Bytes()...)))
		}
		return ending{}, err
	}
	if stdout.Overflowed() {
		return ending{}, fmt.Errorf("it printed more than %d MiB", maxOutput>>20)
	}
	end.stdout = stdout.Bytes()
	return end, nil
}

// interrupt is a signal (SIGINT) to a program that is to end early and report.
type interrupt struct {
	after time.Duration // of its start; 0: never
	exit  int           // code with which it ends then
}

// launch starts a program in a process group of its own, waits for its end, and ends the whole group with the context. The
// group dies with us.
func launch(ctx context.Context, path string, args []string, core int, i interrupt, stdout, stderr io.Writer) (ending, error) {
	type result struct {
		end ending
		err error
	}
	done := make(chan result, 1)
	routine.Go(func() {
		// The parent-death signal is sent when this very thread ends, and the child starts with its cores: the thread stays
		// with the goroutine until the child is gone, and ends with it.
		runtime.LockOSThread()
		end, err := launchHere(ctx, path, args, core, i, stdout, stderr)
		done <- result{end, err}
	})
	r := <-done
	return r.end, r.err
}

func launchHere(ctx context.Context, path string, args []string, core int, i interrupt, stdout, stderr io.Writer) (ending, error) {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(proc.Environ(), "LC_ALL=C", "NO_COLOR=1")
	cmd.Stdout, cmd.Stderr = stdout, stderr
	cmd.SysProcAttr = ownGroup()
	cmd.WaitDelay = waitDelay
	cmd.Cancel = func() error { return posix.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	if err := startOn(core, cmd.Start); err != nil {
		return ending{}, fmt.Errorf("starting it: %w", err)
	}
	peak := watchPeak(cmd.Process.Pid)
	var sent atomic.Bool
	if i.after > 0 {
		timer := routine.AfterFunc(i.after, func() {
			sent.Store(true)
			_ = cmd.Process.Signal(syscall.SIGINT) // it may have ended by itself
		})
		defer timer.Stop()
	}
	err := cmd.Wait()
	seen := peak()
	var exit *exec.ExitError
	if sent.Load() && errors.As(err, &exit) && exit.ExitCode() == i.exit {
		err = nil
	}
	switch {
	case ctx.Err() != nil:
		return ending{}, context.Cause(ctx)
	case err != nil:
		return ending{}, err
	}
	used, ok := posix.UsedBy(cmd.ProcessState)
	if !ok {
		return ending{}, errors.New("the system does not tell what it used")
	}
	rss := used.RSS
	if rss <= ownPeak() && seen > 0 { // our own peak is read last, so that it cannot have been lower than at the start
		rss = seen
	}
	return ending{cpu: time.Duration(used.CPU), rss: rss}, nil
}

// ownPeak is the highest resident memory of this process. A child that is started without a copy of our memory inherits
// it in its rusage, so that only what is above it is the child's own.
func ownPeak() int64 {
	used, err := posix.Used()
	if err != nil {
		return 0
	}
	return used.RSS
}

// watchPeak follows the highest resident memory of a process until it is called, in bytes; 0: not known here.
func watchPeak(pid int) func() int64 {
	stop := make(chan struct{})
	peak := int64(0)
	var wg sync.WaitGroup
	wg.Add(1)
	routine.Go(func() {
		defer wg.Done()
		tick := time.NewTicker(peakEvery)
		defer tick.Stop()
		for {
			peak = max(peak, peakRSS(pid))
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	})
	return func() int64 {
		close(stop)
		wg.Wait()
		return peak
	}
}
