package scenarios

import (
	"slices"

	"benchtop/targets"
	"benchtop/targets/setting"
)

// registerDoubles adds a proxy "small" that lacks what others have, and never starts.
func registerDoubles() {
	builtin, _ := targets.LookupProxy("builtin")
	rows := slices.DeleteFunc(slices.Clone(builtin.Settings), func(s setting.Setting) bool { return s.Key == "balance" || s.Key == "eject" })
	targets.RegisterProxy(targets.ProxyDescriptor{Name: "small", Doc: "d", Settings: rows})
}
