package main

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestClaimsAsJSON(t *testing.T) {
	env, out := stateEnv(t.TempDir()), &bytes.Buffer{}
	env.Stdout = out
	cmd := claimsCommand(env)
	cmd.SetArgs([]string{"--json"})
	var rows []map[string]any
	if err := cmd.Execute(); err != nil || json.Unmarshal(out.Bytes(), &rows) != nil || len(rows) == 0 || rows[0]["claim"] == nil || rows[0]["comparisons"] == nil || rows[0]["says"] == "" {
		t.Errorf("%v: %s", err, out.String())
	}
	cmd = claimsCommand(env)
	cmd.SetArgs([]string{"--json", "--md"})
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	var exit *exitError
	if err := cmd.Execute(); !asExit(err, &exit) || exit.code != exitUsage {
		t.Errorf("both formats: %v", err)
	}
}
