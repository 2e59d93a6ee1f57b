package procfs

// Below lists what is below a process, parents before their children.
func Below(root int) []Stat {
	byParent := map[int][]Stat{}
	for _, st := range Stats() {
		byParent[st.Parent] = append(byParent[st.Parent], st)
	}
	var tree []Stat
	ask := []int{root}
	for len(ask) > 0 {
		tree = append(tree, byParent[ask[0]]...)
		for _, st := range byParent[ask[0]] {
			ask = append(ask, st.PID)
		}
		delete(byParent, ask[0]) // a listing is not of one moment: no circles
		ask = ask[1:]
	}
	return tree
}

// Stats lists all processes of this PID namespace; none without a /proc of it.
func Stats() []Stat {
	pids, _ := PIDs()
	var all []Stat
	for _, pid := range pids {
		if st, ok := ReadStat(pid); ok {
			all = append(all, st)
		}
	}
	return all
}
