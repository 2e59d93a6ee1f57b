package main

import (
	"strings"
	"testing"

	"benchtop/lab"
	"benchtop/targets"
	"benchtop/targets/foreign"
)

// A scenario file alone cannot make the program start another one.
func TestCommandsNeedPermission(t *testing.T) {
	plan := func() *lab.Plan {
		return &lab.Plan{Variants: []lab.Variant{
			{ID: "a", Target: targets.Spec{Server: "builtin"}},
			{ID: "b", Target: targets.Spec{Server: "command", Own: &foreign.CommandSettings{Command: []string{"./server", "{port}"}}}},
		}}
	}
	refused := plan()
	err := permit(refused, false)
	if want := "server: command starts a program named in the file; allow it with --allow-exec"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
	allowed := plan()
	if err := permit(allowed, true); err != nil {
		t.Error(err)
	}
	for _, v := range allowed.Variants {
		if !v.Target.AllowExec {
			t.Errorf("variant %s was not given the permission", v.ID)
		}
	}
	if s := allowed.Variants[1].Target.String(); strings.Contains(strings.ToLower(s), "exec") {
		t.Errorf("the permission is stored with the plan: %s", s)
	}
}
