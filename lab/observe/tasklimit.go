package observe

// TaskLimit is a limit of processes and threads together, as the kernel counts them. Without a Name there is none.
type TaskLimit struct {
	Name  string // what sets it
	Raise string // what raises it
	Max   int64
	Used  int64 // by whatever it counts, benchtop or not
}

// Left is how many more may be started.
func (l TaskLimit) Left() int64 { return max(l.Max-l.Used, 0) }
