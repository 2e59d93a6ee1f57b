package python

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An interpreter that is asked for its packages does not get what is secret in the environment.
func TestProbeKeepsSecrets(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("GITHUB_TOKEN", "secret")
	said := filepath.Join(dir, "environment")
	script := "#!/bin/sh\nenv > " + said + "\n"
	name := filepath.Join(dir, "python3")
	if err := os.WriteFile(name, []byte(script), 0o700); err != nil { //nolint:gosec // it is to be run
		t.Fatal(err)
	}
	probe(name)
	env, err := os.ReadFile(said)
	if err != nil || !strings.Contains(string(env), "PATH=") || strings.Contains(string(env), "GITHUB_TOKEN") {
		t.Errorf("%v: it got\n%s", err, env)
	}
}
