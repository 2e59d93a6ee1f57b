package guard

import (
	"syscall"
	"time"

	"benchtop/targets/procfs"
)

// hunt ends what is left of a component whose guard is gone: everything that carries the guard's mark, was in its
// tree, is in the component's process group, or is below one of these. It gives what it could not end.
func hunt(id string, tree []member, first member) (left []member) {
	for deadline := time.Now().Add(killPatience); ; time.Sleep(killEvery) {
		left = remains(id, tree, first)
		if len(left) == 0 || time.Now().After(deadline) {
			return left
		}
		for _, m := range left {
			_ = m.Signal(syscall.SIGKILL)
		}
		tree = append(tree, left...)
	}
}

func remains(id string, tree []member, first member) []member {
	var found []member
	seen := map[int]bool{}
	add := func(m member) {
		if !seen[m.PID] && m.Alive() {
			seen[m.PID] = true
			found = append(found, m)
		}
	}
	marked, _ := procfs.Carrying(Env + "=" + id) // an unreadable /proc leaves the other ways
	for _, i := range marked {
		add(member{Identity: i})
	}
	for _, m := range tree {
		add(m)
	}
	for _, m := range groupOf(first) {
		add(m)
	}
	for _, m := range found {
		for _, below := range descendants(m.PID) {
			add(below)
		}
	}
	return found
}

// groupOf lists the living processes of the component's group. A process that changes its title may have lost its
// mark, but not its group. Another process that has the group's id as its own would mean that the group is not ours.
func groupOf(first member) []member {
	if first.PID == 0 {
		return nil
	}
	if st, ok := procfs.ReadStat(first.PID); ok && st.Start != first.Start {
		return nil
	}
	var group []member
	for _, st := range procfs.Stats() {
		if st.Group == first.PID && st.Start >= first.Start && !st.Zombie() {
			group = append(group, member{Identity: st.Identity(), Parent: st.Parent, Group: st.Group})
		}
	}
	return group
}
