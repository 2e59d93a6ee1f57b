package cgroup

import (
	"os"
	"path/filepath"
	"testing"

	"benchtop/targets"
)

// A group gets the limits that are set, and no others.
func TestWhatAGroupIsTold(t *testing.T) {
	for name, test := range map[string]struct {
		limits targets.Limits
		want   map[string]string
	}{
		"none":   {targets.Limits{}, map[string]string{}},
		"cpu":    {targets.Limits{CPU: 0.5}, map[string]string{"cpu.max": "50000 100000"}},
		"least":  {targets.Limits{CPU: 0.01}, map[string]string{"cpu.max": "1000 100000"}},
		"more":   {targets.Limits{CPU: 2.25}, map[string]string{"cpu.max": "225000 100000"}},
		"memory": {targets.Limits{Memory: 256e6}, map[string]string{"memory.max": "256000000", "memory.swap.max": "0"}},
		"both":   {targets.Limits{CPU: 1, Memory: 4e6}, map[string]string{"cpu.max": "100000 100000", "memory.max": "4000000", "memory.swap.max": "0"}},
	} {
		dir := filepath.Join(t.TempDir(), "group")
		if err := makeGroup(dir, test.limits); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		files, err := os.ReadDir(dir)
		if err != nil || len(files) != len(test.want) {
			t.Errorf("%s: %d files were written (%v), want %d", name, len(files), err, len(test.want))
		}
		for file, want := range test.want {
			if got, err := os.ReadFile(filepath.Join(dir, file)); err != nil || string(got) != want {
				t.Errorf("%s: %s is %q (%v), want %q", name, file, got, err, want)
			}
		}
	}
}

func TestStat(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "memory.events"), []byte("low 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if g := (&group{path: dir}); g.Killed() != 2 {
		t.Errorf("%d were killed", g.Killed())
	}
	if n, ok := Stat(dir, "memory.events", "kill"); ok || n != 0 {
		t.Errorf("kill is %d, %v", n, ok)
	}
	if n, ok := Stat(dir, "cpu.stat", "usage_usec"); ok || n != 0 {
		t.Errorf("of a file that is not there: %d, %v", n, ok)
	}
}
