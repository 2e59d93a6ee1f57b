package counters

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"benchtop/targets/procfs"
)

// inheritThread is the bit of perf_event_attr that counts threads which are started, and not child processes; since Linux 5.13.
const inheritThread = 1 << 35

// tracing are the places where the kernel's trace events may be mounted.
var tracing = []string{"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}

// System is the kernel.
func System() Source { return &system{tracing: tracing, have: map[string]Have{}} }

type system struct {
	tracing []string
	once    sync.Once
	have    map[string]Have
	configs map[string]unix.PerfEventAttr
}

// Here tries every event on the thread that asks.
func (s *system) Here() []Have {
	s.once.Do(s.look)
	var out []Have
	for _, event := range Events() {
		out = append(out, s.have[event])
	}
	return out
}

func (s *system) look() {
	hardware := func(config uint64) unix.PerfEventAttr {
		return unix.PerfEventAttr{Type: unix.PERF_TYPE_HARDWARE, Config: config}
	}
	s.configs = map[string]unix.PerfEventAttr{
		Instructions:    hardware(unix.PERF_COUNT_HW_INSTRUCTIONS),
		Cycles:          hardware(unix.PERF_COUNT_HW_CPU_CYCLES),
		CacheMisses:     hardware(unix.PERF_COUNT_HW_CACHE_MISSES),
		ContextSwitches: {Type: unix.PERF_TYPE_SOFTWARE, Config: unix.PERF_COUNT_SW_CONTEXT_SWITCHES},
	}
	for event, attr := range s.configs {
		s.have[event] = s.try(event, attr)
	}
	id, err := traced(s.tracing, "raw_syscalls/sys_enter")
	if err != nil {
		s.have[SystemCalls] = Have{Event: SystemCalls, Lacks: err.Error()}
		return
	}
	attr := unix.PerfEventAttr{Type: unix.PERF_TYPE_TRACEPOINT, Config: id}
	s.configs[SystemCalls] = attr
	s.have[SystemCalls] = s.try(SystemCalls, attr)
}

// try opens an event once. One of the processor that may not be counted in the kernel is counted in user space alone; those
// of the kernel happen nowhere else.
func (s *system) try(event string, attr unix.PerfEventAttr) Have {
	h := Have{Event: event}
	err := probe(attr)
	if errors.Is(err, unix.EACCES) && attr.Type == unix.PERF_TYPE_HARDWARE {
		attr.Bits |= unix.PerfBitExcludeKernel
		if probe(attr) == nil {
			h.Only = fmt.Sprintf("counted in user space alone: kernel.perf_event_paranoid is %d; %s counts the kernel as well", paranoid(), allow)
			s.configs[event] = attr
			return h
		}
	}
	if err != nil {
		h.Lacks = words(err, attr.Type, paranoid())
	}
	return h
}

func probe(attr unix.PerfEventAttr) error {
	c, err := open(attr, 0)
	if err == nil {
		c.Close()
	}
	return err
}

// allow is the line that lets everybody count their own processes, the kernel's part included.
const allow = "sudo sysctl kernel.perf_event_paranoid=1"

// paranoid is the kernel's setting of who may count what; -1 where it cannot be read, at which everybody may.
func paranoid() int {
	content, err := os.ReadFile("/proc/sys/kernel/perf_event_paranoid")
	if err != nil {
		return -1
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		return -1
	}
	return n
}

// words says why an event of a kind cannot be counted.
func words(err error, kind uint32, paranoid int) string {
	switch {
	case errors.Is(err, unix.ENOENT) && kind == unix.PERF_TYPE_HARDWARE:
		return "this machine shows no PMU, the processor's counters; most virtual machines have none"
	case errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOENT):
		return "this processor or kernel does not count it"
	case errors.Is(err, unix.ENOSYS):
		return "this kernel has no perf_event_open"
	case errors.Is(err, unix.EINVAL):
		return "the kernel does not count the threads of a process alone; Linux 5.13 does"
	case (errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM)) && paranoid > 1:
		return fmt.Sprintf("kernel.perf_event_paranoid is %d; %s allows it", paranoid, allow)
	case errors.Is(err, unix.EPERM):
		return "perf_event_open is forbidden here, as containers do; docker run --cap-add PERFMON allows it"
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE):
		return "there are no descriptors left for it; raise ulimit -n"
	}
	return "perf_event_open says: " + err.Error()
}

// traced is the number of a trace event of the kernel.
func traced(mounts []string, event string) (uint64, error) {
	var content []byte
	var err error
	for _, dir := range mounts {
		if content, err = os.ReadFile(filepath.Join(dir, "events", event, "id")); err == nil || errors.Is(err, os.ErrPermission) { //nolint:gosec // a fixed place of the kernel's
			break
		}
	}
	switch {
	case errors.Is(err, os.ErrPermission):
		return 0, errors.New("only root reads the kernel's trace events in /sys/kernel/tracing; run as root")
	case err != nil:
		return 0, errors.New("the kernel's trace events are not mounted; sudo mount -t tracefs nodev /sys/kernel/tracing mounts them")
	}
	id, err := strconv.ParseUint(strings.TrimSpace(string(content)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("the number of %s is no number: %w", event, err)
	}
	return id, nil
}

// Threads lists the folder of a process's tasks.
func (s *system) Threads(pid int) ([]int, error) {
	dir, err := procfs.Dir(pid)
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(filepath.Join(dir, "task"))
	if err != nil {
		return nil, fmt.Errorf("listing its threads: %w", err)
	}
	out := make([]int, 0, len(entries))
	for _, e := range entries {
		if tid, err := strconv.Atoi(e.Name()); err == nil {
			out = append(out, tid)
		}
	}
	return out, nil
}

// Open counts an event that is available.
func (s *system) Open(event string, tid int) (Counter, error) {
	s.once.Do(s.look)
	attr, known := s.configs[event]
	if !known {
		return nil, fmt.Errorf("%s is not counted here", event)
	}
	c, err := open(attr, tid)
	if err != nil {
		if errors.Is(err, unix.EACCES) || errors.Is(err, unix.EPERM) { // what may be counted of benchtop itself may not of others
			return nil, errors.New("it belongs to somebody else; run as root to count it")
		}
		return nil, errors.New(words(err, attr.Type, paranoid()))
	}
	return c, nil
}

type descriptor int

func open(attr unix.PerfEventAttr, tid int) (Counter, error) {
	attr.Size = unix.PERF_ATTR_SIZE_VER0
	attr.Read_format = unix.PERF_FORMAT_TOTAL_TIME_ENABLED | unix.PERF_FORMAT_TOTAL_TIME_RUNNING
	attr.Bits |= unix.PerfBitInherit | inheritThread
	fd, err := unix.PerfEventOpen(&attr, tid, -1, -1, unix.PERF_FLAG_FD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	return descriptor(fd), nil
}

func (d descriptor) Read() (Raw, error) {
	var buffer [24]byte
	n, err := unix.Read(int(d), buffer[:])
	if err != nil {
		return Raw{}, err
	}
	if n != len(buffer) {
		return Raw{}, fmt.Errorf("a counter gave %d bytes", n)
	}
	word := func(i int) uint64 { return binary.NativeEndian.Uint64(buffer[8*i:]) }
	return Raw{word(0), word(1), word(2)}, nil
}

func (d descriptor) Close() { _ = unix.Close(int(d)) }
