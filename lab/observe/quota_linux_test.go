package observe

import (
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestGroupFolders(t *testing.T) {
	const (
		unified = "31 23 0:28 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
		old     = "30 25 0:26 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n" +
			"33 25 0:30 /docker/abc /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
	)
	for _, c := range []struct {
		name, membership, mounts string
		want                     []string
	}{
		{"version 2", "0::/user.slice/app.scope\n", unified, []string{"/sys/fs/cgroup/user.slice/app.scope", "/sys/fs/cgroup/user.slice", "/sys/fs/cgroup"}},
		{"version 2 in a container", "0::/\n", unified, []string{"/sys/fs/cgroup"}},
		{"version 1 in a container", "4:cpu,cpuacct:/docker/abc/inner\n3:cpuset:/docker/abc\n", old, []string{"/sys/fs/cgroup/cpu,cpuacct/inner", "/sys/fs/cgroup/cpu,cpuacct"}},
		{"not mounted", "0::/a\n4:cpu:/b\n", "", nil},
		{"nonsense", "x\n\n::\n", "1 2\n - \n" + unified, []string{"/sys/fs/cgroup"}},
	} {
		if got := groupFolders(c.membership, c.mounts, "cpu"); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestQuotaFiles(t *testing.T) {
	for _, c := range []struct {
		name      string
		files     map[string]string
		allow     float64
		throttled int64
		counted   bool
	}{
		{"version 2", map[string]string{"cpu.max": "150000 100000\n", "cpu.stat": "usage_usec 5\nnr_throttled 1\nthrottled_usec 42\n"}, 1.5, 42000, true},
		{"version 2 without a quota", map[string]string{"cpu.max": "max 100000\n", "cpu.stat": "usage_usec 5\n"}, math.Inf(1), 0, false},
		{"version 1", map[string]string{"cpu.cfs_quota_us": "50000\n", "cpu.cfs_period_us": "100000\n", "cpu.stat": "nr_periods 0\nthrottled_time 7\n"}, 0.5, 7, true},
		{"version 1 without a quota", map[string]string{"cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n"}, math.Inf(1), 0, false},
		{"nothing", nil, math.Inf(1), 0, false},
		{"nonsense", map[string]string{"cpu.max": "a b c", "cpu.stat": "throttled_usec x"}, math.Inf(1), 0, false},
	} {
		folder := t.TempDir()
		for name, content := range c.files {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		throttled, counted := throttledIn(folder)
		if allow := allowance(folder); allow != c.allow || throttled != c.throttled || counted != c.counted {
			t.Errorf("%s: %v cores, throttled %d (%v)", c.name, allow, throttled, counted)
		}
	}
}

func TestParsePressure(t *testing.T) {
	if p := parsePressure([]byte("some avg10=10.80 avg60=20.79 avg300=16.53 total=188363903\nfull avg10=0.00")); p == nil || *p != 10.8 {
		t.Errorf("pressure %v, want 10.8", p)
	}
	for _, content := range []string{"", "full avg10=1.00 ", "some avg10=x avg60=1"} {
		if p := parsePressure([]byte(content)); p != nil {
			t.Errorf("%q: pressure %v, want none", content, *p)
		}
	}
}
