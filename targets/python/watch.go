package python

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"benchtop/targets"
	"benchtop/targets/component"
	"benchtop/targets/guard"
)

// replaceWait is how long a server that replaces its workers may be without any.
const replaceWait = 5 * time.Second

// look takes in what changed in the tree and reports whether the server is dead though its first process lives.
func (t *target) look() (dead bool) {
	t.refresh()
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.Family.Deserted() {
		t.lonely = time.Time{}
		return false
	}
	if t.lonely.IsZero() {
		t.lonely = time.Now()
	}
	return !t.replaces() || time.Since(t.lonely) > replaceWait
}

// replaces reports whether the server starts another worker for one that died. uvicorn does since 0.30.
func (t *target) replaces() bool {
	return t.Config.Server == Gunicorn || atLeast(t.python.Packages[Uvicorn], 0, 30)
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

// refresh brings the list of processes up to date and tells what has changed since the server was ready.
func (t *target) refresh() {
	tree := t.Process.Tree()
	t.mu.Lock()
	ready := t.serving
	if !ready && t.refused == "" && slices.ContainsFunc(tree, func(c guard.Child) bool { return c.Zombie }) {
		t.refused = "a worker ended before it served"
	}
	t.mu.Unlock()
	for _, p := range t.Family.Update(tree) {
		switch {
		case !ready:
		case p.State == component.Gone:
			t.left(p)
		case p.Role == workerRole:
			t.Event(targets.WorkerReplaced, p.PID, p.Role, fmt.Sprintf("in slot %d", p.Index))
		}
	}
}

// role tells what a process is by its place in the tree and its command line; empty while that cannot be told. All
// processes of gunicorn have the same command line; those of uvicorn have another one from the moment on in which
// they run as what they are.
func (t *target) role(c guard.Child) string {
	if c.PID == t.root {
		if t.Config.Server == Uvicorn && t.Config.Workers == 1 {
			return workerRole
		}
		return masterRole
	}
	switch {
	case strings.Contains(c.Args, "multiprocessing.resource_tracker"):
		return trackerRole
	case t.Config.Server == Uvicorn && !strings.Contains(c.Args, "spawn_main"), c.Parent != t.root:
		return ""
	}
	return workerRole
}

// left tells of a process that is gone.
func (t *target) left(p targets.Process) {
	if p.Role != workerRole {
		t.Event(targets.WorkerGone, p.PID, p.Role, fmt.Sprintf("%s %d ended", p.Role, p.PID))
		return
	}
	t.reading.Lock()
	t.ledger.forget(p.PID)
	t.reading.Unlock()
	if c, err := t.counts(p.PID); err == nil && own(&t.Config).MaxRequests > 0 && c.numbers[servedAt] >= uint64(own(&t.Config).MaxRequests) {
		t.Event(targets.WorkerRecycled, p.PID, p.Role, fmt.Sprintf("after %d requests", c.numbers[servedAt]))
		return
	}
	text := fmt.Sprintf("worker %d ended", p.PID)
	if line := t.mention(p.PID); line != "" {
		text += ": " + line
	}
	if !t.replaces() {
		text += fmt.Sprintf("; uvicorn %s starts no other one", t.python.Packages[Uvicorn])
	}
	t.Left(p, text)
}

// mention finds what the server said of the end of a process.
func (t *target) mention(pid int) string {
	for _, line := range slices.Backward(strings.Split(t.Process.Tail(), "\n")) {
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
