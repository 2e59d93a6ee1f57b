package foreign

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"benchtop/targets"
)

// groupsTop is where systems have their control groups.
const groupsTop = "/sys/fs/cgroup"

// groupExample is what a path of a control group looks like.
const groupExample = groupsTop + "/system.slice/nginx.service"

// checkGroup says what is wrong with the path of a control group, without a look at it; empty: nothing.
func checkGroup(path string) string {
	switch {
	case path == "":
		return ""
	case !strings.HasPrefix(path, groupsTop+"/") || filepath.ToSlash(filepath.Clean(path)) != path:
		return fmt.Sprintf("%.100q is not the folder of a control group below %s; example: %s (cat /proc/PID/cgroup says where a process is)", path, groupsTop, groupExample)
	}
	return ""
}

// group is a control group that a server runs in: its CPU time and memory count, also those of processes that nobody saw.
type group struct {
	path  string
	first int // a process that was in it, by whose id the group is known
}

// findGroup looks at a control group below top.
func findGroup(top, path string) (*group, error) {
	if runtime.GOOS != "linux" {
		return nil, fmt.Errorf("cgroup: control groups are of Linux alone, and this is %s; leave it out", runtime.GOOS)
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, fmt.Errorf("cgroup: %w; cat /proc/PID/cgroup says where a process is", err)
	}
	if !strings.HasPrefix(real, top+"/") {
		return nil, fmt.Errorf("cgroup: %s is %s, which is not below %s", path, real, top)
	}
	if stat, err := os.ReadFile(filepath.Join(real, "cpu.stat")); err != nil || !strings.Contains(string(stat), "usage_usec") {
		return nil, fmt.Errorf("cgroup: %s is no control group of version 2: its cpu.stat has no usage_usec", path)
	}
	g := &group{path: real, first: firstIn(real)}
	if g.first == 0 {
		return nil, fmt.Errorf("cgroup: no process is in %s; start the server first", path)
	}
	return g, nil
}

// firstIn is the process with the lowest id in a group or below it; 0: there is none.
func firstIn(path string) (first int) {
	_ = filepath.WalkDir(path, func(at string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return nil //nolint:nilerr // a group below it may have gone meanwhile
		}
		content, _ := os.ReadFile(filepath.Join(at, "cgroup.procs"))
		for word := range strings.FieldsSeq(string(content)) {
			if pid, err := strconv.Atoi(word); err == nil && pid > 0 && (first == 0 || pid < first) {
				first = pid
			}
		}
		return nil
	})
	return first
}

// process stands for all processes of the group.
func (g *group) process() targets.Process {
	p := targets.Process{PID: g.first, Role: serverRole, State: serving, Group: g.path}
	if _, err := os.Stat(g.path); err != nil {
		p.State = gone
	}
	return p
}

// clients are programs that have a server started by a daemon, or outside of their own tree. Before says which programs run the
// one that is named after them, nouns and verbs what of a client starts a container.
var (
	clients = []string{"docker", "podman", "nerdctl"}
	before  = []string{"sudo", "doas", "env", "exec", "nice", "nohup", "time"}
	shells  = []string{"sh", "bash", "dash", "ash", "zsh"}
	nouns   = []string{"container", "compose", "pod", "kube"}
	verbs   = []string{"run", "start", "restart", "exec", "up", "play"}
)

// adviseCommand says that a command starts a container, whose processes are none of its own.
func adviseCommand(s targets.Spec) []string {
	for _, words := range programs(targets.Own[CommandSettings](&s).Command) {
		if client := startsContainer(words); client != "" {
			return []string{fmt.Sprintf("%[1]s starts the server in a container, and what is measured, limited and stopped may be the client %[1]s alone. "+
				"Start the container yourself with a port of 127.0.0.1, and measure it with server: url and cgroup: the folder below %[2]s that cat /proc/PID/cgroup names, "+
				"with the PID of `%[1]s inspect -f '{{.State.Pid}}' NAME`", client, groupsTop)}
		}
	}
	return nil
}

// programs are the words of each program that a command starts: its own, or those of the line of a shell.
func programs(argv []string) [][]string {
	c := slices.Index(argv, "-c")
	if c < 1 || c+1 == len(argv) || !slices.Contains(shells, filepath.Base(argv[0])) {
		return [][]string{argv}
	}
	var out [][]string
	for _, line := range strings.FieldsFunc(argv[c+1], func(r rune) bool { return strings.ContainsRune(";&|()`\n", r) }) {
		out = append(out, strings.Fields(line))
	}
	return out
}

// startsContainer is the client whose words these are where it starts a container, else empty.
func startsContainer(words []string) string {
	for i, word := range words {
		if i > 0 && !slices.Contains(before, filepath.Base(words[0])) && !strings.Contains(words[0], "=") {
			break
		}
		// docker-compose is docker's
		if client := strings.TrimSuffix(filepath.Base(word), "-compose"); slices.Contains(clients, client) && starts(words[i+1:]) {
			return client
		}
	}
	return ""
}

// starts reports whether the arguments of a client start a container: run, container start, compose up. Options may stand before
// each of them, and the word after an option may be its value.
func starts(args []string) bool {
	option := false
	for _, arg := range args {
		switch {
		case slices.Contains(verbs, arg):
			return true
		case strings.HasPrefix(arg, "-"):
			option = !strings.Contains(arg, "=")
		case option || slices.Contains(nouns, arg):
			option = false
		default:
			return false
		}
	}
	return false
}
