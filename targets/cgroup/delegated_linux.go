package cgroup

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"benchtop/targets"
	"benchtop/targets/procfs"
)

// leaf is the group that this process moves into: a group with limits below it can have no processes of its own.
const leaf = "benchtop"

// moveTries is how often processes are moved until none is left that was forked meanwhile.
const moveTries = 20

// hierarchy is where control groups of version 2 are, and this process in them.
type hierarchy struct {
	top, own string // folders
	old      bool   // controllers belong to version 1
}

// delegates is the line that starts this program in a group that is delegated to it.
func delegates() string {
	if os.Geteuid() == 0 {
		return "systemd-run --scope -p Delegate=yes benchtop …"
	}
	return "systemd-run --user --scope -p Delegate=yes benchtop …"
}

// unusable says why limits cannot be set, and what to do.
func unusable(next, format string, args ...any) error {
	return &targets.Unusable{Component: targets.ComponentCgroup, Failed: "limits need a control group that is delegated to benchtop: " + fmt.Sprintf(format, args...), Next: next}
}

// ours reports whether a process is this one or below it.
func ours() map[int]bool {
	all := map[int]bool{os.Getpid(): true}
	for _, st := range procfs.Below(os.Getpid()) {
		all[st.PID] = true
	}
	return all
}

// find gives the group below which limits can be set.
func find(proc string) (string, error) {
	base, _, err := choose(proc)
	if err != nil {
		return "", err
	}
	return "version 2, " + base, nil
}

// choose gives the group below which limits can be set, and whether the processes in it have to be moved first.
func choose(proc string) (base string, move bool, err error) {
	h, err := look(proc)
	if err != nil {
		return "", false, err
	}
	var dirs []string
	if filepath.Base(h.own) == leaf && h.own != h.top {
		dirs = append(dirs, filepath.Dir(h.own)) // it was moved there
	}
	dirs = append(dirs, h.own)
	if _, err := os.Stat(filepath.Join(h.top, "cgroup.type")); err == nil && h.top != h.own {
		dirs = append(dirs, h.top) // not the root of the machine, so that of a container
	}
	for _, dir := range dirs {
		m, refused := h.usable(dir)
		if refused == nil {
			return dir, m, nil
		}
		if err == nil {
			err = refused
		}
	}
	return "", false, err
}

// look finds the hierarchy of version 2.
func look(proc string) (h hierarchy, err error) {
	membership, err := os.ReadFile(filepath.Join(proc, "self/cgroup"))
	if err != nil {
		return h, unusable("start it where /proc is mounted", "%v", err)
	}
	mounts, err := os.ReadFile(filepath.Join(proc, "self/mountinfo"))
	if err != nil {
		return h, unusable("start it where /proc is mounted", "%v", err)
	}
	inside := ""
	for line := range strings.Lines(string(membership)) { // ID:controllers:path
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(parts) != 3:
		case parts[1] == "":
			inside = parts[2]
		case slices.Contains(strings.Split(parts[1], ","), needed[0]):
			h.old = true
		}
	}
	for line := range strings.Lines(string(mounts)) { // proc_pid_mountinfo(5)
		before, after, _ := strings.Cut(strings.TrimSpace(line), " - ")
		left := strings.Fields(before)
		if len(left) < 5 || !strings.HasPrefix(after, "cgroup2 ") || inside == "" {
			continue
		}
		h.top = left[4]
		h.own = filepath.Join(h.top, strings.TrimPrefix(inside, strings.TrimSuffix(left[3], "/")))
		return h, nil
	}
	return h, h.without("there are none of version 2 here")
}

// without is the error of a machine whose groups cannot have limits.
func (h *hierarchy) without(format string, args ...any) error {
	if h.old {
		return unusable("start Linux with systemd.unified_cgroup_hierarchy=1", "CPU and memory are with version 1 of control groups here")
	}
	return unusable("start it with: "+delegates(), format, args...)
}

// usable says why there can be no limits below a group; nil: there can, after the processes in it were moved where that is said.
func (h *hierarchy) usable(dir string) (move bool, err error) {
	controllers := words(dir, "cgroup.controllers")
	for _, c := range needed {
		if !slices.Contains(controllers, c) {
			return false, h.without("%s has no controller %s", dir, c)
		}
	}
	for _, name := range []string{"", "cgroup.procs", "cgroup.subtree_control"} {
		path := filepath.Join(dir, name)
		if err := unix.Access(path, unix.W_OK); err != nil {
			return false, h.without("%s: %v", path, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "cgroup.type")); err != nil || enabled(dir) {
		return false, nil // the root of the machine may have both
	}
	mine := ours()
	for _, word := range words(dir, "cgroup.procs") {
		if pid, err := strconv.Atoi(word); err != nil || !mine[pid] {
			return false, h.without("in %s is another process, %s%s", dir, word, called(pid))
		}
	}
	return true, nil
}

// called is the name of a process in brackets.
func called(pid int) string {
	dir, err := procfs.Dir(pid)
	if err != nil {
		return ""
	}
	name, err := os.ReadFile(filepath.Join(dir, "comm"))
	if err != nil {
		return ""
	}
	return fmt.Sprintf(" (%s)", strings.TrimSpace(string(name)))
}

func words(dir, name string) []string {
	content, _ := os.ReadFile(filepath.Join(dir, name)) // what is not there has none
	return strings.Fields(string(content))
}

// enabled reports whether the groups below one have the controllers.
func enabled(dir string) bool {
	has := words(dir, "cgroup.subtree_control")
	return !slices.ContainsFunc(needed, func(c string) bool { return !slices.Contains(has, c) })
}

// delegating is held while processes are moved.
var delegating sync.Mutex

// delegate gives the group below which limits can be set, with the controllers switched on.
func delegate(proc string) (string, error) {
	delegating.Lock()
	defer delegating.Unlock()
	dir, move, err := choose(proc)
	if err != nil || enabled(dir) {
		return dir, err
	}
	if move {
		below := filepath.Join(dir, leaf)
		if err := os.Mkdir(below, 0o755); err != nil && !errors.Is(err, os.ErrExist) { //nolint:gosec // as the kernel's own
			return "", fmt.Errorf("making the control group of benchtop: %w", err)
		}
		if err := moveAll(dir, below); err != nil {
			return "", err
		}
	}
	return dir, write(dir, "cgroup.subtree_control", "+"+strings.Join(needed, " +"))
}

// moveAll moves the processes of a group, all of them ours, into one below it.
func moveAll(from, to string) error {
	for range moveTries {
		pids := words(from, "cgroup.procs")
		if len(pids) == 0 {
			return nil
		}
		for _, pid := range pids {
			if err := write(to, "cgroup.procs", pid); err != nil && !errors.Is(err, syscall.ESRCH) {
				return err
			}
		}
	}
	return fmt.Errorf("moving processes from %s to %s: others are begun all the time", from, to)
}
