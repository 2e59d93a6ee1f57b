package proc

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

// Marked lists the living processes, other than this one, whose environment at their start had this value of RunEnv.
// Processes of other users are not seen, and neither are zombies.
func Marked(marker string) ([]int, error) {
	found, err := Carrying(RunEnv + "=" + marker)
	var pids []int
	for _, i := range found {
		pids = append(pids, i.PID)
	}
	return pids, err
}

// Carrying lists the living processes, other than this one, whose environment at their start had every one of these
// settings (NAME=value). Processes of other users are not seen, and neither are those that wrote over the memory of
// their environment, as programs do that change their title.
func Carrying(settings ...string) ([]Identity, error) {
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	var found []Identity
	for _, dir := range dirs {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil || pid == os.Getpid() {
			continue
		}
		i, ok := Identify(pid) // before its environment is read: what is read then is its own, or that of nobody
		if !ok || !carries(pid, settings) || !i.Alive() {
			continue
		}
		found = append(found, i)
	}
	return found, nil
}

// carries tells whether the environment of a process has all the settings.
func carries(pid int, settings []string) bool {
	env, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		return false // it ended, or belongs to someone else
	}
	entries := bytes.Split(env, []byte{0})
	for _, want := range settings {
		found := false
		for _, kv := range entries {
			if string(kv) == want {
				found = true
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// overwritten tells whether a process has no environment any more because it wrote something else there: it can be
// read, and no entry of it is a setting.
func overwritten(pid int) bool {
	env, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		return false
	}
	for _, entry := range bytes.Split(env, []byte{0}) {
		name, _, found := bytes.Cut(entry, []byte{'='})
		if found && settingName(name) {
			return false
		}
	}
	return true
}

func settingName(name []byte) bool {
	for i, c := range name {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return len(name) > 0
}
