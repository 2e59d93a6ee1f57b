package guard

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"benchtop/targets/proc"
)

// becomeReaper makes this process the new parent of every process below it that loses its own.
func becomeReaper() error { return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

// look lists the processes below root. It asks the kernel for the children of each process, which costs a few system
// calls for each. The kernel may leave out a child when another one ends at that moment (proc_pid_task_children(5)), so
// a process that was known before is asked for by itself.
func look(root int, known []member) []member {
	seen := map[int]bool{}
	var tree []member
	add := func(pid int) {
		if seen[pid] {
			return
		}
		seen[pid] = true
		if m, ok := inspect(pid); ok {
			tree = append(tree, m)
		}
	}
	for _, pid := range children(root) {
		add(pid)
	}
	next := 0
	descend := func() {
		for ; next < len(tree); next++ {
			for _, pid := range children(tree[next].PID) {
				add(pid)
			}
		}
	}
	descend()
	for _, k := range known {
		if seen[k.PID] {
			continue
		}
		if m, ok := inspect(k.PID); ok && m.Identity == k.Identity {
			seen[k.PID] = true
			tree = append(tree, m)
		}
	}
	descend()
	return tree
}

// descendants lists the living processes below root from the list of all processes: slower than look, and complete.
func descendants(root int) []member {
	dirs, _ := filepath.Glob("/proc/[0-9]*") // the pattern is right, which is the only error there is
	below := map[int][]proc.Stat{}
	for _, dir := range dirs {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		if st, ok := proc.ReadStat(pid); ok {
			below[st.Parent] = append(below[st.Parent], st)
		}
	}
	var tree []member
	ask := []int{root}
	for len(ask) > 0 {
		parent := ask[0]
		ask = ask[1:]
		for _, st := range below[parent] {
			ask = append(ask, st.PID)
			if i, ok := proc.Identify(st.PID); ok && i.Start == st.Start {
				tree = append(tree, member{Identity: i, Parent: st.Parent, Group: st.Group})
			}
		}
		delete(below, parent)
	}
	return tree
}

// children are the ids of the children of a process, those of all its threads.
func children(pid int) []int {
	dir := "/proc/" + strconv.Itoa(pid) + "/task/"
	tasks, err := os.ReadDir(dir)
	if err != nil {
		return nil // it ended
	}
	var pids []int
	for _, task := range tasks {
		list, err := os.ReadFile(dir + task.Name() + "/children")
		if err != nil {
			continue
		}
		for _, field := range bytes.Fields(list) {
			if child, err := strconv.Atoi(string(field)); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
}

// inspect reads what is reported of one process.
func inspect(pid int) (member, bool) {
	st, ok := proc.ReadStat(pid)
	if !ok {
		return member{}, false
	}
	m := member{
		Identity: proc.Identity{PID: pid, Start: st.Start, Boot: proc.BootID()},
		Parent:   st.Parent, Group: st.Group, Zombie: st.Zombie(),
	}
	cmdline, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err == nil && len(cmdline) > 0 {
		m.Args = title(cmdline)
		return m, true
	}
	if name, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm"); err == nil { // a zombie has no command line
		m.Args = "[" + title(bytes.TrimSpace(name)) + "]"
	}
	return m, true
}
