//go:build !linux

package cgroup

import "benchtop/targets"

// delegates is no line here.
func delegates() string { return "" }

func find(string) (string, error) {
	return "", &targets.Unusable{Component: targets.ComponentCgroup, Failed: "limits are set by control groups, which Linux alone has", Next: "run it on Linux"}
}

func delegate(proc string) (string, error) { return find(proc) }
