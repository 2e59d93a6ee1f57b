// Package cgroup limits what the processes of a server use together, by a control group of version 2 (cgroups(7)). The group
// is made below the one that is delegated to this process. Its processes begin in it, and a keeper removes it also when this
// process is killed.
package cgroup

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"benchtop/targets"
	"benchtop/targets/proc"
	"benchtop/targets/procfs"
	"benchtop/targets/runfolder"
)

// Role is the name of the keeper's role.
const Role = targets.PartLimits

// Times of a removal.
const (
	quiet     = time.Second            // for guards to end what they keep
	patience  = 800 * time.Millisecond // for what is killed; the keeper has 2 s in all
	stopGrace = 3 * time.Second
)

// namePrefix is what the names of groups begin with; the id of the run folder and a number follow.
const namePrefix = "benchtop-"

// needed are the controllers of limits.
var needed = []string{"cpu", "memory"}

// made counts the groups of this process.
var made atomic.Int64

// Descriptor describes the limits to the registry.
func Descriptor() targets.LimitsDescriptor {
	return targets.LimitsDescriptor{Name: targets.PartLimits, Start: func(ctx context.Context, l targets.Limits) (targets.Limited, error) {
		return start(ctx, "/proc", l)
	}}
}

// Component describes the group that is delegated to this process.
func Component() targets.Component {
	return targets.Component{Name: targets.ComponentCgroup, Install: delegates(), Find: func(context.Context) (string, error) { return find("/proc") }}
}

// group is a control group with its keeper.
type group struct {
	path   string
	keeper *proc.Process
	once   sync.Once
	err    error
}

// told is what a keeper is told.
type told struct {
	Group  string `json:"group"`
	Folder string `json:"folder"` // run folder
}

// start makes a group with the limits and starts its keeper. proc is where /proc is mounted.
func start(ctx context.Context, procPath string, limits targets.Limits) (targets.Limited, error) {
	base, err := delegate(procPath)
	if err != nil {
		return nil, err
	}
	folder, err := runfolder.Path()
	if err != nil {
		return nil, err
	}
	path := filepath.Join(base, namePrefix+runfolder.ID()[:8]+"-"+strconv.FormatInt(made.Add(1), 10))
	if err := runfolder.NoteGroup(path); err != nil {
		return nil, err
	}
	if err := makeGroup(path, limits); err != nil {
		_ = procfs.RemoveGroup(path, 0, 0)
		return nil, err
	}
	keeper, err := proc.Start(ctx, proc.Command{
		Role: Role, GOMAXPROCS: 1, OwnEnd: true, Spec: told{Group: path, Folder: folder}, Env: []string{runfolder.Env + "=" + runfolder.ID()},
	})
	if err != nil {
		_ = procfs.RemoveGroup(path, 0, 0)
		return nil, err
	}
	return &group{path: path, keeper: keeper}, nil
}

// period is the one of cpu.max, in microseconds.
const period = 100_000

// makeGroup makes a group and sets its limits.
func makeGroup(path string, limits targets.Limits) error {
	if err := os.Mkdir(path, 0o755); err != nil { //nolint:gosec // the kernel's own folders are like that
		return fmt.Errorf("making the control group: %w", err)
	}
	if limits.CPU > 0 {
		if err := write(path, "cpu.max", fmt.Sprintf("%d %d", int64(limits.CPU*period+0.5), period)); err != nil {
			return err
		}
	}
	if limits.Memory == 0 {
		return nil
	}
	if err := write(path, "memory.max", strconv.FormatInt(limits.Memory, 10)); err != nil {
		return err
	}
	if err := write(path, "memory.swap.max", "0"); err != nil {
		if _, missing := os.Stat(filepath.Join(path, "memory.swap.max")); missing == nil {
			return err
		} // a kernel that does not account for swap has no such file
	}
	return nil
}

func write(dir, name, value string) error {
	if err := os.WriteFile(filepath.Join(dir, name), []byte(value), 0o600); err != nil { // it is there already, and keeps its mode
		return fmt.Errorf("setting %s of the control group to %q: %w", name, value, err)
	}
	return nil
}

// Path is part of targets.Limited.
func (g *group) Path() string { return g.path }

// PIDs is part of targets.Limited.
func (g *group) PIDs() []int {
	var ready member
	_ = decode(g.keeper.ReadyLine(), &ready) // its watcher alone is known then
	return []int{g.keeper.PID(), ready.PID}
}

// Killed is part of targets.Limited.
func (g *group) Killed() uint64 {
	n, _ := Stat(g.path, "memory.events", "oom_kill")
	return n
}

// Remove is part of targets.Limited.
func (g *group) Remove() error {
	g.once.Do(func() {
		if err := procfs.RemoveGroup(g.path, 0, stopGrace); err != nil {
			g.err = fmt.Errorf("removing the control group: %w", err)
		}
		_ = g.keeper.Stop(context.Background(), stopGrace) // the group is gone, or the next start sweeps it
	})
	return g.err
}

// Stat reads a number of a file of a group whose lines have a key and a number each.
func Stat(dir, file, key string) (n uint64, ok bool) {
	content, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(content)) {
		if name, number, _ := strings.Cut(strings.TrimSpace(line), " "); name == key {
			n, err := strconv.ParseUint(number, 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}
