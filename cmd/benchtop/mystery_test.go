package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"benchtop/lab/record"
	"benchtop/scenarios/mystery"
)

// secrets are how the fault of a seed could be told by something that nobody should read it in.
func secrets(t *testing.T, seed uint64) []string {
	t.Helper()
	c, err := mystery.Open(seed)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{c.Answer().Label, `"per_request":`, `"leak":`, `"invalidate":`, `"concurrency":`, `"nodelay":`, `"slots":`, `"ttl":`}
	p := c.Look(lookFor)
	target, err := p.Unseal(&p.Variants[0])
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(target)
	if err != nil {
		t.Fatal(err)
	}
	return append(out, string(text))
}

// Neither the screen, nor the run file, nor the list of processes, nor anything in the state folder says which fault it is, and
// a look that is cut short leaves nothing.
func TestAMysteryIsKept(t *testing.T) {
	t.Parallel()
	const seed = 7
	dir := t.TempDir()
	cmd, marker, lines := startIn(t, dir, "service", "mystery", "--seed", fmt.Sprint(seed), "--plain", "--for", "5m")
	said := ""
	for !strings.Contains(said, "req/s") && lines.Scan() {
		said += lines.Text() + "\n"
	}
	var places []string // what anybody may read, and what stands there
	look := func(where string, text []byte) {
		for _, secret := range secrets(t, seed) {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s says %s", where, secret)
			}
		}
		places = append(places, where)
	}
	for _, pid := range append(children(t, cmd, marker), cmd.Process.Pid) {
		for _, file := range []string{"cmdline", "environ"} {
			name := fmt.Sprintf("/proc/%d/%s", pid, file)
			if text, err := os.ReadFile(name); err == nil {
				look(name, text)
			}
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	rest := ""
	for lines.Scan() {
		rest += lines.Text() + "\n"
	}
	if code := exitCode(t, cmd); code != exitInterrupt {
		t.Errorf("exit code %d, want %d", code, exitInterrupt)
	}
	gone(t, cmd, marker)
	before, candidates, found := strings.Cut(rest, "name the fault:")
	look("standard output", []byte(said+before))
	if !found || !strings.Contains(candidates, "upstream") {
		t.Errorf("no list of faults: %s", rest)
	}
	err := filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(name)
		look(name, text)
		if strings.HasSuffix(name, record.Extension) {
			run, err := record.Open(name)
			if err != nil {
				return err
			}
			for i := range run.Events {
				text, err := json.Marshal(&run.Events[i])
				if err != nil {
					return err
				}
				look(name, text)
			}
		}
		return err
	})
	if err != nil || len(places) < 20 {
		t.Errorf("%v: looked at %v", err, places)
	}
}
