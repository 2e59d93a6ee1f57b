package selftest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"benchtop/lab/load"
	"benchtop/lab/load/generator"
	"benchtop/targets/proc"
	"benchtop/targets/procfs"
)

// descriptorLimit: the generator may open 100 descriptors and is asked for 200 connections.
func descriptorLimit(ctx context.Context) (string, error) {
	r, err := assemble(ctx, fast)
	if err != nil {
		return "", err
	}
	defer r.dismantle()
	limit := unix.Rlimit{Cur: 100, Max: 100}
	if err := unix.Prlimit(r.generator.PID(), unix.RLIMIT_NOFILE, &limit, nil); err != nil {
		return "", notHere("lowering the generator's descriptor limit: %w", err)
	}
	sum, err := r.generator.Run(ctx, r.slice("/hello", 200, 0, 50*time.Millisecond, 300*time.Millisecond), nil)
	var refused *load.DescriptorError
	if errors.As(err, &refused) {
		return "refused before the start: " + err.Error(), nil
	}
	if err != nil {
		return "", err
	}
	if n := sum.Total.Errors[load.ErrDescriptorLimit]; n > 0 {
		return fmt.Sprintf("%d errors of class %s; %s", n, load.ErrDescriptorLimit, sum.Reasons[load.ErrDescriptorLimit]), nil
	}
	return "", nil
}

// cpuFolders are where a control group with a CPU controller is mounted, by custom.
var cpuFolders = []string{"/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup"}

// cpuQuota: the generator gets a twentieth of a core in a control group of its own and is asked for 20,000 requests a
// second.
func cpuQuota(ctx context.Context) (string, error) {
	r, err := assemble(ctx, fast)
	if err != nil {
		return "", err
	}
	var group string
	defer func() {
		r.dismantle()
		if group != "" {
			_ = os.Remove(group) // empty now; what is left of it does no harm
		}
	}()
	if group, err = quotaGroup(r.generator.PID()); err != nil {
		return "", err
	}
	s := r.slice("/hello", 64, 20_000, 100*time.Millisecond, 700*time.Millisecond)
	s.Timeout = 500 * time.Millisecond
	sum, err := r.generator.Run(ctx, s, nil)
	if errors.Is(err, generator.ErrDied) {
		return err.Error(), nil
	}
	if err != nil {
		return "", err
	}
	return strings.Join(saturation(s, &sum), ", "), nil
}

// quotaGroup makes a control group with 5 ms of CPU in 100 ms and puts the process into it.
func quotaGroup(pid int) (string, error) {
	var errs []error
	for _, folder := range cpuFolders {
		group := filepath.Join(folder, "benchtop-selftest-"+strconv.Itoa(os.Getpid()))
		if _, err := os.Stat(folder); err != nil {
			continue
		}
		if err := os.Mkdir(group, 0o750); err != nil {
			errs = append(errs, err)
			continue
		}
		files := map[string]string{"cpu.max": "5000 100000"}
		if _, err := os.Stat(filepath.Join(group, "cpu.cfs_quota_us")); err == nil {
			files = map[string]string{"cpu.cfs_quota_us": "5000"}
		}
		err := error(nil)
		for name, value := range files {
			err = errors.Join(err, put(group, name, value))
		}
		if err = errors.Join(err, put(group, "cgroup.procs", strconv.Itoa(pid))); err == nil {
			return group, nil
		}
		errs = append(errs, err)
		_ = os.Remove(group)
	}
	if len(errs) == 0 {
		return "", notHere("no control group with a CPU controller is mounted")
	}
	return "", notHere("no control group can be made: %w", errors.Join(errs...))
}

