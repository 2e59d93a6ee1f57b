package take

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"benchtop/lab/profile"
)

// Tool is a profiler of this machine.
type Tool struct {
	Name  string // profile.Perf, profile.PySpy
	Gives string // which functions it sees
	Path  string // where it is; empty: it is not installed
	Lacks string // why it sees nothing here, and what allows it or installs it; empty: it is ready
}

// What is said where there are no profilers, and of one that is not there, with the line that installs it.
const (
	noTools = "py-spy and perf are used on Linux alone; here a server can give a pprof profile itself (--profile-url)"
	noPySpy = "py-spy is not installed, so that of Python only the interpreter's own functions can be seen: pip install py-spy"
	noPerf  = "perf is not installed: apt-get install linux-perf, on Ubuntu linux-tools-generic; or name a pprof profile of the server itself with --profile-url"
)

// trial bounds what tries whether a profiler may look.
const trial = 20 * time.Second

// Tools are the profilers that a run would use here, each tried; nowhere says why there are none.
func Tools(ctx context.Context) (tools []Tool, nowhere string) {
	if runtime.GOOS != "linux" {
		return nil, noTools
	}
	return []Tool{
		tool(ctx, profile.Perf, "functions of programs that are compiled, Go's without --profile-url as well", noPerf, perfMayLook),
		tool(ctx, profile.PySpy, "functions of Python", noPySpy, pySpyMayLook),
	}, ""
}

func tool(ctx context.Context, name, gives, absent string, try func(context.Context) string) Tool {
	t := Tool{Name: name, Gives: gives, Lacks: absent}
	if path, err := exec.LookPath(name); err == nil {
		ctx, cancel := context.WithTimeout(ctx, trial)
		defer cancel()
		t.Path, t.Lacks = path, try(ctx)
	}
	return t
}

// perfMayLook has perf record nothing for a moment: a kernel that forbids it says so, and so does a perf of another kernel.
func perfMayLook(ctx context.Context) string {
	if err := run(ctx, profile.Perf, profile.Perf, "record", "-q", "-e", "cpu-clock", "-g", "-o", os.DevNull, "--", "true"); err != nil {
		return oneLine(err)
	}
	return ""
}

// pySpyMayLook has py-spy say its version, and looks whether one process may read another that it did not start.
func pySpyMayLook(ctx context.Context) string {
	if err := run(ctx, profile.PySpy, profile.PySpy, "--version"); err != nil {
		return oneLine(err)
	}
	content, err := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope")
	if err != nil {
		return "" // a kernel without Yama forbids nothing
	}
	scope, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err == nil && scope > 0 && os.Geteuid() != 0 {
		return "kernel.yama.ptrace_scope is " + strconv.Itoa(scope) + ", so that it may not read other processes; sudo sysctl kernel.yama.ptrace_scope=0 allows it"
	}
	return ""
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
