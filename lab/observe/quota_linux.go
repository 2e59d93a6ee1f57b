package observe

import (
	"math"
	"os"
	"path"
	"strconv"
	"strings"
)

// quota is the CPU quota of the control groups that this process is in: version 1, version 2, or both.
type quota struct {
	groups []string // folders with a cpu.stat that counts throttling, innermost first
	allow  float64  // cores allowed by the tightest of them; 0 is unlimited
}

func readQuota() quota {
	membership, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return quota{}
	}
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return quota{}
	}
	q := quota{allow: math.Inf(1)}
	for _, folder := range groupFolders(string(membership), string(mounts), "cpu") {
		q.allow = math.Min(q.allow, allowance(folder))
		if _, ok := throttledIn(folder); ok {
			q.groups = append(q.groups, folder)
		}
	}
	if math.IsInf(q.allow, 1) {
		q.allow = 0
	}
	return q
}

// throttled is the time in nanoseconds for which the groups were held back by their quotas; nil where none counts it.
func (q quota) throttled() *int64 {
	if len(q.groups) == 0 {
		return nil
	}
	var sum int64
	for _, folder := range q.groups {
		v, _ := throttledIn(folder)
		sum += v
	}
	return &sum
}

func (q quota) cores() float64 { return q.allow }

// groupFolders lists the folders of the groups with a controller (cpu, pids), from the process's own up to the mount
// point: a limit of any of them binds. The formats are those of cgroups(7) and proc_pid_mountinfo(5).
func groupFolders(membership, mounts, controller string) []string {
	var folders []string
	for line := range strings.Lines(membership) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3) // ID:controllers:path
		if len(parts) != 3 || parts[1] != "" && !listed(parts[1], controller) {
			continue
		}
		point, root, ok := mountOf(mounts, controller, parts[1] == "")
		if !ok {
			continue
		}
		inside := path.Clean("/" + strings.TrimPrefix(parts[2], strings.TrimSuffix(root, "/")))
		for {
			folders = append(folders, path.Join(point, inside))
			if inside == "/" {
				break
			}
			inside = path.Dir(inside)
		}
	}
	return folders
}

// mountOf finds where the version 2 hierarchy, or the version 1 hierarchy with a controller, is mounted, and
// which of its folders is mounted there.
func mountOf(mounts, controller string, version2 bool) (point, root string, ok bool) {
	for line := range strings.Lines(mounts) {
		before, after, found := strings.Cut(strings.TrimSpace(line), " - ")
		left, right := strings.Fields(before), strings.Fields(after)
		if !found || len(left) < 5 || len(right) < 3 {
			continue
		}
		if version2 && right[0] == "cgroup2" || !version2 && right[0] == "cgroup" && listed(right[2], controller) {
			return left[4], left[3], true
		}
	}
	return "", "", false
}

func listed(commaSeparated, word string) bool {
	for w := range strings.SplitSeq(commaSeparated, ",") {
		if w == word {
			return true
		}
	}
	return false
}

// allowance is the quota of one group in cores, infinite without one.
func allowance(folder string) float64 {
	var buffer [64]byte
	if content, ok := readFile(folder+"/cpu.max", buffer[:]); ok {
		if parts := strings.Fields(string(content)); len(parts) == 2 {
			return cores(parts[0], parts[1])
		}
		return math.Inf(1)
	}
	limit, ok := readFile(folder+"/cpu.cfs_quota_us", buffer[:])
	if !ok {
		return math.Inf(1)
	}
	text := strings.TrimSpace(string(limit))
	period, ok := readFile(folder+"/cpu.cfs_period_us", buffer[:])
	if !ok {
		return math.Inf(1)
	}
	return cores(text, strings.TrimSpace(string(period)))
}

// cores divides quota by period; "max" and -1 are no quota.
func cores(limit, period string) float64 {
	l, err := strconv.ParseFloat(limit, 64)
	p, err2 := strconv.ParseFloat(period, 64)
	if err != nil || err2 != nil || l <= 0 || p <= 0 {
		return math.Inf(1)
	}
	return l / p
}

func throttledIn(folder string) (nanoseconds int64, ok bool) {
	var buffer [1024]byte
	content, ok := readFile(folder+"/cpu.stat", buffer[:])
	if !ok {
		return 0, false
	}
	return parseThrottled(string(content))
}

// parseThrottled finds throttled_usec (version 2) or throttled_time, in nanoseconds (version 1).
func parseThrottled(content string) (nanoseconds int64, ok bool) {
	for line := range strings.Lines(content) {
		key, number, _ := strings.Cut(strings.TrimSpace(line), " ")
		scale := int64(1)
		switch key {
		case "throttled_usec":
			scale = 1000
		case "throttled_time":
		default:
			continue
		}
		v, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return 0, false
		}
		return v * scale, true
	}
	return 0, false
}
