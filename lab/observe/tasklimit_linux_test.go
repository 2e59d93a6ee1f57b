package observe

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTasksIn(t *testing.T) {
	for _, test := range []struct {
		name, most, current string
		left                int64
		limited             bool
	}{
		{"a limit", "100\n", "70\n", 30, true},
		{"used up", "100\n", "101\n", 0, true},
		{"none", "max\n", "70\n", 0, false},
		{"not counted", "100\n", "", 0, false},
	} {
		folder := t.TempDir()
		for name, content := range map[string]string{"pids.max": test.most, "pids.current": test.current} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		l, ok := tasksIn(folder)
		if ok != test.limited || l.Left() != test.left || ok && !strings.Contains(l.Name, folder) {
			t.Errorf("%s: %+v, %v", test.name, l, ok)
		}
	}
}

// This process has threads, and the groups of the pids controller are found as those of the CPU are.
func TestTasksOfThisUser(t *testing.T) {
	if n, ok := tasksOf(os.Getuid()); !ok || n < 1 {
		t.Errorf("%d, %v", n, ok)
	}
	const mounts = "33 25 0:30 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n34 25 0:31 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
	got := groupFolders("4:cpu:/a\n3:pids:/a/b\n", mounts, "pids")
	want := []string{"/sys/fs/cgroup/pids/a/b", "/sys/fs/cgroup/pids/a", "/sys/fs/cgroup/pids"}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("%v, want %v", got, want)
	}
}
