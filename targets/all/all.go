// Package all knows every kind of server, proxy and service, and every role that they need. Only programs and the tests of packages that
// start targets import it.
package all

import (
	"slices"

	"benchtop/targets"
	"benchtop/targets/builtin"
	"benchtop/targets/cache"
	"benchtop/targets/calls"
	"benchtop/targets/cgroup"
	"benchtop/targets/database"
	"benchtop/targets/endpoint"
	"benchtop/targets/foreign"
	"benchtop/targets/guard"
	"benchtop/targets/link"
	"benchtop/targets/nginx"
	"benchtop/targets/payload"
	"benchtop/targets/postgres"
	"benchtop/targets/proc"
	"benchtop/targets/proxy"
	"benchtop/targets/python"
	"benchtop/targets/redis"
	"benchtop/targets/shop"
	"benchtop/targets/tasks"
	"benchtop/targets/upstream"
)

// Register makes every kind of server, proxy and service, and every component that they need, known to package targets, and
// every endpoint to package endpoint.
func Register() {
	for _, e := range slices.Concat(payload.Rows(nil), tasks.Rows(nil), shop.Rows(nil), calls.Rows(nil)) { // before the servers, whose settings list the endpoints
		endpoint.Register(e)
	}
	targets.Register(builtin.Descriptor())
	for _, d := range python.Descriptors() {
		targets.Register(d)
	}
	targets.Register(foreign.Command())
	targets.Register(foreign.URL())
	targets.RegisterProxy(proxy.Descriptor())
	targets.RegisterProxy(nginx.Descriptor())
	targets.RegisterLink(link.Descriptor())
	targets.RegisterLimits(cgroup.Descriptor())
	for _, d := range []targets.ServiceDescriptor{cache.Descriptor(), database.Descriptor(), redis.Descriptor(), postgres.Descriptor(), upstream.Descriptor()} {
		targets.RegisterService(d)
	}
	for _, c := range slices.Concat([]targets.Component{nginx.Component()}, python.Components(), []targets.Component{redis.Component(), postgres.Component(), cgroup.Component()}) {
		targets.RegisterComponent(c)
	}
}

// Roles are the roles of the target processes, for proc.Dispatch.
func Roles() map[string]proc.RoleFunc {
	return map[string]proc.RoleFunc{
		builtin.Role:  builtin.Worker,
		cache.Role:    cache.Serve,
		cgroup.Role:   cgroup.Keeper,
		database.Role: database.Serve,
		guard.Role:    guard.Guard,
		link.Role:     link.Process,
		proxy.Role:    proxy.Process,
		upstream.Role: upstream.Serve,
	}
}
