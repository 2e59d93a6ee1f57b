package guard

import (
	"bytes"
	"os"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"benchtop/targets/procfs"
)

// becomeReaper makes this process the new parent of every process below it that loses its own.
func becomeReaper() error { return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }

// look lists the processes below root. It asks the kernel for the children of each process, which costs a few system
// calls for each. The kernel may leave out a child when another one ends at that moment (proc_pid_task_children(5)), so
// a process that was known before is asked for by itself.
func look(root int, known []member) []member {
	if !asksForChildren() {
		return lookEverywhere(root)
	}
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

// asksForChildren reports whether this kernel lists children (CONFIG_PROC_CHILDREN).
var asksForChildren = sync.OnceValue(func() bool {
	_, err := os.Stat("/proc/thread-self/children")
	return err == nil
})

// lookEverywhere is look for a kernel that does not.
func lookEverywhere(root int) []member {
	var tree []member
	for _, st := range procfs.Below(root) {
		if m, ok := inspect(st.PID); ok {
			tree = append(tree, m)
		}
	}
	return tree
}

// descendants lists the living processes below root from the list of all processes: slower than look, and complete.
func descendants(root int) []member {
	var tree []member
	for _, st := range procfs.Below(root) {
		if !st.Zombie() {
			tree = append(tree, member{Identity: st.Identity(), Parent: st.Parent, Group: st.Group})
		}
	}
	return tree
}

// children are the ids of the children of a process, those of all its threads.
func children(pid int) []int {
	dir, err := procfs.Dir(pid)
	if err != nil {
		return nil
	}
	dir += "/task/"
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
	st, ok := procfs.ReadStat(pid)
	if !ok {
		return member{}, false
	}
	m := member{
		Identity: st.Identity(), Parent: st.Parent, Group: st.Group, Zombie: st.Zombie(),
	}
	dir, err := procfs.Dir(pid)
	if err != nil {
		return m, true
	}
	cmdline, err := os.ReadFile(dir + "/cmdline")
	if err == nil && len(cmdline) > 0 {
		m.Args = title(cmdline)
		return m, true
	}
	if name, err := os.ReadFile(dir + "/comm"); err == nil { // a zombie has no command line
		m.Args = "[" + title(bytes.TrimSpace(name)) + "]"
	}
	return m, true
}
