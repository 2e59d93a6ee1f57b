package observe

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"benchtop/lab/observe/counters"
)

// What is counted in between is that of the processes that were to be counted, and not that of those which came later
// or stand for a group.
func TestCounts(t *testing.T) {
	source := counters.System()
	have := counters.Available(source.Here())
	if !slices.Contains(have, counters.ContextSwitches) {
		t.Skipf("not counted here: %q", counters.Limits(source.Here()))
	}
	one, other, late := spawn(t), spawn(t), spawn(t)
	o := New(monotonic)
	o.Count(counters.NewBook(source))
	defer o.Close()
	procs := []Proc{{PID: one.pid(), Variant: "a", Counted: true}, {PID: other.pid(), Variant: "b"}}
	o.Watch(procs)
	first := o.SampleEdge()
	o.BeginCounts()
	for range 20 {
		one.burn(t, time.Millisecond)
	}
	group := t.TempDir()
	if err := os.WriteFile(filepath.Join(group, "cpu.stat"), []byte("usage_usec 5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o.Watch(append(procs, Proc{PID: late.pid(), Variant: "a", Counted: true}, Proc{PID: 1, Variant: "a", Group: group, Counted: true}))
	u := Between(first, o.SampleEdge())
	o.EndCounts(&u)
	if n := u.Procs[0].Counts[counters.ContextSwitches].N; n < 20 {
		t.Errorf("%v context switches of a process that waited for 20 questions", n)
	}
	for _, p := range u.Procs[1:] {
		if p.Counts != nil {
			t.Errorf("counted: %+v", p)
		}
	}
	if told := o.Uncounted(); len(told) != 1 || told[0].PID != 1 {
		t.Errorf("not counted: %v", told)
	}
}
