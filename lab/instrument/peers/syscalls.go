package peers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

// Syscalls is how many system calls our generator makes for a request.
type Syscalls struct {
	Connections int     `json:"connections"`
	Requests    uint64  `json:"requests"`
	Calls       uint64  `json:"calls"`
	PerRequest  float64 `json:"per_request"`
	Limit       float64 `json:"limit"`
	Verdict     Verdict `json:"verdict,omitempty"`
	NotRun      string  `json:"not_run,omitempty"`
}

// Of the count.
const (
	syscallLimit       = 2.2
	syscallConnections = 64
	syscallFor         = 5 * time.Second // at least, so that opening the connections does not weigh
	attachWait         = 10 * time.Second
)

// CountSyscalls drives one slice with `strace -c -f` attached to our generator's process. What it counts is exact, and a
// ratio of counts, so that one slice is enough; how fast it is meanwhile says nothing.
func CountSyscalls(ctx context.Context, o *Ours, l Load, dir string) (*Syscalls, error) {
	l.Connections, l.For = syscallConnections, max(l.For, syscallFor)
	out := &Syscalls{Connections: l.Connections, Limit: syscallLimit}
	path, err := exec.LookPath("strace")
	if err != nil {
		out.NotRun = "strace is not installed (apt-get install strace)"
		return out, nil
	}
	file := filepath.Join(dir, "strace.out")
	var refused *attachError
	s, err := o.run(ctx, l, func(pid int) (func() error, error) { return attach(ctx, path, file, pid) })
	if errors.As(err, &refused) {
		out.NotRun = refused.Error()
		return out, nil
	}
	if err != nil {
		return nil, fmt.Errorf("counting system calls: %w", err)
	}
	table, err := readOutput(file)
	if err != nil {
		return nil, fmt.Errorf("counting system calls: %w", err)
	}
	if out.Calls, err = parseStrace(table); err != nil {
		return nil, fmt.Errorf("counting system calls: %w", err)
	}
	out.Requests = s.Requests
	out.PerRequest = float64(out.Calls) / float64(s.Requests)
	out.Verdict = Met
	if out.PerRequest > out.Limit {
		out.Verdict = Missed
	}
	return out, nil
}

// attachError is an strace that could not attach, because the system does not let it.
type attachError struct{ text string }

func (e *attachError) Error() string { return "strace could not attach: " + e.text }

// attach starts strace on a process and waits until it is there; what it returns detaches it and waits for its table.
func attach(ctx context.Context, path, file string, pid int) (func() error, error) {
	// strace asks the kernel for every thread of the process, and says so on standard error.
	cmd := exec.CommandContext(ctx, path, "-c", "-f", "-p", strconv.Itoa(pid), "-o", file)
	cmd.Env = append(proc.Environ(), "LC_ALL=C")
	cmd.SysProcAttr = ownGroup()
	cmd.WaitDelay = waitDelay
	said, err := cmd.StderrPipe()
	if err != nil {
		return nil, fmt.Errorf("starting strace: %w", err)
	}
	started, ended := make(chan error, 1), make(chan struct{})
	lines := make(chan string, 64)
	routine.Go(func() {
		runtime.LockOSThread() // see run
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		in := bufio.NewScanner(said)
		for in.Scan() {
			select {
			case lines <- in.Text():
			default: // nobody listens any more
			}
		}
		close(lines)
		_ = cmd.Wait() // it ends by a signal; what counts is its table
		close(ended)
	})
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting strace: %w", err)
	}
	if err := attached(ctx, lines); err != nil {
		_ = cmd.Process.Kill() // what it said is the error
		<-ended
		return nil, err
	}
	return func() error {
		_ = cmd.Process.Signal(syscall.SIGINT) // it detaches and writes its table
		<-ended
		return nil
	}, nil
}

// attached waits for the line that says so.
func attached(ctx context.Context, lines <-chan string) error {
	timer := time.NewTimer(attachWait)
	defer timer.Stop()
	var text []string
	for {
		select {
		case l, ok := <-lines:
			switch {
			case !ok:
				return &attachError{firstLine(strings.Join(text, "; "))}
			case strings.Contains(l, "attached"):
				return nil
			}
			text = append(text, l)
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
			return &attachError{fmt.Sprintf("it said nothing within %v", attachWait)}
		}
	}
}

// Lines of the table of strace.
const (
	straceTitle = `(?m)^% time +seconds +usecs/call +calls +errors syscall$`
	straceTotal = `(?m)^ *[\d.]+ +[\d.]+ +(?:\d+ +)?(\d+) +(?:\d+ +)?total$`
)

// parseStrace reads the total of calls from the table of `strace -c`. The column usecs/call of the last line is empty in
// older versions, and that of errors when there were none, so that the columns are found by the title's.
func parseStrace(table []byte) (uint64, error) {
	title := regexp.MustCompile(straceTitle).FindIndex(table)
	total := regexp.MustCompile(straceTotal).FindAllIndex(table, -1)
	if title == nil || len(total) != 1 {
		return 0, fmt.Errorf("the table of strace is not the one that is known; it ends with:\n%s", tail(table))
	}
	head := string(table[title[0]:title[1]])
	last := string(table[total[0][0]:total[0][1]])
	// Figures end where the title's words do.
	end := strings.Index(head, " calls") + len(" calls")
	if end > len(last) {
		return 0, fmt.Errorf("the last line of strace's table is too short: %q", last)
	}
	fields := strings.Fields(last[:end])
	if len(fields) < 3 {
		return 0, fmt.Errorf("the last line of strace's table has no count: %q", last)
	}
	return count(fields[len(fields)-1])
}
