package selftest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"benchtop/targets/proc"
	"benchtop/targets/routine"
)

const (
	syscallBar  = 2.2
	attachLimit = 5 * time.Second
	enough      = 20_000 // requests
)

// syscalls counts the generator's system calls with strace while it drives 64 connections. Connects and the process's
// own housekeeping are counted as well.
func syscalls(ctx context.Context, b *bench) error {
	path, err := exec.LookPath("strace")
	if err != nil {
		return notHere("strace is not installed: apt-get install strace")
	}
	r, err := assemble(ctx, fast)
	if err != nil {
		return err
	}
	defer r.dismantle()
	window := 10 * time.Second
	if b.Quick {
		window = 2 * time.Second
	}
	t, err := attach(ctx, path, r.generator.PID())
	if err != nil {
		return err
	}
	sum, err := r.generator.Run(ctx, r.slice("/hello", 64, 0, 200*time.Millisecond, window), nil)
	report, detachErr := t.detach()
	if err = errors.Join(err, detachErr); err != nil {
		return err
	}
	calls, most, err := parseStrace(report)
	if err != nil {
		return err
	}
	if sum.Total.Requests == 0 {
		return errors.New("no request ended under strace")
	}
	per := calls / float64(sum.Total.Requests)
	row := Row{
		Name: "system calls of the generator", Figure: fmt.Sprintf("%.3f per request", per), Bar: "2.2 at 64 connections", State: span{per, per, per}.judge(0, syscallBar),
		Note:   fmt.Sprintf("strace -c -f, %.0f calls for %d requests, most of them %s; the generator is far slower under strace", calls, sum.Total.Requests, most),
		Values: map[string]float64{"per_request": per, "requests": float64(sum.Total.Requests)},
	}
	if row.State == Missed && sum.Total.Requests < enough {
		row.State = Inconclusive
		row.Note += fmt.Sprintf("; fewer than %d requests do not outweigh the start of the slice and its 64 connects, which are counted as well", enough)
	}
	b.row(row)
	return nil
}

// tracer is an attached strace.
type tracer struct {
	cmd    *exec.Cmd
	dir    string
	output string
	exited chan struct{} // closed when strace has ended; ended says how
	ended  error
}

// attach starts strace on a process and returns when it says that it is attached.
func attach(ctx context.Context, path string, pid int) (*tracer, error) {
	dir, err := os.MkdirTemp("", "benchtop-strace-*")
	if err != nil {
		return nil, err
	}
	t := &tracer{dir: dir, output: filepath.Join(dir, "counts"), exited: make(chan struct{})}
	t.cmd = exec.Command(path, "-c", "-f", "-o", t.output, "-p", strconv.Itoa(pid))
	t.cmd.Env = proc.Environ()
	stderr, err := t.cmd.StderrPipe()
	if err == nil {
		err = t.cmd.Start()
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, fmt.Errorf("strace: %w", err)
	}
	attached := make(chan struct{})
	var said bytes.Buffer
	routine.Go(func() {
		lines := bufio.NewScanner(stderr)
		for once := true; lines.Scan(); {
			if said.Len() < 4096 {
				said.WriteString(lines.Text() + " ")
			}
			if once && strings.Contains(lines.Text(), "attached") {
				once = false
				close(attached)
			}
		}
		t.ended = t.cmd.Wait()
		close(t.exited)
	})
	limit, cancel := context.WithTimeout(ctx, attachLimit)
	defer cancel()
	select {
	case <-attached:
		return t, nil
	case <-t.exited:
		_ = os.RemoveAll(dir)
		return nil, notHere("strace could not attach: %s(%v)", said.String(), t.ended)
	case <-limit.Done():
		_ = t.cmd.Process.Kill()
		<-t.exited
		_ = os.RemoveAll(dir)
		return nil, notHere("strace did not attach within %v", attachLimit)
	}
}

// detach ends strace and gives its table.
func (t *tracer) detach() (string, error) {
	defer func() { _ = os.RemoveAll(t.dir) }()
	if err := t.cmd.Process.Signal(syscall.SIGINT); err != nil {
		return "", fmt.Errorf("ending strace: %w", err)
	}
	timer := time.NewTimer(attachLimit)
	defer timer.Stop()
	select {
	case <-t.exited: // it ends by the signal that it was sent: that is no failure
	case <-timer.C:
		_ = t.cmd.Process.Kill()
		<-t.exited
		return "", fmt.Errorf("strace did not end within %v", attachLimit)
	}
	b, err := os.ReadFile(t.output)
	if err != nil {
		return "", fmt.Errorf("strace: %w", err)
	}
	return string(b), nil
}

// parseStrace adds up the calls in the table of strace -c and names the most frequent ones. Its columns are: % time,
// seconds, usecs/call, calls, errors (may be empty), syscall.
func parseStrace(table string) (calls float64, most string, err error) {
	type count struct {
		name string
		n    float64
	}
	var top [3]count
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) < 5 || fields[len(fields)-1] == "total" || fields[len(fields)-1] == "syscall" {
			continue
		}
		n, err := strconv.ParseFloat(fields[3], 64)
		if err != nil {
			continue // a rule of dashes
		}
		calls += n
		c := count{fields[len(fields)-1], n}
		for i := range top {
			if c.n > top[i].n {
				top[i], c = c, top[i]
			}
		}
	}
	if calls == 0 {
		return 0, "", fmt.Errorf("strace counted nothing: %.200q", table)
	}
	var names []string
	for _, c := range top {
		if c.n > 0 {
			names = append(names, fmt.Sprintf("%s %.0f", c.name, c.n))
		}
	}
	return calls, strings.Join(names, ", "), nil
}
