package observe

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Group is a control group of version 2 whose throttling is read: that of the server of a variant.
type Group struct {
	Variant string
	Path    string // its folder
}

// GroupSample is what a group has counted since it was made; of one that is gone, or that has no limit of CPU, zeros.
type GroupSample struct {
	Variant   string
	Periods   int64 // of its limit of CPU, in which a process of it ran
	Short     int64 // of these, in which its processes wanted more than the limit
	Throttled int64 // nanoseconds for which the cores of its processes stood still, summed over cores
}

// GroupUsage is what a group counted between two samples.
type GroupUsage struct {
	Variant   string `json:"variant"`
	Periods   int64  `json:"periods"`
	Short     int64  `json:"short"`
	Throttled int64  `json:"throttled"` // nanoseconds, summed over cores
}

// WatchGroups replaces the set of control groups.
func (o *Observer) WatchGroups(groups []Group) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.groups = groups
}

func (g Group) read() GroupSample {
	stat := readGroup(g.Path, "cpu.stat")
	return GroupSample{Variant: g.Variant, Periods: stat["nr_periods"], Short: stat["nr_throttled"], Throttled: 1000 * stat["throttled_usec"]}
}

// readGroup reads a file of a group whose lines have a key and a number each; nil when it is gone.
func readGroup(dir, file string) map[string]int64 {
	content, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		return nil
	}
	out := map[string]int64{}
	for line := range strings.Lines(string(content)) {
		key, number, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.ParseInt(number, 10, 64); err == nil {
			out[key] = n
		}
	}
	return out
}

// groupCPU is the CPU time that the processes of a group have used, those that have ended included.
func groupCPU(dir string) (nanoseconds int64, ok bool) {
	us, ok := readGroup(dir, "cpu.stat")["usage_usec"]
	return 1000 * us, ok
}

// groupNumber is the one number of a file of a group; nil where there is none.
func groupNumber(dir, file string) *int64 {
	content, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		return nil
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(content)), 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

// beginGroup looks for the first time at a process that stands for a group. It counts from now on: the group may be older
// than what is measured, and than the process.
func (o *Observer) beginGroup(p Proc) *watched {
	w := &watched{sample: ProcSample{Proc: p, At: o.now()}, sampled: true}
	cpu, ok := groupCPU(p.Group)
	w.before, w.sample.Gone, w.sample.Born, w.referenceAt = cpu, !ok, w.sample.At, w.sample.At
	return w
}

// readGroupSlow is readSlow of a process that stands for a group.
func (w *watched) readGroupSlow() {
	if bytes := groupNumber(w.sample.Group, "memory.current"); bytes != nil {
		w.sample.RSS = bytes
	}
	if threads := groupNumber(w.sample.Group, "pids.current"); threads != nil {
		w.sample.Threads = threads
	}
}

// groupsBetween is what groups counted from a to b, matched by variant. One that began in between counts whole, and one that
// counts less than before has been made again.
func groupsBetween(a, b []GroupSample) []GroupUsage {
	var out []GroupUsage
	for _, g := range b {
		was := GroupSample{}
		for _, old := range a {
			if old.Variant == g.Variant && old.Periods <= g.Periods {
				was = old
			}
		}
		out = append(out, GroupUsage{Variant: g.Variant, Periods: g.Periods - was.Periods, Short: g.Short - was.Short, Throttled: g.Throttled - was.Throttled})
	}
	return out
}
