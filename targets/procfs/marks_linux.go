package procfs

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Carrying lists the living processes, other than this one, whose environment at their start had every one of these
// settings (NAME=value). Processes of other users are not seen, and neither are those that wrote over the memory of
// their environment, as programs do that change their title.
func Carrying(settings ...string) ([]Identity, error) {
	pids, err := PIDs()
	if err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	var found []Identity
	for _, pid := range pids {
		if pid == os.Getpid() {
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

// carries reports whether the environment of a process has all the settings.
func carries(pid int, settings []string) bool {
	env, err := readProc(pid, "environ")
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

// Holds reports whether a process has one of these files open, each as /proc names it ("socket:[123]").
func Holds(pid int, files map[string]bool) bool {
	dir, err := Dir(pid)
	if err != nil {
		return false
	}
	dir = filepath.Join(dir, "fd")
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false // it ended, or belongs to someone else
	}
	for _, e := range entries {
		if to, err := os.Readlink(filepath.Join(dir, e.Name())); err == nil && files[to] {
			return true
		}
	}
	return false
}

// PipeName is the name of a pipe in /proc, the same for both of its ends.
func PipeName(end *os.File) (name string, err error) {
	info, err := end.Stat()
	if err != nil {
		return "", err
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", fmt.Errorf("%s has no inode", end.Name())
	}
	return fmt.Sprintf("pipe:[%d]", st.Ino), nil
}
