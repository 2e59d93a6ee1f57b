package cgroup

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"benchtop/targets"
)

// fakeRoot makes a /proc that says that this process is in a group of a hierarchy of plain files, and that hierarchy. Files
// have paths within it.
func fakeRoot(t *testing.T, inside, mounted string, old bool, files map[string]string) (proc, top string) {
	t.Helper()
	dir := t.TempDir()
	proc, top = filepath.Join(dir, "proc"), filepath.Join(dir, "cgroup")
	membership, mounts := "0::"+inside+"\n", "25 1 0:22 / /proc rw - proc proc rw\n"
	if old {
		membership = "5:cpu,cpuacct:/a\n4:memory:/a\n" + membership
	}
	if mounted != "" {
		mounts += "30 25 0:26 " + mounted + " " + top + " rw,nosuid shared:9 - cgroup2 cgroup2 rw\n"
	}
	put := func(path, content string) {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(filepath.Join(proc, "self/cgroup"), membership)
	put(filepath.Join(proc, "self/mountinfo"), mounts)
	for path, content := range files {
		put(filepath.Join(top, path), content)
	}
	return proc, top
}

// dir are the files of a group.
func dir(path, controllers, enabled, procs string) map[string]string {
	return map[string]string{path + "/cgroup.controllers": controllers, path + "/cgroup.subtree_control": enabled, path + "/cgroup.procs": procs, path + "/cgroup.type": "domain"}
}

func join(all ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, files := range all {
		for path, content := range files {
			out[path] = content
		}
	}
	return out
}

func TestWhereLimitsCanBeSet(t *testing.T) {
	me := strconv.Itoa(os.Getpid())
	const both = "cpuset cpu io memory pids"
	for _, test := range []struct {
		name            string
		inside, mounted string
		old             bool
		files           map[string]string
		want            string // the group within the hierarchy
		move            bool
		says            string // instead
	}{
		{name: "a scope of its own", inside: "/user.slice/a.scope", mounted: "/", files: dir("user.slice/a.scope", both, "", me+"\n"), want: "user.slice/a.scope", move: true},
		{name: "switched on already", inside: "/a", mounted: "/", files: dir("a", both, "cpu memory", "1\n"), want: "a"},
		{name: "one of them is switched on", inside: "/a", mounted: "/", files: dir("a", both, "cpu", me), want: "a", move: true},
		{name: "moved before", inside: "/a/benchtop", mounted: "/", files: join(dir("a", both, "cpu memory", ""), dir("a/benchtop", both, "", me)), want: "a"},
		{name: "the mount has a part of the hierarchy", inside: "/docker/x/a", mounted: "/docker/x", files: dir("a", both, "", me), want: "a", move: true},
		{name: "the root of a container", inside: "/init", mounted: "/", files: join(dir("init", both, "", "1\n"), dir(".", both, "cpu memory", "")), want: "."},
		{name: "the root of the machine has processes of everybody", inside: "/", mounted: "/", files: map[string]string{"cgroup.controllers": both, "cgroup.procs": "1\n2\n", "cgroup.subtree_control": ""}, want: "."},
		{name: "below the root of the machine", inside: "/a", mounted: "/", files: join(dir("a", both, "", "1\n"), map[string]string{"cgroup.controllers": both, "cgroup.procs": "", "cgroup.subtree_control": "cpu memory"}), says: "is another process, 1"},
		{name: "a shell is there too", inside: "/a", mounted: "/", files: dir("a", both, "", me+"\n1\n"), says: "in {}/a is another process, 1"},
		{name: "one controller", inside: "/a", mounted: "/", files: dir("a", "memory pids", "", me), says: "{}/a has no controller cpu; start it with: systemd-run"},
		{name: "no files", inside: "/a", mounted: "/", files: map[string]string{"a/cgroup.controllers": both}, says: "{}/a/cgroup.procs: no such file"},
		{name: "version 1", inside: "/", mounted: "/", old: true, files: map[string]string{"cgroup.controllers": "hugetlb"}, says: "with version 1 of control groups here; start Linux with systemd.unified_cgroup_hierarchy=1"},
		{name: "nothing mounted", inside: "/", says: "there are none of version 2 here; start it with: systemd-run"},
	} {
		t.Run(test.name, func(t *testing.T) {
			proc, top := fakeRoot(t, test.inside, test.mounted, test.old, test.files)
			got, move, err := choose(proc)
			if test.says != "" {
				var unusable *targets.Unusable
				if says := strings.ReplaceAll(test.says, "{}", top); err == nil || !strings.Contains(err.Error(), says) || !errors.As(err, &unusable) {
					t.Errorf("%v, want %q", err, says)
				}
				return
			}
			if err != nil || got != filepath.Join(top, test.want) || move != test.move {
				t.Errorf("%s, %v, %v, want %s, %v", got, move, err, test.want, test.move)
			}
		})
	}
}

// What cannot be written is refused; root can write everything but what is mounted to be read.
func TestAGroupThatIsNotOurs(t *testing.T) {
	proc, top := fakeRoot(t, "/a", "/", false, dir("a", "cpu memory", "", strconv.Itoa(os.Getpid())))
	path := filepath.Join(top, "a", "cgroup.subtree_control")
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	if unix.Access(path, unix.W_OK) == nil {
		t.Skip("this user may write everything")
	}
	if _, _, err := choose(proc); err == nil || !strings.Contains(err.Error(), path+": permission denied") {
		t.Error(err)
	}
}

// The controllers are switched on in the group, after the processes in it were moved; where somebody begins others all the
// time, as plain files seem to do, it is given up.
func TestDelegate(t *testing.T) {
	me := strconv.Itoa(os.Getpid())
	proc, top := fakeRoot(t, "/a", "/", false, dir("a", "cpu memory", "cpu", ""))
	if got, err := delegate(proc); err != nil || got != filepath.Join(top, "a") {
		t.Errorf("%s, %v", got, err)
	}
	if got := words(filepath.Join(top, "a"), "cgroup.subtree_control"); !slices.Equal(got, []string{"+cpu", "+memory"}) {
		t.Errorf("it was told %v", got)
	}
	proc, top = fakeRoot(t, "/a", "/", false, join(dir("a", "cpu memory", "", me), dir("a/benchtop", "", "", "")))
	if _, err := delegate(proc); err == nil || !strings.Contains(err.Error(), "others are begun all the time") {
		t.Error(err)
	}
	if got := words(filepath.Join(top, "a/benchtop"), "cgroup.procs"); !slices.Equal(got, []string{me}) {
		t.Errorf("moved was %v", got)
	}
}
