// Package take takes the profile of processes that serve: from the server itself (pprof by URL), or with a profiler of this
// machine (py-spy, perf) that is there. What cannot be had is said in the profile and is no error: a run goes on without it.
package take

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/lab/profile"
	"benchtop/targets/guard"
	"benchtop/targets/proc"
	"benchtop/targets/procfs"
	"benchtop/targets/runfolder"
)

// Wish is what to take.
type Wish struct {
	Plan      profile.Plan
	Processes []Process       // that serve
	Port      string          // that they serve on, which takes the place of foreign.PortWord; empty: they have none
	Protocols *http.Protocols // that are spoken at Port; nil: HTTP/1.1
}

// Process is one that serves.
type Process struct{ PID, Parent int }

const (
	perfRate  = 499 // samples a second of each core; a prime does not beat with what happens every millisecond
	pySpyRate = 100
	patience  = time.Minute // for what a profiler does besides looking: it reads the symbols of the programs
)

// Take takes a profile, for about as long as the plan says, and says what it did not see.
func Take(ctx context.Context, w Wish) *profile.Profile {
	ctx, cancel := context.WithTimeoutCause(ctx, w.Plan.For+patience, errors.New("that took too long"))
	defer cancel()
	p, missed, err := w.take(ctx)
	if err != nil {
		missed = append(missed, oneLine(err))
	}
	if p == nil {
		p = &profile.Profile{Stacks: []string{}}
	}
	if p.Seconds == 0 {
		p.Seconds = w.Plan.For.Seconds()
	}
	p.Missed = append(p.Missed, missed...)
	return p
}

func (w *Wish) take(ctx context.Context) (p *profile.Profile, missed []string, err error) {
	if w.Plan.URL != "" {
		if n := len(w.Processes); n > 1 {
			missed = append(missed, fmt.Sprintf("a URL gives the profile of the one process that responds, and %d serve", n))
		}
		p, err = w.fetch(ctx)
		return p, missed, err
	}
	if runtime.GOOS != "linux" {
		return nil, []string{noTools}, nil
	}
	if len(w.Processes) == 0 {
		return nil, []string{"no process that serves is known"}, nil
	}
	if snakes := w.python(); len(snakes) > 0 {
		if _, err := exec.LookPath(profile.PySpy); err == nil {
			p, err := w.pySpy(ctx, snakes[0].PID)
			if len(snakes) > 1 {
				missed = append(missed, fmt.Sprintf("py-spy looked at process %d and those below it, and at no other", snakes[0].PID))
			}
			return p, missed, err
		}
		missed = append(missed, noPySpy)
	}
	if _, err := exec.LookPath(profile.Perf); err != nil {
		return nil, append(missed, noPerf), nil
	}
	p, err = w.perf(ctx)
	return p, missed, err
}

// python are the processes of Python interpreters that no other one of them started.
func (w *Wish) python() []Process {
	is := func(p Process) bool {
		dir, err := procfs.Dir(p.PID)
		if err != nil {
			return false
		}
		program, err := os.Readlink(filepath.Join(dir, "exe"))
		return err == nil && strings.HasPrefix(filepath.Base(program), "python")
	}
	all := slices.DeleteFunc(slices.Clone(w.Processes), func(p Process) bool { return !is(p) })
	return slices.DeleteFunc(slices.Clone(all), func(p Process) bool {
		return slices.ContainsFunc(all, func(q Process) bool { return q.PID == p.Parent })
	})
}

func (w *Wish) pySpy(ctx context.Context, pid int) (*profile.Profile, error) {
	return inFolder(func(dir string) (*profile.Profile, error) {
		out := filepath.Join(dir, "stacks")
		err := run(ctx, profile.PySpy, profile.PySpy, "record", "--pid", strconv.Itoa(pid), "--subprocesses", "--format", "raw", "--function",
			"--rate", strconv.Itoa(pySpyRate), "--duration", w.seconds(), "--output", out)
		if err != nil {
			return nil, err
		}
		return read(out, profile.PySpy, func(f *os.File) (*profile.Profile, error) {
			data, err := profile.ReadAll(f)
			if err != nil {
				return nil, err
			}
			return profile.FromPySpy(data, time.Second/pySpyRate)
		})
	})
}

// recordAndPrint has perf record into a folder and print what it recorded into a file there. Functions that were inlined are not
// looked up: that takes minutes.
const recordAndPrint = `perf record -q -e cpu-clock -F "$1" -g -p "$2" -o "$4/data" -- sleep "$3" >&2 &&
exec perf script -i "$4/data" --no-inline -F comm,pid,tid,ip,sym,dso >"$4/stacks"`

func (w *Wish) perf(ctx context.Context) (*profile.Profile, error) {
	pids := make([]string, len(w.Processes))
	for i, p := range w.Processes {
		pids[i] = strconv.Itoa(p.PID)
	}
	return inFolder(func(dir string) (*profile.Profile, error) {
		if err := run(ctx, profile.Perf, "sh", "-c", recordAndPrint, "sh", strconv.Itoa(perfRate), strings.Join(pids, ","), w.seconds(), dir); err != nil {
			return nil, err
		}
		return read(filepath.Join(dir, "stacks"), profile.Perf, func(f *os.File) (*profile.Profile, error) {
			info, err := f.Stat()
			if err == nil && info.Size() > profile.Largest {
				err = profile.ErrTooLarge
			}
			if err != nil {
				return nil, err
			}
			return profile.FromPerf(f, time.Second/perfRate)
		})
	})
}

// seconds are those of the plan as the profilers take them, whole ones.
func (w *Wish) seconds() string { return strconv.Itoa(int(w.Plan.For.Round(time.Second).Seconds())) }

// inFolder has a folder that is gone afterwards; what a process that was killed leaves of it goes with its run folder.
func inFolder(do func(dir string) (*profile.Profile, error)) (*profile.Profile, error) {
	base, err := runfolder.Path()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(base, "profile-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	return do(dir)
}

func read(file, tool string, parse func(*os.File) (*profile.Profile, error)) (*profile.Profile, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("%s wrote nothing: %w", tool, err)
	}
	defer func() { _ = f.Close() }()
	p, err := parse(f)
	if err != nil {
		return nil, fmt.Errorf("the profile of %s: %w", tool, err)
	}
	return p, nil
}

// run runs a profiler to its end. Nothing of it is left when ctx ends, or this program.
func run(ctx context.Context, tool string, argv ...string) error {
	p, err := guard.Start(ctx, guard.Command{Name: tool, Argv: argv})
	if err != nil {
		return err
	}
	select {
	case <-p.Exited():
	case <-ctx.Done():
		_ = p.Stop(context.WithoutCancel(ctx))
	}
	<-p.Done()
	if ctx.Err() != nil {
		return fmt.Errorf("%s was ended: %w", tool, context.Cause(ctx))
	}
	how := p.Err()
	var exit *proc.ExitError
	if errors.As(how, &exit) && exit.Code == 0 {
		return nil
	}
	return fmt.Errorf("%s failed: %w", tool, how)
}
