package observe

import "golang.org/x/sys/unix"

// allowedCores lists the cores that the calling thread may run on.
func allowedCores() []int {
	var set unix.CPUSet
	if unix.SchedGetaffinity(0, &set) != nil {
		return nil
	}
	cores := make([]int, 0, set.Count())
	for core := 0; len(cores) < set.Count() && core < len(set)*64; core++ {
		if set.IsSet(core) {
			cores = append(cores, core)
		}
	}
	return cores
}

// bindTo binds the calling thread, which is locked, to one core. The function that it returns undoes it and tells
// whether that worked.
func bindTo(core int) (release func() bool) {
	var before, one unix.CPUSet
	if unix.SchedGetaffinity(0, &before) != nil {
		return func() bool { return true }
	}
	one.Set(core)
	if unix.SchedSetaffinity(0, &one) != nil {
		return func() bool { return true }
	}
	return func() bool { return unix.SchedSetaffinity(0, &before) == nil }
}
