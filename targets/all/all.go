// Package all knows every kind of server and every role that they need. Only programs and the tests of packages that
// start targets import it.
package all

import (
	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/targets/proc"
	"benchtop/targets/proxy"
)

// Register makes every kind of server and proxy known to package targets.
func Register() {
	targets.Register(builtin.Descriptor())
	targets.RegisterProxy(proxy.Descriptor())
}

// Roles are the roles of the target processes, for proc.Dispatch.
func Roles() map[string]proc.RoleFunc {
	return map[string]proc.RoleFunc{
		builtin.Role: builtin.Worker,
		proxy.Role:   proxy.Process,
	}
}
