package observe

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// groupFiles writes what a control group counts.
func groupFiles(t *testing.T, dir string, us, memory, periods, short, throttled int64) {
	t.Helper()
	for file, content := range map[string]string{
		"cpu.stat":       fmt.Sprintf("usage_usec %d\nuser_usec 1\nnr_periods %d\nnr_throttled %d\nthrottled_usec %d\n", us, periods, short, throttled),
		"memory.current": fmt.Sprintln(memory),
		"pids.current":   "7\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A process that stands for a control group has the CPU time of the group from when it is first watched on, whatever the
// process itself uses and even when it is gone.
func TestAProcessThatStandsForAGroup(t *testing.T) {
	dir, now := t.TempDir(), int64(1e9)
	groupFiles(t, dir, 5_000_000, 1000, 0, 0, 0)
	o := New(func() int64 { return now })
	set := []Proc{{PID: 1 << 30, Role: "server", Variant: "a", Group: dir}}
	o.Watch(set)
	before := o.SampleEdge()
	now += 2e9
	groupFiles(t, dir, 6_000_000, 4000, 0, 0, 0)
	o.Watch(set)
	after := o.SampleEdge()
	u := Between(before, after).Procs[0]
	if u.Gone || u.CPU != 1e9 || u.Wall != 2e9 || u.RSS == nil || *u.RSS != 4000 || *u.RSSBefore != 1000 || *u.Threads != 7 || u.FDs != nil {
		t.Errorf("used %+v", u)
	}
	if p := after.Procs[0].Percent; p != 50 {
		t.Errorf("%v %% of a core", p)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if p := o.Sample().Procs[0]; !p.Gone || p.CPU != 1e9 {
		t.Errorf("of a group that is gone: %+v", p)
	}
}

// What was there before it is watched for the first time in a window is none of the window's.
func TestAGroupThatIsOlder(t *testing.T) {
	dir, now := t.TempDir(), int64(1e9)
	groupFiles(t, dir, 5_000_000, 1000, 0, 0, 0)
	o := New(func() int64 { return now })
	before := o.Sample()
	now += 1e9
	o.Watch([]Proc{{PID: 1 << 30, Variant: "a", Group: dir}})
	if u := Between(before, o.Sample()).Procs[0]; u.CPU != 0 {
		t.Errorf("used %+v", u)
	}
}

func TestThrottledGroups(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	o := New(func() int64 { return 1 })
	o.WatchGroups([]Group{{"a", a}, {"b", b}})
	groupFiles(t, a, 0, 0, 10, 4, 300_000)
	before := o.Sample()
	groupFiles(t, a, 0, 0, 20, 9, 800_000)
	groupFiles(t, b, 0, 0, 3, 1, 50_000)
	want := []GroupUsage{{"a", 10, 5, 500e6}, {"b", 3, 1, 50e6}}
	for i, g := range Between(before, o.Sample()).Groups {
		if g != want[i] {
			t.Errorf("%+v, want %+v", g, want[i])
		}
	}
	before = o.Sample()
	groupFiles(t, a, 0, 0, 2, 1, 10_000) // the server was started again, in another group
	if g := Between(before, o.Sample()).Groups[0]; g != (GroupUsage{"a", 2, 1, 10e6}) {
		t.Errorf("made again: %+v", g)
	}
	o.WatchGroups(nil)
	if g := Between(before, o.Sample()).Groups; g != nil {
		t.Errorf("of none: %+v", g)
	}
}
