package python

import (
	"context"
	"slices"
	"testing"

	"benchtop/targets"
	"benchtop/targets/calls"
	"benchtop/targets/component"
	"benchtop/targets/endpoint"
	"benchtop/targets/fixture"
	"benchtop/targets/fixture/suite"
	"benchtop/targets/guard"
	"benchtop/targets/payload"
	"benchtop/targets/proc"
	"benchtop/targets/runfolder"
	"benchtop/targets/shop"
	"benchtop/targets/tasks"
)

func TestMain(m *testing.M) {
	proc.Dispatch(map[string]proc.RoleFunc{guard.Role: guard.Guard})
	for _, e := range slices.Concat(payload.Rows(nil), tasks.Rows(nil), shop.Rows(nil), calls.Rows(nil)) {
		endpoint.Register(e)
	}
	suite.Main(m, runfolder.Remove)
}

// need skips a test where a component is missing.
func need(t *testing.T, components ...string) {
	t.Helper()
	_, err := choose(components)
	suite.Need(t, err)
}

// started starts a target that the end of the test stops.
func started(t *testing.T, spec targets.Spec, hooks targets.Hooks) *target {
	t.Helper()
	spec = normal(spec.Server, spec)
	spec.Nonce, spec.Variant = "n", "v"
	ctx, cancel := context.WithTimeout(t.Context(), suite.Deadline)
	defer cancel()
	got, err := standard.start(ctx, spec, hooks)
	if err != nil {
		t.Fatal(err)
	}
	running := got.(*target)
	t.Cleanup(func() { fixture.ComponentStopped(t, running.Target) })
	return running
}

// pids gives the living processes of a role.
func pids(running targets.Target, role string) []int {
	var out []int
	for _, p := range running.Processes() {
		if p.Role == role && p.State == component.Serving {
			out = append(out, p.PID)
		}
	}
	return out
}

// normal is a Spec of one of the servers with its defaults.
func normal(server string, s targets.Spec) targets.Spec {
	for _, d := range Descriptors() {
		if d.Name == server {
			return d.Normalize(s)
		}
	}
	panic("no server " + server)
}
