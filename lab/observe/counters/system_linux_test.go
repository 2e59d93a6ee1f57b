package counters

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// need skips where this machine does not count an event, whatever else is installed: nothing that is installed gives a
// virtual machine a PMU.
func need(t *testing.T, s Source, event string) {
	t.Helper()
	for _, h := range s.Here() {
		if h.Event == event && h.Lacks != "" {
			t.Skipf("%s: not available here: %s", Words([]string{event}), h.Lacks)
		}
	}
}

// switches are those of all threads of a process, as /proc has them.
func switches(t *testing.T, pid int) (n uint64) {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, name := range files {
		content, err := os.ReadFile(name) //nolint:gosec // of /proc
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(content)) {
			if _, text, ok := strings.Cut(line, "voluntary_ctxt_switches:"); ok { // nonvoluntary ends so as well
				v, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				n += v
			}
		}
	}
	return n
}

// The context switches of a child that sleeps are those that /proc counts, on all of its threads.
func TestContextSwitchesAgainstProc(t *testing.T) {
	s := System()
	need(t, s, ContextSwitches)
	k := spawn(t)
	b := NewBook(s)
	defer b.Close()
	b.Watch([]Process{{PID: k.pid()}})
	if told := b.Uncounted(); told != nil {
		t.Fatal(told)
	}
	const sleeps = 200
	early, low := b.Read()[k.pid()], switches(t, k.pid())
	k.do(t, "sleep", sleeps)
	late, high := b.Read()[k.pid()], switches(t, k.pid())
	got := Between(early, late)[ContextSwitches].N
	want := float64(high - low)
	t.Logf("%v counted, %v in /proc", got, want)
	if want < sleeps || math.Abs(got-want) > max(5, 0.03*want) {
		t.Errorf("%v context switches were counted, and /proc has %v", got, want)
	}

	// Those of threads that come and go are counted too, also when nothing is there any more.
	const threads = 20
	k.do(t, "threads", threads)
	k.stop(t)
	if c := Between(late, b.Read()[k.pid()])[ContextSwitches]; c.N < threads {
		t.Errorf("%v context switches of %d threads that slept and have ended", c.N, threads)
	}
}

// Instructions tell work that is 3 % more apart while the machine is busy with something else and time cannot.
func TestInstructionsTellThreePercentApart(t *testing.T) {
	s := System()
	need(t, s, Instructions)
	threePercent(t, s, Instructions, "work", 20_000_000)
}

// System calls do so as well. They are counted where the kernel's trace events are mounted: the test does that in a place of
// its own.
func TestSystemCallsTellThreePercentApart(t *testing.T) {
	runtime.LockOSThread() // and not unlocked: the thread, in whose place they are mounted, ends with the test
	dir := t.TempDir()
	if err := mounted(dir); err != nil {
		t.Skipf("mounting the kernel's trace events: %v", err)
	}
	t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	s := &system{tracing: []string{dir}, have: map[string]Have{}}
	need(t, s, SystemCalls)
	threePercent(t, s, SystemCalls, "ask", 100_000)
}

// mounted mounts the kernel's trace events in a folder for this thread alone.
func mounted(dir string) error {
	if err := unix.Unshare(unix.CLONE_FS | unix.CLONE_NEWNS); err != nil {
		return err
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	return unix.Mount("nodev", dir, "tracefs", 0, "")
}

// threePercent has a child do steps of something, and 3 % more of them, in turns, and compares what was counted.
func threePercent(t *testing.T, s Source, event, what string, steps int) {
	t.Helper()
	stop := make(chan struct{})
	var busy sync.WaitGroup
	defer func() {
		close(stop)
		busy.Wait()
	}()
	for range runtime.GOMAXPROCS(0) {
		busy.Add(1)
		go func() {
			defer busy.Done()
			for {
				select {
				case <-stop:
					return
				default:
					runtime.KeepAlive(work(100_000))
				}
			}
		}()
	}
	k := spawn(t)
	b := NewBook(s)
	defer b.Close()
	b.Watch([]Process{{PID: k.pid()}})
	cost := func(steps int) (n, took float64) {
		early, begun := b.Read()[k.pid()], time.Now()
		k.do(t, what, steps)
		took = time.Since(begun).Seconds()
		c, ok := Between(early, b.Read()[k.pid()])[event]
		if !ok {
			t.Fatal("it was not counted")
		}
		return c.N, took
	}
	for range 6 {
		more, longer := cost(steps + 3*steps/100)
		n, time := cost(steps)
		t.Logf("%.4f times as many, in %.4f times the time", more/n, longer/time)
		if ratio := more / n; ratio < 1.025 || ratio > 1.035 {
			t.Errorf("3 %% more work has %.4f times the %s", ratio, Words([]string{event}))
		}
	}
}

func TestTraced(t *testing.T) {
	dir := t.TempDir()
	if _, err := traced([]string{dir}, "raw_syscalls/sys_enter"); err == nil || !strings.Contains(err.Error(), "mount -t tracefs") {
		t.Errorf("%v", err)
	}
	folder := filepath.Join(dir, "events/raw_syscalls/sys_enter")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]uint64{"348\n": 348, "none": 0} {
		if err := os.WriteFile(filepath.Join(folder, "id"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if id, err := traced([]string{filepath.Join(dir, "without"), dir}, "raw_syscalls/sys_enter"); id != want || (err == nil) != (want > 0) {
			t.Errorf("%q is %d, %v", text, id, err)
		}
	}
}

func TestWhyNot(t *testing.T) {
	for _, c := range []struct {
		err      error
		kind     uint32
		paranoid int
		want     string
	}{
		{unix.ENOENT, unix.PERF_TYPE_HARDWARE, -1, "no PMU"},
		{unix.ENOENT, unix.PERF_TYPE_TRACEPOINT, -1, "does not count it"},
		{unix.EOPNOTSUPP, unix.PERF_TYPE_HARDWARE, -1, "does not count it"},
		{unix.EACCES, unix.PERF_TYPE_SOFTWARE, 2, "kernel.perf_event_paranoid is 2; sudo sysctl kernel.perf_event_paranoid=1 allows it"},
		{unix.EPERM, unix.PERF_TYPE_HARDWARE, 4, "kernel.perf_event_paranoid is 4"},
		{unix.EPERM, unix.PERF_TYPE_HARDWARE, 1, "--cap-add PERFMON"},
		{unix.EINVAL, unix.PERF_TYPE_HARDWARE, 1, "Linux 5.13"},
		{unix.ENOSYS, unix.PERF_TYPE_HARDWARE, 1, "no perf_event_open"},
		{unix.EMFILE, unix.PERF_TYPE_SOFTWARE, 1, "ulimit -n"},
		{unix.EIO, unix.PERF_TYPE_SOFTWARE, 1, "input/output error"},
	} {
		if got := words(c.err, c.kind, c.paranoid); !strings.Contains(got, c.want) {
			t.Errorf("%v at %d: %q", c.err, c.paranoid, got)
		}
	}
}