// put writes into an existing file; it must not make one.
func put(folder, name, value string) error {
	f, err := os.OpenFile(filepath.Join(folder, name), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(value)
	return errors.Join(err, f.Close())
}

// namespaceVariable tells the program inside which network namespace it must not touch.
const namespaceVariable = "BENCHTOP_SELFTEST_OUTSIDE"

func networkNamespace() (string, error) { return os.Readlink("/proc/self/ns/net") }

// portExhaustion runs this program in a network namespace of its own, where the range of ephemeral ports can be made
// narrow without disturbing anybody.
func portExhaustion(ctx context.Context, program string) (string, error) {
	unshare, err := exec.LookPath("unshare")
	if err != nil || program == "" {
		return "", notHere("unshare is not installed: apt-get install util-linux")
	}
	outside, err := networkNamespace()
	if err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, unshare, "--net", "--", program, "selftest", "--quick", "--only", portsInside, "--json", "-")
	cmd.Env = append(proc.Environ(), namespaceVariable+"="+outside)
	cmd.WaitDelay = dismantleGrace
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	runErr := cmd.Run()
	var inside struct {
		Rows []Row `json:"rows"`
	}
	if err := json.Unmarshal(stdout.Bytes(), &inside); err != nil || len(inside.Rows) != 1 {
		return "", notHere("no network namespace can be used: %w: %.300s", errors.Join(runErr, err), stderr.String())
	}
	row := inside.Rows[0]
	if row.State == NotRun {
		return "", notHere("%s", row.Note)
	}
	if row.State == Inconclusive {
		return "", errors.New(row.Note)
	}
	if row.State != Met {
		return "", nil
	}
	return row.Note, nil
}

// narrow is the range of ephemeral ports inside: with 64 source addresses there are 640 pairs.
const narrow = "40000 40009"

// portsInNamespace is the part of portExhaustion that runs inside.
func portsInNamespace(ctx context.Context, b *bench) error {
	outside := os.Getenv(namespaceVariable)
	if here, err := networkNamespace(); err != nil || outside == "" || here == outside {
		return notHere("this row runs in a network namespace of its own only")
	}
	if err := loopbackUp(); err != nil {
		return notHere("bringing the loopback interface up: %w", err)
	}
	r, err := assemble(ctx, fast)
	if err != nil {
		return err
	}
	defer r.dismantle()
	if err := put("/proc/sys/net/ipv4", "ip_local_port_range", narrow); err != nil {
		return notHere("narrowing the range of ports: %w", err)
	}
	// The server closes first, so that the client's port is free again at once: exhausting them takes more connections
	// at the same time than there are pairs.
	s := r.slice("/wait?for=300ms", 800, 0, 0, time.Second)
	s.KeepAlive = false
	sum, err := r.generator.Run(ctx, s, nil)
	if err != nil {
		return err
	}
	row := Row{Name: "port exhaustion", Bar: flaggedBar, State: Missed, Figure: "not flagged", Note: fmt.Sprintf("%d requests, errors %v", sum.Total.Requests, sum.Total.Errors)}
	why := sum.Reasons[load.ErrPortsExhausted].Text
	if n := sum.Total.Errors[load.ErrPortsExhausted]; n > 0 && strings.Contains(why, "no free port") {
		row.State, row.Figure, row.Note = Met, "flagged", fmt.Sprintf("%d errors of class %s after %d answers; %s", n, load.ErrPortsExhausted, sum.Total.OK, why)
	}
	b.row(row)
	return nil
}

// loopbackUp brings the interface lo of this namespace up.
func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }()
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	request.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request)
}

// stopTree stops a process with all its descendants for a while: the children first, so that no parent sees them stop.
func stopTree(pid int, d time.Duration) error {
	pids, err := descendants(pid)
	if err != nil {
		return err
	}
	pids = append(pids, pid)
	for _, p := range pids {
		_ = unix.Kill(p, unix.SIGSTOP) // one that has ended meanwhile needs no stop
	}
	time.Sleep(d)
	for _, p := range pids {
		_ = unix.Kill(p, unix.SIGCONT)
	}
	return nil
}

// descendants are the processes below pid.
func descendants(pid int) ([]int, error) {
	if err := procfs.Own(); err != nil {
		return nil, err
	}
	var out []int
	for _, st := range procfs.Below(pid) {
		out = append(out, st.PID)
	}
	return out, nil
}
