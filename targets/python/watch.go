package python

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/targets"
	"benchtop/targets/guard"
)

// replaceWait is how long a server that replaces its workers may be without any.
const replaceWait = 5 * time.Second

// look takes in what changed in the tree and tells whether the server is dead though its first process lives.
func (t *target) look() (dead bool) {
	t.refresh()
	t.mu.Lock()
	defer t.mu.Unlock()
	if slices.ContainsFunc(t.processes, func(p targets.Process) bool { return p.Role == workerRole && p.State != gone }) {
		t.lonely = time.Time{}
		return false
	}
	if t.lonely.IsZero() {
		t.lonely = time.Now()
	}
	return !t.replaces() || time.Since(t.lonely) > replaceWait
}

// replaces tells whether the server starts another worker for one that died. uvicorn does since 0.30.
func (t *target) replaces() bool {
	return t.spec.Server == Gunicorn || atLeast(t.python.Packages[Uvicorn], 0, 30)
}

// atLeast compares the first two numbers of a version.
func atLeast(version string, major, minor int) bool {
	words := strings.SplitN(version, ".", 3)
	if len(words) < 2 {
		return false
	}
	a, err1 := strconv.Atoi(words[0])
	b, err2 := strconv.Atoi(words[1])
	return err1 == nil && err2 == nil && (a > major || a == major && b >= minor)
}

// happening is an event that is told when the lock is free.
type happening struct {
	kind targets.EventKind
	pid  int
	role string
	text string
}

// refresh brings the list of processes up to date.
func (t *target) refresh() {
	alive := map[int]guard.Child{}
	var tree []guard.Child
	zombies := 0
	for _, c := range t.process.Tree() {
		if c.Zombie {
			zombies++
			continue
		}
		alive[c.PID] = c
		tree = append(tree, c)
	}
	var told []happening
	t.mu.Lock()
	if !t.serving && zombies > 0 && t.refused == "" {
		t.refused = "a worker ended before it served"
	}
	for i := range t.processes {
		p := &t.processes[i]
		if _, ok := alive[p.PID]; p.State != gone && !ok {
			p.State = gone
			told = append(told, t.left(p))
		}
	}
	for _, c := range tree {
		if i := t.find(c.PID); i >= 0 {
			t.processes[i].Parent = c.Parent
			continue
		}
		if role := t.role(c); role != "" {
			t.add(c, role)
		}
	}
	for i := range t.processes {
		p := &t.processes[i]
		if p.State != starting {
			continue
		}
		if _, err := readCounts(t.folder, p.PID); err != nil {
			continue
		}
		p.State = serving
		if t.serving {
			told = append(told, happening{targets.WorkerReplaced, p.PID, p.Role, fmt.Sprintf("in slot %d", p.Index)})
		}
	}
	known := t.serving
	t.mu.Unlock()
	for _, h := range told {
		if known {
			t.event(h.kind, h.pid, h.role, h.text)
		}
	}
}

// find gives the place of a living process in the list; mu is held.
func (t *target) find(pid int) int {
	return slices.IndexFunc(t.processes, func(p targets.Process) bool { return p.PID == pid && p.State != gone })
}

// role tells what a process is by its place in the tree and its command line; empty while that cannot be told. All
// processes of gunicorn have the same command line; those of uvicorn have another one from the moment on in which
// they run as what they are.
func (t *target) role(c guard.Child) string {
	if c.PID == t.root {
		if t.spec.Server == Uvicorn && t.spec.Workers == 1 {
			return workerRole
		}
		return masterRole
	}
	switch {
	case strings.Contains(c.Args, "multiprocessing.resource_tracker"):
		return trackerRole
	case t.spec.Server == Uvicorn && !strings.Contains(c.Args, "spawn_main"), c.Parent != t.root:
		return ""
	}
	return workerRole
}

// add puts a process into the list; mu is held.
func (t *target) add(c guard.Child, role string) {
	if len(t.processes) >= maxListed {
		if i := slices.IndexFunc(t.processes, func(p targets.Process) bool { return p.State == gone }); i >= 0 {
			t.processes = slices.Delete(t.processes, i, i+1)
		}
	}
	p := targets.Process{PID: c.PID, Parent: c.Parent, Role: role, State: serving}
	if role == workerRole {
		p.State = starting
		for taken := true; taken; {
			taken = slices.ContainsFunc(t.processes, func(o targets.Process) bool {
				return o.Role == workerRole && o.State != gone && o.Index == p.Index
			})
			if taken {
				p.Index++
			}
		}
	}
	t.processes = append(t.processes, p)
}

// left is what is told of a process that is gone; mu is held.
func (t *target) left(p *targets.Process) happening {
	if p.Role != workerRole {
		return happening{targets.WorkerGone, p.PID, p.Role, fmt.Sprintf("%s %d ended", p.Role, p.PID)}
	}
	if c, err := readCounts(t.folder, p.PID); err == nil && t.spec.MaxRequests > 0 && c.numbers[servedAt] >= uint64(t.spec.MaxRequests) {
		return happening{targets.WorkerRecycled, p.PID, p.Role, fmt.Sprintf("after %d requests", c.numbers[servedAt])}
	}
	text := fmt.Sprintf("worker %d ended", p.PID)
	if line := t.mention(p.PID); line != "" {
		text += ": " + line
	}
	if !t.replaces() {
		text += fmt.Sprintf("; uvicorn %s starts no other one", t.python.Packages[Uvicorn])
	}
	return happening{targets.WorkerGone, p.PID, p.Role, text}
}

// mention finds what the server said of the end of a process.
func (t *target) mention(pid int) string {
	for _, line := range slices.Backward(strings.Split(t.process.Tail(), "\n")) {
		if !strings.Contains(line, strconv.Itoa(pid)) {
			continue
		}
		for _, word := range []string{"terminated", "was sent", "TIMEOUT", "exited", "Finished"} {
			if strings.Contains(line, word) {
				return line
			}
		}
	}
	return ""
}
